//! Opening a session: adopts plan, checklists and artifact digest in one event.

use std::sync::Arc;

use super::{
    CourseEvent, Mode, Opened, Release,
    strictness::{self, AskedProfile, choose},
};
use crate::domain::{
    actor::Actor,
    effect::Candidate,
    event::Event,
    name::{PersonName, SessionId},
    plan::{Adopted, Plan, rules},
    project::{Project, queue},
    refusal::Refusal,
    time::WallTime,
};

/// What is needed to open a session.
#[derive(Clone, Debug, PartialEq)]
pub struct OpenRequest {
    pub id: SessionId,
    pub candidate: Candidate,
    pub go_live: WallTime,
    pub adopted: Arc<Adopted>,
    pub mode: Mode,
    pub author: Option<PersonName>,
    pub machine: String,
}

/// The first event of a session's stream.
pub fn open(project: &Project, request: OpenRequest, actor: &Actor) -> Result<Event, Refusal> {
    open_at(project, request, None, actor)
}

/// The same with another profile than the project's own.
pub fn open_at(
    project: &Project,
    request: OpenRequest,
    asked: Option<&AskedProfile>,
    actor: &Actor,
) -> Result<Event, Refusal> {
    let plan = &request.adopted.plan;
    may_open(plan, actor)?;
    let primaries = project.primaries(plan);
    usable(&request.adopted.with_primaries(&primaries).plan)?;
    if let Some(other) = project.open_session() {
        return Err(Refusal::rule(
            format!("session {} of {} is open", other.id, other.candidate.version),
            "closing it (golive close); where its plan has second = \"superseding\" or \"queued\" golive open VERSION \
             supersedes it, or waits in the queue for its end",
        ));
    }
    queue::its_turn(project, &request.candidate.version)?;
    at_home(plan, &request.machine, request.mode)?;
    let strictness = match (request.mode, asked) {
        (Mode::Live, _) | (_, Some(_)) => choose(plan, asked, actor)?,
        (Mode::Rehearsal | Mode::Demo, None) => strictness::own(plan, actor),
    };
    let strictness = strictness.map(Box::new);
    let environments = || plan.environments.keys();
    let proven =
        environments().filter_map(|name| Some((name.clone(), project.proven(name)?.clone()))).collect();
    let proven_before = environments()
        .filter_map(|name| Some((name.clone(), project.proven_before(name)?.clone())))
        .collect();
    let learned = environments().filter_map(|name| Some((name.clone(), project.learned(name)?))).collect();
    Ok(Event::Course(CourseEvent::Opened(Box::new(Opened {
        id: request.id,
        release: Release {
            project: plan.project.clone(),
            candidate: request.candidate,
            mode: request.mode,
            author: request.author,
        },
        go_live: request.go_live,
        adopted: request.adopted,
        proven,
        proven_before,
        learned,
        rehearsal: project.rehearsal().cloned().map(Box::new),
        drills: project.drills.clone(),
        primaries,
        strictness,
        queued: None,
        left: project.left(),
        machine: request.machine,
    }))))
}

/// Everybody whom the plan names.
pub(in crate::domain) fn may_open(plan: &Plan, actor: &Actor) -> Result<(), Refusal> {
    if actor.person().is_some_and(|person| plan.people.contains_key(person)) {
        return Ok(());
    }
    Err(Refusal::access(
        format!("{actor} may not open a session"),
        "an entry in [people] with this login, or --as PERSON",
    ))
}

/// Where a plan names the machine that its conductor lives on, a go-live is conducted there only.
pub(in crate::domain) fn at_home(plan: &Plan, machine: &str, mode: Mode) -> Result<(), Refusal> {
    match &plan.home {
        Some(home) if *home != *machine && mode == Mode::Live => Err(Refusal::rule(
            format!("project.home is {home}, and this machine is {machine}"),
            format!("opening it on {home} (over ssh), or changing project.home"),
        )),
        _ => Ok(()),
    }
}

/// The rules across the plan hold here too, whoever read the file: a client may be of another build.
pub(in crate::domain) fn usable(plan: &Plan) -> Result<(), Refusal> {
    if let Some(broken) = rules::check(plan).into_iter().next() {
        return Err(Refusal::rule(format!("{}: {}", broken.place, broken.what), broken.help));
    }
    match rules::remarks(plan).into_iter().find(|remark| remark.blocks_open) {
        Some(remark) => Err(Refusal::rule(
            format!("{}: {}", remark.place, remark.what),
            "a plan without it, or a build that carries it out",
        )),
        None => Ok(()),
    }
}
