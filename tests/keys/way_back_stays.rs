//! However full the Rollout screen is, the way back stands on it, and the keys under it.

use golive::{
    client::{Measured, Sample},
    domain::{
        command::Command,
        course::CourseCommand,
        name::EnvironmentName,
        plan::{Canary, CanaryStep, Pause, PointOfNoReturn, Strategy, Weight},
        time::Span,
    },
    tui::terminal::{Caps, Input},
};

use super::{
    desk::plan,
    golive::{declared_at, ready_at},
    script::Script,
};
use crate::{plan_parts::host, screens::caps};

/// A fleet that fills any list, rolled by a canary with steps and pauses.
fn full(caps: Caps) -> Script {
    let mut plan = plan();
    let environment = plan.environments.values_mut().next().expect("an environment");
    environment.pools[0].hosts = (1..=60).map(|n| host(&format!("web-{n:02}"), 80)).collect();
    let weight = |percent| CanaryStep::Weight(Weight::new(percent).expect("a share"));
    let pause = CanaryStep::Pause(Pause::For(Span::minutes(10)));
    plan.stages[0].strategy = Strategy::Canary(Canary { steps: vec![weight(10), pause, weight(60)] });
    declared_at(Script::new("raj", plan, caps))
}

/// As many figures as anybody may measure.
fn measured(mut script: Script) -> Script {
    for n in 0..Sample::MOST {
        let sample = Sample {
            environment: EnvironmentName::new("production").expect("a name"),
            name: format!("figure {n}"),
            measured: Measured::Count { count: 0, of: 1_704 },
            at: script.desk.now.wall,
        };
        script.signs.measured(sample);
    }
    script
}

fn at_a_pause(caps: Caps) -> Script {
    let mut script = full(caps);
    script.keys("3 S S").work();
    script
}

fn needs_a_human(caps: Caps) -> Script {
    let mut script = full(caps);
    let step = golive::domain::effect::LaneStep::Start;
    for n in 1..=60 {
        let unit = format!("web-{n:02}").parse().expect("a name");
        script.faults.insert((unit, step), "payments: connection refused".into());
    }
    script.keys("3 S S").work();
    script
}

fn held(caps: Caps) -> Script {
    let mut script = at_a_pause(caps);
    script.desk.say("lee", Command::Course(CourseCommand::Hold { reason: "look".into() })).expect("held");
    script
}

fn rolling_back(caps: Caps) -> Script {
    let mut script = at_a_pause(caps);
    script.keys("R").wait(500).press("R").rounds(1);
    script
}

fn rolled_back(caps: Caps) -> Script {
    let mut script = at_a_pause(caps);
    script.keys("R").wait(500).press("R").work();
    script
}

type State = (&'static str, fn(Caps) -> Script);

const STATES: [State; 7] = [
    ("nothing started", |caps| ready_at(Script::new("raj", plan(), caps))),
    ("ready to start", full),
    ("at a pause", at_a_pause),
    ("needs a human", needs_a_human),
    ("held", held),
    ("rolling back", rolling_back),
    ("rolled back", rolled_back),
];

/// The words with which the readout of the way back begins, however it stands.
const WAYS_BACK: [&str; 4] = [" ROLLBACK ", " ROLLING BACK ", " BACK ON ", " NO WAY BACK"];

#[test]
fn the_way_back_is_on_the_rollout_screen_at_every_size_in_every_state() {
    for (state, script) in STATES {
        let mut script = measured(script(caps(80, 24)));
        script.keys("3");
        for (columns, rows) in
            [(60, 16), (76, 20), (80, 20), (80, 24), (100, 29), (110, 30), (120, 36), (200, 60)]
        {
            script.input(Input::Resize(caps(columns, rows).size));
            // What happened since one looked comes and goes.
            for since in [true, false] {
                if !since {
                    script.keys("c Esc");
                }
                let screen = script.screen();
                let at = || format!("{state} at {columns}×{rows}, {since}:\n{screen}");
                let lines: Vec<&str> = screen.lines().collect();
                let back = |line: &&str| WAYS_BACK.iter().any(|words| line.starts_with(words));
                // The waiting line says it too, while hosts are brought back.
                let under = lines.iter().skip(2).position(back).unwrap_or_else(|| panic!("{}", at()));
                assert!(under + 2 < lines.len() - 2, "over the message and the keys: {}", at());
                assert!(lines.last().is_some_and(|line| line.contains("? keys")), "{}", at());
                if rows >= 20 && columns >= 76 {
                    assert!(screen.contains("── Safety"), "{}", at());
                    assert!(screen.contains("conductor deploy-1"), "{}", at());
                }
            }
        }
    }
}

/// Its 1-box has passed, which is the point of no return.
fn past_return(caps: Caps) -> Script {
    let mut plan = super::compare::one_box();
    plan.plan_b.point_of_no_return = PointOfNoReturn::Stage(plan.stages[0].name.clone());
    plan.plan_b.steps = vec!["point the name at the other region".into(), "tell the partners".into()];
    plan.plan_b.informs = vec!["partners".into()];
    let mut script = super::pictures::started(plan, caps);
    script.work();
    script.counts(super::compare::SIDES);
    script.keys("4 v p Enter Enter").work();
    script
}

#[test]
fn how_plan_b_looks() {
    super::pictures::pictures("plan-b", "3 R", past_return);
}

/// Past the point of no return the one key brings nothing back: it says why, and what there is to do instead.
#[test]
fn past_the_point_of_no_return_r_shows_the_steps_of_plan_b() {
    let mut script = past_return(caps(80, 24));
    script.keys("3").shows("NO WAY BACK: the point of no return (1-box) is passed");
    script
        .keys("R")
        .shows("R: plan B")
        .shows("Plan B, which dana decides:")
        .shows("1. point the name at the other region");
    script.shows("2. tell the partners").shows("informs: partners");
    // Pressed again it is the same page, and one key leaves it.
    script.keys("R Esc").hides("R: plan B");
    assert!(!script.sent().contains(&"rollback"), "{:?}", script.sent());
}
