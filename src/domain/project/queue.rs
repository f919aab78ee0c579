//! Go-lives that wait for the end of the one before, where its plan says `second = "queued"`: what was asked for, by
//! whom and with which plan. When the session before has ended well the first of them is opened by itself, once; after
//! any other ending, and where it can't be opened, it waits for a person's word, and says why.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{Project, ProjectEvent};
use crate::domain::{
    actor::{Actor, Via, Who},
    course::{
        self, CourseEvent, Ending, Mode, OpenRequest, Phase,
        strictness::{AskedProfile, choose},
    },
    effect::Candidate,
    event::{Event, Stamped},
    name::{PersonName, SessionId, Version},
    plan::{Adopted, Plan, SecondGoLive},
    refusal::Refusal,
    rollout,
    session::Session,
    time::WallTime,
};

/// What is asked for: a session as it would be opened, with its plan as adopted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GoLive {
    pub candidate: Candidate,
    pub go_live: WallTime,
    pub adopted: Arc<Adopted>,
    pub mode: Mode,
    pub author: Option<PersonName>,
    /// Another profile than the project's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub strictness: Option<AskedProfile>,
}

/// One that waits.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Queued {
    pub asked: GoLive,
    pub by: PersonName,
    pub at: WallTime,
    /// Why it was not opened although it was its turn; none: it opens by itself.
    pub waits: Option<Waits>,
}

/// What a person has to see to first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waits {
    pub why: String,
    pub lift: String,
}

impl Queued {
    pub fn version(&self) -> &Version {
        &self.asked.candidate.version
    }
}

/// What becomes of the first of the queue.
#[derive(Clone, Debug, PartialEq)]
pub enum Next {
    /// It is opened on behalf of whoever queued it.
    Opens(Box<OpenRequest>, Actor),
    /// It is not, until a person says so.
    Waits(ProjectEvent),
}

/// What a conductor knows besides the project's stream.
#[derive(Clone, Debug)]
pub struct Here<'a> {
    pub machine: &'a str,
    pub now: WallTime,
    /// The plan's file as it is now; or why it is no plan.
    pub file: Result<&'a Plan, String>,
    /// What its plan's sources hold of the version now; or why that is not known.
    pub artifact: Result<Candidate, String>,
    /// As the session will be called.
    pub id: SessionId,
}

/// A place in the queue, behind the session that is open.
pub fn enter(
    project: &Project,
    open: Option<&Session>,
    asked: GoLive,
    actor: &Actor,
    machine: &str,
) -> Result<ProjectEvent, Refusal> {
    let version = asked.candidate.version.clone();
    let first = project.queue().first();
    let (policy, before) = match (open, first) {
        (Some(open), _) => (open.plan().second, Some(&open.course.release.candidate.version)),
        (None, Some(first)) => (first.asked.adopted.plan.second, Some(first.version())),
        (None, None) => (asked.adopted.plan.second, None),
    };
    course::may_open(&asked.adopted.plan, actor)?;
    choose(&asked.adopted.plan, asked.strictness.as_ref(), actor)?;
    if policy != SecondGoLive::Queued {
        let before = before.map_or("no session".to_owned(), |before| format!("session {before}"));
        return Err(Refusal::rule(
            format!("{before} is open, and no plan lets {version} wait in a queue"),
            "[project] second = \"queued\", adopted; or closing it (golive close), then golive open",
        ));
    }
    if open.is_some() && before == Some(&version) {
        return Err(Refusal::input(format!("{version} is what is under way"), "another version"));
    }
    if let Some((place, known)) = place_of(project, &version) {
        return Err(Refusal::rule(
            format!("{version} is in the queue already: position {place}, by {}", known.by),
            format!("golive open --leave-queue {version}, then queueing it anew"),
        ));
    }
    course::usable(&asked.adopted.with_primaries(&project.primaries(&asked.adopted.plan)).plan)?;
    course::at_home(&asked.adopted.plan, machine, asked.mode)?;
    Ok(ProjectEvent::GoLiveQueued(Box::new(asked)))
}

