//! The header and the footer of a WSTF report: `key TAB value`. Unknown keys become misc infos.

use jiff::tz::TimeZone;
use report::{MiscInfo, Outcome, Report, Scalar, SeqCall, Step, SubUnit, Timestamp, Uut};

use super::measure::worst;
use super::reading::Reading;
use super::row::{Cell, Row};
use super::steps::Steps;
use crate::failure::Failure;

/// What the header said so far.
#[derive(Default)]
pub(super) struct Header {
    report: Report,
    uut: Uut,
    software: SeqCall,
    seen: Vec<String>,
}

impl Header {
    /// Takes one line of the header, or of the footer, whose word goes before the header's.
    pub(super) fn take(&mut self, row: &Row<'_>, footer: bool, reading: &mut Reading<'_>) -> Result<(), Failure> {
        let (key, value) = (row.cell(0), row.cell(1));
        if key.is("Subunit") {
            self.sub_unit(row, reading);
        } else if self.known(key.text, value, reading)? {
            let name = key.text.to_ascii_lowercase();
            if self.seen.contains(&name) && !footer {
                reading.warn("", key, format!("`{}` stands twice; the last one counts", key.text));
            }
            self.seen.push(name);
            if let Some(more) = row.cells.iter().skip(2).find_map(|cell| cell.filled()) {
                reading.warn("", more, format!("`{}` has more than one value; the first one counts", key.text));
            }
        } else {
            self.misc_info(row, reading);
        }
        Ok(())
    }

    /// Takes a key of the format; false for any other.
    fn known(&mut self, key: &str, value: Cell<'_>, reading: &mut Reading<'_>) -> Result<bool, Failure> {
        let text = || value.text.to_owned();
        let pointer = match key.to_ascii_lowercase().as_str() {
            "serialnumber" => put("/sn", &mut self.report.sn, text()),
            "partnumber" => put("/pn", &mut self.report.pn, text()),
            "revision" => put("/rev", &mut self.report.rev, text()),
            "operationtypename" => put("/processName", &mut self.report.process_name, value.owned()),
            "operationtypecode" => put("/processCode", &mut self.report.process_code, reading.number(value)?),
            "uutstatus" => put("/result", &mut self.report.result, reading.outcome(value)?),
            "errorcode" => put("/uut/errorCode", &mut self.uut.error_code, reading.number(value)?.map(Scalar::Number)),
            "errormessage" => put("/uut/errorMessage", &mut self.uut.error_message, value.owned()),
            "startdatetime" => put("/start", &mut self.report.start, start(value, reading)?),
            "utcstartdatetime" => put("/startUTC", &mut self.report.start_utc, start_utc(value, reading)?),
            "executiontime" => put("/uut/execTime", &mut self.uut.exec_time, reading.number(value)?),
            "stationname" => put("/machineName", &mut self.report.machine_name, text()),
            "operatorname" => put("/uut/user", &mut self.uut.user, value.owned()),
            "testsocketindex" => put("/uut/testSocketIndex", &mut self.uut.test_socket_index, reading.number(value)?),
            "fixtureid" => put("/uut/fixtureId", &mut self.uut.fixture_id, value.owned()),
            "softwarename" => put("/root/seqCall/name", &mut self.software.name, value.owned()),
            "softwareversion" => put("/root/seqCall/version", &mut self.software.version, value.owned()),
            "batchserialnumber" => put("/uut/batchSN", &mut self.uut.batch_sn, value.owned()),
            "comment" => put("/uut/comment", &mut self.uut.comment, value.owned()),
            "convertermode" => {
                reading.import = mode(value, reading)?;
                return Ok(true);
            }
            "culturecode" => {
                reading.culture = value.text.parse().map_err(|message: String| reading.refuse(value, message, "correct `cultureCode`"))?;
                return Ok(true);
            }
            _ => return Ok(false),
        };
        // a key without a value is the place to point at when the value is missed
        reading.place(|| pointer.to_owned(), value);
        Ok(true)
    }

