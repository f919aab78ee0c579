//! `golive rehearse` as a user starts it: the plan of hosts that don't exist, played to its end on stand-ins, and known to
//! the project afterwards.

use std::{fs, process::Command};

use serde_json::Value;

use crate::demo_ground::{Ground, program};

/// Nothing of it can be reached: whatever is done in a rehearsal was not done to these.
const PLAN: &str = r#"
[project]
name = "shop"

[people]
dana = { login = "LOGIN", roles = ["decider", "engineering", "deployer"] }

[artifact]
source = "/nowhere/shop-{version}"

[environments.beta]
kind = "staging"
driver = { kind = "exec", verbs = { install = ["/nowhere/install", "{name}"], start = ["/nowhere/start"], stop = ["/nowhere/stop"] } }
hosts = ["beta-1.invalid"]
deadlines = { min_healthy_time = "1s", healthy_deadline = "2m", progress_deadline = "3m" }

[environments.production]
driver = { kind = "exec", verbs = { observe = ["/nowhere/observe"], install = ["/nowhere/install", "{name}"], start = ["/nowhere/start"], stop = ["/nowhere/stop"] } }
balancer = { kind = "haproxy", socket = "/nowhere/socket", backend = "web", drain_timeout = "5s" }
capacity = { max_parallel = 1, min_healthy = 2 }
deadlines = { min_healthy_time = "1s", healthy_deadline = "2m", progress_deadline = "3m" }
hosts = ["web-1.invalid", "web-2.invalid", "web-3.invalid"]

[checks]
alive = { http = "http://{host}:8080/alive", retries = 3, interval = "1s", timeout = "5s" }
smoke = { exec = ["/nowhere/smoke"], timeout = "30s" }

[[stages]]
name = "beta"
environment = "beta"
validations = ["smoke"]
promote = "automatic"

[[stages]]
name = "production"
environment = "production"
strategy = { kind = "rolling", batches = [1, 1] }
validations = ["smoke"]
bake = "10m"

[poll]
seats = [{ role = "engineering" }]
"#;

pub struct Team {
    ground: Ground,
    dir: tempfile::TempDir,
}

impl Team {
    pub fn new() -> Self {
        Self::with(PLAN)
    }

    fn with(plan: &str) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let user = Command::new("id").arg("-un").output().unwrap();
        let plan = plan.replace("LOGIN", String::from_utf8(user.stdout).unwrap().trim());
        fs::write(dir.path().join("golive.toml"), plan).unwrap();
        Self { ground: Ground::new(), dir }
    }

    pub fn dir(&self) -> &std::path::Path {
        self.dir.path()
    }

    /// What a golive finds that is started here.
    pub fn environment(&self) -> Vec<(&'static str, String)> {
        let text = |path: &std::path::Path| path.to_str().unwrap().to_owned();
        let elsewhere = self.ground.variables().into_iter().filter(|(name, _)| *name != "GOLIVE_DATA_DIR");
        let data = ("GOLIVE_DATA_DIR", text(&self.dir.path().join("data")));
        elsewhere.map(|(name, path)| (name, text(path))).chain([data]).collect()
    }

    pub async fn nothing_runs(&self) {
        self.ground.assert_nothing_runs().await;
    }

    fn golive(&self, words: &[&str]) -> (i32, String) {
        let data = self.dir.path().join("data");
        let mut command = Command::new(program());
        command.args(words).arg("--data-dir").arg(data).current_dir(self.dir.path());
        let out = command.envs(self.ground.variables()).output().unwrap();
        let text = String::from_utf8(out.stdout).unwrap() + &String::from_utf8(out.stderr).unwrap();
        (out.status.code().unwrap(), text)
    }
}

impl Drop for Team {
    fn drop(&mut self) {
        // The project's own conductor wrote the rehearsal down.
        self.golive(&["conductor", "stop"]);
    }
}

