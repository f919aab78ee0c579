//! What somebody tells the project: it goes to the session that is open, which passes it on, else to the project's own
//! stream.

use super::{
    host::{Host, Waiting},
    peer::Peer,
};
use crate::{
    domain::{
        actor::{Actor, Via, Who},
        command::Asked,
        course::CourseCommand,
        project::{ProjectCommand, ProjectEvent},
        refusal::Refusal,
    },
    wire::{Answer, AskedOfProject, CommandId, ToClient},
};

impl Host {
    pub async fn project_asked(&mut self, client: u64, peer: &Peer, id: CommandId, asked: AskedOfProject) {
        let AskedOfProject { command, as_person } = asked;
        let open = self.hosted.as_ref().filter(|hosted| !hosted.turn.session().course.is_over());
        match (command, open.map(|hosted| hosted.id.clone())) {
            (ProjectCommand::NoteRehearsal(rehearsal), Some(session)) => {
                let asked =
                    Asked { command: CourseCommand::NoteRehearsal(rehearsal).into(), shown: None, as_person };
                let waiting = Waiting::Client(client, id.clone());
                self.command(peer, id, &session, asked, waiting).await;
            }
            (ProjectCommand::NoteRehearsal(rehearsal), None) => {
                if let Err(refusal) = may_tell(peer).and_then(|()| rehearsal.bounded()) {
                    self.answer(client, id, Answer::Refused(refusal));
                } else if let Some(why) = self.project.unwritable() {
                    let why = format!("the project's record can't be written: {why}");
                    self.answer(client, id, Answer::Failed(why));
                } else {
                    let actor = Actor { who: Who::Stranger(peer.login.clone()), via: Via::Uid(peer.uid) };
                    self.project.tell(ProjectEvent::Rehearsed(rehearsal), actor);
                    self.noting.push((client, id));
                    self.settle_project().await;
                }
            }
        }
    }

    /// What was told is durable, or is not written at all.
    pub fn say_noted(&mut self, failed: Option<&str>) {
        if failed.is_none() && !self.project.all_told() {
            return;
        }
        for (client, id) in std::mem::take(&mut self.noting) {
            let seq = self.project.head();
            let answer = failed.map_or(Answer::Done { seq }, |why| Answer::Failed(why.to_owned()));
            self.answer(client, id, answer);
        }
    }

    fn answer(&mut self, client: u64, id: CommandId, answer: Answer) {
        self.clients.tell(client, &ToClient::Answer { id, answer: Box::new(answer) });
    }
}

/// Where no session is open no plan says who is who: only the conductor's own user tells it anything.
fn may_tell(peer: &Peer) -> Result<(), Refusal> {
    if peer.own {
        Ok(())
    } else {
        let lift = "asking whoever runs the conductor";
        Err(Refusal::access(format!("{} may not tell the project anything", peer.login), lift))
    }
}
