//! Where instances live. One root at a time:
//!
//! 1. `LINESIDE_HOME`, when set;
//! 2. the system root, when it exists and this account may write in it (services, administrators):
//!    `/var/lib/lineside`, `%ProgramData%\Lineside`, `/Library/Application Support/Lineside`;
//! 3. the user's root: `$XDG_DATA_HOME/lineside` or `~/.local/share/lineside`, `%LOCALAPPDATA%\Lineside`,
//!    `~/Library/Application Support/Lineside`.
//!
//! An observer shows the instances of [`Home::visible`]: the system's beside the user's.

use std::{
    ffi::OsString,
    fs, io,
    path::{Path, PathBuf},
};

use crate::{InstanceId, Layout, layout::CONFIG};

/// Looks up one environment variable.
type Env<'a> = &'a dyn Fn(&str) -> Option<OsString>;

/// For whom a root is made; it decides who may read what is in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// For a service: the group of the folder may read, everything but the secret.
    System,
    /// For one user: nobody else may read.
    User,
}

/// A root folder that holds instances.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Home {
    root: PathBuf,
    scope: Scope,
}

/// The systems whose folder customs differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Os {
    Linux,
    Mac,
    Windows,
}

const OS: Os = if cfg!(windows) {
    Os::Windows
} else if cfg!(target_os = "macos") {
    Os::Mac
} else {
    Os::Linux
};

impl Home {
    /// The root this process works in, by the order in the head of this module.
    pub fn resolve(env: Env<'_>) -> Home {
        if let Some(root) = chosen(env) {
            return Home { root: absolute(root), scope: Scope::User };
        }
        let system = Home::system(env);
        if may_write(&system.root) { system } else { Home::user(env) }
    }

    /// The system root, whether it exists or not: what installing a service creates.
    pub fn system(env: Env<'_>) -> Home {
        Home { root: system_root(OS, env), scope: Scope::System }
    }

    /// The user's root. Without a home folder in the environment (a bare service account) it is the system root.
    pub fn user(env: Env<'_>) -> Home {
        match user_root(OS, env) {
            Some(root) => Home { root: absolute(root), scope: Scope::User },
            None => Home::system(env),
        }
    }

    /// Every root an observer shows: only `LINESIDE_HOME` when set, else the user's and the system's where they exist.
    /// The root of [`Home::resolve`] is always among them and comes first.
    pub fn visible(env: Env<'_>) -> Vec<Home> {
        let mut homes = vec![Home::resolve(env)];
        if chosen(env).is_none() {
            for other in [Home::user(env), Home::system(env)] {
                if !homes.contains(&other) && other.root.is_dir() {
                    homes.push(other);
                }
            }
        }
        homes
    }

    /// A root given outright, as by a test or a command-line option.
    pub fn at(root: impl Into<PathBuf>, scope: Scope) -> Home {
        Home { root: root.into(), scope }
    }

    /// The root folder.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// For whom this root is made.
    pub fn scope(&self) -> Scope {
        self.scope
    }

    /// The instances here, sorted: every folder with a valid id and a `client_config.json`. No root, no instances.
    ///
    /// # Errors
    /// When the folder is there but cannot be listed; the text names it.
    pub fn instances(&self) -> io::Result<Vec<InstanceId>> {
        let folder = self.folder();
        let entries = match fs::read_dir(&folder) {
            Ok(entries) => entries,
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(e) => return Err(io::Error::new(e.kind(), format!("{}: {e}", folder.display()))),
        };
        let mut ids: Vec<InstanceId> = entries
            .filter_map(Result::ok)
            .filter(|entry| entry.path().join(CONFIG).is_file())
            .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
            .collect();
        ids.sort();
        Ok(ids)
    }

    /// The folder of one instance; it need not exist.
    pub fn instance(&self, id: &InstanceId) -> Layout {
        Layout::at(self.folder().join(id.as_str()), self.scope)
    }

    fn folder(&self) -> PathBuf {
        self.root.join("instances")
    }
}

fn chosen(env: Env<'_>) -> Option<PathBuf> {
    set(env, "LINESIDE_HOME")
}

