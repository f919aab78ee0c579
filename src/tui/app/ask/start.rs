//! `S`: version, digest, first hosts, lowest capacity, rollback, the conductor's machine.

use super::{Asking, Step, confirm, repair::typed, shown, target_in};
use crate::{
    domain::{
        counted::counted,
        course::hotfix,
        gate,
        name::UnitId,
        pipeline::{self, foresight, region_waits},
        plan,
        refusal::Obstacle,
        rehearsal,
        rollout::{self, Preview, RolloutCommand},
        session::Session,
    },
    tui::{
        app::{
            dialog::{Body, Confirm},
            request::{Fill, Purpose},
        },
        canvas::Line,
        keymap::Why,
        screens::{decision::downtime, rollout::rollback},
        theme::Role,
        when,
    },
};

pub fn ask(session: &Session, asking: &Asking<'_>) -> Result<Step, Why> {
    if let Some(waits) = region_that_waits(session, asking) {
        return Ok(waits);
    }
    let all = || Why::new("not now", "every stage has been started");
    let first = pipeline::next_index(session).ok_or_else(all)?;
    let mut step = of_stage(session, asking, first)?;
    if let Some(Body::Confirm(dialog)) = &mut step.body {
        dialog.others = others(session, asking, first);
    }
    Ok(step)
}

/// The other stages that nothing is in the way of: whose turn it is as well.
fn others(session: &Session, asking: &Asking<'_>, first: usize) -> Vec<Confirm> {
    let waits = |index: &usize| *index != first && session.pipeline.may_begin(*index);
    let free = |index: &usize| gate::to_start(session, *index, asking.world.now).is_empty();
    let all = (0..session.pipeline.stages.len()).filter(|_| session.pipeline.branches());
    let steps = all.filter(waits).filter(free).filter_map(|index| of_stage(session, asking, index).ok());
    let dialogs = steps.filter_map(|step| match step.body {
        Some(Body::Confirm(dialog)) => Some(dialog),
        _ => None,
    });
    dialogs.collect()
}

/// What starting this stage does.
fn of_stage(session: &Session, asking: &Asking<'_>, index: usize) -> Result<Step, Why> {
    let preview = rollout::preview_of(session, index, asking.world.now)
        .ok_or_else(|| Why::new("not now", "every stage has been started"))?;
    let from = preview.from.as_ref().map_or("first deploy".to_owned(), |from| from.version.to_string());
    let what = format!("{} · {from} → {}", preview.stage, preview.to);
    let mut lines = vec![
        target_in(session, &preview.environment, &what),
        Line::from(preview.hosts_words()),
        Line::new().dim(format!(
            "{} · capacity not under {} of {} (minimum {})",
            preview.at_once(),
            preview.lowest,
            preview.budget.limits.hosts,
            preview.budget.limits.min_healthy
        )),
        rollback(session, &asking.glance.forecast, Some(&preview.rollback)),
        Line::new().dim(format!("carried out by the conductor on {} · you are on watch", preview.machine)),
    ];
    let parts = preview.parts.iter().map(|it| Line::new().dim(format!("{}: {}", it.component, it.words())));
    let parts: Vec<Line> = parts.collect();
    lines.splice(3..3, parts);
    if let Some(first) = &preview.goes_first {
        lines.insert(2, Line::of(Role::StateWarn, first.words()));
    }
    if let Some(runs) = &preview.runs_now {
        lines.insert(1, Line::of(Role::StateWarn, format!("RUNS NOW {runs}")));
    }
    if let Some(expected) = &preview.downtime {
        lines.insert(1, downtime(expected));
    }
    lines.extend(preview.once.iter().map(|once| {
        let role = if once.back.is_empty() { Role::StateWarn } else { Role::TextDim };
        Line::of(role, once.short(preview.rollback.to.is_some()))
    }));
    lines.extend(alone(&preview));
    if let Some(hotfix) = &session.course.hotfix {
        let words = format!("HOTFIX: no {} · {}", hotfix::words(&hotfix.skips), hotfix.reason);
        lines.push(Line::of(Role::StateWarn, words));
    }
    lines.extend(preview.conflict.iter().map(|words| Line::of(Role::StateWarn, words.clone())));
    lines.extend(session.left_out_words().map(|words| Line::of(Role::StateWarn, words)));
    if preview.requests_may_fail {
        lines.push(Line::of(Role::StateWarn, "no balancer: requests may fail while a host is changed"));
    }
    if preview.not_locked {
        lines.push(Line::of(
            Role::StateWarn,
            "not locked at the target: another conductor could deploy there",
        ));
    }
    lines.extend(rehearsal::said(session).map(|standing| rehearsed(&standing)));
    lines.extend(rehearsal::never_played(session).map(|words| Line::of(Role::StateWarn, words)));
    if let Some(why) = &preview.may_sleep {
        lines.push(Line::of(Role::StateWarn, format!("sleep not inhibited: {why}")));
    }
    if preview.obstacles.iter().any(gate::is_window) {
        return Ok(outside(
            asking,
            "start",
            lines,
            &preview.obstacles,
            Fill::StartOutside { stage: preview.stage },
        ));
    }
    lines.extend(closes(session, asking, index));
    let command = RolloutCommand::Start { stage: Some(preview.stage.clone()) };
    let purpose = Purpose::from(command).with_shown(shown(session));
    let mut dialog = confirm(asking, "start", lines, "starts it", "start nothing", purpose);
    dialog.about = preview.stage.to_string();
    Ok(Step::dialog(Body::Confirm(dialog)))
}

