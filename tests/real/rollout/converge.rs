//! Agents that read a store: a real HTTP store, a store of commands, and real agent processes.

use std::{fmt::Write as _, fs};

use serde_json::Value;

use super::{
    agents::{Fleet, HOSTS, HttpStore},
    bench::Bench,
};

/// A project whose hosts agents change, by this store and strategy.
fn project(bench: &Bench, fleet: &Fleet, store: &str, strategy: &str) {
    fs::create_dir_all(bench.project().join("dist")).unwrap();
    for version in ["2.4.0", "2.5.0", "2.6.0"] {
        fs::write(bench.project().join(format!("dist/shop-{version}.tar.gz")), version).unwrap();
    }
    fs::write(bench.project().join("RELEASE.md"), "# Before\n- [ ] support is told @operations (T-1d)\n")
        .unwrap();
    let mut hosts = String::new();
    for (host, port) in HOSTS.iter().zip(&fleet.ports) {
        write!(hosts, "{{ name = \"{host}\", address = \"127.0.0.1\", port = {port} }}, ").unwrap();
    }
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
hosts = [{hosts}]
capacity = {{ min_healthy = 1 }}
deadlines = {{ min_healthy_time = "300ms", healthy_deadline = "30s", progress_deadline = "60s" }}
[environments.production.driver]
kind = "converge"
every = "1s"
tolerance = "20s"
store = {store}
agents = {{ url = "http://{{host}}:{{port}}/agent", headers = {{ X-Asks = "golive" }} }}
nudge = ["touch", "{nudged}"]

[checks.alive]
http = "http://{{host}}:{{port}}/version"
version_pointer = "/version"
[checks.smoke]
exec = ["true"]

[[stages]]
name = "production"
environment = "production"
strategy = {strategy}
validations = ["smoke"]
promote = "automatic"

[poll]
seats = [{{ role = "engineering" }}, {{ role = "operations" }}]

[plan_b]
decides = "dana"
"#,
        nudged = bench.path("nudged").display(),
    );
    fs::write(bench.project().join("golive.toml"), plan).unwrap();
}

fn runs(status: &Value) -> Vec<&str> {
    (0..HOSTS.len()).filter_map(|at| status["hosts"][at]["runs"].as_str()).collect()
}

fn calls(status: &Value) -> String {
    status["needs_human"]
        .as_array()
        .filter(|list| !list.is_empty())
        .map_or_else(String::new, |_| status["needs_human"].to_string())
}

fn standing(status: &Value, host: usize) -> &str {
    status["hosts"][host]["agent"]["standing"].as_str().unwrap_or_default()
}

/// The release before is live on every host by its agents.
fn live(bench: &Bench, version: &str) {
    bench.to_go(version);
    bench.says("raj", &["start"]);
    let status = bench.until("verified", |status| status["phase"] == "verified");
    assert_eq!(runs(&status), [version; 3]);
    bench.says("dana", &["close"]);
}

/// Three hosts whose agents read one key of an HTTP store; 2.4.0 is live.
fn with_one_key() -> (HttpStore, Bench, Fleet) {
    let store = HttpStore::start();
    let bench = Bench::new();
    let url = format!("http://{}/desired/production", store.address());
    let fleet = Fleet::start(&bench.path("hosts"), &url);
    let declared =
        "{ kind = \"http\", url = \"URL\" }".replace("URL", &url.replace("production", "{environment}"));
    project(&bench, &fleet, &declared, "{ kind = \"converge\", all_at_once = true }");
    live(&bench, "2.4.0");
    (store, bench, fleet)
}

