//! What every screen shares: the lines around its body, and how large that body is.

use ratatui::layout::Rect;

use crate::tui::{
    canvas::{Canvas, Line},
    keymap::{Keymap, ScreenName, Situation},
    theme::Role,
    widgets::{Header, Message, footer, header, message, rule, waiting},
};

/// How much a viewer's terminal has room for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    /// One line with the verdict.
    Tiny,
    /// The verdict, the counts, what needs somebody, and the way back.
    Small,
    /// 80×24: the whole screen, detail under the list.
    Normal,
    /// 120×36 and up: detail beside the list.
    Wide,
}

impl Class {
    pub const fn of(columns: u16, rows: u16) -> Self {
        if columns < 36 || rows < 6 {
            Self::Tiny
        } else if columns < 76 || rows < 20 {
            Self::Small
        } else if columns < 110 || rows < 30 {
            Self::Normal
        } else {
            Self::Wide
        }
    }
}

/// What stands beside a list has at least this.
const BESIDE: u16 = 38;

/// How wide a list is that needs so much: all of it, or where the detail stands beside, what leaves that its room.
pub fn list_width(columns: u16, rows: u16, needs: u16) -> u16 {
    match Class::of(columns, rows) {
        Class::Wide => needs.max(columns * 3 / 5).min(columns - BESIDE),
        Class::Tiny | Class::Small | Class::Normal => columns,
    }
}

/// The lines around a screen's body.
#[derive(Clone, Debug, Default)]
pub struct Chrome {
    pub header: Header,
    /// What everything waits for, and what will release it.
    pub waiting: Option<Message>,
    /// What happened last, or the answer to a key.
    pub message: Option<Message>,
    /// The line that is being typed in place of the message: a filter.
    pub typing: bool,
}

/// Draws the chrome and returns the place between: under the waiting line, over the message line. For [`Class::Tiny`]
/// it is empty: the verdict is all there is room for.
pub fn chrome(
    canvas: &mut Canvas<'_>,
    view: &Chrome,
    keymap: &Keymap,
    screen: ScreenName,
    situation: &impl Situation,
) -> Rect {
    let area = canvas.area();
    let (columns, rows) = (area.width, area.height);
    if Class::of(columns, rows) == Class::Tiny {
        tiny(canvas, view, keymap, screen, situation);
        return Rect { height: 0, ..area };
    }
    header(canvas, 0, &view.header);
    waiting(canvas, 1, view.waiting.as_ref());
    if let Some(last) = &view.message {
        message(canvas, rows - 2, last);
    }
    footer(canvas, rows - 1, keymap, screen, situation);
    Rect { y: area.y + 2, height: rows - 4, ..area }
}

/// The verdict first; then who and where, if there is a second line; then the keys.
fn tiny(
    canvas: &mut Canvas<'_>,
    view: &Chrome,
    keymap: &Keymap,
    screen: ScreenName,
    situation: &impl Situation,
) {
    let rows = canvas.height();
    match (&view.waiting, &view.message) {
        (Some(verdict), _) | (None, Some(verdict)) => message(canvas, 0, verdict),
        (None, None) => header(canvas, 0, &view.header),
    }
    if rows > 1 {
        footer(canvas, rows - 1, keymap, screen, situation);
    }
    if rows > 2 {
        header(canvas, 1, &view.header);
    }
    if rows > 3
        && let (Some(_), Some(last)) = (&view.waiting, &view.message)
    {
        message(canvas, 2, last);
    }
}

/// A list's title in a rule, and at its right what the list is narrowed to.
pub fn heading(part: &mut Canvas<'_>, y: u16, title: &Line, narrowed: &Line) {
    let x = part.width().saturating_sub(narrowed.width() as u16 + 3);
    rule(part, y, title, Some((x, narrowed)).filter(|(_, line)| !line.is_empty()));
}

/// What a list is narrowed to and how it is sorted, in words: those that hold, the filter among them.
pub fn narrowed(
    before: impl IntoIterator<Item = (bool, &'static str)>,
    filter: &str,
    after: impl IntoIterator<Item = (bool, String)>,
) -> Line {
    let before = before.into_iter().map(|(holds, words)| (holds, words.to_owned()));
    let filter = (!filter.is_empty(), format!("/ {filter}"));
    let all = before.chain([filter]).chain(after);
    let words: Vec<String> = all.filter(|(holds, _)| *holds).map(|(_, words)| words).collect();
    Line::new().dim(words.join(" · "))
}

/// Lines one under the other, as many as fit; returns the row after them.
pub fn lines(canvas: &mut Canvas<'_>, top: u16, lines: &[Line]) -> u16 {
    let mut y = top;
    for line in lines {
        if y >= canvas.height() {
            break;
        }
        let room = canvas.width().saturating_sub(1);
        canvas.line(1, y, room, &line.parts_within(room.into()));
        y += 1;
    }
    y
}

/// As [`lines`], each broken at spaces where it is longer than a row.
pub fn wrapped(canvas: &mut Canvas<'_>, top: u16, text: &[Line]) -> u16 {
    let room = canvas.width().saturating_sub(2);
    let text: Vec<Line> = text.iter().flat_map(|line| line.wrapped(room.into())).collect();
    lines(canvas, top, &text)
}

/// A label and what it says, in two columns, the second broken at spaces.
pub fn labelled(canvas: &mut Canvas<'_>, top: u16, pairs: &[(&str, Line)], label: u16) -> u16 {
    let mut y = top;
    for (name, line) in pairs {
        if y >= canvas.height() {
            break;
        }
        canvas.put(1, y, label, Role::TextDim, name);
        let x = 1 + label + 1;
        let room = canvas.width().saturating_sub(x + 1);
        for line in line.wrapped(room.into()).iter().take(3) {
            canvas.line(x, y, room, line);
            y += 1;
        }
    }
    y
}
