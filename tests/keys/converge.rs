//! Hosts that agents change, as they are seen: the convergence board, and what the way back costs.

use std::collections::BTreeMap;

use golive::domain::{
    desired::{Desired, Found},
    effect::{Health, PoolState, Seen},
    event::Event,
    name::{EnvironmentName, UnitId, Version},
    plan::{
        AgentReports, Balancer, Capacity, Converge, Converging, Deadlines, DesiredStore, Driver, Plan,
        Strategy,
    },
    rollout::{RolloutCommand, RolloutEvent},
    time::Span,
};

use super::{desk::candidate, golive::declared_at, script::Script};
use crate::{
    plan_parts::{host, template},
    screens::caps,
};

/// Six hosts whose agents look every quarter of an hour at the environment's one key.
pub fn plan() -> Plan {
    let mut plan = super::desk::plan();
    let environment = plan.environments.values_mut().next().expect("an environment");
    environment.capacity = Capacity::default();
    environment.balancer = Balancer::None;
    environment.deadlines = Deadlines { progress_deadline: Span::minutes(40), ..Deadlines::default() };
    environment.pools[0].hosts = (1..=6).map(|n| host(&format!("web-0{n}"), 80)).collect();
    environment.driver = Driver::Converge(Box::new(Converge {
        store: DesiredStore::Http {
            url: template("http://store/desired/{environment}"),
            revision: None,
            headers: BTreeMap::new(),
            timeout: Span::secs(10),
        },
        every: Span::minutes(15),
        tolerance: Span::secs(90),
        agents: Some(AgentReports::Http {
            url: template("http://store/agents/{name}"),
            headers: std::collections::BTreeMap::new(),
            timeout: Span::secs(10),
        }),
        nudge: None,
    }));
    plan.stages[0].strategy = Strategy::Converge(Converging { all_at_once: true, ..Converging::default() });
    plan
}

fn found(script: &mut Script, found: Found) {
    let environment = EnvironmentName::new("production").expect("a name");
    script.fact(Event::Rollout(RolloutEvent::DesiredSeen { environment, unit: None, found }));
}

fn desired(version: &str) -> Found {
    Found::Holds(Desired {
        version: Some(Version::new(version).expect("a version")),
        revision: Some("\"7\"".into()),
        by: Some("raj".into()),
        at: Some("12:00".into()),
    })
}

/// What an agent said, so long after it looked.
fn agent(script: &mut Script, name: &str, runs: &str, ago: Span) {
    seen(script, name, runs, ago, None);
}

/// Likewise; `why`: it is not well, as its check said.
fn seen(script: &mut Script, name: &str, runs: &str, ago: Span, why: Option<&str>) {
    let checked_in = Some(script.desk.now.wall.minus(ago));
    let seen = Seen {
        health: if why.is_some() { Health::Sick } else { Health::Healthy },
        runs: Some(Version::new(runs).expect("a version")),
        installed: Some(candidate(runs)),
        pool: PoolState::None,
        kept: Some(true),
        why: why.map(str::to_owned),
        ended: None,
        checked_in,
        stranger: None,
    };
    let unit = UnitId::new(name).expect("a name");
    script.fact(Event::Rollout(RolloutEvent::UnitSeen { unit, seen }));
}

fn all(script: &mut Script, runs: &str, ago: Span) {
    for n in 1..=6 {
        agent(script, &format!("web-0{n}"), runs, ago);
    }
}

/// Two have converged, one of which has drifted since; one settles, one is late, and two have not looked yet.
pub fn board(mut script: Script) -> Script {
    all(&mut script, "2.4.1", Span::minutes(3));
    script.rounds(3);
    found(&mut script, desired("2.5.0"));
    script.wait(6 * 60_000);
    for (name, ago) in [("web-01", 40), ("web-02", 65)] {
        agent(&mut script, name, "2.5.0", Span::secs(ago));
    }
    script.wait(20_000);
    agent(&mut script, "web-02", "2.4.1", Span::secs(85));
    agent(&mut script, "web-03", "2.5.0", Span::secs(4));
    agent(&mut script, "web-04", "2.4.1", Span::minutes(31));
    script.wait(1_000);
    script
}

fn started() -> Script {
    let mut script = declared_at(Script::new("raj", plan(), caps(120, 36)));
    let start = RolloutCommand::Start { stage: None };
    script.desk.say("raj", golive::domain::command::Command::Rollout(start)).expect("started");
    script
}

/// A host that runs what was set and answers 503 is not calm until its deadline: the board, the counts and the waiting
/// line say so, no time is promised, and nobody is said to be served by it.
#[test]
fn a_host_that_has_what_was_set_and_is_not_well_is_said_to_be_so_everywhere() {
    let mut script = started();
    all(&mut script, "2.4.1", Span::minutes(3));
    script.rounds(3);
    found(&mut script, desired("2.5.0"));
    script.wait(60_000);
    seen(&mut script, "web-05", "2.5.0", Span::secs(2), Some("503 instead of 200-299"));
    script.wait(1_000);
    script.keys("3").shows("NOT WELL").shows("1 not well").shows("web-05 runs 2.5.0 and is not well: 503");
    script.shows("2.5.0 serves 0 of 6").hides("· within");
}

/// [W14] Every host with what is installed and desired, when its agent looked and when it will: a missed look is late.
#[test]
fn the_board_says_of_every_host_what_is_installed_and_desired_and_when_its_agent_looks() {
    let mut script = board(started());
    script.keys("3").shows("installed").shows("desired").shows("last check-in").shows("next check");
    script.shows("in 5 min").shows("LATE 2").shows("DRIFTED").shows("converged").shows("settling");
    script.shows("desired 2.5.0, set by raj at 12:00").shows("agents look every 15 min");
    script.shows("1 late").shows("1 drifted");
    // A store that can't be read: nothing that rests on it is green.
    found(&mut script, Found::Unreadable { why: "nobody listens there".into() });
    script.wait(1_000);
    script.shows("STORE CAN'T BE READ: nobody listens there").shows("store not read");
}

/// [S4] How long the way back takes at the most stands there before anybody needs it, and where it is confirmed.
#[test]
fn the_way_back_says_within_which_time_agents_converge() {
    let mut script = board(started());
    script.keys("3").shows("≤15 min to converge");
    script.keys("R").shows("≤15 min to converge").shows("agents pull in their own time");
    script.shows("HELD: nothing new is set; agents that read it go on");
}

/// The convergence board: converged, drifted, settling, late, and who has not looked yet.
#[test]
fn the_convergence_board_at_every_size() {
    super::pictures::pictures("converge", "3", |caps| board(super::pictures::started(plan(), caps)));
}

/// Before it is started: who is told first, and what somebody else has set there.
#[test]
fn the_start_where_agents_pull_at_every_size() {
    super::pictures::pictures("converge-start", "3 S", |caps| {
        super::golive::declared_at(Script::new("raj", plan(), caps))
    });
}
