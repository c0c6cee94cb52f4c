//! Each check of the doctor, made to fail once.

use super::{answering, json};
use e2e::{ID, Station, TOKEN, report, until};
use serde_json::Value;
use std::fs;
use std::process::Command;
use std::time::Duration;

/// What makes a check fail.
type Spoil = fn(&mut Station);

fn set(station: &Station, path: &str, value: &str) {
    station.does(&["config", "set", path, value]);
}

fn breaks_down(station: &mut Station) {
    station.start();
    station.kill();
}

fn loses_its_logs_folder(station: &mut Station) {
    let logs = station.instance().join("logs");
    fs::remove_dir_all(&logs).expect("our own folder");
    fs::write(logs, "a file in its place").expect("our own file");
}

fn has_a_damaged_store(station: &mut Station) {
    let file = station.home().join("unit.json");
    fs::write(&file, report("doctor", 1).bytes).expect("the station's disk");
    station.does(&["submit", file.to_str().expect("plain")]);
    let db = station.instance().join("queue/queue.db");
    let size = fs::metadata(&db).expect("the store").len();
    fs::write(&db, vec![0x5a; usize::try_from(size).expect("small")]).expect("our own file");
}

fn has_a_refused_report(station: &mut Station) {
    let bytes = String::from_utf8(report("refused", 2).bytes).expect("UTF-8");
    station.drop_file("unit.json", bytes.replace("\"processCode\":20", "\"processName\":\"No such process\"").as_bytes());
    station.start();
    until("it is refused", Duration::from_secs(20), || station.status()["queue"]["error"] == 1);
}

fn has_a_note_of_a_breakdown(station: &mut Station) {
    fs::write(station.instance().join("logs/panic-20261121T100000.000Z.txt"), "a note").expect("our own file");
}

fn exposes_its_secret(station: &mut Station) {
    let secret = station.instance().join("secret.json");
    assert!(Command::new("chmod").arg("644").arg(secret).status().expect("chmod").success());
}

fn has_a_wrong_token(station: &mut Station) {
    let secret = station.instance().join("secret.json");
    let text = fs::read_to_string(&secret).expect("the secret");
    fs::write(&secret, text.replace(TOKEN, "d3Jvbmc=")).expect("our own file");
}

fn lives_in_another_time(station: &mut Station) {
    let url = answering("200 OK", "date: Mon, 01 Jan 2001 00:00:00 GMT\r\ncontent-type: application/json\r\n", "\"2025.3.9.824\"");
    set(station, "service_address", &url);
}

#[test]
fn each_check_finds_its_fault_and_names_the_remedy() {
    let table: &[(&str, &str, Spoil)] = &[
        ("settings", "failed", |station| fs::write(station.instance().join("client_config.json"), "{").expect("our own file")),
        ("settings", "warning", |station| set(station, "no_such_setting", "1")),
        ("token", "failed", |station| fs::remove_file(station.instance().join("secret.json")).expect("our own file")),
        ("token", "failed", exposes_its_secret),
        ("worker", "warning", breaks_down),
        ("folders", "failed", loses_its_logs_folder),
        ("logs", "failed", loses_its_logs_folder),
        ("store", "failed", has_a_damaged_store),
        ("store", "warning", has_a_refused_report),
        ("breakdowns", "warning", has_a_note_of_a_breakdown),
        ("station", "warning", |station| set(station, "location", "")),
        ("disk", "failed", |station| set(station, "min_free_mib", "1000000000")),
        ("rules", "warning", |station| set(station, "converters[0].enabled", "false")),
        ("watch folder", "failed", |station| fs::remove_dir_all(station.folder()).expect("our own folder")),
        ("server", "failed", |station| set(station, "service_address", "http://127.0.0.1:9")),
        ("server", "failed", |station| set(station, "ca_file", "no-such.pem")),
        ("login", "failed", has_a_wrong_token),
        ("clock", "warning", lives_in_another_time),
        ("process", "failed", |station| set(station, "default_process_code", "9999")),
    ];
    for (name, result, spoil) in table {
        let mut station = Station::new("wsjf");
        spoil(&mut station);
        let output = station.run(&["doctor", ID, "--json"]);
        let found = json(&String::from_utf8_lossy(&output.stdout));
        let checks = found["checks"].as_array().expect("a list of checks");
        let ill: Vec<&Value> = checks.iter().filter(|check| check["name"] == *name && check["result"] == *result).collect();
        assert!(!ill.is_empty(), "{name} is not {result}: {found:#}");
        assert!(ill.iter().all(|check| check["remedy"].as_str().is_some_and(|remedy| !remedy.is_empty())), "{name}: {ill:?}");
        let failed = checks.iter().any(|check| check["result"] == "failed");
        assert_eq!(output.status.code(), Some(i32::from(failed)), "{name}: {found:#}");
    }
}
