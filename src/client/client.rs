//! A client: one connection, the session it follows, and the commands that wait for an answer. A connection that
//! is lost is made again, and what was not answered is asked again under the same id: nothing is done twice.

use std::{
    collections::{BTreeSet, VecDeque},
    sync::Arc,
    time::Duration,
};

use super::{
    connection::Connection,
    error::ClientError,
    reach::{Way, find, home},
};
use crate::{
    clock::Clock,
    domain::{
        command::Asked,
        event::Stamped,
        name::{Digest, SessionId, UnitId},
        session::Session,
        time::{Now, SessionTime, WallTime},
    },
    record::{Folded, Head},
    wire::{
        Answer, AskedOfProject, Assembly, Carried, CommandId, ConductorInfo, ForConductor, Home, Live, Mode,
        Open, Place, Sample, ToConductor, Topic, UrgentAnswer, Welcome,
    },
};

/// After this long without the conductor's time nothing that is shown may look current.
pub const SILENCE: Duration = Duration::from_secs(3);

/// What a client learned.
#[derive(Debug)]
pub enum Happening {
    /// Facts, already taken into the session.
    Events(Vec<Arc<Stamped>>),
    /// The session was sent anew: what was shown before may have been wrong.
    Anew,
    /// What there was when the session was asked for has come.
    CaughtUp,
    Answer {
        id: CommandId,
        answer: Answer,
    },
    UrgentAnswer(UrgentAnswer),
    /// Older events that were asked for.
    Past(Vec<Arc<Stamped>>),
    Live(Live),
    /// The conductor is alive; its time is in [`Client::now`].
    Beat,
    Conductor(ConductorInfo),
    /// The connection is gone, and why. Asking for what is next makes it again.
    Lost(String),
    /// The connection is there again.
    Back,
    /// Who this client is or which sessions there are has changed: [`Client::welcome`] has it.
    Welcomed,
    /// The record holds what only a newer golive reads: the session stands still, and says why.
    ReadOnly(String),
}

#[derive(Debug)]
pub struct Client {
    pub(super) way: Way,
    pub(super) viewer: String,
    pub(super) clock: Clock,
    pub(super) connection: Option<Connection>,
    pub(super) welcome: Welcome,
    pub(super) following: Option<SessionId>,
    pub(super) topics: BTreeSet<Topic>,
    pub(super) folded: Option<Folded>,
    pub(super) assembly: Assembly,
    /// What of the record only a newer golive reads: the session stands still before it.
    pub(super) misfit: Option<String>,
    /// Why the conductor does not send the session at all.
    pub(super) missing: Option<String>,
    /// Whether a conductor that understands only what is urgent is better than none.
    pub(super) urgently: bool,
    /// What there was when the session was asked for has not all come.
    pub(super) behind: bool,
    /// Asked and not answered, in order.
    pub(super) open: VecDeque<(CommandId, ToConductor)>,
    /// This client was behind: what was answered meanwhile did not reach it, and is asked again.
    pub(super) ask_again: bool,
    pub(super) asked: u64,
    /// Distinguishes this client's ids from those of others.
    pub(super) origin: String,
    pub(super) beat: Option<(u64, Option<Now>, WallTime)>,
    /// Lines of the record that have come and are not taken in yet, oldest first.
    pub(super) lines: VecDeque<Carried>,
    /// Happened after those lines, and not told yet.
    pub(super) untold: VecDeque<Happening>,
}

impl Client {
    /// Connects; starts a conductor where the way allows it. `viewer` is what others see: `cockpit`, `vote` …
    pub async fn connect(way: Way, viewer: &str, clock: Clock) -> Result<Self, ClientError> {
        Self::connect_to(way, viewer, clock, false).await
    }

    /// Likewise, and also to a conductor of another protocol: for whoever has something urgent to say.
    pub async fn connect_urgently(way: Way, viewer: &str, clock: Clock) -> Result<Self, ClientError> {
        Self::connect_to(way, viewer, clock, true).await
    }

