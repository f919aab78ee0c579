//! `golive demo` in a real terminal: played by keys from the first tick to the last rollback, and ended in every
//! other way.

use rustix::process::{Pid, Signal, kill_process};

use super::terminal::Terminal;
use crate::demo_ground::{Ground, program, until};

struct Demo {
    terminal: Terminal,
    ground: Ground,
}

impl Demo {
    fn start(flags: &[&str]) -> Self {
        let ground = Ground::new();
        let words: Vec<&str> = ["demo"].iter().chain(flags).copied().collect();
        let variables = ground.variables().map(|(name, path)| (name, path.to_str().unwrap()));
        let program = program();
        let terminal = Terminal::start(program.to_str().unwrap(), &words, ground.dir(), &variables);
        Self { terminal, ground }
    }

    /// Types keys, and waits for what they lead to. Everything that is ever shown says that it is a demo.
    #[track_caller]
    fn keys(&mut self, keys: &str, shows: &str) {
        self.terminal.type_keys(keys);
        self.shows(shows);
    }

    #[track_caller]
    fn shows(&mut self, words: &str) {
        self.terminal.until(words);
        let text = self.terminal.text();
        assert!(text.lines().next().is_some_and(|header| header.contains("· DEMO")), "{text}");
    }

    /// The dialog has stood there for long enough to be read: the clock in the header has moved on twice.
    #[track_caller]
    fn read(&mut self) {
        for _ in 0..2 {
            let before = clock(&self.terminal.text());
            self.terminal.until_true("the clock moves", |text| clock(text) != before);
        }
    }

    /// Asked by a dialog, and pressed again.
    #[track_caller]
    fn twice(&mut self, key: &str, asks: &str, shows: &str) {
        self.keys(key, asks);
        self.read();
        self.keys(key, shows);
    }
}

/// `T-00:09:47` in the header.
fn clock(text: &str) -> Option<String> {
    let header = text.lines().next()?;
    let at = header.find("T-").or_else(|| header.find("T+"))?;
    Some(header[at..].chars().take(11).collect())
}