/// The region whose turn it is, and whose hours are closed: it begins with a reason and the typed name of its stage.
fn region_that_waits(session: &Session, asking: &Asking<'_>) -> Option<Step> {
    let run = session.pipeline.running()?;
    let waits = region_waits(session, run, asking.world.now)?;
    let hosts: Vec<&str> = run.units_of_turn().iter().map(UnitId::as_str).collect();
    let lines = vec![
        target_in(session, &run.environment, &format!("{} · {}", run.name, waits.region)),
        Line::from(format!("{}: {}", counted(hosts.len(), "host"), hosts.join(", "))),
        rollback(session, &asking.glance.forecast, asking.glance.rollback.as_ref()),
    ];
    let fill = Fill::StartOutside { stage: run.name.clone() };
    Some(outside(asking, &format!("begin {}", waits.region), lines, &waits.obstacles, fill))
}

/// Loud where nobody has gone this way before.
fn rehearsed(standing: &rehearsal::Standing<'_>) -> Line {
    match standing.passed() {
        Some(_) => Line::new().dim(standing.words()),
        None => Line::of(Role::StateWarn, standing.words()),
    }
}

/// When the window of a stage that starts now closes, and whether its hosts are expected to be done by then.
pub(super) fn closes(session: &Session, asking: &Asking<'_>, index: usize) -> Option<Line> {
    let (world, glance) = (&asking.world, asking.glance);
    let hosts = glance.hosts_of_stage(index) as u32;
    let ahead = foresight(session, index, world.now.wall, &glance.forecast, hosts);
    ahead.words(|at, _| when::near(at, world.now.wall, world.zone)).map(|words| Line::new().dim(words))
}

/// A form with a reason and a typed name, where a closed window is in the way.
pub(super) fn outside(
    asking: &Asking<'_>,
    title: &str,
    mut lines: Vec<Line>,
    in_the_way: &[Obstacle],
    fill: Fill,
) -> Step {
    for closed in in_the_way.iter().filter(|it| gate::is_window(it)) {
        lines.push(Line::of(Role::StateWarn, format!("{} {}", closed.what, closed.why)));
    }
    let stage = match &fill {
        Fill::StartOutside { stage } | Fill::PromoteOutside { stage } => stage.to_string(),
        _ => String::new(),
    };
    typed(asking, &format!("{title} outside the window"), lines, &stage, fill)
}

/// Where one side is taken after the other: which is first, and who serves meanwhile.
fn alone(preview: &Preview) -> Option<Line> {
    let first = preview.batches.first().filter(|_| preview.steps.iter().any(plan::Step::takes_side_out))?;
    let side = first.group.as_deref().unwrap_or("one side");
    let shift = preview.steps.iter().find_map(|step| match step {
        plan::Step::Shift { to, from } => Some((*to, *from)),
        _ => None,
    });
    if let Some((to, from)) = shift {
        let of = |batch: u32| preview.batches.get(batch as usize);
        let named = |batch| {
            let batch = of(batch)?;
            Some((batch.group.as_deref().unwrap_or("one cloud"), batch.units.len() as u32))
        };
        let (over, leaves) = (named(to)?, named(from)?);
        if let Some(fewer) = plan::takes_over_with_fewer(over, leaves) {
            return Some(Line::of(Role::StateWarn, format!("at the switch {fewer}")));
        }
        let words = format!("{side} first, without traffic; then {} takes over from {}", over.0, leaves.0);
        return Some(Line::from(words));
    }
    let words = format!(
        "{side} first, out of traffic: {} of {} serve alone",
        first.lowest, preview.budget.limits.hosts
    );
    Some(Line::from(words))
}