    async fn connect_to(way: Way, viewer: &str, clock: Clock, urgently: bool) -> Result<Self, ClientError> {
        let (connection, welcome) = greet(&way, viewer, &clock, urgently).await?;
        let reading = clock.read();
        let seed = format!("{} {} {viewer}", std::process::id(), reading.boot);
        let origin = Digest::of(seed.as_bytes()).short().to_owned();
        Ok(Self {
            way,
            viewer: viewer.to_owned(),
            clock,
            connection: Some(connection),
            welcome,
            following: None,
            topics: BTreeSet::new(),
            folded: None,
            assembly: Assembly::default(),
            misfit: None,
            missing: None,
            urgently,
            behind: false,
            open: VecDeque::new(),
            ask_again: false,
            asked: 0,
            origin,
            beat: Some((reading.monotonic, None, WallTime(reading.wall))),
            lines: VecDeque::new(),
            untold: VecDeque::new(),
        })
    }

    pub fn welcome(&self) -> &Welcome {
        &self.welcome
    }

    /// The session that is followed, once it has been sent.
    pub fn session(&self) -> Option<&Session> {
        self.folded.as_ref()?.session()
    }

    /// Whether the session is here as it was when it was asked for, or later: what is sent first may be older.
    pub fn is_caught_up(&self) -> bool {
        self.session().is_some() && !self.behind && self.lines.is_empty()
    }

    pub fn following(&self) -> Option<&SessionId> {
        self.following.as_ref()
    }

    /// The last line that is folded in.
    pub fn head(&self) -> Option<&Head> {
        self.folded.as_ref().map(Folded::head)
    }

    /// Why nothing can be done from here, where nothing can.
    pub fn read_only(&self) -> Option<&str> {
        match (self.unread(), &self.missing, &self.welcome.mode) {
            (Some(why), ..) => Some(why),
            (None, Some(why), _) => Some(why),
            (None, None, Mode::ReadOnly(why)) => Some(why),
            (None, None, Mode::Full | Mode::UrgentOnly(_)) => None,
        }
    }

    /// How long ago the conductor last said what time it is. One of another protocol never does.
    pub fn silent_for(&self) -> Duration {
        if matches!(self.welcome.mode, Mode::UrgentOnly(_)) {
            return Duration::ZERO;
        }
        let last = self.beat.map_or(0, |(at, ..)| at);
        Duration::from_micros(self.clock.read().monotonic.saturating_sub(last))
    }

    /// The conductor's time: as it said, and what has passed since. Stands still with a silent conductor.
    pub fn now(&self) -> Option<Now> {
        let (_, now, _) = self.beat?;
        let passed = self.silent_for().min(SILENCE).as_micros() as u64;
        let now = now.or_else(|| self.session().map(|session| session.now))?;
        Some(Now {
            wall: WallTime(now.wall.0.saturating_add_unsigned(passed)),
            session: SessionTime(now.session.0 + passed),
        })
    }

    /// Follows a session, from where it is; none: no session.
    pub async fn follow(&mut self, session: Option<SessionId>, topics: BTreeSet<Topic>) {
        if self.following != session {
            self.folded = None;
            (self.misfit, self.missing) = (None, None);
            self.lines.clear();
        }
        self.following = session;
        self.topics = topics;
        self.subscribe().await;
    }

    /// What else is wanted of the session that is followed.
    pub async fn want(&mut self, topics: BTreeSet<Topic>) {
        if self.topics != topics {
            self.topics.clone_from(&topics);
            self.say(ToConductor::Hear { topics }).await;
        }
    }

    pub(super) async fn subscribe(&mut self) {
        self.behind = self.following.is_some();
        let after = self.folded.as_ref().map(|folded| folded.head().clone());
        let (session, topics) = (self.following.clone(), self.topics.clone());
        self.say(ToConductor::Subscribe { session, after, topics }).await;
    }

    /// Sends a command; the answer comes with what happens, under this id.
    pub async fn command(&mut self, session: SessionId, asked: Asked) -> CommandId {
        let id = self.next_id();
        let asked = Box::new(asked);
        self.ask(id.clone(), ToConductor::Command { id: id.clone(), session, asked }).await;
        id
    }

    /// Opens a session; likewise.
    pub async fn open(&mut self, open: Open) -> CommandId {
        let id = self.next_id();
        self.ask(id.clone(), ToConductor::Open { id: id.clone(), open: Box::new(open) }).await;
        id
    }

    /// Tells the project something; the answer says when it is durable.
    pub async fn tell_project(&mut self, asked: AskedOfProject) -> CommandId {
        let id = self.next_id();
        self.ask(id.clone(), ToConductor::Project { id: id.clone(), asked: Box::new(asked) }).await;
        id
    }

    /// Asks for events before `before`, at most `count`.
    pub async fn past(&self, before: u64, count: u32) {
        if let Some(session) = self.following.clone() {
            self.say(ToConductor::Past { session, before, count }).await;
        }
    }

