//! One host as a row and as a detail.

use super::view::{Detail, HostRow};
use crate::{
    domain::{
        effect::{Health, LaneStep, PoolState},
        operation::{Heart, heart},
        rollout::{Direction, Forecast, Lane, LaneState, StepDone, Unit, Waits},
        time::Span,
    },
    tui::{
        canvas::Line,
        glyph::Glyph,
        theme::Role,
        widgets::spark,
        world::{Signs, World},
    },
};

pub fn row(unit: &Unit, world: &World<'_>, marked: bool) -> HostRow {
    let (role, glyph, step) = unwell(unit, world).unwrap_or_else(|| state(unit));
    HostRow {
        role,
        glyph,
        marked,
        name: unit.id.to_string(),
        region: unit.region.clone().unwrap_or_default(),
        runs: runs(unit),
        lane: unit.lane.as_ref().map(|lane| (done(lane), lane.steps.len() as u16)),
        step,
        time: unit.lane.as_ref().and_then(|lane| time(lane, world)).map_or(String::new(), short),
        pool: pool(unit),
        why: why(unit, world),
        answers: answers(unit, world),
        agent: None,
    }
}

/// Of one that waits for another component: for which.
pub fn in_its_order(unit: &Unit, barred: &[Waits<'_>], row: HostRow) -> HostRow {
    let waits = unit.lane.as_ref().is_some_and(|lane| lane.state == LaneState::Waiting && !unit.awaits_back);
    let of = |it: &&Waits<'_>| waits && Some(&it.barrier.component) == unit.component();
    match barred.iter().find(of) {
        Some(it) => HostRow { step: format!("waits for {}", it.barrier.after), ..row },
        None => row,
    }
}

/// What runs on it: of one that was taken out nothing, while its lane is under way; what a lane left that failed is not
/// known before somebody has looked.
fn runs(unit: &Unit) -> Option<String> {
    if unit.overtaken() && unit.lane.as_ref().is_some_and(|lane| lane.state.under_way()) {
        return Some("–".to_owned());
    }
    unit.known_to_run().map(|runs| runs.map_or("–".into(), ToString::to_string))
}

/// How its last probes answered: `12 ms ▁▁▂▁–▁`, a dash where one failed; a dash alone where none is known.
fn answers(unit: &Unit, world: &World<'_>) -> String {
    let spans: Vec<Option<Span>> = world.signs.answers(&unit.id).collect();
    let Some(last) = spans.last() else { return "–".into() };
    let last = last.map_or("–".to_owned(), millis);
    if spans.len() < 2 {
        // One value makes no curve.
        return format!("{last:>6}");
    }
    format!("{last:>6} {}", spark(&spans, Signs::KEPT))
}

/// `<1 ms`, `12 ms`, `1.2 s`: in six cells. What one probe differs from the next by chance is not shown.
fn millis(span: Span) -> String {
    match span.0 {
        0..1_000 => "<1 ms".into(),
        micros @ 1_000..1_000_000 => format!("{} ms", micros / 1_000),
        _ => short(span),
    }
}

/// Of one that waits for its turn, or has none, and is sick or dead meanwhile: that comes before its turn.
fn unwell(unit: &Unit, world: &World<'_>) -> Option<(Role, Glyph, String)> {
    let lane = unit.lane.as_ref();
    if unit.awaits_back || lane.is_some_and(|lane| lane.state != LaneState::Waiting || lane.at > 0) {
        return None;
    }
    let dead = world.session.and_then(|session| heart(session, unit, world.now));
    let word = match (dead, unit.fresh().map(|seen| seen.health)) {
        (Some(Heart::Dead { .. }), _) => "DEAD",
        (_, Some(Health::Sick)) => "sick",
        _ => return None,
    };
    let batch = lane.map(|lane| lane.batch).filter(|batch| *batch > 0);
    let batch = batch.map_or(String::new(), |batch| format!(", batch {}", batch + 1));
    Some((Role::StateBad, Glyph::Failed, format!("{word}{batch}")))
}

/// How it stands, and that it is spare where nothing happens to it: it serves only while a release is on its way.
fn state(unit: &Unit) -> (Role, Glyph, String) {
    let (role, glyph, words) = stands(unit);
    let lane = unit.lane.as_ref().map(|lane| &lane.state);
    let calm = matches!(lane, None | Some(LaneState::Waiting | LaneState::Done | LaneState::RolledBack));
    let spare = unit.spare && calm && !unit.awaits_back;
    (role, glyph, if spare { format!("{words}, spare") } else { words })
}

fn stands(unit: &Unit) -> (Role, Glyph, String) {
    let Some(lane) = &unit.lane else {
        return match unit.fresh().map(|seen| seen.health) {
            None => (Role::StateUnproven, Glyph::Unknown, "not observed".into()),
            Some(Health::Healthy) => (Role::StateWaiting, Glyph::Waiting, "not started".into()),
            Some(Health::Sick) => (Role::StateBad, Glyph::Failed, "sick".into()),
            Some(Health::Unknown) => (Role::StateUnproven, Glyph::Unknown, "unknown".into()),
        };
    };
    let step = lane.step().word().to_owned();
    let back = lane.direction == Direction::Back;
    match &lane.state {
        _ if unit.awaits_back => (Role::StateWarn, Glyph::Waiting, "to go back".into()),
        LaneState::Waiting => (Role::StateWaiting, Glyph::Waiting, waits(lane)),
        LaneState::Ready | LaneState::Working if back => {
            (Role::StateWorking, Glyph::Working, format!("back: {step}"))
        }
        LaneState::Ready | LaneState::Working => (Role::StateWorking, Glyph::Working, step),
        LaneState::Gathered { after: LaneStep::Fetch } => {
            (Role::StateWaiting, Glyph::Waiting, lane.state.word().into())
        }
        LaneState::Gathered { .. } => (Role::StateWarn, Glyph::Waiting, lane.state.word().into()),
        LaneState::Settling { healthy_since: None } => {
            (Role::StateWarn, Glyph::Working, "settling, sick".into())
        }
        LaneState::Settling { .. } => (Role::StateWorking, Glyph::Working, "settling".into()),
        LaneState::Converging { .. } if back => {
            (Role::StateWorking, Glyph::Working, "back: converges".into())
        }
        LaneState::Converging { sick: Some(_), .. } => {
            (Role::StateBad, Glyph::Working, "converges, sick".into())
        }
        LaneState::Converging { .. } => (Role::StateWorking, Glyph::Working, "converges".into()),
        LaneState::Interrupted | LaneState::Probed(_) => {
            (Role::StateUnproven, Glyph::Unknown, "looked at".into())
        }
        LaneState::Done => well(unit, Glyph::Done, "done"),
        LaneState::Failed { step, .. } => (Role::StateBad, Glyph::Failed, step.word().into()),
        LaneState::Unknown { step, .. } => (Role::StateUnproven, Glyph::Unknown, format!("{}?", step.word())),
        LaneState::Excluded { .. } => (Role::StateWarn, Glyph::Skipped, "excluded".into()),
        LaneState::Skipped => (Role::TextDim, Glyph::Skipped, "left out".into()),
        LaneState::RolledBack => well(unit, Glyph::RolledBack, "rolled back"),
    }
}

/// `waiting, batch 3`: one of the first batch waits for nothing but its turn.
fn waits(lane: &Lane) -> String {
    if lane.at > 0 {
        return format!("waits: {}", lane.step().word());
    }
    match lane.batch {
        0 => "waiting".into(),
        batch => format!("waiting, batch {}", batch + 1),
    }
}

/// A host that is done is green only while it is seen to be well.
fn well(unit: &Unit, glyph: Glyph, word: &str) -> (Role, Glyph, String) {
    match unit.fresh().map(|seen| seen.health) {
        Some(Health::Healthy) => (Role::StateOk, glyph, word.into()),
        Some(Health::Sick) => (Role::StateBad, Glyph::Failed, format!("{word}, sick")),
        Some(Health::Unknown) => (Role::StateUnproven, Glyph::Unknown, format!("{word}, unknown")),
        None => (Role::StateStale, Glyph::Stale, format!("{word}, not seen since")),
    }
}

/// Boxes of the lane: the step it stands at counts as begun.
fn done(lane: &Lane) -> u16 {
    let all = lane.steps.len();
    let boxes = match lane.state {
        LaneState::Waiting | LaneState::Skipped => 0,
        LaneState::Done | LaneState::RolledBack => all,
        _ => (lane.at + 1).min(all),
    };
    boxes as u16
}

/// What its steps have taken, the one under way or the one that stopped it included. Waiting for capacity and for a human
/// is not counted.
fn time(lane: &Lane, world: &World<'_>) -> Option<Span> {
    let last = match &lane.state {
        LaneState::Working | LaneState::Converging { .. } | LaneState::Settling { .. } => {
            world.now.session.since(lane.step_since)
        }
        state if state.ended() => Span::ZERO,
        _ => lane.stopped_after.unwrap_or(Span::ZERO),
    };
    let spent = lane.done.iter().map(|step| step.took.0).sum::<u64>() + last.0;
    (spent > 0).then_some(Span(spent))
}

fn pool(unit: &Unit) -> (Role, String) {
    let drained = |lane: &Lane| lane.done.iter().any(|step| step.step == LaneStep::Drain);
    if unit.overtaken() && !unit.strayed() && unit.lane.as_ref().is_some_and(drained) {
        // The drain saw it out; the next look at the balancer may be seconds away.
        return (Role::StateWarn, "OUT".into());
    }
    let Some(seen) = unit.fresh() else { return (Role::StateStale, "?".into()) };
    match seen.pool {
        PoolState::In => (Role::Text, "in".into()),
        PoolState::Draining => (Role::StateWorking, "drain".into()),
        PoolState::Out => (Role::StateWarn, "OUT".into()),
        PoolState::Down => (Role::StateWarn, "DOWN".into()),
        PoolState::Unknown => (Role::StateUnproven, "?".into()),
        PoolState::None => (Role::TextDim, "–".into()),
    }
}

fn why(unit: &Unit, world: &World<'_>) -> String {
    let lane = unit.lane.as_ref();
    if let Some(lane) = lane.filter(|lane| lane.state.under_way()) {
        return world.signs.progress(&unit.id, lane.step()).unwrap_or_default().to_owned();
    }
    match lane.map(|lane| &lane.state) {
        Some(LaneState::Failed { why, .. } | LaneState::Unknown { why, .. }) => why.clone(),
        Some(LaneState::Excluded { reason }) => reason.clone(),
        _ => unit.fresh().and_then(|seen| seen.why.clone()).unwrap_or_default(),
    }
}

/// `0.8 s`, `39 s`, `3 min`.
pub fn short(span: Span) -> String {
    match span.as_secs() {
        0..10 => format!("{}.{} s", span.as_secs(), span.0 / 100_000 % 10),
        10..120 => format!("{} s", span.as_secs()),
        secs => format!("{} min", secs / 60),
    }
}

/// Whether its heart beats, where somebody listens; of one that is worked on that says nothing.
fn heartbeat(unit: &Unit, world: &World<'_>) -> Option<Line> {
    let heart = heart(world.session?, unit, world.now)?;
    let (role, glyph) = match heart {
        Heart::AtWork => return None,
        Heart::Alive => (Role::StateOk, Glyph::Done),
        Heart::Late { .. } => (Role::StateWarn, Glyph::NeedsHuman),
        Heart::Dead { .. } => (Role::StateBad, Glyph::Failed),
        Heart::Unknown => (Role::StateUnproven, Glyph::Unknown),
    };
    let every = world.session?.plan().environments.get(&unit.environment)?.heartbeat?;
    let beats = format!(" · a beat every {}, dead after {}", every.every, every.missed);
    Some(Line::new().mark(role, glyph).text(format!(" {heart}")).dim(beats))
}

/// Its last repair by golive, where there was any.
fn repair(unit: &Unit, world: &World<'_>) -> Option<Line> {
    let last = world.session?.operations.repairs.last(&unit.id)?;
    let (role, glyph) = match last.alive {
        Some(true) => (Role::StateOk, Glyph::Done),
        Some(false) => (Role::StateBad, Glyph::Failed),
        None => (Role::StateWorking, Glyph::Working),
    };
    Some(Line::new().mark(role, glyph).text(format!(" {}", last.words())))
}

/// Everything known about a host.
pub fn detail(unit: &Unit, world: &World<'_>, forecast: &Forecast, steps: Steps) -> Detail {
    let pool = match unit.fresh().map(|seen| seen.pool) {
        _ if unit.overtaken() && !unit.strayed() => "taken out",
        Some(PoolState::In) => "in the pool",
        Some(PoolState::Draining) => "draining",
        Some(PoolState::Out) => "out of the pool",
        Some(PoolState::Down) => "down by the balancer's check",
        Some(PoolState::None) => "no balancer",
        Some(PoolState::Unknown) | None => "pool not known",
    };
    let title = Line::of(Role::Text, unit.id.to_string()).dim(format!(" · {pool} · Enter: output"));
    let mut lines = Vec::new();
    match unit.fresh() {
        _ if unit.overtaken() => {}
        None => lines.push(Line::of(Role::StateStale, "not observed since the conductor started")),
        Some(seen) => {
            let runs =
                seen.runs.as_ref().map_or("runs nothing".to_owned(), |version| format!("runs {version}"));
            let kept = match seen.kept {
                Some(true) => "way back kept",
                Some(false) => "WAY BACK MISSING",
                None => "way back not known",
            };
            let (role, health) = match seen.health {
                Health::Healthy => (Role::StateOk, "healthy"),
                Health::Sick => (Role::StateBad, "sick"),
                Health::Unknown => (Role::StateUnproven, "health unknown"),
            };
            let mut line = Line::of(role, health).dim(format!(" · {runs} · {kept}"));
            if let Some(why) = seen.why.as_ref().filter(|why| *why != "nothing runs") {
                line.push(role, format!(" · {why}"));
            }
            lines.push(line);
        }
    }
    lines.extend(heartbeat(unit, world));
    lines.extend(repair(unit, world));
    if let Some(lane) = &unit.lane {
        lines.extend(lane_lines(unit, lane, world, forecast, steps));
    }
    // Of what failed its last words count most, and are nearer than what it wrote besides.
    let evidence = unit.lane.as_ref().and_then(|lane| lane.evidence.as_deref());
    let output = match evidence {
        Some(evidence) => evidence.lines().map(|line| Line::from(format!("  {line}"))).collect(),
        None => world.outputs.of(&unit.id).map(|line| Line::new().dim(format!("  {line}"))).collect(),
    };
    Detail { title, lines, output }
}

/// How the steps of a lane that are done are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Steps {
    /// In a line, without what they said: where there is little room.
    Joined,
    /// One under the other, with what they said.
    Listed,
}

