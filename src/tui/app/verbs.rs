//! What the palette's words lead to. What a key does too asks as that key does; what none does asks for the project's
//! name, unless it only records.

use super::{
    ask::{Step, narrow_rollback, rollback_in},
    cockpit::App,
    dialog::{Body, Candidate, Field, Form, Offered, Page, Pick},
    request::{Fill, Purpose, Request},
};
use crate::{
    domain::{
        checklist::ChecklistCommand,
        command::{Asked, Command},
        course::CourseCommand,
        drill::DrillCommand,
        gate,
        name::{EnvironmentName, ItemId, UnitId},
        operation::OperationCommand,
        pipeline::next_index,
        poll::{Decision, PollCommand},
        refusal::Refusal,
        rollout::{RolloutCommand, moves},
        session::Session,
    },
    tui::{
        canvas::Line,
        keymap::{Action, Chord, Level, ScreenName},
        screens::{drills, pipeline, versions},
        words::{Choice, Meaning, Names},
        world::{Link, World},
    },
};

/// Something that can be selected on a screen.
pub enum Target {
    Item(ItemId),
    Unit(UnitId),
}

/// Names of the plan, to complete words with.
fn known(session: Option<&Session>, names: Names) -> Vec<String> {
    let Some(session) = session else { return Vec::new() };
    let plan = session.plan();
    match names {
        Names::Hosts => session.rollout.units().iter().map(|unit| unit.id.to_string()).collect(),
        Names::Items => plan.items.iter().map(|item| item.id.to_string()).collect(),
        Names::People => plan.people.keys().map(ToString::to_string).collect(),
        Names::Stages => plan.stages.iter().map(|stage| stage.name.to_string()).collect(),
        Names::Checks => plan.checks.keys().map(ToString::to_string).collect(),
        Names::Environments => plan.environments.keys().map(ToString::to_string).collect(),
        Names::Roles => plan.poll.seats.iter().map(|seat| seat.role.to_string()).collect(),
    }
}

fn offered(option: &Choice, session: Option<&Session>) -> Offered {
    Offered {
        option: option.clone(),
        names: option.names.map_or_else(Vec::new, |names| known(session, names)),
    }
}

impl App {
    /// Every verb, with its key and why it is not allowed now; then what only looks, and has no verb.
    pub(super) fn candidates(&self, world: &World<'_>) -> Vec<Candidate> {
        let keymap = &self.viewer.keymap;
        let key = |action: Action| {
            let line = keymap.lines().find(|(binding, _)| binding.action == action);
            line.and_then(|(_, keys)| keys.first()).map_or(String::new(), ToString::to_string)
        };
        let here = |action: Action| keymap.chord(self.screen, action).is_some();
        let action_of = |words: &str| Action::ALL.iter().copied().find(|action| action.verb() == Some(words));
        let verbs = self.viewer.words.verbs().iter().map(|verb| {
            let action = action_of(&verb.words);
            // What is about something named in the line can't be judged before it is named.
            let judged =
                action.filter(|_| verb.first.is_none()).map(|action| self.judge_action(action, world));
            Candidate {
                words: verb.words.clone(),
                usage: verb.usage.clone(),
                says: verb.says.clone(),
                key: action.map_or(String::new(), key),
                barred: judged.and_then(Result::err).map(|why| why.full),
                here: action.is_some_and(here),
                names: verb.first.map_or_else(Vec::new, |names| known(world.session, names)),
                options: verb.options.iter().map(|option| offered(option, world.session)).collect(),
                pick: Pick::Line { more: verb.needs },
            }
        });
        let looks = keymap.lines().filter(|(binding, _)| {
            let named = binding.action.screen().is_some()
                || matches!(binding.action, Action::Keys | Action::Leave | Action::Since | Action::Redraw);
            named && binding.level == Level::Looks
        });
        let looks = looks.map(|(binding, _)| Candidate {
            words: binding.action.name().to_owned(),
            usage: String::new(),
            says: binding.says.to_owned(),
            key: key(binding.action),
            barred: None,
            here: false,
            names: Vec::new(),
            options: Vec::new(),
            pick: Pick::Act(binding.action),
        });
        verbs.chain(looks).collect()
    }

