//! Rows and columns. Columns that have no room are left out by their weight, never squeezed to nothing.

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
    /// The narrowest table that shows it.
    pub from: u16,
}

impl Column {
    pub const fn new(title: &'static str, width: u16) -> Self {
        Self { title, width, grows: false, right: false, from: 0 }
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
    pub const fn from(self, width: u16) -> Self {
        Self { from: width, ..self }
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

/// Column index, where it starts, how wide it is.
fn place(columns: &[Column], width: u16) -> Vec<(usize, u16, u16)> {
    let shown: Vec<usize> = (0..columns.len()).filter(|i| columns[*i].from <= width).collect();
    let fixed: u16 = shown.iter().map(|i| columns[*i].width + 1).sum();
    // One for the marker.
    let spare = width.saturating_sub(fixed + 1);
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
