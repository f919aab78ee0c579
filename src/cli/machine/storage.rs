//! Where the record is kept: how much room there is, and whether locks and syncs can be trusted there.

use std::path::Path;

use crate::cli::command::doctor::Finding;

/// Below this a go-live of a large fleet might fill the disk.
const ROOM: u64 = 1 << 30;

/// Kinds of file systems that are somebody else's disk, as `/proc/mounts` names them.
const REMOTE: [&str; 9] = ["nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "afs", "ceph", "fuse.sshfs"];

pub fn findings(home: &Path) -> Vec<Finding> {
    vec![room(home), kind(home)]
}

fn room(home: &Path) -> Finding {
    let Ok(found) = rustix::fs::statvfs(home) else {
        return Finding::unknown("disk", format!("{}: its room can't be asked", home.display()));
    };
    let free = found.f_bavail.saturating_mul(found.f_frsize);
    let shows = format!("{} MB free in {}", free >> 20, home.display());
    if free < ROOM {
        return Finding::warning("disk", shows, "make room, or name another place with --data-dir");
    }
    Finding::good("disk", shows)
}

fn kind(home: &Path) -> Finding {
    let Ok(mounts) = std::fs::read_to_string("/proc/mounts") else {
        return Finding::unknown("file system", "its kind can't be found out on this system");
    };
    match mount_of(&mounts, home) {
        Some(kind) if REMOTE.contains(&kind) => Finding::missing(
            "file system",
            format!("{kind}, over the network: locks and syncs can't be trusted there"),
            "name a local directory with --data-dir",
        ),
        Some(kind) => Finding::good("file system", format!("{kind}, local")),
        None => Finding::unknown("file system", "no mount holds it"),
    }
}

/// The kind of the file system with the longest mount point above `path`.
fn mount_of<'a>(mounts: &'a str, path: &Path) -> Option<&'a str> {
    let fields = mounts.lines().filter_map(|line| {
        let mut fields = line.split(' ');
        Some((fields.nth(1)?, fields.next()?))
    });
    fields
        .filter(|(point, _)| path.starts_with(point))
        .max_by_key(|(point, _)| point.len())
        .map(|(_, kind)| kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_mount_counts() {
        let mounts =
            "/dev/sda1 / ext4 rw 0 0\nserver:/home /home nfs4 rw 0 0\ntmpfs /home/dana/tmp tmpfs rw 0 0\n";
        assert_eq!(mount_of(mounts, Path::new("/srv/x")), Some("ext4"));
        assert_eq!(mount_of(mounts, Path::new("/home/dana/.local")), Some("nfs4"));
        assert_eq!(mount_of(mounts, Path::new("/home/dana/tmp/x")), Some("tmpfs"));
    }
}