/// [W13] [W15] Set by compare-and-set, with who and when; what somebody else set meanwhile is a conflict that is shown and
/// not overwritten; a host changed by hand is shown as drifted within a cycle, and counted.
#[test]
fn agents_install_what_the_store_says_and_nobody_is_overwritten() {
    let (mut store, bench, fleet) = with_one_key();
    let held = store.held("/desired/production");
    assert_eq!((held["version"].as_str(), held["by"].as_str()), (Some("2.4.0"), Some("raj")), "{held}");
    assert!(held["at"].as_str().is_some_and(|at| at.ends_with('Z')), "{held}");

    // Somebody else sets another version between the decision and the start.
    bench.to_go("2.5.0");
    let plan = bench.says("raj", &["rollout", "plan"]);
    assert!(plan.contains("set 2.5.0 for 3 hosts: web-01, web-02, web-03"), "{plan}");
    assert!(plan.contains("≤1 s to converge, agents are nudged"), "{plan}");
    store.set("/desired/production", "2.4.9", "lee");
    bench.says("raj", &["start"]);
    let status = bench.until("a conflict", |status| !calls(status).is_empty());
    let said = calls(&status);
    assert!(said.contains("conflict") && said.contains("2.4.9, set by lee at 13:50:02"), "{said}");
    assert_eq!(store.held("/desired/production")["by"], "lee", "nothing was overwritten");
    let agents = &status["stages"][0]["agents"];
    assert_eq!(
        (agents["desired"].as_str(), agents["set_by"].as_str()),
        (Some("2.4.9"), Some("lee")),
        "{agents}"
    );

    // A person who was shown that decides to go over it.
    let refused = bench.run(&["--as", "raj", "rollout", "try", "--desired", "production"]);
    let refused = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(refused.contains("--over 2, which replaces it"), "{refused}");
    bench.says("raj", &["rollout", "try", "--desired", "production", "--over", "2"]);
    let status = bench.until("verified", |status| status["phase"] == "verified");
    assert_eq!(
        (runs(&status), store.held("/desired/production")["by"].as_str()),
        (vec!["2.5.0"; 3], Some("raj"))
    );
    assert_eq!(status["stages"][0]["agents"]["converged"], 3);

    // A host is changed by hand while its agent does not look: it has drifted, until the agent looks again.
    fleet.silent("web-02", true);
    fleet.by_hand("web-02", "2.4.0");
    let status = bench.until("drifted", |status| standing(status, 1) == "drifted");
    assert_eq!(status["stages"][0]["agents"]["drifted"], 1, "{status:#}");
    fleet.silent("web-02", false);
    let status = bench.until("mended", |status| standing(status, 1) == "converged");
    assert_eq!(status["stages"][0]["agents"]["drifts"], 1);

    // The store dies: what agents are told is not known, and is not shown as what was read last.
    store.end();
    let status = bench.until("unreadable", |status| status["stages"][0]["agents"]["store"] == "unreadable");
    assert_eq!(status["hosts"][0]["agent"]["desired"], Value::Null, "{status:#}");
    assert!(bench.says("raj", &["status"]).contains("CAN'T BE READ"));
    store.serve();
    bench.until("read again", |status| status["stages"][0]["agents"]["store"] == "read");
    bench.says("dana", &["close"]);
}

/// Each host has a key of its own: one is told first, then the others; and the way back is told to all at once, with the
/// time that it may take, and agents are nudged.
#[test]
fn a_batch_is_told_before_the_next_one_and_a_rollback_converges_back() {
    let store = HttpStore::start();
    let bench = Bench::new();
    let url = format!("http://{}/desired/{{name}}", store.address());
    let fleet = Fleet::start(&bench.path("hosts"), &url);
    let declared = "{ kind = \"http\", url = \"URL\" }".replace("URL", &url);
    project(&bench, &fleet, &declared, "{ kind = \"converge\", batches = [1, 2] }");
    live(&bench, "2.4.0");
    bench.to_go("2.5.0");
    // The second host's agent does not look: the second batch stays where it is.
    fleet.silent("web-02", true);
    bench.says("raj", &["start"]);
    let status = bench.until("the second batch", |status| {
        standing(status, 2) == "converged" && standing(status, 1) == "converging"
    });
    assert_eq!(runs(&status), ["2.5.0", "2.4.0", "2.5.0"]);
    assert_eq!(store.held("/desired/web-02")["version"], "2.5.0");
    let ready = &status["stages"][0]["rollback"]["agents"];
    assert_eq!(
        (ready["every"].as_u64(), ready["nudge"].as_bool()),
        (Some(1_000_000), Some(true)),
        "{status:#}"
    );
    bench.says("raj", &["rollback"]);
    let status = bench.until("all are told", |status| standing(status, 1) == "converging");
    assert_eq!(status["phase"], "rolling back", "{status:#}");
    fleet.silent("web-02", false);
    let status = bench.until("rolled back", |status| status["phase"] == "rolled back");
    assert_eq!(runs(&status), ["2.4.0"; 3]);
    assert!(bench.path("nudged").exists(), "the agents were nudged");
    for host in HOSTS {
        assert_eq!(store.held(&format!("/desired/{host}"))["version"], "2.4.0");
    }
}