fn system_root(os: Os, env: Env<'_>) -> PathBuf {
    match os {
        Os::Linux => PathBuf::from("/var/lib/lineside"),
        Os::Mac => PathBuf::from("/Library/Application Support/Lineside"),
        Os::Windows => set(env, "ProgramData").unwrap_or_else(|| PathBuf::from(r"C:\ProgramData")).join("Lineside"),
    }
}

fn user_root(os: Os, env: Env<'_>) -> Option<PathBuf> {
    let home = || set(env, "HOME");
    match os {
        Os::Linux => {
            let data = set(env, "XDG_DATA_HOME").filter(|path| path.is_absolute());
            Some(data.or_else(|| Some(home()?.join(".local/share")))?.join("lineside"))
        }
        Os::Mac => Some(home()?.join("Library/Application Support/Lineside")),
        Os::Windows => Some(set(env, "LOCALAPPDATA")?.join("Lineside")),
    }
}

/// An empty variable counts as unset.
fn set(env: Env<'_>, name: &str) -> Option<PathBuf> {
    env(name).filter(|value| !value.is_empty()).map(PathBuf::from)
}

fn absolute(path: PathBuf) -> PathBuf {
    std::path::absolute(&path).unwrap_or(path)
}

/// Asking the file system is the only answer that holds for owners, groups, ACLs and read-only mounts alike.
fn may_write(folder: &Path) -> bool {
    let probe = folder.join(format!(".probe-{}", std::process::id()));
    let made = fs::OpenOptions::new().write(true).create_new(true).open(&probe).is_ok();
    made && fs::remove_file(&probe).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn env(pairs: &'static [(&str, &str)]) -> impl Fn(&str) -> Option<OsString> {
        move |name| pairs.iter().find(|(key, _)| *key == name).map(|(_, value)| OsString::from(value))
    }

    #[test]
    fn each_system_has_its_customary_roots() {
        type Variables = &'static [(&'static str, &'static str)];
        let table: [(Os, Variables, &str, Option<&str>); 6] = [
            (Os::Linux, &[("HOME", "/home/ann")], "/var/lib/lineside", Some("/home/ann/.local/share/lineside")),
            (Os::Linux, &[("HOME", "/h"), ("XDG_DATA_HOME", "/d")], "/var/lib/lineside", Some("/d/lineside")),
            (Os::Linux, &[("HOME", "/h"), ("XDG_DATA_HOME", "rel")], "/var/lib/lineside", Some("/h/.local/share/lineside")),
            (Os::Linux, &[("HOME", "")], "/var/lib/lineside", None),
            (
                Os::Mac,
                &[("HOME", "/Users/ann")],
                "/Library/Application Support/Lineside",
                Some("/Users/ann/Library/Application Support/Lineside"),
            ),
            (Os::Windows, &[("ProgramData", "D:/PD"), ("LOCALAPPDATA", "C:/L")], "D:/PD/Lineside", Some("C:/L/Lineside")),
        ];
        for (os, pairs, system, user) in table {
            let env = env(pairs);
            assert_eq!(system_root(os, &env), PathBuf::from(system));
            assert_eq!(user_root(os, &env), user.map(PathBuf::from), "{os:?} {pairs:?}");
        }
    }

    #[test]
    fn lineside_home_wins_and_hides_the_other_roots() {
        let env = env(&[("LINESIDE_HOME", "/srv/line"), ("HOME", "/home/ann")]);
        let expected = Home::at(absolute("/srv/line".into()), Scope::User);
        assert_eq!(Home::resolve(&env), expected);
        assert_eq!(Home::visible(&env), vec![expected]);
    }

    #[test]
    fn instances_are_the_folders_with_a_config_and_a_valid_name() {
        let dir = tempfile::tempdir().unwrap();
        let home = Home::at(dir.path(), Scope::User);
        assert_eq!(home.instances().unwrap(), []);
        for name in ["ict", "Bad Name", "aoi", "empty"] {
            fs::create_dir_all(dir.path().join("instances").join(name)).unwrap();
            if name != "empty" {
                fs::write(dir.path().join("instances").join(name).join(CONFIG), "{}").unwrap();
            }
        }
        let names: Vec<String> = home.instances().unwrap().into_iter().map(String::from).collect();
        assert_eq!(names, ["aoi", "ict"]);
    }
}
