//! How much memory a conversion takes: counted by the allocator, so that neither the machine nor its load matters.
//!
//! One test only: the allocator counts for the whole program.

#![allow(clippy::unwrap_used)] // a test that cannot go on should stop

use converters::{Context, Conversion, Defaults, Input, Sink, Stopped};
use peak_alloc::PeakAlloc;
use serde_json::Map;

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

const STEPS: usize = 3_000;

/// Writes each report out, as the worker does, and keeps nothing.
struct Written(usize);

impl Sink for Written {
    fn take(&mut self, conversion: Conversion) -> Result<(), Stopped> {
        self.0 += conversion.report.to_json().len();
        Ok(())
    }
}

/// A report of many steps, 550 bytes each as testers write them; each has `note` in it.
fn wsjf(note: &str) -> String {
    let step = |n: usize| {
        format!(
            r#"{{"id":{n},"group":"M","stepType":"ET_MNLT","name":"Relay board channel {n}","start":"2026-11-21T09:00:00.125+01:00","status":"P","errorCode":0,"errorMessage":null,"totTime":0.{n},"tsGuid":"ID#:{n:016}","causedUUTFailure":false,{note}"reportText":"mean of 8","numericMeas":[{{"name":"a","value":12.{n},"unit":"V","compOp":"GELE","lowLimit":9.5,"highLimit":20.25,"status":"P"}},{{"name":"b","value":13.{n},"unit":"V","compOp":"GELE","lowLimit":9.5,"highLimit":20.25,"status":"P"}}]}}"#
        )
    };
    let steps: Vec<String> = (0..STEPS).map(step).collect();
    format!(
        r#"{{"type":"T","pn":"P","sn":"S","rev":"A","processCode":10,"result":"P","start":"2026-11-21T09:00:00+01:00","uut":{{}},"root":{{"group":"M","stepType":"SequenceCall","name":"Main","status":"P","seqCall":{{"name":"m","path":"m","version":"1"}},"steps":[{}]}}}}"#,
        steps.join(",")
    )
}

fn wstf() -> String {
    let row = |n: usize| {
        format!("NumericLimitTest\tRelay board channel {n}\t\t12.{n}\t9.5\t20.25\tGELE\tV\tPassed\t0.{n}\tmean of 8 readings by DMM 2\n")
    };
    let rows: String = (0..STEPS).map(row).collect();
    format!(
        "--Header-Start--\nSerialNumber\tS\nPartNumber\tP\nUTCStartDateTime\t2026-11-21T09:00:00\n--Step-Data-Start--\n{rows}--UUT-End--\n"
    )
}

fn wsxf() -> String {
    let step = |n: usize| {
        format!(
            "<Step Id=\"{n}\" Group=\"Main\" Name=\"Relay board channel {n}\" StepType=\"ET_NLT\" Status=\"Passed\" total_time=\"0.{n}\" Start=\"2026-11-21T09:00:00\">\n \
             <NumericLimit NumericValue=\"12.{n}\" Units=\"V\" CompOperator=\"GELE\" LowLimit=\"9.5\" HighLimit=\"20.25\" Status=\"Passed\"/>\n</Step>\n"
        )
    };
    let steps: String = (0..STEPS).map(step).collect();
    format!(
        "<Reports><Report type=\"UUT\" PN=\"P\" SN=\"S\" Start=\"2026-11-21T09:00:00Z\" Result=\"Passed\"><UUT/><Process Code=\"10\"/>\n\
         <Step Name=\"Main\" StepType=\"SequenceCall\" Status=\"Passed\"><SequenceCall Name=\"m\" Filepath=\"m\" Version=\"1\"/>\n{steps}</Step></Report></Reports>\n"
    )
}

/// The most that was in use beyond what was before, over the size of the text.
fn times_its_size(format: &str, text: &str) -> f64 {
    let owned = |value: &str| value.to_owned();
    let defaults = Defaults {
        station_name: owned("S"),
        location: owned("L"),
        purpose: owned("P"),
        process_code: Some(10),
        part_revision: Some(owned("A")),
        operator: None,
    };
    let context = Context { time_zone: jiff::tz::TimeZone::UTC, content_hash: "7f".repeat(32), defaults };
    let (options, mut written, mut reader) = (Map::new(), Written(0), text.as_bytes());
    let before = MEMORY.current_usage();
    MEMORY.reset_peak_usage();
    let size = text.len() as u64;
    let input = Input { file_name: "a", size, reader: &mut reader, options: &options, context: &context, tracing: false, may_grow: false };
    converters::format(format).unwrap().convert(input, &mut written).unwrap();
    assert!(written.0 > text.len() / 2, "{format}: only {} bytes were written", written.0);
    (MEMORY.peak_usage() - before) as f64 / text.len() as f64
}

#[test]
fn a_large_report_takes_a_few_times_its_own_size() {
    let table = [
        ("wsjf", wsjf(""), 7.0),
        // each step is repaired, and the places of the first warnings are looked for
        ("wsjf", wsjf(r#""errorMessage":5,"#), 7.0),
        // a row of a hundred bytes becomes a step, and a step is half a kilobyte before anything is in it
        ("wstf", wstf(), 19.0),
        // the elements of a report are there while its steps are made
        ("wsxf", wsxf(), 14.0),
    ];
    for (format, text, limit) in table {
        let times = times_its_size(format, &text);
        assert!(times < limit, "{format}: {} bytes took {times:.1} times their size, more than {limit}", text.len());
    }
}
