//! What people ask for. Each part of the domain has its own commands.

use serde::{Deserialize, Serialize};

use super::{
    checklist::ChecklistCommand,
    course::{CourseCommand, GoesOn},
    drill::DrillCommand,
    name::{Digest, PersonName},
    notice::NoticeCommand,
    operation::OperationCommand,
    poll::PollCommand,
    rollout::RolloutCommand,
};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Command {
    Course(CourseCommand),
    Checklist(ChecklistCommand),
    Poll(PollCommand),
    Rollout(RolloutCommand),
    Notice(NoticeCommand),
    Operation(OperationCommand),
    Drill(DrillCommand),
}

/// A command with what its screen showed. If that has changed meanwhile it is refused with the difference.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Asked {
    pub command: Command,
    pub shown: Option<Shown>,
    /// On whose behalf, where the conductor's own user acts as another person.
    pub as_person: Option<PersonName>,
}

/// What a person saw when they decided.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shown {
    /// The candidate's digest.
    pub candidate: Option<Digest>,
    /// The adopted plan's digest.
    pub plan: Option<Digest>,
    /// How many obstacles the screen listed.
    pub obstacles: Option<u32>,
    /// How many units a rollback would touch.
    pub touched: Option<u32>,
    /// What CONTINUE would have let go on.
    #[serde(default)]
    pub goes_on: Option<GoesOn>,
}

impl Command {
    /// Whether it goes ahead although it can't be recorded in the journal.
    pub fn breaks_the_glass(&self) -> bool {
        matches!(
            self,
            Command::Course(CourseCommand::Hold { .. })
                | Command::Rollout(RolloutCommand::RollBack { .. } | RolloutCommand::RollBackIn { .. })
        )
    }

    /// The word of the command line, for the record of refusals.
    pub fn word(&self) -> &'static str {
        match self {
            Command::Course(command) => command.word(),
            Command::Checklist(command) => command.word(),
            Command::Poll(command) => command.word(),
            Command::Rollout(command) => command.word(),
            Command::Notice(command) => command.word(),
            Command::Operation(command) => command.word(),
            Command::Drill(command) => command.word(),
        }
    }
}

impl From<CourseCommand> for Command {
    fn from(command: CourseCommand) -> Self {
        Self::Course(command)
    }
}

impl From<ChecklistCommand> for Command {
    fn from(command: ChecklistCommand) -> Self {
        Self::Checklist(command)
    }
}

impl From<PollCommand> for Command {
    fn from(command: PollCommand) -> Self {
        Self::Poll(command)
    }
}

impl From<RolloutCommand> for Command {
    fn from(command: RolloutCommand) -> Self {
        Self::Rollout(command)
    }
}

impl From<NoticeCommand> for Command {
    fn from(command: NoticeCommand) -> Self {
        Self::Notice(command)
    }
}

impl From<OperationCommand> for Command {
    fn from(command: OperationCommand) -> Self {
        Self::Operation(command)
    }
}

impl From<DrillCommand> for Command {
    fn from(command: DrillCommand) -> Self {
        Self::Drill(command)
    }
}

impl From<Command> for Asked {
    fn from(command: Command) -> Self {
        Self { command, shown: None, as_person: None }
    }
}
