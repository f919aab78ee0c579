//! Items that are in the way.

use super::{ItemSpec, Severity, standing};
use crate::domain::{
    course::hotfix,
    refusal::{Obstacle, ObstacleKind},
    session::Session,
    time::Now,
};

/// Before the poll, or after the last stage is live.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    BeforeGo,
    PostLive,
    /// Before the session is closed: the review of a hotfix.
    Closing,
}

/// What is in the way, show-stoppers first, then by tier, each as the checklist has it. Advisory items and,
/// by default, those of tier 3 block nothing.
pub fn obstacles(session: &Session, now: Now, when: When) -> Vec<Obstacle> {
    let mut found: Vec<(Severity, u8, Obstacle)> = session
        .plan()
        .items
        .iter()
        .filter(|spec| asked(spec) == when && blocks(spec))
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

fn asked(spec: &ItemSpec) -> When {
    match spec.post_live {
        _ if spec.id.as_str() == hotfix::REVIEW => When::Closing,
        true => When::PostLive,
        false => When::BeforeGo,
    }
}

/// Whether an item can block a GO at all.
pub fn blocks(spec: &ItemSpec) -> bool {
    match spec.severity {
        Severity::ShowStopper => true,
        Severity::Required => spec.tier.get() < 3,
        Severity::Advisory => false,
    }
}