/// Somebody takes a version out of the queue: whoever put it there, or who directs go-lives.
pub fn leave(
    project: &Project,
    open: Option<&Session>,
    version: &Version,
    actor: &Actor,
) -> Result<ProjectEvent, Refusal> {
    let Some((_, queued)) = place_of(project, version) else {
        return Err(Refusal::input(format!("{version} is not in the queue"), "golive sessions shows who is"));
    };
    let plan = open.map_or(&queued.asked.adopted.plan, Session::plan);
    let person = actor.person().and_then(|name| plan.people.get(name));
    let directs = person.is_some_and(|person| person.has("decider") || person.has("deployer"));
    if !directs && actor.person() != Some(&queued.by) {
        return Err(Refusal::access(
            format!("{actor} did not queue {version}, and has none of the roles decider, deployer"),
            format!("{} taking it out, or a decider or deployer", queued.by),
        ));
    }
    Ok(ProjectEvent::QueueLeft { version: version.clone() })
}

/// The opening of what waited, which says since when: nobody pressed a key for it.
pub fn by_itself(event: Event, queued: &Queued) -> Event {
    match event {
        Event::Course(CourseEvent::Opened(mut opened)) => {
            opened.queued = Some(queued.at);
            Event::Course(CourseEvent::Opened(opened))
        }
        other => other,
    }
}

/// What is to be done about the queue now that nothing is open; none: nothing.
pub fn next(project: &Project, here: &Here<'_>) -> Option<Next> {
    let queued = due(project)?;
    let actor = Actor { who: Who::Person(queued.by.clone()), via: Via::Conductor };
    match stands(project, queued, here) {
        Ok(()) => Some(Next::Opens(Box::new(request(queued, here)), actor)),
        Err(waits) => Some(Next::Waits(waiting(queued.version(), waits))),
    }
}

/// The first of the queue, where it is its turn and nobody has been asked about it.
pub fn due(project: &Project) -> Option<&Queued> {
    let first = project.queue().first()?;
    (project.open_session().is_none() && first.waits.is_none()).then_some(first)
}

/// That it can't be opened, and why, for the record.
pub fn waiting(version: &Version, waits: Waits) -> ProjectEvent {
    ProjectEvent::QueueWaits { version: version.clone(), waits }
}

/// The same of a rule that refused it.
pub fn refused(version: &Version, refusal: &Refusal) -> ProjectEvent {
    let lift = format!("{}; then golive open {version}", refusal.lift);
    waiting(version, Waits { why: refusal.reason.clone(), lift })
}

/// Whether an open for this version may pass those that wait: only the first may.
pub fn its_turn(project: &Project, version: &Version) -> Result<(), Refusal> {
    let Some(first) = project.queue().first().filter(|first| first.version() != version) else {
        return Ok(());
    };
    let first = first.version();
    Err(Refusal::rule(
        format!("{first} is before it in the queue"),
        format!("its end (golive open {first}); or golive open --leave-queue {first}"),
    ))
}

/// Its place from 1 on, and who it is.
pub fn place_of<'a>(project: &'a Project, version: &Version) -> Option<(usize, &'a Queued)> {
    let mut all = project.queue().iter().enumerate();
    all.find(|(_, queued)| queued.version() == version).map(|(index, queued)| (index + 1, queued))
}

fn request(queued: &Queued, here: &Here<'_>) -> OpenRequest {
    let GoLive { candidate, go_live, adopted, mode, author, .. } = queued.asked.clone();
    // What was to be at a time that has passed meanwhile is for now: nothing is overdue before it is open.
    let go_live = go_live.max(here.now);
    let (id, machine) = (here.id.clone(), here.machine.to_owned());
    OpenRequest { id, candidate, go_live, adopted, mode, author, machine }
}

