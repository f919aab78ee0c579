//! Two conductors that share no journal, over the same fleet: the lock at the deploy target keeps them apart.

use rustix::process::{Pid, Signal, kill_process};

use super::{
    bench::Bench,
    crash::{simple_plan, starts},
};
use crate::demo_ground::fleet;

fn in_the_way(status: &serde_json::Value) -> String {
    status["obstacles"].to_string()
}

/// The second is refused with who has it, what, since when and what to do; a killed holder's lock is shown as stale
/// and taken over by an act that is recorded; the first, started anew, finds that and touches nothing.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_conductor_is_kept_out_until_the_first_has_gone_and_a_person_has_said_so() {
    let fleet = fleet(4, &[]).await;
    simple_plan(&fleet);
    let first = Bench::over(fleet.layout().project());
    let second = Bench::over(fleet.layout().project());
    first.to_go("2.5.0");
    second.to_go("2.5.0");
    first.says("raj", &["start"]);
    first.until("a host is touched", |status| {
        status["hosts"].as_array().is_some_and(|hosts| hosts.iter().any(|host| host["runs"] == "2.5.0"))
    });

    let said = second.until("the lock is seen", |status| in_the_way(status).contains("locked by"));
    let said = in_the_way(&said);
    for words in
        ["raj", "2.5.0", "conductor on", "epoch 1", "ago", "its conductor runs", "the end of that session"]
    {
        assert!(said.contains(words), "{words:?} is not in {said}");
    }
    let refused = second.run(&["--as", "raj", "start"]);
    assert_eq!(refused.status.code(), Some(5), "{}", String::from_utf8_lossy(&refused.stderr));
    let take = [
        "--as",
        "raj",
        "rollout",
        "break-lock",
        "production",
        "--reason",
        "we want to be first",
        "--confirm",
        "production",
    ];
    let refused = second.run(&take);
    assert_eq!(refused.status.code(), Some(3), "{}", String::from_utf8_lossy(&refused.stderr));

    let pid = first.conductor().and_then(Pid::from_raw).expect("a conductor");
    kill_process(pid, Signal::KILL).unwrap();
    // At once: what was last seen of it says still that its conductor runs.
    second.says("raj", &take[2..]);
    second.says("raj", &["start"]);
    let record = second.says("dana", &["record", "export"]);
    assert!(record.contains("lock.broken") && record.contains("has ended"), "{record}");
    second.until("live", |status| status["phase"] == "live, unverified" || status["phase"] == "verified");

    // The first comes up again over what is the second's now.
    let status = first.run(&["conductor", "restart"]);
    assert!(status.status.success(), "{}", String::from_utf8_lossy(&status.stderr));
    let before = starts(&fleet);
    let said = first.until("somebody is called", |status| {
        status["needs_human"].as_array().is_some_and(|list| !list.is_empty())
    });
    assert!(said["needs_human"].to_string().contains("locked by raj"), "{said:#}");
    assert_eq!(starts(&fleet), before, "it touches nothing");

    second.until("verified", |status| status["phase"] == "verified");
    second.says("dana", &["close"]);
    first.says("raj", &["rollout", "try", "--lock", "production"]);
    first.until("verified", |status| status["phase"] == "verified");
    first.says("dana", &["close"]);
    let left = std::fs::read_dir(fleet.layout().hosts()).unwrap().flatten();
    let locks = left.filter(|entry| entry.file_name().to_string_lossy().contains("golive-lock"));
    assert_eq!(locks.count(), 0, "both were released");
    let traffic = fleet.traffic().unwrap();
    assert_eq!(traffic.failed, 0, "{:?}", traffic.last_failures);
    fleet.end().await.unwrap();
}
