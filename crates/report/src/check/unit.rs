//! Details of the unit, of its repair, and the units inside.

use uuid::Uuid;

use super::{Inspection, Severity, files};
use crate::{Kind, Report, SubUnit, Uur, Uut};

pub(super) fn check(inspection: &mut Inspection, report: &Report) {
    if let Some(uut) = &report.uut {
        inspection.at("uut", |here| check_uut(here, uut));
    }
    if let Some(uur) = &report.uur {
        inspection.at("uur", |here| check_uur(here, uur));
    }
    inspection.each("subUnits", &report.sub_units, |here, unit| check_sub_unit(here, unit, report.kind));
    if report.kind == Kind::Repair && !report.sub_units.is_empty() && !report.sub_units.iter().any(is_main) {
        inspection.warning("subUnits", "no sub-unit has idx 0", "give the repaired unit itself idx 0");
    }
}

fn is_main(unit: &SubUnit) -> bool {
    unit.idx.as_ref().is_some_and(|idx| idx.as_f64() == 0.0)
}

fn check_uut(inspection: &mut Inspection, uut: &Uut) {
    inspection.optional("user", uut.user.as_ref(), 100);
    inspection.optional("comment", uut.comment.as_ref(), 5000);
    inspection.optional("batchSN", uut.batch_sn.as_ref(), 100);
    inspection.optional("fixtureId", uut.fixture_id.as_ref(), 100);
}

fn check_uur(inspection: &mut Inspection, uur: &Uur) {
    inspection.optional("user", uur.user.as_ref(), 100);
    inspection.optional("comment", uur.comment.as_ref(), 5000);
    if uur.process_code.is_none() && uur.process_name.is_none() {
        inspection.error("processCode", "the test operation is missing", "give the number of the operation in which the unit failed");
    }
    if let Some(id) = uur.ref_uut.as_ref().filter(|id| Uuid::try_parse(id.trim()).is_err()) {
        inspection.error("refUUT", format!("\"{id}\" is not a UUID"), "give the id of the failed test, or leave it out");
    }
    inspection.time(Severity::Error, "confirmDate", uur.confirm_date.as_ref());
    inspection.time(Severity::Error, "finalizeDate", uur.finalize_date.as_ref());
}

fn check_sub_unit(inspection: &mut Inspection, unit: &SubUnit, kind: Kind) {
    inspection.required("pn", &unit.pn, 100);
    match kind {
        Kind::Test => inspection.required("sn", &unit.sn, 100),
        // a repair may know of a part without knowing its serial number
        Kind::Repair => inspection.within("sn", &unit.sn, 100),
    }
    inspection.optional("rev", unit.rev.as_ref(), 100);
    inspection.optional("partType", unit.part_type.as_ref(), 50);
    inspection.each("failures", &unit.failures, |here, failure| {
        for (key, text) in [("category", &failure.category), ("code", &failure.code)] {
            if text.as_ref().is_none_or(|text| text.trim().is_empty()) {
                here.warning(key, format!("a failure has no {key}"), "give one that exists on the server");
            }
        }
        here.each("attachments", &failure.attachments, files::check_file);
    });
}