/// One key that somebody else has set keeps no other from being set, and is replaced only where it is named.
#[test]
fn one_key_that_somebody_else_set_keeps_no_other_from_being_set() {
    let store = HttpStore::start();
    let bench = Bench::new();
    let url = format!("http://{}/desired/{{name}}", store.address());
    let fleet = Fleet::start(&bench.path("hosts"), &url);
    let declared = "{ kind = \"http\", url = \"URL\" }".replace("URL", &url);
    project(&bench, &fleet, &declared, "{ kind = \"converge\", batches = [2, 1] }");
    live(&bench, "2.4.0");
    bench.to_go("2.5.0");
    fleet.silent("web-01", true);
    store.set("/desired/web-01", "2.4.9", "lee");
    bench.says("raj", &["start"]);
    let status = bench.until("a conflict", |status| !calls(status).is_empty());
    assert!(calls(&status).contains("for web-01, not 2.4.0; set for 1 other host"), "{status:#}");
    assert!(!calls(&status).contains("the desired version is not set"), "{status:#}");
    assert_eq!(store.held("/desired/web-02")["version"], "2.5.0", "what nobody disputes is set");
    assert_eq!(store.held("/desired/web-01")["by"], "lee");
    let refused = bench.run(&["--as", "raj", "rollout", "try", "--desired", "production"]);
    let refused = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(refused.contains("web-01 holds 2.4.9, set by lee at 13:50:02"), "{refused}");
    assert!(refused.contains("--over web-01=2, which replaces it"), "{refused}");
    bench.says("raj", &["rollout", "try", "--desired", "production", "--over", "web-01=2"]);
    fleet.silent("web-01", false);
    let status = bench.until("verified", |status| status["phase"] == "verified");
    assert_eq!(runs(&status), ["2.5.0"; 3]);
    bench.says("dana", &["close"]);
}

/// What `get` prints and `set` compares, under a lock of its own.
const STORE: &str = r#"set -eu
file=FILE
case $1 in
get) [ ! -f "$file" ] || cat "$file" ;;
set)
  now=$(cat "$file" 2>/dev/null || true)
  case $now in
  *"\"revision\": \"$GOLIVE_REVISION\""*) ;;
  "") [ -z "$GOLIVE_REVISION" ] ;;
  *) exit 9 ;;
  esac
  printf '{"version": "%s", "digest": "%s", "revision": "%s", "by": "%s", "at": "%s"}\n' \
    "$GOLIVE_VERSION" "$GOLIVE_DIGEST" "r$GOLIVE_VERSION" "$GOLIVE_BY" "$GOLIVE_AT" > "$file.new"
  mv "$file.new" "$file"
  ;;
esac
"#;

#[test]
fn a_store_of_commands_is_compared_and_set_too() {
    let bench = Bench::new();
    let (file, script) = (bench.path("desired"), bench.path("store.sh"));
    fs::create_dir_all(bench.path("hosts")).unwrap();
    fs::write(&script, STORE.replace("FILE", file.to_str().unwrap())).unwrap();
    let fleet = Fleet::start(&bench.path("hosts"), file.to_str().unwrap());
    let argv = |verb: &str| format!("[\"sh\", \"{}\", \"{verb}\"]", script.display());
    let declared = format!("{{ kind = \"exec\", get = {}, set = {} }}", argv("get"), argv("set"));
    project(&bench, &fleet, &declared, "{ kind = \"converge\", all_at_once = true }");
    live(&bench, "2.4.0");
    bench.to_go("2.5.0");
    let lee = "{\"version\": \"2.4.9\", \"revision\": \"r7\", \"by\": \"lee\", \"at\": \"13:50\"}\n";
    fs::write(&file, lee).unwrap();
    bench.says("raj", &["start"]);
    let status = bench.until("a conflict", |status| !calls(status).is_empty());
    assert!(calls(&status).contains("2.4.9, set by lee at 13:50"), "{status:#}");
    assert_eq!(fs::read_to_string(&file).unwrap(), lee);
    bench.says("raj", &["rollout", "try", "--desired", "production", "--over", "r7"]);
    let status = bench.until("verified", |status| status["phase"] == "verified");
    assert_eq!(runs(&status), ["2.5.0"; 3]);
    bench.says("dana", &["close"]);
}

/// A weak `ETag` may stay the same over a change: nothing is set by it, and what helps is said, before the start too.
#[test]
fn a_store_that_tells_only_a_weak_etag_is_not_set_and_says_why() {
    let (mut store, bench, _fleet) = with_one_key();
    assert!(bench.says("raj", &["check"]).contains("strong ETag"));
    store.weak.store(true, std::sync::atomic::Ordering::SeqCst);
    bench.to_go("2.5.0");
    let plan = bench.says("raj", &["rollout", "plan"]);
    assert!(
        plan.contains("CONFLICT") && plan.contains("the store tells no revision for production"),
        "{plan}"
    );
    bench.says("raj", &["start"]);
    let status = bench.until("refused", |status| !calls(status).is_empty());
    assert!(calls(&status).contains("a weak one, W/"), "{}", calls(&status));
    assert_eq!(store.held("/desired/production")["version"], "2.4.0", "nothing was set");
    store.weak.store(false, std::sync::atomic::Ordering::SeqCst);
    let said = bench.says("raj", &["rollout", "try", "--desired", "production"]);
    assert!(said.contains("began to set 2.5.0"), "{said}");
    bench.until("verified", |status| status["phase"] == "verified");
    store.end();
}
