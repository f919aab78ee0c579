//! Fewer colours: the nearest of the 256 that a terminal has for a colour that a theme wants.

use crate::config::theme::Rgb;

/// The steps of the 6×6×6 cube.
const STEPS: [u8; 6] = [0, 95, 135, 175, 215, 255];

/// The nearest of the cube and the grey ramp (16 to 255); the first sixteen are the user's own and not used.
pub(super) fn nearest(Rgb(r, g, b): Rgb) -> u8 {
    let step = |part: u8| {
        let near = |(_, s): &(usize, &u8)| s.abs_diff(part);
        STEPS.iter().enumerate().min_by_key(near).map_or((0, 0), |(i, s)| (i as u8, *s))
    };
    let ((ri, rs), (gi, gs), (bi, bs)) = (step(r), step(g), step(b));
    let grey = (u16::from(r) + u16::from(g) + u16::from(b)) / 3;
    let ramp = (grey.saturating_sub(3) / 10).min(23) as u8;
    let shade = 8 + 10 * ramp;
    let distance = |x: u8, y: u8, z: u8| {
        let part = |a: u8, b: u8| u32::from(a.abs_diff(b)).pow(2);
        part(r, x) + part(g, y) + part(b, z)
    };
    if distance(shade, shade, shade) < distance(rs, gs, bs) { 232 + ramp } else { 16 + 36 * ri + 6 * gi + bi }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_shade_is_taken() {
        assert_eq!(nearest(Rgb(255, 0, 0)), 196);
        assert_eq!(nearest(Rgb(0, 0, 0)), 16);
        assert_eq!(nearest(Rgb(255, 255, 255)), 231);
        assert_eq!(nearest(Rgb(29, 29, 29)), 234, "a grey is taken from the ramp");
        assert_eq!(nearest(Rgb(90, 140, 178)), 67);
    }
}
