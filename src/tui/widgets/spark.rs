//! A small curve in one row.

const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// The last `cells` values, scaled from zero to the largest. No value is `–`, never zero.
pub fn spark(values: &[Option<f64>], cells: usize) -> String {
    let shown = &values[values.len().saturating_sub(cells)..];
    let top = shown.iter().flatten().copied().filter(|v| v.is_finite()).fold(0.0_f64, f64::max);
    shown
        .iter()
        .map(|value| match value {
            Some(v) if v.is_finite() && top > 0.0 => {
                BARS[((v.max(0.0) / top * 7.0).round() as usize).min(BARS.len() - 1)]
            }
            Some(v) if v.is_finite() => BARS[0],
            _ => '–',
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_value_is_not_drawn_as_zero() {
        assert_eq!(spark(&[Some(0.0), None, Some(7.0), Some(3.4)], 8), "▁–█▄");
        assert_eq!(spark(&[Some(0.0), Some(0.0)], 8), "▁▁");
        assert_eq!(spark(&[Some(1.0), Some(2.0), Some(2.0)], 2), "██");
        assert_eq!(spark(&[Some(f64::NAN)], 2), "–");
    }
}
