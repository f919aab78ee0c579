//! Processes that may outlive us: known by process id and start time, signalled as a group, and never when the
//! id has passed to somebody else.

use serde::{Deserialize, Serialize};

/// Who a process is. A process id alone says little: it is given again after the process ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    pub pid: i32,
    /// When it started, in the system's own words: boot id and clock ticks (field 22 of `/proc/PID/stat`), or
    /// what `ps -o lstart=` prints.
    pub started: String,
}

/// What a signal did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signalled {
    Sent,
    /// The process (and its group) is gone, or the id is somebody else's by now: nothing was signalled.
    Gone,
    /// We may not: it runs as somebody else.
    Refused,
}

impl Identity {
    /// The identity of the process that has this id now.
    pub fn of(pid: i32) -> Option<Self> {
        running(pid).map(|started| Self { pid, started })
    }

    /// Whether this very process runs. One that ended and waits to be reaped does not.
    pub fn runs(&self) -> bool {
        running(self.pid).is_some_and(|started| started == self.started)
    }

    /// Whether the process group it leads has members left. A group's id is not given to a new process while
    /// the group has members, so a group without its leader is still ours; a leader with another start time
    /// says that it is not.
    pub fn group_runs(&self) -> bool {
        if self.runs() {
            return true;
        }
        // Of another boot nothing is left, whatever has its id now.
        let this_boot = self.started.split_once('/').is_none_or(|(of, _)| of == boot());
        this_boot
            && running(self.pid).is_none()
            && rustix_pid(self.pid).is_some_and(|pid| rustix::process::test_kill_process_group(pid).is_ok())
            && group_lives(self.pid)
    }

    /// Signals the whole group.
    pub fn signal(&self, signal: rustix::process::Signal) -> Signalled {
        let Some(pid) = rustix_pid(self.pid).filter(|_| self.group_runs()) else { return Signalled::Gone };
        match rustix::process::kill_process_group(pid, signal) {
            Ok(()) => Signalled::Sent,
            Err(rustix::io::Errno::SRCH) => Signalled::Gone,
            Err(_) => Signalled::Refused,
        }
    }
}

fn rustix_pid(pid: i32) -> Option<rustix::process::Pid> {
    // 1 is never ours, and as a group would mean everybody.
    (pid > 1).then(|| rustix::process::Pid::from_raw(pid)).flatten()
}

/// When the process with this id started; none if there is none, or only its remains.
#[cfg(target_os = "linux")]
fn running(pid: i32) -> Option<String> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let fields = fields(&stat)?;
    // Fields count from 3 here: the state, and start time as field 22.
    let (state, ticks) = (fields.first()?, fields.get(19)?);
    (!matches!(*state, "Z" | "X" | "x")).then(|| format!("{}/{ticks}", boot()))
}

/// The fields of a stat line after the command's name, which may hold blanks and parentheses.
#[cfg(target_os = "linux")]
fn fields(stat: &str) -> Option<Vec<&str>> {
    stat.rsplit_once(')').map(|(_, rest)| rest.split_whitespace().collect())
}

/// Ticks count from the start of the machine, so its boot belongs to an identity.
#[cfg(target_os = "linux")]
fn boot() -> &'static str {
    static BOOT: std::sync::OnceLock<String> = std::sync::OnceLock::new();
    BOOT.get_or_init(|| {
        std::fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default().trim().to_owned()
    })
}

/// Start times say it all by themselves.
#[cfg(not(target_os = "linux"))]
const fn boot() -> &'static str {
    ""
}

/// Whether any member of the group is more than remains waiting to be reaped.
#[cfg(target_os = "linux")]
fn group_lives(group: i32) -> bool {
    let group = group.to_string();
    let Ok(entries) = std::fs::read_dir("/proc") else { return false };
    entries.flatten().any(|entry| {
        entry.file_name().to_string_lossy().bytes().all(|b| b.is_ascii_digit())
            && std::fs::read_to_string(entry.path().join("stat")).is_ok_and(|stat| {
                fields(&stat).is_some_and(|f| f.get(2) == Some(&&*group) && !matches!(f[0], "Z" | "X" | "x"))
            })
    })
}

#[cfg(not(target_os = "linux"))]
fn running(pid: i32) -> Option<String> {
    let out = std::process::Command::new("ps")
        .args(["-o", "stat=", "-o", "lstart=", "-p", &pid.to_string()])
        .env("LC_ALL", "C")
        .output()
        .ok()?;
    let line = String::from_utf8_lossy(&out.stdout).trim().to_owned();
    let (state, started) = line.split_once(char::is_whitespace)?;
    (!state.starts_with('Z')).then(|| started.split_whitespace().collect::<Vec<_>>().join(" "))
}

#[cfg(not(target_os = "linux"))]
fn group_lives(group: i32) -> bool {
    let Ok(out) = std::process::Command::new("ps").args(["-axo", "pgid=,stat="]).output() else {
        return false;
    };
    String::from_utf8_lossy(&out.stdout).lines().any(|line| {
        let mut words = line.split_whitespace();
        words.next() == Some(&*group.to_string()) && words.next().is_some_and(|s| !s.starts_with('Z'))
    })
}

/// The process whose environment holds `NAME=value`: how a child is found whose id was not written down in time.
#[cfg(target_os = "linux")]
pub fn find_marked(name: &str, value: &str) -> Option<Identity> {
    let marker = format!("{name}={value}").into_bytes();
    let mut found: Vec<i32> = std::fs::read_dir("/proc")
        .ok()?
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse::<i32>().ok())
        .filter(|pid| {
            std::fs::read(format!("/proc/{pid}/environ"))
                .is_ok_and(|environ| environ.split(|b| *b == 0).any(|entry| entry == marker))
        })
        .filter(|pid| {
            // The child leads its group; its own children have inherited the marker.
            std::fs::read_to_string(format!("/proc/{pid}/stat"))
                .is_ok_and(|stat| fields(&stat).is_some_and(|f| f.get(2) == Some(&&*pid.to_string())))
        })
        .collect();
    found.sort_unstable();
    found.first().and_then(|pid| Identity::of(*pid))
}

#[cfg(not(target_os = "linux"))]
pub fn find_marked(name: &str, value: &str) -> Option<Identity> {
    let marker = format!("{name}={value}");
    let out = std::process::Command::new("ps").args(["-axwwE", "-o", "pid=,pgid=,command="]).output().ok()?;
    String::from_utf8_lossy(&out.stdout)
        .lines()
        .find_map(|line| {
            let mut words = line.split_whitespace();
            let (pid, group) = (words.next()?, words.next()?);
            (pid == group && words.any(|word| word == marker)).then(|| pid.parse().ok()).flatten()
        })
        .and_then(Identity::of)
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn a_process_is_known_by_its_start_as_well() {
        let me = Identity::of(std::process::id().cast_signed()).unwrap();
        assert!(me.runs());
        let reused = Identity { started: "another boot/1".into(), ..me };
        assert!(!reused.runs());
        assert_eq!(reused.signal(rustix::process::Signal::TERM), Signalled::Gone);
    }

    #[test]
    fn a_name_with_parentheses_does_not_shift_the_fields() {
        assert_eq!(fields("12 (a) b) S 1 12 12").unwrap(), ["S", "1", "12", "12"]);
    }
}
