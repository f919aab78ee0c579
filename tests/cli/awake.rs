//! The machine is kept from falling asleep while anything is rolling, by a program that ends with the conductor; and
//! where that can't be, it is said.

use golive::clock::Clock;
use rustix::process::{Pid, Signal, kill_process, test_kill_process};

use super::golive::{Place, Ran};

/// Stands in for the system's own: writes down what it runs, and runs it.
const INHIBIT: &str = "#!/bin/sh
for last; do :; done
echo \"$$ $last $1\" >> \"$HOME/inhibited\"
exec \"$last\"
";

fn run(place: &Place, words: &[&str]) -> Ran {
    let path = std::env::var("PATH").unwrap_or_default();
    let path = format!("{}:{path}", place.dir().join("tools").display());
    Ran::of(&place.command(words).env("PATH", path).output().unwrap())
}

pub fn until(what: &str, holds: impl Fn() -> bool) {
    let begun = Clock::System.read().monotonic;
    while !holds() {
        assert!(Clock::System.read().monotonic - begun < 30_000_000, "in vain: {what}");
    }
}

#[test]
fn the_machine_stays_awake_while_hosts_are_rolling_and_however_the_conductor_ends_it_may_sleep_again() {
    let place = Place::with_project();
    place.program("tools/systemd-inhibit", INHIBIT);
    run(&place, &["open", "2.5.0"]).ended(0);
    let log = place.root().join("inhibited");
    let held = || {
        let text = std::fs::read_to_string(&log).unwrap_or_default();
        let line = text.lines().rev().find(|line| line.ends_with(" cat --what=sleep"))?.to_owned();
        line.split(' ').next()?.parse::<i32>().ok().and_then(Pid::from_raw)
    };
    let known = || run(&place, &["record", "export"]).out.contains("course.sleep-guarded");
    until("it is known that sleep can be inhibited", known);
    assert_eq!(held(), None, "nothing is rolling yet");
    run(&place, &["item", "tick", "the-support-desk-knows"]).ended(0);
    run(&place, &["vote", "go"]).ended(0);
    until("every host is seen", || run(&place, &["declare", "go"]).status == 0);
    run(&place, &["start"]).ended(0);
    run(&place, &["hold"]).ended(0);
    until("the machine is held awake", || held().is_some());
    let holder = held().unwrap();
    assert!(test_kill_process(holder).is_ok());

    let status = run(&place, &["conductor", "status", "--json"]).json();
    let pid = status["conductor"]["pid"].as_i64().and_then(|pid| Pid::from_raw(pid as i32)).unwrap();
    kill_process(pid, Signal::KILL).unwrap();
    let gone = || {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", holder.as_raw_nonzero()));
        stat.map_or(true, |stat| stat.contains(") Z "))
    };
    until("what held it awake has ended", gone);
    // Taken up again, and still under way.
    run(&place, &["conductor", "restart"]).ended(0);
    until("it is held awake again", || held().is_some_and(|again| again != holder));
}

#[test]
fn where_sleep_can_not_be_inhibited_the_start_and_doctor_say_so() {
    let place = Place::with_project();
    place.program("tools/systemd-inhibit", "#!/bin/sh\necho 'no bus here' >&2\nexit 1\n");
    run(&place, &["open", "2.5.0"]).ended(0);
    until("the start says so", || {
        run(&place, &["rollout", "plan"]).out.contains("not inhibited: systemd-inhibit: no bus here")
    });
    let doctor = run(&place, &["doctor"]);
    assert!(doctor.out.contains("sleep not inhibited: systemd-inhibit: no bus here"), "{}", doctor.out);
}
