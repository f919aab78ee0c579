//! The steps of a stage while its hosts are changed: when one is through, and the next one begins.

use super::{
    PipelineEvent, StageRun,
    next::{nothing_done, stalled, stalled_within},
    pause_left, region_waits,
    regions::bypassed,
    soak_alarm, validation,
};
use crate::domain::{
    access::{self, Act},
    actor::Actor,
    course::hotfix::{Skip, skips},
    effect::LaneStep,
    event::Event,
    gate,
    name::UnitId,
    plan::{Pause, SHIFT_WITHIN, Step, Strategy},
    refusal::Refusal,
    rollout,
    session::{Next, Session},
    time::{Now, SessionTime, Span, WallTime},
};

/// What follows for the step that a stage is at, when all hosts that may be changed by now are through; none: it was
/// the last one, and is through.
pub(super) fn next(session: &Session, run: &StageRun, now: Now) -> Option<Next> {
    let step = run.step()?;
    match step {
        // A larger share for the hosts that have it already takes none: what the balancer holds says that it is through.
        Step::Deploy { .. } if !rollout::shared(session, run) => {
            return Some(stalled(session, run, now, run.progress, |limit| {
                format!("the balancer of {} was not told its shares for {limit}", run.environment)
            }));
        }
        Step::Desire { .. } if !rollout::desire_holds(session, &run.environment) => {
            return Some(stalled(session, run, now, run.progress, |limit| {
                format!("the desired version of {} was not set for {limit}", run.environment)
            }));
        }
        Step::Deploy { .. } | Step::Desire { .. } | Step::Return { .. } | Step::Stand { .. } => {}
        Step::StandBy => {
            if let Some(leave) = rollout::spares_leave(session, &run.units) {
                return Some(leave);
            }
        }
        // It is done when the shift was observed, and not when it was told.
        Step::Shift { .. } => {
            if let Some(why) = rollout::not_shifted(session, run) {
                let limit = shift_within(session, run);
                return Some(stalled_within(session, run, now, run.progress, limit, |_| {
                    format!("traffic has not shifted for {limit}: {why}")
                }));
            }
            if let Some(shifted) = rollout::shifted(session, run, now) {
                return Some(Next::Events(vec![shifted]));
            }
        }
        Step::Gather { at, .. } => {
            let wanted = &session.course.release.candidate.version;
            // What was shown of a host before must hold when the new version is started.
            if *at == LaneStep::Prove
                && let Some(what) = rollout::in_the_way(session, &run.environment, &run.units, wanted)
            {
                return Some(stalled(session, run, now, run.progress, |_| {
                    format!("{what}: nothing of {wanted} is started beside another version")
                }));
            }
        }
        Step::Once(name) => {
            if rollout::after_nothing(session, run, name) {
                return Some(nothing_done(session, run));
            }
            if let Some(waits) = rollout::once_next(session, run, name) {
                return Some(waits);
            }
        }
        Step::Pause(Pause::Human) => return Some(sick_meanwhile(session, run, now)),
        // A hotfix bakes in no region, and says so once.
        Step::Pause(Pause::Bake(bake)) if skips(session, Skip::Bakes) => {
            if let Some(hotfix) = session.course.hotfix.as_ref().filter(|_| !run.bake_skipped) {
                let (stage, bake, reason) = (run.name.clone(), *bake, hotfix.reason.clone());
                let skipped = PipelineEvent::BakeSkipped { stage, bake, reason };
                return Some(Next::Events(vec![Event::Pipeline(skipped)]));
            }
        }
        Step::Pause(Pause::For(_) | Pause::Soak(_) | Pause::Bake(_) | Pause::Warm(_)) => {
            // What stands over it for long is somebody's to look at.
            if let Some(paused) = run.at.paused {
                let since = SessionTime(session.course.active(paused).0.max(run.progress.0));
                let why = soak_alarm(session, run).unwrap_or_default();
                return Some(stalled(session, run, now, since, |limit| {
                    format!("the soak of {} is paused for {limit}: {why}", run.name)
                }));
            }
            if let Some(left) = pause_left(run, now).filter(|left| *left > Span::ZERO) {
                let ends = now.session.plus(left);
                return Some(match sick_meanwhile(session, run, now) {
                    called @ Next::Events(_) => called,
                    Next::At(at) => Next::At(at.min(ends)),
                    _ => Next::At(ends),
                });
            }
        }
        Step::Validate(checks) => {
            if let Some(waits) = validation::next(session, run, &validation::at_step(session, run, checks)) {
                return Some(waits);
            }
        }
        Step::Region { .. } => {}
    }
    let following = following(run);
    if session.course.hold.is_some() && following.is_some() {
        return Some(Next::Nothing);
    }
    // Another region begins in its own hours, which open by themselves.
    if let Some(waits) = region_waits(session, run, now) {
        let opens = |at: WallTime| Next::At(now.session.plus(at.since(now.wall)));
        return Some(waits.opens.map_or(Next::Nothing, opens));
    }
    // What a pause or a test was for is lost where a host of the new version is sick by its end. Where it is the last
    // step of all, a hold is in its way as well.
    if matches!(step, Step::Pause(_) | Step::Validate(_) | Step::Region { .. })
        && let Some(sick) = gate::to_go_on(session, run).first()
    {
        return Some(stalled(session, run, now, waits_since(session, run), |_| {
            format!("{} waits to go on; {}: {}", run.name, sick.what, sick.why)
        }));
    }
    if let Some(what) = rollout::side_in_the_way(session, run) {
        return Some(stalled(session, run, now, waits_since(session, run), |_| what));
    }
    let bypassed = bypassed(session, run, now);
    following.map(|following| Next::Events(bypassed.into_iter().chain([following]).collect()))
}

