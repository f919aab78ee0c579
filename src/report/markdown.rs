//! The report in Markdown: what was decided, by whom, what was done, and how it ended.

use std::fmt::Write as _;

use super::{
    clean::escape,
    document::{Document, EnvironmentLine, HostLine, StageLine},
    says::hosts as hosts_of,
};
use crate::domain::{course::Mode, time::Span};

/// The whole report.
pub fn markdown(report: &Document) -> String {
    let mut out = String::new();
    head(&mut out, report);
    decision(&mut out, report);
    votes(&mut out, report);
    items(&mut out, report);
    waivers(&mut out, report);
    stages(&mut out, report);
    hosts(&mut out, report);
    burn_down(&mut out, report);
    figures(&mut out, report);
    learned(&mut out, report);
    timeline(&mut out, report);
    if let Some(head) = &report.head {
        let _ = writeln!(out, "\n## Record\n\nHead `{head}`. Check it: `golive record verify --head {head}`");
    }
    out
}

fn head(out: &mut String, report: &Document) {
    let how = report.ending.as_deref().unwrap_or(&report.phase);
    // The real thing needs no word; anything else must not be taken for it.
    let mode = if report.mode == Mode::Live.word() { String::new() } else { format!("{} ", report.mode) };
    let (project, version) = (escape(&report.project), escape(&report.version));
    let _ = writeln!(out, "# {mode}{project} {version}: {}\n", escape(how));
    if let Some(reason) = &report.ending_reason {
        let _ = writeln!(out, "> {}\n", escape(reason));
    }
    if let Some(partial) = &report.partial {
        let _ = writeln!(out, "> {}\n", escape(partial));
    }
    let places: Vec<String> = report.environments.iter().map(|it| place(it, report)).collect();
    let places = if places.is_empty() { "none".to_owned() } else { places.join("; ") };
    let by =
        |person: &Option<String>| person.as_ref().map_or(String::new(), |p| format!(" by {}", escape(p)));
    let mut facts = vec![
        ("Session", format!("{} · {}", escape(&report.session), report.mode)),
        (if report.environments.len() > 1 { "Environments" } else { "Environment" }, places),
        ("Artifact", format!("{} `{}`", escape(&report.version), report.digest)),
        ("Plan", format!("`{}`", report.plan_digest)),
        ("Opened", format!("{}{}", report.opened, by(&report.opened_by))),
        ("Go-live", format!("{} planned", report.go_live)),
        ("T-0", report.started.clone().unwrap_or_else(|| "not started".into())),
        ("Closed", report.closed.clone().unwrap_or_else(|| "open".into())),
        ("Conductor", escape(&report.machine)),
    ];
    if let Some(rehearsal) = &report.rehearsal {
        facts.push(("Rehearsal", escape(rehearsal)));
    }
    if let Some(strictness) = &report.strictness {
        facts.push(("Strictness", escape(strictness)));
    }
    if report.no_separation {
        facts.push(("Separation", "none: one person may ask and approve".into()));
    }
    for (name, value) in facts {
        let _ = writeln!(out, "- {name}: {value}");
    }
    for trouble in &report.troubles {
        let _ = writeln!(out, "- **NEEDS A HUMAN**: {}", escape(trouble));
    }
}

/// `beta (test): 2 of 2 hosts on 2.5.0, which stays there`; of one where no stage was started only that.
fn place(it: &EnvironmentLine, report: &Document) -> String {
    let (name, kind, version) = (escape(&it.name), &it.kind, escape(&report.version));
    let unknown = if it.unknown > 0 { format!(", {} unknown", it.unknown) } else { String::new() };
    match (it.begun, it.stays) {
        (false, _) if it.new == 0 => format!("{name} ({kind}): no stage was started"),
        (_, stays) => {
            let stays = if stays { ", and stays there" } else { "" };
            format!(
                "{name} ({kind}): {} of {} on {version}{unknown}{stays}",
                it.new,
                hosts_of(it.hosts as usize)
            )
        }
    }
}

fn decision(out: &mut String, report: &Document) {
    out.push_str("\n## Decision\n\n");
    let Some(decision) = &report.decision else {
        out.push_str("None was declared.\n");
        return;
    };
    let by = decision.by.as_deref().unwrap_or("nobody");
    let _ = write!(out, "**{}**, declared by {} at {}", decision.decision, escape(by), decision.at);
    if !decision.reason.is_empty() {
        let _ = write!(out, ": {}", escape(&decision.reason));
    }
    if let Some(again) = &decision.ask_again {
        let _ = write!(out, "; asked again {again}");
    }
    out.push_str(if decision.expired { ". It has expired.\n" } else { ".\n" });
    for line in &decision.roll_call {
        let _ = writeln!(out, "- {}", escape(line));
    }
}

