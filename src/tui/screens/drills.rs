//! The drills of the project and the hosts that are looked after: when each drill is due, what was found of its last
//! attempt, and what is flagged. Every mark has its word beside it.

use crate::{
    domain::{
        drill::{AttemptLine, Entry, Finding, Standing, due, so_far},
        name::DrillName,
        operation::{RepairStands, repairs, scaled, suspended, under_way},
        pipeline::Outside,
        session::Session,
        time::Now,
    },
    tui::{canvas::Line, glyph::Glyph, theme::Role},
};

/// By how many cells what is broken off a line stands in.
pub const HANG: usize = 4;

pub fn lines(session: &Session, now: Now) -> Vec<Line> {
    let known = session.plan().drills.keys();
    let mut names: Vec<&DrillName> = known.chain(session.drills.book.iter().map(|(name, _)| name)).collect();
    names.sort();
    names.dedup();
    let mut lines = Vec::new();
    if names.is_empty() {
        lines.push(Line::new().dim("no drill is declared: [drills.NAME] in golive.toml"));
    }
    for name in names {
        lines.extend(of_one(session, name, now));
    }
    lines.push(Line::new());
    lines.push(Line::of(Role::Text, "Hosts that are looked after"));
    lines.extend(hosts(session, now));
    lines
}

fn of_one(session: &Session, name: &DrillName, now: Now) -> Vec<Line> {
    let plan = session.plan();
    let declared = plan.drills.get(name);
    let due = due(&session.drills.book, name, plan.zone(), now.wall);
    let role = if due.is_overdue() { Role::StateWarn } else { Role::TextDim };
    let title = Line::of(Role::Text, name.to_string());
    let title = match declared {
        Some(drill) => title.dim(format!(" · {} in {}", drill.kind, drill.environment)),
        None => title.dim(" · not in the adopted plan"),
    };
    let mut lines = vec![title.dim(" · ").add(role, due.to_string())];
    let running = session.drills.running.as_deref().filter(|attempt| attempt.drill == *name);
    if let Some(attempt) = running {
        let words = format!(" attempt {} under way; whatever a human does fails it", attempt.number);
        lines.push(Line::new().mark(Role::StateWorking, Glyph::Working).text(words));
        lines.extend(attempt.outside.iter().map(|it| outside(it)));
        lines.extend(so_far(session).iter().map(finding));
        return lines;
    }
    match session.drills.book.get(name).and_then(Entry::last) {
        None => lines.push(Line::new().dim(format!("  never tried: golive drill start {name}"))),
        Some(last) => lines.extend(attempt(session, name, last)),
    }
    lines
}

fn attempt(session: &Session, name: &DrillName, last: &AttemptLine) -> Vec<Line> {
    let (role, glyph, how) = if last.passed() {
        (Role::StateOk, Glyph::Done, "PASSED")
    } else {
        (Role::StateBad, Glyph::Failed, "NOT PASSED, so the drill is open")
    };
    let case = session.drills.book.get(name).and_then(|entry| entry.cases.last());
    let of = case.map_or(0, |case| case.attempts.len());
    let words = format!(" attempt {} {how}; {of} until now", last.number);
    let mut lines = vec![Line::new().mark(role, glyph).text(words)];
    lines.extend(last.outside.iter().map(|it| outside(it)));
    lines.extend(last.findings.iter().map(finding));
    match (&last.fix, last.passed()) {
        (Some(fix), _) => lines.push(Line::new().dim(format!("  mended: {}", fix.text))),
        (None, false) => {
            lines.push(
                Line::new().dim(format!("  lifted by: golive drill note {name} TEXT, and another attempt")),
            );
        }
        (None, true) => {}
    }
    lines
}

/// Who began it outside the hours in which it may, and why.
fn outside(outside: &Outside) -> Line {
    let by = outside.by.as_ref().map_or("somebody", |person| person.as_str());
    let words = format!(" begun outside its hours by {by}: ");
    Line::from("  ").mark(Role::StateWarn, Glyph::NeedsHuman).text(words).dim(outside.reason.clone())
}

/// Green only what is met.
fn finding(finding: &Finding) -> Line {
    let (role, glyph) = match finding.standing {
        Standing::Met => (Role::StateOk, Glyph::Done),
        Standing::NotMet => (Role::StateBad, Glyph::Failed),
        Standing::Unproven => (Role::StateUnproven, Glyph::Unknown),
    };
    let words = format!(" {} {}: ", finding.criterion.word(), finding.standing.word());
    Line::from("  ").mark(role, glyph).text(words).dim(finding.shows.clone())
}

fn hosts(session: &Session, now: Now) -> Vec<Line> {
    let operations = &session.operations;
    let mut lines: Vec<Line> = Vec::new();
    if let Some(words) = under_way(session) {
        lines.push(Line::new().mark(Role::StateWorking, Glyph::Working).text(format!(" {words}")));
    }
    let away = operations.running.as_ref().and_then(|operation| operation.away.as_ref());
    if away.is_some_and(|absence| absence.back.is_none()) {
        lines.push(Line::new().dim("  all of it back at once: golive drill stop --reason …"));
    }
    for (unit, flag) in &operations.flags {
        let committed = operations.committed.values().any(|committed| committed.units.contains(unit));
        let state = if committed { "committed" } else { "flagged" };
        let by = flag.by.as_ref().map_or("somebody", |person| person.as_str());
        let words = format!(" {unit} {state} for replacement by {by}: ");
        lines.push(Line::new().mark(Role::StateWaiting, Glyph::Waiting).text(words).dim(flag.reason.clone()));
    }
    for (at, words) in suspended(session) {
        let lift = format!(" · golive repair resume {at}");
        lines.push(
            Line::new()
                .mark(Role::StateWarn, Glyph::NeedsHuman)
                .add(Role::StateWarn, format!(" {words}"))
                .dim(lift),
        );
    }
    lines.extend(repairs(session, now).map(|(stands, words)| {
        let (role, glyph) = match stands {
            RepairStands::UnderWay => (Role::StateWorking, Glyph::Working),
            RepairStands::Awaited => (Role::StateWaiting, Glyph::Waiting),
            RepairStands::Helped => (Role::StateOk, Glyph::Done),
            RepairStands::NotHelped => (Role::StateBad, Glyph::Failed),
        };
        Line::new().mark(role, glyph).text(format!(" {words}"))
    }));
    lines.extend(
        scaled(session)
            .map(|words| Line::new().mark(Role::TextDim, Glyph::Waiting).text(format!(" {words}"))),
    );
    if lines.is_empty() {
        lines.push(Line::new().dim("  none is flagged for replacement: golive replace flag HOST --reason …"));
    }
    lines
}
