//! The first stage beside the rest, as it is seen and judged.

use std::collections::BTreeMap;

use golive::domain::{
    comparison::{Side, Sides},
    name::{CheckName, StageName},
    plan::{Amount, Check, CheckKind, Plan, Promote, Select, Stage},
    time::Span,
};
use golive::tui::terminal::Caps;

use super::{desk, pictures::started, script::Script};
use crate::screens::caps;

pub fn one_box() -> Plan {
    let mut plan = desk::plan();
    let name = CheckName::new("comparison").expect("a name");
    let (timeout, interval) = (Span::ZERO, Span::minutes(1));
    let check = Check {
        name: name.clone(),
        kind: CheckKind::Comparison,
        timeout,
        retries: 0,
        interval,
        runbook: None,
    };
    plan.checks = BTreeMap::from([(name.clone(), check)]);
    let rest = Stage { select: Select::Rest, bake: Span::ZERO, ..plan.stages[0].clone() };
    let first = Stage {
        name: StageName::new("1-box").expect("a name"),
        select: Select::Some { amount: Some(Amount::Count(1)), region: None, hosts: Vec::new() },
        validations: vec![name],
        promote: Promote::Automatic,
        ..rest.clone()
    };
    plan.poll.before = first.name.clone();
    plan.stages = vec![first, rest];
    plan
}

pub const SIDES: Sides = Sides {
    new: Side { hosts: 1, requests: 1_234, errors: 2, waited: Some(1_234 * 31) },
    rest: Side { hosts: 2, requests: 10_022, errors: 15, waited: Some(10_022 * 30) },
};

/// Its host is done and nobody has judged it; what was counted so far.
pub fn waits(caps: Caps, sides: Option<Sides>) -> Script {
    let mut script = started(one_box(), caps);
    script.work();
    if let Some(sides) = sides {
        script.counts(sides);
    }
    script
}

pub fn counted(caps: Caps) -> Script {
    waits(caps, Some(SIDES))
}

#[test]
fn both_sides_stand_beside_each_other_and_v_lets_the_rest_follow() {
    let mut script = counted(caps(80, 24));
    script
        .keys("3")
        .shows("1-box: nobody has judged the comparison · 4 v, then promotion by itself")
        .shows("comparison not judged");
    script.keys("4").shows("1-box beside the rest of production").shows("2 (0.16 %)").shows("+0.02 points");
    script.shows("nobody has judged it");
    script.keys("v").shows("judge 1-box").shows("new   1,234 requests, 0.16 % errors, 31 ms");
    // Neither answer is said for whoever only presses Enter.
    script.keys("Enter Enter").shows("choose passed or not passed");
    assert!(script.sent().is_empty());
    script.keys("p Enter Enter");
    assert_eq!(script.sent().last(), Some(&"compare"));
    script.shows("raj (new 1,234 requests");
    script.keys("3").work().shows("3 done");
}

#[test]
fn too_few_figures_are_said_and_no_word_for_them_is_refused() {
    let few = Sides { new: Side { requests: 40, ..SIDES.new }, ..SIDES };
    let mut script = waits(caps(80, 24), Some(few));
    script.keys("4").shows("too few: 40 of 200 requests on the new version");
    script.keys("v").shows("say what else you looked at").keys("p Enter Enter");
    script.shows("can't be judged by its figures");
    let mut script = waits(caps(80, 24), None);
    script.keys("4").shows("no figures: not counted yet");
}

/// [W33] What did not pass stops the line, and says what lifts it.
#[test]
fn what_did_not_pass_stops_the_line_and_says_what_lifts_it() {
    let mut script = counted(caps(80, 24));
    script.keys("4 v n Tab").text("twice as slow").keys("Enter");
    script.shows("did not pass").shows("raj: twice as slow").shows("NEEDS A HUMAN");
    script.keys("3 T").shows("T: ");
    script.hides("tries again");
}

#[test]
fn whoever_has_no_part_in_it_may_look_and_is_told_who_judges() {
    let mut script = counted(caps(80, 24));
    script.sits("sam").keys("4 v").shows("sam has none of the roles");
}

#[test]
fn nothing_to_compare_is_said_in_words() {
    let mut script = Script::new("raj", desk::plan(), caps(80, 24));
    script.keys("4").shows("no stage of this plan is compared");
    let mut script = started(one_box(), caps(80, 24));
    script
        .keys("4")
        .shows("not to be judged yet: the stage is rolling")
        .keys("v")
        .shows("nothing is compared now");
}
