//! How the sessions of the script are opened.

use std::{sync::Arc, time::Duration};

use crate::{
    client::Open,
    clock::Clock,
    domain::{course::Mode, effect::Candidate, name::PersonName, plan::Adopted, time::WallTime},
};

/// Between the opening and the planned time, so that nothing is late.
const AHEAD: Duration = Duration::from_mins(10);

#[derive(Clone, Debug)]
pub struct Opener {
    pub adopted: Arc<Adopted>,
    pub person: PersonName,
    pub clock: Clock,
    pub mode: Mode,
}

impl Opener {
    pub fn open(&self, candidate: &Candidate) -> Open {
        let ahead = i64::try_from(AHEAD.as_micros()).unwrap_or_default();
        Open {
            candidate: candidate.clone(),
            go_live: WallTime(self.clock.read().wall.saturating_add(ahead)),
            adopted: self.adopted.clone(),
            mode: self.mode,
            strictness: None,
            author: None,
            as_person: Some(self.person.clone()),
        }
    }
}
