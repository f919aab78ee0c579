//! Plays the others around somebody at the keyboard: they tick, vote, and close at a human pace, and the coach's
//! words go along. Two sessions, one after the other; the second is opened when the first is over.

use std::{ops::ControlFlow, time::Duration};

use tokio::sync::watch;

use super::{
    cast::Cast,
    coach::{Act, Coach, coach},
    listen::Listener,
    opener::Opener,
    play::PlayError,
    team::{Line, team},
};
use crate::{
    client::Client,
    clock::Clock,
    domain::{
        command::Command,
        course::{CourseCommand, Phase},
        effect::Candidate,
        name::SessionId,
        session::Session,
        time::Now,
    },
};

/// What somebody takes for one line, so that a newcomer can follow.
const PACE: Duration = Duration::from_millis(1_100);
/// A session is closed, and the next one opened, this long after its end: somebody reads how it ended.
const READ: Duration = Duration::from_secs(5);
/// So much is left to be said when the newcomer comes in: most of it was done before.
const LIVE: usize = 4;

/// The others, and what they go through.
pub struct Attended {
    pub client: Client,
    pub cast: Cast,
    pub opener: Opener,
    pub clock: Clock,
}

/// What is wanted of the session as it is now.
struct Wanted {
    over: bool,
    line: Option<Line>,
    pace: Duration,
    coach: Coach,
}

impl Attended {
    /// Opens a session, and brings it to where the newcomer comes in.
    pub async fn open(&mut self, candidate: &Candidate) -> Result<SessionId, PlayError> {
        let mut unheard = |_: super::Told<'_>| ControlFlow::Continue(());
        let mut listener = Listener::new(&mut self.client, &self.clock, &mut unheard);
        let id = listener.open(self.opener.open(candidate)).await?;
        listener.follow(&id).await;
        loop {
            let wanted = |session: &Session, now| {
                let line = team(session, now, &self.cast);
                let item = |line: &Line| matches!(line.command, Command::Checklist(_));
                line.filter(|line| item(line) && said_at_once(session, now, &self.cast))
            };
            match listener.seen(wanted).await? {
                Some(line) => listener.say(&id, line).await?,
                None => return Ok(id),
            }
        }
    }

    /// Plays along until the session is over.
    async fn until_over(
        &mut self,
        id: &SessionId,
        act: Act,
        say: &watch::Sender<Option<Coach>>,
    ) -> Result<(), PlayError> {
        let mut unheard = |_: super::Told<'_>| ControlFlow::Continue(());
        let mut listener = Listener::new(&mut self.client, &self.clock, &mut unheard);
        listener.follow(id).await;
        let wanted = |session: &Session, now: Now| wanted(session, now, &self.cast, act);
        loop {
            let Wanted { over, line, pace, coach } = listener.seen(wanted).await?;
            told(say, coach);
            if over {
                return Ok(());
            }
            if line.is_none() {
                // The newcomer takes the time that they take.
                listener.heard().await?;
                continue;
            }
            // People take a moment; and what has happened meanwhile may have changed their mind.
            let until = self.clock.read().monotonic + pace.as_micros() as u64;
            while self.clock.read().monotonic < until {
                listener.heard().await?;
                told(say, listener.seen(wanted).await?.coach);
            }
            if let Wanted { over: false, line: Some(line), .. } = listener.seen(wanted).await? {
                listener.say(id, line).await?;
            }
        }
    }
}

/// Both sessions; the first is open already. Returns when the last one is over.
pub async fn attend(
    mut others: Attended,
    first: SessionId,
    last: &Candidate,
    say: watch::Sender<Option<Coach>>,
) -> Result<(), PlayError> {
    let played = play(&mut others, first, last, &say).await;
    if let Err(error) = &played {
        // The cockpit and everything in it go on; only nobody answers any more.
        told(
            &say,
            Coach::said(
                super::coach::STEPS,
                format!("the others are gone ({error}). {{leave}} ends the demo"),
            ),
        );
    }
    played
}

async fn play(
    others: &mut Attended,
    first: SessionId,
    last: &Candidate,
    say: &watch::Sender<Option<Coach>>,
) -> Result<(), PlayError> {
    others.until_over(&first, Act::First, say).await?;
    others.clock.sleep(READ).await;
    others.cast = others.cast.clone().without_ticking();
    let id = others.open(last).await?;
    others.until_over(&id, Act::Last, say).await
}

fn wanted(session: &Session, now: Now, cast: &Cast, act: Act) -> Wanted {
    let line = team(session, now, cast);
    let closes = act == Act::First && matches!(session.course.phase, Phase::Verified | Phase::RolledBack);
    let close = || {
        let person = cast.with_role(session.plan(), "deployer")?;
        Some(Line { person, command: Command::Course(CourseCommand::Close) })
    };
    let pace = if line.is_none() && closes { READ } else { PACE };
    let line = line.or_else(|| if closes { close() } else { None });
    Wanted { over: session.course.is_over(), line, pace, coach: coach(session, now, cast, act) }
}

/// Whether a line belongs to what was done before the newcomer came: all but the last few items, and no vote.
fn said_at_once(session: &Session, now: Now, cast: &Cast) -> bool {
    let open = |item: &&crate::domain::checklist::ItemSpec| {
        !item.post_live
            && !cast.item_is_yours(item)
            && !crate::domain::checklist::standing(session, item, now).state.ready()
    };
    let left = session.plan().items.iter().filter(open).count();
    left > if cast.ticks { LIVE } else { 0 }
}

fn told(say: &watch::Sender<Option<Coach>>, words: Coach) {
    say.send_if_modified(|known| {
        let new = known.as_ref() != Some(&words);
        *known = Some(words);
        new
    });
}
