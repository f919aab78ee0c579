//! What is wrong although nobody is needed yet, as `status` says it.

use serde::Serialize;

use crate::domain::{rollout, session::Session, time::Now};

#[derive(Debug, Serialize)]
pub struct UnwellLine {
    /// None: the capacity as a whole.
    host: Option<String>,
    pub what: String,
    /// What will release it.
    pub release: String,
}

impl UnwellLine {
    pub fn all(session: &Session, now: Now) -> Vec<Self> {
        let line = |it: rollout::Unwell| Self {
            host: it.unit.map(|unit| unit.to_string()),
            what: it.what,
            release: it.release,
        };
        rollout::unwell(session, now).into_iter().map(line).collect()
    }
}
