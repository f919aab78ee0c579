//! Any plan that a random world is played with.

use golive::domain::{
    plan::{
        Amount, Canary, CanaryStep, Capacity, Deadlines, Pause, Promote, Rolling, Strategy, TimeOfDay,
        Weekday, Weight, Window, rules,
    },
    time::Span,
};

use super::{
    plan::{Shape, TestBed, check, plan},
    rng::Rng,
};

/// Any fleet that a session may be opened for.
pub(super) fn shape(rng: &mut Rng) -> Shape {
    loop {
        let shape = any_shape(rng);
        if rules::check(&plan(&shape)).is_empty() {
            return shape;
        }
    }
}

fn any_shape(rng: &mut Rng) -> Shape {
    let hosts = rng.between(1, 9) as u32;
    let capacity = match rng.below(5) {
        0 => Capacity { max_parallel: Some(Amount::Count(2)), ..Capacity::default() },
        1 if hosts > 1 => Capacity {
            max_parallel: Some(Amount::Count(rng.between(1, 4) as u32)),
            min_healthy: Some(Amount::Count(rng.below(u64::from(hosts)) as u32)),
            max_unavailable: None,
        },
        2 => Capacity {
            max_parallel: Some(Amount::Percent(5000)),
            min_healthy: None,
            max_unavailable: Some(Amount::Count(rng.between(1, 3) as u32)),
        },
        _ => Capacity::default(),
    };
    let min_healthy_time = Span::secs(rng.between(1, 20));
    Shape {
        spares: 0,
        clouds: 2,
        hosts,
        capacity,
        deadlines: Deadlines {
            min_healthy_time,
            healthy_deadline: Span(min_healthy_time.0 + Span::secs(rng.between(25, 120)).0),
            progress_deadline: Span::minutes(rng.between(3, 6)),
        },
        balanced: rng.per_mille(800),
        repeatable: rng.per_mille(650),
        validations: rng.per_mille(600),
        bake: *rng.pick(&[Span::ZERO, Span::secs(30), Span::minutes(5)]),
        budget: None,
        beta: rng.per_mille(300),
        strategy: Strategy::Rolling(rolling(rng)),
        regions: rng.between(1, 3) as u32,
        one_box: hosts > 1 && rng.per_mille(300),
        test_bed: TestBed::default(),
        compared: false,
        promote: *rng.pick(&[Promote::Human, Promote::Automatic]),
        notify: rng.per_mille(500),
        locked: rng.per_mille(700),
        window: None,
        superseding: false,
        queued: false,
        quiet: false,
        profile: None,
        agents: None,
        upkeep: false,
        once: None,
        parts: None,
        branches: None,
    }
}

/// Every day some hours around the beginning of the world, by the clocks of some place, so that it opens or closes while
/// the world goes on.
pub(super) fn window(rng: &mut Rng) -> Window {
    const NOON: i64 = 12 * 60;
    let (zone, offset) = *rng.pick(&[
        ("UTC", 0),
        ("Europe/Berlin", 60),
        ("America/New_York", -300),
        ("Australia/Lord_Howe", 660),
        ("Asia/Kolkata", 330),
    ]);
    let from = NOON + offset - 60 + rng.below(180).cast_signed();
    let to = from + 5 + rng.below(240).cast_signed();
    let minute = |minute: i64| TimeOfDay(minute.rem_euclid(24 * 60) as u16);
    let days = Weekday::ALL.into_iter().map(|(_, day)| day).collect();
    Window { days, from: minute(from), to: minute(to), zone: zone.into() }
}

/// Weights that rise, with pauses and tests between them.
pub(super) fn canary(rng: &mut Rng) -> Canary {
    let mut steps = Vec::new();
    let mut weight = 0;
    for _ in 0..rng.between(1, 3) {
        weight += rng.between(1, 33) as u8;
        steps.extend(Weight::new(weight).map(CanaryStep::Weight));
        match rng.below(5) {
            0 => steps.push(CanaryStep::Pause(Pause::Human)),
            1 => steps.push(CanaryStep::Pause(Pause::For(Span::secs(rng.between(5, 300))))),
            2 => steps.push(CanaryStep::Validate(vec![check("smoke")])),
            _ => {}
        }
    }
    Canary { steps }
}

/// In batches as often as not.
pub(super) fn rolling(rng: &mut Rng) -> Rolling {
    let entry = |rng: &mut Rng| match rng.below(3) {
        0 => Amount::Count(rng.between(1, 2) as u32),
        _ => Amount::Percent(rng.between(1, 100) as u32 * 100),
    };
    let batches = match rng.below(6) {
        0 => vec![entry(rng)],
        1 => vec![entry(rng), entry(rng)],
        2 => vec![Amount::Count(1), entry(rng), Amount::Percent(10_000)],
        _ => Vec::new(),
    };
    Rolling {
        batches,
        by: rng.per_mille(300).then(|| "region".to_owned()),
        order: Vec::new(),
        failures: rng.per_mille(300).then(|| Amount::Percent(*rng.pick(&[2500, 5000]))),
    }
}
