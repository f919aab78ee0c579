//! What is done about a stopped line, and going on: CONTINUE, promote, try again, claim, exclude, force next, mark
//! done, END AS IS.

use super::{Asking, Step, confirm, shown, start, target, target_in};
use crate::{
    domain::{
        command::{Command, Shown},
        counted::counted,
        course::{self, CourseCommand},
        gate,
        name::{EnvironmentName, OnceName, UnitId},
        operation,
        pipeline::{self, StageRun, StageState, waits_at_pause},
        plan::{self, HostShare},
        rollout::{self, RolloutCommand, budget},
        session::Session,
        signal,
    },
    report,
    tui::{
        app::{
            dialog::{Body, Field, Form},
            focus::{to_force, to_lift, to_try_again},
            request::{Fill, Purpose},
        },
        canvas::Line,
        keymap::{Action, Why},
        screens::rollout::{Steps, detail, rollback},
        theme::Role,
    },
};

pub fn ask(session: &Session, asking: &Asking<'_>) -> Result<Step, Why> {
    let unit = || asking.focus.unit.clone().ok_or_else(|| Why::new("not now", "no host is selected"));
    Ok(match asking.action {
        Action::Continue => go_on(session, asking),
        Action::Promote => promote(session, asking),
        Action::Claim => Step::send(Command::Rollout(RolloutCommand::Claim)),
        Action::TryAgain => try_again(session, asking)?,
        Action::Exclude => {
            let unit = unit()?;
            let mut lines = host(session, asking, &unit);
            let stays = rollout::left_out_runs(session, &unit);
            lines.push(Line::of(Role::StateWarn, format!("{stays}, and it counts for nothing")));
            let once = rollout::left_out_waits(session, &unit);
            lines.extend(once.map(|words| Line::of(Role::StateWarn, words)));
            typed(asking, "exclude", lines, unit.as_str(), Fill::Exclude { unit: unit.clone() })
        }
        Action::MarkDone if let Some(once) = to_force(session) => {
            let mut lines = vec![target(session, asking, &format!("{once} is done"))];
            lines.extend(how_once_stands(session, &once));
            lines
                .push(Line::of(Role::StateWarn, "you have looked: it is not looked at again, nor run again"));
            typed(
                asking,
                &format!("mark {once} done"),
                lines,
                once.as_str(),
                Fill::OnceDone { once: once.clone() },
            )
        }
        Action::MarkDone => {
            let unit = unit()?;
            let lines = host(session, asking, &unit);
            typed(asking, "mark done", lines, unit.as_str(), Fill::MarkDone { unit: unit.clone() })
        }
        Action::ForceNext if let Some(once) = to_force(session) => {
            let lines = vec![
                target(session, asking, &format!("go on without {once}")),
                Line::of(Role::StateWarn, "whether it is done is not looked at again; the record names it"),
            ];
            typed(
                asking,
                &format!("force past {once}"),
                lines,
                once.as_str(),
                Fill::ForceOnce { once: once.clone() },
            )
        }
        Action::ForceNext if let Some(waits) = past_barrier(session) => {
            let component = waits.barrier.component.clone();
            let lines = vec![
                target(session, asking, &format!("{component} goes past {}", waits.barrier.after)),
                Line::of(Role::StateWarn, waits.words()),
                Line::of(Role::StateWarn, format!("hosts of {component} go on in spite of it")),
                capacity(session, asking),
            ];
            let fill = Fill::ForcePart { component: component.clone() };
            typed(asking, &format!("force {component}"), lines, component.as_str(), fill)
        }
        Action::ForceNext => {
            let failed: Vec<&str> = session.rollout.troubled().map(|unit| unit.id.as_str()).collect();
            let lines = vec![
                target(session, asking, &format!("go on in spite of {}", failed.join(", "))),
                capacity(session, asking),
            ];
            typed(
                asking,
                "force the next host",
                lines,
                failed.first().copied().unwrap_or("force"),
                Fill::ForceNext,
            )
        }
        _ => {
            let runs = counted(session.rollout.touched().len(), "host");
            let lines = vec![
                target(session, asking, &format!("close with {runs} changed and not rolled back")),
                Line::of(Role::StateWarn, on_the_new(session)),
                rollback(session, &asking.glance.forecast, asking.glance.rollback.as_ref()),
            ];
            typed(asking, "END AS IS", lines, session.course.release.project.as_str(), Fill::EndAsIs)
        }
    })
}

