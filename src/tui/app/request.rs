//! What the app wants done, as data: the loop around it does it.

use crate::{
    domain::{
        checklist::ChecklistCommand,
        command::{Asked, Command, Shown},
        course::CourseCommand,
        name::{ComponentName, EnvironmentName, ItemId, OnceName, PersonName, RoleName, StageName, UnitId},
        poll::{Decision, PollCommand, VoteKind},
        rollout::RolloutCommand,
        time::{Span, WallTime},
    },
    tui::keymap::Action,
};

#[derive(Clone, Debug, PartialEq)]
pub enum Request {
    /// To the conductor.
    Send(Box<Asked>),
    /// To the viewer's clipboard.
    Copy(String),
    /// In the viewer's browser; where there is none, to the clipboard.
    Browse(String),
    /// The last lines of this unit are read: what it puts out between its steps is heard by nobody.
    Recent(UnitId),
    Leave,
    /// Draw everything anew.
    Redraw,
    /// Stop the job, as Ctrl-Z does.
    Suspend,
}

/// What a dialog is for.
#[derive(Clone, Debug, PartialEq)]
pub enum Purpose {
    Send(Box<Asked>),
    Act(Action),
    Line(String),
    Leave,
}

impl Purpose {
    /// With what the screen showed: if that has changed by then, it is refused with the difference.
    #[must_use]
    pub fn with_shown(mut self, shown: Shown) -> Self {
        if let Self::Send(asked) = &mut self {
            asked.shown = Some(shown);
        }
        self
    }
}

macro_rules! purpose {
    ($($part:ident: $type:ident),*) => {$(
        impl From<$type> for Purpose {
            fn from(command: $type) -> Self {
                Self::Send(Box::new(Asked::from(Command::$part(command))))
            }
        }
    )*};
}

purpose!(Course: CourseCommand, Checklist: ChecklistCommand, Poll: PollCommand, Rollout: RolloutCommand);

/// The choice that lets a compared stage go on.
pub const PASSED: &str = "passed";

/// What a form is filled in for. Its values come in the order of its fields.
#[derive(Clone, Debug, PartialEq)]
pub enum Fill {
    /// Vote, reason or condition, owner, due (a span from now).
    Vote {
        seat: Option<RoleName>,
        said_by: Option<PersonName>,
        now: WallTime,
    },
    /// What showed that it is met.
    Met {
        person: PersonName,
    },
    /// Reason, when to ask again (a span from now), the typed word.
    NoGo {
        now: WallTime,
    },
    Evidence {
        item: ItemId,
        tick: bool,
    },
    Answer {
        item: ItemId,
    },
    /// Reason, expiry (a span from now).
    Waive {
        item: ItemId,
        now: WallTime,
    },
    NotApplicable {
        item: ItemId,
    },
    /// Whom.
    OfferWatch,
    /// Passed or not, what was seen.
    Judge {
        stage: StageName,
    },
    /// Reason, typed name.
    Exclude {
        unit: UnitId,
    },
    MarkDone {
        unit: UnitId,
    },
    ForceNext,
    ForcePart {
        component: ComponentName,
    },
    ForceOnce {
        once: OnceName,
    },
    OnceDone {
        once: OnceName,
    },
    /// Reason, the typed name of the environment.
    LiftAlarm {
        environment: EnvironmentName,
    },
    /// Reason, the typed name of the stage.
    StartOutside {
        stage: StageName,
    },
    PromoteOutside {
        stage: StageName,
    },
    EndAsIs,
    /// The typed name, for what no key does.
    Asked(Box<Asked>),
}

impl Fill {
    /// How many of its fields are asked for, as they are filled in: a GO needs no reason, and no owner.
    pub fn fields(&self, values: &[String]) -> usize {
        match (self, values.first().map(String::as_str)) {
            (Fill::Vote { .. }, Some("GO" | "ABSTAIN")) => 1,
            (Fill::Vote { .. }, Some("NO-GO")) => 2,
            _ => usize::MAX,
        }
    }

