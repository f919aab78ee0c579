//! What a client makes of what it hears: the record into its session, everything else into a happening.

use std::sync::Arc;

use super::{
    client::{Client, Happening, greet},
    error::ClientError,
};
use crate::{
    domain::event::Stamped,
    record::{Decoded, FoldError, Folded, Json, Stored, stamped},
    wire::{Assembly, Carried, ToClient},
};

/// Facts that are taken in together: a key waits for no more than these.
const SLICE: usize = 32;

impl Client {
    pub(super) async fn reconnect(&mut self) -> Result<(), ClientError> {
        let (connection, welcome) = greet(&self.way, &self.viewer, &self.clock, self.urgently).await?;
        (self.connection, self.welcome) = (Some(connection), welcome);
        self.assembly = Assembly::default();
        self.subscribe().await;
        self.ask_open().await;
        Ok(())
    }

    /// Asks again what was not answered; what was done already is only answered again.
    pub(super) async fn ask_open(&mut self) {
        let again: Vec<_> = self.open.iter().map(|(_, message)| message.clone()).collect();
        for message in again {
            self.say(message).await;
        }
        self.ask_again = false;
    }

    pub(super) fn lost(&mut self, why: String) -> Happening {
        self.connection = None;
        Happening::Lost(why)
    }

    /// Lines that have come already are taken in together: a screen is drawn once for all of them.
    pub(super) fn gather(&mut self) {
        while (1..SLICE).contains(&self.lines.len())
            && self.untold.is_empty()
            && let Some(connection) = &mut self.connection
            && let Some(message) = connection.received()
        {
            let happening = match message {
                Ok(message) => self.take(message),
                Err(error) => Some(self.lost(error.to_string())),
            };
            self.untold.extend(happening.filter(|happening| !matches!(happening, Happening::Beat)));
        }
    }

    pub(super) fn take(&mut self, message: ToClient) -> Option<Happening> {
        match message {
            ToClient::Welcome(welcome) => {
                self.welcome = welcome;
                Some(Happening::Welcomed)
            }
            // Said to whoever is just being greeted, and taken there.
            ToClient::UrgentWelcome(_) => None,
            ToClient::Answer { id, answer } => {
                self.open.retain(|(open, _)| *open != id);
                Some(Happening::Answer { id, answer: *answer })
            }
            ToClient::UrgentAnswer(answer) => {
                self.open.retain(|(open, _)| *open != answer.id);
                Some(Happening::UrgentAnswer(answer))
            }
            ToClient::Snapshot(part) => {
                if Some(&part.session) != self.following.as_ref() {
                    return None;
                }
                let (head, state) = self.assembly.add(part)?;
                match Folded::from_snapshot(head, &state) {
                    Ok(folded) => {
                        self.folded = Some(folded);
                        self.lines.clear();
                        Some(Happening::Anew)
                    }
                    Err(error) => Some(self.lost(error.to_string())),
                }
            }
            ToClient::Record { session, lines } => {
                if Some(&session) == self.following.as_ref() && self.misfit.is_none() {
                    self.lines.extend(lines);
                }
                None
            }
            ToClient::CaughtUp { session } => (Some(&session) == self.following.as_ref()).then(|| {
                self.behind = false;
                Happening::CaughtUp
            }),
            ToClient::Past { lines, .. } => {
                Some(Happening::Past(lines.iter().filter_map(read).map(Arc::new).collect()))
            }
            ToClient::Live(live) => Some(Happening::Live(live)),
            ToClient::Beat { wall, now } => {
                self.beat = Some((self.clock.read().monotonic, now, wall));
                Some(Happening::Beat)
            }
            ToClient::Pong { .. } => None,
            ToClient::Resync { .. } => {
                self.folded = None;
                self.lines.clear();
                (self.behind, self.ask_again) = (true, true);
                None
            }
            ToClient::NoSession { session, why } => (Some(&session) == self.following.as_ref()).then(|| {
                self.missing = Some(why.clone());
                Happening::ReadOnly(why)
            }),
            ToClient::Conductor(info) => Some(Happening::Conductor(info)),
            ToClient::Bye { why } => Some(self.lost(why)),
        }
    }

    /// Takes some of the lines that have come into the session. None: there were none, or it has them already.
    pub(super) fn fold_some(&mut self) -> Option<Happening> {
        let session = self.following.as_ref().filter(|_| !self.lines.is_empty())?;
        let folded = self.folded.get_or_insert_with(|| Folded::beginning(session.as_str()));
        let mut events = Vec::new();
        let mut ended = None;
        while events.len() < SLICE
            && let Some(line) = self.lines.pop_front()
        {
            match folded.take(line.line.text(), line.body.as_ref().map(Json::text)) {
                Ok(Some(event)) => events.push(Arc::new(event)),
                Ok(None) => {}
                Err(error) => {
                    ended = Some(error);
                    break;
                }
            }
        }
        let ended = ended.map(|error| self.misfit(&error));
        if events.is_empty() {
            return ended;
        }
        if let Some(ended) = ended {
            self.untold.push_front(ended);
        }
        Some(Happening::Events(events))
    }

    /// A line that can't be taken in: what comes after it can't either.
    fn misfit(&mut self, error: &FoldError) -> Happening {
        self.lines.clear();
        if !error.needs_newer() {
            return self.broken(error);
        }
        let why = error.to_string();
        self.misfit = Some(why.clone());
        Happening::ReadOnly(why)
    }

    /// What was sent does not fit what is held: all of it is asked for again, on a new connection.
    fn broken(&mut self, error: &FoldError) -> Happening {
        self.folded = None;
        self.lost(error.to_string())
    }
}

/// An older line by itself: what it says, if this build reads it.
fn read(carried: &Carried) -> Option<Stamped> {
    let stored = Stored::read(carried.line.text()).ok()?;
    match stamped(&stored, carried.body.as_ref().map(Json::text)).ok()? {
        Decoded::Known(event) => Some(event),
        Decoded::Unknown { .. } => None,
    }
}