/// `stays on 2.5.0: beta 2 of 2 · production 1 of 3`: every environment of the plan.
fn on_the_new(session: &Session) -> String {
    let each: Vec<String> = rollout::on_the_new(session).iter().map(rollout::OnTheNew::words).collect();
    format!("stays on {}: {}", session.course.release.candidate.version, each.join(" · "))
}

/// What hosts wait for that are forced past it, where no host that failed is in the way.
fn past_barrier(session: &Session) -> Option<rollout::Waits<'_>> {
    let stalled = session.rollout.stalled.is_some() && !session.rollout.any_troubled();
    let mut closed = rollout::barred(session).into_iter().filter(|it| stalled || it.hopeless());
    closed.next().filter(|_| !session.rollout.any_troubled())
}

/// What is known of a step that runs once, and what still runs of it.
fn how_once_stands(session: &Session, once: &OnceName) -> Vec<Line> {
    let words = rollout::troubles(session).into_iter().find_map(|trouble| match &trouble {
        rollout::Trouble::Once { once: name, .. } if name == once => Some(trouble.words()),
        _ => None,
    });
    let left = rollout::once_left_behind(session, once).map(|left| left.words());
    words.into_iter().chain(left).map(|words| Line::of(Role::StateBad, words)).collect()
}

pub(super) fn typed(asking: &Asking<'_>, title: &str, lines: Vec<Line>, name: &str, fill: Fill) -> Step {
    let fields = vec![Field::text("because", true), Field::typed(name)];
    Step::dialog(Body::Form(Form::new(format!("{}: {title}", asking.chord), lines, fields, fill)))
}

fn capacity(session: &Session, asking: &Asking<'_>) -> Line {
    super::super::glance::place(&asking.world).map_or_else(Line::new, |place| capacity_of(session, place))
}

fn capacity_of(session: &Session, environment: &EnvironmentName) -> Line {
    Line::new().dim(budget(session, environment).words())
}

/// What is at stake with one host: how it stands, and what capacity remains.
fn host(session: &Session, asking: &Asking<'_>, unit: &UnitId) -> Vec<Line> {
    let mut lines = vec![target(session, asking, unit.as_str())];
    if let Some(unit) = session.rollout.unit(unit) {
        lines.extend(
            detail(unit, &asking.world, &asking.glance.forecast, Steps::Joined).lines.into_iter().take(4),
        );
    }
    lines.push(capacity(session, asking));
    lines
}

fn go_on(session: &Session, asking: &Asking<'_>) -> Step {
    let stopped =
        session.rollout.stalled.as_ref().map_or_else(Line::new, |(why, _)| Line::from(why.as_str()));
    let is_held = session.course.hold.is_some();
    let held = session.course.hold.as_ref().map_or(stopped, |hold| {
        let by = hold.by.as_ref().map_or("somebody", |person| person.as_str());
        Line::from(format!(
            "held by {by}: {}",
            if hold.reason.is_empty() { "no reason said" } else { &hold.reason }
        ))
    });
    if let Some(run) = waits_at_pause(session).filter(|_| session.course.hold.is_none()) {
        let next = run.steps.get(run.at.step as usize + 1);
        let after = next.map_or_else(String::new, |step| format!("then {}", step_words(session, run, step)));
        let after = Line::from(after);
        let mut lines = vec![
            target_in(session, &run.environment, run.name.as_str()),
            after,
            capacity_of(session, &run.environment),
        ];
        let fewer = rollout::fewer_take_over(session, run);
        lines.extend(fewer.map(|words| Line::of(Role::StateWarn, format!("at the switch {words}"))));
        let more = rollout::host_share(session).filter(HostShare::is_more);
        lines.extend(more.map(|share| Line::of(Role::StateWarn, share.words())));
        let purpose = go_on_purpose(session);
        let dialog = confirm(asking, "CONTINUE", lines, "ends the pause", "keep waiting", purpose);
        return Step::dialog(Body::Confirm(dialog));
    }
    let next = match session.pipeline.running() {
        Some(run) => {
            let counts = session.rollout.counts(&run.environment);
            Line::new().dim(format!("{} goes on: {} waiting", run.name, counted(counts.waiting, "host")))
        }
        None => Line::new().dim("nothing is under way; stages may be started again"),
    };
    let purpose = go_on_purpose(session);
    let (yes, no) =
        if is_held { ("lifts the hold", "keep holding") } else { ("lets it go on", "leave it stopped") };
    let dialog = confirm(asking, "CONTINUE", vec![held, next], yes, no, purpose);
    Step::dialog(Body::Confirm(dialog))
}