/// [O11] A newcomer does what the coach says: checklist, poll, declaration, start, a good rollout; the next release
/// fails its self-test, the line stops, and R R brings everything back. `q` ends all of it, and says so.
#[tokio::test(flavor = "multi_thread")]
async fn the_coach_leads_by_keys_from_the_first_tick_to_the_rollback_and_q_ends_everything() {
    let mut demo = Demo::start(&["--hosts", "4", "--fault", "selftest@host-3"]);
    demo.shows("DEMO 1/7  2 shows the checklist: one item is left to you");
    declared(&mut demo);
    demo.twice("S", "S: start", "DEMO 4/7  3 shows the hosts");
    demo.keys("3", "DEMO 4/7  each host is drained");
    demo.shows("failed requests 0 of ");
    demo.shows("DEMO 4/7  2.5.0 is live and verified");
    // The cockpit goes over to the next session by itself, and to its decision.
    demo.shows("2.5.0→2.6.0");
    demo.shows("DEMO 5/7  v, then Enter: your vote is GO");
    demo.keys("v", "vote as engineering");
    demo.read();
    demo.keys("\r", "▸✔ engineering");
    demo.shows("DEMO 5/7  D shows what a GO means");
    demo.twice("D", "D: declare GO", "DEMO 5/7  S says what would happen");
    demo.twice("S", "S: start", "DEMO 5/7  3 shows the hosts");
    demo.keys("3", "NEEDS A HUMAN");
    demo.shows("DEMO 6/7  host-03 failed its self-test. R holds, R again goes back");
    demo.twice("R", "R: roll back", "ROLLING BACK to 2.5.0");
    demo.shows("DEMO 7/7  2.6.0 is rolled back. c tells how, q ends it. Yours: golive init");
    demo.shows("failed requests 0 of ");
    demo.twice("q", "q: end the demo", "");
    demo.terminal.until_ended();
    let said = demo.terminal.text();
    assert!(!demo.terminal.full_screen() && demo.terminal.cooked(), "{said}");
    assert!(said.contains(" requests, 0 failed; nothing is left running."), "{said}");
    assert!(said.contains("golive init"), "{said}");
    assert_eq!(demo.terminal.status(), 0, "{said}");
    demo.ground.assert_nothing_is_left().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_demo_in_a_terminal_that_goes_away_takes_everything_with_it() {
    for signal in [Signal::HUP, Signal::TERM, Signal::KILL] {
        let mut demo = Demo::start(&["--hosts", "2"]);
        demo.shows("DEMO 1/7");
        demo.ground.assert_all_parts_run();
        demo.terminal.signal(signal);
        demo.terminal.until_ended();
        if signal != Signal::KILL {
            assert!(!demo.terminal.full_screen() && demo.terminal.cooked());
            assert!(demo.terminal.text().contains("nothing is left running"), "{}", demo.terminal.text());
            assert_eq!(demo.terminal.status(), 0);
        }
        demo.ground.assert_nothing_is_left().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_demo_told_to_end_while_it_starts_leaves_nothing_either() {
    // So many that Ctrl-C comes before the last of them has started.
    let mut demo = Demo::start(&["--hosts", "200"]);
    demo.terminal.until("starting 200 hosts");
    demo.terminal.type_keys("\x03");
    demo.terminal.until_ended();
    assert!(demo.terminal.text().contains("ended by Ctrl-C"), "{}", demo.terminal.text());
    assert_eq!(demo.terminal.status(), 4);
    demo.ground.assert_nothing_is_left().await;
}

/// A part of the demo that has only just been started may get the terminal's Ctrl-C too, and end before the demo
/// knows of it: what ended the demo is the key, and not that part.
#[tokio::test(flavor = "multi_thread")]
async fn a_part_that_a_ctrl_c_ends_first_is_not_what_ended_the_demo() {
    let mut demo = Demo::start(&["--hosts", "200"]);
    demo.terminal.until("starting 200 hosts");
    let balancer = || demo.ground.processes().into_iter().find(|(_, line)| line.contains("demo-balancer"));
    until("the balancer runs", async || balancer().is_some()).await;
    let pid = i32::try_from(balancer().unwrap().0).ok().and_then(Pid::from_raw).unwrap();
    // The demo finds both when it goes on.
    demo.terminal.signal(Signal::STOP);
    kill_process(pid, Signal::INT).unwrap();
    until("the balancer has ended", async || balancer().is_none()).await;
    demo.terminal.type_keys("\x03");
    demo.terminal.signal(Signal::CONT);
    demo.terminal.until_ended();
    assert!(demo.terminal.text().contains("ended by Ctrl-C"), "{}", demo.terminal.text());
    assert_eq!(demo.terminal.status(), 4);
    demo.ground.assert_nothing_is_left().await;
}

/// Ctrl-C asks as `q` does, and Esc goes on.
#[tokio::test(flavor = "multi_thread")]
async fn leaving_a_demo_is_asked_first_and_esc_goes_on() {
    let mut demo = Demo::start(&["--hosts", "1"]);
    demo.shows("DEMO 1/7");
    demo.keys("\x03", "Nothing is left running");
    demo.terminal.type_keys("\x1b");
    demo.terminal.until_gone("Nothing is left running");
    demo.twice("q", "q: end the demo", "");
    demo.terminal.until_ended();
    assert_eq!(demo.terminal.status(), 0);
    demo.ground.assert_nothing_is_left().await;
}

/// Ticks, votes and declares, as the coach says.
fn declared(demo: &mut Demo) {
    demo.shows("DEMO 1/7");
    demo.keys("2", "DEMO 1/7  n finds the item that is left to you, Space ticks it");
    demo.keys("n", "▸○ Those who depend on it know when");
    demo.keys(" ", "▸✔ Those who depend on it know when");
    demo.shows("DEMO 2/7  1 shows the decision");
    demo.keys("1", "DEMO 2/7  v, then Enter: your vote is GO");
    demo.keys("v", "vote as engineering");
    demo.read();
    demo.keys("\r", "▸✔ engineering");
    demo.shows("DEMO 2/7  D shows what a GO means, D again declares it");
    demo.twice("D", "D: declare GO", "DEMO 3/7  S says what would happen, S again starts it");
}

async fn ended(mut demo: Demo) {
    demo.twice("q", "q: end the demo", "");
    demo.terminal.until_ended();
    assert_eq!(demo.terminal.status(), 0, "{}", demo.terminal.text());
    demo.ground.assert_nothing_is_left().await;
}

/// The start says who is told first, and the board shows each host as its agent comes to it.
#[tokio::test(flavor = "multi_thread")]
async fn agents_that_converge_are_played_by_keys() {
    let mut demo = Demo::start(&["--hosts", "3", "--strategy", "converge"]);
    declared(&mut demo);
    demo.keys("S", "told first: host-01");
    demo.read();
    demo.keys("S", "DEMO 4/7");
    demo.keys("3", "converging");
    demo.shows("1 of 3");
    ended(demo).await;
}

/// The cloud that stands by is changed first, and the pause before the switch names the one that takes over.
#[tokio::test(flavor = "multi_thread")]
async fn clouds_and_their_switch_are_played_by_keys() {
    let mut demo = Demo::start(&["--hosts", "4", "--strategy", "zero-downtime"]);
    declared(&mut demo);
    demo.twice("S", "S: start", "DEMO 4/7");
    demo.keys("3", "PRI");
    demo.shows("SEC");
    demo.shows("it waits before the switch");
    demo.keys("C", "then the switch: cloud b into traffic");
    demo.keys("\u{1b}", "it waits before the switch");
    ended(demo).await;
}
