//! What a session waits for where nobody holds it: CONTINUE is refused then, and whoever said it is told what stands
//! still, whose turn it is, and what releases it.

use super::Phase;
use crate::domain::{
    access::{self, Act},
    next_step::{NextStep, next_step},
    plan::Promote,
    refusal::{Obstacle, Refusal},
    rollout,
    session::Session,
    time::Now,
};

/// Why CONTINUE does nothing now. Never "it goes on by itself" of what does not.
pub(super) fn nothing_is_held(session: &Session, now: Now) -> Refusal {
    let refusal = |words: String, lift: String| Refusal::rule(format!("nothing is held; {words}"), lift);
    let troubles = rollout::troubles(session);
    if let Some((first, rest)) = troubles.split_first() {
        let more = if rest.is_empty() { String::new() } else { format!(", and {} more", rest.len()) };
        return refusal(format!("the line is stopped: {}{more}", first.words()), first.lift(session));
    }
    if let Some(wait) = rollout::waits_for_capacity(session) {
        return refusal(wait.words, wait.lift);
    }
    let (next, in_the_way) = next_step(session, now);
    let by = |act: Act| access::who(session, act);
    // What keeps it from being done now comes first; then somebody does it.
    let first = in_the_way.first();
    let stands = |waits: String| match first {
        Some(Obstacle { what, why, .. }) => format!("{waits}; in its way: {what}, {why}"),
        None => waits,
    };
    let lifted = |does: &str| match first {
        Some(obstacle) => format!("{}; then {does}", obstacle.lift),
        None => does.to_owned(),
    };
    match next {
        NextStep::Promote(stage) => {
            let by_hand = session
                .plan()
                .stages
                .iter()
                .any(|it| it.name.as_str() == stage && it.promote == Promote::Human);
            if by_hand || first.is_none() {
                let waits = format!("{stage} waits for its promotion by {}", by(Act::Deploy));
                return refusal(stands(waits), lifted("promoting it (P)"));
            }
            let waits = format!("{stage} is promoted once nothing is in the way");
            refusal(stands(waits), lifted("nothing: it goes on by itself"))
        }
        NextStep::Start(_, stage) => {
            let waits = format!("{stage} waits for its start by {}", by(Act::Deploy));
            refusal(stands(waits), lifted("starting it (S)"))
        }
        NextStep::DeclareGo => {
            let waits = format!("the go-live waits for a GO by {}", by(Act::Decide));
            refusal(stands(waits), lifted("declaring it (D)"))
        }
        NextStep::Judge(stage) => {
            let waits = format!("{stage} waits for a judgement by {}", by(Act::Judge));
            refusal(waits, "judging it (4 v)".into())
        }
        NextStep::Close => {
            let waits = match session.course.phase {
                Phase::LiveUnverified => "it is live and waits to be verified".to_owned(),
                phase => format!("it is {} and waits to be closed by {}", phase.word(), by(Act::Direct)),
            };
            refusal(stands(waits), lifted("closing the session (:close)"))
        }
        NextStep::Nobody(words) => refusal(words, "nothing: it goes on by itself".into()),
        NextStep::Capacity(lift) => refusal("the line waits for capacity".into(), lift),
        NextStep::Recovery(what, lift) => refusal(format!("a pause can't be ended: {what}"), lift),
        NextStep::Nothing => refusal("the session is closed".into(), "opening the next one".into()),
        // With none of these nothing stops the line, as was looked at before.
        NextStep::Human(_) | NextStep::HumanAtHost | NextStep::HumanInRollback | NextStep::Continue => {
            refusal("the line waits for a human".into(), lifted("what it needs, said on the Rollout screen"))
        }
    }
}
