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
    journal::{Answered, PROJECT},
    wire::{Answer, AskedOfProject, CommandId, ToClient},
};

impl Host {
    pub async fn project_asked(&mut self, client: u64, peer: &Peer, id: CommandId, asked: AskedOfProject) {
        let AskedOfProject { command, as_person } = asked;
        // Asked again, of a later conductor too, it is done once.
        let by = Answered { client: u64::from(peer.uid), id: id.clone() };
        match self.reader.answered_in(&by) {
            Ok(Some(stream)) if stream == PROJECT => {
                let seq = self.project.head();
                return self.answer(client, id, Answer::Done { seq });
            }
            Ok(_) => {}
            Err(error) => {
                let why = format!("the journal can't be read: {error}");
                return self.answer(client, id, Answer::Failed(why));
            }
        }
        let open = self.hosted.as_ref().filter(|hosted| !hosted.turn.session().course.is_over());
        match (command, open.map(|hosted| hosted.id.clone())) {
            (ProjectCommand::NoteRehearsal(rehearsal), Some(session)) => {
                let asked =
                    Asked { command: CourseCommand::NoteRehearsal(rehearsal).into(), shown: None, as_person };
                let waiting = Waiting::Client(client, id.clone());
                self.command(peer, id, &session, asked, waiting).await;
            }
            (ProjectCommand::NoteRehearsal(rehearsal), None) => {
                let actor = Actor { who: Who::Stranger(peer.login.clone()), via: Via::Uid(peer.uid) };
                let bounded = may_tell(peer).and_then(|()| rehearsal.bounded());
                let told = bounded.map(|()| (ProjectEvent::Rehearsed(rehearsal), actor));
                self.note(client, id, by, told).await;
            }
            (ProjectCommand::Queue(asked), _) => {
                let told = self.queues(peer, *asked, as_person.as_ref());
                self.note(client, id, by, told).await;
            }
            (ProjectCommand::LeaveQueue { version }, _) => {
                let told = self.leaves_queue(peer, &version, as_person.as_ref());
                self.note(client, id, by, told).await;
            }
        }
    }

    /// Writes it into the project's stream, and answers once that is durable.
    async fn note(
        &mut self,
        client: u64,
        id: CommandId,
        by: Answered,
        told: Result<(ProjectEvent, Actor), Refusal>,
    ) {
        match told {
            Err(refusal) => self.answer(client, id, Answer::Refused(refusal)),
            Ok(_) if self.project.unwritable().is_some() => {
                let why = self.project.unwritable().unwrap_or_default();
                let why = format!("the project's record can't be written: {why}");
                self.answer(client, id, Answer::Failed(why));
            }
            Ok((event, actor)) => {
                self.project.tell_by(event, actor, by);
                self.noting.push((client, id));
                self.settle_project().await;
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
