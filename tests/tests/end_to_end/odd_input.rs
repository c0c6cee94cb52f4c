//! Files as no tester should write them, and settings as no one should save them, among good ones: each is told, none stops the others.

use e2e::{Books, ID, Produced, Station, all_files, no_report, report, until};
use std::fs;
use std::time::Duration;

const SOON: Duration = Duration::from_secs(60);
/// What the worker may take at its most, with the largest odd file in its hands.
#[cfg(target_os = "linux")]
const MOST_MIB: u64 = 512;

/// A WSJF report whose text goes beyond ASCII.
fn with_letters(n: usize) -> (Produced, String) {
    let Produced { sn, id, bytes } = report("letters", n);
    let text = String::from_utf8(bytes).expect("UTF-8").replace("\"Ada\"", "\"Åse, 5 µF ±1 °C\"");
    (Produced { sn, id, bytes: text.clone().into_bytes() }, text)
}

fn utf16(text: &str, unit: fn(u16) -> [u8; 2]) -> Vec<u8> {
    text.encode_utf16().flat_map(unit).collect()
}

/// Reports in encodings that are read by rule: what is produced is the text, what is dropped are other bytes.
fn encoded() -> Vec<(Produced, Vec<u8>)> {
    let ways: [fn(&str) -> Vec<u8>; 6] = [
        |text| format!("\u{feff}{text}").into_bytes(),
        |text| utf16(&format!("\u{feff}{text}"), u16::to_le_bytes),
        |text| utf16(&format!("\u{feff}{text}"), u16::to_be_bytes),
        |text| utf16(text, u16::to_le_bytes),
        |text| utf16(text, u16::to_be_bytes),
        // all its letters are those of Latin-1
        |text| text.chars().map(|c| u8::try_from(u32::from(c)).expect("Latin-1")).collect(),
    ];
    let each = ways.into_iter().enumerate();
    each.map(|(n, way)| {
        let (produced, text) = with_letters(n);
        (produced, way(&text))
    })
    .collect()
}

/// Files that cannot become reports, by their names.
fn hopeless() -> Vec<(&'static str, Vec<u8>)> {
    let json = String::from_utf8(report("hopeless", 1).bytes).expect("UTF-8");
    let changed = |from: &str, to: &str| {
        assert!(json.contains(from), "{from} is not in {json}");
        json.replace(from, to).into_bytes()
    };
    let wsxf = "<Reports xmlns=\"http://wats.virinco.com/schemas/WATS/Report/wsxf\"><Report type=\"UUT\" PN=\"P\" SN=\"&x;\"/></Reports>";
    let laughs: String = (1..=9).map(|n| format!("<!ENTITY x{n} \"{}\">", format!("&x{};", n - 1).repeat(10))).collect();
    let wstf =
        "--Header-Start--\nSerialNumber\tS\nPartNumber\tP\nStartDateTime\tyesterday\n--Step-Data-Start--\n--Step-Data-End--\n--UUT-End--\n";
    let deep = |open: &str, close: &str| open.repeat(100_000) + &close.repeat(100_000);
    let lone =
        [utf16(&format!("\u{feff}{}", &json[..40]), u16::to_le_bytes), vec![0x00, 0xd8], utf16(&json[40..], u16::to_le_bytes)].concat();
    let wide = |c: char| u32::from(c).to_le_bytes();
    vec![
        ("one-byte.json", b"x".to_vec()),
        ("noise.dat", (0..4096_u32).map(|n| n.wrapping_mul(2_654_435_761).to_be_bytes()[0]).collect()),
        ("zeroes.json", vec![0; 4096]),
        ("picture.png", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x01\0".to_vec()),
        ("log-in.html", b"<!DOCTYPE html><html><body>Please log in</body></html>".to_vec()),
        ("utf-32.json", "\u{feff}".chars().chain(json.chars()).flat_map(wide).collect()),
        ("lone-surrogate.json", lone),
        ("deep.json", changed("\"uut\":", &format!("\"x\": {}, \"uut\":", deep("[", "]")))),
        (
            "deep.xml",
            wsxf.replace("&x;", "S").replace("/></Reports>", &format!(">{}</Report></Reports>", deep("<a>", "</a>"))).into_bytes(),
        ),
        ("laughs.xml", format!("<!DOCTYPE r [<!ENTITY x0 \"ha\">{laughs}<!ENTITY x \"&x9;\">]>{wsxf}").into_bytes()),
        ("passwd.xml", format!("<!DOCTYPE r [<!ENTITY x SYSTEM \"file:///etc/passwd\">]>{wsxf}").into_bytes()),
        ("no-serial.json", changed("\"hopeless-000001\"", "\"\"")),
        ("long-serial.json", changed("hopeless-000001", &"x".repeat(10_000))),
        ("control-serial.json", changed("hopeless-000001", "a\\u001bb")),
        ("year-9999.json", changed("2026-11-21T09:00:00+01:00", "9999-12-31T23:59:59")),
        ("no-time.txt", wstf.as_bytes().to_vec()),
        ("word-of-a-megabyte.json", changed("\"uut\":", &format!("\"x\": {}, \"uut\":", "x".repeat(1 << 20)))),
        ("brackets.json", changed("\"uut\":", &format!("\"x\": [{}], \"uut\":", "[],".repeat(2_000_000) + "[}"))),
    ]
}

#[test]
fn odd_files_are_filed_with_a_reason_and_their_neighbours_arrive_letter_by_letter() {
    let mut station = Station::new("");
    station.start();
    let mut produced: Vec<Produced> = Vec::new();
    let hopeless = hopeless();
    let mut good = (0..30).map(|n| report("neighbour", n));
    for (name, bytes) in &hopeless {
        station.drop_file(name, bytes);
        produced.push(no_report(bytes));
        produced.extend(good.next().inspect(|report| station.drop_file(&format!("{}.json", report.sn), &report.bytes)));
    }
    for report in good {
        station.drop_file(&format!("{}.json", report.sn), &report.bytes);
        produced.push(report);
    }
    for (n, (report, bytes)) in encoded().into_iter().enumerate() {
        station.drop_file(&format!("encoded-{n}.json"), &bytes);
        produced.push(report);
    }
    let errors = station.folder().join("Error");
    let note = |name: &str| errors.join(format!("{name}.error.txt"));
    let arrived = || station.server().received().expect("books").len() == produced.len() - hopeless.len();
    until("all neighbours arrive", SOON, arrived);
    until("all odd ones are filed", SOON, || hopeless.iter().all(|(name, _)| note(name).exists()) && station.waiting().is_empty());
    for (name, _) in &hopeless {
        let said = fs::read_to_string(note(name)).expect("a note");
        assert!(said.contains("\n- ") && said.contains("What to do: ") && said.len() < 5000, "the note on {name}: {said}");
        assert!(!said.replace('\n', "").contains(char::is_control), "the note on {name} is no plain text: {said:?}");
    }
    assert_eq!(station.status()["pid"], station.pid(), "the worker was replaced");
    #[cfg(target_os = "linux")]
    assert!(most_memory(station.pid()) < MOST_MIB, "the worker took {} MiB", most_memory(station.pid()));
    Books::of(&station).balance(&produced);
    station.terminate();
    let passwords = fs::read_to_string("/etc/passwd").unwrap_or_default();
    let first = passwords.lines().next().unwrap_or("root:x:0:0");
    let leaked =
        all_files(station.home()).into_iter().find(|path| String::from_utf8_lossy(&fs::read(path).unwrap_or_default()).contains(first));
    assert_eq!(leaked, None, "a file of this machine was read into it");
}

/// The most memory a process had, in MiB.
#[cfg(target_os = "linux")]
fn most_memory(pid: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).expect("it runs");
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("a line about memory");
    line.trim().trim_end_matches(" kB").trim().parse::<u64>().expect("a number") / 1024
}