fn votes(out: &mut String, report: &Document) {
    let rows = report.seats.iter().map(|seat| {
        let mut role = escape(&seat.role);
        if seat.veto {
            role.push_str(" (veto)");
        }
        if !seat.required {
            role.push_str(" (optional)");
        }
        let recorded = seat.recorded_by.as_ref().map(|by| format!("by voice, recorded by {}", escape(by)));
        let note = [Some(escape(&seat.note)).filter(|note| !note.is_empty()), recorded];
        [
            role,
            seat.person.as_deref().map(escape).unwrap_or_default(),
            seat.vote.as_deref().map_or_else(|| seat.state.clone(), escape),
            seat.state.clone(),
            note.into_iter().flatten().collect::<Vec<_>>().join("; "),
            seat.at.clone().unwrap_or_default(),
        ]
    });
    table(out, "Votes", ["seat", "person", "vote", "stands", "note", "at"], rows);
}

/// Every item: an auditor asks who said so and what shows it of those that are ready.
fn items(out: &mut String, report: &Document) {
    let ready = ["done", "waived", "n/a"];
    let done = report.items.iter().filter(|item| ready.contains(&item.state.as_str())).count();
    let rows = report.items.iter().map(|item| {
        let said = [item.by.as_deref().map(escape), item.at.clone()];
        [
            format!("{} ({})", escape(&item.title), escape(&item.id)),
            item.severity.clone(),
            escape(&item.owner),
            item.state.clone(),
            escape(&item.shows),
            said.into_iter().flatten().collect::<Vec<_>>().join(" at "),
        ]
    });
    let title = format!("Checklist: {done} of {} ready", report.items.len());
    table(out, &title, ["item", "severity", "owner", "state", "what shows it", "said by"], rows);
}

fn waivers(out: &mut String, report: &Document) {
    if report.waivers.is_empty() {
        out.push_str("\n## Waivers\n\nNone.\n");
        return;
    }
    let rows = report.waivers.iter().map(|waiver| {
        let approved = match (&waiver.approved_by, &waiver.approved) {
            (Some(by), Some(at)) => format!("{} at {at}", escape(by)),
            _ => "not approved".into(),
        };
        [
            format!("{} ({})", escape(&waiver.title), escape(&waiver.item)),
            escape(&waiver.reason),
            escape(&waiver.asked_by),
            approved,
            waiver.expires.clone(),
        ]
    });
    table(out, "Waivers", ["item", "reason", "asked by", "approved by", "expires"], rows);
}

/// What each stage came after, where that is not simply the one before it.
fn graph(out: &mut String, report: &Document) {
    let before = std::iter::once(None).chain(report.stages.iter().map(|stage| Some(&stage.name)));
    let in_a_row = |(stage, before): (&StageLine, Option<&String>)| {
        stage.after.len() < 2 && stage.after.first() == before
    };
    if report.stages.iter().zip(before).all(in_a_row) {
        return;
    }
    let _ = write!(out, "\nStages go on beside each other:\n\n");
    for stage in &report.stages {
        let after = match stage.after.as_slice() {
            [] => "from the beginning".to_owned(),
            names => format!("after {}", escape(&names.join(", "))),
        };
        let when = match (&stage.started, &stage.passed) {
            (Some(from), Some(to)) => format!(", {from} to {to}"),
            (Some(from), None) => format!(", since {from}"),
            (None, _) => String::new(),
        };
        let _ = writeln!(out, "- {} {after}: {}{when}", escape(&stage.name), stage.state);
    }
}

fn stages(out: &mut String, report: &Document) {
    let or_dash = |text: &Option<String>| text.clone().unwrap_or_else(|| "-".into());
    let rows = report.stages.iter().map(|stage| {
        [
            escape(&stage.name),
            escape(&stage.environment),
            stage.state.clone(),
            stage.hosts.to_string(),
            stage.by.as_deref().map_or_else(|| "-".into(), escape),
            or_dash(&stage.started),
            or_dash(&stage.rolled_out),
            or_dash(&stage.passed),
        ]
    });
    let titles = ["stage", "environment", "state", "hosts", "started by", "started", "rolled out", "passed"];
    table(out, "Stages", titles, rows);
    graph(out, report);
    for stage in &report.stages {
        if let Some(outside) = &stage.outside {
            let _ =
                write!(out, "\n{} was started outside its window {}\n", escape(&stage.name), escape(outside));
        }
    }
    for once in &report.once {
        let _ = write!(out, "\nOnce: {}.\n", escape(once));
    }
    for rollback in &report.rollbacks {
        let what = if rollback.narrow { "Rollback of some hosts" } else { "Rollback" };
        let _ = write!(
            out,
            "\n{what}: {} of {} to {}, from {}",
            hosts_of(rollback.hosts as usize),
            escape(&rollback.environment),
            escape(&rollback.to),
            rollback.started
        );
        let by = rollback.by.as_ref().map_or(String::new(), |by| format!(" by {}", escape(by)));
        let end = rollback.ended.as_ref().map_or(", not ended".into(), |at| format!(" to {at}"));
        let _ = writeln!(out, "{by}{end}.");
        if !rollback.not_brought_back.is_empty() {
            let _ = writeln!(out, "Not brought back: {}.", escape(&rollback.not_brought_back.join(", ")));
        }
    }
}

