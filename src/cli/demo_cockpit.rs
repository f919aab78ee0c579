//! The demo in the cockpit: somebody is the lead, the script plays the others, and the coach leads through it.

use tokio::sync::watch;

use super::{command::cockpit, context::Context, demo_process, failure::Failure};
use crate::{
    client::{Client, Way},
    demo::{
        fleet::Fleet,
        script::{Attended, Cast, Coach as Said, Opener, Place, PlayError, STEPS, attend},
        traffic::feed,
    },
    domain::{counted::counted, course::Mode, name::PersonName},
    tui::{
        app::Leaving,
        coach::Coach,
        keymap::{ScreenName, Screens},
        run::{self as tui, Left, Opening},
    },
};

/// Runs until it is left, and says how. `lead` is who sits there, and `login` theirs.
pub async fn run(
    fleet: &Fleet,
    way: Way,
    lead: PersonName,
    login: &str,
    flags: &cockpit::Flags,
    context: &Context,
) -> Result<Left, Failure> {
    let site = fleet.site();
    let clock = context.clock.clone();
    let opener = Opener { adopted: site.plan.clone(), person: lead, clock: clock.clone(), mode: Mode::Demo };
    let client = Client::connect(way.clone(), "demo", clock.clone()).await?;
    let mut others = Attended { client, cast: Cast::with(site.plan(), login), opener, clock: clock.clone() };
    let first = others.open(&site.good).await.map_err(|error| not_played(&error))?;

    let measuring = way.clone();
    let mut client = Client::connect(way, "cockpit", clock.clone()).await?;
    client.follow(Some(first.clone()), [].into()).await;
    let (say, said) = watch::channel(None);
    let last = site.bad.clone();
    let team = tokio::spawn(async move { attend(others, first, &last, say).await });
    let (words, coach) = watch::channel(None);
    let passing = tokio::spawn(pass_on(said, words));
    let project = demo_process::context(fleet.layout()).project()?;
    let opening = Opening {
        coach: Some(coach),
        leaving: Some(leaving(fleet)),
        ..cockpit::opening(flags, &project.user, &project.dir)?
    };
    let place = site.plan().environments.keys().next().cloned();
    let place = place.ok_or_else(|| Failure::internal("the demo's plan has no environment"))?;
    let feeding = Client::connect(measuring, "traffic", clock.clone()).await?;
    let feeding = tokio::spawn(feed(feeding, fleet.layout().clone(), place, clock.clone()));
    let left = tui::run(client, opening, clock).await;
    feeding.abort();
    team.abort();
    passing.abort();
    left.map_err(|error| Failure::internal(error.to_string()))
}

/// The script's words as the cockpit's.
async fn pass_on(mut said: watch::Receiver<Option<Said>>, words: watch::Sender<Option<Coach>>) {
    while said.changed().await.is_ok() {
        let coach = said.borrow_and_update().clone().map(coach);
        words.send_replace(coach);
    }
}

fn coach(said: Said) -> Coach {
    let screens = match said.place {
        Place::Anywhere => Screens::ALL,
        Place::Decision => Screens::of([ScreenName::Decision]),
        Place::Checklist => Screens::of([ScreenName::Checklist]),
        Place::Rollout => Screens::of([ScreenName::Rollout]),
        Place::Compare => Screens::of([ScreenName::Compare]),
        Place::Starting => Screens::of([ScreenName::Decision, ScreenName::Rollout]),
    };
    let mark = format!("DEMO {}/{STEPS}", said.step);
    Coach { mark, screens, here: said.text, elsewhere: said.way, seen: said.seen }
}

fn leaving(fleet: &Fleet) -> Leaving {
    let hosts = fleet.site().units().len();
    Leaving {
        title: "end the demo".into(),
        lines: vec![
            format!(
                "Leaving ends the demo: {}, the balancer, the traffic, the record.",
                counted(hosts, "host")
            ),
            "Nothing is left running, and no file is left.".into(),
        ],
        keep: "goes on".into(),
    }
}

fn not_played(error: &PlayError) -> Failure {
    Failure::internal(format!("the demo's session can't be opened: {error}"))
}
