//! Rollouts by a team's own commands, shell scripts here: what `observe` answers ends a lane, and what was
//! interrupted is asked about, or repeated, as the plan says of its verb.

use std::{fs, path::PathBuf};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use super::bench::Bench;

/// All verbs in one script. A host is a directory: what is installed, what was run, and whether it has ended; an
/// install waits while there is a gate.
const OPS: &str = r#"set -eu
mkdir -p "$HOSTS/$GOLIVE_HOST"
cd "$HOSTS/$GOLIVE_HOST"
case $GOLIVE_VERB in
observe)
  [ -f installed ] || exit 0
  read -r version digest < installed
  running='"running": true'
  [ ! -f ended ] || running="\"running\": false, \"why\": \"$(cat ended)\""
  printf '{"version": "%s", "digest": "%s", %s}\n' "$version" "$digest" "$running"
  ;;
install)
  echo "$GOLIVE_VERSION" >> installs
  while [ -e gate ]; do sleep 0.05; done
  echo "$GOLIVE_VERSION $GOLIVE_DIGEST" > installed
  ;;
esac
"#;

pub struct Team {
    pub bench: Bench,
}

impl Team {
    /// Two hosts, and `install` as the plan declares it.
    pub fn new(install: &str, deadlines: &str) -> Self {
        let bench = Bench::new();
        let (ops, hosts) = (bench.path("ops.sh"), bench.path("hosts"));
        fs::create_dir_all(bench.project().join("dist")).unwrap();
        fs::create_dir(&hosts).unwrap();
        fs::write(&ops, OPS.replace("$HOSTS", hosts.to_str().unwrap())).unwrap();
        fs::write(bench.project().join("dist/shop-2.5.0.tar.gz"), "what the commands put in place").unwrap();
        fs::write(bench.project().join("RELEASE.md"), "# Before\n- [ ] support is told @operations (T-1d)\n")
            .unwrap();
        let argv = format!(r#"["sh", "{}"]"#, ops.display());
        let install = install.replace("ARGV", &argv);
        let plan = format!(
            r#"[project]
name = "shop"
checklists = ["RELEASE.md"]

[people]
dana = {{ roles = ["decider", "engineering"] }}
raj = {{ roles = ["operations", "deployer"] }}

[artifact]
source = "dist/shop-{{version}}.tar.gz"

[environments.production]
hosts = [{{ name = "web-01", address = "127.0.0.1" }}, {{ name = "web-02", address = "127.0.0.1" }}]
driver = {{ kind = "exec", verbs = {{ observe = {argv}, install = {install}, start = {{ argv = {argv}, repeatable = true }} }} }}
balancer = {{ kind = "none" }}
deadlines = {{ {deadlines} }}

[checks.alive]
exec = ["true", "{{name}}"]
[checks.smoke]
exec = ["true"]

[[stages]]
name = "production"
environment = "production"
validations = ["smoke"]
promote = "automatic"

[poll]
seats = [{{ role = "engineering" }}, {{ role = "operations" }}]

[plan_b]
decides = "dana"
"#
        );
        fs::write(bench.project().join("golive.toml"), plan).unwrap();
        Self { bench }
    }

    fn at(&self, host: &str, file: &str) -> PathBuf {
        self.bench.path("hosts").join(host).join(file)
    }

    /// The next install on this host waits until the gate is opened.
    fn gate(&self, host: &str) {
        fs::create_dir_all(self.at(host, "")).unwrap();
        fs::write(self.at(host, "gate"), "").unwrap();
    }

    fn open_gate(&self, host: &str) {
        fs::remove_file(self.at(host, "gate")).unwrap();
    }

    /// How often the install was run on this host.
    fn installs(&self, host: &str) -> usize {
        fs::read_to_string(self.at(host, "installs")).unwrap_or_default().lines().count()
    }

    #[track_caller]
    fn until_installing(&self, host: &str, times: usize) {
        self.bench.until("the install runs", |_| self.installs(host) == times);
    }

    /// kill -9, and the next one takes the session up.
    fn kill_conductor(&self) {
        let pid = self.bench.conductor().and_then(Pid::from_raw).expect("a conductor");
        kill_process(pid, Signal::KILL).unwrap();
        self.bench.until("another one", |_| {
            let again = self.bench.run(&["conductor", "restart"]);
            again.status.success()
        });
        assert_ne!(self.bench.conductor().and_then(Pid::from_raw), Some(pid));
    }

    #[track_caller]
    fn until_unknown(&self, host: usize) -> Value {
        let status =
            self.bench.until("a human is asked", |status| calls(status).contains("may not be repeated"));
        assert_eq!(status["hosts"][host]["lane"]["state"], "unknown", "{status:#}");
        status
    }
}

pub const QUICK: &str = r#"min_healthy_time = "500ms", healthy_deadline = "30s", progress_deadline = "120s""#;

fn calls(status: &Value) -> String {
    status["needs_human"]
        .as_array()
        .filter(|list| !list.is_empty())
        .map_or(String::new(), |_| status["needs_human"].to_string())
}

/// The alive check answers all the while: who says `"running": false` is believed now, not at the deadline in ten
/// minutes, and its words are shown.
#[test]
fn a_host_of_which_observe_says_that_it_has_ended_fails_while_it_settles() {
    let team =
        Team::new("ARGV", r#"min_healthy_time = "5m", healthy_deadline = "10m", progress_deadline = "20m""#);
    let bench = &team.bench;
    bench.to_go("2.5.0");
    bench.says("raj", &["start"]);
    let status = bench.until("web-01 settles", |status| status["hosts"][0]["lane"]["state"] == "settling");
    assert_eq!(calls(&status), "");
    fs::write(team.at("web-01", "ended"), "exit status 101").unwrap();
    let status = bench.until("somebody is needed", |status| !calls(status).is_empty());
    let said = calls(&status);
    assert!(said.contains("web-01") && said.contains("2.5.0 has ended: exit status 101"), "{said}");
    assert_eq!(status["hosts"][0]["lane"]["state"], "failed", "{status:#}");
    assert_eq!(team.installs("web-02"), 0, "the line has stopped");
}

/// An install that may not be repeated is cut off by kill -9 of the conductor: the host is unknown, a human is asked,
/// and the command was run once. One says "try again", the other looked and says that it is done.
#[test]
fn what_may_not_be_repeated_is_asked_about_after_the_conductor_was_killed() {
    let team = Team::new("ARGV", QUICK);
    let bench = &team.bench;
    team.gate("web-01");
    team.gate("web-02");
    bench.to_go("2.5.0");
    bench.says("raj", &["start"]);
    team.until_installing("web-01", 1);
    team.kill_conductor();
    let status = team.until_unknown(0);
    assert!(calls(&status).contains("web-01"), "{status:#}");
    assert_eq!((team.installs("web-01"), team.installs("web-02")), (1, 0), "nothing was run again");

    bench.says("raj", &["rollout", "try", "web-01"]);
    team.until_installing("web-01", 2);
    team.open_gate("web-01");
    team.until_installing("web-02", 1);
    team.kill_conductor();
    team.until_unknown(1);
    // What was cut off did not get there; a person does by hand what it would have done.
    fs::copy(team.at("web-01", "installed"), team.at("web-02", "installed")).unwrap();
    let done = ["rollout", "mark-done", "web-02", "--reason", "installed by hand", "--confirm", "web-02"];
    bench.says("raj", &done);
    let status = bench.until("verified", |status| status["phase"] == "verified");
    assert_eq!((team.installs("web-01"), team.installs("web-02")), (2, 1), "only what was asked for");
    for host in status["hosts"].as_array().unwrap() {
        assert_eq!(host["runs"], "2.5.0", "{status:#}");
    }
    bench.says("dana", &["close"]);
}

/// The same with a verb that may: nobody is asked, and it is run once more.
#[test]
fn what_may_be_repeated_goes_on_by_itself_after_the_conductor_was_killed() {
    let team = Team::new("{ argv = ARGV, repeatable = true }", QUICK);
    let bench = &team.bench;
    team.gate("web-01");
    bench.to_go("2.5.0");
    bench.says("raj", &["start"]);
    team.until_installing("web-01", 1);
    team.kill_conductor();
    team.until_installing("web-01", 2);
    assert_eq!(calls(&bench.status()), "");
    team.open_gate("web-01");
    bench.until("verified", |status| {
        assert_eq!(calls(status), "");
        status["phase"] == "verified"
    });
    assert_eq!((team.installs("web-01"), team.installs("web-02")), (2, 1));
    bench.says("dana", &["close"]);
}

/// What was verified on a part of its hosts is no success: the promotion ends as the status does, and says where it is
/// not. The next go-live has a way back, to what serves, though no release was ever proven there.
#[test]
fn a_first_deploy_that_ended_partial_is_no_success_and_no_first_deploy_again() {
    let team = Team::new("ARGV", QUICK);
    let bench = &team.bench;
    let plan = bench.project().join("golive.toml");
    let text = fs::read_to_string(&plan).unwrap();
    fs::write(&plan, text.replace("promote = \"automatic\"", "promote = \"human\"")).unwrap();
    // What is to be written is a directory there.
    fs::create_dir_all(team.at("web-02", "installed")).unwrap();
    bench.to_go("2.5.0");
    bench.says("raj", &["start"]);
    bench.until("web-02 failed", |status| calls(status).contains("web-02"));
    bench.says("raj", &["rollout", "exclude", "web-02", "--reason", "its disk", "--confirm", "web-02"]);
    bench.until("ready", |status| status["stages"][0]["state"] == "ready");
    let promoted = bench.run(&["--as", "raj", "promote"]);
    let said = String::from_utf8(promoted.stdout).unwrap();
    assert_eq!(promoted.status.code(), Some(4), "{said}");
    assert!(said.contains("PARTIAL: 1 of 2 on 2.5.0; not web-02"), "{said}");
    assert_eq!(bench.run(&["status", "--check"]).status.code(), Some(4));
    assert_eq!(bench.run(&["--as", "dana", "close"]).status.code(), Some(4));

    fs::write(bench.project().join("dist/shop-2.6.0.tar.gz"), "what comes next").unwrap();
    bench.to_go("2.6.0");
    let plan = bench.says("raj", &["rollout", "plan"]);
    assert!(plan.contains("2.5.0") && !plan.contains("first deploy"), "{plan}");
}

/// CI waits for it, and nobody looks: the conductor that ran already dies, and another one is started as any command
/// would. What was running there could be repeated, so that it comes to its end.
#[test]
fn run_goes_on_with_another_conductor_when_the_one_it_found_is_killed() {
    let team = Team::new("{ argv = ARGV, repeatable = true }", QUICK);
    let bench = &team.bench;
    team.gate("web-01");
    bench.to_go("2.5.0");
    let ended = std::thread::scope(|scope| {
        let run = scope.spawn(|| bench.run(&["--as", "raj", "run", "--patience", "1m"]));
        team.until_installing("web-01", 1);
        let pid = bench.conductor().and_then(Pid::from_raw).expect("a conductor");
        kill_process(pid, Signal::KILL).unwrap();
        team.open_gate("web-01");
        run.join().unwrap()
    });
    let said = String::from_utf8_lossy(&ended.stdout);
    assert_eq!(ended.status.code(), Some(0), "{said}{}", String::from_utf8_lossy(&ended.stderr));
    let status = bench.status();
    assert_eq!((&status["phase"], &status["ending"]), (&"closed".into(), &"verified".into()), "{status:#}");
}
