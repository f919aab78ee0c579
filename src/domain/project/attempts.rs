//! What the project should know of the drills of a session.

use super::{Project, ProjectEvent};
use crate::domain::{drill::AttemptLine, session::Session};

/// Drills that the project does not know, attempts of this session, and what was mended since.
pub(super) fn owed(project: &Project, session: &Session) -> Vec<ProjectEvent> {
    let mut owed = Vec::new();
    for drill in session.plan().drills.keys().filter(|drill| project.drills.get(drill).is_none()) {
        let (drill, session) = (drill.clone(), session.course.id.clone());
        owed.push(ProjectEvent::DrillDeclared { drill, session });
    }
    for (drill, entry) in session.drills.book.iter() {
        for attempt in entry.attempts() {
            let told = project.drills.attempt(drill, attempt.number);
            let unfixed = AttemptLine { fix: None, ..attempt.clone() };
            if told.is_none() {
                owed.push(ProjectEvent::DrillAttempted { drill: drill.clone(), attempt: Box::new(unfixed) });
            }
            let known = told.and_then(|told| told.fix.as_ref());
            if let Some(note) = attempt.fix.as_ref().filter(|note| Some(*note) != known) {
                let (drill, attempt, note) = (drill.clone(), attempt.number, note.clone());
                owed.push(ProjectEvent::DrillNoted { drill, attempt, note });
            }
        }
    }
    owed
}