/// [P40] A plan whose hosts nobody can reach is played to live and back: every line says REHEARSAL, no request fails,
/// the project keeps what it took, and nothing is left running.
#[tokio::test]
async fn a_plan_is_rehearsed_on_stand_ins_and_the_project_knows_of_it() {
    let team = Team::new();
    let (status, told) = team.golive(&["rehearse", "2.5.0", "--waits", "1s", "--json"]);
    assert_eq!(status, 0, "{told}");
    let last: Value = serde_json::from_str(told.lines().last().unwrap()).unwrap();
    assert_eq!((&last["passed"], &last["kept"]), (&true.into(), &true.into()), "{last}");
    assert_eq!(last["hosts"], serde_json::json!([4, 4]), "{last}");
    assert_eq!(last["requests"][1], 0, "{last}");
    assert!(last["requests"][0].as_u64().unwrap() > 0, "{last}");
    assert_eq!(last["back"]["hosts"], 3, "{last}");
    let parts: Vec<&str> =
        last["parts"].as_array().unwrap().iter().filter_map(|it| it["what"].as_str()).collect();
    assert!(parts.contains(&"batch 1 of 3: 1 host") && parts.contains(&"bake"), "{parts:?}");
    let otherwise = last["otherwise"].to_string();
    assert!(otherwise.contains("each cut to 1 s: production bake 10 min"), "{otherwise}");
    // The record is another one than the project's, and says what it is of.
    let record = last["record"].as_str().unwrap();
    let words: Vec<&str> = record.split(' ').skip(1).collect();
    let mut report = Command::new(program());
    report.args(&words).args(["report", "--json"]).envs(team.ground.variables());
    let report = report.output().unwrap();
    let report: Value = serde_json::from_slice(&report.stdout).unwrap();
    assert_eq!(
        (&report["mode"], &report["ending"]),
        (&"REHEARSAL".into(), &"rolled back".into()),
        "{report}"
    );
    let (_, sessions) = team.golive(&["sessions"]);
    assert!(!sessions.contains("2.5.0"), "no go-live took place: {sessions}");
    team.ground.assert_nothing_runs().await;
}

