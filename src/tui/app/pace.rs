//! When to draw: at once after a quiet while, at most every 16 ms in a storm, and not at all when nothing changed.

use std::time::Duration;

use crate::tui::terminal::Moment;

const FRAME: Duration = Duration::from_millis(16);

#[derive(Clone, Copy, Debug, Default)]
pub struct Pace {
    dirty: bool,
    drawn: Option<Moment>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Due {
    /// Nothing changed.
    Never,
    Now,
    At(Moment),
}

impl Pace {
    /// Something changed.
    pub fn mark(&mut self) {
        self.dirty = true;
    }

    pub fn due(&self, at: Moment) -> Due {
        match self.drawn.map(|drawn| drawn.plus(FRAME)) {
            _ if !self.dirty => Due::Never,
            Some(next) if next > at => Due::At(next),
            _ => Due::Now,
        }
    }

    pub fn drawn(&mut self, at: Moment) {
        *self = Self { dirty: false, drawn: Some(at) };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_change_is_drawn_at_once_and_a_storm_at_most_every_16_ms() {
        let ms = |n: u64| Moment(n * 1_000);
        let mut pace = Pace::default();
        assert_eq!(pace.due(ms(0)), Due::Never);
        pace.mark();
        assert_eq!(pace.due(ms(100)), Due::Now);
        pace.drawn(ms(100));
        assert_eq!(pace.due(ms(105)), Due::Never);
        pace.mark();
        assert_eq!(pace.due(ms(105)), Due::At(ms(116)));
        assert_eq!(pace.due(ms(116)), Due::Now);
    }
}
