//! Stages and hosts in words.

use super::{
    clouds, converge, once, stop_all,
    told::{Told, told},
};
use crate::domain::{
    comparison::ENOUGH,
    counted::counted,
    effect::Health,
    name::{CheckName, UnitId},
    pipeline::PipelineEvent,
    plan::Step,
    rollout::{Direction, RolloutEvent},
};

pub fn pipeline(event: &PipelineEvent) -> Told {
    match event {
        PipelineEvent::StageStarted { stage, environment, units, batches, steps, barriers, to, from } => {
            let from = from.as_ref().map_or("no previous version".into(), |from| format!("way back {from}"));
            let hosts = hosts(units.len());
            let batches = match (batches.len(), steps.len()) {
                (_, 0 | 1) => String::new(),
                (batches, steps) if batches == steps => format!(" in {batches} batches"),
                (_, steps) => format!(" in {steps} steps"),
            };
            let order: Vec<String> = barriers.iter().map(|it| format!("; {}", it.words())).collect();
            let order = order.concat();
            told(format!("started {stage}: {to} on {hosts} of {environment}{batches}, {from}{order}"))
                .alone(format!("started {stage}: {} on {hosts}", to.version))
        }
        PipelineEvent::WindowOverridden { stage, closed, reason } => {
            let closed = closed.join("; ");
            told(format!("overrode the window of {stage} ({closed}): {reason}"))
                .alone(format!("{stage} starts outside its window: {reason}"))
        }
        PipelineEvent::StepBegan { stage, step, of, what } => {
            let (nth, what) = (step + 1, self::step(what));
            told(format!("began step {nth} of {of} of {stage}: {what}"))
                .alone(format!("{stage}, step {nth} of {of}: {what}"))
        }
        PipelineEvent::StageRolledOut { stage } => {
            told(format!("rolled {stage} out")).alone(format!("{stage}: every host is done"))
        }
        PipelineEvent::BakeStarted { stage } => {
            told(format!("began to bake {stage}")).alone(format!("{stage} bakes"))
        }
        PipelineEvent::BakeEnded { stage } => {
            told(format!("ended the bake of {stage}")).alone(format!("{stage} is baked"))
        }
        PipelineEvent::BakeSkipped { stage, bake, reason } => {
            told(format!("skipped the bake of {stage} ({bake}), a hotfix: {reason}"))
                .alone(format!("{stage}: its bake of {bake} is skipped, a hotfix: {reason}"))
        }
        PipelineEvent::SoakPaused { stage, why } => told(format!("paused the soak of {stage}: {why}"))
            .alone(format!("{stage}: its soak pauses, {why}")),
        PipelineEvent::SoakWentOn { stage } => {
            told(format!("let the soak of {stage} go on")).alone(format!("{stage}: its soak goes on"))
        }
        PipelineEvent::Extended { stage, by, reason } => {
            told(format!("lengthened the wait of {stage} by {by}: {reason}"))
                .alone(format!("{stage} waits {by} longer: {reason}"))
        }
        PipelineEvent::BudgetSpent { stage, budget } => {
            told(format!("found {stage} over its budget of {budget}"))
                .alone(format!("{stage} takes longer than its {budget}"))
        }
        PipelineEvent::StageReady { stage } => told(format!("found {stage} ready for its promotion"))
            .alone(format!("{stage} is through, and waits to go on")),
        PipelineEvent::StagePassed { stage } => {
            told(format!("passed {stage}")).alone(format!("{stage} passed"))
        }
    }
}

/// What a step is: `25 % (batch 2)`, `pause 10m`, `validate smoke`.
pub fn step(step: &Step) -> String {
    match step {
        Step::Deploy { batch, weight: None } => format!("batch {}", batch + 1),
        Step::Deploy { batch, weight: Some(weight) } => format!("{weight} (batch {})", batch + 1),
        Step::Desire { batch } => format!("batch {}: set what agents read, and watch", batch + 1),
        Step::Gather { .. } => stop_all::gather(step).unwrap_or_default(),
        Step::Return { .. } => "bring the side back into traffic".to_owned(),
        Step::Stand { .. } => "change the cloud without traffic: it stands by".to_owned(),
        Step::StandBy => "take the spare hosts out of the pool: they stand by again".to_owned(),
        Step::Shift { .. } => "observe that traffic has shifted".to_owned(),
        Step::Once(once) => format!("once: {once}"),
        Step::Region { next } => format!("the next region, with batch {}", next + 1),
        Step::Pause(pause) => pause.to_string(),
        Step::Validate(checks) => {
            let names: Vec<&str> = checks.iter().map(CheckName::as_str).collect();
            format!("validate {}", names.join(", "))
        }
    }
}

