//! What a rehearsal took for a part, beside what the go-live takes for it. What was played otherwise is said and not
//! compared.

use serde::{Deserialize, Serialize};

use super::{Rehearsal, Standing, standing};
use crate::domain::{counted::counted, name::StageName, session::Session, time::Span, timeline::What};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rehearsed {
    pub took: Span,
    /// How it was played otherwise than the plan has it; none: it was not.
    pub otherwise: Option<String>,
}

impl Rehearsed {
    /// `1 min 40 s`; `5 s (5 s instead of 10 min)`.
    pub fn words(&self) -> String {
        match &self.otherwise {
            None => self.took.to_string(),
            Some(otherwise) => format!("{} ({otherwise})", self.took),
        }
    }

    /// What it can be compared with.
    pub const fn comparable(&self) -> Option<Span> {
        match self.otherwise {
            None => Some(self.took),
            Some(_) => None,
        }
    }
}

/// The rehearsal of the steps that the session has now; none: there is none, or it was of others.
pub(in crate::domain) fn of(session: &Session) -> Option<&Rehearsal> {
    match standing(session) {
        Standing::Passed(rehearsal) | Standing::OtherVersion(rehearsal) | Standing::Short(rehearsal) => {
            Some(rehearsal)
        }
        Standing::Never | Standing::Other(_) => None,
    }
}

impl Rehearsal {
    pub(in crate::domain) fn part(&self, stage: Option<&StageName>, what: &What) -> Option<Rehearsed> {
        let mark = what.mark();
        let part = self.parts.iter().find(|part| part.stage.as_ref() == stage && part.part == mark)?;
        let otherwise = match (part.wait, what.wait(), part.hosts, what.hosts()) {
            (Some(played), Some(planned), ..) if played != planned => {
                Some(format!("{played} instead of {planned}"))
            }
            (.., Some(played), Some(planned)) if played != planned => {
                Some(format!("with {} instead of {planned}", counted(played, "host")))
            }
            _ => None,
        };
        Some(Rehearsed { took: part.took, otherwise })
    }
}
