//! A viewer's seat at a session: the client, and beside its folded session what the screens need to know. Puts the
//! world together that the app looks at.

use std::collections::BTreeSet;

use jiff::tz::TimeZone;

use super::{
    app::Heard,
    coach::Coach,
    terminal::Moment,
    world::{History, Link, Outputs, Signs, Whereabouts, World},
};
use crate::{
    client::{Client, Happening, Live, SILENCE, Topic},
    domain::{
        actor::{Actor, Via, Who},
        command::Asked,
        effect::Target,
        name::PersonName,
        session::Session,
        time::{Now, Span, WallTime},
    },
};

/// Events asked for when a session is first seen: what the message line and the Record screen begin with.
const FIRST_EVENTS: u32 = 1_000;

pub struct Seat {
    pub client: Client,
    coach: Option<Coach>,
    /// What the coach says of events that have not come here yet.
    coming: Option<Coach>,
    history: History,
    outputs: Outputs,
    signs: Signs,
    whereabouts: Whereabouts,
    link: Link,
    actor: Actor,
    /// On whose behalf everything is asked; only the conductor's own user may, and the record names both.
    as_person: Option<PersonName>,
    zone: TimeZone,
    /// Older events were asked for.
    asked_past: bool,
    /// What is listened to beside the record.
    heard: Heard,
    /// A session that is over was asked for: it stays, whatever is opened.
    stays: bool,
}

impl Seat {
    pub fn new(client: Client, directory: String, zone: TimeZone, as_person: Option<PersonName>) -> Self {
        let mut seat = Self {
            client,
            coach: None,
            coming: None,
            history: History::default(),
            outputs: Outputs::default(),
            signs: Signs::default(),
            whereabouts: Whereabouts { directory, ..Whereabouts::default() },
            link: Link::Up,
            actor: Actor::RULES,
            as_person,
            zone,
            asked_past: false,
            heard: Heard::default(),
            stays: false,
        };
        seat.welcomed();
        seat.listen();
        let followed = seat.client.following();
        let info = seat.client.welcome().sessions.iter().find(|info| Some(&info.id) == followed);
        seat.stays = info.is_some_and(|info| info.ended.is_some());
        seat
    }

    /// Takes over what the conductor said when it was reached.
    fn welcomed(&mut self) {
        let welcome = self.client.welcome();
        let who = match self.as_person.as_ref().or(welcome.you.as_ref()) {
            Some(person) => Who::Person(person.clone()),
            None => Who::Stranger(welcome.login.clone()),
        };
        // Only the conductor knows by which way this viewer came; the rules here only ask who it is.
        self.actor = Actor { who, via: Via::Conductor };
        self.whereabouts.machine.clone_from(&welcome.machine);
        self.whereabouts.login.clone_from(&welcome.login);
        self.whereabouts.journal.clone_from(&welcome.journal);
        self.whereabouts.queue.clone_from(&welcome.queue);
        self.whereabouts.sessions = welcome
            .sessions
            .iter()
            .rev()
            .map(|info| (info.id.to_string(), info.version.to_string(), info.ended.clone()))
            .collect();
        let read_only = self.client.read_only().filter(|_| self.client.unread().is_none());
        self.whereabouts.read_only = read_only.map(str::to_owned);
    }

    /// Follows the open session, else the last one, unless one was chosen already.
    pub async fn follow(&mut self) {
        if self.client.following().is_some() {
            return self.hear(Heard::default()).await;
        }
        let sessions = &self.client.welcome().sessions;
        let open = sessions.iter().find(|info| info.ended.is_none()).or(sessions.last());
        let id = open.map(|info| info.id.clone());
        self.client.follow(id, topics(&Heard::default())).await;
    }

    /// A session was opened while none was open here: it is what everybody looks at from now on.
    pub async fn follow_newer(&mut self) {
        let following = self.client.following();
        // Where the record can't be read on, only the list of sessions tells.
        let mut listed = self.client.welcome().sessions.iter();
        let ended = listed.any(|info| Some(&info.id) == following && info.ended.is_some());
        let ended = ended && self.client.unread().is_some();
        let over =
            !self.stays && self.client.session().is_none_or(|session| session.course.is_over() || ended);
        let open = self.client.welcome().sessions.iter().rev().find(|info| info.ended.is_none());
        let newer = open.map(|info| info.id.clone()).filter(|id| Some(id) != self.client.following());
        if over && let Some(id) = newer {
            self.history.clear();
            self.outputs = Outputs::default();
            self.asked_past = false;
            self.heard = Heard::default();
            self.signs.keep(&self.heard.signs);
            self.client.follow(Some(id), topics(&self.heard)).await;
        }
    }

    /// The output of the host that is looked at is heard, and how those on the screen answer and get on; of no other,
    /// since of ten thousand that would be sent for nothing.
    pub async fn hear(&mut self, wanted: Heard) {
        self.signs.keep(&wanted.signs);
        self.client.want(topics(&wanted)).await;
        if let Some(unit) = &wanted.output
            && self.heard.output.as_ref() != Some(unit)
        {
            // What it put out before it was looked at.
            self.client.recent(unit.clone()).await;
        }
        self.heard = wanted;
    }

    pub fn heard(&self) -> &Heard {
        &self.heard
    }

