//! `R` holds at once and arms; `R` again rolls back. Where the line needs a human it goes by itself after five
//! seconds; in calm it expires after fifteen, and the hold stays.

use std::time::Duration;

use super::{Asking, Step, confirm, shown, target_in};
use crate::{
    domain::{
        command::{Asked, Command, Shown},
        counted::counted,
        course::CourseCommand,
        name::{EnvironmentName, UnitId},
        rollout::{self, Beforehand, RolloutCommand, budget, scope},
        session::Session,
    },
    tui::{
        app::{
            dialog::{Body, Confirm, Countdown, Field, Form, Page},
            request::{Fill, Purpose, Request},
        },
        canvas::Line,
        keymap::{Action, Chord, Why},
        screens::rollout::{rollback, short, way_back},
        theme::Role,
        world::World,
    },
};

/// While the line needs a human it goes by itself after so long.
const PRESSING: Duration = Duration::from_secs(5);
/// In calm it waits so long for the second press.
pub const CALM: Duration = Duration::from_secs(15);

pub fn ask(session: &Session, asking: &Asking<'_>) -> Result<Step, Why> {
    let scope = scope(session)?;
    let known = Beforehand::of(session, &scope.environment);
    let from = &session.course.release.candidate.version;
    let hosts = session.rollout.counts(&scope.environment).hosts;
    let names: Vec<&str> = scope.units.iter().take(5).map(UnitId::as_str).collect();
    let more = scope.units.len().saturating_sub(names.len());
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    let whole = asking.glance.forecast.hosts(session, &scope.environment, scope.units.len() as u32);
    let switch = asking
        .glance
        .rollback
        .as_ref()
        .and_then(|ready| way_back(session, &asking.glance.forecast, ready, scope.units.len() as u32));
    let about = match (switch, whole) {
        (Some(words), _) => format!(" · {words}"),
        (None, Some(span)) => format!(" · about {}", short(span)),
        (None, None) => String::new(),
    };
    let budget = budget(session, &scope.environment);
    let ready = asking.glance.rollback.as_ref();
    let agents = ready.is_some_and(|ready| ready.agents.is_some());
    let how = if agents {
        "set back for all at once; agents pull in their own time".to_owned()
    } else if known.downtime.is_some() {
        "all are stopped first, whatever the minimum".to_owned()
    } else {
        format!("newest first, {} at once", budget.limits.max_parallel)
    };
    let what = match scope.units.len() {
        0 => format!("{from} → {}", scope.to.version),
        units => format!("{from} → {} on {units} of {}", scope.to.version, counted(hosts, "host")),
    };
    let mut lines = vec![
        target_in(session, &scope.environment, &what),
        if names.is_empty() {
            Line::new().dim("no host was changed: only what ran once is taken back")
        } else {
            Line::from(format!("{}{more}{about}", names.join(", ")))
        },
        Line::new().dim(format!("{} · {how}", budget.words())),
    ];
    if let Some(words) = known.downtime {
        lines.insert(1, Line::of(Role::StateBad, words));
    }
    if ready.is_some_and(|ready| !ready.ready()) {
        lines.push(rollback(session, &asking.glance.forecast, ready));
    }
    lines.extend(once(session));
    lines.extend(stays(session, &scope.environment));
    if let Some(words) = known.beside {
        lines.push(Line::of(Role::StateWarn, words));
    }
    let hold = Command::Course(CourseCommand::Hold { reason: "rollback armed".into() });
    let holds = session.course.hold.is_none() && asking.world.would(hold.clone()).is_ok();
    let held = holds || session.course.hold.is_some();
    if held {
        let what = if agents {
            "HELD: nothing new is set; agents that read it go on"
        } else {
            "HELD: no new host meanwhile"
        };
        lines.push(Line::of(Role::StateWarn, what));
    }
    let command = RolloutCommand::RollBack { only: Vec::new() };
    let seen = Shown { touched: Some(scope.units.len() as u32), ..shown(session) };
    let purpose = Purpose::from(command).with_shown(seen);
    // Past its end a release has nothing to hold.
    let keep = if held { "keep holding" } else { "roll nothing back" };
    let mut dialog = confirm(asking, "roll back", lines, "now", keep, purpose);
    let pressing = !asking.glance.troubles.is_empty();
    dialog.countdown = Some(Countdown { after: if pressing { PRESSING } else { CALM }, goes: pressing });
    let requests = if holds { vec![Request::Send(Box::new(Asked::from(hold)))] } else { Vec::new() };
    if let Some(form) = across(session, &scope.environment, &dialog) {
        return Ok(Step { requests, ..Step::dialog(Body::Form(form)) });
    }
    Ok(Step { requests, ..Step::dialog(Body::Confirm(dialog)) })
}

