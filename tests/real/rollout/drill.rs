//! A drill with real servers: four nginx behind a real HAProxy, two of which are thrown away and made anew by the team's
//! own commands, while a user asks in front of them; its monitoring tool is a file that an alarm is written to.

use std::{fs, process::Command};

use super::{
    load::Load,
    site::{HOSTS, Site},
};

/// All verbs in one script: a host is a directory, its release the nginx configuration in it. A machine that is thrown
/// away leaves nothing but its name and its port, and an alarm.
const OPS: &str = r#"set -eu
cd "$HOSTS/$GOLIVE_HOST"
running() { [ -f nginx.pid ] && kill -0 "$(cat nginx.pid)" 2>/dev/null; }
ended() { if running; then kill -QUIT "$(cat nginx.pid)"; while running; do sleep 0.05; done; fi; }
case $GOLIVE_VERB in
observe)
  [ -f installed ] || exit 0
  read -r version digest < installed
  state=false; running && state=true
  printf '{"version": "%s", "digest": "%s", "running": %s}\n' "$version" "$digest" "$state"
  ;;
stop) ended ;;
replace)
  ended
  rm -rf release installed nginx.pid
  date -u +%Y-%m-%dT%H:%M:%SZ >> ../../alarms
  echo made >> ../../machines-"$GOLIVE_HOST"
  ;;
install)
  mkdir -p release tmp && tar -C release -xzf "$GOLIVE_ARTIFACT"
  sed -i "s|^pid .*|pid $PWD/nginx.pid;|; s|^daemon off;|daemon on;|" release/conf/nginx.conf
  sed -i "s|\.\./\.\./tmp|$PWD/tmp|g; s|\.\./\.\./\.\./listen.conf|$PWD/listen.conf|" release/conf/nginx.conf
  echo "$GOLIVE_VERSION $GOLIVE_DIGEST" > installed
  ;;
start) running || nginx -p "$PWD/release/" -c conf/nginx.conf -e "$PWD/tmp/error.log" ;;
esac
"#;

/// Passes once an alarm came since then: both times are UTC and sort as texts.
const HEARD: &str = r#"last=$(tail -n 1 "$ALARMS" 2>/dev/null) || exit 1
[ -n "$last" ] || exit 1
since=$(printf %s "$1" | cut -c1-19)Z
[ "$(printf '%s\n%s\n' "$since" "$last" | sort | head -n 1)" = "$since" ] && echo "alarm of $last"
"#;

pub(super) struct Ended<'a>(pub(super) &'a Site);

impl Drop for Ended<'_> {
    fn drop(&mut self) {
        for host in HOSTS {
            let pid = self.0.bench.path("hosts").join(host).join("nginx.pid");
            if let Some(pid) = fs::read_to_string(pid).ok().map(|pid| pid.trim().to_owned()) {
                let _ = Command::new("kill").args(["-9", &pid]).status();
            }
        }
    }
}

pub(super) fn drilled() -> Site {
    let site = Site::new();
    let bench = &site.bench;
    let (ops, heard, hosts) = (bench.path("ops.sh"), bench.path("heard.sh"), bench.path("hosts"));
    fs::write(&ops, OPS.replace("$HOSTS", hosts.to_str().unwrap())).unwrap();
    let alarms = bench.path("alarms");
    fs::write(&heard, HEARD.replace("$ALARMS", alarms.to_str().unwrap())).unwrap();
    let file = bench.project().join("golive.toml");
    let plan = fs::read_to_string(&file).unwrap();
    let driver = plan.lines().find(|line| line.starts_with("driver = ")).unwrap().to_owned();
    let verb = format!(r#"["sh", "{}"]"#, ops.display());
    let again = format!("{{ argv = {verb}, repeatable = true }}");
    let verbs = format!(
        "driver = {{ kind = \"exec\", verbs = {{ observe = {verb}, stop = {again}, install = {again}, start = {again}, replace = {verb} }} }}"
    );
    let drill = format!(
        r#"
[checks.front]
http = "http://127.0.0.1:{}/"
[checks.pager]
exec = ["sh", "{}", "{{since}}"]

[drills.replace-web]
kind = "replace"
environment = "production"
hosts = ["web-02", "web-03"]
probe = "front"
interval = "250ms"
availability = "100%"
latency = "2s"
tools = ["pager"]
receipts = "60s"

[[stages]]"#,
        site.front,
        heard.display(),
    );
    let plan = plan.replace(&driver, &verbs).replacen("\n[[stages]]", &drill, 1);
    fs::write(file, plan).unwrap();
    site.release("2.4.0", "db-5432");
    bench.to_go("2.4.0");
    bench.says("raj", &["start"]);
    bench.until("verified", |status| status["phase"] == "verified");
    bench.says("dana", &["close"]);
    site
}

fn drill(site: &Site) -> serde_json::Value {
    let out = site.bench.run(&["drill", "status", "replace-web", "--json"]).stdout;
    serde_json::from_slice(&out).unwrap()
}

/// [O22] The chosen machines are new, the others untouched, no request failed, and the drill passed by its record; what the
/// project knows of it is there for the next session.
#[test]
fn two_real_servers_are_replaced_under_load_and_the_drill_passes_by_its_record() {
    let site = drilled();
    let _ended = Ended(&site);
    let bench = &site.bench;
    site.release("2.5.0", "db-5432");
    bench.says("dana", &["open", "2.5.0", "--at", "23:59"]);
    bench.until("every host is observed", |status| {
        status["hosts"].as_array().is_some_and(|hosts| hosts.iter().all(|host| host["observed"] == true))
    });
    let load = Load::on(site.front);
    bench.says("raj", &["drill", "start", "replace-web"]);
    bench.until("it is over", |status| {
        assert_eq!(status["needs_human"].as_array().map(Vec::len), Some(0), "{status:#}");
        drill(&site)["running"].is_null()
    });
    let (asked, failed) = load.end();
    assert_eq!(failed, Vec::<String>::new(), "of {asked} requests");
    let seen = drill(&site);
    let attempt = &seen["cases"][0]["attempts"][0];
    assert_eq!(attempt["passed"], true, "{seen:#}");
    let made = |host: &str| fs::read_to_string(bench.path(&format!("machines-{host}"))).unwrap_or_default();
    let made: Vec<usize> = HOSTS.iter().map(|host| made(host).lines().count()).collect();
    assert_eq!(made, [0, 1, 1, 0]);
    let status = bench.status();
    let runs: Vec<_> = (0..4).map(|at| status["hosts"][at]["runs"].as_str().unwrap_or("-")).collect();
    assert_eq!(runs, ["2.4.0"; 4], "the version that should run, and not the one that is prepared");
    // The project's own stream has it: another session begins with it.
    bench.says("dana", &["close", "--abandon", "it was only for the drill"]);
    bench.says("dana", &["open", "2.5.0", "--at", "23:59"]);
    let listed = bench.says("raj", &["drill"]);
    assert!(listed.contains("attempt 1 PASSED") && listed.contains("next due in Q"), "{listed}");
}
