//! The share of the requests that the new version gets, beside what was wanted.

use crate::{
    domain::{
        effect::Share,
        name::{EnvironmentName, UnitId},
        rollout::{Answer, Shares},
        session::Session,
        time::{Now, Span},
    },
    tui::theme::Role,
};

/// What the balancer gives the new version, beside what it was told to.
pub fn share(session: &Session, environment: &EnvironmentName, now: Now) -> Option<(Role, String)> {
    let told = session.rollout.shares.get(environment)?;
    let asked = told.asked.as_ref()?;
    let wanted = asked.weight;
    if told.answer == Answer::Holds && session.pipeline.under_way_in(environment).is_none() {
        return Some(on_the_way_back(session, asked));
    }
    Some(match (&told.answer, told.served) {
        (Answer::Awaited, _) => match told.lost {
            None => (Role::TextDim, format!("{wanted} asked of the balancer")),
            Some(lost) => (Role::StateWarn, format!("{wanted} asked again, balancer gave {}", lost.gave())),
        },
        (Answer::Refused { .. }, _) => (Role::StateBad, format!("{wanted} refused")),
        (Answer::Holds, None) => match told.lost {
            None => (
                Role::Text,
                format!("balancer gives {wanted}{}", not_counted(session, told, environment, now)),
            ),
            Some(lost) => {
                (Role::StateWarn, format!("balancer gives {wanted} again, it gave {}", lost.gave()))
            }
        },
        (Answer::Holds, Some(served)) => {
            let role = match (served.old(now), served.off) {
                (Some(_), _) => Role::StateStale,
                (None, true) => Role::StateWarn,
                (None, false) if served.few() => Role::StateUnproven,
                (None, false) => Role::Text,
            };
            // What is wanted comes first: a narrow screen cuts off the rest.
            (role, format!("wanted {wanted}: {}", served.words(now).replacen(" requests", "", 1)))
        }
    })
}

/// What the balancer was told stands as long as a host is to go back: one that is out of the pool gets none of it.
fn on_the_way_back(session: &Session, asked: &Share) -> (Role, String) {
    let version = &session.course.release.candidate.version;
    let serves = |id: &UnitId| {
        session.rollout.unit(id).is_some_and(|unit| unit.in_pool() && unit.running() == Some(version))
    };
    if asked.canary.iter().any(serves) {
        return (Role::Text, format!("balancer gives at most {}", asked.weight));
    }
    (Role::Text, "balancer gives it none".to_owned())
}

/// Where nothing was counted of it for a while although no host is out: as long as one count may take.
fn not_counted(session: &Session, told: &Shares, environment: &EnvironmentName, now: Now) -> &'static str {
    let run = session.pipeline.under_way_in(environment).filter(|run| run.settled(session));
    let since = run.and_then(|run| Some(told.since?.max(run.at.since)));
    let long = since.is_some_and(|since| now.session.since(since) > Span::secs(60));
    if long { ", too few requests to tell" } else { "" }
}
