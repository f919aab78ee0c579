//! `golive demo --auto` as a user starts it: to its end, killed, and with its conductor killed under it.

use std::process::Stdio;

use tokio::{
    io::{AsyncBufReadExt as _, BufReader, Lines},
    process::{Child, ChildStdout},
};

use crate::demo_ground::{Ground, program, until};

struct Demo {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
    ground: Ground,
}

impl Demo {
    fn start(flags: &[&str]) -> Self {
        let ground = Ground::new();
        let mut child = tokio::process::Command::new(program())
            .args(["demo", "--auto", "--plain"])
            .args(flags)
            .envs(ground.variables())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        Self { child, lines, ground }
    }

    /// Everything up to the first line with `wanted` in it; to the end if it never comes.
    async fn up_to(&mut self, wanted: &str) -> Vec<String> {
        let mut told = Vec::new();
        while let Some(line) = self.lines.next_line().await.unwrap() {
            let found = line.contains(wanted);
            told.push(line);
            if found {
                break;
            }
        }
        told
    }
}

/// [O11] The whole go-live, good and bad, unattended: every line says DEMO, it ends as its script says, no request
/// fails, and nothing is left of it.
#[tokio::test]
async fn the_demo_plays_a_good_and_a_bad_release_to_their_ends_and_leaves_nothing() {
    let mut demo = Demo::start(&["--hosts", "4", "--fault", "selftest@host-3"]);
    let told = demo.up_to("as its script says").await;
    assert!(demo.child.wait().await.unwrap().success(), "{told:#?}");
    assert!(told.iter().all(|line| line.starts_with("DEMO ")), "{told:#?}");
    let said = |words: &str| told.iter().position(|line| line.contains(words));
    let order = [
        "declared GO",
        "verified what is live",
        "2.5.0 to 2.6.0",
        "self-test of host-03 FAILED",
        "said HOLD",
        "said ROLL BACK: 3 hosts",
        "3 hosts back on 2.5.0",
        "closed the session, rolled back",
    ];
    let at = order.map(said);
    assert!(at.iter().all(Option::is_some) && at.is_sorted(), "{at:?} in {told:#?}");
    assert!(told.last().unwrap().ends_with(" requests, 0 failed"), "{told:#?}");
    demo.ground.assert_nothing_is_left().await;
}

/// A demo with these flags, played to its end: it says these words in this order, and leaves nothing behind. What it told.
async fn plays(flags: &[&str], order: &[&str]) -> Vec<String> {
    let mut demo = Demo::start(flags);
    let told = demo.up_to("as its script says").await;
    assert!(demo.child.wait().await.unwrap().success(), "{told:#?}");
    let at: Vec<Option<usize>> =
        order.iter().map(|words| told.iter().position(|line| line.contains(words))).collect();
    assert!(at.iter().all(Option::is_some) && at.is_sorted(), "{at:?} in {told:#?}");
    demo.ground.assert_nothing_is_left().await;
    told
}

const NONE_FAILED: &str = " requests, 0 failed";

/// The new version gets a tenth of the requests, then half, then all; the bad one never gets that far.
#[tokio::test]
async fn the_demo_plays_a_canary_to_its_end() {
    let flags = ["--hosts", "5", "--strategy", "canary", "--fault", "selftest@host-2"];
    let order = [
        "set the shares of production: 10 % for 2 of 5 hosts",
        "pause 12 s",
        "set the shares of production: 50 % for 3 of 5 hosts",
        "100 % (batch 3)",
        "set the shares of production: as configured",
        "verified what is live",
        "2.5.0 to 2.6.0",
        "self-test of host-02 FAILED",
        "said ROLL BACK",
        "closed the session, rolled back",
    ];
    let told = plays(&flags, &order).await;
    assert!(told.last().unwrap().ends_with(NONE_FAILED), "{told:#?}");
}

