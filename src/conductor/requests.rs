//! What clients ask for.

use std::sync::Arc;

use super::{
    clients::frame,
    fold,
    host::{Host, Waiting},
    hosted::record_frames,
    peer::Peer,
    serve::Request,
    turn::{Asker, Input},
};
use crate::{
    domain::{
        actor::{Actor, Via, Who},
        command::{Asked, Command},
        course::CourseCommand,
        name::{PersonName, SessionId},
        plan::Plan,
        refusal::Refusal,
        rollout::RolloutCommand,
    },
    journal::{JournalError, Reader},
    record::{Head, Json},
    wire::{
        Answer, Carried, CommandId, ConductorInfo, ForConductor, Live, Mode, PROTOCOL, SessionInfo, ToClient,
        ToConductor, Topic, Urgent, UrgentWhat, Welcome, build, parts,
    },
};

/// Lines that are sent for one `Past`.
const PAST: u32 = 2_000;
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
                self.people_changed().await;
            }
            Request::Gone { client } => {
                self.clients.remove(client);
                self.people_changed().await;
            }
            Request::Urgent { peer, urgent, out } => {
                let waiting = Waiting::Urgent(out, urgent.id.clone());
                self.urgent(&peer, urgent, waiting).await;
            }
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
            ToConductor::Urgent(urgent) => {
                let waiting = Waiting::Client(client, urgent.id.clone());
                self.urgent(&peer, urgent, waiting).await;
            }
            ToConductor::Command { id, session, asked } => {
                if peer.own && asked.as_person.is_some() {
                    known.acting.clone_from(&asked.as_person);
                }
                let waiting = Waiting::Client(client, id.clone());
                self.command(&peer, id, &session, *asked, waiting).await;
            }
            ToConductor::Open { id, open } => match opener(&peer, &open) {
                Ok(actor) => self.open(client, id, *open, actor).await,
                Err(refusal) => {
                    let answer = Box::new(Answer::Refused(refusal));
                    self.clients.tell(client, &ToClient::Answer { id, answer });
                }
            },
            ToConductor::Subscribe { session, after, topics } => {
                let presence = topics.contains(&Topic::Presence) && !known.topics.contains(&Topic::Presence);
                known.want(session.clone(), topics);
                if let Some(session) = session {
                    self.send_session(client, &session, after.as_ref());
                }
                if presence {
                    let present = ToClient::Live(Live::Presence(self.clients.present()));
                    self.clients.tell(client, &present);
                }
            }
            ToConductor::Past { session, before, count } => self.send_past(client, &session, before, count),
            ToConductor::Looking(place) => {
                known.place = Some(place);
                self.tell_present();
            }
            ToConductor::Ping { number } => self.clients.tell(client, &ToClient::Pong { number }),
            ToConductor::Conductor(what) => return self.conductor(client, &peer, what),
        }
        Goes::On
    }

    async fn command(
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
            let why = self.unread.get(session.as_str()).cloned();
            let reason = why.unwrap_or_else(|| format!("no open session is called {session}"));
            let refusal = Refusal::input(reason, "one that is open: golive sessions");
            self.reply(&from, Err(refusal));
            return;
        };
        match actor(peer, &plan.plan, asked.as_person.as_ref()) {
            Ok(actor) => self.give(Input::Command { asker: from, asked, actor }).await,
            Err(refusal) => self.reply(&from, Err(refusal)),
        }
    }

    async fn urgent(&mut self, peer: &Peer, urgent: Urgent, waiting: Waiting) {
        let command = match urgent.what {
            UrgentWhat::Hold => Command::Course(CourseCommand::Hold { reason: "HOLD was pressed".into() }),
            UrgentWhat::RollBack => Command::Rollout(RolloutCommand::RollBack { only: Vec::new() }),
        };
        self.command(peer, urgent.id, &urgent.session, command.into(), waiting).await;
    }

    /// A command of the conductor itself; nobody waits for its answer.
    pub async fn command_own(&mut self, command: Command) {
        self.own += 1;
        let asker = Asker { client: OWN, id: self.own.to_string() };
        self.give(Input::Command { asker, asked: command.into(), actor: Actor::RULES }).await;
    }

    fn welcome(&mut self, client: u64, same_build: bool) {
        let plan = self.plan();
        let sessions = self.sessions();
        let machine = self.setup.machine.clone();
        let Some(known) = self.clients.get_mut(client) else { return };
        known.same_build = same_build;
        known.person = plan.as_ref().and_then(|plan| person(&plan.plan, &known.peer.login));
        let mode = match (&known.person, &plan) {
            (None, Some(_)) if !known.peer.own => {
                Mode::ReadOnly(format!("nobody in [people] has the login {}", known.peer.login))
            }
            _ => Mode::Full,
        };
        let welcome = Welcome {
            protocol: PROTOCOL,
            build: build().to_owned(),
            mode,
            you: known.person.clone(),
            login: known.peer.login.clone(),
            machine,
            sessions,
        };
        known.tell(&ToClient::Welcome(welcome));
    }

    /// The adopted plan of the session that is open.
    fn plan(&self) -> Option<Arc<crate::domain::plan::Adopted>> {
        self.hosted.as_ref().map(|hosted| hosted.turn.session().course.adopted.clone())
    }

    fn sessions(&self) -> Vec<SessionInfo> {
        let info = |line: &crate::domain::project::SessionLine| SessionInfo {
            id: line.id.clone(),
            version: line.candidate.version.clone(),
            opened: line.opened,
            ended: line.ending.as_ref().map(|ending| ending.word().to_owned()),
        };
        self.project.project.sessions.iter().map(info).collect()
    }

    /// Who is who under the plan as it is now, and whether the watcher is among them.
    pub async fn people_changed(&mut self) {
        let plan = self.plan();
        for client in self.clients.iter_mut() {
            client.person = plan.as_ref().and_then(|plan| person(&plan.plan, &client.peer.login));
        }
        self.tell_present();
        let Some(hosted) = &self.hosted else { return };
        let by = hosted.turn.session().course.watch.by.clone();
        let present = by.map(|by| {
            let at_the_watch = |client: &super::clients::Client| {
                client.who() == Some(&by) && client.place.as_ref().is_none_or(|place| place.watching)
            };
            self.clients.iter().any(|(_, client)| at_the_watch(client))
        });
        if let Some(present) = present
            && self.watcher_present != Some(present)
        {
            self.watcher_present = Some(present);
            self.command_own(Command::Course(CourseCommand::WatcherPresent { present })).await;
        }
    }

    /// Who is there, to those who want to know, if it has changed.
    fn tell_present(&mut self) {
        let present = self.clients.present();
        if present == self.present {
            return;
        }
        self.present.clone_from(&present);
        let Some(frame) = frame(&ToClient::Live(Live::Presence(present))) else { return };
        for client in self.clients.iter_mut().filter(|client| client.topics.contains(&Topic::Presence)) {
            client.send(frame.clone());
        }
    }

    /// A session from where the client has it, or anew.
    pub fn send_session(&mut self, client: u64, session: &SessionId, after: Option<&Head>) {
        let Some(known) = self.clients.get_mut(client) else { return };
        if let Some(hosted) = self.hosted.as_mut().filter(|hosted| hosted.id == *session) {
            if after == Some(&hosted.head) {
                return;
            }
            let broken = hosted.turn.broken().is_some();
            let rest = after.and_then(|after| tail(&self.reader, session, after));
            match rest {
                Some(frames) if !broken => frames.into_iter().for_each(|frame| known.send(frame)),
                _ => {
                    if after.is_some() {
                        let why = "the record is sent anew".to_owned();
                        known.tell(&ToClient::Resync { session: session.clone(), why });
                    }
                    if known.same_build || broken {
                        hosted.snapshot().into_iter().for_each(|frame| known.send(frame));
                    } else {
                        let all = tail(&self.reader, session, &Head::beginning(session.as_str()));
                        all.into_iter().flatten().for_each(|frame| known.send(frame));
                    }
                }
            }
            return;
        }
        // One that nobody writes to: read beside the loop, which has others to answer.
        let (journal, session, same) = (self.setup.paths.journal(), session.clone(), known.same_build);
        let out = known.queue();
        tokio::task::spawn_blocking(move || {
            let sent = stored(&journal, &session, same).map(|frames| {
                // A client that has gone takes no more.
                frames.into_iter().try_for_each(|frame| out.blocking_send(frame))
            });
            if let Err(error) = sent {
                tracing::warn!(%session, %error, "a session could not be read for a client");
            }
        });
    }

    fn send_past(&mut self, client: u64, session: &SessionId, before: u64, count: u32) {
        let count = u64::from(count.min(PAST));
        let read = self.reader.head(session.as_str()).and_then(|head| {
            let before = before.min(head.seq + 1);
            lines(&self.reader, session.as_str(), before.saturating_sub(count + 1), before)
        });
        let lines = read.unwrap_or_else(|error| {
            tracing::warn!(%session, %error, "older lines could not be read");
            Vec::new()
        });
        self.clients.tell(client, &ToClient::Past { session: session.clone(), lines });
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
fn opener(peer: &Peer, open: &crate::wire::Open) -> Result<Actor, Refusal> {
    if peer.own {
        actor(peer, &open.adopted.plan, open.as_person.as_ref())
    } else {
        let lift = "asking whoever runs the conductor";
        Err(Refusal::access(format!("{} may not bring a plan", peer.login), lift))
    }
}

/// Who acts: the login's person, or for the conductor's own user whoever they say.
fn actor(peer: &Peer, plan: &Plan, as_person: Option<&PersonName>) -> Result<Actor, Refusal> {
    let who = match as_person {
        Some(person) if peer.own => Who::Person(person.clone()),
        Some(person) => {
            let reason = format!("{} may not act as {person}", peer.login);
            return Err(Refusal::access(reason, "the conductor's own user, or their own login"));
        }
        None => person(plan, &peer.login).map_or_else(|| Who::Stranger(peer.login.clone()), Who::Person),
    };
    Ok(Actor { who, via: Via::Uid(peer.uid) })
}

fn person(plan: &Plan, login: &str) -> Option<PersonName> {
    plan.people.values().find(|person| person.login == login).map(|person| person.name.clone())
}

/// Lines after the head that a client has; none if that head is not in this record.
fn tail(reader: &Reader, session: &SessionId, after: &Head) -> Option<Vec<crate::wire::Frame>> {
    let mut known = after.seq == 0 && *after == Head::beginning(session.as_str());
    let mut carried = Vec::new();
    let read = reader.lines(session.as_str(), after.seq.saturating_sub(1), |row| {
        if row.seq == after.seq {
            known = row.hash == after.hash.as_str();
        } else {
            carried.push(carry(row.line, row.blob));
        }
        Ok::<_, JournalError>(())
    });
    (read.is_ok() && known).then(|| record_frames(session, carried.into_iter()))
}

fn lines(reader: &Reader, stream: &str, after: u64, before: u64) -> Result<Vec<Carried>, JournalError> {
    let mut lines = Vec::new();
    let mut bytes = 0;
    reader.lines(stream, after, |row| {
        // Never more than fits into a frame: whoever wants the rest asks for fewer lines.
        bytes += row.line.len() + row.blob.map_or(0, str::len);
        if row.seq < before && bytes < crate::wire::MAX_FRAME / 2 {
            lines.extend(carry(row.line, row.blob));
        }
        Ok::<_, JournalError>(())
    })?;
    Ok(lines)
}

fn carry(line: &str, blob: Option<&str>) -> Result<Carried, crate::record::NotJson> {
    Ok(Carried {
        line: Json::from_text(line.to_owned())?,
        body: blob.map(|body| Json::from_text(body.to_owned())).transpose()?,
    })
}

/// A session that is over, or can't be written: its state, or for another build its lines.
fn stored(
    journal: &std::path::Path,
    session: &SessionId,
    same_build: bool,
) -> Result<Vec<crate::wire::Frame>, fold::Unread> {
    let reader = Reader::open(journal)?;
    if same_build && let Ok((folded, head)) = fold::session(&reader, session.as_str()) {
        let state = serde_json::to_string(&folded)
            .map_err(|why| fold::Unread::Fold(crate::record::FoldError::Snapshot(why.to_string())))?;
        let parts = parts(session, &head, &state);
        return Ok(parts.into_iter().filter_map(|part| frame(&ToClient::Snapshot(part))).collect());
    }
    let all = lines(&reader, session.as_str(), 0, u64::MAX)?;
    Ok(record_frames(session, all.into_iter().map(Ok)))
}
