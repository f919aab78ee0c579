//! The one error of the command line: what went wrong, what to do about it, and the exit status. Errors of the
//! other modules become it here, so that the same mishap ends with the same status whichever command met it.

use serde::Serialize;

use super::{command::by_command, exit::Exit};
use crate::{
    client::{ClientError, REMEDY, UrgentAnswer, UrgentNo},
    conductor::ConductorError,
    config::{PathError, Problems},
    domain::refusal::{Refusal, RefusalKind},
    journal::JournalError,
};

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Failure {
    pub exit: Exit,
    /// A lowercase fragment, or several lines where there is a list.
    pub what: String,
    /// What to do; empty where nothing helps.
    pub hint: String,
    /// Where a rule said no.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refusal: Option<Box<Refusal>>,
}

impl Failure {
    pub fn new(exit: Exit, what: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { exit, what: what.into(), hint: hint.into(), refusal: None }
    }

    pub fn usage(what: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::new(Exit::Usage, what, hint)
    }

    pub fn internal(what: impl Into<String>) -> Self {
        Self::new(Exit::Internal, what, "")
    }

    /// The conductor reads the record, and this build does not.
    pub fn unread(why: &str) -> Self {
        let hint = format!("use {REMEDY}; golive hold and golive rollback go through from this build too");
        Self::new(Exit::JournalUnusable, format!("this build can't follow the session: {why}"), hint)
    }

    /// Nothing to say: whoever read the output has gone.
    pub fn unheard() -> Self {
        Self::new(Exit::Done, "", "")
    }

    pub fn file(path: &std::path::Path, error: &std::io::Error) -> Self {
        Self::new(Exit::Internal, format!("{}: {error}", path.display()), "")
    }
}

/// Whatever a rule refuses is 3; but what is merely not ready yet is 5, so that a script can wait and ask again.
impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        let exit = match refusal.kind {
            RefusalKind::NotReady => Exit::NotReady,
            RefusalKind::Unwritable => Exit::JournalUnusable,
            RefusalKind::Rule | RefusalKind::Access | RefusalKind::Input | RefusalKind::Changed => {
                Exit::Refused
            }
        };
        let refusal = by_command::refusal(refusal);
        Self { exit, what: refusal.reason.clone(), hint: String::new(), refusal: Some(Box::new(refusal)) }
    }
}

/// A refusal whose kind did not come along: its words did.
impl From<UrgentAnswer> for Failure {
    fn from(answer: UrgentAnswer) -> Self {
        let exit = match answer.no {
            UrgentNo::Refused => Exit::Refused,
            UrgentNo::Unwritable => Exit::JournalUnusable,
        };
        Self::new(exit, by_command::by_command(&answer.say), "")
    }
}

impl From<Problems> for Failure {
    fn from(problems: Problems) -> Self {
        Self::usage(problems.to_string(), "golive check shows each with its line")
    }
}

impl From<PathError> for Failure {
    fn from(error: PathError) -> Self {
        Self::usage(error.to_string(), "")
    }
}

impl From<JournalError> for Failure {
    fn from(error: JournalError) -> Self {
        let exit = match error {
            JournalError::NoStream(_) => Exit::Usage,
            JournalError::Export(_) => Exit::Internal,
            _ => Exit::JournalUnusable,
        };
        Self::new(exit, error.to_string(), "")
    }
}

impl From<ClientError> for Failure {
    fn from(error: ClientError) -> Self {
        let (said, status) = match &error {
            ClientError::Failed { said, status } => (said, status),
            ClientError::Unread(why) => return Self::unread(why),
            _ => return Self::internal(error.to_string()),
        };
        // The conductor is this program too: it speaks and ends as every command does.
        let exit = match status {
            Some(code) if *code == i32::from(Exit::JournalUnusable.code()) => Exit::JournalUnusable,
            Some(code) if *code == i32::from(Exit::Usage.code()) => Exit::Usage,
            _ => Exit::Internal,
        };
        let (what, hint) = said.split_once('\n').unwrap_or((said, ""));
        let what = what.strip_prefix("golive: ").unwrap_or(what);
        Self::new(exit, format!("the conductor did not start: {what}"), hint.trim())
    }
}

impl From<ConductorError> for Failure {
    fn from(error: ConductorError) -> Self {
        let exit = match error {
            ConductorError::Journal(_) | ConductorError::Project(_) => Exit::JournalUnusable,
            ConductorError::Lock { .. } | ConductorError::Socket(_) | ConductorError::Io(_) => Exit::Internal,
        };
        Self::new(exit, error.to_string(), "golive doctor looks at the machine")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn not_ready_can_be_told_from_refused_by_the_status() {
        assert_eq!(Failure::from(Refusal::not_ready("GO can't be declared", Vec::new())).exit.code(), 5);
        assert_eq!(Failure::from(Refusal::rule("it is closed", "nothing")).exit.code(), 3);
        assert_eq!(Failure::from(Refusal::access("sam may look", "a role")).exit.code(), 3);
    }
}
