//! Two go-lives behind a first, against real servers: each begins by itself when the one before is verified, with votes
//! of its own, and after a rollback nobody goes on but by a person's word.

use super::site::Site;

fn version(status: &serde_json::Value) -> String {
    status["version"].as_str().unwrap_or_default().to_owned()
}

#[test]
fn who_waits_goes_live_after_the_one_before_and_after_a_rollback_only_by_a_word() {
    let site = Site::new();
    site.replace_in_plan("checklists = ", "second = \"queued\"\nchecklists = ");
    let bench = &site.bench;
    site.release("2.4.0", "db-5432");
    site.release("2.5.0", "db-5432");
    site.release("2.7.0", "db-5432");
    bench.to_go("2.4.0");
    let said = bench.says("dana", &["open", "2.5.0", "--at", "23:59"]);
    assert!(said.contains("queued 2.5.0 behind 2.4.0, position 1"), "{said}");
    let said = bench.says("raj", &["open", "2.7.0", "--at", "23:59"]);
    assert!(said.contains("queued 2.7.0 behind 2.5.0, position 2"), "{said}");
    let twice = bench.run(&["--as", "dana", "open", "2.7.0"]);
    let err = String::from_utf8_lossy(&twice.stderr).into_owned();
    assert!(
        twice.status.code() == Some(3) && err.contains("in the queue already: position 2, by raj"),
        "{err}"
    );
    let sessions = bench.says("dana", &["sessions"]);
    assert!(sessions.contains("queued 1. 2.5.0 by dana"), "{sessions}");
    let status = bench.status();
    assert_eq!(status["queue"][1]["version"], "2.7.0", "{status:#}");
    assert_eq!(version(&status), "2.4.0", "what is open goes on");

    bench.says("raj", &["start"]);
    bench.until("verified", |status| status["phase"] == "verified");
    bench.says("dana", &["close"]);
    let next = bench.until("2.5.0 is open", |status| version(status) == "2.5.0");
    assert_eq!(
        (&next["phase"], &next["decision"]),
        (&"preparing".into(), &serde_json::Value::Null),
        "{next:#}"
    );

    // Voted on anew, and rolled back.
    bench.says("raj", &["item", "tick", "support-is-told"]);
    bench.says("dana", &["vote", "go"]);
    bench.says("raj", &["vote", "go"]);
    bench.until("every host is observed", |status| {
        status["hosts"].as_array().is_some_and(|hosts| hosts.iter().all(|host| host["observed"] == true))
    });
    bench.says("dana", &["declare", "go", "--reason", "all is ready"]);
    bench.says("raj", &["start"]);
    bench.until("verified", |status| status["phase"] == "verified");
    bench.says("raj", &["rollback"]);
    bench.until("it is back", |status| status["phase"] == "rolled back");
    bench.says("dana", &["close"]);
    let waits = bench.until("it is said", |status| !status["queue"][0]["waits"].is_null());
    let why = waits["queue"][0]["waits"].as_str().unwrap();
    assert!(why.contains("2.5.0 was rolled back: whether 2.7.0 comes now is for a person to say"), "{why}");
    assert_eq!((version(&waits), &waits["ending"]), ("2.5.0".into(), &"rolled back".into()), "{waits:#}");
    let said = bench.says("dana", &["open", "2.7.0", "--at", "23:59"]);
    assert!(said.contains("opened 2.7.0"), "{said}");
    let status = bench.status();
    assert_eq!((version(&status), status["queue"].as_array().map(Vec::len)), ("2.7.0".into(), Some(0)));
}
