//! Rehearsals in the random worlds: one becomes known at the worst time, of the plan's own steps or of others; and what
//! must hold of it.

use golive::domain::{
    command::Command,
    course::{CourseCommand, CourseEvent, Ending},
    event::Event,
    name::{Digest, PersonName, SessionId, Version},
    rehearsal::{PartTimed, Rehearsal},
    rollout::{Basis, Forecast, Times},
    session::Session,
    time::{Span, WallTime},
    timeline::{Expected, Timeline, parts},
};

use super::{
    oracle::Oracle,
    plan::{PRODUCTION, environment},
    rng::Rng,
    world::{Happening, World},
};

/// Every part of it took some seconds; of the plan as it is, or of steps that nobody has.
fn rehearsal(session: &Session, rng: &mut Rng, number: u64) -> Rehearsal {
    let own = rng.per_mille(600);
    let plan = session.plan();
    let of = |index: usize| parts(session, index).into_iter().map(move |what| (index, what));
    let parts = (0..plan.stages.len()).flat_map(of).map(|(index, what)| PartTimed {
        stage: Some(plan.stages[index].name.clone()),
        part: what.mark(),
        says: what.short(),
        hosts: what.hosts(),
        wait: what.wait(),
        took: Span::secs(7),
    });
    let times = Times { hosts: 2, lane: Span::secs(9), steps: [].into(), checks: [].into(), once: [].into() };
    Rehearsal {
        id: SessionId::new(&format!("rehearsal-{number}")).unwrap(),
        version: Version::new("2.5.0").unwrap(),
        at: WallTime(number.cast_signed()),
        steps: if own { session.steps() } else { Digest::of(b"others") },
        ending: Ending::RolledBack,
        short: rng.per_mille(300).then(|| "production was not passed".to_owned()),
        hosts: (2, 2),
        parts: parts.collect(),
        times: [(environment(PRODUCTION), times)].into(),
        back: None,
        requests: None,
        otherwise: Vec::new(),
        faults: Vec::new(),
    }
}

/// Somebody's rehearsal is over while this go-live is prepared, rolls, or goes back.
pub fn some_are_over(world: &mut World, rng: &mut Rng, until: u64) {
    for number in 1..=rng.between(1, 3) {
        let noted = rehearsal(world.session(), rng, number);
        let command = Command::Course(CourseCommand::NoteRehearsal(Box::new(noted)));
        let person = PersonName::new(if rng.per_mille(500) { "dana" } else { "raj" }).unwrap();
        world.plan_for(rng.below(until), Happening::Says(person, Box::new(command.into())));
    }
}

impl Oracle {
    /// Of other steps it says nothing, and what was seen is never passed over for it.
    pub(super) fn rehearsed(&mut self, session: &Session, line: &Timeline) {
        let of_these = session.course.rehearsal.as_ref().is_some_and(|it| it.steps == session.steps());
        let rests = |expected: &Expected| matches!(expected.basis(), Some(Basis::Rehearsed { .. }));
        for row in &line.rows {
            let rests = rests(&row.planned) || row.left.as_ref().is_some_and(rests);
            self.must(of_these || !(rests || row.rehearsed.is_some()), || {
                format!("{} rests on a rehearsal of other steps", row.name())
            });
        }
        let here = environment(PRODUCTION);
        let lane = Forecast::of(session).lane(&here);
        let timed = session.rollout.units().iter().filter(|unit| unit.environment == here).any(|unit| {
            let lane = unit.lane.as_ref();
            lane.is_some_and(|lane| {
                lane.state == golive::domain::rollout::LaneState::Done && lane.worked() > Span::ZERO
            })
        });
        let rehearsed = lane.is_some_and(|lane| matches!(lane.basis, Basis::Rehearsed { .. }));
        self.must(!(timed && rehearsed), || "a host was timed here, and a rehearsal is expected".into());
    }
}

/// What was recorded last is what the session knows, over every restart.
pub fn holds(world: &World) {
    let noted = world.journal.durable.iter().rev().find_map(|stamped| match &stamped.event {
        Event::Course(CourseEvent::Rehearsed(rehearsal)) => Some(rehearsal),
        _ => None,
    });
    assert_eq!(world.session().course.rehearsal.as_ref(), noted, "seed {}", world.seed);
}