fn hosts(out: &mut String, report: &Document) {
    let rows = report.hosts.iter().map(|host| {
        let stale = if host.stale { " (stale)" } else { "" };
        [
            escape(&host.host),
            escape(&host.environment),
            format!("{}{stale}", host.runs.as_deref().map_or_else(|| "not observed".into(), escape)),
            lane(host),
            host.took_ms.map_or_else(|| "-".into(), time),
            host.attempts.to_string(),
        ]
    });
    table(out, "Hosts", ["host", "environment", "runs", "lane", "took", "attempts"], rows);
}

fn lane(host: &HostLine) -> String {
    match &host.why {
        Some(why) => format!("{}: {}", host.lane, escape(why)),
        None => host.lane.clone(),
    }
}

fn figures(out: &mut String, report: &Document) {
    let figures = &report.figures;
    let or_dash = |millis: Option<u64>| millis.map_or_else(|| "-".into(), time);
    out.push_str("\n## Figures\n\n");
    let lines = [
        ("rollout, T-0 to its end", or_dash(figures.rollout_ms)),
        ("held", time(figures.held_ms)),
        ("hosts changed", figures.hosts_changed.to_string()),
        ("time a host, median", or_dash(figures.host_median_ms)),
        ("time a host, longest", or_dash(figures.host_longest_ms)),
        ("failed steps", figures.failures.to_string()),
        ("tries again", figures.tries_again.to_string()),
        ("rollbacks", figures.rollbacks.to_string()),
        ("interventions by people", figures.interventions.to_string()),
        ("refusals", figures.refusals.to_string()),
        ("restarts of the conductor", figures.restarts.to_string()),
        ("events", figures.events.to_string()),
    ];
    // Only a stop of all plans one.
    let downtime = figures.downtime_ms.map(|millis| ("DOWNTIME, planned", time(millis)));
    for (name, value) in downtime.into_iter().chain(lines) {
        let _ = writeln!(out, "- {name}: {value}");
    }
}

fn burn_down(out: &mut String, report: &Document) {
    let rows = report
        .burn_down
        .iter()
        .map(|at| [at.at.clone(), at.open.to_string(), at.late.to_string(), at.of.to_string()]);
    table(out, "Burn-down", ["at", "open", "late", "of"], rows);
    if let Some(forecast) = &report.forecast {
        let _ = writeln!(out, "\nAt this pace nothing is open at {forecast}.");
    }
}

/// For the retrospective. The follow-ups are a checklist as golive reads one.
fn learned(out: &mut String, report: &Document) {
    out.push_str("\n## Deviations\n\n");
    if report.deviations.is_empty() {
        out.push_str("None: it went as it was planned.\n");
    }
    for line in &report.deviations {
        let _ = writeln!(out, "- {} **{}** {}", line.at, escape(&line.who), escape(&line.what));
    }
    out.push_str("\n## Follow-ups\n\n");
    if report.follow_ups.is_empty() {
        out.push_str("None.\n");
    }
    for line in &report.follow_ups {
        let owner = line.owner.as_ref().map_or(String::new(), |owner| format!(" @{}", escape(owner)));
        let _ = writeln!(out, "- [ ] {}{owner}", escape(&line.text));
    }
}

fn time(millis: u64) -> String {
    Span::millis(millis).to_string()
}

fn timeline(out: &mut String, report: &Document) {
    out.push_str("\n## Timeline\n\n");
    for line in &report.timeline {
        let _ = writeln!(out, "- {} **{}** {}", line.at, escape(&line.who), escape(&line.what));
    }
}

fn table<const N: usize>(
    out: &mut String,
    title: &str,
    titles: [&str; N],
    rows: impl Iterator<Item = [String; N]>,
) {
    let _ = writeln!(out, "\n## {title}\n\n| {} |\n|{}", titles.join(" | "), "---|".repeat(N));
    for row in rows {
        let _ = writeln!(out, "| {} |", row.join(" | "));
    }
}
