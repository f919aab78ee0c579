//! Rows under each other, as wide as the widest: for lists of items, votes, sessions, obstacles.

use unicode_width::UnicodeWidthStr;

/// Two spaces between columns; nothing after the last.
pub fn columns<const N: usize>(rows: &[[String; N]]) -> String {
    let mut widths = [0; N];
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.width());
        }
    }
    let mut out = String::new();
    for row in rows {
        let mut line = String::new();
        for (cell, width) in row.iter().zip(widths) {
            line.push_str(cell);
            line.push_str(&" ".repeat(width - cell.width() + if width == 0 { 0 } else { 2 }));
        }
        out.push_str(line.trim_end());
        out.push('\n');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_stand_under_each_other_and_empty_ones_take_no_room() {
        let row = |a: &str, b: &str, c: &str| [a.to_owned(), b.to_owned(), c.to_owned()];
        let text = columns(&[row("web-01", "", "done"), row("größer-2", "", "failed")]);
        assert_eq!(text, "web-01    done\ngrößer-2  failed\n");
    }
}
