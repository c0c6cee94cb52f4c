//! Whether a folder is on a share, where the system tells nothing about what others do, and locks are what the server makes of them.

use std::path::Path;

/// File systems whose events show our own work at most.
const SHARES: &[&str] = &[
    "nfs",
    "nfs4",
    "cifs",
    "smb3",
    "smbfs",
    "smb2",
    "ncpfs",
    "afs",
    "ceph",
    "9p",
    "drvfs",
    "virtiofs",
    "vboxsf",
    "vmhgfs",
    "prl_fs",
    "lustre",
    "glusterfs",
    "davfs",
    "afpfs",
    "webdav",
];

/// The kind of share a folder lies on, or with `deep` one that is mounted in it; `None` where all is local.
pub(crate) fn share(folder: &Path, deep: bool) -> Option<String> {
    if cfg!(windows) {
        // A drive letter that stands for a share shows its server here.
        let real = std::fs::canonicalize(folder).ok()?;
        let text = real.to_string_lossy();
        return (text.starts_with(r"\\?\UNC\") || (text.starts_with(r"\\") && !text.starts_with(r"\\?\")))
            .then(|| "a network share".to_owned());
    }
    if cfg!(target_os = "linux") {
        let mounts = std::fs::read_to_string("/proc/self/mounts").ok()?;
        return share_in(&mounts, &std::fs::canonicalize(folder).ok()?, deep);
    }
    folder.starts_with("/Volumes").then(|| "a mounted volume".to_owned())
}

/// The same, from the text of Linux's mount table.
fn share_in(mounts: &str, folder: &Path, deep: bool) -> Option<String> {
    let mounts = || {
        mounts.lines().filter_map(|line| {
            let mut words = line.split(' ').skip(1);
            Some((unescaped(words.next()?), words.next()?))
        })
    };
    // A later line hides an earlier one of the same place.
    let here = mounts().filter(|(mounted, _)| folder.starts_with(mounted)).max_by_key(|(mounted, _)| mounted.len());
    let below = mounts().filter(|(mounted, _)| deep && Path::new(mounted).starts_with(folder));
    here.into_iter().chain(below).find_map(|(_, kind)| shared(kind))
}

fn shared(kind: &str) -> Option<String> {
    // Programs that serve a file system need not say which one it is.
    (SHARES.contains(&kind) || kind == "fuse" || kind.starts_with("fuse.")).then(|| kind.to_owned())
}

/// The mount table writes blanks and backslashes as octal numbers.
fn unescaped(text: &str) -> String {
    text.replace("\\040", " ").replace("\\011", "\t").replace("\\012", "\n").replace("\\134", "\\")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_looks_into_sub_folders_meets_the_shares_that_are_mounted_there() {
        let mounts = "/dev/vda / ext4 rw 0 0\n//s/p /data/in/line\\0401 cifs rw 0 0\n/dev/b /data/disks/b ext4 rw 0 0\n";
        for (folder, deep, expected) in
            [("/data/in", true, Some("cifs")), ("/data/in", false, None), ("/data/disks", true, None), ("/data/i", true, None)]
        {
            assert_eq!(share_in(mounts, Path::new(folder), deep).as_deref(), expected, "{folder} {deep}");
        }
    }

    #[test]
    fn the_innermost_mount_tells_whether_a_folder_is_on_a_share() {
        let mounts = "/dev/vda / ext4 rw 0 0\nsrv:/x /mnt/nfs nfs4 rw 0 0\n/dev/b /mnt/nfs/disk ext4 rw 0 0\n//s/p /mnt/two\\040words cifs rw 0 0\nx /home/u/ssh fuse.sshfs rw 0 0\n/x /mnt/mirror fuse rw 0 0\n/dev/c /mnt/stick fuseblk rw 0 0\n";
        let table = [
            ("/data/in", None),
            ("/mnt/nfs/in", Some("nfs4")),
            ("/mnt/nfs/disk/in", None),
            ("/mnt/nfsother", None),
            ("/mnt/two words/in", Some("cifs")),
            ("/home/u/ssh/in", Some("fuse.sshfs")),
            ("/mnt/mirror/in", Some("fuse")),
            ("/mnt/stick/in", None),
        ];
        for (folder, expected) in table {
            assert_eq!(share_in(mounts, Path::new(folder), false).as_deref(), expected, "{folder}");
        }
    }
}
