//! Stages beside each other on the screens: what each is after, in words; the one whose hosts are changed first, and
//! what bakes beside it.

use golive::{
    domain::{
        command::Command,
        name::{EnvironmentName, HostName, PoolId, StageName, UnitId},
        plan::{EnvironmentKind, Plan, Promote, Stage},
        rollout::RolloutCommand,
        time::Span,
    },
    tui::terminal::Caps,
};

use super::{desk, script::Script};
use crate::screens::caps;

fn name(text: &str) -> StageName {
    StageName::new(text).expect("a name")
}

/// alpha → beta, gamma → production; each of the first three has two hosts of its own.
fn diamond() -> Plan {
    let mut plan = desk::plan();
    let production = plan.stages.remove(0);
    let like = plan.environments[&production.environment].clone();
    for of in ["alpha", "beta", "gamma"] {
        let mut place = like.clone();
        place.name = EnvironmentName::new(of).expect("a name");
        place.kind = EnvironmentKind::Development;
        for pool in &mut place.pools {
            pool.id = PoolId::new(of).expect("a name");
            pool.hosts.truncate(2);
            for (at, host) in pool.hosts.iter_mut().enumerate() {
                host.address = format!("{of}-{at}");
                host.name = HostName::new(&host.address).expect("a name");
                host.unit = UnitId::new(&host.address).expect("a name");
            }
        }
        let after: &[&str] = if of == "alpha" { &[] } else { &["alpha"] };
        plan.stages.push(Stage {
            name: name(of),
            environment: place.name.clone(),
            after: Some(after.iter().map(|it| name(it)).collect()),
            bake: Span::minutes(10),
            validations: Vec::new(),
            promote: Promote::Human,
            ..production.clone()
        });
        plan.environments.insert(place.name.clone(), place);
    }
    plan.stages.push(Stage { after: Some(vec![name("beta"), name("gamma")]), ..production });
    plan
}

fn say(script: &mut Script, command: RolloutCommand) {
    script.desk.say("raj", Command::Rollout(command)).expect("said");
}

/// The page of the pipeline, before anything starts.
pub fn page(caps: Caps) -> Script {
    let mut script = Script::new("raj", diamond(), caps);
    script.desk.observe("2.4.1");
    script.keys("3 :").text("rollout pipeline").wait(500).keys("Enter");
    script
}

/// Beta bakes, and the hosts of gamma are changed.
pub fn beside(caps: Caps) -> Script {
    let mut script = Script::new("raj", diamond(), caps);
    script.desk.observe("2.4.1");
    say(&mut script, RolloutCommand::Start { stage: None });
    script.work();
    script.desk.later(Span::minutes(11));
    script.work();
    say(&mut script, RolloutCommand::Promote);
    script.work();
    say(&mut script, RolloutCommand::Start { stage: None });
    script.rounds(3);
    script
}

#[test]
fn each_card_says_what_its_stage_is_after() {
    let mut script = page(caps(80, 24));
    script.shows("after nothing").shows("alpha waiting").shows("after alpha");
    script.keys("PgDn PgDn").shows("after beta, gamma");
}

#[test]
fn the_stage_whose_hosts_are_changed_comes_first_and_what_bakes_beside_it_after() {
    let mut script = beside(caps(80, 24));
    script.keys("3").shows("gamma: ").shows(" + beta bakes, ").shows("alpha ─ ").shows("beta baking & ");
    script.shows("gamma 0/2 ─ ").shows("production 0/3");
}

/// Two stages may begin: the dialog offers both.
pub fn choice(caps: Caps) -> Script {
    let mut plan = diamond();
    plan.stages[2].after = Some(Vec::new());
    let mut script = Script::new("raj", plan, caps);
    script.desk.observe("2.4.1");
    script
}

/// Beta and gamma are ready, one beside the other.
pub fn both_ready(caps: Caps) -> Script {
    let mut script = beside(caps);
    script.work();
    script.desk.later(Span::minutes(11));
    script.work();
    script
}

/// Of two that are ready Tab goes from one to the other as well, and what is confirmed is what is shown.
#[test]
fn of_several_stages_that_are_ready_the_dialog_offers_each() {
    let mut script = both_ready(caps(80, 24));
    script.keys("3 P").shows("Tab ");
    let (first, other) =
        if script.screen().contains("Tab gamma") { ("beta", "gamma") } else { ("gamma", "beta") };
    script.shows(&format!("Tab {other}")).keys("Tab").shows(&format!("Tab {first}"));
    script.keys("P");
    let passed = |name: &str| {
        let run = script.desk.session.pipeline.stages.iter().find(|run| run.name.as_str() == name);
        run.is_some_and(|run| run.passed.is_some())
    };
    assert_eq!((passed(first), passed(other)), (false, true));
}

#[test]
fn how_stages_beside_each_other_look() {
    super::pictures::pictures("branches-start", "3 S", choice);
    super::pictures::pictures("branches-promote", "3 P", both_ready);
    super::pictures::pictures("branches-pipeline", "", page);
    super::pictures::pictures("branches", "3", beside);
    super::pictures::pictures("branches-timeline", "7", beside);
}

/// Of two that could be meant the key asks about the next one; another one is named in a shell.
#[test]
fn a_stage_that_is_named_and_is_not_the_next_one_is_started_in_a_shell() {
    let mut plan = diamond();
    plan.stages[2].after = Some(Vec::new());
    let mut script = Script::new("raj", plan, caps(80, 24));
    script.desk.observe("2.4.1");
    script.keys("3 :").text("start beta").wait(500).keys("Enter");
    script.shows("beta can't be started: alpha, is waiting");
    script.keys("3 :").text("start gamma").wait(500).keys("Enter");
    script.shows("in here alpha comes next, and not gamma");
    assert!(script.sent().is_empty());
}

/// Where several could begin, Tab goes from one to the next: what is then confirmed is what is shown, seen anew.
#[test]
fn of_several_stages_that_could_begin_the_dialog_offers_each() {
    let mut plan = diamond();
    plan.stages[2].after = Some(Vec::new());
    let mut script = Script::new("raj", plan, caps(80, 24));
    script.desk.observe("2.4.1");
    script.keys("3 S").shows("alpha · 2.4.1").shows("Tab gamma");
    script.keys("Tab").shows("gamma · 2.4.1").shows("Tab alpha");
    script.press("S").shows("gamma · 2.4.1");
    assert!(script.desk.session.pipeline.rolling().is_none(), "it was not seen for long enough");
    script.keys("S");
    let rolls = script.desk.session.pipeline.rolling().map(|run| run.name.as_str());
    assert_eq!(rolls, Some("gamma"));
}