fn spare_left(unit: &str) -> Told {
    told(format!("sent {unit} out: it stands by again"))
        .alone(format!("{unit} leaves the pool, and stands by again"))
}

/// `1 host`, `12 hosts`.
pub fn hosts(count: usize) -> String {
    counted(count, "host")
}

/// Hosts of one component wait for another one no more.
fn forced(event: &RolloutEvent) -> Told {
    let RolloutEvent::BarrierForced { stage, component, after, well, hosts, reason } = event else {
        return told(String::new());
    };
    let lacks = format!("{well} of {hosts} {after} hosts are well: {reason}");
    told(format!("let {component} of {stage} go on without waiting, {lacks}"))
        .alone(format!("lets {component} go on without waiting, {lacks}"))
}

/// How requests are shared out: what was counted of it, and a balancer that has lost what it was told.
fn shares(event: &RolloutEvent) -> Told {
    use RolloutEvent as E;
    match event {
        E::Served { environment, wanted, canary, of, off, .. } => {
            let off = match off {
                true => ", which is off",
                false if *of < ENOUGH => ", too few to tell",
                false => "",
            };
            told(format!("counted {canary} of {of} requests in {environment} for {wanted}{off}"))
                .alone(format!("{canary} of {of} requests, wanted {wanted}{off}"))
        }
        E::ShareLost { environment, wanted, gives, times } => {
            let gives = format!("{}.{:02} %", gives / 100, gives % 100);
            let nth = if *times > 1 { format!(", for the {} time", nth(*times)) } else { String::new() };
            told(format!("saw the balancer of {environment} give {gives} instead of {wanted}{nth}")).alone(
                format!("the balancer gives {gives} instead of {wanted}{nth}: it has lost what it was told"),
            )
        }
        _ => told(String::new()),
    }
}

