//! The course of a session, and the project's own stream, in words.

use super::time::utc;
use crate::domain::{
    course::{CourseEvent, Ending, ReopenedBecause, SleepGuard},
    project::ProjectEvent,
};

pub fn course(event: &CourseEvent) -> String {
    match event {
        CourseEvent::Opened(opened) => format!(
            "opened the session of {} for {}, plan {}",
            opened.release.candidate,
            utc(opened.go_live),
            opened.adopted.digest.short()
        ),
        CourseEvent::Reopened { epoch, because } => match because {
            ReopenedBecause::Started => {
                format!("took the session up again (epoch {epoch}); what was in flight is probed")
            }
            ReopenedBecause::AppendFailed => {
                format!("could not write the journal and took the session up again (epoch {epoch})")
            }
        },
        CourseEvent::Ticked => "noted the time".into(),
        CourseEvent::SuspendSeen { slept } => {
            format!("saw that the machine slept for {slept}: every observation is stale")
        }
        CourseEvent::SleepGuarded { guard: SleepGuard::Inhibits } => {
            "keeps the machine from falling asleep while anything is rolling".into()
        }
        CourseEvent::SleepGuarded { guard: SleepGuard::Not { why } } => {
            format!("can't keep the machine from falling asleep: {why}")
        }
        CourseEvent::WallJumped { micros } => {
            format!("saw the wall clock jump by {:.1} s", *micros as f64 / 1_000_000.0)
        }
        CourseEvent::GoLiveMoved { to } => format!("moved the go-live to {}", utc(*to)),
        CourseEvent::PlanDiffers { file: Some(file) } => {
            format!("saw that golive.toml differs from the adopted plan ({})", file.short())
        }
        CourseEvent::PlanDiffers { file: None } => "saw that golive.toml is the adopted plan again".into(),
        CourseEvent::PlanAdopted { adopted, differences } => {
            format!("adopted the plan {}: {}", adopted.digest.short(), some(differences))
        }
        CourseEvent::CandidateAdopted { candidate, was, stale } => {
            format!("adopted the candidate {candidate} in the place of {was}: {}", some(stale))
        }
        CourseEvent::Held { reason } if reason.is_empty() => "said HOLD".into(),
        CourseEvent::Held { reason } => format!("said HOLD: {reason}"),
        CourseEvent::Continued => "said CONTINUE".into(),
        CourseEvent::WatchOffered { to } => format!("offered the watch to {to}"),
        CourseEvent::WatchTaken { .. } => "took the watch".into(),
        CourseEvent::WatcherGone => "saw that whoever is on watch is gone".into(),
        CourseEvent::WatcherBack => "saw that whoever is on watch is back".into(),
        CourseEvent::WentLive => "went live; not verified yet".into(),
        CourseEvent::Verified => "verified what is live".into(),
        CourseEvent::Closed { ending } => closed(ending),
        CourseEvent::Refused { command, reason, lift } => {
            format!("was refused {command}: {reason}; lifted by: {lift}")
        }
        CourseEvent::GlassSealed { lines, hash } => {
            format!(
                "took in {lines} lines written while the journal could not be (sealed by {})",
                hash.short()
            )
        }
    }
}

fn closed(ending: &Ending) -> String {
    match ending {
        Ending::NoGo { reason } | Ending::AsIs { reason } | Ending::Abandoned { reason } => {
            format!("closed the session, {}: {reason}", ending.word())
        }
        Ending::Verified | Ending::RolledBack => format!("closed the session, {}", ending.word()),
    }
}

pub fn project(event: &ProjectEvent) -> String {
    match event {
        ProjectEvent::SessionOpened { id, candidate, mode } => {
            format!("opened session {id} of {candidate}, {}", mode.word())
        }
        ProjectEvent::SessionEnded { id, ending } => format!("ended session {id}, {}", ending.word()),
        ProjectEvent::ReleaseProven { environment, candidate, session } => {
            format!("proved {candidate} good in {environment} (session {session})")
        }
        ProjectEvent::EnvironmentLocked { environment, session, .. } => {
            format!("locked {environment} for session {session}")
        }
        ProjectEvent::EnvironmentUnlocked { environment, .. } => format!("unlocked {environment}"),
    }
}

/// The first three of a list, and how many more.
fn some(list: &[String]) -> String {
    match list {
        [] => "nothing of its structure changed".into(),
        [first @ .., _] if list.len() > 3 => format!("{} and {} more", first[..2].join("; "), list.len() - 2),
        all => all.join("; "),
    }
}