fn listed(step: &StepDone) -> Line {
    Line::new()
        .mark(Role::StateOk, Glyph::Done)
        .text(in_columns(step.step, &short(step.took)))
        .dim(format!("  {}", step.note))
}

/// A step and how long it took, one under the other.
fn in_columns(step: LaneStep, took: &str) -> String {
    format!(" {:<10}{took:>6}", step.word())
}

fn joined(lane: &Lane) -> Vec<Line> {
    let mut line = Line::new();
    for step in &lane.done {
        if !line.is_empty() {
            line = line.dim(" · ");
        }
        let words = format!(" {} {}", step.step.word(), short(step.took));
        line = line.mark(Role::StateOk, Glyph::Done).text(words);
    }
    if line.is_empty() { Vec::new() } else { vec![line] }
}

fn lane_lines(unit: &Unit, lane: &Lane, world: &World<'_>, forecast: &Forecast, steps: Steps) -> Vec<Line> {
    let mut lines = match steps {
        Steps::Listed => lane.done.iter().map(listed).collect(),
        Steps::Joined => joined(lane),
    };
    let stopped = lane.stopped_after.map_or(String::new(), |span| format!(" {}", short(span)));
    match &lane.state {
        LaneState::Failed { step, why } => {
            let words = format!(" {}{stopped}, {why}", step.word());
            lines.push(Line::new().mark(Role::StateBad, Glyph::Failed).add(Role::StateBad, words));
        }
        LaneState::Unknown { step, why } => {
            let words = format!(" {}{stopped}, {why}", step.word());
            lines.push(Line::new().mark(Role::StateUnproven, Glyph::Unknown).add(Role::StateUnproven, words));
        }
        LaneState::Excluded { reason } => {
            lines.push(Line::of(Role::StateWarn, format!("excluded: {reason}")));
        }
        state if state.under_way() => lines.push(going(unit, lane, world, forecast, steps)),
        _ => {}
    }
    lines
}

/// The step that is under way: for how long, against what it took elsewhere, and what it says meanwhile.
fn going(unit: &Unit, lane: &Lane, world: &World<'_>, forecast: &Forecast, steps: Steps) -> Line {
    let step = lane.step();
    let so_far = short(world.now.session.since(lane.step_since));
    let words = match steps {
        Steps::Listed => in_columns(step, &so_far),
        Steps::Joined => format!(" {} {so_far}", step.word()),
    };
    let mut line = Line::new().mark(Role::StateWorking, Glyph::Working).add(Role::StateWorking, words);
    let usual = match world.session.and_then(|session| session.plan().environments.get(&unit.environment)) {
        Some(environment) if step == LaneStep::Settle => Some(environment.deadlines.min_healthy_time),
        _ => forecast.step(&unit.environment, step),
    };
    line = match usual {
        // What is over at once has no share of it worth telling.
        Some(usual) if usual < Span::millis(100) => line,
        Some(usual) => line.dim(format!(" of about {}", short(usual))),
        None => line.dim(", not timed before"),
    };
    match world.signs.progress(&unit.id, step) {
        Some(words) => line.dim(format!(" · {words}")),
        None => line,
    }
}
