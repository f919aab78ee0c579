//! A spare host at a real balancer: it comes in for a canary, and goes out after it.

use std::{
    io::{Read as _, Write as _},
    os::unix::net::UnixStream,
    path::{Path, PathBuf},
    sync::mpsc::{RecvTimeoutError, Sender, channel},
    thread::{self, JoinHandle},
    time::Duration,
};

use super::{load::Load, site::Site};

/// The servers of HAProxy that are up and get requests.
fn serving(socket: &Path) -> Vec<String> {
    let mut stream = UnixStream::connect(socket).unwrap();
    stream.write_all(b"show servers state shop\n").unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    let cells = text.lines().filter(|line| line.contains(" shop ")).map(|line| line.split_whitespace());
    let cells = cells.map(Iterator::collect::<Vec<_>>);
    // Neither in maintenance nor drained, and found to be well.
    cells.filter(|cells| cells[5] == "2" && cells[6] == "0").map(|cells| cells[3].to_owned()).collect()
}

/// How many serve at the least, and at the most, while it looks.
struct Counted {
    over: Sender<()>,
    looks: JoinHandle<(usize, usize)>,
}

impl Counted {
    fn on(socket: PathBuf) -> Self {
        let (over, ends) = channel();
        let looks = thread::spawn(move || {
            let (mut least, mut most) = (usize::MAX, 0);
            while ends.recv_timeout(Duration::from_millis(20)) == Err(RecvTimeoutError::Timeout) {
                let serve = serving(&socket).len();
                (least, most) = (least.min(serve), most.max(serve));
            }
            (least, most)
        });
        Self { over, looks }
    }

    fn end(self) -> (usize, usize) {
        drop(self.over);
        self.looks.join().unwrap()
    }
}

/// Three hosts have to serve, all of them: a fourth, which stands by, is in before any of them leaves, and out again when
/// all have the new version, and so it is on the way back. No request fails, and never do fewer than three serve.
#[test]
fn a_spare_host_comes_in_for_a_canary_and_goes_out_after_it() {
    let site = Site::new();
    site.replace_in_plan("{ name = \"web-04\",", "{ name = \"web-04\", spare = true,");
    site.replace_in_plan(
        "deadlines = {",
        "capacity = { max_parallel = 2, min_healthy = \"100%\" }\ndeadlines = {",
    );
    let strategy = r#"strategy = { kind = "canary", steps = [{ weight = 25 }, { pause = "human" }] }"#;
    site.replace_in_plan("bake = \"1s\"", &format!("bake = \"1s\"\n{strategy}"));
    let bench = &site.bench;
    site.release("2.4.0", "db-5432");
    bench.to_go("2.4.0");
    bench.says("raj", &["start"]);
    bench.until("verified", |status| status["phase"] == "verified");
    bench.says("dana", &["close"]);
    assert_eq!(serving(&site.socket()), ["web-01", "web-02", "web-03"], "a first deploy");

    site.release("2.5.0", "db-5432");
    bench.to_go("2.5.0");
    let plan = bench.says("raj", &["rollout", "plan"]);
    for words in [
        "1 (web-04): in before anybody leaves, out again at the end",
        "old+new 3+0 → 3+1",
        "3 serve at the least",
        "25 %: 1 host: web-04",
        "web-04 leave the pool again and stand by; 3 serve",
    ] {
        assert!(plan.contains(words), "{words}: {plan}");
    }
    let explained = bench.says("raj", &["rollout", "plan", "--explain"]);
    let explained = explained.split_whitespace().collect::<Vec<_>>().join(" ");
    for words in [
        "what is wrong with the new version shows here",
        "waits for a person for as long",
        "the spare hosts out of traffic",
    ] {
        assert!(explained.contains(words), "{words}: {explained}");
        assert!(!plan.contains(words), "{words}: {plan}");
    }
    let (load, counted) = (Load::on(site.front), Counted::on(site.socket()));
    bench.says("raj", &["start"]);
    let status = bench.until("a pause", |status| status["next"] == "continue");
    let runs: Vec<&str> = (0..4).filter_map(|at| status["hosts"][at]["runs"].as_str()).collect();
    assert_eq!(runs, ["2.4.0", "2.4.0", "2.4.0", "2.5.0"]);
    assert_eq!(serving(&site.socket()).len(), 4);
    bench.says("raj", &["continue"]);
    bench.until("verified", |status| status["phase"] == "verified");
    assert_eq!(serving(&site.socket()), ["web-01", "web-02", "web-03"]);
    bench.says("raj", &["rollback"]);
    let status = bench.until("rolled back", |status| status["phase"] == "rolled back");
    assert!((0..4).all(|at| status["hosts"][at]["runs"] == "2.4.0"), "{status}");
    assert_eq!(serving(&site.socket()), ["web-01", "web-02", "web-03"]);
    let ((least, most), (asked, failed)) = (counted.end(), load.end());
    assert_eq!((least, most), (3, 4));
    assert_eq!(failed, Vec::<String>::new(), "of {asked} requests");
}