    /// A line of the palette.
    pub(super) fn line(&mut self, text: &str, world: &World<'_>) -> Vec<Request> {
        match self.viewer.words.read(text, world.session) {
            Err(why) | Ok(Meaning::Outside(why)) => self.say(world, &why),
            Ok(Meaning::Screen(screen)) => self.go(screen),
            Ok(Meaning::Pipeline) => match world.session {
                Some(session) => self.stack.push(Body::Page(Page::new("pipeline", pipeline::lines(session)))),
                None => self.say(world, "no session is open"),
            },
            Ok(Meaning::Versions) => self.versions(world),
            Ok(Meaning::Drills) => self.drills(world),
            Ok(Meaning::Command(command)) => return self.put(*command, world),
        }
        Vec::new()
    }

    /// The matrix of versions, with what this person may do about it.
    pub(super) fn versions(&mut self, world: &World<'_>) {
        match world.session {
            Some(session) => {
                let lines = versions::lines(session, &moves(session, world.actor, world.now));
                self.stack.push(Body::Page(Page::keys("versions by host", lines, versions::HANG)));
            }
            None => self.say(world, "no session is open"),
        }
    }

    /// The drills and the hosts that are looked after.
    pub(super) fn drills(&mut self, world: &World<'_>) {
        match world.session {
            Some(session) => {
                let lines = drills::lines(session, world.now);
                self.stack.push(Body::Page(Page::keys("drills and hosts", lines, drills::HANG)));
            }
            None => self.say(world, "no session is open"),
        }
    }

    fn put(&mut self, command: Command, world: &World<'_>) -> Vec<Request> {
        if let Err(refusal) = world.would(command.clone()) {
            self.refused(refusal, world);
            return Vec::new();
        }
        if let (Link::Unread(_), Command::Rollout(RolloutCommand::RollBack { .. })) = (world.link, &command) {
            return self.carry_out(Purpose::Act(Action::RollBack), world);
        }
        let Some(session) = world.session else { return send(command) };
        if let Some(refusal) = another_is_meant(session, &command, world) {
            self.refused(refusal, world);
            return Vec::new();
        }
        let (action, target) = match &command {
            Command::Rollout(rollout) => match rollout {
                RolloutCommand::Start { .. } => (Action::Start, None),
                RolloutCommand::Promote | RolloutCommand::PromoteStage { .. } => (Action::Promote, None),
                RolloutCommand::StartOutside { .. } => (Action::Start, None),
                RolloutCommand::PromoteOutside { .. } => (Action::Promote, None),
                RolloutCommand::RollBack { only } if only.is_empty() => (Action::RollBack, None),
                RolloutCommand::RollBack { only } => return self.narrow_to(session, only.clone(), world),
                RolloutCommand::RollBackIn { environment } => {
                    return self.back_in(session, environment, world);
                }
                RolloutCommand::TryAgain { unit } => (Action::TryAgain, Some(Target::Unit(unit.clone()))),
                RolloutCommand::ValidateAgain { .. } => (Action::TryAgain, None),
                RolloutCommand::Exclude { unit, .. } => (Action::Exclude, Some(Target::Unit(unit.clone()))),
                RolloutCommand::MarkDone { unit, .. } => (Action::MarkDone, Some(Target::Unit(unit.clone()))),
                RolloutCommand::ForceNext { .. }
                | RolloutCommand::ForcePart { .. }
                | RolloutCommand::OnceForced { .. } => (Action::ForceNext, None),
                RolloutCommand::EndAsIs { .. } => (Action::EndAsIs, None),
                RolloutCommand::LockAgain { .. }
                | RolloutCommand::OnceAgain { .. }
                | RolloutCommand::ShareAgain { .. }
                | RolloutCommand::DesireAgain { .. } => (Action::TryAgain, None),
                RolloutCommand::BreakLock { .. } | RolloutCommand::LiftAlarm { .. } => {
                    return self.take(by_name(session, command));
                }
                RolloutCommand::Claim
                | RolloutCommand::Extend { .. }
                | RolloutCommand::ExtendStage { .. }
                | RolloutCommand::Judge { .. }
                | RolloutCommand::OnceDone { .. } => {
                    return send(command);
                }
            },
            Command::Course(course) => match course {
                CourseCommand::Continue => (Action::Continue, None),
                CourseCommand::TakeWatch => (Action::Watch, None),
                CourseCommand::Hold { .. } | CourseCommand::OfferWatch { .. } => return send(command),
                _ => return self.take(by_name(session, command)),
            },
            Command::Poll(PollCommand::Declare { decision: Decision::Go, .. }) => (Action::Declare, None),
            Command::Poll(PollCommand::Declare { .. }) => return self.take(by_name(session, command)),
            Command::Checklist(ChecklistCommand::ApproveWaiver { item }) => {
                (Action::ApproveWaiver, Some(Target::Item(item.clone())))
            }
            // They touch hosts, and no key does: the name that is typed is the second gesture.
            Command::Operation(OperationCommand::Deploy { .. })
            | Command::Drill(DrillCommand::Start { .. } | DrillCommand::StartOutside { .. }) => {
                return self.take(by_name(session, command));
            }
            Command::Operation(_) | Command::Drill(_) => return send(command),
            Command::Checklist(_) | Command::Poll(_) | Command::Notice(_) => return send(command),
        };
        match target {
            Some(Target::Item(item)) => self.select(ScreenName::Checklist, Target::Item(item), world),
            Some(Target::Unit(unit)) => self.select(ScreenName::Rollout, Target::Unit(unit), world),
            None => {}
        }
        self.refresh(world);
        self.carry_out(Purpose::Act(action), world)
    }

