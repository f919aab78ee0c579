//! Whether a theme can be read: the contrast of every role that is read or recognised, by WCAG 2.2 (1.4.3 and
//! 1.4.11, level AA).

use super::{
    role::{Kind, Role},
    themes::Theme,
};
use crate::config::theme::Rgb;

/// A role whose colours are too close to each other.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Contrast {
    pub role: Role,
    pub ratio: f64,
    pub wanted: f64,
}

/// The roles below their contrast, and by how much.
pub fn contrast(theme: &Theme) -> Vec<Contrast> {
    let text = theme.paint(Role::Text).fg;
    let mut low = Vec::new();
    for &role in Role::ALL {
        let wanted = match role.kind() {
            Kind::Text => 4.5,
            Kind::Shape => 3.0,
            Kind::Rule => continue,
        };
        let paint = theme.paint(role);
        let Some(fg) = paint.fg.or(text) else { continue };
        let ratio = ratio(fg, paint.bg.unwrap_or(theme.background));
        if ratio < wanted {
            low.push(Contrast { role, ratio, wanted });
        }
    }
    low
}

/// Contrast of two colours, 1 to 21: `(L1 + 0.05) / (L2 + 0.05)`, the lighter first.
fn ratio(a: Rgb, b: Rgb) -> f64 {
    let (a, b) = (luminance(a), luminance(b));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

/// Relative luminance of an sRGB colour, as WCAG defines it.
fn luminance(Rgb(r, g, b): Rgb) -> f64 {
    let linear = |part: u8| {
        let c = f64::from(part) / 255.0;
        if c <= 0.04045 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) }
    };
    0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::theme::{BUILT_IN, Themes};

    #[test]
    fn contrast_is_that_of_wcag() {
        assert!((ratio(Rgb(0, 0, 0), Rgb(255, 255, 255)) - 21.0).abs() < 0.01);
        assert!((ratio(Rgb(0x76, 0x76, 0x76), Rgb(255, 255, 255)) - 4.54).abs() < 0.01);
    }

    #[test]
    fn every_embedded_theme_can_be_read() {
        for (name, _) in BUILT_IN {
            let theme = Themes::default().load(name).unwrap_or_else(|p| panic!("{name}: {p:?}"));
            let low = contrast(&theme);
            assert!(low.is_empty(), "{name}: {low:?}");
        }
    }
}