    /// What happened before this viewer came, once.
    pub async fn ask_past(&mut self) {
        if !self.asked_past
            && let Some(session) = self.client.session()
        {
            let before = self.history.first().unwrap_or(session.seq + 1);
            self.asked_past = true;
            self.client.past(before, FIRST_EVENTS).await;
        }
    }

    /// Sends what was asked, or says why it can't be.
    pub async fn send(&mut self, asked: Asked) -> Result<(), String> {
        let asked = Asked { as_person: asked.as_person.or_else(|| self.as_person.clone()), ..asked };
        let session = self.client.following().cloned().ok_or("no session is open: golive open VERSION")?;
        self.client.press(session, asked).await.map(drop).map_err(|cant| cant.to_string())
    }

    pub fn lost(&mut self, why: &str) {
        self.link = Link::Lost(format!("not connected: {why}"));
    }

    /// Whether the conductor is still heard.
    pub fn listen(&mut self) {
        if matches!(self.link, Link::Lost(_)) {
            return;
        }
        let silent = self.client.silent_for();
        self.link = match self.client.unread() {
            _ if silent >= SILENCE => Link::Silent(Span::secs(silent.as_secs())),
            Some(why) => Link::Unread(why.to_owned()),
            None => Link::Up,
        };
    }

    /// What the coach says, as soon as it can be seen here.
    pub fn led(&mut self, words: Option<Coach>) {
        self.coming = words;
        match self.coming {
            Some(_) => self.catch_up(),
            None => self.coach = None,
        }
    }

    fn catch_up(&mut self) {
        if self.coming.as_ref().is_some_and(|words| words.is_seen(self.client.session())) {
            self.coach = self.coming.take();
        }
    }

    /// What the client learned. True: whether the conductor is heard has changed.
    pub fn take(&mut self, happening: Happening) -> bool {
        let before = self.link.clone();
        match happening {
            Happening::Events(events) => {
                for event in events {
                    self.history.push(event);
                }
            }
            Happening::Past(events) => self.history.before(events),
            Happening::Anew => {
                self.history.clear();
                self.asked_past = false;
            }
            Happening::Live(Live::Output { target: Target::Unit(unit), line, .. }) => {
                self.outputs.add(&unit, &line);
            }
            Happening::Live(Live::Recent { target: Target::Unit(unit), lines }) => {
                self.outputs.recent(&unit, &lines);
            }
            Happening::Live(Live::Progress { target: Target::Unit(unit), step: Some(step), text }) => {
                self.signs.progressed(&unit, step, &text);
            }
            Happening::Live(Live::Probe { unit: Some(unit), took, passed, .. }) => {
                self.signs.answered(&unit, passed.then_some(took));
            }
            Happening::Live(Live::Samples(samples)) => {
                for sample in samples {
                    self.signs.measured(sample);
                }
            }
            Happening::Live(_) | Happening::Conductor(_) | Happening::UrgentAnswer(_) => {}
            Happening::Answer { .. } | Happening::CaughtUp => {}
            Happening::Beat => self.listen(),
            Happening::Lost(why) => self.lost(&why),
            Happening::Back => {
                self.link = Link::Up;
                self.welcomed();
                self.listen();
            }
            Happening::Welcomed => self.welcomed(),
            Happening::ReadOnly(_) => {
                self.welcomed();
                self.listen();
            }
        }
        self.catch_up();
        if let Some(head) = self.client.head()
            && self.history.head.as_ref().is_none_or(|(seq, _)| *seq != head.seq)
        {
            self.history.head = Some((head.seq, head.hash.to_string()));
        }
        if let Some(session) = self.client.session() {
            let project = session.course.release.project.as_str();
            if self.whereabouts.project != project {
                project.clone_into(&mut self.whereabouts.project);
            }
        }
        self.link != before
    }

    /// How old what is shown is: a record that can't be read on stands still, however much is heard of the conductor.
    fn age(&self, now: Now, session: Option<&Session>) -> Span {
        match (&self.link, session) {
            (Link::Unread(_), Some(session)) => now.wall.since(session.now.wall),
            _ => Span::secs(self.client.silent_for().as_secs()),
        }
    }

    pub fn world(&self, at: Moment) -> World<'_> {
        let session = self.client.session();
        let now = self.client.now().unwrap_or(Now { wall: WallTime::default(), ..Now::default() });
        let awaited = session.is_none() && self.client.following().is_some();
        let link = if awaited && self.link == Link::Up && self.client.read_only().is_none() {
            &Link::Joining
        } else {
            &self.link
        };
        World {
            session,
            history: &self.history,
            outputs: &self.outputs,
            signs: &self.signs,
            whereabouts: &self.whereabouts,
            link,
            actor: &self.actor,
            now,
            age: self.age(now, session),
            at,
            zone: &self.zone,
            coach: self.coach.as_ref(),
        }
    }
}

/// What is heard beside the record.
fn topics(heard: &Heard) -> BTreeSet<Topic> {
    let mut topics = BTreeSet::from([Topic::Presence, Topic::Samples]);
    topics.extend(heard.output.iter().map(|unit| Topic::Output(Target::Unit(unit.clone()))));
    for unit in &heard.signs {
        topics.extend([Topic::Progress(Target::Unit(unit.clone())), Topic::Probes(Some(unit.clone()))]);
    }
    topics
}
