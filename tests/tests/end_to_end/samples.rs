//! Real testers' files, read in place where they are at hand, through a running worker to the sandbox.

use e2e::{Station, files, until};
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
    for format in ["wats-wsjf", "wats-wsxf", "wats-wrml", "wats-wstf"] {
        for path in files(&samples.join(format)).into_iter().filter(|path| path.extension().is_none_or(|extension| extension != "xlsx")) {
            let name = path.file_name().and_then(|name| name.to_str()).expect("samples have plain names");
            station.drop_file(&format!("{format}-{name}"), &fs::read(&path).expect("a readable sample"));
            dropped += 1;
        }
    }
    assert!(dropped >= 8, "only {dropped} samples");
    until("every sample is filed", Duration::from_secs(60), || station.waiting().is_empty());
    let errors: Vec<PathBuf> = files(&station.folder().join("Error"));
    assert!(errors.is_empty(), "rejected: {errors:?}");
    // Two of the samples are one report in two formats: what counts is that all of them were accepted.
    until("every report is accepted", Duration::from_secs(30), || station.status()["sent"]["total"].as_u64() >= Some(dropped));
    assert_eq!(station.status()["queue"]["error"], 0, "the server refused a sample");
}
