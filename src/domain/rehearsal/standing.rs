//! Whether what is about to be done has been rehearsed.

use super::Rehearsal;
use crate::domain::{counted::counted, course::Mode, session::Session};

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Standing<'a> {
    /// Nobody has.
    Never,
    /// Of other steps than those of the plan as it is now.
    Other(&'a Rehearsal),
    /// It did not come to where it was to come.
    Short(&'a Rehearsal),
    /// It came there with another version than the one that is about to go live.
    OtherVersion(&'a Rehearsal),
    Passed(&'a Rehearsal),
}

pub fn standing(session: &Session) -> Standing<'_> {
    match session.course.rehearsal.as_deref() {
        None => Standing::Never,
        Some(rehearsal) if rehearsal.steps != session.steps() => Standing::Other(rehearsal),
        Some(rehearsal) if !rehearsal.passed() => Standing::Short(rehearsal),
        Some(rehearsal) if rehearsal.version != session.course.release.candidate.version => {
            Standing::OtherVersion(rehearsal)
        }
        Some(rehearsal) => Standing::Passed(rehearsal),
    }
}

/// The same, where it is asked: a rehearsal, and the demo, are rehearsed by nobody.
pub fn said(session: &Session) -> Option<Standing<'_>> {
    let live = session.course.release.mode == Mode::Live;
    (live && !session.course.is_over()).then(|| standing(session))
}

/// What no rehearsal plays, where all else was rehearsed: `NOT REHEARSED: migrate of production`.
pub fn never_played(session: &Session) -> Option<String> {
    said(session)?.passed()?;
    let stages = session.plan().stages.iter();
    let once =
        stages.flat_map(|stage| stage.once.iter().map(move |it| format!("{} of {}", it.name, stage.name)));
    let once: Vec<String> = once.collect();
    (!once.is_empty()).then(|| format!("NOT REHEARSED: {}", once.join(", ")))
}

/// How it stands, with what no rehearsal plays; none: nobody asks.
pub fn told(session: &Session) -> Option<String> {
    let words = said(session)?.words();
    Some(match never_played(session) {
        Some(never) => format!("{words}; {never}"),
        None => words,
    })
}

impl<'a> Standing<'a> {
    /// `NOT REHEARSED` and why, or what was rehearsed.
    pub fn words(&self) -> String {
        match self {
            Standing::Never => "NOT REHEARSED".to_owned(),
            Standing::Other(rehearsal) => {
                format!("NOT REHEARSED: {} was of other steps, the plan has changed since", rehearsal.id)
            }
            Standing::Short(rehearsal) => {
                let why = rehearsal.short.as_deref().unwrap_or_default();
                format!("NOT REHEARSED: {} of {} fell short, {why}", rehearsal.id, rehearsal.version)
            }
            Standing::OtherVersion(rehearsal) => {
                format!("{}, of another version: {}", Standing::Passed(rehearsal).words(), rehearsal.version)
            }
            Standing::Passed(rehearsal) => {
                let (played, of) = rehearsal.hosts;
                let hosts = if played == of {
                    counted(of, "host")
                } else {
                    format!("{played} of {}", counted(of, "host"))
                };
                let back = match &rehearsal.back {
                    Some(back) => format!(", and back in {}", back.took),
                    None => ", without the way back".to_owned(),
                };
                format!("rehearsed with stand-ins for {hosts}{back}")
            }
        }
    }

    /// What it was, where it was of these steps and came to its end.
    pub const fn passed(&self) -> Option<&'a Rehearsal> {
        match self {
            Standing::Passed(rehearsal) | Standing::OtherVersion(rehearsal) => Some(rehearsal),
            Standing::Never | Standing::Other(_) | Standing::Short(_) => None,
        }
    }
}
