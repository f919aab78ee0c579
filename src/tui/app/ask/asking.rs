//! What an action asks before it is done: a dialog, a form, or nothing. The rules were put to the core already;
//! here is only what a person is shown and has to say.

use super::{item, judge, poll, repair, rollback, start, unread, watch};
use crate::{
    domain::{
        checklist::ChecklistCommand,
        command::{Asked, Command, Shown},
        course::CourseCommand,
        name::{EnvironmentName, RoleName},
        notice::NoticeCommand,
        plan::EnvironmentKind,
        poll::PollCommand,
        session::Session,
    },
    tui::{
        app::{
            chrome,
            dialog::{Body, Confirm},
            focus::Focus,
            glance::Glance,
            request::{Purpose, Request},
        },
        canvas::Line,
        keymap::{Action, Chord, Why},
        theme::Role,
        world::{Link, World},
    },
};

/// What there is to know when an action is asked for.
pub struct Asking<'a> {
    pub world: World<'a>,
    pub focus: &'a Focus,
    pub glance: &'a Glance,
    pub action: Action,
    pub chord: Chord,
    /// The seat that is selected on the Decision screen.
    pub seat: Option<&'a RoleName>,
}

/// What follows from it.
#[derive(Debug, Default)]
pub struct Step {
    pub requests: Vec<Request>,
    pub body: Option<Body>,
    /// What is being done, where no dialog says it.
    pub says: Option<String>,
}

impl Step {
    pub(super) fn send(command: Command) -> Self {
        Self { requests: vec![Request::Send(Box::new(Asked::from(command)))], body: None, says: None }
    }
    pub(super) fn dialog(body: Body) -> Self {
        Self { requests: Vec::new(), body: Some(body), says: None }
    }
}

/// Actions that the rules allow; nothing for those that are the screens' own.
pub fn ask(asking: &Asking<'_>) -> Result<Step, Why> {
    if let Link::Unread(_) = asking.world.link {
        return Ok(unread::ask(asking));
    }
    let Some(session) = asking.world.session else {
        return Err(Why::new("not now", "no session is open"));
    };
    match asking.action {
        Action::Hold => Ok(Step::send(Command::Course(CourseCommand::Hold { reason: String::new() }))),
        Action::Undo => Ok(undo(session, asking)),
        Action::Acknowledge => Ok(Step::send(Command::Notice(NoticeCommand::Acknowledge { number: None }))),
        Action::RollBack => rollback::ask(session, asking),
        Action::Start => start::ask(session, asking),
        Action::Vote => poll::vote(session, asking),
        Action::Judge => judge::ask(session),
        Action::Declare => Ok(poll::declare(session, asking)),
        Action::Watch => watch::ask(session, asking),
        Action::Tick
        | Action::RunCheck
        | Action::Evidence
        | Action::Answer
        | Action::Waive
        | Action::NotApplicable
        | Action::ApproveWaiver => item::ask(session, asking),
        Action::Continue
        | Action::Promote
        | Action::TryAgain
        | Action::Claim
        | Action::MarkDone
        | Action::Exclude
        | Action::ForceNext
        | Action::EndAsIs => repair::ask(session, asking),
        _ => Ok(Step::default()),
    }
}

/// One's own last record: on the checklist, or one's vote, whichever came later; and which it was.
fn undo(session: &Session, asking: &Asking<'_>) -> Step {
    let me = asking.world.me();
    let vote = me.and_then(|me| session.poll.votes.get(me));
    let last = me.and_then(|me| session.checklist.last_of.get(me));
    let (item, what) = last
        .and_then(|item| session.checklist.record(item))
        .and_then(|record| {
            let ticked = record.tick.as_ref().map(|tick| (tick.at.session, "tick"));
            let answered = record.answer.as_ref().map(|answer| (answer.at.session, "answer"));
            let shown = record.evidence.last().map(|given| (given.at.session, "evidence"));
            let asked = record.waiver.as_ref().map(|waiver| (waiver.asked.at.session, "waiver"));
            let left = record.not_applicable.as_ref().map(|said| (said.at.session, "\"not applicable\""));
            [ticked, answered, shown, asked, left].into_iter().flatten().max()
        })
        .unzip();
    let undoable = asking.world.would(Command::Checklist(ChecklistCommand::Undo)).is_ok();
    let (command, words) = if undoable && vote.is_none_or(|vote| item >= Some(vote.at.session)) {
        let title = last.and_then(|id| session.plan().items.iter().find(|spec| spec.id == *id));
        let title = title.map_or("an item", |spec| spec.title.as_str());
        let what = what.unwrap_or("record");
        (Command::Checklist(ChecklistCommand::Undo), format!("u: takes back your {what} on {title}"))
    } else {
        let vote = vote.map_or("vote", |vote| vote.kind.word());
        (Command::Poll(PollCommand::Withdraw), format!("u: takes back your vote, {vote}"))
    };
    Step { says: Some(words), ..Step::send(command) }
}

/// The first line of every dialog that touches the fleet: what, where, which version.
pub(super) fn target(session: &Session, asking: &Asking<'_>, to: &str) -> Line {
    let header = chrome::header(&asking.world, asking.glance);
    let environment = header.environment.unwrap_or_default();
    let role = if header.production { Role::EnvProduction } else { Role::Text };
    Line::from(format!("{} · ", session.course.release.project))
        .add(role, environment)
        .text(format!(": {to}"))
}

/// Of one environment, whichever the header is about.
pub(super) fn target_in(session: &Session, environment: &EnvironmentName, to: &str) -> Line {
    let declared = session.plan().environments.get(environment);
    let production = declared.is_some_and(|it| it.kind == EnvironmentKind::Production);
    let (role, name) = if production {
        (Role::EnvProduction, environment.as_str().to_uppercase())
    } else {
        (Role::Text, environment.to_string())
    };
    Line::from(format!("{} · ", session.course.release.project)).add(role, name).text(format!(": {to}"))
}

/// What the screen showed, so that a change meanwhile is refused and not overlooked.
pub(super) fn shown(session: &Session) -> Shown {
    Shown {
        candidate: Some(session.course.release.candidate.digest.clone()),
        plan: Some(session.course.adopted.digest.clone()),
        obstacles: None,
        touched: None,
        goes_on: None,
    }
}

pub(super) fn confirm(
    asking: &Asking<'_>,
    title: &str,
    lines: Vec<Line>,
    go: &str,
    keep: &str,
    purpose: Purpose,
) -> Confirm {
    Confirm {
        title: format!("{}: {title}", asking.chord),
        lines,
        action: asking.action,
        chord: asking.chord,
        go: go.to_owned(),
        keep: keep.to_owned(),
        purpose,
        countdown: None,
        others: Vec::new(),
        about: String::new(),
    }
}
