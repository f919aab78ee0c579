//! Pauses between two looks at something that takes a while: short at first, so that what is quick costs
//! nothing, and then longer.

use std::time::Duration;

#[derive(Clone, Copy, Debug)]
pub struct Backoff {
    next: Duration,
    longest: Duration,
}

impl Backoff {
    pub const fn up_to(longest: Duration) -> Self {
        Self { next: Duration::from_millis(20), longest }
    }

    /// Half as long again each time.
    pub fn pause(&mut self) -> Duration {
        let pause = self.next.min(self.longest);
        self.next = (pause * 3 / 2).min(self.longest);
        pause
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_to_the_longest_and_no_further() {
        let mut backoff = Backoff::up_to(Duration::from_millis(50));
        let pauses: Vec<_> = (0..5).map(|_| backoff.pause().as_millis()).collect();
        assert_eq!(pauses, [20, 30, 45, 50, 50]);
    }
}