    /// Asks for the last lines that a unit put out.
    pub async fn recent(&self, unit: UnitId) {
        self.say(ToConductor::Recent { unit }).await;
    }

    pub async fn looking(&self, place: Place) {
        self.say(ToConductor::Looking(place)).await;
    }

    /// Passes on what was measured; the conductor says when it came.
    pub async fn measured(&self, samples: Vec<Sample>) {
        self.say(ToConductor::Samples(samples)).await;
    }

    pub async fn conductor(&self, what: ForConductor) {
        self.say(ToConductor::Conductor(what)).await;
    }

    pub(super) fn next_id(&mut self) -> CommandId {
        self.asked += 1;
        format!("{}-{}", self.origin, self.asked)
    }

    pub(super) async fn ask(&mut self, id: CommandId, message: ToConductor) {
        self.open.push_back((id, message.clone()));
        self.say(message).await;
    }

    pub(super) async fn say(&self, message: ToConductor) {
        // What is not said to a lost connection is asked again when there is a new one.
        if let Some(connection) = &self.connection
            && self.is_understood(&message)
        {
            connection.say(message).await;
        }
    }

    /// What happens next. Dropping it half-way loses nothing.
    pub async fn next(&mut self) -> Result<Happening, ClientError> {
        loop {
            if self.ask_again {
                self.ask_open().await;
            }
            if let Some(happening) = self.fold_some().or_else(|| self.untold.pop_front()) {
                return Ok(happening);
            }
            let Some(connection) = &mut self.connection else {
                self.reconnect().await?;
                return Ok(Happening::Back);
            };
            let happening = match connection.receive().await {
                Some(Ok(message)) => self.take(message),
                Some(Err(error)) => Some(self.lost(error.to_string())),
                None => Some(self.lost("it was closed".into())),
            };
            if let Some(happening) = happening {
                return Ok(happening);
            }
            self.gather();
        }
    }

    /// Sends a command and waits for its answer; what else comes is taken into the session on the way.
    pub async fn answer(&mut self, wanted: &CommandId) -> Result<Answer, ClientError> {
        loop {
            if let Happening::Answer { id, answer } = self.next().await?
                && id == *wanted
            {
                return Ok(answer);
            }
        }
    }

    /// Waits until the followed session is there, as it was when it was asked for.
    pub async fn caught_up(&mut self) -> Result<&Session, ClientError> {
        while !self.is_caught_up() {
            if let Some(why) = self.unread() {
                return Err(ClientError::Unread(why.to_owned()));
            }
            if let Happening::ReadOnly(why) = self.next().await?
                && self.unread().is_none()
            {
                return Err(ClientError::Closed(why));
            }
        }
        self.session().ok_or_else(|| ClientError::Closed("the session was not sent".into()))
    }
}

fn is_another(ours: Option<&Home>, theirs: Option<&Home>) -> bool {
    ours.is_some() && theirs.is_some() && ours != theirs
}

/// How often one that says goodbye at once is asked again.
const GREETINGS: u32 = 5;
const AGAIN: Duration = Duration::from_millis(20);
/// For how long conductors that end just while one connects are passed over for the next.
const ENDING: Duration = Duration::from_secs(10);

/// A connection that was welcomed.
pub(super) async fn greet(
    way: &Way,
    viewer: &str,
    clock: &Clock,
    urgently: bool,
) -> Result<(Connection, Welcome), ClientError> {
    let begun = clock.read().monotonic;
    let mut left = GREETINGS;
    let ours = home(way);
    // Sockets behind which is the conductor of another directory: a lock file that was copied names the original's.
    let mut others = Vec::new();
    loop {
        let (socket, stream) = find(way, &others, clock).await?;
        match Connection::open(stream, viewer).await {
            Ok((_, welcome)) if is_another(ours.as_ref(), welcome.home.as_ref()) => others.push(socket),
            Err(ClientError::Gone) if clock.read().monotonic - begun < ENDING.as_micros() as u64 => {}
            Err(ClientError::Closed(_) | ClientError::Wire(_)) if left > 1 => left -= 1,
            Ok((_, Welcome { mode: Mode::UrgentOnly(why), .. })) if !urgently => {
                return Err(ClientError::Unread(why));
            }
            greeted => return greeted,
        }
        clock.sleep(AGAIN).await;
    }
}
