//! `golive` alone: the cockpit at this terminal. It finds or starts the conductor as every command does; what it
//! shows and takes is the tui's.

use std::{
    collections::BTreeSet,
    env,
    io::{self, IsTerminal},
    path::Path,
    sync::Arc,
    time::Duration,
};

use clap::Args;
use jiff::tz::TimeZone;

use crate::{
    cli::{CommandLine, context::Context, exit::Exit, failure::Failure, project::Project, reach},
    client::{Client, SessionInfo},
    clock::Clock,
    config::{Problems, Source, keymap, nearest},
    domain::name::PersonName,
    tui::{
        keymap::{Keymap, ScreenName},
        run::{Left, Opening, run as open},
        theme::{Theme, Themes},
    },
};

#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "The cockpit")]
pub struct Flags {
    /// dark, light, high-contrast, colour-blind, or one of your own; else $GOLIVE_THEME
    #[arg(long, value_name = "NAME")]
    theme: Option<String>,
    /// Leave the mouse to the terminal; also `mouse = false` in keys.toml
    #[arg(long)]
    no_mouse: bool,
    /// Nothing but ASCII, whatever the locale says
    #[arg(long)]
    ascii: bool,
}

impl Flags {
    /// Whether any of them was given.
    pub const fn any(&self) -> bool {
        self.theme.is_some() || self.no_mouse || self.ascii
    }
}

/// How long the first screen waits for its session.
const PATIENCE: Duration = Duration::from_secs(2);

/// The theme where nobody names one.
const THEME: &str = "dark";

pub fn run(arguments: &Flags, context: &Context) -> Result<Exit, Failure> {
    needs_a_terminal()?;
    let project = context.project()?;
    let way = reach::way(&project, context)?;
    let opening = Opening {
        as_person: context.everywhere.as_person.clone(),
        ..opening(arguments, &project.user, &project.dir)?
    };
    context.wait_beside(async {
        let mut client = Client::connect_urgently(way, "cockpit", context.clock.clone()).await?;
        let session = first_session(&client.welcome().sessions, context)?;
        client.follow(session, BTreeSet::new()).await;
        if client.following().is_some() {
            // The first screen is a whole one. What can't be read, or is late, is said by the cockpit itself.
            let _ = context.clock.limit(PATIENCE, client.caught_up()).await;
        }
        may_stand_in(&client, &project, context)?;
        let left = open(client, opening, context.clock.clone()).await;
        match left.map_err(|error| Failure::internal(error.to_string()))? {
            Left::ByKey => context.out.say("golive runs on; come back: golive")?,
            Left::Ended(why) => context.out.mutter(&format!("golive: the cockpit was left: {why}\n")),
        }
        Ok(Exit::Done)
    })
}

/// Only the conductor's own user may act as another person, and only as one of [people]. The conductor decides at every
/// act; a cockpit that could do nothing is not opened.
fn may_stand_in(client: &Client, project: &Project, context: &Context) -> Result<(), Failure> {
    let Some(person) = &context.everywhere.as_person else { return Ok(()) };
    // The conductor of another protocol says nothing of that, and judges what is asked of it.
    if client.unread().is_some() {
        return Ok(());
    }
    if !client.welcome().own {
        let what = format!("{} may not act as {person}", client.welcome().login);
        let hint = "only the login that runs the conductor may; leave out --as";
        return Err(Failure::new(Exit::Refused, what, hint));
    }
    // Of an open session the adopted plan counts, as it does for the conductor; reading the files takes longer.
    let loaded;
    let people = if let Some(session) = client.session() {
        &session.plan().people
    } else {
        loaded = project.load()?;
        &loaded.plan.people
    };
    if people.contains_key(person) {
        return Ok(());
    }
    let near = nearest(person.as_str(), people.keys().map(PersonName::as_str));
    let hint = near
        .map_or_else(|| "golive.toml names the people".to_owned(), |near| format!("did you mean {near}?"));
    Err(Failure::usage(format!("nobody in [people] is called {person}"), hint))
}

/// What the cockpit can't do without.
pub fn needs_a_terminal() -> Result<(), Failure> {
    let dumb = env::var("TERM").is_ok_and(|term| term == "dumb");
    if io::stdin().is_terminal() && io::stdout().is_terminal() && !dumb {
        return Ok(());
    }
    Err(Failure::usage(
        "the cockpit needs a terminal, and there is none here",
        "golive status, golive watch and the commands of golive --help do the same without one",
    ))
}

/// How the cockpit opens: the viewer's theme and keys over the built-in ones.
pub fn opening(arguments: &Flags, user: &Path, dir: &Path) -> Result<Opening, Failure> {
    let (keymap, mouse) = keys(user)?;
    Ok(Opening {
        theme: theme(
            arguments.theme.clone().or_else(|| env::var("GOLIVE_THEME").ok()).as_deref().unwrap_or(THEME),
            user,
        )?,
        keymap,
        mouse: mouse && !arguments.no_mouse,
        ascii: arguments.ascii,
        zone: TimeZone::system(),
        directory: dir.display().to_string(),
        screen: ScreenName::Decision,
        words: Arc::new(CommandLine::new(Clock::System)),
        as_person: None,
        coach: None,
        leaving: None,
    })
}

/// The session that was asked for, else the open one.
fn first_session(
    sessions: &[SessionInfo],
    context: &Context,
) -> Result<Option<crate::domain::name::SessionId>, Failure> {
    let Some(asked) = &context.everywhere.session else {
        return Ok(sessions.iter().rev().find(|session| session.ended.is_none()).map(|open| open.id.clone()));
    };
    if sessions.iter().any(|session| session.id == *asked) {
        return Ok(Some(asked.clone()));
    }
    Err(Failure::usage(format!("there is no session {asked}"), "golive sessions lists them"))
}

fn theme(name: &str, user: &Path) -> Result<Theme, Failure> {
    let themes = Themes { own: Some(user.join("themes")) };
    themes.load(name).map_err(|problems| Failure::from(Problems::new(problems, Vec::new())))
}

/// The user's `keys.toml`, where there is one: the keys, and whether the mouse is taken.
fn keys(user: &Path) -> Result<(Keymap, bool), Failure> {
    let path = user.join("keys.toml");
    let text = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok((Keymap::default(), true)),
        Err(error) => return Err(Failure::file(&path, &error)),
    };
    let source = Source::new(&path.display().to_string(), &text);
    let (remaps, mut problems) = keymap::read(&source);
    let (keys, more) = Keymap::remapped(&source, &remaps);
    problems.extend(more);
    if problems.is_empty() {
        Ok((keys, keymap::mouse(&source)))
    } else {
        Err(Problems::new(problems, vec![source]).into())
    }
}