/// All are stopped before one is started, and again on the way back; what fails meanwhile is the downtime that was said.
#[tokio::test]
async fn the_demo_plays_a_stop_of_all_to_its_end() {
    let flags = ["--hosts", "3", "--strategy", "stop-all", "--fault", "selftest@host-2"];
    let order = [
        "in 4 steps, way back 2.4.1",
        "fetch of host-03",
        "stop every host: DOWNTIME",
        "DOWNTIME of production began",
        "prove that every host is stopped",
        "DOWNTIME of production ended after",
        "verified what is live",
        "2.5.0 to 2.6.0",
        "self-test of host-02 FAILED",
        "said ROLL BACK",
        "closed the session, rolled back",
    ];
    let told = plays(&flags, &order).await;
    assert!(!told.last().unwrap().ends_with(NONE_FAILED), "nobody is served meanwhile: {told:#?}");
}

/// One half after the other, with a soak; the bad release serves nobody before it goes back.
#[tokio::test]
async fn the_demo_plays_blue_and_green_to_its_end() {
    let flags = ["--hosts", "4", "--strategy", "blue-green", "--fault", "selftest@host-2"];
    let order = [
        "take the side out of traffic",
        "change the side without traffic",
        "validate end-to-end",
        "bring the side back into traffic",
        "soak 8 s",
        "keep the other side warm for 8 s more",
        "drain of host-03",
        "verified what is live",
        "2.5.0 to 2.6.0",
        "self-test of host-02 FAILED",
        "said ROLL BACK",
        "switched back: production is served by the side that was not changed alone",
        "closed the session, rolled back",
    ];
    let told = plays(&flags, &order).await;
    assert!(told.last().unwrap().ends_with(NONE_FAILED), "{told:#?}");
}

/// The cloud that stands by is changed and takes over, then the other one; the bad release never gets that far.
#[tokio::test]
async fn the_demo_plays_zero_downtime_to_its_end() {
    let flags = ["--hosts", "4", "--strategy", "zero-downtime", "--fault", "selftest@host-2"];
    let order = [
        "change the side without traffic",
        "validate end-to-end",
        "pause until somebody continues",
        "dana began step 5 of 9 of production: bring the side back into traffic",
        "drain of host-01",
        "saw production served by cloud b instead of a",
        "verified what is live",
        "2.5.0 to 2.6.0",
        "self-test of host-02 FAILED",
        "said ROLL BACK",
        "found that cloud b of production serves alone",
        "closed the session, rolled back",
    ];
    let told = plays(&flags, &order).await;
    assert!(told.last().unwrap().ends_with(NONE_FAILED), "{told:#?}");
    assert!(!told.iter().any(|line| line.contains("switched back")), "nothing was switched back: {told:#?}");
}

/// One host is told by the store, then the next; what its agent could not get to serve calls for somebody.
#[tokio::test]
async fn the_demo_plays_agents_that_converge_to_their_end() {
    let flags = ["--hosts", "3", "--strategy", "converge", "--fault", "selftest@host-2"];
    let order = [
        "2.5.0 efc68d1a on 3 hosts of production",
        "saw host-01 converge",
        "saw host-02 converge",
        "saw host-03 converge",
        "verified what is live",
        "2.5.0 to 2.6.0",
        "gave host-02 up at converge",
        "said ROLL BACK",
        "closed the session, rolled back",
    ];
    let told = plays(&flags, &order).await;
    assert!(told.last().unwrap().ends_with(NONE_FAILED), "{told:#?}");
}

/// The first host waits until somebody has compared it with the rest.
#[tokio::test]
async fn the_demo_compares_its_first_host_with_the_rest() {
    const JUDGED: &str = "the comparison in production passed (new ";
    let flags = ["--hosts", "4", "--strategy", "1-box", "--fault", "selftest@host-2"];
    let order = [
        "found 1-box ready for its promotion",
        JUDGED,
        "verified what is live",
        "2.5.0 to 2.6.0",
        "self-test of host-02 FAILED",
        "closed the session, rolled back",
    ];
    let told = plays(&flags, &order).await;
    let judged = told.iter().find(|line| line.contains(JUDGED)).unwrap();
    assert!(judged.contains(" 0.00 % errors") && judged.contains("; rest "), "{judged}");
    assert!(told.last().unwrap().ends_with(NONE_FAILED), "{told:#?}");
}

