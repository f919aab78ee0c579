//! What clients ask for.

use std::collections::BTreeSet;

use super::{
    host::{Host, Waiting},
    peer::Peer,
    people::actor,
    serve::Request,
    turn::{Asker, Input},
    urgent::Back,
};
use crate::{
    domain::{
        actor::Actor,
        command::{Asked, Command},
        name::SessionId,
        refusal::Refusal,
    },
    wire::{Answer, CommandId, ConductorInfo, ForConductor, Live, Open, ToClient, ToConductor, Topic, build},
};

/// The conductor's own commands: no user has this id.
const OWN: u64 = u64::MAX;

/// Whether the loop goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Goes {
    On,
    /// Told to end.
    Ends,
}

impl Host {
    pub async fn request(&mut self, request: Request) -> Goes {
        match request {
            Request::Came { client, peer, hello, out, live } => {
                self.clients.add(client, peer, hello.viewer, out, live);
                self.welcome(client, hello.build == build());
            }
            Request::Gone { client } => {
                self.clients.remove(client);
                self.heard_changed();
                self.people_changed();
            }
            Request::Stranger { protocol, out } => self.welcome_stranger(protocol, &out),
            Request::Urgent { peer, urgent, out } => self.urgent(&peer, urgent, Back::Wire(out)).await,
            Request::Said { client, message } => return self.said(client, *message).await,
            Request::End => return Goes::Ends,
        }
        Goes::On
    }

    async fn said(&mut self, client: u64, message: ToConductor) -> Goes {
        let Some(known) = self.clients.get_mut(client) else { return Goes::On };
        let peer = known.peer.clone();
        match message {
            ToConductor::Hello(_) => {}
            ToConductor::Urgent(urgent) => self.urgent(&peer, urgent, Back::Client(client)).await,
            ToConductor::Command { id, session, asked } => {
                if peer.own && asked.as_person.is_some() {
                    known.acting.clone_from(&asked.as_person);
                }
                let waiting = Waiting::Client(client, id.clone());
                self.command(&peer, id, &session, *asked, waiting).await;
            }
            ToConductor::Open { id, open } => match opener(&peer, &open) {
                Ok(actor) => {
                    let asker = Asker { client: u64::from(peer.uid), id };
                    self.open(client, asker, *open, actor).await;
                }
                Err(refusal) => {
                    let answer = Box::new(Answer::Refused(refusal));
                    self.clients.tell(client, &ToClient::Answer { id, answer });
                }
            },
            ToConductor::Project { id, asked } => self.project_asked(client, &peer, id, *asked).await,
            ToConductor::Subscribe { session, after, topics } => {
                known.following.clone_from(&session);
                known.catching_up = None;
                if let Some(session) = session {
                    self.send_session(client, &session, after.as_ref());
                }
                self.hear(client, topics);
            }
            ToConductor::Recent { unit } => self.send_recent(client, unit),
            ToConductor::Hear { topics } => self.hear(client, topics),
            ToConductor::Past { session, before, count } => self.send_past(client, &session, before, count),
            ToConductor::Looking(place) => {
                known.place = Some(place);
                self.tell_present();
            }
            ToConductor::Samples(samples) if peer.own => {
                let taken = self.samples.take(samples, self.wall());
                // Nobody listens: allowed.
                let _ = self.hub.send(Live::Samples(taken));
            }
            ToConductor::Samples(_) => {
                tracing::warn!(login = %peer.login, "samples are taken from the conductor's own user only");
            }
            ToConductor::Ping { number } => self.clients.tell(client, &ToClient::Pong { number }),
            ToConductor::Conductor(what) => return self.conductor(client, &peer, what),
        }
        Goes::On
    }

