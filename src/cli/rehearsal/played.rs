//! Plays a rehearsal: stand-ins, a conductor within this process, one session, and what it has shown.

use std::{
    ops::ControlFlow,
    sync::{Arc, Mutex, PoisonError},
};

use super::Room;
use crate::{
    cli::{
        account::Account, command::cockpit, context::Context, demo_install::ByEngine, exit::Exit,
        failure::Failure, hosting::Hosted, reach,
    },
    client::Client,
    demo::{
        fleet::{FleetError, Rehearsing, StandInFleet},
        script::{Opener, PlayError, Told, play_by, run_through},
    },
    domain::{
        course::{Mode, Phase},
        plan::Plan,
        rehearsal::{Aims, Rehearsal, record},
        session::Session,
    },
    tui::{
        app::Leaving,
        run::{self as tui, Opening},
    },
};

/// How it is to go.
pub struct Rehearsed<'a> {
    pub room: &'a Room,
    /// The project's own plan, whole.
    pub plan: &'a Plan,
    pub rehearsing: Rehearsing,
    /// What is played otherwise than the plan says, before anything stands in.
    pub fewer: Vec<String>,
    /// Once it is live it goes back.
    pub back: bool,
    /// Somebody looks on, and may hold it or roll it back; none: every step is told.
    pub cockpit: Option<&'a cockpit::Flags>,
}

/// From the first process to the end of the last one.
pub async fn rehearse(of: Rehearsed<'_>, context: &Context) -> Result<Rehearsal, Failure> {
    let failed = |error: &dyn std::fmt::Display| Failure::internal(error.to_string());
    let started = StandInFleet::start(of.rehearsing.clone(), &ByEngine).await;
    let fleet = started.map_err(|error| match error {
        FleetError::Unplayable(_) => {
            // Only where hosts were left out may that be why.
            let lift = if of.fewer.is_empty() {
                "changing that in golive.toml: no rehearsal of this plan can be played"
            } else {
                "golive rehearse --hosts N leaves fewer hosts out; else changing that in golive.toml"
            };
            Failure::new(Exit::Refused, error.to_string(), lift)
        }
        other => failed(&other),
    })?;
    let played = Box::pin(conducted(&of, &fleet, context)).await;
    let ended = fleet.end().await.map_err(|error| failed(&error));
    let rehearsal = played?;
    ended.map(|()| rehearsal)
}

async fn conducted(
    of: &Rehearsed<'_>,
    fleet: &StandInFleet,
    context: &Context,
) -> Result<Rehearsal, Failure> {
    of.room.write(&fleet.adopted.source)?;
    let within = of.room.context(context.out, context.clock.clone());
    let project = within.project()?;
    let hosted = Hosted::start(&project, &within).await?;
    let mut client =
        Client::connect(reach::running(&project, &within)?, "rehearsal", context.clock.clone()).await?;
    let played = match of.cockpit {
        None => play(of, fleet, &mut client, context).await,
        Some(flags) => {
            let opening = Opening {
                leaving: Some(leaving()),
                as_person: Some(of.rehearsing.person.clone()),
                ..cockpit::opening(flags, &project.user, &project.dir)?
            };
            let way = reach::running(&project, &within)?;
            let beside = Client::connect(way, "cockpit", context.clock.clone()).await?;
            seen(play(of, fleet, &mut client, context), beside, opening, context).await
        }
    };
    drop(client);
    hosted.end().await?;
    played
}

/// It goes on beside the cockpit; whoever leaves that before its end has ended it.
async fn seen(
    playing: impl Future<Output = Result<Rehearsal, Failure>>,
    mut client: Client,
    opening: Opening,
    context: &Context,
) -> Result<Rehearsal, Failure> {
    let (mut playing, mut played) = (Box::pin(playing), None);
    // The cockpit takes up whatever session is there, as soon as there is one.
    let joined = async {
        while client.welcome().sessions.is_empty() {
            client.next().await?;
        }
        let id = client.welcome().sessions.last().map(|line| line.id.clone());
        client.follow(id, [].into()).await;
        Ok::<_, Failure>(client)
    };
    let client = tokio::select! {
        done = &mut playing => return done,
        joined = joined => joined?,
    };
    let mut looking = Box::pin(tui::run(client, opening, context.clock.clone()));
    let left = loop {
        tokio::select! {
            done = &mut playing, if played.is_none() => played = Some(done),
            left = &mut looking => break left,
        }
    };
    left.map_err(|error| Failure::internal(error.to_string()))?;
    played.unwrap_or_else(|| {
        let what = "the rehearsal was left before its end: nothing of it is left running, and it is not kept";
        Err(Failure::new(Exit::Failed, what, ""))
    })
}

fn leaving() -> Leaving {
    Leaving {
        title: "end the rehearsal".into(),
        lines: vec![
            "Leaving ends the stand-ins. What is not over yet is not kept.".into(),
            "No host of the plan was touched.".into(),
        ],
        keep: "goes on".into(),
    }
}

async fn play(
    of: &Rehearsed<'_>,
    fleet: &StandInFleet,
    client: &mut Client,
    context: &Context,
) -> Result<Rehearsal, Failure> {
    let person = of.rehearsing.person.clone();
    let clock = context.clock.clone();
    let opener =
        Opener { adopted: Arc::clone(&fleet.adopted), person: person.clone(), clock, mode: Mode::Rehearsal };
    let account = Account::of_a_rehearsal(context.out);
    let untold = Mutex::new(None);
    let unheard = &untold;
    let mut tell = move |told: Told<'_>| {
        let done = match told {
            // On the screen it is told already.
            _ if of.cockpit.is_some() => Ok(()),
            Told::Events(events) => events.iter().try_for_each(|event| account.tell(event)),
            Told::Note(note) => {
                account.note(note);
                Ok(())
            }
        };
        done.map_or_else(
            |failure| {
                *unheard.lock().unwrap_or_else(PoisonError::into_inner) = Some(failure);
                ControlFlow::Break(())
            },
            ControlFlow::Continue,
        )
    };
    // As it was when all of it was live and verified: what goes back afterwards takes the times with it.
    let mut live: Option<Session> = None;
    let mut plot = |session: &Session, now| {
        if session.course.phase == Phase::Verified && live.is_none() {
            live = Some(session.clone());
        }
        run_through(session, now, &person, of.back)
    };
    let open = opener.open(&fleet.candidate);
    let played = play_by(client, open, &context.clock, &mut tell, &mut plot).await;
    if let Some(failure) = untold.into_inner().unwrap_or_else(PoisonError::into_inner) {
        return Err(failure);
    }
    played.map_err(|error| match error {
        PlayError::Unheard => Failure::unheard(),
        other => Failure::new(Exit::Failed, format!("the rehearsal could not be played: {other}"), ""),
    })?;
    let ended = client.session().ok_or_else(|| Failure::internal("the session was not sent"))?;
    let otherwise = of.fewer.iter().chain(&fleet.otherwise).cloned().collect();
    let faults = of.rehearsing.faults.iter().map(ToString::to_string).collect();
    let aims = Aims { id: of.room.id.clone(), back: of.back, otherwise, faults, requests: fleet.requests() };
    record(of.plan, live.as_ref(), ended, aims).ok_or_else(|| Failure::internal("the rehearsal is not over"))
}
