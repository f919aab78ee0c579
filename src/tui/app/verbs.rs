//! The palette's words: those of the command line. Most lead to the same action as a key, and ask as it does; some
//! take names after them.

use super::{
    ask::{Step, narrow_rollback},
    dialog::{Body, Candidate, Field, Form, Pick},
    request::{Fill, Request},
};
use crate::{
    domain::{
        command::Command,
        course::CourseCommand,
        name::{ItemId, PersonName, UnitId},
        poll::PollCommand,
    },
    tui::{
        canvas::Line,
        keymap::{Action, Chord, Keymap, ScreenName},
        world::World,
    },
};

/// Verb, the action that it is, what it says where no key says it.
const ACTS: [(&str, Action); 24] = [
    ("hold", Action::Hold),
    ("continue", Action::Continue),
    ("rollback", Action::RollBack),
    ("start", Action::Start),
    ("promote", Action::Promote),
    ("vote", Action::Vote),
    ("declare", Action::Declare),
    ("watch", Action::Watch),
    ("item tick", Action::Tick),
    ("item run", Action::RunCheck),
    ("item evidence", Action::Evidence),
    ("item answer", Action::Answer),
    ("item waive", Action::Waive),
    ("item na", Action::NotApplicable),
    ("item approve", Action::ApproveWaiver),
    ("rollout try", Action::TryAgain),
    ("rollout exclude", Action::Exclude),
    ("rollout mark-done", Action::MarkDone),
    ("rollout force-next", Action::ForceNext),
    ("rollout end-as-is", Action::EndAsIs),
    ("rollout claim", Action::Claim),
    ("undo", Action::Undo),
    ("keys", Action::Keys),
    ("quit", Action::Leave),
];

/// Verbs that no key has, or that take words: verb, whether it needs more, what it says.
const LINES: [(&str, bool, &str); 6] = [
    ("rollback host", true, "rollback host web-02 …: only these"),
    ("watch offer", true, "watch offer NAME"),
    ("go", true, "go ITEM or HOST: select it on its screen"),
    ("vote call", false, "call for the votes"),
    ("vote withdraw", false, "take one's vote back"),
    ("close", false, "end the session, once it is verified or rolled back"),
];

pub fn candidates(keymap: &Keymap) -> Vec<Candidate> {
    let mut list: Vec<Candidate> = Vec::new();
    for (words, action) in ACTS {
        let line = keymap.lines().find(|(binding, _)| binding.action == action);
        let Some((binding, keys)) = line else { continue };
        let key = keys.first().map_or(String::new(), ToString::to_string);
        list.push(Candidate { words: words.into(), says: binding.says.into(), key, pick: Pick::Act(action) });
    }
    for (binding, keys) in keymap.lines().filter(|(binding, _)| binding.action.screen().is_some()) {
        let key = keys.first().map_or(String::new(), ToString::to_string);
        let words = binding.action.name().into();
        list.push(Candidate { words, says: binding.says.into(), key, pick: Pick::Act(binding.action) });
    }
    for (words, more, says) in LINES {
        let pick = Pick::Verb { more };
        list.push(Candidate { words: words.into(), says: says.into(), key: String::new(), pick });
    }
    list
}

/// What a line with words in it leads to.
pub enum Lined {
    Step(Step),
    /// Selects something on a screen.
    Go(ScreenName, Target),
}

pub enum Target {
    Item(ItemId),
    Unit(UnitId),
}

pub fn line(text: &str, world: &World<'_>, chord: Chord) -> Result<Lined, String> {
    let session = world.session.ok_or("no session is open")?;
    let send = |command: Command| {
        Lined::Step(Step { requests: vec![Request::Send(Box::new(command.into()))], body: None })
    };
    if let Some(hosts) = text.strip_prefix("rollback host ") {
        let units = hosts.split_whitespace().map(|name| UnitId::new(name).map_err(|e| e.to_string()));
        let units: Vec<UnitId> = units.collect::<Result<_, _>>()?;
        return narrow_rollback(session, world, units, chord).map(Lined::Step).map_err(|why| why.full);
    }
    if let Some(name) = text.strip_prefix("watch offer ") {
        let to = PersonName::new(name.trim()).map_err(|error| error.to_string())?;
        return Ok(send(Command::Course(CourseCommand::OfferWatch { to })));
    }
    if let Some(name) = text.strip_prefix("go ") {
        return go(name.trim(), world)
            .ok_or_else(|| format!("no item and no host is called {}", name.trim()));
    }
    match text.trim() {
        "vote call" => Ok(send(Command::Poll(PollCommand::Call))),
        "vote withdraw" => Ok(send(Command::Poll(PollCommand::Withdraw))),
        "close" => {
            let name = session.course.release.project.as_str();
            let lines = vec![Line::from(format!("the session is {}", session.course.phase.word()))];
            let form = Form::new("close the session", lines, vec![Field::typed(name)], Fill::Close);
            Ok(Lined::Step(Step { requests: Vec::new(), body: Some(Body::Form(form)) }))
        }
        other => Err(format!("no command is called {other:?}")),
    }
}

fn go(name: &str, world: &World<'_>) -> Option<Lined> {
    let session = world.session?;
    let lower = name.to_lowercase();
    let unit = session.rollout.units().iter().find(|unit| unit.id.as_str() == name);
    if let Some(unit) = unit {
        return Some(Lined::Go(ScreenName::Rollout, Target::Unit(unit.id.clone())));
    }
    let items = &session.plan().items;
    let item = items
        .iter()
        .find(|spec| spec.id.as_str() == name)
        .or_else(|| items.iter().find(|spec| spec.title.to_lowercase().contains(&lower)))?;
    Some(Lined::Go(ScreenName::Checklist, Target::Item(item.id.clone())))
}
