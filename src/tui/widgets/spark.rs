//! A small curve in one row.

use crate::domain::time::Span;

const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// The last `cells` spans: the lowest bar up to 2 ms, the highest from 8 s on, each bar four times the one before. The
/// scale is the same for every host and at any time, so that noise is no mountain. No value is `–`, never zero.
pub fn spark(values: &[Option<Span>], cells: usize) -> String {
    let shown = &values[values.len().saturating_sub(cells)..];
    let bar = |span: &Span| {
        let mut bar = 0;
        let mut limit = Span::millis(2).0;
        while span.0 > limit && bar + 1 < BARS.len() {
            limit *= 4;
            bar += 1;
        }
        BARS[bar]
    };
    shown.iter().map(|value| value.as_ref().map_or('–', bar)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_value_is_not_drawn_as_zero() {
        let ms = |ms| Some(Span::millis(ms));
        assert_eq!(spark(&[ms(0), None, ms(9_000), ms(100)], 8), "▁–█▄");
        assert_eq!(spark(&[ms(1), ms(200), ms(200)], 2), "▅▅");
    }

    #[test]
    fn what_varies_a_little_is_a_flat_line() {
        assert_eq!(spark(&[100, 900, 300, 1_900].map(|us| Some(Span(us))), 4), "▁▁▁▁");
    }
}
