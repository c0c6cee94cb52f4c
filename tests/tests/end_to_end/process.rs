//! What a running worker is to the system: no listener, no desktop, small and quiet.

mod life;
mod many;

use e2e::{ID, Station, lineside, until};
use std::fs;
use std::process::Command;
use std::time::Duration;

/// The inodes of the sockets a process has open.
fn sockets(pid: u32) -> Vec<String> {
    let descriptors = fs::read_dir(format!("/proc/{pid}/fd")).expect("a running process");
    let targets = descriptors.filter_map(Result::ok).filter_map(|entry| fs::read_link(entry.path()).ok());
    targets.filter_map(|target| Some(target.to_str()?.strip_prefix("socket:[")?.strip_suffix(']')?.to_owned())).collect()
}

/// The lines of the system's socket tables that belong to a process and are open to others: TCP in state LISTEN, any UDP.
fn listening(pid: u32) -> Vec<String> {
    let own = sockets(pid);
    let table = |name: &str| fs::read_to_string(format!("/proc/{pid}/net/{name}")).unwrap_or_default();
    let of = |name: &'static str, open: fn(&[&str]) -> bool| {
        let lines: Vec<String> = table(name).lines().skip(1).map(str::to_owned).collect();
        let own = own.clone();
        lines.into_iter().filter(move |line| {
            let columns: Vec<&str> = line.split_whitespace().collect();
            columns.get(9).is_some_and(|inode| own.iter().any(|own| own == inode)) && open(&columns)
        })
    };
    let tcp = ["tcp", "tcp6"].into_iter().flat_map(|name| of(name, |columns| columns[3] == "0A"));
    let udp = ["udp", "udp6"].into_iter().flat_map(|name| of(name, |_| true));
    tcp.chain(udp).collect()
}

#[test]
fn a_running_worker_listens_on_nothing() {
    let mut station = Station::new("wsjf");
    station.start();
    let bytes = e2e::report("socket", 1).bytes;
    station.drop_file("unit.json", &bytes);
    until("it has talked to the server", Duration::from_secs(20), || !station.server().received().expect("books").is_empty());
    assert_eq!(listening(station.pid()), Vec::<String>::new());
}

#[test]
fn the_check_for_listeners_sees_one() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    assert!(!listening(std::process::id()).is_empty());
    drop(listener);
}

#[test]
fn the_worker_needs_no_desktop_library() {
    let program = lineside().get_program().to_owned();
    let libraries = Command::new("ldd").arg(program).output().expect("ldd is there");
    let libraries = String::from_utf8_lossy(&libraries.stdout).to_lowercase();
    assert!(libraries.contains("libc.so"), "ldd said nothing: {libraries}");
    for desktop in ["gtk", "webkit", "x11", "wayland", "glib", "dbus", "appindicator"] {
        assert!(!libraries.contains(desktop), "the worker is linked to {desktop}: {libraries}");
    }
}

#[test]
fn an_idle_worker_with_five_folders_has_at_most_five_threads_and_little_memory() {
    let mut station = Station::new("wsjf");
    for n in 1..5 {
        let folder = station.home().join(format!("more-{n}"));
        fs::create_dir_all(&folder).expect("the station's disk");
        let rule = format!("{{\"name\": \"more {n}\", \"watch_folder\": {:?}, \"format\": \"wsjf\"}}", folder.to_str().expect("plain"));
        station.does(&["config", "set", &format!("converters[{n}]"), &rule]);
    }
    station.start();
    until("five rules run", Duration::from_secs(20), || station.status()["converters"].as_array().is_some_and(|rules| rules.len() == 5));
    until("it is quiet", Duration::from_secs(60), || threads(station.pid()) <= 5);
    // Its own memory: the pages of the program itself depend on how it was built, and the whole is measured on the one that ships.
    let own = own_kib(station.pid());
    assert!(own > 0 && own <= 8 * 1024, "{own} KiB of its own");
}

fn own_kib(pid: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok()).unwrap_or(0)
}

fn threads(pid: u32) -> usize {
    fs::read_dir(format!("/proc/{pid}/task")).map(Iterator::count).unwrap_or(usize::MAX)
}

#[test]
fn a_worker_started_in_the_background_outlives_the_command_and_is_stopped_by_another() {
    let station = Station::new("wsjf");
    station.does(&["start", ID]);
    let lock: serde_json::Value =
        serde_json::from_slice(&fs::read(station.instance().join("service.lock")).expect("a lock")).expect("JSON");
    let stat = fs::read_to_string(format!("/proc/{}/stat", lock["pid"])).expect("it runs");
    let group = stat.rsplit(") ").next().and_then(|rest| rest.split(' ').nth(2).map(str::to_owned));
    assert_eq!(group, Some(lock["pid"].to_string()), "the worker is in the process group of who started it");
    station.does(&["stop", ID]);
    // What it held is free, and the system has only to forget it.
    until("it has ended", Duration::from_secs(5), || !alive(lock["pid"].as_u64().expect("a PID")));
    assert_eq!(station.run(&["status", ID]).status.code(), Some(32));
}

/// Whether the process is there and has not ended; one that nobody has waited for has.
fn alive(pid: u64) -> bool {
    fs::read_to_string(format!("/proc/{pid}/stat")).is_ok_and(|stat| !stat.contains(") Z "))
}
