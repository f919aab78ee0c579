//! A hotfix is looked at before anything is opened for it, and before anything under way is cancelled for it.

use std::sync::Arc;

use super::{command::plan::adoptable, context::Context, failure::Failure, past::Past, project::Project};
use crate::{
    config::init::login,
    domain::{
        actor::{Actor, Via, Who},
        command::Asked,
        course::{CourseCommand, strictness::foreseen},
        decide::decide,
        project::Project as Stream,
        time::{Now, SessionTime},
    },
};

/// Refused here as it would be by the conductor, once its session was open.
pub fn would_be_one(project: &Project, hotfix: &CourseCommand, context: &Context) -> Result<(), Failure> {
    let adopted = Arc::new(adoptable(project)?);
    let plan = &adopted.plan;
    let stream = Past::open(project)?.map_or_else(Stream::default, |past| past.project().clone());
    let session = foreseen(&stream, &adopted, plan.strictness.own, context.wall())
        .ok_or_else(|| Failure::internal("no session could be foreseen"))?;
    let as_person = context.everywhere.as_person.clone();
    let login = login().unwrap_or_default();
    let known = || plan.people.values().find(|person| person.login == login);
    let who = as_person.clone().or_else(|| known().map(|person| person.name.clone()));
    let who = who.map_or_else(|| Who::Stranger(login.clone()), Who::Person);
    let asked = Asked { command: hotfix.clone().into(), shown: None, as_person };
    let now = Now { wall: context.wall(), session: SessionTime::default() };
    decide(&session, &asked, &Actor { who, via: Via::Conductor }, now)?;
    Ok(())
}
