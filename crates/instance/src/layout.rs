//! The files and folders of one instance, and the rights they are made with.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use crate::Scope;
use crate::replace::sync_folder;

pub(crate) const CONFIG: &str = "client_config.json";

/// The folder of one instance. Every path is inside it, so a stopped instance can be moved or copied whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layout {
    dir: PathBuf,
    scope: Scope,
}

impl Layout {
    /// The layout of the instance in `dir`.
    pub fn at(dir: impl Into<PathBuf>, scope: Scope) -> Layout {
        Layout { dir: dir.into(), scope }
    }

    /// The instance folder.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// Settings.
    pub fn config(&self) -> PathBuf {
        self.dir.join(CONFIG)
    }

    /// The settings of before.
    pub fn versions(&self) -> PathBuf {
        self.dir.join("versions")
    }

    /// The token and the proxy password.
    pub fn secret(&self) -> PathBuf {
        self.dir.join("secret.json")
    }

    /// Who runs: see [`crate::Lock`].
    pub fn lock(&self) -> PathBuf {
        self.dir.join("service.lock")
    }

    /// The empty file whose kernel lock says that a worker lives.
    pub fn guard(&self) -> PathBuf {
        self.dir.join("service.guard")
    }

    /// How it goes: see [`crate::Status`].
    pub fn status(&self) -> PathBuf {
        self.dir.join("status.json")
    }

    /// What shells ask of the worker.
    pub fn requests(&self) -> PathBuf {
        self.dir.join("requests")
    }

    /// The store.
    pub fn queue_db(&self) -> PathBuf {
        self.dir.join("queue").join("queue.db")
    }

    /// Sent reports by day.
    pub fn reports(&self) -> PathBuf {
        self.dir.join("reports")
    }

    /// Log files of the worker.
    pub fn logs(&self) -> PathBuf {
        self.dir.join("logs")
    }

    /// The site's own converter programs.
    pub fn converters(&self) -> PathBuf {
        self.dir.join("converters")
    }

    /// Makes the instance folder and every folder in it; those that exist stay as they are. On Unix a new folder is
    /// 0700 for a user and 0750 for the system; on Windows it inherits the rights of its parent.
    ///
    /// # Errors
    /// When a folder cannot be made; the text names it.
    pub fn create(&self) -> io::Result<()> {
        let inner = ["requests", "queue", "reports", "logs", "converters"].map(|name| self.dir.join(name));
        for folder in std::iter::once(&self.dir).chain(&inner) {
            self.make(folder).map_err(|e| io::Error::new(e.kind(), format!("cannot make {}: {e}", folder.display())))?;
        }
        Ok(())
    }

    /// As [`Layout::create`], for an instance that must be a new one: of two who make it at the same time only one does.
    ///
    /// # Errors
    /// `AlreadyExists` when the instance folder is there; else as there.
    pub fn create_new(&self) -> io::Result<()> {
        let told = |e: io::Error| io::Error::new(e.kind(), format!("cannot make {}: {e}", self.dir.display()));
        let above = self.dir.parent().unwrap_or(&self.dir);
        self.make(above).and_then(|()| self.builder().create(&self.dir)).and_then(|()| sync_folder(above)).map_err(told)?;
        self.create()
    }

    /// Makes a folder with those above it, so that a power cut does not forget a new one with all that is put there.
    fn make(&self, folder: &Path) -> io::Result<()> {
        let missing: Vec<&Path> = folder.ancestors().take_while(|above| !above.exists()).collect();
        self.builder().recursive(true).create(folder)?;
        missing.into_iter().try_for_each(sync_folder)
    }

    fn builder(&self) -> fs::DirBuilder {
        #[cfg_attr(not(unix), expect(unused_mut, reason = "only Unix has modes"))]
        let mut builder = fs::DirBuilder::new();
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(
            &mut builder,
            match self.scope {
                Scope::System => 0o750,
                Scope::User => 0o700,
            },
        );
        builder
    }

    /// Unix mode of the settings.
    pub(crate) fn config_mode(&self) -> u32 {
        match self.scope {
            Scope::System => 0o640,
            Scope::User => 0o600,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instance_that_must_be_new_is_made_by_one_alone() {
        let dir = tempfile::tempdir().unwrap();
        let layout = Layout::at(dir.path().join("instances/ict"), Scope::User);
        layout.create_new().unwrap();
        fs::write(layout.requests().join("x"), "kept").unwrap();
        assert_eq!(layout.create_new().unwrap_err().kind(), io::ErrorKind::AlreadyExists);
        assert!(layout.requests().join("x").exists());
    }

    #[test]
    fn a_new_instance_has_its_folders_and_making_it_again_changes_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let layout = Layout::at(dir.path().join("instances/ict"), Scope::User);
        layout.create().unwrap();
        fs::write(layout.requests().join("x"), "kept").unwrap();
        fs::remove_dir(layout.dir().join("queue")).unwrap();
        layout.create().unwrap();
        let mut names: Vec<_> = fs::read_dir(layout.dir()).unwrap().map(|e| e.unwrap().file_name()).collect();
        names.sort();
        assert_eq!(names, ["converters", "logs", "queue", "reports", "requests"]);
        assert!(layout.requests().join("x").exists());
    }

    #[cfg(unix)]
    #[test]
    fn nobody_else_may_look_into_a_users_instance() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().unwrap();
        for (scope, mode) in [(Scope::User, 0o700), (Scope::System, 0o750)] {
            let layout = Layout::at(dir.path().join(format!("{scope:?}")), scope);
            layout.create().unwrap();
            assert_eq!(fs::metadata(layout.dir()).unwrap().permissions().mode() & 0o777, mode);
        }
    }
}
