//! The course of a session, and the project's own stream, in words.

use super::{
    time::utc,
    told::{Told, told, with},
    upkeep,
};
use crate::domain::{
    counted::counted,
    course::{CourseEvent, Ending, ReopenedBecause, SleepGuard, hotfix},
    project::ProjectEvent,
};

pub fn course(event: &CourseEvent) -> Told {
    match event {
        CourseEvent::Opened(opened) if opened.queued.is_some() => told(format!(
            "had queued this at {}; it opened by itself: the session of {} for {}, plan {}",
            opened.queued.map(utc).unwrap_or_default(),
            opened.release.candidate,
            utc(opened.go_live),
            opened.adopted.digest.short()
        ))
        .alone(format!("opened {} for {} by itself, from the queue", opened.id, opened.release.candidate)),
        CourseEvent::Opened(opened) => told(format!(
            "opened the session of {} for {}, plan {}",
            opened.release.candidate,
            utc(opened.go_live),
            opened.adopted.digest.short()
        ))
        .alone(format!("opened {} for {}", opened.id, opened.release.candidate)),
        CourseEvent::Reopened { epoch, because } => told(match because {
            ReopenedBecause::Started => {
                format!("took the session up again (epoch {epoch}); what was in flight is probed")
            }
            ReopenedBecause::AppendFailed => {
                format!("could not write the journal and took the session up again (epoch {epoch})")
            }
        })
        .alone(format!("conductor took the session up again (epoch {epoch}); everything is looked at anew")),
        CourseEvent::HotfixDeclared { reason, skips, follow_up } => {
            let (skips, due) = (hotfix::words(skips), utc(follow_up.due));
            let owner = &follow_up.owner;
            told(format!(
                "declared a hotfix, which skips {skips}: {reason}; its review is {owner}'s, due {due}"
            ))
            .alone(format!("HOTFIX, skips {skips}: {reason}; review by {owner}, due {due}"))
        }
        CourseEvent::Superseded { by } => told(format!(
            "superseded it by {by}: what is live or under way of it is rolled back, and it ends before {by} begins"
        ))
        .alone(format!("SUPERSEDED by {by}: what is live or under way of it goes back first")),
        CourseEvent::Rehearsed(rehearsal) => told(format!("took in the rehearsal {}", rehearsal.words())),
        CourseEvent::Ticked => told("noted the time").alone("session time stored"),
        CourseEvent::SuspendSeen { slept } => {
            told(format!("saw that the machine slept for {slept}: every observation is stale"))
                .alone(format!("the machine slept {slept}; observations are stale"))
        }
        CourseEvent::SleepGuarded { guard: SleepGuard::Inhibits } => {
            told("keeps the machine from falling asleep while anything is rolling")
                .alone("the machine's sleep is inhibited while anything is rolling")
        }
        CourseEvent::SleepGuarded { guard: SleepGuard::Not { why } } => {
            told(format!("can't keep the machine from falling asleep: {why}"))
                .alone(format!("sleep not inhibited: {why}"))
        }
        CourseEvent::WallJumped { micros } => {
            told(format!("saw the wall clock jump by {:.1} s", *micros as f64 / 1_000_000.0))
                .alone(format!("the wall clock moved by {} ms", micros / 1_000))
        }
        CourseEvent::GoLiveMoved { to } => {
            told(format!("moved the go-live to {}", utc(*to))).alone("the go-live time was moved")
        }
        CourseEvent::PlanDiffers { file: Some(file) } => {
            told(format!("saw that golive.toml differs from the adopted plan ({})", file.short()))
                .alone("golive.toml differs from the adopted plan; nothing has changed (golive plan diff)")
        }
        CourseEvent::PlanDiffers { file: None } => told("saw that golive.toml is the adopted plan again")
            .alone("golive.toml equals the adopted plan again"),
        CourseEvent::PlanAdopted { adopted, differences } => {
            told(format!("adopted the plan {}: {}", adopted.digest.short(), some(differences)))
                .alone(format!("plan adopted: {}", counted(differences.len(), "difference")))
        }
        CourseEvent::CandidateAdopted { candidate, was, stale } => {
            told(format!("adopted the candidate {candidate} in the place of {was}: {}", some(stale))).alone(
                format!("candidate changed: {was} → {candidate}; stale votes and evidence: {}", stale.len()),
            )
        }
        CourseEvent::Held { reason } => told(with("said HOLD", reason)).alone(with("HOLD", reason)),
        CourseEvent::Continued => told("said CONTINUE").alone("CONTINUE"),
        CourseEvent::WatchOffered { to } => told(format!("offered the watch to {to}")),
        CourseEvent::WatchTaken { by } => told("took the watch").alone(format!("{by} has the watch")),
        CourseEvent::WatcherGone => told("saw that whoever is on watch is gone").alone("the watcher is gone"),
        CourseEvent::WatcherBack => told("saw that whoever is on watch is back").alone("the watcher is back"),
        CourseEvent::WentLive => told("went live; not verified yet").alone("live, unverified"),
        CourseEvent::Verified { untested: None } => told("verified what is live").alone("verified"),
        CourseEvent::Verified { untested: Some(why) } => {
            told(format!("promoted what is live; {why}")).alone(format!("verified by promotion alone; {why}"))
        }
        CourseEvent::Closed { ending } => told(closed(ending)).alone(format!("closed: {}", ending.word())),
        CourseEvent::Refused { command, reason, lift } => {
            told(format!("was refused {command}: {reason}; lifted by: {lift}"))
                .alone(format!("refused: {command}: {reason}"))
        }
        CourseEvent::GlassSealed { lines, hash } => told(format!(
            "took in {} written while the journal could not be (sealed by {})",
            counted(lines, "line"),
            hash.short()
        ))
        .alone(format!("break-glass: {} written while the journal was out, sealed", counted(lines, "line"))),
    }
}

