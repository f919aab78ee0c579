//! What is still to come, stage by stage: the sum of the stages is what all of it is expected to take.

use super::{Expected, Sum, timeline};
use crate::domain::{name::StageName, rollout::Forecast, session::Session};

/// What a stage is expected to take, part by part.
#[derive(Clone, Debug, PartialEq)]
pub struct StageTime {
    pub stage: StageName,
    pub parts: Vec<(String, Expected)>,
}

impl StageTime {
    pub fn sum(&self) -> Sum {
        Sum::of(self.parts.iter().map(|(_, expected)| expected))
    }
}

/// Downtime is no part of its own: it lies within the hosts'.
pub fn by_stage(session: &Session) -> Vec<StageTime> {
    let line = timeline(session, &Forecast::of(session), session.now);
    let stages = session.plan().stages.iter().map(|stage| {
        let rows = line.rows.iter().filter(|row| row.stage.as_ref() == Some(&stage.name));
        let counts = rows.filter(|row| !matches!(row.what, super::What::Downtime { .. }));
        let parts = counts.filter_map(|row| Some((row.what.short(), row.left.clone()?)));
        StageTime { stage: stage.name.clone(), parts: parts.collect() }
    });
    stages.collect()
}
