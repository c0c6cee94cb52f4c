//! An instance carried to another computer, and what is known of one given away: nothing secret goes along unasked.

use e2e::{Books, ID, Station, TOKEN, lineside, report};
use serde_json::{Value, json};
use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Output, Stdio};
use std::time::Duration;

const PASSPHRASE: &str = "correct horse battery staple";

/// Runs a verb in a home with something on standard input.
fn told(home: &Path, args: &[&str], input: &str) -> Output {
    let mut command = lineside();
    command.env("LINESIDE_HOME", home).args(args);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("lineside can be started");
    // A verb that reads nothing has ended before all is written.
    let _unread = child.stdin.take().expect("piped").write_all(input.as_bytes());
    child.wait_with_output().expect("our own child")
}

fn answer(output: &Output) -> Value {
    let text = String::from_utf8_lossy(&output.stdout);
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("not JSON ({error}): {text} {}", String::from_utf8_lossy(&output.stderr)))
}

fn plain(path: &Path) -> &str {
    path.to_str().expect("a plain name")
}

/// The station's instance with a converter program, exported.
fn exported(station: &Station, passphrase: Option<&str>) -> std::path::PathBuf {
    fs::write(station.instance().join("converters/own.py"), "print('ours')").expect("our own folder");
    let file = station.home().join("export.json");
    let mut args = vec!["export", ID, "--to", plain(&file)];
    args.extend(passphrase.map(|_| "--passphrase-stdin"));
    let output = told(station.home(), &args, &format!("{}\n", passphrase.unwrap_or_default()));
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    file
}

#[test]
fn an_exported_instance_runs_on_another_computer_with_its_folders_mapped_and_its_token() {
    let mut station = Station::new("wsjf");
    let file = exported(&station, Some(PASSPHRASE));
    assert!(!fs::read_to_string(&file).expect("the export").contains(TOKEN), "the token stands there in clear text");
    // the other computer: nothing of the old instance is left
    fs::remove_dir_all(station.instance()).expect("our own folder");
    let moved = station.home().join("moved");
    fs::create_dir_all(&moved).expect("our own folder");
    fs::rename(station.folder(), moved.join("in")).expect("our own folder");
    let map = format!("{}={}", plain(station.home()), plain(&moved));
    let args = ["import", plain(&file), "--map", &map, "--station", "ICT-08", "--passphrase-stdin"];
    let output = told(station.home(), &args, &format!("{PASSPHRASE}\n"));
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(fs::read_to_string(station.instance().join("converters/own.py")).expect("the program came along"), "print('ours')");
    assert_eq!(station.does(&["config", "get", "station_name"]).trim(), "ICT-08");
    std::os::unix::fs::symlink(moved.join("in"), station.folder()).expect("our own folder");
    station.start();
    let produced = report("carried", 1);
    fs::write(moved.join("in/unit.json"), &produced.bytes).expect("our own folder");
    Books::close(&station, &[produced], Duration::from_secs(30));
}

#[test]
fn a_copy_of_an_instance_has_its_token_and_programs_and_must_have_folders_of_its_own() {
    let station = Station::new("wsjf");
    fs::write(station.instance().join("converters/own.py"), "print('ours')").expect("our own folder");
    let plan = answer(&told(station.home(), &["import", "--copy-of", ID, "--dry-run", "--json"], ""));
    assert_eq!((&plan["id"], &plan["has_token"], &plan["needs_passphrase"]), (&json!(ID), &json!(true), &json!(false)));
    assert!(!plan.to_string().contains(TOKEN), "the plan prints the token");
    let shared = told(station.home(), &["import", "--copy-of", ID, "--as", "fct", "--json"], "");
    assert_eq!((shared.status.code(), &answer(&shared)["error"]["code"]), (Some(22), &json!("invalid")));
    let message = answer(&shared)["error"]["message"].to_string();
    assert!(message.contains("converters[0].watch_folder") && message.contains(&format!("the instance {ID} watches it too")), "{message}");
    assert!(!station.home().join("instances/fct").exists(), "half a copy is left");
    let own = format!("/converters/0/watch_folder={}", plain(&station.home().join("fct-in")));
    let made = told(station.home(), &["import", "--copy-of", ID, "--as", "fct", "--set", &own], "");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let copy = station.home().join("instances/fct");
    assert!(fs::read_to_string(copy.join("secret.json")).expect("the token").contains(TOKEN));
    assert_eq!(fs::read_to_string(copy.join("converters/own.py")).expect("the program came along"), "print('ours')");
    // saved settings of one are held against the other, too
    let folder = station.folder();
    let back = told(station.home(), &["--instance", "fct", "config", "set", "converters[0].watch_folder", plain(&folder)], "");
    assert_eq!(back.status.code(), Some(22));
}