fn closed(ending: &Ending) -> String {
    match ending {
        Ending::NoGo { reason } | Ending::AsIs { reason } | Ending::Abandoned { reason } => {
            format!("closed the session, {}: {reason}", ending.word())
        }
        Ending::Superseded { by } => format!("closed the session, superseded by {by}"),
        Ending::Partial { new, of } => {
            format!("closed the session, PARTIAL: the new version is on {new} of {of} hosts")
        }
        Ending::Verified | Ending::RolledBack => format!("closed the session, {}", ending.word()),
    }
}

pub fn project(event: &ProjectEvent) -> Told {
    told(match event {
        ProjectEvent::SessionOpened { id, candidate, mode } => {
            format!("opened session {id} of {candidate}, {}", mode.word())
        }
        ProjectEvent::SessionEnded { id, ending, .. } => format!("ended session {id}, {}", ending.word()),
        ProjectEvent::ReleaseProven { environment, candidate, session } => {
            format!("proved {candidate} good in {environment} (session {session})")
        }
        ProjectEvent::HostsTimed { environment, session, times } => format!(
            "timed {} of {environment} in session {session}: {} each",
            super::fleet::hosts(times.hosts as usize),
            times.lane
        ),
        ProjectEvent::SessionLeft { session, left } if left.is_empty() => {
            format!("left nothing behind (session {session})")
        }
        ProjectEvent::SessionLeft { session, left } => {
            format!("left behind for the next go-live: {} (session {session})", left.words())
        }
        ProjectEvent::Rehearsed(rehearsal) => format!("took in the rehearsal {}", rehearsal.words()),
        ProjectEvent::PrimarySwitched { environment, session, primary } => {
            format!("made {} primary in {environment} (session {session})", primary.cloud)
        }
        ProjectEvent::EnvironmentLocked { environment, session, .. } => {
            format!("locked {environment} for session {session}")
        }
        ProjectEvent::EnvironmentUnlocked { environment, .. } => format!("unlocked {environment}"),
        ProjectEvent::DrillDeclared { drill, session } => {
            format!("knows drill {drill} since session {session}")
        }
        ProjectEvent::DrillAttempted { drill, attempt } => upkeep::attempt(drill.as_str(), attempt),
        ProjectEvent::DrillNoted { drill, attempt, note } => {
            format!("mended after attempt {attempt} of drill {drill}: {}", note.text)
        }
        ProjectEvent::GoLiveQueued(asked) => {
            format!("queued {} behind the go-live that is open", asked.candidate)
        }
        ProjectEvent::QueueLeft { version } => format!("took {version} out of the queue"),
        ProjectEvent::QueueWaits { version, waits } => {
            format!("did not open {version} by itself: {}; lifted by: {}", waits.why, waits.lift)
        }
    })
}

/// The first three of a list, and how many more.
fn some(list: &[String]) -> String {
    match list {
        [] => "nothing of its structure changed".into(),
        [first @ .., _] if list.len() > 3 => format!("{} and {} more", first[..2].join("; "), list.len() - 2),
        all => all.join("; "),
    }
}
