//! Files, free texts, assets and data that hang on the report.

use super::{Inspection, Severity};
use crate::{Attachment, BinaryFile, Report};

/// What the server's own libraries allow for one file.
const MAX_FILE_BYTES: usize = 10 * 1024 * 1024;

pub(super) fn check(inspection: &mut Inspection, report: &Report) {
    inspection.each("miscInfos", &report.misc_infos, |here, info| {
        here.required("description", &info.description, 100);
        here.optional("text", info.text.as_ref(), 100);
    });
    inspection.each("assets", &report.assets, |here, asset| {
        here.required("sn", &asset.sn, 100);
        here.time(Severity::Warning, "calibrationDate", asset.calibration_date.as_ref());
        here.time(Severity::Warning, "calibrationDue", asset.calibration_due.as_ref());
    });
    inspection.each("binaryData", &report.binary_data, check_file);
    inspection.each("additionalData", &report.additional_data, |here, additional| here.required("name", &additional.name, 200));
}

pub(super) fn check_file(inspection: &mut Inspection, file: &BinaryFile) {
    inspection.required("name", &file.name, 256);
    inspection.required("contentType", file.content_type.as_deref().unwrap_or_default(), 100);
    check_contents(inspection, file.data.as_deref());
}

pub(super) fn check_attachment(inspection: &mut Inspection, attachment: &Attachment) {
    inspection.required("name", &attachment.name, 256);
    inspection.optional("contentType", attachment.content_type.as_ref(), 100);
    inspection.optional("description", attachment.description.as_ref(), 500);
    check_contents(inspection, attachment.data.as_deref());
}

fn check_contents(inspection: &mut Inspection, data: Option<&str>) {
    match data {
        None => inspection.error("data", "the file has no contents", "give them in base64"),
        Some(data) if !is_base64(data) => inspection.error("data", "the contents are not base64", "encode them, padding included"),
        Some(data) if data.len() / 4 * 3 > MAX_FILE_BYTES => {
            inspection.warning("data", "the file is larger than 10 MiB", "make it smaller")
        }
        Some(_) => {}
    }
}

/// Alphabet, length and padding; nothing is decoded.
fn is_base64(text: &str) -> bool {
    let digits = text.trim_end_matches('=');
    let padding = text.len() - digits.len();
    padding <= 2 && text.len().is_multiple_of(4) && digits.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'+' || byte == b'/')
}