#[test]
fn without_its_passphrase_a_token_stays_sealed_and_a_plan_writes_nothing() {
    let station = Station::new("wsjf");
    let file = exported(&station, Some(PASSPHRASE));
    let other = tempfile::tempdir().expect("a temporary folder");
    let plan = answer(&told(other.path(), &["import", plain(&file), "--dry-run", "--json"], ""));
    assert_eq!(
        (&plan["kind"], &plan["id"], &plan["has_token"], &plan["needs_passphrase"]),
        (&json!("lineside"), &json!(ID), &json!(false), &json!(true))
    );
    assert_eq!(plan["folders"], json!([{"pointer": "/converters/0/watch_folder", "path": station.folder(), "exists": true}]));
    assert_eq!(fs::read_dir(other.path()).expect("ours").count(), 0, "a plan has written something");
    let wrong = told(other.path(), &["import", plain(&file), "--dry-run", "--json", "--passphrase-stdin"], "a guess\n");
    assert_eq!((wrong.status.code(), &answer(&wrong)["error"]["code"]), (Some(14), &json!("permission")));
    let right =
        answer(&told(other.path(), &["import", plain(&file), "--dry-run", "--json", "--passphrase-stdin"], &format!("{PASSPHRASE}\n")));
    assert_eq!((&right["has_token"], &right["needs_passphrase"]), (&json!(true), &json!(false)));
    assert!(!right.to_string().contains(TOKEN), "the plan prints the token");
    let bare = told(other.path(), &["import", plain(&file), "--as", "fct"], "");
    assert!(bare.status.success());
    assert!(!other.path().join("instances/fct/secret.json").exists(), "a sealed token was taken without its passphrase");
    let again = told(other.path(), &["import", plain(&file), "--as", "fct", "--json"], "");
    assert_eq!((again.status.code(), &answer(&again)["error"]["code"]), (Some(20), &json!("config")), "it would be written over");
}

#[test]
fn an_export_that_was_tampered_with_writes_nowhere_but_into_its_folder() {
    let station = Station::new("wsjf");
    let file = exported(&station, None);
    let mut export: Value = serde_json::from_slice(&fs::read(&file).expect("the export")).expect("JSON");
    export["files"]["../../escaped.pem"] = json!({"base64": "eA=="});
    fs::write(&file, export.to_string()).expect("our own file");
    let output = told(station.home(), &["import", plain(&file), "--as", "fct", "--json"], "");
    assert_eq!(output.status.code(), Some(22));
    assert!(!station.home().join("escaped.pem").exists() && !station.home().join("instances/fct/client_config.json").exists());
}

