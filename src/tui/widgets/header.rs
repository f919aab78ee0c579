//! The first line of every screen: project · ENVIRONMENT · version → version, digest · mode, the go-live clock, who is
//! on watch, the age of the data. What matters least goes first when there is no room.

use crate::tui::{
    canvas::{Canvas, Line},
    theme::Role,
};

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Header {
    pub project: String,
    /// In capitals where it is production.
    pub environment: Option<String>,
    pub production: bool,
    pub versions: String,
    pub digest: String,
    /// LIVE, REHEARSAL, DEMO, READ-ONLY.
    pub mode: Option<(Role, String)>,
    /// `T-00:14:20`.
    pub clock: String,
    pub watch: Option<String>,
    /// How old what is shown is, where that is worth saying; stale is never quiet.
    pub age: Option<(Role, String)>,
    /// Who waits for the end of it: in full, and where there is little room.
    pub next: Option<(String, String)>,
    /// A team of one: nobody checks whom.
    pub alone: bool,
}

pub fn header(canvas: &mut Canvas<'_>, y: u16, view: &Header) {
    let (left, right) = fitting(view, canvas.width());
    let start = canvas.right(y, &right);
    canvas.line(0, y, start.saturating_sub(1), &left);
}

/// The two ends of the header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// What is released, and where.
    Release,
    /// How it stands: its clock, who is on watch.
    Watch,
}

/// What stands at a column of the header.
pub fn header_at(view: &Header, width: u16, column: u16) -> Option<End> {
    let (left, right) = fitting(view, width);
    let start = usize::from(width.saturating_sub(1)).saturating_sub(right.width());
    match usize::from(column) {
        at if at >= start && at < start + right.width() => Some(End::Watch),
        at if at < left.width().min(start) => Some(End::Release),
        _ => None,
    }
}

/// From everything to the least, until it fits.
fn fitting(view: &Header, width: u16) -> (Line, Line) {
    let fits = |(left, right): &(Line, Line)| left.width() + right.width() + 4 <= width.into();
    (0..LEAST).map(|spare| lines(view, spare)).find(fits).unwrap_or_else(|| lines(view, LEAST))
}

/// With so many things left out, only the least is left.
const LEAST: u8 = 7;

/// The two ends of the line, with `spare` things left out.
fn lines(view: &Header, spare: u8) -> (Line, Line) {
    let dot = |line: Line| if line.is_empty() { line.dim(" ") } else { line.dim(" · ") };
    let mut left = dot(Line::new()).add(Role::Accent, &view.project);
    if let Some(environment) = &view.environment {
        let role = if view.production { Role::EnvProduction } else { Role::Text };
        left = dot(left).add(role, environment);
    }
    if !view.versions.is_empty() && spare < 6 {
        left = dot(left).text(&view.versions);
        if spare < 2 && !view.digest.is_empty() {
            left = left.dim(format!(" {}", view.digest));
        }
    }
    if view.alone && spare < 4 {
        left = dot(left).dim("alone");
    }
    if let Some((whole, brief)) = view.next.as_ref().filter(|_| spare < 4) {
        left = dot(left).dim(if spare < 1 { whole } else { brief });
    }
    let mut mode = Line::new();
    if let Some((role, word)) = &view.mode {
        mode.push(*role, word);
    }
    let mut right = Line::new();
    let mut end = |role: Role, text: String| {
        if !right.is_empty() {
            right.push(Role::TextDim, "   ");
        }
        right.push(role, text);
    };
    if let Some((role, age)) = &view.age
        && (spare < 1 || *role != Role::TextDim)
        && spare < 7
    {
        end(*role, age.clone());
    }
    if !view.clock.is_empty() {
        let clock = if spare < 5 { view.clock.as_str() } else { view.clock.get(..7).unwrap_or(&view.clock) };
        end(Role::Text, clock.to_owned());
    }
    if let Some(watch) = view.watch.as_ref().filter(|_| spare < 3) {
        end(Role::TextDim, format!("watch: {watch}"));
    }
    if spare < 3 {
        for (role, word) in mode.spans() {
            left = dot(left).add(role, word);
        }
    } else if let Some((role, word)) = &view.mode {
        right.push(Role::TextDim, " ");
        right.push(*role, word);
    }
    (left, right)
}
