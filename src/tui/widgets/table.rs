//! Rows and columns. Where there is no room for all columns, whole ones are left out, in the order that they name.

use crate::tui::{
    canvas::{Canvas, Line},
    glyph::Glyph,
    theme::Role,
};

#[derive(Clone, Copy, Debug)]
pub struct Column {
    pub title: &'static str,
    pub width: u16,
    /// Takes what room is left over; one column at most.
    pub grows: bool,
    /// Right-aligned.
    pub right: bool,
    /// Which goes first where there is no room for all: the one with the lowest; none: it always stays.
    pub goes: Option<u8>,
}

impl Column {
    pub const fn new(title: &'static str, width: u16) -> Self {
        Self { title, width, grows: false, right: false, goes: None }
    }
    #[must_use]
    pub const fn grows(self) -> Self {
        Self { grows: true, ..self }
    }
    #[must_use]
    pub const fn right(self) -> Self {
        Self { right: true, ..self }
    }
    #[must_use]
    pub const fn goes(self, order: u8) -> Self {
        Self { goes: Some(order), ..self }
    }
    /// As wide as the widest of its cells, between its own width and `most`.
    #[must_use]
    pub fn fit<'a>(self, cells: impl Iterator<Item = &'a str>, most: u16) -> Self {
        let widest = cells.map(crate::tui::text::width).max().unwrap_or(0).min(most.into());
        Self { width: self.width.max(widest as u16), ..self }
    }
}

/// What of the rows is shown: the first, how many there are, which is selected.
#[derive(Clone, Copy, Debug, Default)]
pub struct Rows {
    pub first: usize,
    pub count: usize,
    pub selected: Option<usize>,
    /// Whether the columns' titles are shown.
    pub head: bool,
}

/// Draws the rows that fit; `cell` says what stands in a row and column (counted as in `columns`). The first column
/// starts after the marker of the selection.
pub fn table(canvas: &mut Canvas<'_>, columns: &[Column], rows: Rows, cell: impl Fn(usize, usize) -> Line) {
    let places = place(columns, canvas.width());
    let mut y = 0;
    if rows.head {
        for (i, x, width) in &places {
            let title = columns[*i].title;
            let x = if columns[*i].right {
                x + width.saturating_sub(crate::tui::text::width(title) as u16)
            } else {
                *x
            };
            canvas.put(x, 0, *width, Role::TextDim, title);
        }
        y = 1;
    }
    for row in rows.first..rows.count {
        if y >= canvas.height() {
            return;
        }
        let selected = rows.selected == Some(row);
        if selected {
            canvas.put(0, y, 1, Role::Accent, Glyph::Selected.unicode());
        }
        for (i, x, width) in &places {
            let line = cell(row, *i);
            let x = if columns[*i].right {
                x + width.saturating_sub((line.width() as u16).min(*width))
            } else {
                *x
            };
            let end = canvas.line(x, y, *width, &line);
            // Only the name is painted: a whole painted row costs hundreds of bytes at every key.
            if selected && *i == 1 {
                canvas.paint(x, y, end.saturating_sub(x), Role::Selection);
            }
        }
        y += 1;
    }
}

/// How wide a table with all of these columns is at least.
pub fn natural<'a>(columns: impl Iterator<Item = &'a Column>) -> u16 {
    // One for the marker.
    1 + columns.map(|column| column.width + 1).sum::<u16>()
}

/// Column index, where it starts, how wide it is.
fn place(columns: &[Column], width: u16) -> Vec<(usize, u16, u16)> {
    let mut shown: Vec<usize> = (0..columns.len()).collect();
    while natural(shown.iter().map(|i| &columns[*i])) > width {
        let first = shown.iter().filter_map(|i| columns[*i].goes.map(|order| (order, *i))).min();
        let Some((_, first)) = first else { break };
        shown.retain(|i| *i != first);
    }
    let spare = width.saturating_sub(natural(shown.iter().map(|i| &columns[*i])));
    let mut x = 1;
    shown
        .into_iter()
        .map(|i| {
            let extra = if columns[i].grows { spare } else { 0 };
            let wide = (columns[i].width + extra).min(width.saturating_sub(x));
            let at = x;
            x += wide + 1;
            (i, at, wide)
        })
        .filter(|(_, _, wide)| *wide > 0)
        .collect()
}
