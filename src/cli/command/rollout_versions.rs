//! `golive rollout versions`: which host runs which version, why, and what each way on would do. From the journal
//! alone, and without asking anybody for anything.

use serde::Serialize;

use crate::{
    cli::{
        conducted::{Conducted, Footing},
        context::Context,
        exit::Exit,
        failure::Failure,
        past::{Past, nothing_yet},
    },
    config::init,
    domain::{
        actor::{Actor, Via, Who},
        name::EnvironmentName,
        rollout::{Mix, MixedHost, Move, Partial, mix, mixed_beside, moves, partial},
        session::Session,
    },
    tui::{canvas::Line, screens::versions},
};

/// `--json`: the matrix of versions.
#[derive(Serialize)]
struct Versions {
    footing: Footing,
    /// None: no stage has begun.
    environment: Option<EnvironmentName>,
    hosts: Vec<MixedHost>,
    /// The other environments of the plan.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    beside: Vec<Mix>,
    /// None: the new version is on every host that it was meant for, or it is not live.
    partial: Option<Partial>,
    /// For whom the moves were tried: what is refused to one is allowed to another.
    moves_of: String,
    moves: Vec<Move>,
}

pub fn show(context: &Context) -> Result<Exit, Failure> {
    let project = context.project()?;
    let past = Past::open(&project)?.ok_or_else(nothing_yet)?;
    let mut told = past.tell(context.everywhere.session.as_ref())?;
    // What was seen when a conductor last looked is not how it is where none looks now.
    let footing = Conducted::stand(&project, context, &mut told)?;
    let session = told.session;
    let actor = whoever(&session, context);
    let moves = moves(&session, &actor, footing.now(&session, context.wall()));
    let mix = mix(&session);
    let answer = Versions {
        footing,
        environment: mix.as_ref().map(|mix| mix.environment.clone()),
        beside: mixed_beside(&session),
        partial: partial(&session),
        moves_of: actor.to_string(),
        hosts: mix.map_or_else(Vec::new, |mix| mix.hosts),
        moves,
    };
    context.out.show(&answer, || {
        let notes = answer.footing.words().iter().cloned();
        let lines = versions::lines(&session, &answer.moves);
        notes.chain(lines.iter().map(Line::words)).collect::<Vec<_>>().join("\n")
    })?;
    Ok(Exit::Done)
}

/// Who asks: whoever was named, else whose login it is.
fn whoever(session: &Session, context: &Context) -> Actor {
    let login = init::login().unwrap_or_default();
    let known = || session.plan().people.values().find(|person| person.login == login);
    let named = context.everywhere.as_person.clone();
    let person = named.or_else(|| known().map(|person| person.name.clone()));
    Actor { who: person.map_or(Who::Stranger(login), Who::Person), via: Via::Conductor }
}