/// A pause is for looking at what serves already: where a host of it is not well for longer than a blip, whoever is on
/// watch is called, since nobody need be looking just then.
fn sick_meanwhile(session: &Session, run: &StageRun, now: Now) -> Next {
    let Some((since, what)) = gate::sick_since(session, &run.environment) else { return Next::Nothing };
    let Some(environment) = session.plan().environments.get(&run.environment) else { return Next::Nothing };
    let since = SessionTime(session.course.active(since).0.max(run.progress.0));
    stalled_within(session, run, now, since, environment.deadlines.min_healthy_time, |limit| {
        format!("{what}, for {limit}, while {} pauses", run.name)
    })
}

/// How long the shift of traffic may take to be observed.
pub fn shift_within(session: &Session, run: &StageRun) -> Span {
    match session.plan().stage(&run.name).map(|(_, stage)| &stage.strategy) {
        Some(Strategy::ZeroDowntime(clouds)) => clouds.within,
        _ => SHIFT_WITHIN,
    }
}

/// Session time not held, when the present pause or test was through: what it took is no time without progress.
fn waits_since(session: &Session, run: &StageRun) -> SessionTime {
    let through = match run.step() {
        Some(Step::Pause(pause)) => run
            .at
            .since
            .plus(Span(pause.span().unwrap_or_default().0 + run.at.longer.0 + run.at.unobserved.0)),
        Some(Step::Validate(checks)) => {
            let judged =
                checks.iter().filter_map(|check| validation::validation_standing(session, run, check));
            judged.map(|judged| judged.at.session).max().unwrap_or(run.at.since)
        }
        _ => run.at.since,
    };
    SessionTime(session.course.active(through).0.max(run.progress.0))
}

fn following(run: &StageRun) -> Option<Event> {
    let step = run.at.step + 1;
    let what = run.steps.get(step as usize)?.clone();
    let (stage, of) = (run.name.clone(), run.steps.len() as u32);
    Some(Event::Pipeline(PipelineEvent::StepBegan { stage, step, of, what }))
}

/// The stage, and its pause that waits for a person.
pub fn waits_at_pause(session: &Session) -> Option<&StageRun> {
    session
        .pipeline
        .running()
        .filter(|run| run.step() == Some(&Step::Pause(Pause::Human)) && run.settled(session))
}

impl StageRun {
    /// Whether every host is stopped before one is deployed, so that no two versions run side by side.
    pub fn stops_all(&self) -> bool {
        self.steps.iter().any(Step::proves)
    }

    /// Whether one side is taken out of traffic, changed and brought back in before the other one is.
    pub fn takes_sides(&self) -> bool {
        self.steps.iter().any(Step::takes_side_out)
    }

    /// How far the hosts of a batch may go by now: as far as the last step that took them on says, or the first that
    /// will.
    pub fn until_of(&self, batch: u32) -> Option<LaneStep> {
        let of = |step: &&Step| step.batch() == Some(batch);
        let begun = self.steps.iter().take(self.at.step as usize + 1).rfind(of);
        match begun.or_else(|| self.steps.iter().find(of)) {
            Some(Step::Gather { at, .. }) => Some(*at),
            _ => None,
        }
    }

    /// The hosts of a batch, in their order.
    pub fn units_of(&self, batch: u32) -> &[UnitId] {
        let before: u32 = self.batches.iter().take(batch as usize).map(|batch| batch.hosts).sum();
        let hosts = self.batches.get(batch as usize).map_or(0, |batch| batch.hosts);
        self.units.get(before as usize..(before + hosts) as usize).unwrap_or_default()
    }

    /// How far its hosts may go by now, where they wait for each other.
    pub fn until(&self) -> Option<LaneStep> {
        match self.steps.get(self.at.step as usize) {
            Some(Step::Gather { at, .. }) => Some(*at),
            _ => None,
        }
    }

    /// Whether hosts may run the new version by now.
    pub fn deploys(&self) -> bool {
        self.started.is_some() && self.until().is_none()
    }

    /// Every host that may be changed by now is through.
    pub fn settled(&self, session: &Session) -> bool {
        session.rollout.open_batch(&self.environment).is_none_or(|open| Some(open) > self.reached())
            && session.rollout.counts(&self.environment).working == 0
    }
}

/// Somebody begins the region whose turn it is although its hours are closed: the fact goes before.
pub fn region_outside(run: &StageRun, fact: Event) -> Vec<Event> {
    std::iter::once(fact).chain(following(run)).collect()
}

/// Somebody says that a stage goes on after its pause; none: it is at no pause.
pub fn decide_go_on(session: &Session, actor: &Actor, now: Now) -> Result<Option<Vec<Event>>, Refusal> {
    let Some(run) = session.pipeline.running() else { return Ok(None) };
    if let Some(left) = pause_left(run, now).filter(|left| *left > Span::ZERO) {
        return Err(Refusal::rule(
            format!("{} pauses for {left} more", run.name),
            "its end; a planned pause is not cut short, and HOLD makes it longer",
        ));
    }
    if let Some(waits) = region_waits(session, run, now) {
        let what = format!("{} waits: {}", run.name, waits.in_words());
        return Err(Refusal::not_ready(what, waits.obstacles));
    }
    if run.step() != Some(&Step::Pause(Pause::Human)) {
        return Ok(None);
    }
    access::may(session, actor, Act::Continue)?;
    let obstacles = gate::to_go_on(session, run);
    if !obstacles.is_empty() {
        return Err(Refusal::not_ready(format!("{} can't go on", run.name), obstacles));
    }
    if let Some(what) = rollout::side_in_the_way(session, run) {
        return Err(Refusal::rule(what, "its recovery, excluding it, or rolling back (R)"));
    }
    Ok(following(run).map(|event| vec![event]))
}
