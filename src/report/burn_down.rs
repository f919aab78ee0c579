//! How many items of the checklist were open day by day until T-0, and when at that pace none will be. Only what was
//! recorded: the session is folded again and looked at where a day ends.

use super::{document::BurnDown, says::utc};
use crate::domain::{
    checklist,
    event::Stamped,
    session::Session,
    time::{Now, Span, WallTime},
};

/// The items asked before the start, at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Count {
    at: WallTime,
    open: u32,
    late: u32,
    of: u32,
}

impl Count {
    fn at(session: &Session, now: Now) -> Self {
        let mut count = Self { at: now.wall, open: 0, late: 0, of: 0 };
        for spec in session.plan().items.iter().filter(|spec| !spec.post_live) {
            let standing = checklist::standing(session, spec, now);
            count.of += 1;
            count.open += u32::from(!standing.state.ready());
            count.late += u32::from(standing.late);
        }
        count
    }

    pub fn line(&self) -> BurnDown {
        BurnDown { at: utc(self.at), open: self.open, late: self.late, of: self.of }
    }
}

/// At the opening, at the last event of each day (UTC), and at T-0, or now where that has not come.
pub fn burn_down(session: &Session, events: &[Stamped], now: Now) -> Vec<Count> {
    let Some((first, rest)) = events.split_first() else { return Vec::new() };
    let Ok(mut then) = Session::begin(first) else { return Vec::new() };
    let end = session.course.started.unwrap_or(now);
    let mut counts = vec![Count::at(&then, first.now)];
    let mut last = first.now;
    for at in rest.iter().take_while(|at| at.now.wall <= end.wall) {
        if day(at.now.wall) != day(last.wall) {
            counts.push(Count::at(&then, last));
        }
        then.apply(at);
        last = at.now;
    }
    counts.push(Count::at(&then, end));
    counts.dedup_by_key(|count| count.at);
    counts
}

fn day(at: WallTime) -> i64 {
    at.0.div_euclid(Span::days(1).0.cast_signed())
}

/// A straight line from the first count to the last. None where nothing is open, or fewer are not.
pub fn forecast(counts: &[Count], now: Now) -> Option<String> {
    let (first, last) = (counts.first()?, counts.last()?);
    let done = u64::from(first.open.checked_sub(last.open)?);
    if last.open == 0 || done == 0 {
        return None;
    }
    let passed = last.at.since(first.at).0;
    let left = (u128::from(passed) * u128::from(last.open) / u128::from(done)).try_into().ok()?;
    Some(utc(now.wall.plus(Span(left))))
}