/// CONTINUE of what the dialog shows, and of nothing that came after it.
fn go_on_purpose(session: &Session) -> Purpose {
    let seen = Shown { goes_on: course::goes_on(session), ..shown(session) };
    Purpose::from(CourseCommand::Continue).with_shown(seen)
}

/// What a step is; where it brings a cloud into traffic, or observes that traffic came to it, with the cloud's name.
fn step_words(session: &Session, run: &StageRun, step: &plan::Step) -> String {
    let cloud = |batch: u32| {
        let unit = run.units_of(batch).first().and_then(|id| session.rollout.unit(id))?;
        Some(unit.cloud.as_ref()?.to_string())
    };
    let named = match step {
        plan::Step::Return { batch, .. } if run.takes_clouds() => {
            cloud(*batch).map(|cloud| format!("the switch: cloud {cloud} into traffic"))
        }
        plan::Step::Stand { batch, .. } if run.takes_clouds() => {
            cloud(*batch).map(|cloud| format!("change cloud {cloud} without traffic: it stands by"))
        }
        plan::Step::Shift { to, .. } => {
            cloud(*to).map(|cloud| format!("observe that traffic has shifted to cloud {cloud}"))
        }
        _ => None,
    };
    named.unwrap_or_else(|| report::step(step))
}

fn promote(session: &Session, asking: &Asking<'_>) -> Step {
    let run = gate::promotable(session, asking.world.now);
    let mut step = promote_of(session, asking, run);
    if let (Some(Body::Confirm(dialog)), Some(run)) = (&mut step.body, run) {
        let free = |other: &&StageRun| {
            let ready = other.state == StageState::Ready && other.name != run.name;
            ready && gate::to_promote(session, other, asking.world.now).is_empty()
        };
        let others = session.pipeline.under_way().filter(free).filter_map(|other| {
            match promote_of(session, asking, Some(other)).body {
                Some(Body::Confirm(dialog)) => Some(dialog),
                _ => None,
            }
        });
        dialog.others = others.collect();
    }
    step
}

/// What promoting this stage does.
fn promote_of(session: &Session, asking: &Asking<'_>, run: Option<&StageRun>) -> Step {
    let name = run.map_or("the stage", |run| run.name.as_str());
    let follows = run.and_then(|run| pipeline::follows(session, run));
    let next = follows.or_else(|| pipeline::next_index(session).filter(|_| !session.pipeline.branches()));
    let after = match next.and_then(|index| Some((index, session.plan().stages.get(index)?))) {
        Some((index, stage)) => {
            format!("then {}: {}", stage.name, counted(session.plan().units_of(index).len(), "host"))
        }
        None if run.is_none_or(|run| session.pipeline.ends_with(&run.name)) => {
            "it is the last stage: live from then on".to_owned()
        }
        None => run.map_or_else(String::new, |run| pipeline::why_none_follows(session, run)),
    };
    let (head, room) = match run {
        Some(run) => (target_in(session, &run.environment, name), capacity_of(session, &run.environment)),
        None => (target(session, asking, name), capacity(session, asking)),
    };
    let mut lines = vec![head, Line::from(after), room];
    if let (Some(stage), Some(run)) = (follows.and_then(|index| session.plan().stages.get(index)), run) {
        let in_the_way = gate::to_promote(session, run, asking.world.now);
        if in_the_way.iter().any(gate::is_window) {
            let fill = Fill::PromoteOutside { stage: stage.name.clone() };
            return start::outside(asking, "promote", lines, &in_the_way, fill);
        }
    }
    lines.extend(follows.and_then(|index| start::closes(session, asking, index)));
    // Where another stage may wait for its promotion, the one that is shown is the one that is promoted.
    let command = match run.filter(|_| session.pipeline.branches()) {
        Some(run) => RolloutCommand::PromoteStage { stage: run.name.clone() },
        None => RolloutCommand::Promote,
    };
    let purpose = Purpose::from(command).with_shown(shown(session));
    let mut dialog = confirm(asking, "promote", lines, "promotes it", "promote nothing", purpose);
    name.clone_into(&mut dialog.about);
    Step::dialog(Body::Confirm(dialog))
}

