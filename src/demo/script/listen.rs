//! A client of the script: hears what happens, passes it on, says what is to be said, and waits for the answer. A
//! conductor that was killed is waited for, as a person would wait.

use std::{ops::ControlFlow, sync::Arc, time::Duration};

use super::{play::PlayError, team::Line};
use crate::{
    client::{Answer, Client, ClientError, CommandId, Happening, Open},
    clock::Clock,
    domain::{
        command::Asked,
        event::Stamped,
        name::SessionId,
        refusal::{Refusal, RefusalKind},
        session::Session,
        time::Now,
    },
};

/// Looked at again after this long, though nothing has happened: time passes too.
const LOOK: Duration = Duration::from_millis(500);
/// Without a new fact for this long, the script has failed.
pub const PATIENCE: Duration = Duration::from_mins(3);
/// Without a connection for this many looks, the script has failed.
const LOST: u32 = 40;
/// Refused this often in a row, the script has failed.
const REFUSALS: u32 = 5;

/// What whoever watches is told.
#[derive(Debug)]
pub enum Told<'a> {
    Events(&'a [Arc<Stamped>]),
    /// The connection was lost, or is back.
    Note(&'a str),
}

/// Break: nobody wants to hear more.
pub type Tell<'a> = dyn FnMut(Told<'_>) -> ControlFlow<()> + Send + 'a;

pub struct Listener<'a> {
    client: &'a mut Client,
    clock: &'a Clock,
    tell: &'a mut Tell<'a>,
    refused: u32,
    lost: u32,
    /// The last line of the record, and when it was new (monotonic µs).
    last: (u64, u64),
}

impl<'a> Listener<'a> {
    pub fn new(client: &'a mut Client, clock: &'a Clock, tell: &'a mut Tell<'a>) -> Self {
        let last = (0, clock.read().monotonic);
        Self { client, clock, tell, refused: 0, lost: 0, last }
    }

    pub async fn follow(&mut self, id: &SessionId) {
        self.client.follow(Some(id.clone()), [].into()).await;
    }

    /// Opens a session. The project learns a moment after a session's end that it has ended, so that a rule's no
    /// is asked again.
    pub async fn open(&mut self, open: Open) -> Result<SessionId, PlayError> {
        loop {
            let asked = self.client.open(open.clone()).await;
            match self.answer(&asked).await? {
                Answer::Opened { session } => return Ok(session),
                Answer::Refused(refusal) if self.asks_again(&refusal) => self.clock.sleep(LOOK).await,
                Answer::Refused(refusal) => return Err(PlayError::NotOpened(refusal)),
                Answer::Failed(why) => return Err(PlayError::Failed(why)),
                Answer::Done { .. } => return Err(PlayError::Failed(ANOTHERS.into())),
            }
        }
    }

    /// Asks a question of the session as it is now; waits for it where it is not there.
    pub async fn seen<T>(&mut self, mut ask: impl FnMut(&Session, Now) -> T) -> Result<T, PlayError> {
        loop {
            if let (Some(session), Some(now)) = (self.client.session(), self.client.now()) {
                return Ok(ask(session, now));
            }
            self.heard().await?;
        }
    }

    /// Waits for the next thing that happens, but not for long.
    pub async fn heard(&mut self) -> Result<(), PlayError> {
        match self.clock.limit(LOOK, self.client.next()).await {
            Some(heard) => self.take(heard).await.map(drop),
            None => Ok(()),
        }
    }

    /// Somebody says something, and it is answered.
    pub async fn say(&mut self, id: &SessionId, line: Line) -> Result<(), PlayError> {
        let Line { person, command } = line;
        let asked = Asked { command, shown: None, as_person: Some(person.clone()) };
        let asked = self.client.command(id.clone(), asked).await;
        match self.answer(&asked).await? {
            Answer::Done { seq } => {
                self.refused = 0;
                // Decided on what it has led to, or the same is said again.
                while self.client.session().is_none_or(|session| session.seq < seq) {
                    self.heard().await?;
                }
                Ok(())
            }
            // The session had moved on; what is wanted now is asked again.
            Answer::Refused(refusal) if self.asks_again(&refusal) => self.heard().await,
            Answer::Refused(refusal) => Err(PlayError::Refused { person, refusal }),
            Answer::Failed(why) => Err(PlayError::Failed(why)),
            Answer::Opened { .. } => Err(PlayError::Failed(ANOTHERS.into())),
        }
    }

    /// Waits for what happens, as long as anything does.
    pub async fn look(&mut self, waits: &str) -> Result<(), PlayError> {
        self.heard().await?;
        let now = self.clock.read().monotonic;
        let seq = self.client.session().map_or(self.last.0, |session| session.seq);
        if seq != self.last.0 {
            self.last = (seq, now);
        } else if now.saturating_sub(self.last.1) > PATIENCE.as_micros() as u64 {
            return Err(PlayError::Silent { waits: waits.to_owned() });
        }
        Ok(())
    }

    fn asks_again(&mut self, refusal: &Refusal) -> bool {
        self.refused += 1;
        refusal.kind != RefusalKind::Access && self.refused <= REFUSALS
    }

    async fn answer(&mut self, wanted: &CommandId) -> Result<Answer, PlayError> {
        loop {
            let heard = self.client.next().await;
            match self.take(heard).await? {
                Some((id, answer)) if id == *wanted => return Ok(answer),
                _ => {}
            }
        }
    }

    /// Passes on what happened; an answer is handed back.
    async fn take(
        &mut self,
        heard: Result<Happening, ClientError>,
    ) -> Result<Option<(CommandId, Answer)>, PlayError> {
        let happening = match heard {
            Ok(happening) => happening,
            // A conductor that dies takes connections with it that were just being made.
            Err(error) if self.lost >= LOST => return Err(error.into()),
            Err(_) => {
                self.lost += 1;
                self.clock.sleep(LOOK).await;
                return Ok(None);
            }
        };
        let told = match happening {
            Happening::Answer { id, answer } => return Ok(Some((id, answer))),
            Happening::Events(events) => {
                self.lost = 0;
                (self.tell)(Told::Events(&events))
            }
            Happening::Lost(why) => {
                (self.tell)(Told::Note(&format!("the connection to the conductor was lost: {why}")))
            }
            Happening::Back => (self.tell)(Told::Note("the connection to the conductor is back")),
            Happening::ReadOnly(why) => return Err(PlayError::Unreadable(why)),
            _ => ControlFlow::Continue(()),
        };
        if told.is_break() { Err(PlayError::Unheard) } else { Ok(None) }
    }
}

const ANOTHERS: &str = "the answer is another command's";