/// Whether the ending of the one before lets it go on, and whether all is still as it was when it was queued.
fn stands(project: &Project, queued: &Queued, here: &Here<'_>) -> Result<(), Waits> {
    let version = queued.version();
    let again = format!("golive open {version}; or golive open --leave-queue {version}");
    if let Some(last) = project.sessions.last()
        && let Some(ending) = &last.ending
        && !goes_on_after(ending, last.changed)
    {
        let hosts = if last.changed && matches!(ending, Ending::NoGo { .. }) {
            ", and hosts were changed for it (golive rollout versions)"
        } else {
            ""
        };
        return Err(Waits {
            why: format!(
                "{} {}{hosts}: whether {version} comes now is for a person to say",
                last.candidate.version,
                how(ending)
            ),
            lift: again,
        });
    }
    let plan = match &here.file {
        Ok(plan) => *plan,
        Err(why) => {
            let why = format!("golive.toml is no plan any more: {why}");
            return Err(Waits { why, lift: format!("mending it; then {again}") });
        }
    };
    if !plan.people.contains_key(&queued.by) {
        return Err(Waits {
            why: format!("{}, who queued it, is not in [people] any more", queued.by),
            lift: format!("somebody who is: {again}"),
        });
    }
    course::at_home(plan, here.machine, queued.asked.mode)
        .map_err(|refusal| Waits { why: refusal.reason, lift: format!("{}; then {again}", refusal.lift) })?;
    if plan.digest() != queued.asked.adopted.digest {
        return Err(Waits {
            why: format!("golive.toml is another than when {version} was queued"),
            lift: format!("with the plan as it is now: {again}"),
        });
    }
    let asked = &queued.asked.candidate;
    match &here.artifact {
        Ok(found) if found == asked => Ok(()),
        Ok(found) => Err(Waits {
            why: format!(
                "the artifact of {version} is another than when it was queued: {}… by now, {}… then",
                found.digest.short(),
                asked.digest.short()
            ),
            lift: format!("with the artifact as it is now: {again}"),
        }),
        Err(why) => Err(Waits {
            why: format!("the artifact of {version} can't be looked at again: {why}"),
            lift: format!("its artifact; then {again}"),
        }),
    }
}

/// What is live and good, or has changed no host, stands in nobody's way. Whatever else it was, somebody looks first:
/// a NO-GO in the middle of an earlier stage leaves its version there.
pub const fn goes_on_after(ending: &Ending, changed: bool) -> bool {
    matches!(ending, Ending::Verified) || matches!(ending, Ending::NoGo { .. }) && !changed
}

/// Whether the first opens by itself after this session, as far as it is known how that ends; none: it is not known yet.
pub fn goes_on(session: &Session) -> Option<bool> {
    let changed = session.rollout.any_touched() || rollout::any_once_begun(session);
    match (&session.course.ending, session.course.phase) {
        (Some(ending), _) => Some(goes_on_after(ending, changed)),
        (None, Phase::Verified) => Some(rollout::partial(session).is_none()),
        (None, Phase::NoGo) => Some(!changed),
        (None, Phase::RolledBack) => Some(false),
        (None, _) => None,
    }
}

fn how(ending: &Ending) -> &'static str {
    match ending {
        Ending::RolledBack => "was rolled back",
        Ending::AsIs { .. } => "was ended as it is",
        Ending::Abandoned { .. } => "was abandoned",
        Ending::Superseded { .. } => "was superseded",
        Ending::Partial { .. } => "is live on a part of its hosts",
        Ending::Verified => "is verified",
        Ending::NoGo { .. } => "was a NO-GO",
    }
}

/// The queue after what the project's stream says.
pub(super) fn apply(queue: &mut Vec<Queued>, event: &ProjectEvent, at: &Stamped) {
    match event {
        ProjectEvent::GoLiveQueued(asked) => {
            // Only persons are let in.
            let Some(by) = at.actor.person().cloned() else { return };
            queue.push(Queued { asked: (**asked).clone(), by, at: at.now.wall, waits: None });
        }
        // It is there: opened from the queue, or by hand.
        ProjectEvent::SessionOpened { candidate, .. } => {
            queue.retain(|queued| *queued.version() != candidate.version);
        }
        // Another candidate was adopted there, which somebody had queued as well.
        ProjectEvent::SessionEnded { candidate: Some(candidate), .. } => {
            queue.retain(|queued| *queued.version() != candidate.version);
        }
        ProjectEvent::QueueLeft { version } => queue.retain(|queued| queued.version() != version),
        ProjectEvent::QueueWaits { version, waits } => {
            for queued in queue.iter_mut().filter(|queued| queued.version() == version) {
                queued.waits = Some(waits.clone());
            }
        }
        _ => {}
    }
}