pub fn rollout(event: &RolloutEvent) -> Told {
    use RolloutEvent as E;
    match event {
        E::UnitSeen { unit, seen } => {
            let runs = seen.runs.as_ref().map_or("nothing known", |version| version.as_str());
            let why = seen.why.as_ref().map_or(String::new(), |why| format!(": {why}"));
            let health = health(seen.health);
            told(format!("saw {unit} {health}, running {runs}{why}"))
                .alone(format!("{unit} seen {health}, runs {runs}{why}"))
        }
        E::LaneStarted { unit, direction, to, attempt } => {
            let forward = *direction == Direction::Forward;
            let (how, way) = if forward { ("began", "to") } else { ("began to bring back", "back to") };
            let again = if *attempt > 1 { format!(", attempt {attempt}") } else { String::new() };
            told(format!("{how} {unit}: to {}{again}", to.version))
                .alone(format!("{unit} goes {way} {}", to.version))
        }
        E::LaneResumed { unit, step } => told(format!("took {unit} up again at {}", step.word()))
            .alone(format!("{unit} goes on at {}", step.word())),
        E::LaneUnknown { unit, why } => {
            told(format!("can't tell how {unit} stands: {why}")).alone(format!("{unit} is unknown: {why}"))
        }
        E::LaneTimedOut { unit, step, why } => told(format!("gave {unit} up at {}: {why}", step.word()))
            .alone(format!("{unit} ran out of time at {}: {why}", step.word())),
        E::LaneBroke { unit, step, why, .. } => told(format!("gave {unit} up at {}: {why}", step.word()))
            .alone(format!("{unit} failed at {}: {why}", step.word())),
        E::CapacityFell { environment, why } => {
            told(format!("takes no further host of {environment}: {why}"))
                .alone(format!("no new host: {why}"))
        }
        E::CapacityLow { environment, why } => {
            told(format!("called for somebody in {environment}: {why}")).alone(why)
        }
        E::CapacityBack { environment } => {
            told(format!("saw the capacity of {environment} back at its minimum"))
                .alone(format!("{environment} has its capacity back"))
        }
        E::PutBack { unit, times } => {
            let nth = if *times > 1 { format!(", for the {} time", nth(*times)) } else { String::new() };
            told(format!("saw {unit} back in the pool, put there by something else{nth}: takes it out again"))
                .alone(format!("{unit} was put back into the pool{nth}: it is taken out again"))
        }
        E::LeftInPool { why, .. } => told(format!("called for somebody: {why}")).alone(why),
        E::WentOn { unit, step } => told(format!("let {unit} go on with {}", step.word()))
            .alone(format!("{unit} goes on with {}", step.word())),
        E::SpareLeft { unit, .. } => spare_left(unit.as_str()),
        E::BackGathered { environment } => stop_all::back_gathered(environment),
        event @ (E::TrafficSeen { .. } | E::RoleSwitched { .. } | E::Switched { .. }) => clouds::says(event),
        E::DowntimeBegan { environment, expected } => stop_all::began(environment, *expected),
        E::DowntimeEnded { environment, lasted } => stop_all::ended(environment, *lasted),
        E::WentFirst { unit, instead } => {
            let why =
                format!("{unit} first, in place of {instead}: it does not serve, so it costs no capacity");
            told(format!("took {why}")).alone(format!("takes {why}"))
        }
        E::WentLater { component, after, .. } => {
            let why =
                format!("{component} one batch later: its batch brings too few healthy hosts of {after}");
            told(format!("put {why}")).alone(format!("puts {why}"))
        }
        E::UnitDone { unit } => told(format!("finished {unit}")).alone(format!("{unit} is done")),
        E::Tolerated { unit, failed, of } => {
            let sum = format!("{failed} of {} failed, {} may", of.hosts, of.tolerates);
            told(format!("went on without {unit}: {sum}")).alone(format!("goes on without {unit}: {sum}"))
        }
        E::TriedAgain { unit } => {
            told(format!("had {unit} tried again")).alone(format!("tries {unit} again"))
        }
        E::Excluded { unit, reason } => {
            told(format!("excluded {unit}: {reason}")).alone(format!("excludes {unit}: {reason}"))
        }
        E::ForcedPast { unit, reason } => told(format!("forced the line past {unit}: {reason}"))
            .alone(format!("forces the line past {unit}: {reason}")),
        E::BarrierForced { .. } => forced(event),
        E::OnceTriedAgain { .. } | E::OnceMarkedDone { .. } | E::OnceForced { .. } => once::said(event),
        E::BehindAccepted { once, units, .. } => {
            let without = format!(
                "{once} run without {}",
                units.iter().map(UnitId::as_str).collect::<Vec<_>>().join(", ")
            );
            told(format!("let {without}")).alone(format!("lets {without}"))
        }
        E::MarkedDone { unit, observed, reason } => {
            told(format!("marked {unit} done ({observed}): {reason}"))
                .alone(format!("marks {unit} done ({observed}): {reason}"))
        }
        E::Claimed => told("claimed what needs a human").alone("takes care of it"),
        E::Stalled { why } => told(format!("stopped the line: {why}")).alone(why),
        event @ (E::Served { .. } | E::ShareLost { .. }) => shares(event),
        E::DesiredSeen { environment, unit, found } => converge::found(environment, unit.as_ref(), found),
        E::Converged { unit, took } => converge::converged(unit, *took),
        E::Drifted { unit, runs } => converge::drifted(unit, runs),
        E::StaysDrifted { unit, runs } => converge::stays_drifted(unit, runs),
        E::DriftEnded { unit } => converge::drift_ended(unit),
        E::Counted { environment, sides } => {
            told(format!("counted in {environment}: {sides}")).alone(sides.to_string())
        }
        E::RollbackStarted { .. } | E::RollbackEnded { .. } => rolled_back(event),
    }
}

/// A rollback begins, or is over.
fn rolled_back(event: &RolloutEvent) -> Told {
    use RolloutEvent as E;
    match event {
        E::RollbackStarted { environment, to, units, narrow } => {
            let only = if *narrow { ", by name" } else { "" };
            if units.is_empty() {
                return told(format!("said ROLL BACK of {environment}: what ran once, and no host"))
                    .alone("ROLL BACK of what ran once, and of no host");
            }
            let hosts = hosts(units.len());
            told(format!("said ROLL BACK: {hosts} of {environment} to {to}{only}"))
                .alone(format!("ROLL BACK to {} on {hosts}", to.version))
        }
        E::RollbackEnded { environment, to, units, left, .. } => {
            if *units == 0 && left.is_empty() {
                return told(format!("ended the rollback of {environment}: no host had been changed"))
                    .alone("what ran once is taken back, and no host was changed");
            }
            let hosts = hosts(*units as usize);
            let after = format!("ended the rollback of {environment}: {hosts} back on {}", to.version);
            if left.is_empty() {
                return told(after).alone(format!("rolled back to {} on {hosts}", to.version));
            }
            let left = left.iter().map(UnitId::as_str).collect::<Vec<_>>().join(", ");
            told(format!("{after}; not brought back: {left}"))
                .alone(format!("rollback to {} ended on {hosts}; not back: {left}", to.version))
        }
        _ => told(String::new()),
    }
}

fn nth(times: u32) -> String {
    match times {
        2 => "second".into(),
        3 => "third".into(),
        more => format!("{more}th"),
    }
}

fn health(health: Health) -> &'static str {
    match health {
        Health::Healthy => "healthy",
        Health::Sick => "sick",
        Health::Unknown => "unknown",
    }
}