/// So many keys are listed one by one; the others are counted.
const KEYS: usize = 8;

/// Every key that would be set over what it holds, with that.
fn replaced(session: &Session, again: &RolloutCommand) -> Vec<Line> {
    let RolloutCommand::DesireAgain { environment, over } = again else { return Vec::new() };
    let there = rollout::store_shows(session, environment);
    let there: Vec<_> =
        there.iter().filter(|held| held.over().is_some_and(|named| over.contains(&named))).collect();
    let each = there.iter().take(KEYS).map(|held| Line::of(Role::StateWarn, held.words()));
    let mut lines: Vec<Line> = each.collect();
    if there.len() > KEYS {
        let more = counted(there.len() - KEYS, "more key");
        lines.push(Line::of(Role::StateWarn, format!("and {more}: golive status names them")));
    }
    if !lines.is_empty() {
        lines.push(Line::new().dim("all of these are replaced, and no other key"));
    }
    lines
}

fn try_again(session: &Session, asking: &Asking<'_>) -> Result<Step, Why> {
    if let Some(again) = to_try_again(session) {
        let (what, title, yes, no) = match &again {
            RolloutCommand::ValidateAgain { check } => {
                (format!("validation {check}"), "run it again", "runs it", "run nothing")
            }
            RolloutCommand::OnceAgain { once } => {
                (format!("{once}, which runs once"), "run it again", "runs it", "run nothing")
            }
            RolloutCommand::ShareAgain { environment } => {
                (format!("the shares of {environment}"), "try again", "tells the balancer", "leave them")
            }
            RolloutCommand::DesireAgain { environment, .. } => {
                (format!("what agents of {environment} read"), "set again", "sets it", "set nothing")
            }
            RolloutCommand::LockAgain { environment } => {
                (format!("the lock on {environment}"), "try again", "tries to take it", "leave it")
            }
            other => (other.word().to_owned(), "try again", "tries it", "leave it"),
        };
        let mut lines = vec![target(session, asking, &what)];
        lines.extend(replaced(session, &again));
        if let RolloutCommand::OnceAgain { once } = &again {
            lines.extend(how_once_stands(session, once));
            let words = match rollout::once_left_behind(session, once) {
                Some(_) => "what still runs is ended first, then it is run from its beginning",
                None => "it is run from its beginning, whatever it has done; M marks it done instead",
            };
            lines.push(Line::of(Role::StateWarn, words));
        }
        let dialog = confirm(asking, title, lines, yes, no, Purpose::from(again));
        return Ok(Step::dialog(Body::Confirm(dialog)));
    }
    if let Some(environment) = to_lift(session) {
        let words = signal::traffic(session, &environment).map_or_else(String::new, |it| it.words());
        let lines = vec![
            target(session, asking, &format!("the alarm about requests to {environment}")),
            Line::of(Role::StateBad, words),
            Line::new().dim("who sent them, and that they do not any more, is for you to say"),
        ];
        let name = environment.to_string();
        return Ok(typed(asking, "lift the alarm", lines, &name, Fill::LiftAlarm { environment }));
    }
    let unit = asking.focus.unit.clone().ok_or_else(|| Why::new("not now", "no host is selected"))?;
    let mut lines = host(session, asking, &unit);
    lines.extend(operation::replaces_again(session, &unit).map(|words| Line::of(Role::StateWarn, words)));
    let purpose = Purpose::from(RolloutCommand::TryAgain { unit });
    Ok(Step::dialog(Body::Confirm(confirm(asking, "try again", lines, "tries again", "leave it", purpose))))
}
