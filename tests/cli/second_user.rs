//! `share = "group"` with real users: who may connect is the socket's group, who they are the kernel says, and what
//! they may do the plan.

use std::{
    os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown},
    path::{Path, PathBuf},
    process::{Child, Command},
};

use golive::clock::Clock;

use super::golive::{Place, Ran};

/// The group that shares; its number is the same on Linux and, as nobody's, on the BSDs.
const GROUP: u32 = 65534;

struct TwoUsers {
    place: Place,
    /// Holds the socket, and a golive that everybody may run.
    dir: tempfile::TempDir,
    conductor: Option<Child>,
}

impl Drop for TwoUsers {
    fn drop(&mut self) {
        if let Some(mut conductor) = self.conductor.take() {
            conductor.kill().unwrap();
            conductor.wait().unwrap();
        }
    }
}

fn open_to(path: &Path, mode: u32) {
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
}

impl TwoUsers {
    fn new() -> Self {
        let place = Place::with_project();
        let plan = place.read("golive.toml").replace(
            "sam = { roles",
            "raj = { login = \"nobody\", roles = [\"operations\"] }\nsam = { roles",
        );
        place.file(
            "golive.toml",
            &plan.replace("separation = \"none\"", "separation = \"none\"\nshare = \"group\""),
        );
        let dir = tempfile::tempdir().unwrap();
        std::fs::copy(env!("CARGO_BIN_EXE_golive"), dir.path().join("golive")).unwrap();
        open_to(&dir.path().join("golive"), 0o755);
        open_to(dir.path(), 0o711);
        open_to(place.root(), 0o755);
        for (user, uid) in [("nobody", 65534), ("daemon", 1)] {
            std::fs::create_dir(dir.path().join(user)).unwrap();
            chown(dir.path().join(user), Some(uid), None).unwrap();
        }
        let sockets = dir.path().join("sockets");
        std::fs::create_dir(&sockets).unwrap();
        chown(&sockets, None, Some(GROUP)).unwrap();
        open_to(&sockets, 0o750);
        let mut shared = Self { place, dir, conductor: None };
        // One that is shared is its owner's to start.
        let mut run = shared.place.command(&["conductor", "run"]);
        shared.conductor = Some(run.env("GOLIVE_SOCKET", shared.socket()).spawn().unwrap());
        let begun = Clock::System.read().monotonic;
        while std::os::unix::net::UnixStream::connect(shared.socket()).is_err() {
            assert!(Clock::System.read().monotonic - begun < 20_000_000, "the conductor does not come up");
        }
        shared
    }

    fn socket(&self) -> PathBuf {
        self.dir.path().join("sockets/golive.sock")
    }

    fn own(&self, words: &[&str]) -> Ran {
        Ran::of(&self.place.command(words).env("GOLIVE_SOCKET", self.socket()).output().unwrap())
    }

    /// As another user, with this group and no other.
    fn other(&self, user: &str, group: u32, words: &[&str]) -> Ran {
        let mut command = Command::new("setpriv");
        command
            .args([format!("--reuid={user}"), format!("--regid={group}"), "--clear-groups".into()])
            .arg(self.dir.path().join("golive"))
            .args(words)
            .current_dir(self.place.dir())
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", "/nonexistent")
            .env("TZ", "UTC")
            .env("GOLIVE_DATA_DIR", self.dir.path().join(user))
            .env("GOLIVE_SOCKET", self.socket())
            .stdin(std::process::Stdio::null());
        Ran::of(&command.output().unwrap())
    }
}

/// The socket is the group's; the login is the person; an unknown login looks and does not act; nobody but the
/// conductor's own user acts as somebody else.
#[test]
#[expect(clippy::print_stdout, reason = "a test that shows nothing says so")]
fn a_second_user_is_who_the_kernel_says_and_may_what_the_plan_says() {
    if !rustix::process::geteuid().is_root() {
        println!("skipped: only root can be a second user; nothing was shown");
        return;
    }
    let shared = TwoUsers::new();
    shared.own(&["open", "2.5.0"]).ended(0);
    let socket = std::fs::metadata(shared.socket()).unwrap();
    assert_eq!((socket.mode() & 0o777, socket.gid()), (0o660, GROUP), "the socket is the group's");

    let comment = ["item", "comment", "the-support-desk-knows", "they know since noon"];
    shared.other("nobody", GROUP, &comment).ended(0);
    let record = shared.own(&["record", "export"]).ended(0).out;
    let line = record.lines().find(|line| line.contains("checklist.commented")).unwrap();
    assert!(line.contains(r#""who":{"person":"raj"},"via":{"uid":65534}"#), "{line}");

    let as_dana = shared.other("nobody", GROUP, &["--as", "dana", "vote", "go"]).ended(3);
    assert!(as_dana.err.contains("nobody may not act as dana"), "{}", as_dana.err);
    let opens = shared.other("nobody", GROUP, &["--as", "raj", "hold"]).ended(3);
    assert!(opens.err.contains("may not act as raj"), "{}", opens.err);
    shared.other("nobody", GROUP, &["hold", "a strange graph"]).ended(0);

    let stranger = shared.other("daemon", GROUP, &comment).ended(3);
    assert!(
        stranger.err.contains("daemon") && stranger.err.contains("may look, but not act"),
        "{}",
        stranger.err
    );
    let outside = shared.other("daemon", 1, &comment);
    assert_ne!(outside.status, 0);
    assert!(outside.err.contains("are you in its group?"), "{}", outside.err);
    let record = shared.own(&["record", "export"]).ended(0).out;
    assert_eq!(record.matches("\"checklist.commented\"").count(), 1, "{record}");
    assert!(!record.contains("poll.voted"), "{record}");
}