    fn sub_unit(&mut self, row: &Row<'_>, reading: &mut Reading<'_>) {
        let [part_type, pn, sn, rev] = [1, 2, 3, 4].map(|column| row.cell(column));
        let index = self.report.sub_units.len();
        reading.note(|| format!("/subUnits/{index}"), row.cell(0));
        for (key, cell) in [("partType", part_type), ("pn", pn), ("sn", sn), ("rev", rev)] {
            reading.note(|| format!("/subUnits/{index}/{key}"), cell);
        }
        self.report.sub_units.push(SubUnit {
            part_type: part_type.owned(),
            pn: pn.text.to_owned(),
            sn: sn.text.to_owned(),
            rev: rev.owned(),
            ..SubUnit::default()
        });
    }

    fn misc_info(&mut self, row: &Row<'_>, reading: &mut Reading<'_>) {
        let index = self.report.misc_infos.len();
        reading.note(|| format!("/miscInfos/{index}"), row.cell(0));
        let values: Vec<Cell<'_>> = row.cells.iter().skip(1).filter_map(|cell| cell.filled()).collect();
        reading.note(|| format!("/miscInfos/{index}/description"), row.cell(0));
        if let [only] = values[..] {
            reading.note(|| format!("/miscInfos/{index}/text"), only);
        }
        let text = values.iter().map(|cell| cell.text).collect::<Vec<_>>().join(" ");
        self.report.misc_infos.push(MiscInfo {
            description: row.cell(0).text.to_owned(),
            text: (!text.is_empty()).then_some(text),
            ..MiscInfo::default()
        });
    }

    /// The whole report, with its steps.
    pub(super) fn into_report(mut self, steps: Steps, reading: &mut Reading<'_>) -> Report {
        let children = steps.finish(reading);
        let worst = worst(children.iter().filter_map(|step| step.status.clone()));
        // a unit is never "done" or "skipped": what did not fail has passed
        let computed = worst.map(|worst| if worst.severity() == 0 { Outcome::Passed } else { worst });
        self.report.result = self.report.result.or(computed);
        self.software.path = self.software.name.clone();
        self.report.root = Some(Step {
            step_type: "SequenceCall".into(),
            name: "MainSequence Callback".into(),
            status: self.report.result.clone(),
            seq_call: Some(Box::new(self.software)),
            steps: children,
            ..Step::default()
        });
        self.report.uut = Some(self.uut);
        self.report
    }
}

fn put<T>(pointer: &'static str, slot: &mut T, value: T) -> &'static str {
    *slot = value;
    pointer
}

fn mode(cell: Cell<'_>, reading: &mut Reading<'_>) -> Result<bool, Failure> {
    match cell.text.to_ascii_lowercase().as_str() {
        "" | "active" => Ok(false),
        "import" => Ok(true),
        _ => Err(reading.refuse(cell, format!("`{}` is not a converter mode", cell.text), "write Active or Import")),
    }
}

/// A local start; an offset in the source stays, a local time gets its offset when the report is completed.
fn start(cell: Cell<'_>, reading: &mut Reading<'_>) -> Result<Option<Timestamp>, Failure> {
    let Some(cell) = cell.filled() else { return Ok(None) };
    let given = Timestamp::new(cell.text);
    if given.has_offset() && given.instant().is_some() {
        return Ok(Some(given));
    }
    match reading.culture.date_time(cell.text) {
        Some(local) => Ok(Some(Timestamp::new(local.to_string()))),
        None => Err(not_a_time(cell, reading)),
    }
}

fn start_utc(cell: Cell<'_>, reading: &mut Reading<'_>) -> Result<Option<Timestamp>, Failure> {
    let Some(cell) = cell.filled() else { return Ok(None) };
    let given = Timestamp::new(cell.text);
    let instant = given.instant().filter(|_| given.has_offset()).or_else(|| {
        let local = reading.culture.date_time(cell.text)?;
        Some(local.to_zoned(TimeZone::UTC).ok()?.timestamp())
    });
    instant.map(|instant| Some(Timestamp::from_instant(instant))).ok_or_else(|| not_a_time(cell, reading))
}

fn not_a_time(cell: Cell<'_>, reading: &mut Reading<'_>) -> Failure {
    let fix = "write yyyy-MM-ddTHH:mm:ss, or set the option `culture` if the file is of another culture";
    reading.refuse(cell, format!("`{}` is not a date and time", cell.text), fix)
}
