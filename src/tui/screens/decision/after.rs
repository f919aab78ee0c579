//! What the Decision screen says about plan B and about what follows a GO.

use crate::{
    domain::{
        counted::counted,
        course::{Ending, Phase, hotfix},
        name::UnitId,
        pipeline::{Foresight, foresight},
        plan::{PointOfNoReturn, Promote, Step},
        rehearsal,
        rollout::{Basis, Expected, Preview, preview, preview_of, rollback_place, staying},
        session::Session,
        time::Now,
        timeline::End,
    },
    tui::{
        app::{Glance, whoever},
        canvas::Line,
        screens::rollout::{rollback, short},
        theme::Role,
        when,
        world::World,
    },
};

pub fn plan_b(session: &Session, world: &World<'_>, glance: &Glance) -> Vec<Line> {
    let plan = &session.plan().plan_b;
    let point = match &plan.point_of_no_return {
        PointOfNoReturn::None => "none".to_owned(),
        PointOfNoReturn::Stage(stage) => format!("{stage} passed"),
    };
    let decides = plan.decides.as_ref().map_or("nobody named", |person| person.as_str());
    let mut second = format!("point of no return: {point} · decides: {decides}");
    if !plan.informs.is_empty() {
        second = format!("{second} · informs: {}", plan.informs.join(", "));
    }
    let second = rehearsed(world, glance).dim(second);
    let mut lines = vec![way_back(session, glance), second];
    lines.extend(plan.numbered().map(|step| Line::new().dim(step)));
    lines
}

/// The readout, and how long it would take before anything was touched.
fn way_back(session: &Session, glance: &Glance) -> Line {
    let line = rollback(session, &glance.forecast, glance.rollback.as_ref());
    let Some(ready) = glance.rollback.as_ref().filter(|ready| ready.to.is_some() && ready.past.is_none())
    else {
        return line;
    };
    let environment = session.plan().headline().map(|environment| &environment.name);
    let whole = environment.and_then(|name| glance.forecast.hosts(session, name, ready.hosts));
    match whole.filter(|_| !session.rollout.any_touched()) {
        Some(whole) => line.dim(format!(" · about {}", short(whole))),
        None => line,
    }
}

/// Whether anybody has gone this way before.
fn rehearsed(world: &World<'_>, glance: &Glance) -> Line {
    if glance.rollback.as_ref().is_none_or(|ready| ready.to.is_none() || ready.back.is_some()) {
        return Line::new();
    }
    let rehearsed = world.session.and_then(|session| rehearsal::standing(session).passed());
    if let Some(back) = rehearsed.and_then(|rehearsal| rehearsal.back.as_ref()) {
        let hosts = counted(back.hosts, "stand-in");
        return Line::new().dim(format!("rehearsed: {hosts} back in {} · ", short(back.took)));
    }
    let back = Some(Ending::RolledBack.word());
    match world.whereabouts.sessions.iter().find(|(_, _, ended)| ended.as_deref() == back) {
        Some((_, version, _)) => Line::new().dim(format!("done before, from {version} · ")),
        None => Line::of(Role::StateWarn, "NOT REHEARSED").dim(" · "),
    }
}

pub fn after_go(session: &Session, world: &World<'_>, glance: &Glance) -> Vec<Line> {
    if session.course.is_over() {
        return vec![Line::new().dim("nothing: the session is closed")];
    }
    match session.course.phase {
        Phase::RollingBack => return vec![Line::new().dim("nothing: hosts are brought back")],
        Phase::RolledBack => {
            let nothing = "nothing: it was rolled back · the next try is a session of its own";
            let version = session.course.release.candidate.version.as_str();
            let back = rollback_place(session).map(|back| staying(session, back).words(version));
            let stays = back.into_iter().flatten().map(|words| Line::of(Role::StateWarn, words));
            return std::iter::once(Line::new().dim(nothing)).chain(stays).collect();
        }
        _ => {}
    }
    let Some(preview) = decided_about(session, world.now) else {
        return vec![Line::new().dim("every stage has been started")];
    };
    // Where agents pull, those that are told first, and no others.
    let told = preview.batches.first().filter(|_| preview.steps.iter().any(Step::desires));
    let units = told.map_or(&preview.units, |batch| &batch.units);
    let first: Vec<&str> = units.iter().take(3).map(UnitId::as_str).collect();
    let more = units.len().saturating_sub(first.len());
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    let skipped = session.course.hotfix.as_ref().map(|hotfix| {
        let follow_up = &hotfix.follow_up;
        let due = when::near(follow_up.due, world.now.wall, world.zone);
        let what = hotfix::words(&hotfix.skips);
        let words = format!("HOTFIX skips {what} · review by {}, due {due}", follow_up.owner);
        Line::of(Role::StateWarn, format!("{words} · {}", hotfix.reason))
    });
    let mut lines: Vec<Line> = skipped.into_iter().collect();
    lines.extend(session.left_out_words().map(|words| Line::of(Role::StateWarn, words)));
    lines.extend(preview.conflict.iter().map(|words| Line::of(Role::StateWarn, words.clone())));
    let at = lines.len() + 1;
    lines.extend([
        begins(session, world).dim(" · ").text(format!(
            "first {}: {}{more}",
            preview.stage,
            first.join(", ")
        )),
        Line::new().dim(format!(
            "{} · capacity not under {} of {}, minimum {} · conductor {}",
            preview.at_once(),
            preview.lowest,
            preview.budget.limits.hosts,
            preview.budget.limits.min_healthy,
            preview.machine
        )),
    ]);
    let window = window(session, world, glance, &preview);
    let whole = end(session, world, glance, window.is_some());
    lines.extend(window);
    lines.push(whole);
    if let Some(downtime) = &preview.downtime {
        lines.insert(1, self::downtime(downtime));
    }
    if preview.requests_may_fail {
        lines.insert(at, Line::of(Role::StateWarn, "no balancer: requests may fail while a host is changed"));
    }
    lines
}

