//! What the Rollout screen shows, ready to be drawn.

use crate::tui::{canvas::Line, glyph::Glyph, screens::layout::Chrome, theme::Role, widgets::Rows};

/// One host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostRow {
    pub role: Role,
    pub glyph: Glyph,
    pub marked: bool,
    pub name: String,
    pub region: String,
    /// What it runs, as observed, a dash for nothing; none: not known.
    pub runs: Option<String>,
    /// Steps done and to do; none where it has no lane.
    pub lane: Option<(u16, u16)>,
    pub step: String,
    pub time: String,
    /// In the pool, out, draining; `?` where nobody knows.
    pub pool: (Role, String),
    /// Why it stands as it does, or what its step says meanwhile.
    pub why: String,
    /// How its last probes answered.
    pub answers: String,
    /// Where an agent changes it: what it is to install, and when the agent looks.
    pub agent: Option<AgentCells>,
}

/// A host's part of the convergence board.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AgentCells {
    /// None: not known.
    pub desired: Option<String>,
    /// `4 min ago`, `?`.
    pub last: (Role, String),
    /// `in 11 min`, `due 2 min ago`.
    pub next: (Role, String),
}

/// One host, in full.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Detail {
    pub title: Line,
    /// How it stands, its steps, its failure.
    pub lines: Vec<Line>,
    /// The end of its output; of one that failed, what was kept as evidence.
    pub output: Vec<Line>,
}

/// How wide the columns of the fleet have to be: hosts are called differently from team to team.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Widths {
    pub name: u16,
    /// None has one: no column.
    pub region: u16,
    pub runs: u16,
    pub lane: u16,
    /// Agents change the hosts: the convergence board.
    pub board: bool,
}

pub struct View<'a> {
    pub chrome: Chrome,
    /// `✔ alpha ─ ▲ 1-box 1/3 ─ ○ production 0/24`.
    pub stages: Line,
    /// There is more than one of them.
    pub several: bool,
    /// `ETA 15:18`, `ETA unknown`.
    pub eta: Line,
    /// `27 hosts · 1 done · 1 failed · 0 working · 25 waiting`.
    pub counts: Line,
    /// The same in few cells: `27 hosts: 1 ✔ 1 ✖ 25 ○`.
    pub brief: Line,
    /// What the list is narrowed to.
    pub narrowed: Line,
    pub rows: Rows,
    pub widths: Widths,
    pub row: &'a dyn Fn(usize) -> HostRow,
    /// How the rows that do not fit stand: `23 more waiting`.
    pub rest: &'a dyn Fn(usize) -> String,
    /// The selected host.
    pub detail: Detail,
    /// Capacity, blast radius, checks, conductor.
    pub safety: Vec<Line>,
    /// `ROLLBACK READY → 2.4.1 on 2 hosts · kept on 27 of 27 · about 35 s`.
    pub rollback: Line,
    pub since: Option<Line>,
    /// Only the detail, over the whole body.
    pub zoomed: bool,
}
