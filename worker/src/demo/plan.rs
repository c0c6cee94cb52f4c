//! What the example stations write during the demo, in which order: good units, retests, a panel, and the three odd ones.

use super::station::{Line, Unit};
use super::written;
use jiff::Timestamp;
use uuid::Uuid;

/// The folders of the example stations and the format each is watched for; the last one is left to detection.
pub(crate) const FOLDERS: [(&str, &str); 4] = [("ict", "wstf"), ("fct", "wsxf"), ("repair-bench", "wrml"), ("new-line", "detect")];

/// A file of the demo.
#[derive(Debug, Clone)]
pub(crate) struct Drop {
    /// Index into [`FOLDERS`].
    pub(crate) folder: usize,
    pub(crate) name: String,
    pub(crate) bytes: Vec<u8>,
    pub(crate) manner: Manner,
    /// Serial number and start of each report in it; what arrives is recognised by them.
    pub(crate) reports: Vec<(String, Timestamp)>,
}

/// How a file comes into its folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Manner {
    /// Moved in whole.
    Whole,
    /// Written piece by piece over some seconds.
    Growing,
    /// Cannot be read as a report.
    Corrupt,
    /// The content of an earlier file under another name.
    Duplicate,
}

/// `count` files for the day that begins now, the odd ones among them. The same seed makes the same day.
pub(crate) fn plan(count: usize, seed: u64, begin: Timestamp) -> Vec<Drop> {
    let mut line = Line::new(seed, begin);
    let mut drops: Vec<Drop> = Vec::new();
    while drops.len() < count.max(8) - 2 {
        let n = drops.len();
        let units = units(&mut line, n);
        let failed: Option<Unit> = units.iter().find(|unit| !unit.passed()).cloned();
        drops.push(file(n, n % FOLDERS.len(), &units));
        if let Some(failed) = failed {
            let again = line.retest(&failed);
            drops.push(file(drops.len(), n % FOLDERS.len(), &[again]));
        }
    }
    drops.truncate(count.max(8) - 2);
    let growing = drops.len() / 3;
    drops[growing].manner = Manner::Growing;
    let mut duplicate = drops[1].clone();
    duplicate.name = format!("copy-of-{}", duplicate.name);
    duplicate.manner = Manner::Duplicate;
    let corrupt = Drop {
        folder: 1,
        name: "power-loss.xml".to_owned(),
        bytes: b"<?xml version=\"1.0\"?>\n<Reports>\n  <Report type=\"UUT\" SN=\"RD26\x00\x00\x00\x00".to_vec(),
        manner: Manner::Corrupt,
        reports: Vec::new(),
    };
    drops.insert(drops.len() * 2 / 3, duplicate);
    drops.insert(drops.len() / 2, corrupt);
    drops
}

/// One unit, or every eighth time a panel of four.
fn units(line: &mut Line, n: usize) -> Vec<Unit> {
    match n % 8 {
        0 => line.panel(),
        1 | 3 | 5 => vec![line.radio()],
        _ => vec![line.power_supply(None)],
    }
}

fn file(n: usize, folder: usize, units: &[Unit]) -> Drop {
    let reports = units.iter().map(|unit| (unit.serial.clone(), unit.start.timestamp())).collect();
    let unit = &units[0];
    // The example day is made of its own names, so that the same day makes the same ids.
    let id = Uuid::new_v5(&Uuid::NAMESPACE_OID, format!("{}/{}", unit.serial, unit.start.timestamp()).as_bytes());
    let (ending, text) = match FOLDERS[folder].1 {
        "wstf" => ("txt", written::wstf(units)),
        "wsxf" => ("xml", written::wsxf(unit, id)),
        "wrml" => ("xml", written::wrml(unit, id)),
        _ => ("json", written::wsjf(unit, id)),
    };
    Drop { folder, name: format!("{}-{n:04}.{ending}", unit.serial), bytes: text.into_bytes(), manner: Manner::Whole, reports }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn a_day_holds_every_format_a_panel_a_retest_and_one_of_each_odd_kind() {
        let day = plan(300, 1, Timestamp::UNIX_EPOCH);
        assert_eq!(day.len(), 300);
        assert_eq!(day.iter().map(|drop| drop.folder).collect::<BTreeSet<_>>().len(), FOLDERS.len());
        assert!(day.iter().any(|drop| drop.reports.len() == 4));
        for manner in [Manner::Growing, Manner::Corrupt, Manner::Duplicate] {
            assert_eq!(day.iter().filter(|drop| drop.manner == manner).count(), 1, "{manner:?}");
        }
        let units: Vec<&String> =
            day.iter().filter(|drop| drop.manner != Manner::Duplicate).flat_map(|drop| &drop.reports).map(|(serial, _)| serial).collect();
        assert!(units.iter().collect::<BTreeSet<_>>().len() < units.len(), "no unit was tested twice");
        let names: BTreeSet<_> = day.iter().map(|drop| (drop.folder, &drop.name)).collect();
        assert_eq!(names.len(), day.len());
    }
}