/// That of the stage that the decision is about, where no room is left for more.
pub fn downtime_to_come(session: &Session, world: &World<'_>) -> Option<Line> {
    let open =
        !session.course.is_over() && !matches!(session.course.phase, Phase::RollingBack | Phase::RolledBack);
    decided_about(session, world.now).filter(|_| open)?.downtime.as_ref().map(downtime)
}

/// What a start means where every host is stopped before one is deployed. Red whether or not its length is known.
pub fn downtime(expected: &Expected) -> Line {
    let (what, how_long) = (expected.what(), expected.how_long());
    Line::of(Role::StateBad, format!("DOWNTIME, {how_long}")).text(format!(": {what}"))
}

/// What starts the stage that comes next.
fn begins(session: &Session, world: &World<'_>) -> Line {
    let after = session.pipeline.running().filter(|_| poll_stage_started(session));
    let promote = after.and_then(|run| session.plan().stage(&run.name)).map(|(_, stage)| stage.promote);
    match (after, promote) {
        // Beside other stages a person starts it, or it begins by itself with what it is after.
        _ if session.pipeline.branches() => {
            let presses = whoever(world, session, "deployer", "press");
            Line::from(format!("{presses} S")).dim(", once all that it is after has passed")
        }
        (Some(run), Some(Promote::Automatic)) => Line::from(format!("follows {} by itself", run.name)),
        (Some(run), _) => {
            let presses = whoever(world, session, "deployer", "press");
            Line::from(format!("{presses} P after {}", run.name))
        }
        (None, _) => {
            let presses = whoever(world, session, "deployer", "press");
            Line::from(format!("{presses} S")).dim(", nothing starts by itself")
        }
    }
}

fn poll_stage_started(session: &Session) -> bool {
    let index = session.plan().poll_index();
    session.pipeline.stages.get(index).is_some_and(|run| run.started.is_some())
}

/// The stage that the poll stands before; once that is started, the next one.
fn decided_about(session: &Session, now: Now) -> Option<Preview> {
    let index = session.plan().poll_index();
    if poll_stage_started(session) { preview(session, now) } else { preview_of(session, index, now) }
}

/// What closes the stage that comes next, and when its hosts would be done; none: nothing does.
fn window(session: &Session, world: &World<'_>, glance: &Glance, preview: &Preview) -> Option<Line> {
    let (index, _) = session.plan().stage(&preview.stage)?;
    let from =
        if poll_stage_started(session) { world.now.wall } else { session.course.go_live.max(world.now.wall) };
    let hosts = glance.hosts_of_stage(index) as u32;
    let ahead = foresight(session, index, from, &glance.forecast, hosts);
    let role = match ahead {
        Foresight::Closed { .. } | Foresight::Bypassed => Role::StateWarn,
        Foresight::Open { end, closes, .. } if end.is_some_and(|end| end > closes) => Role::StateWarn,
        Foresight::Open { .. } | Foresight::Always => Role::Text,
    };
    ahead.words(|at, _| when::near(at, world.now.wall, world.zone)).map(|words| Line::of(role, words))
}

/// When all of it would be over; unknown where a part of it was never timed, or nothing goes on.
fn end(session: &Session, world: &World<'_>, glance: &Glance, windowed: bool) -> Line {
    let line = if windowed { Line::new() } else { Line::new().dim("no window declared · ") };
    let Some(timeline) = &glance.timeline else { return line };
    let end = timeline.outlook.end(world.now.wall);
    let words = end.words(|at, _| when::near(at, world.now.wall, world.zone));
    let words = format!("expected end {words}");
    let End::At { decisions, .. } = end else {
        let role = if matches!(end, End::Halted(_)) { Role::StateWarn } else { Role::TextDim };
        return line.add(role, words);
    };
    let decided: Vec<_> = session.plan().stages.iter().skip(session.plan().poll_index()).collect();
    let rows = timeline.rows.iter();
    let rows = rows.filter(|row| decided.iter().any(|stage| Some(&stage.name) == row.stage.as_ref()));
    let source = rows.filter_map(|row| row.left.as_ref()?.basis()).find_map(|basis| match basis {
        Basis::SeenIn { environment, .. } => Some(format!(", by the times of {environment}")),
        Basis::Earlier { .. } | Basis::Rehearsed { .. } => Some(format!(" ({})", basis.words())),
        Basis::Plan | Basis::Seen { .. } => None,
    });
    let line = line.text(format!("{words}{}", source.unwrap_or_default()));
    match decisions {
        0 => line,
        n => line.dim(format!(" · besides {}", counted(n, "decision"))),
    }
}
