//! `golive doctor`: what was detected on this machine, what is missing, and what to do about it. It changes
//! nothing, and starts nothing.

use serde::Serialize;

use crate::cli::{
    columns::columns,
    context::Context,
    exit::Exit,
    failure::Failure,
    machine::{account, machine, plan, storage, terminal},
};

/// One thing that was looked at.
#[derive(Debug, Serialize)]
pub struct Finding {
    pub what: &'static str,
    pub state: State,
    pub shows: String,
    /// What to do; empty where nothing need be done.
    pub lift: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    Good,
    /// Works, but may surprise.
    Warning,
    /// A go-live would not work.
    Missing,
    /// Could not be found out.
    Unknown,
}

impl State {
    const fn word(self) -> &'static str {
        match self {
            Self::Good => "ok",
            Self::Warning => "warning",
            Self::Missing => "MISSING",
            Self::Unknown => "unknown",
        }
    }
}

impl Finding {
    pub fn good(what: &'static str, shows: impl Into<String>) -> Self {
        Self { what, state: State::Good, shows: shows.into(), lift: String::new() }
    }
    pub fn warning(what: &'static str, shows: impl Into<String>, lift: impl Into<String>) -> Self {
        Self { what, state: State::Warning, shows: shows.into(), lift: lift.into() }
    }
    pub fn missing(what: &'static str, shows: impl Into<String>, lift: impl Into<String>) -> Self {
        Self { what, state: State::Missing, shows: shows.into(), lift: lift.into() }
    }
    pub fn unknown(what: &'static str, shows: impl Into<String>) -> Self {
        Self { what, state: State::Unknown, shows: shows.into(), lift: String::new() }
    }
}

pub fn run(context: &Context) -> Result<Exit, Failure> {
    let mut findings = vec![machine::version(), machine::name(), machine::awake(context)];
    findings.extend(terminal::findings());
    findings.extend(account::findings());
    match context.project() {
        Ok(project) => {
            findings.extend(storage::findings(project.files.home()));
            findings.extend(plan::findings(&project));
        }
        Err(failure) => {
            findings.push(Finding::missing("project", failure.what, failure.hint));
        }
    }
    if context.out.is_json() {
        for finding in &findings {
            context.out.object(finding)?;
        }
    } else {
        let rows: Vec<[String; 4]> = findings
            .iter()
            .map(|f| [f.state.word().into(), f.what.into(), f.shows.clone(), f.lift.clone()])
            .collect();
        context.out.say(columns(&rows))?;
    }
    let missing = findings.iter().any(|finding| finding.state == State::Missing);
    Ok(if missing { Exit::NotReady } else { Exit::Done })
}
