//! Capacity, blast radius, the way back, and how long it will take: each only from what was seen.

use super::{host::short, share::share};
use crate::{
    client::{Measured, Sample},
    domain::{
        comparison,
        counted::counted,
        effect::LaneStep,
        name::EnvironmentName,
        pipeline::{StageRun, StageState, region_in_turn, validation_standing},
        plan::{HostShare, Pause, Step},
        rollout::{self, Forecast, Readiness, WayBack, barred, board, budget, host_share, reach},
        session::Session,
        signal::JudgedVerdict,
        time::Span,
        timeline::End,
    },
    tui::{
        app::Glance,
        canvas::Line,
        glyph::Glyph,
        theme::Role,
        when,
        world::{Link, World},
    },
};

pub fn lines(world: &World<'_>, session: &Session, environment: &EnvironmentName) -> Vec<Line> {
    let budget = budget(session, environment);
    let short_of = budget.available < budget.limits.min_healthy;
    let role = if short_of { Role::StateBad } else { Role::Text };
    let version = &session.course.release.candidate.version;
    let known: u32 = session.rollout.serving(environment).map(|(_, hosts)| hosts).sum();
    let serves: u32 = session
        .rollout
        .serving(environment)
        .filter(|(runs, _)| *runs == Some(version))
        .map(|(_, hosts)| hosts)
        .sum();
    // What an agent brought to a host that is not well since serves nobody there.
    let not_well = board(session, environment, world.now).map_or(0, |board| board.not_well);
    let serves = serves.saturating_sub(not_well);
    let first = match down(world, session, environment) {
        Some(words) => Line::of(Role::StateBad, words).text(" · ").add(role, budget.words()),
        None => Line::of(role, budget.words()),
    };
    // In one line: another one would push the way back off a screen that is full.
    let first = match share(session, environment, world.now) {
        Some((role, words)) => {
            first.text(format!(" · {version} serves {serves} of {known} · ")).add(role, words)
        }
        None => first.text(format!(" · {version} serves {}", part(serves, known))).dim(
            match session.plan().converges(environment) {
                Some(_) => " · agents pull: no budget holds them".to_owned(),
                None => format!(" · at most {} at once", budget.limits.max_parallel),
            },
        ),
    };
    let mut lines = vec![first];
    let waits = barred(session).into_iter().map(|it| Line::of(Role::StateWaiting, it.words()));
    lines.extend(waits);
    lines.extend(once(session));
    // What lifts it comes before the reason, which a narrow screen cuts off.
    lines.extend(session.operations.repairs.paused.get(environment).map(|paused| {
        let by = paused.by.as_ref().map_or("golive", |by| by.as_str());
        let words = format!(" repairs SUSPENDED by {by} · :repair resume {environment}");
        let line = Line::new().mark(Role::StateWarn, Glyph::NeedsHuman).add(Role::StateWarn, words);
        line.dim(format!(" · {}", paused.reason))
    }));
    lines.extend(super::sides::lines(session, environment));
    lines.extend(super::board::line(session, environment, world));
    lines.extend(samples(world, environment));
    lines.push(validations(world, session));
    lines
}

/// What runs once and needs somebody: why, and what lifts it. No host's row says so.
fn once(session: &Session) -> Vec<Line> {
    let of = |trouble: rollout::Trouble| match &trouble {
        rollout::Trouble::Once { once, back, unknown, why, .. } => {
            let what = if *back { "the way back of " } else { "" };
            let how = if *unknown { "unknown" } else { "failed" };
            let says = Line::of(Role::StateBad, format!("{what}{once} {how}: {why}"));
            vec![says, Line::new().dim(format!("lifts: {}", by_key(&trouble.lift(session))))]
        }
        _ => Vec::new(),
    };
    rollout::troubles(session).into_iter().flat_map(of).collect()
}

/// `DOWN since 14:03:22, 8 s, expected about 12 s`; when it is over: how long it was.
fn down(world: &World<'_>, session: &Session, environment: &EnvironmentName) -> Option<String> {
    let downtime = session.rollout.downtime.get(environment)?;
    let lasted = downtime.lasted(world.now);
    let since = when::second(downtime.since.wall, world.zone);
    let expected = match downtime.expected {
        None => "unknown for how long".to_owned(),
        Some(span) if lasted > span => format!("over the expected {}", short(span)),
        Some(span) => format!("expected about {}", short(span)),
    };
    Some(if downtime.is_now() {
        format!("DOWN since {since}, {}, {expected}", when::lasted(lasted))
    } else {
        format!("was DOWN {}", short(lasted))
    })
}

