//! Opening a version while another is open, where the plan lets it wait: it gets a place in the project's queue, and
//! what is shown of those that wait.

use std::sync::Arc;

use jiff::tz::TimeZone;
use serde::Serialize;

use super::{
    command::{
        by_command::by_command,
        open::{candidate, is_one_name},
        plan::adoptable,
    },
    context::Context,
    exit::Exit,
    failure::Failure,
    moment,
    past::Past,
    project::Project,
    reach,
};
use crate::{
    client::{Answer, AskedOfProject, Client},
    domain::{
        course::{Mode, strictness::AskedProfile},
        name::{PersonName, Version},
        plan::SecondGoLive,
        project::{
            ProjectCommand, Queued,
            queue::{self, GoLive},
        },
        session::Session,
        time::{Span, WallTime},
    },
    report::utc,
};

/// `--json`: a go-live in the queue.
#[derive(Debug, Serialize)]
pub struct QueueLine {
    /// Its place, from 1 on.
    position: usize,
    version: String,
    digest: String,
    queued_by: String,
    queued_at: String,
    /// When it goes live; where that has passed when it is opened, at once.
    go_live: String,
    /// The digest of the plan that it brought along.
    plan: String,
    /// Why it was not opened although it was its turn; none: it opens by itself.
    waits: Option<String>,
    /// What lifts that.
    lift: Option<String>,
    #[serde(skip)]
    at: WallTime,
    #[serde(skip)]
    live: WallTime,
}

impl QueueLine {
    pub fn all(queue: &[Queued]) -> Vec<Self> {
        queue.iter().zip(1..).map(|(queued, position)| Self::of(queued, position)).collect()
    }

    /// What comes after a session that is over, where somebody waits for it.
    pub fn comes(session: &Session, queue: &[Queued]) -> Option<String> {
        let first = queue.first().filter(|_| session.course.is_over())?;
        let version = first.version();
        Some(if first.waits.is_some() || queue::goes_on(session) == Some(false) {
            format!("golive open {version}; or golive open --leave-queue {version}")
        } else {
            format!("{version} opens by itself; where no conductor runs, by golive open {version}")
        })
    }

    fn of(queued: &Queued, position: usize) -> Self {
        Self {
            position,
            version: queued.version().to_string(),
            digest: queued.asked.candidate.digest.to_string(),
            queued_by: queued.by.to_string(),
            queued_at: utc(queued.at),
            go_live: utc(queued.asked.go_live),
            plan: queued.asked.adopted.digest.to_string(),
            waits: queued.waits.as_ref().map(|it| it.why.clone()),
            lift: queued.waits.as_ref().map(|it| by_command(&it.lift)),
            at: queued.at,
            live: queued.asked.go_live,
        }
    }

    /// Whether it opens by itself.
    pub const fn opens(&self) -> bool {
        self.waits.is_none()
    }

    /// `2.7.0 by dana, queued 14:03`, when it is to go live where that was named, and why it waits.
    pub fn words(&self) -> String {
        let at = moment::clock(self.at, &TimeZone::system());
        let Self { version, queued_by, .. } = self;
        let waits = match (&self.waits, &self.lift) {
            (Some(why), Some(lift)) => format!("; WAITS: {why}; lifted by: {lift}"),
            _ => String::new(),
        };
        let named = self.live.since(self.at) > Span::minutes(1);
        let live = if named {
            format!(", to go live {}", moment::full(self.live, &TimeZone::system()))
        } else {
            String::new()
        };
        format!("{}. {version} by {queued_by}, queued {at}{live}{waits}", self.position)
    }
}

/// `--json`: the answer of `open` where the version waits.
#[derive(Serialize)]
struct Waits {
    queued: QueueLine,
    behind: String,
}

/// What is before a version that is to be opened.
pub struct Behind {
    pub version: Version,
    /// Whether that is open; else it waits too.
    pub open: bool,
    /// The first of those that wait, where a person has to say that it is opened.
    asks: Option<Version>,
}

/// Behind what this one would wait; none: it is opened, or refused by the rule that refuses it.
pub fn behind(project: &Project, version: &Version) -> Result<Option<Behind>, Failure> {
    let Some(past) = Past::open(project)? else { return Ok(None) };
    let queue = past.project().queue();
    let place = queue.iter().position(|queued| queued.version() == version).unwrap_or(queue.len());
    let asks = queue.first().filter(|first| first.waits.is_some()).map(|first| first.version().clone());
    let last = queue[..place].last().map(|queued| queued.version().clone());
    let last = last.map(|version| Behind { version, open: false, asks });
    if past.sessions().iter().all(|line| line.ending.is_some()) {
        // Whoever is first needs no word but this one.
        return Ok(last);
    }
    let session = past.tell(None)?.session;
    let open = session.course.release.candidate.version.clone();
    let waits = session.plan().second == SecondGoLive::Queued && open != *version;
    Ok(waits.then(|| last.unwrap_or(Behind { version: open, open: true, asks: None })))
}

