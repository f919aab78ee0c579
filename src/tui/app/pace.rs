//! When to draw: at once what somebody did and what comes after a quiet while, at most every 40 ms in a storm of facts,
//! twice a second what only flickers, and not at all when nothing changed.

use std::time::Duration;

use crate::tui::terminal::Moment;

/// Between two frames of a storm of facts: nobody reads faster, and every frame keeps a key waiting.
const FRAME: Duration = Duration::from_millis(40);
/// How long what changes all the time, such as how long a probe took, may be late.
const LATE: Duration = Duration::from_millis(500);

#[derive(Clone, Copy, Debug, Default)]
pub struct Pace {
    /// When the next frame is wanted; none: nothing changed.
    wanted: Option<Moment>,
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
    /// Somebody pressed a key, or the terminal changed: drawn at once.
    pub fn press(&mut self) {
        self.want(Moment::default());
    }

    /// Something changed: drawn at once, unless the last frame has only just been drawn.
    pub fn mark(&mut self) {
        self.want(self.drawn.map_or(Moment::default(), |drawn| drawn.plus(FRAME)));
    }

    /// Something changed that changes all the time.
    pub fn mark_late(&mut self, at: Moment) {
        self.want(at.plus(LATE));
    }

    fn want(&mut self, at: Moment) {
        self.wanted = Some(self.wanted.map_or(at, |wanted| wanted.min(at)));
    }

    pub fn due(&self, at: Moment) -> Due {
        match self.wanted {
            None => Due::Never,
            Some(wanted) if wanted > at => Due::At(wanted),
            Some(_) => Due::Now,
        }
    }

    pub fn drawn(&mut self, at: Moment) {
        *self = Self { wanted: None, drawn: Some(at) };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn ms(n: u64) -> Moment {
        Moment(n * 1_000)
    }

    #[test]
    fn the_first_change_is_drawn_at_once_and_a_storm_at_most_every_40_ms() {
        let mut pace = Pace::default();
        assert_eq!(pace.due(ms(0)), Due::Never);
        pace.mark();
        assert_eq!(pace.due(ms(100)), Due::Now);
        pace.drawn(ms(100));
        assert_eq!(pace.due(ms(105)), Due::Never);
        pace.mark();
        assert_eq!(pace.due(ms(105)), Due::At(ms(140)));
        assert_eq!(pace.due(ms(140)), Due::Now);
    }

    #[test]
    fn a_key_waits_for_no_frame_and_what_flickers_waits_for_half_a_second() {
        let mut pace = Pace::default();
        pace.drawn(ms(100));
        pace.mark_late(ms(110));
        pace.mark_late(ms(300));
        assert_eq!(pace.due(ms(300)), Due::At(ms(610)), "the first one says when");
        pace.mark();
        pace.press();
        assert_eq!(pace.due(ms(101)), Due::Now);
        pace.drawn(ms(101));
        assert_eq!(pace.due(ms(700)), Due::Never);
    }
}
