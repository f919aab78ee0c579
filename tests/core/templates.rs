//! Each strategy as a template of steps that a plan's own words change.

use golive::{
    domain::plan::{
        Amount, BlueGreen, Canary, CanaryStep, Converging, Pause, Rolling, Strategy, Weight, ZeroDowntime,
    },
    domain::time::Span,
    report,
};

use crate::simulation::plan::{PRODUCTION, Shape, check, plan};

/// The steps of production, in words.
fn steps(shape: &Shape) -> Vec<String> {
    let plan = plan(shape);
    let index = plan.stages.iter().position(|stage| stage.name.as_str() == PRODUCTION).unwrap();
    plan.steps(index).iter().map(report::step).collect()
}

fn by(strategy: Strategy) -> Shape {
    Shape { hosts: 4, strategy, ..Shape::default() }
}

fn two() -> Rolling {
    Rolling { batches: vec![Amount::Count(1), Amount::Percent(10_000)], ..Rolling::default() }
}

/// [O31] Each template expands to its steps, and another word in the plan to others.
#[test]
fn each_strategy_expands_to_the_steps_that_it_says() {
    assert_eq!(steps(&by(Strategy::default())), ["batch 1"]);
    assert_eq!(steps(&by(Strategy::Rolling(two()))), ["batch 1", "batch 2"]);
    let weight = |percent: u8| CanaryStep::Weight(Weight::new(percent).unwrap());
    let pause = CanaryStep::Pause(Pause::For(Span::minutes(10)));
    let validate = CanaryStep::Validate(vec![check("smoke")]);
    let canary = Canary { steps: vec![weight(25), pause, validate, weight(100)] };
    assert_eq!(
        steps(&by(Strategy::Canary(canary))),
        ["25 % (batch 1)", "pause 10 min", "validate smoke", "100 % (batch 2)"]
    );
    let sides = BlueGreen {
        first: None,
        validate: vec![check("smoke")],
        soak: Span::minutes(5),
        warm: Span::minutes(5),
    };
    let sides = steps(&by(Strategy::BlueGreen(sides)));
    assert_eq!(sides.iter().filter(|step| *step == "validate smoke").count(), 2, "{sides:?}");
    assert_eq!(
        sides.iter().filter(|step| *step == "bring the side back into traffic").count(),
        2,
        "{sides:?}"
    );
    let clouds = ZeroDowntime { verify: vec![check("reachable")], ..ZeroDowntime::default() };
    let clouds = steps(&by(Strategy::ZeroDowntime(clouds)));
    let at = |words: &str| clouds.iter().position(|step| step.contains(words));
    let order =
        ["validate reachable", "bring the side back into traffic", "observe that traffic has shifted"];
    let places: Vec<Option<usize>> = order.iter().map(|words| at(words)).collect();
    assert!(places.iter().all(Option::is_some) && places.is_sorted(), "{clouds:?}");
    let stop = steps(&by(Strategy::StopAll));
    assert!(stop.len() > 2 && stop.iter().any(|step| step.contains("stop")), "{stop:?}");
    let agents = Strategy::Converge(Converging { batches: two(), all_at_once: false });
    assert_eq!(
        steps(&Shape { agents: Some(true), ..by(agents) }),
        ["batch 1: set what agents read, and watch", "batch 2: set what agents read, and watch"]
    );
}