#[test]
fn settings_of_a_pywats_client_become_an_instance_and_what_is_left_behind_is_told() {
    let home = tempfile::tempdir().expect("a temporary folder");
    let file = home.path().join("client_config.json");
    let old = json!({"schema_version": "2.0", "instance_name": "Hall 3 ICT", "service_address": "https://acme.wats.com", "api_token": TOKEN,
        "location": "Hall 3", "purpose": "Production", "yield_monitor_enabled": true, "converters": [
            {"name": "json", "module_path": "pywats_client.converters.standard.WATSStandardJsonConverter", "watch_folder": "/data/json"},
            {"name": "own", "module_path": "site.OwnConverter", "watch_folder": "/data/own"}]});
    fs::write(&file, old.to_string()).expect("our own folder");
    let plan = answer(&told(home.path(), &["import", plain(&file), "--dry-run", "--json"], ""));
    assert_eq!((&plan["kind"], &plan["id"], &plan["has_token"]), (&json!("pywats"), &json!("hall-3-ict"), &json!(true)));
    assert!(plan["carried"].as_array().expect("a list").contains(&json!("watch rule json as wsjf")), "{plan}");
    let told_of = |what: &str| {
        plan["not_carried"].as_array().expect("a list").iter().any(|one| one["what"].as_str().is_some_and(|text| text.contains(what)))
    };
    assert!(told_of("yield_monitor_enabled") && told_of("converters[1].format") && told_of("queue"), "{plan}");
    let output = told(home.path(), &["import", plain(&file)], "");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let made = home.path().join("instances/hall-3-ict");
    assert!(fs::read_to_string(made.join("secret.json")).expect("the token").contains(TOKEN));
    assert!(!fs::read_to_string(made.join("client_config.json")).expect("the settings").contains(TOKEN));
}

/// Canaries where a secret could have got to, in a log longer than any bundle.
#[test]
fn a_support_bundle_is_small_whatever_the_logs_hold_and_has_no_secret_in_it() {
    let mut station = Station::new("wsjf");
    station.start();
    station.kill();
    let secret = station.instance().join("secret.json");
    fs::write(&secret, json!({"token": TOKEN, "proxy_password": "canary-of-the-proxy"}).to_string()).expect("our own file");
    let config = station.instance().join("client_config.json");
    let mut settings: Value = serde_json::from_slice(&fs::read(&config).expect("the settings")).expect("JSON");
    settings["webhook"] = json!({"password": "canary-of-a-key", "url": "https://ann:canary-of-a-login@host/x"});
    fs::write(&config, settings.to_string()).expect("our own file");
    let mut log = fs::File::create(station.instance().join("logs/worker.2099-01-01.jsonl")).expect("our own folder");
    // a hole: as long as ten gigabytes, and nothing on the disk
    log.set_len(10 << 30).expect("a file system with holes");
    std::io::Seek::seek(&mut log, std::io::SeekFrom::End(0)).expect("a file");
    writeln!(log).expect("our own file");
    let noise: String = (0..200_000_u64).map(|n| format!("{:016x}", n.wrapping_mul(0x9e37_79b9_7f4a_7c15))).collect();
    for text in
        [TOKEN, "canary-of-the-proxy", "http://bob:canary-of-a-log@proxy", "Authorization: Basic canary-of-a-header", "the last line"]
    {
        let line = json!({"timestamp": "t", "level": "INFO", "fields": {"message": text, "noise": &noise}});
        writeln!(log, "{line}").expect("our own file");
    }
    let bundle = station.home().join("bundle.zip");
    let output = told(station.home(), &["support-bundle", "--to", plain(&bundle), "--json"], "");
    // a failed test would show it
    fs::remove_file(station.instance().join("logs/worker.2099-01-01.jsonl")).expect("our own file");
    let size = fs::metadata(&bundle).expect("the bundle").len();
    let told = answer(&output);
    assert_eq!((&told["bytes"], &told["path"]), (&json!(size), &json!(bundle)));
    assert!(size <= 20 << 20, "{size} bytes");
    let mut unpacked = zip::ZipArchive::new(fs::File::open(&bundle).expect("the bundle")).expect("a zip file");
    let mut text = String::new();
    for index in 0..unpacked.len() {
        std::io::Read::read_to_string(&mut unpacked.by_index(index).expect("a file"), &mut text).expect("UTF-8");
    }
    assert!(!text.contains(TOKEN) && !text.contains("canary-of-"), "a secret got into it");
    for part in ["the last line", "\"system\"", "http://***@proxy", "\"remedy\"", "\"counts\"", "\"service_address\"", "\"config_hash\""] {
        assert!(text.contains(part), "{part} is not in it");
    }
}
