//! Items that are in the way.

use super::{ItemSpec, Severity, standing};
use crate::domain::{
    refusal::{Obstacle, ObstacleKind},
    session::Session,
    time::Now,
};

/// Before the poll, or after the last stage is live.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    BeforeGo,
    PostLive,
}

/// What is in the way, show-stoppers first, then by tier, each as the checklist has it. Advisory items and,
/// by default, those of tier 3 block nothing.
pub fn obstacles(session: &Session, now: Now, when: When) -> Vec<Obstacle> {
    let mut found: Vec<(Severity, u8, Obstacle)> = session
        .plan()
        .items
        .iter()
        .filter(|spec| spec.post_live == (when == When::PostLive) && blocks(spec))
        .filter_map(|spec| {
            let standing = standing(session, spec, now);
            if standing.state.ready() {
                return None;
            }
            let id = spec.id.to_string();
            let kind = match spec.severity {
                Severity::ShowStopper => ObstacleKind::ShowStopper(id),
                _ => ObstacleKind::Item(id),
            };
            let obstacle = Obstacle {
                kind,
                what: spec.title.clone(),
                why: standing.shows,
                lift: standing.lift,
                who: spec.owner.word().to_owned(),
            };
            Some((spec.severity, spec.tier.get(), obstacle))
        })
        .collect();
    found.sort_by_key(|(severity, tier, _)| (*severity, *tier));
    found.into_iter().map(|(_, _, obstacle)| obstacle).collect()
}

/// Whether an item can block a GO at all.
pub fn blocks(spec: &ItemSpec) -> bool {
    match spec.severity {
        Severity::ShowStopper => true,
        Severity::Required => spec.tier.get() < 3,
        Severity::Advisory => false,
    }
}