/// `6 of 11, about 55 %`: of the hosts that take requests. What comes out even is not said to be about that.
fn part(serves: u32, known: u32) -> String {
    match serves * 100 {
        _ if known == 0 => "none that is known".to_owned(),
        hundred if hundred % known == 0 => format!("{serves} of {known}, {} %", hundred / known),
        hundred => format!("{serves} of {known}, about {} %", (hundred + known / 2) / known),
    }
}

/// What is measured beside the rollout. Figures without a verdict: no rule and no colour judges them.
fn samples(world: &World<'_>, environment: &EnvironmentName) -> Option<Line> {
    let mut line = Line::new();
    for sample in world.signs.samples(environment) {
        if !line.is_empty() {
            line.push(Role::TextDim, " · ");
        }
        let words = match sample.measured {
            Measured::Count { count, of } => format!("{} {count} of {of}", sample.name),
            Measured::Time(span) => format!("{} {}", sample.name, fine(span)),
        };
        let age = world.now.wall.since(sample.at);
        if age > Sample::FRESH || *world.link != Link::Up {
            line.push(Role::StateStale, format!("{words}, {} ago", when::lasted(age)));
        } else {
            line.push(Role::Text, words);
        }
    }
    (!line.is_empty()).then_some(line)
}

/// `3 ms`, `1.4 s`.
fn fine(span: Span) -> String {
    if span < Span::secs(1) { format!("{} ms", span.0.div_ceil(1_000)) } else { short(span) }
}

fn validations(world: &World<'_>, session: &Session) -> Line {
    let old = format!("{} s old", world.age.as_secs());
    let age = if *world.link == Link::Up { (Role::TextDim, old) } else { (Role::StateStale, old) };
    let mut line = Line::new();
    let run = session.pipeline.running().or_else(|| session.pipeline.last_started());
    let stage = run.and_then(|run| session.plan().stage(&run.name).map(|(_, stage)| (run, stage)));
    if let Some((run, stage)) = stage {
        for check in &stage.validations {
            let going = session.checks.run(check, &run.environment).is_some_and(|run| run.running.is_some());
            let (role, words) = match validation_standing(session, run, check) {
                _ if going => (Role::StateWorking, "running".to_owned()),
                None if comparison::by_hand(session, check) => (Role::TextDim, "not judged".to_owned()),
                None => (Role::TextDim, "not run".to_owned()),
                Some(judged) => match judged.verdict {
                    JudgedVerdict::Passed => (Role::StateOk, "passed".to_owned()),
                    JudgedVerdict::Failed => (Role::StateBad, format!("failed: {}", judged.shows)),
                    JudgedVerdict::Inconclusive => {
                        (Role::StateUnproven, format!("unproven: {}", judged.shows))
                    }
                },
            };
            line = line.add(role, format!("{check} {words}")).dim(" · ");
        }
    }
    line.dim(format!("{} · conductor {} · data ", alarms(session), world.whereabouts.machine))
        .add(age.0, age.1)
}

/// Alarms are read and checked, and not watched yet: none of them is ever shown as quiet.
fn alarms(session: &Session) -> String {
    match session.plan().alarms.len() {
        0 => "no alarms declared".to_owned(),
        n => format!("{n} alarms declared, none watched by this build"),
    }
}

