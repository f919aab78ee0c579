//! Who is there, and who they are: logins as persons of the adopted plan, and whether the watch is attended.

use std::sync::Arc;

use super::{
    clients::{Client, frame},
    host::Host,
    peer::Peer,
};
use crate::{
    domain::{
        actor::{Actor, Via, Who},
        command::Command,
        course::CourseCommand,
        name::PersonName,
        plan::{Adopted, Plan},
        project::SessionLine,
        refusal::Refusal,
    },
    wire::{Home, Live, Mode, PROTOCOL, SessionInfo, ToClient, Topic, Welcome, build},
};

/// Beats (seconds) for which the watcher must have been gone before it is said and others are told: a line that drops
/// for a moment, or a start by command with the cockpit opened after it, calls nobody.
const WATCH_GONE: u32 = 30;
/// The same for having come back.
const WATCH_BACK: u32 = 3;

impl Host {
    pub fn welcome(&mut self, client: u64, same_build: bool) {
        if let Some(known) = self.clients.get_mut(client) {
            known.same_build = same_build;
        }
        self.people_changed();
    }

    /// The adopted plan of the session that is open.
    fn plan(&self) -> Option<Arc<Adopted>> {
        self.hosted.as_ref().map(|hosted| hosted.turn.session().course.adopted.clone())
    }

    pub fn sessions(&self) -> Vec<SessionInfo> {
        let info = |line: &SessionLine| SessionInfo {
            id: line.id.clone(),
            version: line.candidate.version.clone(),
            opened: line.opened,
            ended: line.ending.as_ref().map(|ending| ending.word().to_owned()),
        };
        let published = self.hosted.as_ref().and_then(|hosted| hosted.published.as_deref());
        self.project.with(published, self.wall()).sessions.iter().map(info).collect()
    }

    /// Who is who under the plan as it is now, and which sessions there are. A client is welcomed with it, and told
    /// again when it has changed: it may have come before the session that says who it is.
    pub fn people_changed(&mut self) {
        let plan = self.plan();
        let sessions = self.sessions();
        let queue = self.queue();
        let journal = self.journal_state();
        let home = Home::of(self.setup.paths.home()).ok();
        for client in self.clients.iter_mut() {
            client.person = plan.as_ref().and_then(|plan| person(&plan.plan, &client.peer.login));
            let mode = match (&client.person, &plan) {
                (None, Some(_)) if !client.peer.own => {
                    Mode::ReadOnly(format!("nobody in [people] has the login {}", client.peer.login))
                }
                _ => Mode::Full,
            };
            client.welcome(Welcome {
                protocol: PROTOCOL,
                build: build().to_owned(),
                mode,
                you: client.person.clone(),
                login: client.peer.login.clone(),
                own: client.peer.own,
                machine: self.setup.machine.clone(),
                home: home.clone(),
                sessions: sessions.clone(),
                queue: queue.clone(),
                journal: journal.clone(),
            });
        }
        self.tell_present();
    }

    /// Once a second: whether whoever is on watch looks at the session. Commands come and go: only what has been
    /// so for some seconds is told.
    pub async fn look_at_the_watch(&mut self) {
        let Some(hosted) = &self.hosted else { return };
        let watch = &hosted.turn.session().course.watch;
        let Some(by) = &watch.by else { return };
        let told = watch.gone_since.is_none();
        let looks = |client: &Client| {
            client.who() == Some(by)
                && client.following.as_ref() == Some(&hosted.id)
                && client.place.as_ref().is_none_or(|place| place.watching)
        };
        let present = self.clients.iter().any(|(_, client)| looks(client));
        self.watch_differs = if present == told { 0 } else { self.watch_differs + 1 };
        let settles = if present { WATCH_BACK } else { WATCH_GONE };
        if self.watch_differs >= settles {
            self.watch_differs = 0;
            self.command_own(Command::Course(CourseCommand::WatcherPresent { present })).await;
        }
    }

    /// Who is there, to those who want to know, if it has changed.
    pub fn tell_present(&mut self) {
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
}

/// Who acts: the login's person, or for the conductor's own user whoever they say.
pub fn actor(peer: &Peer, plan: &Plan, as_person: Option<&PersonName>) -> Result<Actor, Refusal> {
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

pub fn person(plan: &Plan, login: &str) -> Option<PersonName> {
    plan.people.values().find(|person| person.login == login).map(|person| person.name.clone())
}