/// Past the point of no return the key brings nothing back, and says what is left.
pub fn plan_b(session: &Session) -> Option<Page> {
    let ready = rollout::readiness(session, rollout::rollback_place(session)?);
    let (stage, plan) = (ready.past?, ready.plan_b?);
    let mut lines = vec![
        Line::of(Role::StateBad, format!("NO WAY BACK: the point of no return ({stage}) is passed.")),
        Line::from(format!("Plan B, which {} decides:", plan.decider())),
        Line::new(),
    ];
    lines.extend(plan.numbered().map(Line::from));
    if plan.steps.is_empty() {
        lines.push(Line::of(Role::StateWarn, "the plan names no steps ([plan_b] steps in golive.toml)"));
    }
    lines.push(Line::new());
    if !plan.informs.is_empty() {
        lines.push(Line::from(format!("informs: {}", plan.informs.join(", "))));
    }
    lines.push(Line::new().dim("Where the line stopped T and X go on; E (END AS IS) closes on what runs."));
    Some(Page::keys("R: plan B", lines, 3))
}

/// Where it would go back past what ran once and is not taken back, that is typed: it never goes by itself.
fn across(session: &Session, environment: &EnvironmentName, dialog: &Confirm) -> Option<Form> {
    let crossed = rollout::once_crossed(session, environment);
    let mut names: Vec<&str> = Vec::new();
    for it in &crossed {
        if !names.contains(&it.once.as_str()) {
            names.push(it.once.as_str());
        }
    }
    names.first()?;
    let Purpose::Send(asked) = &dialog.purpose else { return None };
    let mut lines = dialog.lines.clone();
    lines.extend(crossed.iter().map(|it| Line::of(Role::StateBad, it.stays.clone())));
    let fields = names.iter().map(|name| Field::typed(name)).collect();
    let title = format!("{} across {}", dialog.title, names.join(" and "));
    Some(Form::new(title, lines, fields, Fill::Asked(asked.clone())))
}

/// All that was changed in one environment, by its name.
pub fn in_environment(session: &Session, environment: &EnvironmentName, chord: Chord) -> Result<Step, Why> {
    let scope = rollout::scope_in(session, environment)?;
    let from = &session.course.release.candidate.version;
    let names: Vec<&str> = scope.units.iter().take(5).map(UnitId::as_str).collect();
    let more = scope.units.len().saturating_sub(names.len());
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    let hosts = counted(scope.units.len(), "host");
    let mut lines = vec![
        target_in(session, environment, &format!("{from} → {} on {hosts}", scope.to.version)),
        Line::from(format!("{}{more}", names.join(", "))),
        Line::new().dim(budget(session, environment).words()),
    ];
    lines.extend(stays(session, environment));
    let command = RolloutCommand::RollBackIn { environment: environment.clone() };
    let seen = Shown { touched: Some(scope.units.len() as u32), ..shown(session) };
    let dialog = Confirm {
        title: format!("{chord}: roll back {environment}"),
        lines,
        action: Action::RollBack,
        chord,
        go: "now".into(),
        keep: "roll nothing back".into(),
        purpose: Purpose::from(command).with_shown(seen),
        countdown: None,
        others: Vec::new(),
        about: environment.to_string(),
    };
    Ok(Step::dialog(match across(session, environment, &dialog) {
        Some(form) => Body::Form(form),
        None => Body::Confirm(dialog),
    }))
}

/// What no rollback of this environment takes along, and what does.
fn stays(session: &Session, environment: &EnvironmentName) -> Vec<Line> {
    let words =
        rollout::staying(session, environment).words(session.course.release.candidate.version.as_str());
    words.into_iter().map(|words| Line::of(Role::StateWarn, words)).collect()
}

/// What ran once, and what becomes of it.
fn once(session: &Session) -> Vec<Line> {
    let say = |it: rollout::TakenBack| {
        if it.waits { Line::new().dim(it.words) } else { Line::of(Role::StateWarn, it.words) }
    };
    rollout::taken_back(session).into_iter().map(say).collect()
}

/// Only some hosts, by name: the rollout as a whole is not given up.
pub fn narrow(session: &Session, world: &World<'_>, units: Vec<UnitId>, chord: Chord) -> Result<Step, Why> {
    let scope = scope(session)?;
    world.would(RolloutCommand::RollBack { only: units.clone() }.into())?;
    let names: Vec<&str> = units.iter().map(UnitId::as_str).collect();
    let lines = vec![
        Line::from(format!("{}: back to {} on {}", scope.environment, scope.to.version, names.join(", "))),
        Line::new().dim(format!(
            "left as they are: {}",
            counted(scope.units.len().saturating_sub(units.len()), "other host")
        )),
    ];
    let dialog = Confirm {
        title: format!("{chord}: roll back {}", counted(units.len(), "host")),
        lines,
        action: Action::RollBack,
        chord,
        go: "now".into(),
        keep: "roll nothing back".into(),
        purpose: Purpose::from(RolloutCommand::RollBack { only: units }).with_shown(shown(session)),
        countdown: None,
        others: Vec::new(),
        about: String::new(),
    };
    Ok(Step::dialog(Body::Confirm(dialog)))
}