    /// The request that the values make, or what is wrong with them.
    pub fn request(&self, values: &[String]) -> Result<Purpose, String> {
        let value = |i: usize| values.get(i).map_or("", String::as_str).to_owned();
        Ok(match self {
            Fill::Vote { seat, said_by, now } => {
                let vote = match value(0).as_str() {
                    "GO" => VoteKind::Go,
                    "ABSTAIN" => VoteKind::Abstain,
                    "NO-GO" if value(1).is_empty() => return Err("a NO-GO says why".into()),
                    "NO-GO" => VoteKind::NoGo { reason: value(1) },
                    _ if value(1).is_empty() => return Err("GO IF names its condition".into()),
                    _ => VoteKind::GoIf {
                        condition: value(1),
                        owner: person(&value(2))?,
                        due: from_now(*now, &value(3))?,
                    },
                };
                PollCommand::Vote { seat: seat.clone(), vote, said_by: said_by.clone() }.into()
            }
            Fill::Met { person } => {
                PollCommand::ConditionMet { person: person.clone(), shows: value(0) }.into()
            }
            Fill::NoGo { now } => PollCommand::Declare {
                decision: Decision::NoGo,
                reason: value(0),
                ask_again: if value(1).is_empty() { None } else { Some(from_now(*now, &value(1))?) },
            }
            .into(),
            Fill::Evidence { item, tick: true } => {
                ChecklistCommand::Tick { item: item.clone(), evidence: Some(value(0)), file: None }.into()
            }
            Fill::Evidence { item, tick: false } => {
                ChecklistCommand::GiveEvidence { item: item.clone(), evidence: value(0), file: None }.into()
            }
            Fill::Answer { item } => ChecklistCommand::Answer { item: item.clone(), text: value(0) }.into(),
            Fill::Waive { item, now } => ChecklistCommand::AskWaiver {
                item: item.clone(),
                reason: value(0),
                expires: from_now(*now, &value(1))?,
            }
            .into(),
            Fill::NotApplicable { item } => {
                ChecklistCommand::NotApplicable { item: item.clone(), reason: value(0) }.into()
            }
            Fill::OfferWatch => CourseCommand::OfferWatch { to: person(&value(0))? }.into(),
            Fill::Judge { stage } => RolloutCommand::Judge {
                stage: Some(stage.clone()),
                passed: value(0) == PASSED,
                note: value(1),
            }
            .into(),
            Fill::Exclude { unit } => RolloutCommand::Exclude { unit: unit.clone(), reason: value(0) }.into(),
            Fill::MarkDone { unit } => {
                RolloutCommand::MarkDone { unit: unit.clone(), reason: value(0) }.into()
            }
            Fill::ForceNext => RolloutCommand::ForceNext { reason: value(0) }.into(),
            Fill::ForcePart { component } => {
                RolloutCommand::ForcePart { component: component.clone(), reason: value(0) }.into()
            }
            Fill::ForceOnce { once } => {
                RolloutCommand::OnceForced { once: once.clone(), reason: value(0) }.into()
            }
            Fill::OnceDone { once } => {
                RolloutCommand::OnceDone { once: once.clone(), reason: value(0) }.into()
            }
            Fill::LiftAlarm { environment } => {
                RolloutCommand::LiftAlarm { environment: environment.clone(), reason: value(0) }.into()
            }
            Fill::StartOutside { stage } => {
                RolloutCommand::StartOutside { stage: stage.clone(), reason: value(0) }.into()
            }
            Fill::PromoteOutside { stage } => {
                RolloutCommand::PromoteOutside { stage: stage.clone(), reason: value(0) }.into()
            }
            Fill::Asked(asked) => Purpose::Send(asked.clone()),
            Fill::EndAsIs => RolloutCommand::EndAsIs { reason: value(0) }.into(),
        })
    }
}

fn person(text: &str) -> Result<PersonName, String> {
    PersonName::new(text).map_err(|error| error.to_string())
}

fn from_now(now: WallTime, text: &str) -> Result<WallTime, String> {
    Span::parse(text).map(|span| now.plus(span)).map_err(|error| error.to_string())
}