/// What was asked for of the version that is the first of the queue.
pub fn asked_before(project: &Project, version: &Version) -> Result<Option<GoLive>, Failure> {
    let Some(past) = Past::open(project)? else { return Ok(None) };
    let first = past.project().queue().first().filter(|first| first.version() == version);
    Ok(first.map(|first| first.asked.clone()))
}

/// Puts it into the queue.
pub async fn queue(
    project: &Project,
    version: Version,
    behind: Behind,
    go_live: WallTime,
    author: Option<PersonName>,
    strictness: Option<AskedProfile>,
    context: &Context,
) -> Result<(), Failure> {
    is_one_name(&version)?;
    let adopted = adoptable(project)?;
    let candidate = candidate(project, &adopted, version.clone(), context).await?;
    let asked =
        GoLive { candidate, go_live, adopted: Arc::new(adopted), mode: Mode::Live, author, strictness };
    tell(project, "open", ProjectCommand::Queue(Box::new(asked)), context).await?;
    let Some(past) = Past::open(project)? else { return Ok(()) };
    let Some((position, queued)) = queue::place_of(past.project(), &version) else {
        return context.out.say(format!("{version} is open: nothing was before it any more"));
    };
    let queued = QueueLine::of(queued, position);
    let waits = Waits { behind: behind.version.to_string(), queued };
    context.out.show(&waits, || {
        let place = format!("queued {version} behind {}, position {position}", behind.version);
        match &behind.asks {
            Some(first) => format!(
                "{place}: {first} waits for a person's word, golive open {first} or golive open --leave-queue {first}"
            ),
            None => format!(
                "{place}: it opens by itself once what is before it is verified, or a NO-GO that changed no host; after \
                 any other ending golive open {version} opens it"
            ),
        }
    })
}

/// Waits until it is open: whoever waits opens by itself, in this process' conductor or another one's.
pub async fn turn(project: &Project, version: &Version, context: &Context) -> Result<(), Failure> {
    loop {
        let Some(past) = Past::open(project)? else { return Err(nothing_waits(version)) };
        let newest = past.sessions().last().map(|line| (&line.candidate.version, line.ending.is_none()));
        if newest == Some((version, true)) {
            return context.out.say(format!("{version} is open"));
        }
        let Some((_, queued)) = queue::place_of(past.project(), version) else {
            return Err(nothing_waits(version));
        };
        if let Some(waits) = &queued.waits {
            return Err(Failure::new(
                Exit::WaitsForHuman,
                format!("{version} waits for a person's word: {}", waits.why),
                by_command(&waits.lift),
            ));
        }
        context.clock.sleep(LOOKS.duration()).await;
    }
}

/// How often it is looked whether it is its turn.
const LOOKS: Span = Span::secs(1);

fn nothing_waits(version: &Version) -> Failure {
    let what = format!("{version} waits in the queue no more, and is not open");
    Failure::new(Exit::Refused, what, format!("golive open {version}"))
}

/// Takes it out again.
pub async fn leave(project: &Project, version: Version, context: &Context) -> Result<Exit, Failure> {
    tell(project, "open", ProjectCommand::LeaveQueue { version: version.clone() }, context).await?;
    context.out.say(format!("{version} is out of the queue"))?;
    Ok(Exit::Done)
}

/// Tells the project itself something, and waits until it is durable. `by`: the command that does.
pub async fn tell(
    project: &Project,
    by: &str,
    command: ProjectCommand,
    context: &Context,
) -> Result<(), Failure> {
    let mut client = Client::connect(reach::way(project, context)?, by, context.clock.clone()).await?;
    let asked = AskedOfProject { command, as_person: context.everywhere.as_person.clone() };
    let id = client.tell_project(asked).await;
    match client.answer(&id).await? {
        Answer::Done { .. } => Ok(()),
        Answer::Refused(refusal) => Err(refusal.into()),
        Answer::Failed(why) => {
            Err(Failure::new(Exit::JournalUnusable, why, "golive conductor status says more"))
        }
        Answer::Opened { .. } => Err(Failure::internal("the answer is another command's")),
    }
}
