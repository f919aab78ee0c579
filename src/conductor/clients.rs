//! The connected clients: what each follows, and a bounded queue to each. A client that does not keep up is not
//! waited for: it is sent no more until its queue is empty, and then the session anew; if it never is, it is let
//! go. Nothing here decides anything.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use tokio::sync::{mpsc, watch};

use super::{catching_up::CatchingUp, peer::Peer, readers::Readers};
use crate::{
    domain::name::{PersonName, SessionId, UnitId},
    wire::{Frame, Place, Present, ToClient, Topic, Welcome},
};

/// Frames that wait for a client.
pub const QUEUE: usize = 512;
/// Beats (seconds) for which a client may be behind before it is let go.
const PATIENCE: u32 = 30;

#[derive(Debug)]
pub struct Client {
    pub peer: Peer,
    /// Whom its login maps to.
    pub person: Option<PersonName>,
    /// On whose behalf it last did something.
    pub acting: Option<PersonName>,
    pub viewer: String,
    pub place: Option<Place>,
    pub following: Option<SessionId>,
    pub topics: BTreeSet<Topic>,
    /// Whether a snapshot can be read at the other end.
    pub same_build: bool,
    /// While it is sent what there was before: lines of the record are kept from it.
    pub catching_up: Option<CatchingUp>,
    /// What it was last welcomed with.
    welcomed: Option<Welcome>,
    /// Who reads files for it.
    pub readers: Readers,
    out: mpsc::Sender<Frame>,
    /// What its connection passes on of the live stream.
    live: watch::Sender<BTreeSet<Topic>>,
    /// How many beats it has been behind.
    behind: Option<u32>,
}

#[derive(Debug, Default)]
pub struct Clients(BTreeMap<u64, Client>);

impl Clients {
    pub fn add(
        &mut self,
        id: u64,
        peer: Peer,
        viewer: String,
        out: mpsc::Sender<Frame>,
        live: watch::Sender<BTreeSet<Topic>>,
    ) {
        let client = Client {
            peer,
            person: None,
            acting: None,
            viewer,
            place: None,
            following: None,
            topics: BTreeSet::new(),
            same_build: false,
            catching_up: None,
            welcomed: None,
            readers: Readers::default(),
            out,
            live,
            behind: None,
        };
        self.0.insert(id, client);
    }

    pub fn remove(&mut self, id: u64) {
        self.0.remove(&id);
    }

    pub fn get_mut(&mut self, id: u64) -> Option<&mut Client> {
        self.0.get_mut(&id)
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    pub fn iter(&self) -> impl Iterator<Item = (u64, &Client)> {
        self.0.iter().map(|(id, client)| (*id, client))
    }

    pub fn iter_mut(&mut self) -> impl Iterator<Item = &mut Client> {
        self.0.values_mut()
    }

    /// To one client.
    pub fn tell(&mut self, id: u64, message: &ToClient) {
        if let Some(client) = self.0.get_mut(&id) {
            client.tell(message);
        }
    }

    /// Lines of a record, to all who follow it.
    pub fn publish(&mut self, session: &SessionId, frame: &Frame) {
        let follows =
            |client: &&mut Client| client.catching_up.is_none() && client.following.as_ref() == Some(session);
        for client in self.0.values_mut().filter(follows) {
            client.send(frame.clone());
        }
    }

    pub fn tell_all(&mut self, message: &ToClient) {
        let Some(frame) = frame(message) else { return };
        for client in self.0.values_mut() {
            client.send(frame.clone());
        }
    }

    /// Once a second: who can be sent the session anew. Those that have been behind for too long are let go.
    pub fn catch_up(&mut self) -> Vec<(u64, SessionId)> {
        let mut ready = Vec::new();
        let mut hopeless = Vec::new();
        for (id, client) in &mut self.0 {
            let Some(beats) = &mut client.behind else { continue };
            *beats += 1;
            if *beats > PATIENCE {
                hopeless.push(*id);
            } else if client.out.capacity() == QUEUE {
                client.behind = None;
                ready.extend(client.following.clone().map(|session| (*id, session)));
            }
        }
        for id in hopeless {
            // Its queue ends with this, and its connection with that.
            tracing::warn!(client = id, "let go: it did not keep up");
            self.0.remove(&id);
        }
        ready
    }

    /// The units whose checks somebody looks at; none: those that belong to no unit.
    pub fn looked_at(&self) -> HashSet<Option<UnitId>> {
        let topics = self.0.values().flat_map(|client| &client.topics);
        let unit = |topic: &Topic| match topic {
            Topic::Probes(unit) => Some(unit.clone()),
            _ => None,
        };
        topics.filter_map(unit).collect()
    }

    pub fn present(&self) -> Vec<Present> {
        let present = |client: &Client| Present {
            who: client.who().map_or_else(|| client.peer.login.clone(), ToString::to_string),
            viewer: client.viewer.clone(),
            place: client.place.clone(),
        };
        self.0.values().map(present).collect()
    }
}

impl Client {
    /// The person in front of it, as far as that is known.
    pub fn who(&self) -> Option<&PersonName> {
        self.acting.as_ref().or(self.person.as_ref())
    }

    pub fn tell(&mut self, message: &ToClient) {
        if let Some(frame) = frame(message) {
            self.send(frame);
        }
    }

    /// Tells it who it is and which sessions there are, unless it knows. One that is behind is told later.
    pub fn welcome(&mut self, welcome: Welcome) {
        if self.behind.is_none() && self.welcomed.as_ref() != Some(&welcome) {
            self.tell(&ToClient::Welcome(welcome.clone()));
            self.welcomed = self.behind.is_none().then_some(welcome);
        }
    }

    pub fn send(&mut self, frame: Frame) {
        if self.behind.is_none() && self.out.try_send(frame).is_err() {
            // Full: it is behind. Closed: it is gone, which its reader tells.
            self.behind = Some(0);
        }
    }

    /// For whoever sends beside the loop, and may wait.
    pub fn queue(&self) -> mpsc::Sender<Frame> {
        self.out.clone()
    }

    pub fn hear(&mut self, topics: BTreeSet<Topic>) {
        self.topics.clone_from(&topics);
        self.live.send_replace(topics);
    }
}

/// None for a message that can't be sent: longer than a frame. What is sent in parts never is.
pub fn frame(message: &ToClient) -> Option<Frame> {
    Frame::of(message).inspect_err(|error| tracing::error!(%error, "a message was not sent")).ok()
}
