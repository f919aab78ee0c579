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
    /// A team of one: nobody checks whom.
    pub alone: bool,
}

pub fn header(canvas: &mut Canvas<'_>, y: u16, view: &Header) {
    let width = usize::from(canvas.width());
    // From everything to the least, until it fits.
    for spare in 0..=7 {
        let (left, right) = lines(view, spare);
        if left.width() + right.width() + 4 <= width || spare == 7 {
            let start = canvas.right(y, &right);
            canvas.line(0, y, start.saturating_sub(1), &left);
            return;
        }
    }
}

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
