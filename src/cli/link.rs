//! A command's connection to the conductor: the session it is about, the command sent, and the durable answer.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use super::{
    account::Account, answer::Answered as Said, context::Context, exit::Exit, failure::Failure, past,
    project::Project, reach, standing,
};
use crate::{
    client::{Answer, Client, ClientError, CommandId, Happening, Open, REMEDY, UrgentAnswer, Way},
    domain::{
        command::{Asked, Command},
        event::{Event, Stamped},
        name::{PersonName, SessionId},
        plan::Plan,
        refusal::RefusalKind,
        session::Session,
        time::Now,
    },
};

/// How often, and how long apart, opening is asked for while another session is being closed.
const TRIES: u32 = 100;
const PAUSE: Duration = Duration::from_millis(50);

/// In full, or in the form that lasts.
enum Answered {
    Read(Answer),
    Urgently(UrgentAnswer),
}

pub struct Link {
    client: Client,
    id: SessionId,
    as_person: Option<PersonName>,
}

impl Link {
    /// Connects, and waits until the session that the command is about is there.
    pub async fn open(context: &Context, project: &Project) -> Result<Self, Failure> {
        Self::by(reach::way(project, context)?, context).await
    }

    pub async fn by(way: Way, context: &Context) -> Result<Self, Failure> {
        let client = Client::connect(way, "command", context.clock.clone()).await?;
        let mut link = Self::follow(client, context).await?;
        link.client.caught_up().await?;
        Ok(link)
    }

    /// Likewise for what is urgent: it goes through although the session can't be read here.
    pub async fn open_urgently(context: &Context, project: &Project) -> Result<Self, Failure> {
        let way = reach::way(project, context)?;
        let client = Client::connect_urgently(way, "command", context.clock.clone()).await?;
        let mut link = Self::follow(client, context).await?;
        match link.client.caught_up().await {
            Ok(_) | Err(ClientError::Unread(_)) => Ok(link),
            Err(error) => Err(error.into()),
        }
    }

    async fn follow(mut client: Client, context: &Context) -> Result<Self, Failure> {
        let sessions = &client.welcome().sessions;
        let open =
            || sessions.iter().rev().find(|session| session.ended.is_none()).map(|open| open.id.clone());
        let id = context.everywhere.session.clone().or_else(open).ok_or_else(past::nothing_open)?;
        if !sessions.iter().any(|session| session.id == id) {
            return Err(Failure::usage(format!("there is no session {id}"), "golive sessions lists them"));
        }
        client.follow(Some(id.clone()), BTreeSet::new()).await;
        Ok(Self { client, id, as_person: context.everywhere.as_person.clone() })
    }

    /// Who acts here, by a plan that is not adopted yet.
    pub fn person(&self, plan: &Plan) -> Option<PersonName> {
        let login = &self.client.welcome().login;
        let known = || plan.people.values().find(|person| person.login == *login);
        self.as_person.clone().or_else(|| known().map(|person| person.name.clone()))
    }

    pub fn session(&self) -> Result<&Session, Failure> {
        self.client.session().ok_or_else(|| Failure::internal("the session was not sent"))
    }

    /// The conductor's time.
    pub fn now(&self) -> Result<Now, Failure> {
        self.client.now().map_or_else(|| Ok(self.session()?.now), Ok)
    }

    /// Sends a command and waits until its answer is durable and its events are here.
    pub async fn send(&mut self, command: impl Into<Command>) -> Result<Said, Failure> {
        let before = self.client.session().map_or(0, |session| session.seq);
        let asked = Asked { command: command.into(), shown: None, as_person: self.as_person.clone() };
        let sent = self.client.press(self.id.clone(), asked).await;
        let id =
            sent.map_err(|cant| Failure::new(Exit::Refused, cant.to_string(), format!("use {REMEDY}")))?;
        let mut events = Vec::new();
        let seq = match self.answer(&id, &mut events).await? {
            Answered::Read(Answer::Done { seq }) => seq,
            Answered::Read(other) => return Err(not_done(other)),
            Answered::Urgently(answer) if !answer.done => return Err(answer.into()),
            Answered::Urgently(answer) => return Ok(self.unseen(answer.seq, vec![answer.say])),
        };
        while self.client.session().is_none_or(|session| session.seq < seq) {
            if self.client.unread().is_some() {
                return Ok(self.unseen(Some(seq), Vec::new()));
            }
            if let Happening::Events(more) = self.client.next().await? {
                events.extend(more);
            }
        }
        let me = self.as_person.as_ref().or(self.client.welcome().you.as_ref());
        let mine = |event: &&Arc<Stamped>| {
            let asked = event.seq > before && event.seq <= seq && event.actor.is_human();
            asked && event.actor.person() == me
        };
        // What is started and stopped for it is golive's doing, unless that was all that was asked.
        let (done, decided): (Vec<_>, Vec<_>) =
            events.iter().filter(mine).partition(|event| matches!(event.event, Event::Effect(_)));
        let told = if decided.is_empty() { done } else { decided };
        let said = told.into_iter().map(|event| crate::report::says(&event.event)).collect();
        let head = self.client.head().map(ToString::to_string);
        let plan_differs = self.client.session().is_some_and(|session| session.course.differs.is_some());
        Ok(Said { session: self.id.to_string(), seq: Some(seq), said, head, plan_differs, unseen: None })
    }

