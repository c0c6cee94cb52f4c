//! What rows say of their step besides measurements.

use report::{Scalar, Step};

use super::super::reading::Reading;
use super::super::row::Cell;
use super::super::step_row::{Column, StepRow};
use crate::failure::Failure;

/// The status of a sequence, which may stand in its first row or in its last.
pub(super) fn set_sequence_status(row: &StepRow<'_>, step: &mut Step, pointer: &str, reading: &mut Reading<'_>) -> Result<(), Failure> {
    if let Some(status) = reading.outcome(row.cell(Column::StepStatus))? {
        step.status = Some(status);
        reading.note(|| format!("{pointer}/status"), row.cell(Column::StepStatus));
    }
    Ok(())
}

/// What every kind of row may say of its step. A later row of the same step goes before an earlier one; texts are put together.
pub(super) fn set_details(row: &StepRow<'_>, step: &mut Step, pointer: &str, reading: &mut Reading<'_>) -> Result<(), Failure> {
    let [time, text, code] = [Column::StepExecutionTime, Column::StepReportText, Column::StepErrorCode].map(|column| row.cell(column));
    let [message, caused] = [Column::StepErrorMessage, Column::CausedSequenceFailure].map(|column| row.cell(column));
    if let Some(seconds) = reading.number(time)? {
        step.tot_time = Some(seconds);
        reading.note(|| format!("{pointer}/totTime"), time);
    }
    if let Some(number) = reading.number(code)? {
        step.error_code = Some(Scalar::Number(number));
        reading.note(|| format!("{pointer}/errorCode"), code);
    }
    if join(&mut step.report_text, text) {
        reading.note(|| format!("{pointer}/reportText"), text);
    }
    if join(&mut step.error_message, message) {
        reading.note(|| format!("{pointer}/errorMessage"), message);
    }
    match caused.text.to_ascii_lowercase().as_str() {
        "" => return Ok(()),
        "true" | "1" => step.caused_seq_failure = Some(true),
        "false" | "0" => step.caused_seq_failure = Some(false),
        _ => return Err(reading.refuse(caused, format!("`{}` is neither True nor False", caused.text), "write True or False")),
    }
    reading.note(|| format!("{pointer}/causedSeqFailure"), caused);
    Ok(())
}

/// Puts a text behind the one that is there; true when it is now the whole text.
fn join(slot: &mut Option<String>, cell: Cell<'_>) -> bool {
    let Some(text) = cell.owned() else { return false };
    match slot {
        Some(there) if *there == text => {}
        Some(there) => {
            there.push('\n');
            there.push_str(&text);
        }
        None => {
            *slot = Some(text);
            return true;
        }
    }
    false
}
