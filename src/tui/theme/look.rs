//! A theme on one viewer's terminal: every role as a style of the colours it has, and whether it shows Unicode.

use ratatui::style::{Color, Modifier, Style};

use super::{role::Role, shades::nearest, themes::Theme};
use crate::{
    config::theme::{Paint, Rgb},
    tui::terminal::{Caps, Depth},
};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Look {
    styles: Vec<Style>,
    /// Painted under everything, so that a theme's contrast holds on any terminal; none where few colours leave the
    /// ground to the terminal.
    ground: Style,
    unicode: bool,
}

impl Look {
    pub fn new(theme: &Theme, caps: &Caps) -> Self {
        let styles = Role::ALL.iter().map(|role| style(*role, theme, caps.depth)).collect();
        let ground = match caps.depth {
            Depth::Mono | Depth::Sixteen => Style::new(),
            depth => Style::new().bg(shade(theme.background, depth)),
        };
        Self { styles, ground, unicode: caps.unicode }
    }

    pub fn style(&self, role: Role) -> Style {
        self.styles.get(role as usize).copied().unwrap_or_default()
    }

    /// The same where nothing that is shown is known to be so any more: nothing is green.
    #[must_use]
    pub fn doubted(&self) -> Self {
        let mut doubted = self.clone();
        let stale = self.style(Role::StateStale);
        for role in [Role::StateOk, Role::VoteGo] {
            if let Some(style) = doubted.styles.get_mut(role as usize) {
                *style = stale;
            }
        }
        doubted
    }

    pub fn ground(&self) -> Style {
        self.ground
    }

    pub fn unicode(&self) -> bool {
        self.unicode
    }
}

fn style(role: Role, theme: &Theme, depth: Depth) -> Style {
    let paint = theme.paint(role);
    match depth {
        Depth::Mono => Style::new().add_modifier(role.mono()),
        Depth::Sixteen => {
            // Only weight and the like come from the theme: sixteen colours are the user's own, and mean the same
            // in every theme.
            let mut style = Style::new().add_modifier(modifier(&paint));
            if let Some(index) = role.sixteen() {
                style = style.fg(Color::Indexed(index));
            }
            if paint.bg.is_some() { style.add_modifier(Modifier::REVERSED) } else { style }
        }
        Depth::TwoFiftySix | Depth::True => {
            let mut style = Style::new().add_modifier(modifier(&paint));
            if let Some(fg) = paint.fg {
                style = style.fg(shade(fg, depth));
            }
            if let Some(bg) = paint.bg {
                style = style.bg(shade(bg, depth));
            }
            style
        }
    }
}

fn shade(rgb: Rgb, depth: Depth) -> Color {
    let Rgb(r, g, b) = rgb;
    if depth == Depth::True { Color::Rgb(r, g, b) } else { Color::Indexed(nearest(rgb)) }
}

fn modifier(paint: &Paint) -> Modifier {
    [
        (paint.bold, Modifier::BOLD),
        (paint.dim, Modifier::DIM),
        (paint.italic, Modifier::ITALIC),
        (paint.underline, Modifier::UNDERLINED),
        (paint.reverse, Modifier::REVERSED),
    ]
    .into_iter()
    .filter_map(|(on, modifier)| on.then_some(modifier))
    .fold(Modifier::empty(), Modifier::union)
}
