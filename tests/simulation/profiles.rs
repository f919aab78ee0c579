//! How strict a random world's go-live is: the project's own profile may leave something out, which a decider says with a
//! reason; that is not asked for, and all else is.

use golive::domain::{
    course::{CourseEvent, strictness::AskedProfile},
    event::Event,
    name::CheckName,
    pipeline::PipelineEvent,
    plan::{LeftOut, Plan, Profile, Step, Strictness},
    session::Session,
    signal::{RunWhy, SignalEvent},
    time::Span,
};

use super::{
    plan::{Shape, check},
    rng::Rng,
    world::World,
};

/// One that leaves out something, now and then.
pub fn any(seed: u64, shape: Shape) -> Shape {
    let mut rng = Rng::new(seed ^ 0x57c7);
    let profile = rng.per_mille(200).then(|| *rng.pick(&[Profile::Standard, Profile::Relaxed]));
    Shape { profile, ..shape }
}

/// Standard does not ask for smoke, and relaxed bakes the first stage for no time besides.
pub fn declare(plan: &mut Plan, profile: Profile) {
    plan.strictness.own = profile;
    if plan.stages.iter().any(|stage| stage.validations.contains(&check("smoke"))) {
        plan.strictness.standard.validations = vec![check("smoke")];
    }
    let bakes = plan.stages.iter().find(|stage| stage.bake > Span::ZERO);
    plan.strictness.relaxed.bakes = bakes.map(|stage| stage.name.clone()).into_iter().collect();
}

/// What whoever opens it says.
pub fn asked(plan: &Plan) -> Option<AskedProfile> {
    let profile = plan.strictness.own;
    let out = !plan.strictness.left_out(profile).is_empty();
    out.then(|| AskedProfile { profile, reason: "a page of text".into() })
}

/// The session's plan as it is read, to be adopted once more: what it left out it does not ask for.
pub fn again(session: &Session) -> Plan {
    Plan { strictness: Strictness::default(), ..session.plan().clone() }
}

/// What is left out was nobody's to ask for, and who left it out is in the record; every other bake was baked.
pub fn holds(world: &World) {
    let mut events = world.journal.durable.iter();
    let Some(Event::Course(CourseEvent::Opened(opened))) = events.next().map(|first| &first.event) else {
        return;
    };
    let adopted = &opened.adopted.plan;
    let out = opened
        .strictness
        .as_ref()
        .map_or_else(LeftOut::default, |it| adopted.strictness.left_out(it.profile));
    if let Some(chosen) = opened.strictness.as_ref().filter(|_| !out.is_empty()) {
        let by = chosen.by.as_ref().and_then(|name| adopted.people.get(name));
        assert!(by.is_some_and(|person| person.has("decider")) && !chosen.reason.is_empty(), "{chosen:?}");
    }
    // Only what a stage asks for at its end may be left out: a strategy's own steps are not.
    let steps = (0..adopted.stages.len()).flat_map(|index| adopted.steps(index));
    let of_steps = steps.filter_map(|step| match step {
        Step::Validate(checks) => Some(checks),
        _ => None,
    });
    let of_steps: Vec<CheckName> = of_steps.flatten().collect();
    let (mut baked, mut skipped) = (Vec::new(), false);
    for stamped in events {
        let holds = match &stamped.event {
            Event::Pipeline(PipelineEvent::BakeSkipped { .. }) => {
                skipped = true;
                true
            }
            Event::Signal(SignalEvent::RunAsked { check, why: RunWhy::Validation, .. }) => {
                !out.validations.contains(check) || of_steps.contains(check)
            }
            Event::Pipeline(PipelineEvent::BakeStarted { stage }) => !out.bakes.contains(stage),
            Event::Pipeline(PipelineEvent::BakeEnded { stage }) => {
                baked.push(stage.clone());
                true
            }
            Event::Pipeline(PipelineEvent::StagePassed { stage, .. }) => {
                let bakes = adopted.stage(stage).is_some_and(|(_, stage)| stage.bake > Span::ZERO);
                !bakes || skipped || out.bakes.contains(stage) || baked.contains(stage)
            }
            _ => true,
        };
        assert!(holds, "seed {}: {:?} and {out:?}\n{}", world.seed, stamped.event, world.story());
    }
}
