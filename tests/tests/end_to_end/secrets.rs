//! The token is in `secret.json` and on the wire, and nowhere else.

use e2e::{ID, Station, TOKEN, all_files, report, until};
use std::fs;
use std::time::Duration;

#[test]
fn the_token_is_in_no_file_no_output_and_no_argument() {
    let mut station = Station::new("wsjf");
    station.does(&["config", "set", "log_level", "trace"]);
    // A moment with a token the server refuses, so that what is said of it is looked at too.
    let secret = station.instance().join("secret.json");
    let good = fs::read_to_string(&secret).expect("the secret");
    fs::write(&secret, good.replace(TOKEN, &format!("{TOKEN}x"))).expect("our own file");
    station.start();
    until("the token is refused", Duration::from_secs(20), || station.status()["server"]["message"].to_string().contains("token"));
    fs::write(&secret, good).expect("our own file");
    let bytes = report("canary", 1).bytes;
    station.drop_file("unit.json", &bytes);
    station.drop_file("bad.json", b"{ not JSON");
    until("one report arrives", Duration::from_secs(20), || station.server().received().expect("books").len() == 1);
    until("one file is rejected", Duration::from_secs(20), || station.folder().join("Error/bad.json.error.txt").exists());

    let arguments = fs::read_to_string(format!("/proc/{}/cmdline", station.pid())).expect("it runs");
    assert!(!arguments.contains(TOKEN), "in the arguments: {arguments}");
    let export = station.home().join("export");
    let verbs: [&[&str]; 9] = [
        &["status", ID, "--json"],
        &["list", "--json"],
        &["config", "get", "--json"],
        &["config", "check", ID],
        &["queue", "list", "--json"],
        &["history", "--json"],
        &["logs", ID, "--json"],
        &["test-connection", ID, "--json"],
        &["queue", "export", export.to_str().expect("a plain name"), "--all"],
    ];
    for verb in verbs {
        let output = station.run(verb);
        let said = [output.stdout, output.stderr].concat();
        assert!(!contains(&said, TOKEN.as_bytes()), "lineside {} prints it", verb.join(" "));
    }
    let doctor = station.run(&["doctor", ID, "--json"]);
    assert!(!contains(&[doctor.stdout, doctor.stderr].concat(), TOKEN.as_bytes()), "the doctor prints it");
    station.terminate();

    assert!(contains(&fs::read(&secret).expect("the secret"), TOKEN.as_bytes()), "the canary is not even where it belongs");
    let found: Vec<_> = all_files(station.home())
        .into_iter()
        .filter(|path| *path != secret && contains(&fs::read(path).unwrap_or_default(), TOKEN.as_bytes()))
        .collect();
    assert_eq!(found, Vec::<std::path::PathBuf>::new(), "the token leaked");
}

#[test]
fn settings_of_the_python_client_run_with_their_token_which_then_is_nowhere_else() {
    let mut station = Station::new("wsjf");
    fs::remove_file(station.instance().join("secret.json")).expect("the secret is ours");
    let old = serde_json::json!({"schema_version": "2.0", "instance_name": "old", "service_address": station.server().url(), "api_token": TOKEN, "station_name": "ICT-07",
        "location": "Hall 3", "purpose": "Production", "converters": [{"name": "json", "module_path": "pywats_client.converters.standard.WATSStandardJsonConverter",
        "watch_folder": station.folder(), "done_folder": "Done", "error_folder": "Error"}]});
    fs::write(station.instance().join("client_config.json"), old.to_string()).expect("our own file");
    station.start();
    let produced = report("old", 1);
    station.drop_file("unit.json", &produced.bytes);
    e2e::Books::close(&station, &[produced], Duration::from_secs(30));
    station.terminate();
    let secret = station.instance().join("secret.json");
    let elsewhere: Vec<_> = all_files(station.home())
        .into_iter()
        .filter(|path| *path != secret && contains(&fs::read(path).unwrap_or_default(), TOKEN.as_bytes()))
        .collect();
    assert_eq!(elsewhere, Vec::<std::path::PathBuf>::new(), "the token was left behind");
}

#[cfg(unix)]
#[test]
fn a_secret_that_others_can_read_stops_the_worker_with_the_remedy() {
    use std::os::unix::fs::PermissionsExt;
    let station = Station::new("wsjf");
    let secret = station.instance().join("secret.json");
    fs::set_permissions(&secret, fs::Permissions::from_mode(0o644)).expect("our own file");
    let output = station.run(&["run", ID]);
    assert_eq!(output.status.code(), Some(14));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("chmod 600"), "no remedy: {said}");
}

fn contains(haystack: &[u8], needle: &[u8]) -> bool {
    haystack.windows(needle.len()).any(|window| window == needle)
}
