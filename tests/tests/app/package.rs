//! The packages: what is in them, and that they install, run, are upgraded and go. They are installed in a root of their own, never on the machine.
//! `cargo xtask test` makes them, as `cargo xtask bundle --debug` does, and says by `LINESIDE_BUNDLES` where they are.
#![allow(clippy::print_stderr, reason = "a test that is skipped says why")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use e2e::{Desktop, Root, Station, TrayApp, until, worker};
use flate2::read::GzDecoder;
use tempfile::TempDir;

const SOON: Duration = Duration::from_secs(30);

/// All there is in a .deb but the manual pages, which are many.
const HELD: &[&str] = &[
    "/usr/bin/lineside",
    "/usr/bin/lineside-tray",
    "/usr/share/applications/Lineside.desktop",
    "/usr/share/bash-completion/completions/lineside",
    "/usr/share/doc/lineside/changelog.gz",
    "/usr/share/doc/lineside/copyright",
    "/usr/share/doc/lineside/third-party.gz",
    "/usr/share/fish/vendor_completions.d/lineside.fish",
    "/usr/share/icons/hicolor/128x128/apps/lineside-tray.png",
    "/usr/share/icons/hicolor/256x256@2/apps/lineside-tray.png",
    "/usr/share/icons/hicolor/32x32/apps/lineside-tray.png",
    "/usr/share/icons/hicolor/512x512/apps/lineside-tray.png",
    "/usr/share/icons/hicolor/scalable/apps/lineside-tray.svg",
    "/usr/share/metainfo/io.lineside.tray.metainfo.xml",
    "/usr/share/zsh/vendor-completions/_lineside",
];

/// The package of a kind; none, with a word about it, where the tests are not run by `cargo xtask test`.
fn package(kind: &str) -> Option<PathBuf> {
    let Some(bundles) = std::env::var_os("LINESIDE_BUNDLES") else {
        eprintln!("skipped: LINESIDE_BUNDLES does not say where the packages are; `cargo xtask bundle --debug` makes them");
        return None;
    };
    let folder = Path::new(&bundles).join(kind);
    let files = fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut found =
        files.map(|file| file.expect("a folder that can be read").path()).filter(|file| file.extension().is_some_and(|end| end == kind));
    let package = found.next().unwrap_or_else(|| panic!("there is no .{kind} in {}", folder.display()));
    assert_eq!(found.next(), None, "one package of a kind");
    Some(package)
}

/// What a program prints that must succeed.
fn printed(program: &str, args: &[&str], last: &Path) -> String {
    let output = Command::new(program).args(args).arg(last).output().unwrap_or_else(|error| panic!("{program}: {error}"));
    let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{program} {} {}: {said}", args.join(" "), last.display());
    said
}

fn unpacked(deb: &Path) -> TempDir {
    let folder = TempDir::new().expect("a temporary folder");
    let done = Command::new("dpkg-deb").arg("--extract").arg(deb).arg(folder.path()).status().expect("dpkg-deb");
    assert!(done.success(), "{} cannot be unpacked", deb.display());
    folder
}

/// The files below a folder with their sizes, as they would lie below `/`.
fn files(root: &Path) -> BTreeMap<String, u64> {
    e2e::all_files(root)
        .into_iter()
        .map(|file| {
            let size = file.metadata().expect("our own file").len();
            (format!("/{}", file.strip_prefix(root).expect("below it").display()), size)
        })
        .collect()
}

fn is_manual(file: &str) -> bool {
    file.starts_with("/usr/share/man/")
}

#[test]
fn a_deb_holds_the_programs_and_what_a_desktop_wants_of_them() {
    let Some(deb) = package("deb") else { return };
    let tree = unpacked(&deb);
    let files = files(tree.path());
    let held: Vec<&str> = files.keys().map(String::as_str).filter(|file| !is_manual(file)).collect();
    assert_eq!(held, HELD);
    for page in ["lineside", "lineside-tray", "lineside-status", "lineside-convert-again", "lineside-queue-list"] {
        let file =
            fs::File::open(tree.path().join(format!("usr/share/man/man1/{page}.1.gz"))).unwrap_or_else(|error| panic!("{page}: {error}"));
        let text = std::io::read_to_string(GzDecoder::new(file)).expect("a page");
        assert!(text.contains(".SH NAME"), "{page}: {text}");
    }
    let entry = fs::read_to_string(tree.path().join("usr/share/applications/Lineside.desktop")).expect("the menu entry");
    assert!(entry.contains("\nExec=lineside-tray\n") && entry.contains("\nIcon=lineside-tray\n"), "{entry}");
    printed("desktop-file-validate", &[], &tree.path().join("usr/share/applications/Lineside.desktop"));
    printed("appstreamcli", &["validate-tree", "--no-net"], tree.path());
    let version = printed("dpkg-deb", &["--field"], &deb);
    let version = version.lines().find_map(|line| line.strip_prefix("Version: ")).expect("a version");
    let about = fs::read_to_string(tree.path().join("usr/share/metainfo/io.lineside.tray.metainfo.xml")).expect("the description");
    assert!(about.contains(&format!("<release version=\"{version}\"")), "the description tells nothing of version {version}");
}