/// The rollback readout: what `R` would do, and what is not proven about it, before anyone needs it.
pub fn rollback(session: &Session, forecast: &Forecast, ready: Option<&Readiness>) -> Line {
    let Some(ready) = ready else { return Line::new().dim("rollback: not known yet") };
    if let Some(stage) = &ready.past {
        let decides = session.plan().plan_b.decider();
        let words = format!("NO WAY BACK: the point of no return ({stage}) is passed");
        return Line::of(Role::StateBad, words).text(format!(" · plan B: {decides} decides"));
    }
    let Some(to) = &ready.to else {
        return Line::of(Role::StateWarn, "ROLLBACK UNAVAILABLE").text(": no previous version to go back to");
    };
    if ready.back == Some(WayBack::Done) {
        let back = Line::of(Role::StateOk, format!("BACK ON {}", to.version));
        return match ready.elsewhere {
            0 => back.text(" · nothing is left to roll back"),
            elsewhere => {
                back.add(Role::StateWarn, format!(" · {elsewhere} of {} run another version", ready.hosts))
            }
        };
    }
    if ready.back == Some(WayBack::NoHost) {
        return Line::of(Role::StateOk, "TAKEN BACK: what ran once").text(" · no host was changed");
    }
    // Kept everywhere is not enough: no go-live of golive's has ever verified what it would go back to.
    let (role, word) = match (ready.back, ready.ready(), ready.proven) {
        (Some(WayBack::Going), ..) => (Role::StateWarn, "ROLLING BACK"),
        (_, true, true) => (Role::StateOk, "ROLLBACK READY"),
        (_, true, false) => (Role::StateWarn, "ROLLBACK NOT PROVEN"),
        (_, false, _) => (Role::StateWarn, "ROLLBACK NOT READY"),
    };
    let mut line = Line::of(role, word).text(format!(" → {}", to.version));
    if let Some(store) = &ready.store {
        return line.text(" · ").add(Role::StateBad, by_key(store));
    }
    if let Ok(reach) = reach(session)
        && reach.environment == ready.environment
    {
        line = line.text(match reach.hosts {
            0 => " · only what ran once".to_owned(),
            changed => format!(" on {}", hosts(changed as usize)),
        });
        let span = || forecast.hosts(session, &reach.environment, reach.hosts);
        if let Some(words) = super::sides::way_back(session, forecast, ready, reach.hosts) {
            line = line.text(format!(" · {words}"));
        } else if let Some(span) = span().filter(|_| reach.hosts > 0) {
            line = line.text(format!(" · about {}", short(span)));
        }
    }
    line = line.dim(format!(" · kept on {} of {}", ready.kept, ready.hosts));
    if ready.missing > 0 {
        line.push(Role::StateBad, format!(" · MISSING on {}", ready.missing));
    }
    if ready.unknown > 0 {
        line.push(Role::StateUnproven, format!(" · {} not known", ready.unknown));
    }
    if ready.unreached > 0 {
        line.push(Role::StateUnproven, format!(" · balancer can't be asked of {}", ready.unreached));
    }
    if !ready.proven {
        line.push(Role::TextDim, format!(" · no go-live verified {}", to.version));
    }
    line
}

/// `1 host`, `3 hosts`.
pub fn hosts(count: usize) -> String {
    counted(count, "host")
}

/// `✔ alpha ─ ▲ 1-box 1/3 ─ ○ production 0/24`.
pub fn stages(session: &Session, glance: &Glance) -> Line {
    let mut line = Line::new();
    for (i, run) in session.pipeline.stages.iter().enumerate() {
        if i > 0 {
            // Beside the one that stands before it here, and not after it.
            let follows = session.pipeline.before(i).any(|before| before + 1 == i);
            let beside = session.pipeline.branches() && !follows;
            line.push(Role::TextDim, if beside { " & " } else { " ─ " });
        }
        let stuck = run.state.running() && !glance.troubles.is_empty();
        let (role, glyph) = match run.state {
            _ if stuck => (Role::StateBad, Glyph::NeedsHuman),
            StageState::Waiting => (Role::TextDim, Glyph::Waiting),
            StageState::Rolling | StageState::Validating | StageState::Baking => {
                (Role::StateWorking, Glyph::Working)
            }
            StageState::Ready => (Role::StateWarn, Glyph::NeedsHuman),
            StageState::Passed => (Role::StateOk, Glyph::Done),
            StageState::RollingBack | StageState::RolledBack => (Role::StateWarn, Glyph::RolledBack),
        };
        line = line.mark(role, glyph).add(role, format!(" {}", run.name));
        let of = if run.units.is_empty() { glance.hosts_of_stage(i) } else { run.units.len() };
        let done = session.rollout.done_in(&run.name);
        match run.state {
            StageState::Passed => {}
            StageState::Waiting => line.push(role, format!(" 0/{of}")),
            StageState::Rolling => line.push(role, format!(" {done}/{of}{}", at_step(session, run))),
            state => line.push(role, format!(" {}", state.word())),
        }
    }
    line
}