    /// It was done, and what was recorded can't be read here.
    fn unseen(&self, seq: Option<u64>, said: Vec<String>) -> Said {
        let why = self.client.unread().unwrap_or_default();
        let unseen = format!("this build can't read the record on ({why}): to watch it, use {REMEDY}");
        Said {
            session: self.id.to_string(),
            seq,
            said,
            head: None,
            plan_differs: false,
            unseen: Some(unseen),
        }
    }

    async fn answer(
        &mut self,
        wanted: &CommandId,
        events: &mut Vec<Arc<Stamped>>,
    ) -> Result<Answered, Failure> {
        loop {
            match self.client.next().await? {
                Happening::Answer { id, answer } if id == *wanted => return Ok(Answered::Read(answer)),
                Happening::UrgentAnswer(answer) if answer.id == *wanted => {
                    return Ok(Answered::Urgently(answer));
                }
                Happening::Events(more) => events.extend(more),
                _ => {}
            }
        }
    }

    /// Tells what happens until the line stands still, and how it stands then.
    pub async fn until_still(&mut self, account: &Account) -> Result<Exit, Failure> {
        if let Some(why) = self.client.unread() {
            return Err(Failure::unread(why));
        }
        account.learn(self.session()?);
        loop {
            // After a lost connection what is sent first may be older than what stands.
            if self.client.is_caught_up()
                && let Some(exit) = standing::still(self.session()?)
            {
                return Ok(exit);
            }
            self.tell_next(account).await?;
        }
    }

    /// Waits for the next thing that happens, and tells it.
    pub async fn tell_next(&mut self, account: &Account) -> Result<(), Failure> {
        match self.client.next().await? {
            Happening::Events(events) => {
                for event in &events {
                    account.tell(event)?;
                }
            }
            Happening::Lost(why) => account.note(&format!("the connection to the conductor was lost: {why}")),
            Happening::Back => account.note("the connection to the conductor is back"),
            Happening::ReadOnly(why) => {
                return Err(match self.client.unread() {
                    Some(why) => Failure::unread(why),
                    None => Failure::new(Exit::JournalUnusable, why, ""),
                });
            }
            // Sent anew after a lost connection: until then there is no session.
            Happening::Anew => {}
            _ => {}
        }
        if self.client.session().is_none() {
            self.client.caught_up().await?;
        }
        Ok(())
    }
}

fn not_done(answer: Answer) -> Failure {
    match answer {
        Answer::Refused(refusal) => refusal.into(),
        Answer::Failed(why) => Failure::new(Exit::JournalUnusable, why, "golive conductor status says more"),
        Answer::Done { .. } | Answer::Opened { .. } => Failure::internal("the answer is another command's"),
    }
}

/// Opens a session, and waits until that is durable.
pub async fn opened(way: Way, open: Open, context: &Context) -> Result<SessionId, Failure> {
    let mut client = Client::connect(way, "open", context.clock.clone()).await?;
    let mut left = TRIES;
    loop {
        let id = client.open(open.clone()).await;
        match client.answer(&id).await? {
            Answer::Opened { session } => return Ok(session),
            // The session before it is just being closed: a script says both in one breath.
            Answer::Refused(refusal) if refusal.kind == RefusalKind::NotReady && left > 0 => {
                left -= 1;
                context.clock.sleep(PAUSE).await;
            }
            other => return Err(not_done(other)),
        }
    }
}