    /// What a client wants to hear from now on. What counts as it is, it is told at once.
    fn hear(&mut self, client: u64, topics: BTreeSet<Topic>) {
        let Some(known) = self.clients.get_mut(client) else { return };
        let new = |topic| topics.contains(&topic) && !known.topics.contains(&topic);
        let (presence, samples) = (new(Topic::Presence), new(Topic::Samples));
        known.hear(topics);
        self.heard_changed();
        if presence {
            let present = ToClient::Live(Live::Presence(self.clients.present()));
            self.clients.tell(client, &present);
        }
        if samples {
            let latest = ToClient::Live(Live::Samples(self.samples.latest()));
            self.clients.tell(client, &latest);
        }
    }

    /// Tells the engine whose checks anybody looks at: thousands are asked every second, and few are on a screen.
    pub fn heard_changed(&self) {
        if let Some(hosted) = &self.hosted {
            hosted.engine.tell_checks_of(self.clients.looked_at());
        }
    }

    pub async fn command(
        &mut self,
        peer: &Peer,
        id: CommandId,
        session: &SessionId,
        asked: Asked,
        waiting: Waiting,
    ) {
        let from = Asker { client: u64::from(peer.uid), id };
        self.waiting.insert(from.clone(), waiting);
        let here = self.hosted.as_ref().filter(|hosted| hosted.id == *session);
        let plan = here.map(|hosted| hosted.turn.session().course.adopted.clone());
        let Some(plan) = plan else {
            let refusal = match self.unread.get(session.as_str()) {
                // Whoever asks may well be able to read it: this conductor is what can't.
                Some(why) => Refusal::input(
                    format!("this conductor (golive {}) can't read {session}: {why}", build()),
                    "golive conductor restart, by the golive that wrote it",
                ),
                None => Refusal::input(
                    format!("no open session is called {session}"),
                    "one that is open: golive sessions",
                ),
            };
            self.reply(&from, Err(refusal));
            return;
        };
        match actor(peer, &plan.plan, asked.as_person.as_ref()) {
            Ok(actor) => {
                self.look_at_the_lock(&asked.command).await;
                self.give(Input::Command { asker: from, asked, actor }).await;
            }
            Err(refusal) => self.reply(&from, Err(refusal)),
        }
    }

    /// A command of the conductor itself; nobody waits for its answer.
    pub async fn command_own(&mut self, command: Command) {
        self.own += 1;
        let asker = Asker { client: OWN, id: self.own.to_string() };
        self.give(Input::Command { asker, asked: command.into(), actor: Actor::RULES }).await;
    }

    fn conductor(&mut self, client: u64, peer: &Peer, what: ForConductor) -> Goes {
        let info = self.info();
        let idle = info.under_way.is_empty();
        self.clients.tell(client, &ToClient::Conductor(info));
        match what {
            ForConductor::Stop if peer.own && idle => Goes::Ends,
            ForConductor::Restart if peer.own => Goes::Ends,
            _ => Goes::On,
        }
    }

    fn info(&self) -> ConductorInfo {
        let under_way = match &self.hosted {
            Some(hosted) if hosted.turn.timed() => {
                vec![format!("session {}: a rollout, a bake or a rollback", hosted.id)]
            }
            _ => Vec::new(),
        };
        let mut figures = std::collections::BTreeMap::new();
        if let Some(hosted) = &self.hosted {
            figures.insert("session".to_owned(), hosted.id.to_string());
            figures.insert("head".to_owned(), hosted.head.to_string());
            figures.insert("journal".to_owned(), hosted.turn.broken().unwrap_or("written").to_owned());
        }
        for (session, why) in &self.unread {
            figures.insert(format!("can't read {session}"), why.clone());
        }
        ConductorInfo {
            pid: std::process::id(),
            build: build().to_owned(),
            since: self.since,
            clients: self.clients.len() as u32,
            under_way,
            figures,
        }
    }
}

/// A plan is brought by whoever opens: only the conductor's own user may, since it says who may do what.
fn opener(peer: &Peer, open: &Open) -> Result<Actor, Refusal> {
    if peer.own {
        actor(peer, &open.adopted.plan, open.as_person.as_ref())
    } else {
        let lift = "asking whoever runs the conductor";
        Err(Refusal::access(format!("{} may not bring a plan", peer.login), lift))
    }
}
