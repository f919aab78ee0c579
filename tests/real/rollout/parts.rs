//! Two components in one release: nginx behind a real HAProxy, and a worker process beside it on two of the same hosts.

use std::{fs, path::PathBuf, process::Command};

use super::{
    load::{Load, ask},
    site::Site,
};

/// The worker notes when it began, and for which version; a bad one ends at once.
fn worker(site: &Site, version: &str, good: bool) {
    let dir = site.bench.path(&format!("worker-{version}"));
    fs::create_dir_all(&dir).unwrap();
    let ends = if good { "exec sleep 100000" } else { "echo no queue >&2; exit 3" };
    fs::write(dir.join("work.sh"), format!("date +%s%N > \"$1/began-{version}\"\n{ends}\n")).unwrap();
    let archive = site.bench.project().join("dist").join(format!("worker-{version}.tar.gz"));
    let done =
        Command::new("tar").arg("-C").arg(&dir).arg("-czf").arg(archive).arg("work.sh").status().unwrap();
    assert!(done.success());
}

fn began(site: &Site, host: &str, version: &str) -> Option<u128> {
    let file: PathBuf = site.bench.path("hosts").join(format!("job-{host}")).join(format!("began-{version}"));
    fs::read_to_string(file).ok()?.trim().parse().ok()
}

fn runs(status: &serde_json::Value) -> Vec<(String, String)> {
    let hosts = status["hosts"].as_array().unwrap();
    let text = |value: &serde_json::Value| value.as_str().unwrap_or("-").to_owned();
    hosts.iter().map(|host| (text(&host["name"]), text(&host["runs"]))).collect()
}

fn all(status: &serde_json::Value, version: &str) -> bool {
    runs(status).iter().all(|(_, runs)| runs == version)
}

/// When the first host of web was done with this release, to the second and in nanoseconds. In the record no worker
/// began before that.
fn first_web(site: &Site) -> u128 {
    let record = site.bench.run(&["record", "show", "--json"]);
    let record = String::from_utf8_lossy(&record.stdout).into_owned();
    let lines = record.lines().filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok());
    let mut first = None;
    for line in lines {
        let of = |fact: &str| line["event"]["rollout"][fact]["unit"].as_str().unwrap_or_default().to_owned();
        if first.is_none() {
            assert!(
                !of("lane-started").starts_with("worker@"),
                "a worker began before a host of web was done"
            );
            first = of("unit-done").starts_with("web@").then(|| line["at"].as_str().unwrap().to_owned());
        }
    }
    let at = first.expect("a host of web is done").replace(" UTC", "Z");
    u128::try_from(at.parse::<jiff::Timestamp>().unwrap().as_nanosecond()).unwrap()
}

fn site() -> Site {
    let site = Site::new();
    let hosts: Vec<String> = ["web-01", "web-02"].iter().map(|name| format!("\"{name}\"")).collect();
    site.replace_in_plan(
        "[environments.production]\nhosts = [",
        &format!(
            "[components.web]\n[components.worker]\nafter = \"web\"\n\
             artifact = {{ source = \"dist/worker-{{version}}.tar.gz\" }}\n\
             driver = {{ kind = \"local\", dir = \"{}/job-{{name}}\", start = [\"sh\", \"{{dir}}/current/work.sh\", \"{{dir}}\"] }}\n\
             alive = \"none\"\nself_test = \"none\"\nbalanced = false\n\n\
             [environments.production]\nhosts.worker = [{}]\nhosts.web = [",
            site.bench.path("hosts").display(),
            hosts.join(", ")
        ),
    );
    site
}

/// Both components go out in one release and come back in one rollback, and no request fails. A worker begins only
/// after the first host of web serves the new version.
#[test]
fn web_and_its_workers_go_out_and_come_back_together() {
    let site = site();
    let bench = &site.bench;
    site.release("2.4.0", "db-5432");
    worker(&site, "2.4.0", true);
    bench.to_go("2.4.0");
    let plan = bench.says("raj", &["rollout", "plan"]);
    for words in ["web@web-01", "worker@web-02", "2 hosts, 1 at once", "waits for the first healthy web host"]
    {
        assert!(plan.contains(words), "{words}: {plan}");
    }
    bench.says("raj", &["start"]);
    let status = bench.until("verified", |status| status["phase"] == "verified");
    assert!(all(&status, "2.4.0"), "{:?}", runs(&status));
    assert_eq!(status["hosts"][4]["component"], "worker");
    assert!(
        began(&site, "web-01", "2.4.0").unwrap() > first_web(&site),
        "a first deploy keeps the order, too"
    );
    bench.says("dana", &["close"]);

    site.release("2.5.0", "db-5432");
    worker(&site, "2.5.0", true);
    bench.to_go("2.5.0");
    let load = Load::on(site.front);
    bench.says("raj", &["start"]);
    bench.until("who waits for whom", |status| {
        let waits = status["waits"][0].as_str();
        waits == Some("worker waits for the first healthy web host: 0 of 1")
            || began(&site, "web-01", "2.5.0").is_some()
    });
    let status = bench.until("verified", |status| status["phase"] == "verified");
    assert!(all(&status, "2.5.0"), "{:?}", runs(&status));
    for host in ["web-01", "web-02"] {
        assert!(began(&site, host, "2.5.0").unwrap() > first_web(&site), "{host} did not wait");
    }
    let (asked, failed) = load.end();
    assert_eq!(failed, Vec::<String>::new(), "of {asked} requests");
    bench.says("dana", &["close"]);

    // The worker of the next one ends at once: one rollback brings web back as well.
    site.release("2.5.1", "db-5432");
    worker(&site, "2.5.1", false);
    bench.to_go("2.5.1");
    let load = Load::on(site.front);
    bench.says("raj", &["start"]);
    let status = bench.until("somebody is needed", |status| {
        status["needs_human"].as_array().is_some_and(|it| !it.is_empty())
    });
    let said = status["needs_human"].to_string();
    // Whichever of the two ends first.
    assert!(said.contains("worker@web-0"), "{said}");
    assert!(runs(&status).contains(&("web@web-01".into(), "2.5.1".into())), "{:?}", runs(&status));
    bench.says("raj", &["rollback"]);
    let status = bench.until("rolled back", |status| status["phase"] == "rolled back");
    assert!(all(&status, "2.5.0"), "{:?}", runs(&status));
    let (asked, failed) = load.end();
    assert_eq!(failed, Vec::<String>::new(), "of {asked} requests");
    assert_eq!(ask(site.front, "/").unwrap(), "shop 2.5.0\n");
    bench.says("dana", &["close"]);
    let verified = bench.run(&["record", "verify"]);
    assert!(verified.status.success(), "{}", String::from_utf8_lossy(&verified.stderr));
}
