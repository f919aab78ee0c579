//! HOLD and ROLL BACK in the form that lasts, from clients that may not be able to read the record: who they are told
//! this conductor is, and answers that say what happens now, since they will not see it. Decides nothing itself.

use tokio::sync::mpsc;

use super::{
    clients::frame,
    host::{Host, Waiting},
    peer::Peer,
};
use crate::{
    domain::{counted::counted, refusal::RefusalKind, rollout::going_back, session::Session},
    wire::{
        Answer, CommandId, Frame, Home, PROTOCOL, ToClient, Urgent, UrgentAnswer, UrgentNo, UrgentSession,
        UrgentWelcome, UrgentWhat, build,
    },
};

/// Where an answer goes back.
#[derive(Debug)]
pub enum Back {
    Client(u64),
    /// To a connection that is no client: its protocol is another.
    Wire(mpsc::Sender<Frame>),
}

/// Something urgent that waits for its answer.
#[derive(Debug)]
pub struct Urgently {
    id: CommandId,
    what: UrgentWhat,
    back: Back,
}

impl Host {
    pub async fn urgent(&mut self, peer: &Peer, urgent: Urgent, back: Back) {
        let (id, session) = (urgent.id.clone(), urgent.session.clone());
        let waiting = Waiting::Urgent(Urgently { id: id.clone(), what: urgent.what, back });
        self.command(peer, id, &session, urgent.asked(), waiting).await;
    }

    /// A client of another protocol learns what it needs for that, and what to do about all else.
    pub fn welcome_stranger(&self, protocol: u32, out: &mpsc::Sender<Frame>) {
        let ours = build();
        let welcome = UrgentWelcome {
            protocol: PROTOCOL,
            build: ours.to_owned(),
            why: format!(
                "the conductor is golive {ours} and speaks protocol {PROTOCOL}, this build {protocol}: use that golive, or \
                 end it (pid {}) and this one takes up what is under way",
                std::process::id()
            ),
            machine: self.setup.machine.clone(),
            home: Home::of(self.setup.paths.home()).ok(),
            sessions: self
                .sessions()
                .into_iter()
                .map(|info| UrgentSession { open: info.ended.is_none(), id: info.id, version: info.version })
                .collect(),
        };
        send(out, &ToClient::UrgentWelcome(welcome));
    }

    pub fn reply_urgently(&mut self, urgently: Urgently, answer: Answer) {
        let Urgently { id, what, back } = urgently;
        let no = UrgentNo::default();
        let answer = match answer {
            Answer::Done { seq } => {
                let session = self.hosted.as_ref().map(|hosted| hosted.turn.session());
                UrgentAnswer { id, done: true, say: now(what, session), seq: Some(seq), no }
            }
            Answer::Opened { session } => {
                UrgentAnswer { id, done: false, say: format!("{session} was opened"), seq: None, no }
            }
            Answer::Refused(refusal) => {
                let unwritable = refusal.kind == RefusalKind::Unwritable;
                let no = if unwritable { UrgentNo::Unwritable } else { no };
                UrgentAnswer {
                    id,
                    done: false,
                    say: refusal.to_string().replace("\n  ", " · "),
                    seq: None,
                    no,
                }
            }
            Answer::Failed(why) => {
                UrgentAnswer { id, done: false, say: why, seq: None, no: UrgentNo::Unwritable }
            }
        };
        let message = ToClient::UrgentAnswer(answer);
        match back {
            Back::Client(client) => self.clients.tell(client, &message),
            Back::Wire(out) => send(&out, &message),
        }
    }
}

/// A connection that is gone, or takes nothing, needs no word.
fn send(out: &mpsc::Sender<Frame>, message: &ToClient) {
    let _ = frame(message).map(|frame| out.try_send(frame));
}

/// What happens now that it was done, in the words of the conductor's version.
fn now(what: UrgentWhat, session: Option<&Session>) -> String {
    let by = |person: Option<&crate::domain::name::PersonName>| {
        person.map_or_else(|| "the rules".to_owned(), ToString::to_string)
    };
    match what {
        UrgentWhat::Hold => match session.and_then(|session| session.course.hold.as_ref()) {
            Some(hold) => format!(
                "HELD by {}: no new host, promotion or bake end; hosts under way finish",
                by(hold.by.as_ref())
            ),
            None => "HOLD is recorded".to_owned(),
        },
        UrgentWhat::RollBack => match session.and_then(going_back) {
            Some(back) => format!(
                "ROLLING BACK to {} on {}, asked for by {}",
                back.to.version,
                counted(back.units.len() as u32, "host"),
                by(back.by.as_ref())
            ),
            None => "ROLL BACK is recorded, and over already".to_owned(),
        },
    }
}
