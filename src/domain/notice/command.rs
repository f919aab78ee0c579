//! Acknowledging a notice.

use serde::{Deserialize, Serialize};

use super::NoticeEvent;
use crate::domain::{
    access::{self, Act},
    actor::Actor,
    event::Event,
    refusal::Refusal,
    session::Session,
};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NoticeCommand {
    /// By number, or all that are open.
    Acknowledge { number: Option<u64> },
}

impl NoticeCommand {
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Acknowledge { .. } => "rollout acknowledge",
        }
    }
}

pub fn decide(session: &Session, command: &NoticeCommand, actor: &Actor) -> Result<Vec<Event>, Refusal> {
    access::may(session, actor, Act::Record)?;
    let NoticeCommand::Acknowledge { number } = command;
    let events: Vec<Event> = session
        .notices
        .open()
        .filter(|notice| number.is_none_or(|number| number == notice.number))
        .map(|notice| Event::Notice(NoticeEvent::Acknowledged { number: notice.number }))
        .collect();
    if events.is_empty() {
        return Err(Refusal::rule("no notice is open", "nothing"));
    }
    Ok(events)
}
