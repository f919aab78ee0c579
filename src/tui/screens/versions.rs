//! Which host runs which version, and what can be done about it: the matrix of versions after something went wrong.
//! The same lines as `golive rollout versions` prints; every mark has its word beside it.

use crate::{
    domain::{
        counted::counted,
        rollout::{Mix, MixedHost, Move, mix, mixed_beside, partial},
        session::Session,
    },
    tui::{canvas::Line, glyph::Glyph, text::width, theme::Role},
};

/// By how many cells what is broken off a line stands in.
pub const HANG: usize = 4;
/// More rows than this are counted only: each is a host that stands like no other.
const ROWS: usize = 200;

/// The hosts, those that need somebody first, and under them the ways on.
pub fn lines(session: &Session, moves: &[Move]) -> Vec<Line> {
    let candidate = &session.course.release.candidate.version;
    let mut lines = Vec::new();
    match mix(session) {
        Some(mix) => {
            lines.push(heading(&mix));
            let partial = partial(session);
            lines.extend(partial.map(|it| Line::of(Role::StateWarn, it.words(candidate.as_str(), 3))));
            lines.extend(table(&rows(&mix.hosts)));
        }
        None => lines.push(Line::new().dim("no stage has begun")),
    }
    for other in mixed_beside(session) {
        lines.extend([Line::new(), heading(&other)]);
        lines.extend(table(&rows(&other.hosts)));
    }
    if !moves.is_empty() {
        lines.push(Line::new());
        lines.push(Line::of(Role::Text, "What can be done, and what it would do"));
        lines.extend(moves.iter().map(way));
    }
    lines
}

/// `production: 1 of 3 hosts seen to run what is wanted of them`; of one where no stage has begun also that.
fn heading(mix: &Mix) -> Line {
    let fine = mix.hosts.iter().filter(|host| host.is_as_wanted()).count();
    let all = counted(mix.hosts.len(), "host");
    let line = Line::from(format!("{}: {fine} of {all} seen to run what is wanted of them", mix.environment));
    if mix.begun { line } else { line.dim(" · no stage has begun there") }
}

/// Hosts that stand alike in everything, by the first of them.
struct Row<'a> {
    host: &'a MixedHost,
    alike: usize,
}

fn rows(hosts: &[MixedHost]) -> Vec<Row<'_>> {
    let mut rows: Vec<Row<'_>> = Vec::new();
    let mut known = std::collections::HashMap::new();
    for host in hosts {
        let key = (&host.before, &host.wanted, &host.runs, host.known, host.stands, &host.why);
        let at = *known.entry(key).or_insert_with(|| {
            rows.push(Row { host, alike: 0 });
            rows.len() - 1
        });
        if let Some(row) = rows.get_mut(at) {
            row.alike += 1;
        }
    }
    rows.sort_by_key(|row| rank(row.host));
    rows
}

fn rank(host: &MixedHost) -> u8 {
    match (host.why.is_some(), host.is_as_wanted()) {
        (true, _) => 0,
        (false, false) => 1,
        (false, true) => 2,
    }
}

fn table(rows: &[Row<'_>]) -> Vec<Line> {
    let version = |version: &Option<crate::domain::name::Version>| {
        version.as_ref().map_or("–".to_owned(), ToString::to_string)
    };
    let titles = ["host", "before", "wanted", "runs", "stands"].map(str::to_owned);
    let cells = |row: &Row<'_>| {
        let host = row.host;
        let others = if row.alike > 1 { format!(" +{}", row.alike - 1) } else { String::new() };
        [
            format!("{}{others}", host.host),
            version(&host.before),
            version(&host.wanted),
            host.runs_words().to_owned(),
            host.stands.to_owned(),
        ]
    };
    let shown: Vec<[String; 5]> = rows.iter().take(ROWS).map(cells).collect();
    let mut widths = titles.each_ref().map(|title| width(title));
    for row in &shown {
        for (known, cell) in widths.iter_mut().zip(row) {
            *known = width(cell).max(*known);
        }
    }
    let padded = |cells: &[String; 5]| -> String {
        let each =
            cells.iter().zip(widths).map(|(cell, to)| format!("{cell}{}", " ".repeat(to - width(cell))));
        each.collect::<Vec<_>>().join("  ")
    };
    let mut lines = vec![Line::new().dim(format!("  {}  why", padded(&titles)))];
    for (row, cells) in rows.iter().zip(&shown) {
        let (role, glyph) = mark(row.host);
        let line = Line::new().mark(role, glyph).text(format!(" {}  ", padded(cells)));
        lines.push(line.dim(row.host.why.as_deref().unwrap_or_default()));
    }
    let hidden: usize = rows.iter().skip(ROWS).map(|row| row.alike).sum();
    if hidden > 0 {
        lines.push(Line::new().dim(format!("  {hidden} more, each in its own way")));
    }
    lines
}

/// Green only what is seen to run what is wanted of it, and stands well.
fn mark(host: &MixedHost) -> (Role, Glyph) {
    match host.stands {
        "failed" => (Role::StateBad, Glyph::Failed),
        "unknown" | "probing" => (Role::StateUnproven, Glyph::Unknown),
        "excluded" | "left out" => (Role::StateWarn, Glyph::Skipped),
        "to go back" => (Role::StateWarn, Glyph::Waiting),
        _ if !host.known => (Role::StateUnproven, Glyph::Unknown),
        "rolled back" if host.is_as_wanted() => (Role::StateWarn, Glyph::RolledBack),
        "done" if host.is_as_wanted() => (Role::StateOk, Glyph::Done),
        "done" | "rolled back" => (Role::StateWarn, Glyph::NeedsHuman),
        _ => (Role::TextDim, Glyph::Waiting),
    }
}

fn way(way: &Move) -> Line {
    let line = Line::of(if way.does.is_some() { Role::Key } else { Role::TextDim }, way.key.to_string());
    match (&way.does, &way.refused) {
        (Some(does), _) => line.text(format!(" {}: {does}", way.what)),
        (None, refused) => {
            line.dim(format!(" {}: not now: {}", way.what, refused.as_deref().unwrap_or_default()))
        }
    }
}
