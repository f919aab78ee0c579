//! Plays the script over a real conductor, as a client like any other. The only part of the script that waits.

use std::{ops::ControlFlow, sync::Arc, time::Duration};

use super::{
    cast::Cast,
    plot::{Next, next},
    team::{Line, team},
};
use crate::{
    client::{Answer, Client, ClientError, CommandId, Happening, Open},
    clock::Clock,
    domain::{
        command::Asked,
        course::Ending,
        event::Stamped,
        name::{PersonName, SessionId},
        refusal::{Refusal, RefusalKind},
        session::Session,
        time::Now,
    },
};

/// Looked at again after this long, though nothing has happened: time passes too.
const LOOK: Duration = Duration::from_millis(500);
/// Without a new fact for this long, the script has failed.
const PATIENCE: Duration = Duration::from_mins(3);
/// Refused this often in a row, the script has failed.
const REFUSALS: u32 = 5;

/// What whoever watches is told.
#[derive(Debug)]
pub enum Told<'a> {
    Events(&'a [Arc<Stamped>]),
    /// The connection was lost, or is back.
    Note(&'a str),
}

#[derive(Debug, thiserror::Error)]
pub enum PlayError {
    #[error(transparent)]
    Client(#[from] ClientError),
    #[error("{person} was refused: {refusal}")]
    Refused { person: PersonName, refusal: Refusal },
    #[error("the conductor failed: {0}")]
    Failed(String),
    #[error("the script is stuck: {0}")]
    Stuck(String),
    #[error("nothing has happened for {} min; it waits for: {waits}", PATIENCE.as_secs() / 60)]
    Silent { waits: String },
    #[error("the session can't be followed: {0}")]
    Unreadable(String),
    /// Whoever was told wants to hear no more.
    #[error("nobody listens any more")]
    Unheard,
}

/// Opens a session and plays it to its end with everybody scripted.
pub async fn play(
    client: &mut Client,
    open: Open,
    clock: &Clock,
    tell: &mut (dyn FnMut(Told<'_>) -> ControlFlow<()> + Send),
) -> Result<(SessionId, Ending), PlayError> {
    let opened = client.open(open).await;
    let id = match answer(client, &opened, tell).await? {
        Answer::Opened { session } => session,
        Answer::Refused(refusal) => {
            return Err(PlayError::Failed(format!("the session was not opened: {refusal}")));
        }
        Answer::Failed(why) => return Err(PlayError::Failed(why)),
        Answer::Done { .. } => return Err(PlayError::Failed("the answer is another command's".into())),
    };
    client.follow(Some(id.clone()), [].into()).await;
    let mut acting = Acting::new(clock);
    loop {
        match seen(client, |session, now| next(session, now, &Cast::unattended()), tell).await? {
            Next::Line(line) => acting.say(client, &id, line, tell).await?,
            Next::Wait(waits) => acting.look(client, &waits, tell).await?,
            Next::Over(ending) => return Ok((id, ending)),
            Next::Stuck(why) => return Err(PlayError::Stuck(why)),
        }
    }
}

/// Plays the teammates of somebody at the keyboard, one line every `pace`, until the session is over.
pub async fn teammates(
    client: &mut Client,
    id: &SessionId,
    cast: &Cast,
    pace: Duration,
    clock: &Clock,
) -> Result<(), PlayError> {
    let tell: &mut (dyn FnMut(Told<'_>) -> ControlFlow<()> + Send) = &mut |_| ControlFlow::Continue(());
    client.follow(Some(id.clone()), [].into()).await;
    let mut acting = Acting::new(clock);
    loop {
        let wanted = |session: &Session, now| (session.course.is_over(), team(session, now, cast));
        let (over, line) = seen(client, wanted, tell).await?;
        if over {
            return Ok(());
        }
        if line.is_none() {
            // The newcomer takes the time that they take.
            heard(client, clock, tell).await?;
            continue;
        }
        // People take a moment; and what has happened meanwhile may have changed their mind.
        clock.sleep(pace).await;
        while clock.limit(Duration::ZERO, client.next()).await.is_some() {}
        if let (false, Some(line)) = seen(client, wanted, tell).await? {
            acting.say(client, id, line, tell).await?;
        }
    }
}

/// Asks a question of the session as it is now; waits for it where it is not there.
async fn seen<T>(
    client: &mut Client,
    ask: impl Fn(&Session, Now) -> T,
    tell: &mut (dyn FnMut(Told<'_>) -> ControlFlow<()> + Send),
) -> Result<T, PlayError> {
    loop {
        if let (Some(session), Some(now)) = (client.session(), client.now()) {
            return Ok(ask(session, now));
        }
        take(client.next().await?, tell)?;
    }
}

/// Waits for the next thing that happens, but not for long.
async fn heard(
    client: &mut Client,
    clock: &Clock,
    tell: &mut (dyn FnMut(Told<'_>) -> ControlFlow<()> + Send),
) -> Result<(), PlayError> {
    match clock.limit(LOOK, client.next()).await {
        Some(happening) => take(happening?, tell).map(drop),
        None => Ok(()),
    }
}

/// Passes on what happened; an answer is handed back.
fn take(
    happening: Happening,
    tell: &mut (dyn FnMut(Told<'_>) -> ControlFlow<()> + Send),
) -> Result<Option<(CommandId, Answer)>, PlayError> {
    let told = match happening {
        Happening::Answer { id, answer } => return Ok(Some((id, answer))),
        Happening::Events(events) => tell(Told::Events(&events)),
        Happening::Lost(why) => tell(Told::Note(&format!("the connection to the conductor was lost: {why}"))),
        Happening::Back => tell(Told::Note("the connection to the conductor is back")),
        Happening::ReadOnly(why) => return Err(PlayError::Unreadable(why)),
        _ => ControlFlow::Continue(()),
    };
    if told.is_break() { Err(PlayError::Unheard) } else { Ok(None) }
}

async fn answer(
    client: &mut Client,
    wanted: &CommandId,
    tell: &mut (dyn FnMut(Told<'_>) -> ControlFlow<()> + Send),
) -> Result<Answer, PlayError> {
    loop {
        match take(client.next().await?, tell)? {
            Some((id, answer)) if id == *wanted => return Ok(answer),
            _ => {}
        }
    }
}

/// What keeps a script from going on for ever.
struct Acting<'a> {
    clock: &'a Clock,
    refused: u32,
    /// The last line of the record, and when it was new (monotonic µs).
    last: (u64, u64),
}

impl<'a> Acting<'a> {
    fn new(clock: &'a Clock) -> Self {
        Self { clock, refused: 0, last: (0, clock.read().monotonic) }
    }

    /// Somebody says something, and it is answered.
    async fn say(
        &mut self,
        client: &mut Client,
        id: &SessionId,
        line: Line,
        tell: &mut (dyn FnMut(Told<'_>) -> ControlFlow<()> + Send),
    ) -> Result<(), PlayError> {
        let Line { person, command } = line;
        let asked = Asked { command, shown: None, as_person: Some(person.clone()) };
        let asked = client.command(id.clone(), asked).await;
        match answer(client, &asked, tell).await? {
            Answer::Done { seq } => {
                self.refused = 0;
                // Decided on what it has led to, or the same is said again.
                while client.session().is_none_or(|session| session.seq < seq) {
                    take(client.next().await?, tell)?;
                }
                Ok(())
            }
            // The session had moved on; what is wanted now is asked again.
            Answer::Refused(refusal) if refusal.kind != RefusalKind::Access && self.refused < REFUSALS => {
                self.refused += 1;
                heard(client, self.clock, tell).await
            }
            Answer::Refused(refusal) => Err(PlayError::Refused { person, refusal }),
            Answer::Failed(why) => Err(PlayError::Failed(why)),
            Answer::Opened { .. } => Err(PlayError::Failed("the answer is another command's".into())),
        }
    }

    /// Waits for what happens, as long as anything does.
    async fn look(
        &mut self,
        client: &mut Client,
        waits: &str,
        tell: &mut (dyn FnMut(Told<'_>) -> ControlFlow<()> + Send),
    ) -> Result<(), PlayError> {
        heard(client, self.clock, tell).await?;
        let now = self.clock.read().monotonic;
        let seq = client.session().map_or(self.last.0, |session| session.seq);
        if seq != self.last.0 {
            self.last = (seq, now);
        } else if now.saturating_sub(self.last.1) > PATIENCE.as_micros() as u64 {
            return Err(PlayError::Silent { waits: waits.to_owned() });
        }
        Ok(())
    }
}
