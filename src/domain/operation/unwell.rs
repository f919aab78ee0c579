//! Hosts that miss beats, in the words of all that is wrong although nobody is needed yet.

use super::{Heart, heart, mend};
use crate::domain::{
    rollout::Unwell,
    session::Session,
    time::{Now, Span},
};

/// Hosts that are late or dead, by name; each with what will release it.
pub fn unwell(session: &Session, now: Now) -> Vec<Unwell> {
    let beats = session.operations.hearts.keys().filter_map(|id| {
        let unit = session.rollout.unit(id)?;
        let heart = heart(session, unit, now)?;
        let beat = session.plan().environments.get(&unit.environment)?.heartbeat?;
        let (since, what, release) = match heart {
            Heart::Late { missed, of, since } => {
                let left = u64::from(of.saturating_sub(missed).max(1));
                let spent = now.session.since(since.session).0 % beat.every.0.max(1);
                let dies = Span((beat.every.0.saturating_mul(left)).saturating_sub(spent));
                (since, heart.to_string(), format!("its recovery; dead in {}", Span::secs(dies.as_secs())))
            }
            Heart::Dead { since, .. } => {
                let lasts = Span::secs(now.session.since(since.session).as_secs());
                (since, format!("DEAD, no beat for {lasts}"), mend::release(session, unit, now))
            }
            Heart::Unknown | Heart::AtWork | Heart::Alive => return None,
        };
        let why = unit.fresh().and_then(|seen| seen.why.as_ref());
        let why = why.map_or_else(String::new, |why| format!(": {why}"));
        Some(Unwell {
            environment: unit.environment.clone(),
            unit: Some(id.clone()),
            outage: false,
            since: since.session,
            what: format!("{id} is {what}{why}"),
            release,
        })
    });
    beats.collect()
}
