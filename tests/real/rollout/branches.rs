//! Stages beside each other on real processes: two environments bake at the same time, across a kill -9 of the conductor.

use std::{fmt::Write as _, fs};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use super::site::Site;

/// How long beta and gamma bake each, in microseconds.
const BAKE: u64 = 20_000_000;

/// alpha → beta, gamma → production, a host each.
fn plan(site: &Site) -> String {
    let dir = site.bench.path("hosts");
    let mut text = "[project]\nname = \"shop\"\nchecklists = [\"RELEASE.md\"]\n\n[people]\n\
        dana = { roles = [\"decider\", \"engineering\"] }\nraj = { roles = [\"operations\", \"deployer\"] }\n\n\
        [artifact]\nsource = \"dist/shop-{version}.tar.gz\"\n\n"
        .to_owned();
    let places = ["alpha", "beta", "gamma", "production"];
    for (at, (name, port)) in places.iter().zip(&site.ports).enumerate() {
        let kind = if *name == "production" { "production" } else { "test" };
        write!(text, "[environments.{name}]\nkind = \"{kind}\"\n\
             hosts = [{{ name = \"web-0{}\", address = \"127.0.0.1\", port = {port} }}]\n\
             driver = {{ kind = \"local\", dir = \"{}/{{name}}\", start = [\"nginx\", \"-p\", \"{{dir}}/current/\", \"-c\", \"conf/nginx.conf\"] }}\n\
             capacity = {{ min_healthy = 0 }}\n\
             deadlines = {{ min_healthy_time = \"500ms\", healthy_deadline = \"30s\", progress_deadline = \"60s\" }}\n\n",
            at + 1,
            dir.display(),
        ).unwrap();
    }
    text += "[checks.alive]\nhttp = \"http://{host}:{port}/is_alive\"\nversion_pointer = \"/version\"\n\
        [checks.smoke]\nhttp = \"http://{host}:{port}/\"\n\n";
    for (name, after, bake) in [
        ("production", "[\"beta\", \"gamma\"]", "1s"),
        ("gamma", "[\"alpha\"]", "20s"),
        ("beta", "[\"alpha\"]", "20s"),
        ("alpha", "[]", "1s"),
    ] {
        write!(
            text,
            "[[stages]]\nname = \"{name}\"\nenvironment = \"{name}\"\nafter = {after}\nbake = \"{bake}\"\n\
             validations = [\"smoke\"]\npromote = \"automatic\"\n\n"
        )
        .unwrap();
    }
    text + "[poll]\nbefore = \"production\"\n\
        seats = [{ role = \"engineering\" }, { role = \"operations\" }]\n\n[plan_b]\ndecides = \"dana\"\n"
}

fn stands(status: &Value, stage: &str) -> String {
    let all = status["stages"].as_array().unwrap();
    all.iter().find(|it| it["name"] == stage).unwrap()["state"].as_str().unwrap().to_owned()
}

#[test]
fn two_environments_bake_beside_each_other_across_a_kill_of_the_conductor() {
    let site = Site::new();
    let bench = &site.bench;
    fs::write(bench.project().join("golive.toml"), plan(&site)).unwrap();
    site.release("2.4.0", "db-5432");
    bench.says("dana", &["open", "2.4.0", "--at", "23:59"]);
    bench.until("every host is observed", |status| {
        status["hosts"].as_array().is_some_and(|hosts| hosts.iter().all(|host| host["observed"] == true))
    });
    let pipeline = bench.says("raj", &["rollout", "pipeline"]);
    assert!(pipeline.contains("after beta, gamma"), "{pipeline}");
    let status = bench.says("dana", &["status"]);
    assert!(status.contains("production (production), after "), "{status}");
    let read = bench.status();
    let stages = read["stages"].as_array().unwrap();
    let production = stages.iter().find(|it| it["name"] == "production").unwrap();
    assert_eq!(production["after"], serde_json::json!(["beta", "gamma"]), "{production:#}");
    bench.says("raj", &["start"]);
    let planned = bench.run(&["rollout", "plan"]);
    let planned = String::from_utf8_lossy(&planned.stdout).into_owned();
    assert!(planned.contains("after") && planned.contains("alpha"), "{planned}");
    let early = bench.run(&["--as", "raj", "start", "production"]);
    let err = String::from_utf8_lossy(&early.stderr).into_owned();
    assert!(!early.status.success() && err.contains("beta") && err.contains("gamma"), "{err}");
    // Nobody starts either: alpha is promoted by golive, and the line is free in between.
    bench.until("one of them bakes", |status| {
        stands(status, "beta") == "baking" || stands(status, "gamma") == "baking"
    });
    let both = |status: &Value| stands(status, "beta") == "baking" && stands(status, "gamma") == "baking";
    bench.until("both bake", both);

    let pid = bench.conductor().and_then(Pid::from_raw).expect("a conductor");
    kill_process(pid, Signal::KILL).unwrap();
    bench.says("raj", &["conductor", "restart"]);
    let again = bench.status();
    assert!(both(&again), "both bakes go on: {again:#}");
    bench.until("both have passed", |status| {
        stands(status, "beta") == "passed" && stands(status, "gamma") == "passed"
    });
    bench.says("raj", &["item", "tick", "support-is-told"]);
    bench.says("dana", &["vote", "go"]);
    bench.says("raj", &["vote", "go"]);
    bench.says("dana", &["declare", "go", "--reason", "all is ready"]);
    bench.says("raj", &["start"]);
    bench.until("verified", |status| status["phase"] == "verified");
    let bakes = record(&bench.says("dana", &["record", "export"]));
    assert_eq!(bakes.len(), 4, "{bakes:?}");
    assert!(bakes.iter().all(|bake| bake.ended.is_some()), "each of them to its end: {bakes:?}");
    let of = |stage: &str| bakes.iter().find(|bake| bake.stage == stage).unwrap();
    let (beta, gamma) = (of("beta"), of("gamma"));
    for bake in [beta, gamma] {
        // What nobody watched does not count: it is longer by that.
        assert!(bake.ended.unwrap() - bake.began >= BAKE, "{bake:?} was cut short");
    }
    assert!(
        beta.began < gamma.ended.unwrap() && gamma.began < beta.ended.unwrap(),
        "side by side: {bakes:?}"
    );
    bench.says("dana", &["close"]);
    let verified = bench.run(&["record", "verify"]);
    assert!(verified.status.success(), "{}", String::from_utf8_lossy(&verified.stderr));
}

/// A bake as the record has it, in microseconds of the session's own time, which stands still while nobody watches.
#[derive(Debug)]
struct Bake {
    stage: String,
    began: u64,
    ended: Option<u64>,
}

/// Each stage that began to bake, and when its bake ended.
fn record(export: &str) -> Vec<Bake> {
    let mut bakes: Vec<Bake> = Vec::new();
    for line in export.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()) {
        let (text, at) = (line["body"].to_string(), line["session"].as_u64().unwrap());
        let stage = text.split_once("\"stage\":\"").and_then(|(_, rest)| rest.split('"').next());
        let Some(stage) = stage.map(str::to_owned) else { continue };
        match line["kind"].as_str().unwrap() {
            "pipeline.bake-started" => bakes.push(Bake { stage, began: at, ended: None }),
            "pipeline.bake-ended" => {
                bakes.iter_mut().find(|bake| bake.stage == stage).unwrap().ended = Some(at);
            }
            _ => {}
        }
    }
    bakes
}