#[test]
fn a_worker_keeps_the_settings_it_began_with_while_their_file_is_broken_and_the_next_start_says_where() {
    let mut station = Station::new("wsjf");
    station.start();
    let config = station.instance().join("client_config.json");
    let good = fs::read(&config).expect("the settings");
    let text = String::from_utf8(good.clone()).expect("UTF-8");
    let half = &good[..good.len() / 2];
    // what is wrong, the file, and words of the refusal; none where the file is read all the same
    let cases: [(&str, Vec<u8>, &[&str]); 9] = [
        ("half written", half.to_vec(), &["line ", "this is not JSON"]),
        ("empty", Vec::new(), &["empty"]),
        ("zeroes", vec![0; good.len()], &["zero"]),
        ("another kind of file", b"server=https://acme.example\r\n".to_vec(), &["line 1", "this is not JSON"]),
        ("a wrong type", text.replace("\"wsjf\"", "7").into_bytes(), &["line ", "converters[0].format", "allowed"]),
        ("a wrong word", text.replace("\"wsjf\"", "\"wsjx\"").into_bytes(), &["line ", "converters[0].format", "wsjf"]),
        (
            "a newer version",
            text.replace("\"schema_version\": 3", "\"schema_version\": 4").into_bytes(),
            &["schema_version 4", "Update Lineside"],
        ),
        ("an unknown key", text.replacen('{', "{\n  \"statoin_name\": \"x\",", 1).into_bytes(), &[]),
        ("a mark and CRLF", format!("\u{feff}{}", text.replace('\n', "\r\n")).into_bytes(), &[]),
    ];
    let mut produced = Vec::new();
    for (n, (what, bytes, _)) in cases.iter().enumerate() {
        assert_ne!(*bytes, good, "{what} changes nothing");
        fs::write(&config, bytes).expect("our own file");
        let report = report("settings", n);
        station.drop_file(&format!("{n}.json"), &report.bytes);
        produced.push(report);
        Books::close(&station, &produced, SOON);
        assert_eq!(station.status()["pid"], station.pid(), "{what}: the worker ended");
    }
    station.terminate();
    for (what, bytes, words) in &cases {
        fs::write(&config, bytes).expect("our own file");
        let output = station.run(&["config", "check", ID]);
        let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(if words.is_empty() { 0 } else { 22 }), "{what}: {said}");
        if words.is_empty() {
            continue;
        }
        for verb in ["run", "start"] {
            let output = station.run(&[verb, ID]);
            let said = String::from_utf8_lossy(&output.stderr);
            assert_eq!(output.status.code(), Some(22), "{verb} with {what}: {said}");
            for word in words.iter().chain(&["client_config.json"]) {
                assert!(said.contains(word), "{verb} with {what} does not say {word:?}: {said}");
            }
        }
        assert_eq!(fs::read(&config).expect("the settings"), *bytes, "{what}: the file was changed");
    }
    fs::write(&config, &good).expect("our own file");
    station.start();
    Books::close(&station, &produced, SOON);
}