/// `, batch 2 of 4`, `, 25 %`, `, 25 %, pause`: where a stage takes several steps.
fn at_step(session: &Session, run: &StageRun) -> String {
    if let Some(weight) = run.weight() {
        let waits = match run.step() {
            Some(Step::Pause(_)) => ", pause",
            Some(Step::Validate(_)) => ", test",
            Some(Step::StandBy) => ", spares leave",
            Some(
                Step::Deploy { .. }
                | Step::Desire { .. }
                | Step::Gather { .. }
                | Step::Return { .. }
                | Step::Stand { .. }
                | Step::Shift { .. }
                | Step::Region { .. }
                | Step::Once(_),
            )
            | None => "",
        };
        let share = host_share(session).filter(HostShare::is_off);
        let hosts = share.map_or(String::new(), |share| format!(" (hosts: {} %)", share.percent()));
        return format!(", {weight}{hosts}{waits}");
    }
    if let Some(region) = region(session, run) {
        return region;
    }
    match run.step() {
        Some(Step::Gather { at: LaneStep::Fetch, .. }) => return ", fetching".to_owned(),
        Some(Step::Gather { at: LaneStep::Prove, .. }) => return ", proving stopped".to_owned(),
        Some(Step::Gather { at: LaneStep::Drain, .. }) => return ", out of traffic".to_owned(),
        Some(Step::Gather { at: LaneStep::Alive, .. }) => return ", without traffic".to_owned(),
        Some(Step::Return { .. }) if run.takes_clouds() => return ", into traffic".to_owned(),
        Some(Step::Return { .. }) => return ", back into traffic".to_owned(),
        Some(Step::Stand { .. }) => return ", without traffic".to_owned(),
        Some(Step::Shift { .. }) => return ", shift observed".to_owned(),
        Some(Step::Once(once)) => return format!(", once: {once}"),
        Some(Step::Pause(Pause::Human)) if run.takes_clouds() => return ", pause".to_owned(),
        Some(Step::Pause(Pause::Soak(_))) => return ", soaks".to_owned(),
        Some(Step::Pause(Pause::Warm(_))) => return ", other side warm".to_owned(),
        Some(Step::Gather { .. }) => return ", stopping".to_owned(),
        _ => {}
    }
    match session.rollout.open_batch(&run.environment) {
        Some(open) if run.batches.len() > 1 => format!(", batch {} of {}", open + 1, run.batches.len()),
        _ => String::new(),
    }
}

/// `, eu-2 (2 of 3)`, `, eu-2 (2 of 3) bakes`: where one region is taken after another.
fn region(session: &Session, run: &StageRun) -> Option<String> {
    if matches!(run.step(), Some(Step::Once(_))) {
        return None;
    }
    let (region, turn, of) = region_in_turn(session, run)?;
    let does = match run.step() {
        Some(Step::Region { .. }) => " waits",
        Some(Step::Pause(_)) => " bakes",
        Some(Step::Validate(_)) => " tested",
        _ => "",
    };
    Some(format!(", {region} ({turn} of {of}){does}"))
}

/// When the running stage has nothing left but its promotion, by what its parts took before; where that is unknown,
/// when its hosts are done, if that is known.
pub fn eta(world: &World<'_>, session: &Session, glance: &Glance) -> Line {
    let Some((run, line)) = session.pipeline.running().zip(glance.timeline.as_ref()) else {
        return Line::new();
    };
    if run.state == StageState::Ready {
        return Line::new();
    }
    let at = |left: Span| {
        let at = world.now.wall.plus(left);
        // In a short rollout seconds tell more than the same minute for all of it.
        if left < Span::minutes(10) { when::second(at, world.zone) } else { when::minute(at, world.zone) }
    };
    let end = line.outlook.end_of_stage(world.now.wall);
    match end {
        Some(End::At { left, decisions: 0, .. }) => return Line::new().dim(format!("ETA {}", at(left))),
        Some(End::At { decisions, .. }) if line.hosts_left(&run.name).is_none() => {
            return Line::new().dim(format!("ETA unknown: {} to come", counted(decisions, "decision")));
        }
        _ => {}
    }
    let halted = matches!(end, Some(End::Halted(_)));
    match line.hosts_left(&run.name).filter(|left| !halted && *left > Span::ZERO) {
        Some(done) => Line::new().dim(format!("hosts done {} · ETA unknown", at(done))),
        None => Line::new().dim("ETA unknown"),
    }
}

/// `try again (T: golive rollout try web-02)` is for a shell: here it is the key alone.
fn by_key(lift: &str) -> String {
    let mut parts = lift.split(": golive ");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |said, part| said + part.find(')').map_or("", |at| &part[at..]))
}
