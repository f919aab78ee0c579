//! What still goes through where the record can't be read here: HOLD and ROLL BACK, in the form that lasts. One rule for
//! a conductor of another protocol and for a record that only a newer golive reads.

use super::client::Client;
use crate::{
    domain::{command::Asked, name::SessionId, time::WallTime},
    wire::{CommandId, Mode, SessionInfo, ToConductor, Unsayable, Urgent, UrgentWelcome, Welcome},
};

/// What whoever can't read the record is told to do about it.
pub const REMEDY: &str = "the golive of the conductor, which reads it";

impl Client {
    /// Why the record can't be read from here although the conductor reads it; none: it can.
    pub fn unread(&self) -> Option<&str> {
        match (&self.misfit, &self.welcome.mode) {
            (Some(why), _) | (None, Mode::UrgentOnly(why)) => Some(why),
            (None, Mode::Full | Mode::ReadOnly(_)) => None,
        }
    }

    /// Sends what was asked in the form in which the conductor understands it, or says why there is none.
    pub async fn press(&mut self, session: SessionId, asked: Asked) -> Result<CommandId, Unsayable> {
        if self.unread().is_none() {
            return Ok(self.command(session, asked).await);
        }
        let id = self.next_id();
        let urgent = Urgent::of(id.clone(), session, &asked)?;
        self.ask(id.clone(), ToConductor::Urgent(urgent)).await;
        Ok(id)
    }

    /// Whether a message is understood at the other end.
    pub(super) fn is_understood(&self, message: &ToConductor) -> bool {
        !matches!(self.welcome.mode, Mode::UrgentOnly(_)) || matches!(message, ToConductor::Urgent(_))
    }
}

/// The little that is known of a conductor of another protocol, in the place of its welcome.
pub fn stranger(urgent: UrgentWelcome) -> Welcome {
    let info = |session: crate::wire::UrgentSession| SessionInfo {
        id: session.id,
        version: session.version,
        opened: WallTime::default(),
        ended: (!session.open).then(|| "over".to_owned()),
    };
    Welcome {
        protocol: urgent.protocol,
        build: urgent.build,
        mode: Mode::UrgentOnly(urgent.why),
        you: None,
        login: String::new(),
        own: false,
        machine: urgent.machine,
        home: urgent.home,
        queue: Vec::new(),
        sessions: urgent.sessions.into_iter().map(info).collect(),
        journal: crate::wire::JournalState::default(),
    }
}