    fn back_in(
        &mut self,
        session: &Session,
        environment: &EnvironmentName,
        world: &World<'_>,
    ) -> Vec<Request> {
        let chord = self.viewer.keymap.chord(self.screen, Action::RollBack).unwrap_or(Chord::char('R'));
        match rollback_in(session, environment, chord) {
            Ok(step) => self.take(step),
            Err(why) => {
                self.say(world, &why.full);
                Vec::new()
            }
        }
    }

    fn narrow_to(&mut self, session: &Session, only: Vec<UnitId>, world: &World<'_>) -> Vec<Request> {
        let chord = self.viewer.keymap.chord(self.screen, Action::RollBack).unwrap_or(Chord::char('R'));
        match narrow_rollback(session, world, only, chord) {
            Ok(step) => self.take(step),
            Err(why) => {
                self.say(world, &why.full);
                Vec::new()
            }
        }
    }
}

fn send(command: Command) -> Vec<Request> {
    vec![Request::Send(Box::new(Asked::from(command)))]
}

/// What no key does, and more than a record: the project's name is typed.
fn by_name(session: &Session, command: Command) -> Step {
    let lines = vec![
        Line::from(format!("the session is {}", session.course.phase.word())),
        Line::new().dim("the project's name says that you mean it"),
    ];
    let fields = vec![Field::typed(session.course.release.project.as_str())];
    let title = command.word().to_owned();
    let fill = Fill::Asked(Box::new(Asked::from(command)));
    Step { body: Some(Body::Form(Form::new(title, lines, fields, fill))), ..Step::default() }
}

/// A stage that is named and that its key would not be about: the key asks about the next one only.
fn another_is_meant(session: &Session, command: &Command, world: &World<'_>) -> Option<Refusal> {
    let plan = session.plan();
    let (named, next, words) = match command {
        Command::Rollout(RolloutCommand::PromoteStage { stage }) => {
            let next = gate::promotable(session, world.now).map(|run| &run.name);
            (stage, next, format!("golive promote --stage {stage}"))
        }
        Command::Rollout(RolloutCommand::Start { stage: Some(stage) }) if plan.branches() => {
            let next = next_index(session).and_then(|index| plan.stages.get(index)).map(|stage| &stage.name);
            (stage, next, format!("golive start {stage}"))
        }
        _ => return None,
    };
    let next = next.filter(|next| *next != named)?;
    Some(Refusal::rule(format!("in here {next} comes next, and not {named}"), format!("{words} in a shell")))
}
