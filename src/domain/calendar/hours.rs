//! Hours of the week by a zone's clocks.
//!
//! A time is inside if the clock on the wall shows it. So an hour that is left out in spring is not there that day, and
//! one that comes twice in autumn is inside both times.

use jiff::{SignedDuration, Timestamp, civil::Date, tz::TimeZone};

use super::zone::{instant, local, wall, zone};
use crate::domain::time::WallTime;

/// From one minute of a day to another, exclusive; 1440 is the day's end.
pub type Minutes = (u16, u16);

#[derive(Clone, Debug)]
pub struct Hours {
    zone: TimeZone,
    /// From Monday on.
    days: [Vec<Minutes>; 7],
}

/// A change is looked for so many days ahead: longer than any zone can put a weekly hour off, by a date that it leaves
/// out altogether.
const AHEAD: i64 = 23;

impl Hours {
    /// None: there is no such zone.
    pub fn new(name: &str, days: [Vec<Minutes>; 7]) -> Option<Self> {
        Some(Self { zone: zone(name)?, days })
    }

    /// None: the time is out of any calendar.
    pub fn contains(&self, at: WallTime) -> Option<bool> {
        let shown = local(&self.zone, at)?;
        let minute = u16::from(shown.hour().cast_unsigned()) * 60 + u16::from(shown.minute().cast_unsigned());
        Some(self.of(shown.date()).iter().any(|(from, to)| (*from..*to).contains(&minute)))
    }

    fn of(&self, date: Date) -> &[Minutes] {
        let day = date.weekday().to_monday_zero_offset().cast_unsigned();
        self.days.get(usize::from(day)).map_or(&[], Vec::as_slice)
    }

    /// When it next turns from open to closed or back; none: not within three weeks.
    pub fn turns_after(&self, at: WallTime) -> Option<WallTime> {
        let was = self.contains(at)?;
        let from = instant(at)?;
        let until = from.checked_add(SignedDuration::from_hours(AHEAD * 24)).ok()?;
        let mut turns: Vec<Timestamp> = self
            .zone
            .following(from)
            .map(|transition| transition.timestamp())
            .take_while(|turn| *turn <= until)
            .collect();
        // Clocks that are put back over midnight show the day before once more.
        let first = self.zone.to_datetime(from).date().yesterday().ok()?;
        for date in first.series(jiff::Span::new().days(1)).take(AHEAD as usize + 2) {
            for minute in self.of(date).iter().flat_map(|(from, to)| [*from, *to]) {
                turns.extend(self.shown_at(date, minute));
            }
        }
        turns.retain(|turn| *turn > from);
        turns.sort_unstable();
        turns.into_iter().map(wall).find(|turn| self.contains(*turn) == Some(!was))
    }

    /// The instants at which the clocks show this minute of this day: one, two where they were put back over it. Where
    /// they were put forward over it there is none, and the putting forward is a turn by itself.
    fn shown_at(&self, date: Date, minute: u16) -> impl Iterator<Item = Timestamp> {
        let date = if minute >= 24 * 60 { date.tomorrow().ok() } else { Some(date) };
        let (hour, minute) = ((minute / 60 % 24) as i8, (minute % 60) as i8);
        let shown = date.map(|date| date.at(hour, minute, 0, 0));
        let offsets = shown.map(|shown| self.zone.to_ambiguous_timestamp(shown).offset());
        let both = match offsets {
            Some(jiff::tz::AmbiguousOffset::Unambiguous { offset }) => [Some(offset), None],
            Some(jiff::tz::AmbiguousOffset::Fold { before, after }) => [Some(before), Some(after)],
            Some(jiff::tz::AmbiguousOffset::Gap { .. }) | None => [None, None],
        };
        both.into_iter().flatten().filter_map(move |offset| offset.to_timestamp(shown?).ok())
    }
}
