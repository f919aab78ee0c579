//! Opening a version while another is open: where the plan says so, the other is superseded, and what becomes of it is
//! told until it is closed. Else it is refused by the rule that refuses it.

use super::{
    account::Account, command::by_command::by_command, context::Context, exit::Exit, failure::Failure,
    link::Link, past::Past, project::Project, standing,
};
use crate::domain::{
    actor::{Actor, Via, Who},
    course::{
        CourseCommand,
        strictness::{self, AskedProfile},
        supersede,
    },
    name::Version,
    plan::{Plan, SecondGoLive},
    project::queue,
    session::Session,
    time::Now,
};

/// Makes room for the version; nothing where none is needed, or none may be made.
pub async fn make_room(
    project: &Project,
    version: &Version,
    plan: &Plan,
    strictness: Option<&AskedProfile>,
    context: &Context,
) -> Result<(), Failure> {
    if !may_be_superseded(project, version)? {
        return Ok(());
    }
    // Nothing is cancelled for what could not be opened then.
    if let Some(past) = Past::open(project)? {
        queue::its_turn(past.project(), version)?;
    }
    let mut link = Link::open(context, project).await?;
    if let Some(person) = link.person(plan) {
        let actor = Actor { who: Who::Person(person), via: Via::Conductor };
        strictness::choose(plan, strictness, &actor)?;
    }
    link.send(CourseCommand::Supersede { by: version.clone() }).await?.tell(context.out)?;
    let account = Account::of_steps(context.out);
    account.learn(link.session()?);
    while !link.session()?.course.is_over() {
        if let Some((why, lift)) = stuck(link.session()?, link.now()?) {
            let hint = format!("{lift}; then golive open {version} again");
            return Err(Failure::new(Exit::WaitsForHuman, why, hint));
        }
        link.tell_next(&account).await?;
    }
    Ok(supersede::made_room(link.session()?, version)?)
}

fn may_be_superseded(project: &Project, version: &Version) -> Result<bool, Failure> {
    let Some(past) = Past::open(project)? else { return Ok(false) };
    if past.sessions().iter().all(|line| line.ending.is_some()) {
        return Ok(false);
    }
    let session = past.tell(None)?.session;
    let other = session.course.release.candidate.version != *version;
    Ok(!session.course.is_over() && other && session.plan().second == SecondGoLive::Superseding)
}

/// Why it does not come to its end by itself, and what to do about it.
fn stuck(session: &Session, now: Now) -> Option<(String, String)> {
    let version = &session.course.release.candidate.version;
    if let Some(waits) = supersede::waits(session, now) {
        return Some((waits.reason, by_command(&waits.lift)));
    }
    let waits = standing::still(session) == Some(Exit::WaitsForHuman);
    let why = || format!("the rollback of {version} needs a human (golive status)");
    waits.then(|| (why(), "dealing with it".to_owned()))
}