#[test]
fn an_rpm_holds_the_same_files_as_the_deb() {
    let (Some(deb), Some(rpm)) = (package("deb"), package("rpm")) else { return };
    let listed = printed("rpm", &["-qp", "--nosignature", "--queryformat", "[%{FILENAMES} %{FILESIZES}\\n]"], &rpm);
    let there: BTreeMap<String, u64> = listed
        .lines()
        .filter_map(|line| line.rsplit_once(' '))
        .map(|(file, size)| (file.to_owned(), size.parse().expect("a size")))
        .filter(|(file, _)| !file.starts_with("/usr/share/licenses/lineside/"))
        .collect();
    let same =
        files(unpacked(&deb).path()).into_iter().map(|(file, size)| (file.replace("/vendor-completions/", "/site-functions/"), size));
    assert_eq!(there, same.collect());
    assert_eq!(listed.matches("/usr/share/licenses/lineside/LICENSE-").count(), 2, "{listed}");
}

/// The packages in a list of them, with the least version that is asked for.
fn asked(list: &str) -> BTreeMap<String, String> {
    let each = list.split(", ").map(|one| one.split_once(" (>= ").unwrap_or((one, "")));
    // Ubuntu gave some libraries another name when their times became 64 bits wide; they stand in for the old ones.
    each.map(|(name, version)| (name.trim().trim_end_matches("t64").to_owned(), version.trim_end_matches(')').to_owned())).collect()
}

#[test]
fn a_deb_asks_for_every_library_its_programs_load_and_for_nothing_else() {
    let Some(deb) = package("deb") else { return };
    let tree = unpacked(&deb);
    fs::create_dir(tree.path().join("debian")).expect("our own folder");
    fs::write(tree.path().join("debian/control"), "Source: lineside\n\nPackage: lineside\nArchitecture: any\n").expect("our own folder");
    let found = Command::new("dpkg-shlibdeps")
        .args(["-O", "usr/bin/lineside", "usr/bin/lineside-tray"])
        .current_dir(tree.path())
        .output()
        .expect("dpkg-shlibdeps");
    assert!(found.status.success(), "{}", String::from_utf8_lossy(&found.stderr));
    let needed = String::from_utf8_lossy(&found.stdout).trim().trim_start_matches("shlibs:Depends=").to_owned();
    let said = printed("dpkg-deb", &["--field"], &deb);
    let said = said.lines().find_map(|line| line.strip_prefix("Depends: ")).expect("it depends on something");
    let (needed, said) = (asked(&needed), asked(said));
    assert_eq!(said.keys().collect::<BTreeSet<_>>(), needed.keys().collect::<BTreeSet<_>>());
    let enough = Command::new("dpkg").args(["--compare-versions", &said["libc6"], "ge", &needed["libc6"]]).status().expect("dpkg");
    assert!(enough.success(), "the programs need libc6 {}, the package asks for {}", needed["libc6"], said["libc6"]);
}

/// A root to install in; none, with a word about it, where there can be none.
fn root() -> Option<Root> {
    Root::new().map_err(|why| eprintln!("skipped: no root of its own to install in: {why}")).ok()
}

#[test]
fn an_installed_app_finds_its_worker_which_goes_on_through_an_upgrade_and_stops_when_the_package_is_removed() {
    let (Some(deb), Some(root)) = (package("deb"), root()) else { return };
    let deb = root.given(&deb);
    let install = ["--install", "--no-triggers", deb.to_str().expect("plain")];
    root.does("dpkg", &install);
    assert_eq!(root.does("lineside", &["--version"]), format!("lineside {}\n", env!("CARGO_PKG_VERSION")));
    let (desktop, station) = (Desktop::new(), Station::new("wsjf"));
    let panel = desktop.panel();
    let mut app = TrayApp::start_by(&desktop, &station, root.command("lineside-tray"));
    until("the window is open", SOON, || desktop.windows("Lineside") == 1);
    until("the worker can be started", SOON, || panel.click("Start"));
    let mut pid = None;
    until("the worker runs", SOON, || {
        pid = worker(&station);
        pid.is_some()
    });
    assert_eq!(root.does("readlink", &[&format!("/proc/{}/exe", pid.expect("it runs"))]), "/usr/bin/lineside\n");
    until("the menu says idle", SOON, || panel.text().contains("ict: idle"));

    root.does("dpkg", &install);
    assert!(app.runs() && worker(&station) == pid, "an upgrade leaves everything running");
    let report = e2e::report("after the upgrade", 1);
    station.drop_file("unit.json", &report.bytes);
    until("its report arrives", SOON, || !station.server().received().expect("books").is_empty());

    root.does("dpkg", &["--remove", "--no-triggers", "lineside"]);
    assert_eq!(worker(&station), None, "it was asked to end, and has ended");
    assert!(!station.instance().join("service.lock").exists(), "as a worker ends that is asked to");
    app.wait();
    assert!(station.instance().join("client_config.json").exists() && station.instance().join("queue/queue.db").exists());
    for file in HELD {
        assert!(!root.has(file), "{file} is left");
    }
}

#[test]
fn an_rpm_installs_and_goes_and_stops_its_workers_then() {
    let (Some(rpm), Some(root)) = (package("rpm"), root()) else { return };
    let rpm = root.given(&rpm);
    // On a system of .deb packages rpm wants to be told that this is meant, and knows nothing of the libraries that are there.
    root.does("rpm", &["--install", "--force-debian", "--nodeps", "--nosignature", rpm.to_str().expect("plain")]);
    let station = Station::new("wsjf");
    let home = station.home().to_str().expect("plain");
    root.does("lineside", &["--home", home, "start"]);
    assert!(worker(&station).is_some());
    root.does("rpm", &["--erase", "--force-debian", "lineside"]);
    assert_eq!(worker(&station), None);
    assert!(!root.has("/usr/bin/lineside") && !root.has("/usr/share/man/man1/lineside.1.gz"));
    assert!(station.instance().join("client_config.json").exists());
}