/// One demo with one fault, on the second of two hosts: what is told of the bad release, and the failed requests.
async fn played(fault: &str) -> (Vec<String>, u32) {
    let mut demo = Demo::start(&["--hosts", "2", "--fault", &format!("{fault}@host-2")]);
    let mut told = demo.up_to("as its script says").await;
    assert_eq!(demo.child.wait().await.unwrap().code(), Some(0), "{fault}: {told:#?}");
    let end = told.last().unwrap().strip_suffix(" failed").and_then(|line| line.rsplit(' ').next());
    let failed = end.and_then(|count| count.parse().ok());
    demo.ground.assert_nothing_is_left().await;
    let bad = told.iter().position(|line| line.contains("2.5.0 to 2.6.0"));
    (told.split_off(bad.unwrap()), failed.unwrap())
}

/// A process that ends and one that never answers are each named by what they did, and cost no request; errors have no
/// verdict until there are alarms, so that release goes live, and its failed requests are counted.
#[tokio::test]
async fn each_fault_of_a_release_ends_the_demo_as_its_script_says() {
    let (crash, hang, errors) = tokio::join!(played("crash"), played("hang"), played("errors"));
    for ((told, failed), words) in
        [(crash, "FAILED: the process ended, status 1"), (hang, "FAILED: no answer within 3 s")]
    {
        let order =
            [words, "said HOLD", "said ROLL BACK", "back on 2.5.0", "closed the session, rolled back"];
        let at = order.map(|words| told.iter().position(|line| line.contains(words)));
        assert!(at.iter().all(Option::is_some) && at.is_sorted(), "{at:?} in {told:#?}");
        assert_eq!(failed, 0, "{told:#?}");
    }
    let (told, failed) = errors;
    assert!(told.iter().any(|line| line.contains("closed the session, verified")), "{told:#?}");
    assert!(!told.iter().any(|line| line.contains("ROLL BACK")), "{told:#?}");
    assert!(failed > 0, "{told:#?}");
}

#[tokio::test]
async fn a_demo_killed_in_the_middle_of_a_rollout_takes_everything_with_it() {
    let mut demo = Demo::start(&["--hosts", "4"]);
    demo.up_to("finished host-01").await;
    demo.ground.assert_all_parts_run();
    demo.child.kill().await.unwrap();
    demo.ground.assert_nothing_is_left().await;
}

/// The hosts, the balancer and the traffic are no children of the conductor's: it is killed while hosts are worked
/// on, again and again, and the go-live still ends as it should, without a failed request.
#[tokio::test]
async fn a_conductor_killed_under_a_rollout_fails_no_request_and_loses_no_host() {
    let mut demo = Demo::start(&["--hosts", "4", "--fault", "selftest@host-3"]);
    for moment in ["began host-01", "installed", "rolled 1-box out", "began host-03", "said ROLL BACK"] {
        let told = demo.up_to(moment).await;
        assert!(
            told.last().is_some_and(|line| line.contains(moment)),
            "{moment}: {told:#?}, {:?}",
            demo.child.wait().await
        );
        let conductor = || {
            let running = demo.ground.processes();
            running.into_iter().find(|(_, line)| line.contains("demo-conductor")).map(|(pid, _)| pid)
        };
        // The one after the last that was killed may be about to start.
        until("a conductor runs", async || conductor().is_some()).await;
        let pid = rustix::process::Pid::from_raw(conductor().unwrap().cast_signed()).unwrap();
        rustix::process::kill_process(pid, rustix::process::Signal::KILL).unwrap();
    }
    let told = demo.up_to("as its script says").await;
    assert!(demo.child.wait().await.unwrap().success(), "{told:#?}");
    assert!(told.last().unwrap().ends_with(" requests, 0 failed"), "{told:#?}");
    demo.ground.assert_nothing_is_left().await;
}
