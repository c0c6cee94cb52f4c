//! What stands still is told: a Done folder on a file system that does not answer any more.

use e2e::{Books, ID, Station, report, until};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// A folder that shows another one through a process of its own: while that is stopped, whoever touches the folder waits.
struct Mount {
    at: PathBuf,
    process: Child,
}

impl Mount {
    /// `None` where there is no bindfs, or no right to mount.
    fn new(of: &Path, at: &Path) -> Option<Self> {
        fs::create_dir_all(of).and_then(|()| fs::create_dir_all(at)).expect("the station's disk");
        let process = Command::new("bindfs").arg("-f").args([of, at]).stdin(Stdio::null()).stderr(Stdio::null()).spawn().ok()?;
        let mut mount = Self { at: at.to_owned(), process };
        let shown = || fs::read_to_string("/proc/self/mounts").unwrap_or_default().contains(&*at.to_string_lossy());
        let mut ended = false;
        until("the folder is mounted, or cannot be", Duration::from_secs(20), || {
            ended = mount.process.try_wait().expect("our own child").is_some();
            ended || shown()
        });
        (!ended).then_some(mount)
    }

    fn signal(&self, signal: &str) {
        let sent = Command::new("kill").args([signal, &self.process.id().to_string()]).status().expect("a kill command");
        assert!(sent.success(), "{signal}");
    }
}

impl Drop for Mount {
    fn drop(&mut self) {
        self.signal("-CONT");
        let _unmounted = Command::new("umount").arg("-l").arg(&self.at).status();
        let _ended = self.process.kill().and_then(|()| self.process.wait());
    }
}

#[test]
fn a_file_that_cannot_be_filed_for_a_minute_is_told_with_its_journey_until_its_folder_answers() {
    let mut station = Station::new("wsjf");
    let done = station.home().join("share");
    let Some(mount) = Mount::new(&station.home().join("behind"), &done) else {
        println!("skipped: this needs bindfs (Debian: bindfs) and the right to mount");
        return;
    };
    station.does(&["config", "set", "converters[0].done_folder", done.to_str().expect("a plain name")]);
    station.start();
    let first = report("still", 0);
    station.drop_file("first.json", &first.bytes);
    until("the first is filed", Duration::from_secs(30), || done.join("first.json").exists());
    assert!(station.status()["stuck"].is_null());
    mount.signal("-STOP");
    let second = report("still", 1);
    station.drop_file("second.json", &second.bytes);
    until("both have arrived", Duration::from_secs(30), || Books::of(&station).delivered.len() == 2);
    until("it is told that one stands still", Duration::from_secs(150), || station.status()["stuck"][0].is_object());
    let status = station.status();
    let stuck = &status["stuck"][0];
    assert!(stuck["what"].as_str().is_some_and(|what| what.contains("cannot be filed") && what.contains("second.json")), "{status:#}");
    let steps: Vec<_> = stuck["journey"].as_array().expect("a journey").iter().map(|step| step[0].clone()).collect();
    assert_eq!(steps, ["taken up", "converted", "committed"]);
    assert_eq!(status["status"], "warning", "{status:#}");
    let shown = station.run(&["status", ID]);
    assert!(String::from_utf8_lossy(&shown.stdout).contains("second.json"), "the status does not show it");
    mount.signal("-CONT");
    until("it moves again", Duration::from_secs(60), || station.status()["stuck"].is_null());
    Books::close(&station, &[first, second], Duration::from_secs(30));
    let logs: String = e2e::files(&station.instance().join("logs")).iter().filter_map(|log| fs::read_to_string(log).ok()).collect();
    assert_eq!(logs.matches("cannot be filed, the first is").count(), 1, "it is said once");
    station.terminate();
    drop(mount);
}
