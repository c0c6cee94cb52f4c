//! Real testers' files, read in place where they are at hand, through a running worker to the sandbox.

use e2e::{Station, files, until};
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The folder of real testers' files: `LINESIDE_SAMPLES`, else beside the project.
fn samples() -> Option<PathBuf> {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/samples");
    let folder = std::env::var_os("LINESIDE_SAMPLES").map_or_else(beside, PathBuf::from);
    folder.is_dir().then_some(folder)
}

#[test]
fn every_wats_sample_is_detected_and_delivered() {
    let Some(samples) = samples() else {
        eprintln!("skipped: there are no samples here; LINESIDE_SAMPLES names their folder");
        return;
    };
    let mut station = Station::new("");
    station.start();
    let mut dropped = 0;
    // What the formats make of each sample is held against the source, value by value, where the formats are; here it must be what arrives.
    let mut expected: Vec<Value> = Vec::new();
    for format in ["wats-wsjf", "wats-wsxf", "wats-wrml", "wats-wstf"] {
        for path in files(&samples.join(format)).into_iter().filter(|path| path.extension().is_none_or(|extension| extension != "xlsx")) {
            let name = path.file_name().and_then(|name| name.to_str()).expect("samples have plain names");
            station.drop_file(&format!("{format}-{name}"), &fs::read(&path).expect("a readable sample"));
            let printed = station.does(&["convert", path.to_str().expect("a plain path"), "--json"]);
            expected.extend(printed.lines().map(|line| serde_json::from_str::<Value>(line).expect("a WSJF document a line")));
            dropped += 1;
        }
    }
    assert!(dropped >= 8, "only {dropped} samples");
    until("every sample is filed", Duration::from_secs(60), || station.waiting().is_empty());
    let errors: Vec<PathBuf> = files(&station.folder().join("Error"));
    assert!(errors.is_empty(), "rejected: {errors:?}");
    until("every report is accepted", Duration::from_secs(30), || {
        station.status()["sent"]["total"].as_u64() >= u64::try_from(expected.len()).ok()
    });
    let received = station.server().received().expect("the sandbox's books");
    for document in &expected {
        let held = received
            .iter()
            .find(|report| document["id"] == report.id.to_string())
            .unwrap_or_else(|| panic!("{} did not arrive", document["id"]));
        let body: Value = serde_json::from_slice(&held.body).expect("JSON");
        // Two of the samples are one report in two formats: under one id the server holds the one that came last.
        assert!(expected.contains(&body) && body["id"] == document["id"], "{} arrived changed", document["id"]);
    }
    assert_eq!(station.status()["queue"]["error"], 0, "the server refused a sample");
}
