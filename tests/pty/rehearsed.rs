//! A rehearsal that somebody looks on at: every screen says so, and leaving it ends it.

use super::{GOLIVE, terminal::Terminal};
use crate::rehearse::Team;

/// It is played by itself; held in the cockpit it stands still, and left before its end nothing of it is kept.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rehearsal_in_the_cockpit_is_marked_can_be_held_and_ends_with_it() {
    let team = Team::new();
    let env = team.environment();
    let env: Vec<(&str, &str)> = env.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let mut terminal = Terminal::start(GOLIVE, &["rehearse", "2.5.0", "--cockpit"], team.dir(), &env);
    let header = |text: &str| text.lines().next().unwrap_or_default().to_owned();
    terminal.until_true("the screen is marked", |text| header(text).contains("· REHEARSAL"));
    terminal.type_keys("H");
    terminal.until("HELD");
    terminal.type_keys("q");
    terminal.until("end the rehearsal");
    // The dialog has stood there for long enough to be read: the clock in the header has moved on twice.
    for _ in 0..2 {
        let before = header(&terminal.text());
        terminal.until_true("the clock moves", |text| header(text) != before);
    }
    terminal.type_keys("q");
    terminal.until_ended();
    assert_eq!(terminal.status(), 4);
    team.nothing_runs().await;
}
