//! Plays the script over a real conductor, as a client like any other.

use super::{
    cast::Cast,
    listen::{Listener, PATIENCE, Tell},
    plot::{Next, next},
};
use crate::{
    client::{Client, ClientError, Open},
    clock::Clock,
    domain::{course::Ending, name::PersonName, refusal::Refusal, session::Session, time::Now},
};

#[derive(Debug, thiserror::Error)]
pub enum PlayError {
    #[error(transparent)]
    Client(#[from] ClientError),
    #[error("the session was not opened: {0}")]
    NotOpened(Refusal),
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
    tell: &mut Tell<'_>,
) -> Result<Ending, PlayError> {
    let cast = Cast::unattended();
    play_by(client, open, clock, tell, &mut |session, now| next(session, now, &cast)).await
}

/// What comes next in the session, for whoever plays it.
pub type Plot<'a> = dyn FnMut(&Session, Now) -> Next + Send + 'a;

/// Opens a session and plays it to its end by this plot.
pub async fn play_by(
    client: &mut Client,
    open: Open,
    clock: &Clock,
    tell: &mut Tell<'_>,
    plot: &mut Plot<'_>,
) -> Result<Ending, PlayError> {
    let mut tell = |told: super::Told<'_>| tell(told);
    let mut listener = Listener::new(client, clock, &mut tell);
    let id = listener.open(open).await?;
    listener.follow(&id).await;
    loop {
        match listener.seen(&mut *plot).await? {
            Next::Line(line) => listener.say(&id, line).await?,
            Next::Wait(waits) => listener.look(&waits).await?,
            Next::Over(ending) => return Ok(ending),
            Next::Stuck(why) => return Err(PlayError::Stuck(why)),
        }
    }
}