/// [O32] Strategies can be rehearsed, each to where all of it is live and back: a timed record, marked REHEARSAL.
#[tokio::test]
async fn every_strategy_can_be_rehearsed() {
    let sides = r#"colours.blue = { hosts = ["web-1.invalid", "web-2.invalid"] }
colours.green = { hosts = ["web-3.invalid", "web-4.invalid"] }"#;
    let clouds = r#"clouds.a = { role = "primary", hosts = ["web-1.invalid", "web-2.invalid"] }
clouds.b = { role = "secondary", hosts = ["web-3.invalid", "web-4.invalid"] }"#;
    let hosts = r#"hosts = ["web-1.invalid", "web-2.invalid", "web-3.invalid"]"#;
    let rolling = r#"strategy = { kind = "rolling", batches = [1, 1] }"#;
    for (strategy, others, marks) in [
        (r#"strategy = { kind = "stop-all" }"#, vec![("min_healthy = 2", "min_healthy = 0")], "downtime"),
        (
            r#"strategy = { kind = "canary", steps = [{ weight = 30 }, { pause = "10m" }, { pause = "human" }] }"#,
            vec![],
            "pause",
        ),
        (
            r#"strategy = { kind = "canary", steps = [{ weight = 30 }] }"#,
            vec![("\"web-3.invalid\"]", "{ name = \"web-3.invalid\", spare = true }]")],
            "30 %: 1 host",
        ),
        (
            r#"strategy = { kind = "blue-green", validate = ["alive"], soak = "10m" }"#,
            vec![(hosts, sides), ("max_parallel = 1, ", "")],
            "soak",
        ),
        (
            r#"strategy = { kind = "zero-downtime", verify = ["alive"], pause = { before = ["switch"] } }"#,
            vec![(hosts, clouds), ("max_parallel = 1, ", "")],
            "traffic shifts",
        ),
    ] {
        let plan =
            others.into_iter().fold(PLAN.replace(rolling, strategy), |plan, (was, is)| plan.replace(was, is));
        let team = Team::with(&plan);
        let (status, told) = team.golive(&["rehearse", "2.5.0", "--waits", "1s", "--json"]);
        assert_eq!(status, 0, "{strategy}: {told}");
        let last: Value = serde_json::from_str(told.lines().last().unwrap()).unwrap();
        assert_eq!(
            (&last["passed"], &last["requests"][1].is_u64()),
            (&true.into(), &true),
            "{strategy}: {last}"
        );
        let parts = last["parts"].as_array().unwrap();
        let marked = parts.iter().find(|it| it["what"].as_str().unwrap().contains(marks));
        assert!(marked.is_some_and(|it| it["took_ms"].as_u64().unwrap() > 0), "{strategy}: {last}");
        team.ground.assert_nothing_runs().await;
    }
}

/// A stage without traffic is tested without an alarm, and hosts that have less time than the balancer's commands are
/// played in theirs: what a rehearsal stands in for is in nobody's way.
#[tokio::test]
async fn a_stage_without_traffic_and_short_deadlines_are_rehearsed() {
    let haproxy = |of: &str, drain: &str| {
        format!(
            r#"balancer = {{ kind = "haproxy", socket = "/nowhere/{of}", backend = "web", drain_timeout = "{drain}" }}"#
        )
    };
    let quiet = format!("hosts = [\"beta-1.invalid\"]\ntraffic = \"none\"\n{}", haproxy("beta", "5s"));
    let exec = r#"balancer = { kind = "exec", drain = ["/nowhere/drain"], ready = ["/nowhere/ready"], observe = ["/nowhere/pool"] }"#;
    let plan = PLAN.replace("hosts = [\"beta-1.invalid\"]", &quiet).replace(&haproxy("socket", "5s"), exec);
    let plan = plan.replace("healthy_deadline = \"2m\"", "healthy_deadline = \"30s\"");
    assert!(plan.contains("traffic = \"none\"") && plan.contains(exec), "{plan}");
    let team = Team::with(&plan);
    let (status, told) = team.golive(&["rehearse", "2.5.0", "--waits", "1s", "--json"]);
    assert_eq!(status, 0, "{told}");
    let last: Value = serde_json::from_str(told.lines().last().unwrap()).unwrap();
    assert_eq!((&last["passed"], &last["hosts"]), (&true.into(), &serde_json::json!([4, 4])), "{last}");
    team.ground.assert_nothing_runs().await;
}

/// What agents change is rehearsed with agents and a store of the rehearsal's own: told batch by batch, watched until each
/// has converged, and back; the team's store is not touched.
#[tokio::test]
async fn what_agents_change_is_rehearsed_with_agents() {
    let driver = r#"driver = { kind = "converge", every = "5m", store = { kind = "http", url = "http://nowhere.invalid/desired/{name}" }, agents = { url = "http://nowhere.invalid/agents/{name}" } }
capacity"#;
    let from = PLAN.rfind("driver = ").unwrap();
    let to = PLAN[from..].find("capacity").unwrap() + from;
    let plan = format!("{}{driver}{}", &PLAN[..from], &PLAN[to + "capacity".len()..]);
    let plan =
        plan.replace(r#"kind = "rolling", batches = [1, 1]"#, r#"kind = "converge", batches = [1, 2]"#);
    let plan = plan.replace("progress_deadline = \"3m\"", "progress_deadline = \"15m\"");
    let plan = plan.replace("max_parallel = 1, min_healthy = 2", "min_healthy = 1");
    let team = Team::with(&plan);
    let (status, told) = team.golive(&["rehearse", "2.5.0", "--waits", "1s", "--json"]);
    assert_eq!(status, 0, "{told}");
    let last: Value = serde_json::from_str(told.lines().last().unwrap()).unwrap();
    assert_eq!((&last["passed"], &last["kept"]), (&true.into(), &true.into()), "{last}");
    assert_eq!(last["hosts"], serde_json::json!([4, 4]), "{last}");
    assert_eq!(last["back"]["hosts"], 3, "{last}");
    let otherwise = last["otherwise"].to_string();
    assert!(otherwise.contains("agents and a store of the rehearsal's own"), "{otherwise}");
    let parts = last["parts"].as_array().unwrap();
    let first = parts.iter().find(|it| it["what"].as_str().unwrap().contains("batch 1 of 2"));
    assert!(first.is_some_and(|it| it["took_ms"].as_u64().unwrap() > 0), "{last}");
    team.ground.assert_nothing_runs().await;
}

/// Several components are rehearsed on processes of their own each, behind the barrier between them, and back.
#[tokio::test]
async fn several_components_are_rehearsed() {
    let parts = r#"
[components.web]
[components.worker]
after = "web"
artifact = { source = "/nowhere/worker-{version}" }
driver = { kind = "local", dir = "/nowhere/job-{name}", start = ["/nowhere/work"] }
alive = "none"
self_test = "none"
balanced = false

[environments.beta]"#;
    let plan = PLAN.replace("\n[environments.beta]", parts);
    let plan = plan.replace(
        r#"hosts = ["web-1.invalid", "web-2.invalid", "web-3.invalid"]"#,
        "hosts.web = [\"web-1.invalid\", \"web-2.invalid\", \"web-3.invalid\"]\nhosts.worker = [\"job-1.invalid\", \"web-1.invalid\"]",
    );
    let plan = plan
        .replace("batches = [1, 1]", "batches = [2, 1]")
        .replace("min_healthy = 2", "min_healthy = \"50%\"");
    let team = Team::with(&plan);
    let (status, told) = team.golive(&["rehearse", "2.5.0", "--waits", "1s", "--json"]);
    assert_eq!(status, 0, "{told}");
    let last: Value = serde_json::from_str(told.lines().last().unwrap()).unwrap();
    assert_eq!((&last["passed"], &last["kept"]), (&true.into(), &true.into()), "{last}");
    // Of beta each host is both.
    assert_eq!(last["hosts"], serde_json::json!([7, 7]), "{last}");
    assert_eq!(last["back"]["hosts"], 5, "{last}");
    assert_eq!(last["requests"][1], 0, "{last}");
    let otherwise = last["otherwise"].to_string();
    assert!(otherwise.contains("each on processes of its own: web, worker"), "{otherwise}");
    team.ground.assert_nothing_runs().await;
}

/// [P40] A rehearsal that a bad release stops is told as such, and so is that it shows nothing more.
#[tokio::test]
async fn a_rehearsal_that_is_stopped_by_the_release_falls_short() {
    let team = Team::new();
    let words = ["rehearse", "2.6.0", "--waits", "1s", "--fault", "crash@web-2.invalid", "--plain"];
    let (status, told) = team.golive(&words);
    assert_eq!(status, 4, "{told}");
    let unmarked: Vec<&str> =
        told.lines().filter(|line| !line.starts_with("REHEARSAL ") && !line.starts_with("  ")).collect();
    assert_eq!(unmarked, [""; 0]);
    assert!(told.contains("FELL SHORT: production was not passed, it ended rolled back"), "{told}");
    // What was found is said as items: put into a checklist of the team's they are asked for before the go-live.
    let found = |line: &&str| line.contains("- [ ] rehearsal-");
    let items: Vec<&str> =
        told.lines().filter(found).map(|line| &line[line.find("- [ ]").unwrap()..]).collect();
    assert_eq!(items.len(), 1, "{told}");
    fs::write(team.dir.path().join("FOUND.md"), items.join("\n")).unwrap();
    let plan = fs::read_to_string(team.dir.path().join("golive.toml")).unwrap();
    let count = |told: &str| told.split(", ").last().and_then(|it| it.split(' ').next()?.parse::<u32>().ok());
    let (_, before) = team.golive(&["check", "--plain"]);
    let with = plan.replace("name = \"shop\"", "name = \"shop\"\nchecklists = [\"basic\", \"FOUND.md\"]");
    fs::write(team.dir.path().join("golive.toml"), with).unwrap();
    let (_, after) = team.golive(&["check", "--plain"]);
    let first = |told: &str| count(told.lines().next().unwrap()).unwrap();
    assert_eq!(first(&after), first(&before) + 1, "{before}{after}");
    team.ground.assert_nothing_runs().await;
}
