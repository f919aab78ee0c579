//! How busy a region is through the week, and which of its hours are off-peak.

use serde::{Deserialize, Serialize};

use crate::domain::calendar::Hours;

/// Requests a minute, hour by hour, by the clocks of the region.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrafficMap {
    pub zone: String,
    /// 7 × 24 figures from Monday 00:00 on.
    pub hours: Vec<u32>,
    /// An hour with less than this share of the busiest one, in percent, is off-peak.
    pub off_peak: u8,
}

/// No standard names a share. Half is ours: in an hour under half of the peak, half of a fleet that is made for the
/// peak carries what there is, so that the hosts that are out, or wrong, are not missed.
pub const OFF_PEAK: u8 = 50;

impl TrafficMap {
    pub const HOURS: usize = 7 * 24;

    pub fn peak(&self) -> u32 {
        self.hours.iter().copied().max().unwrap_or_default()
    }

    /// Days from Monday on, from 0.
    pub fn at(&self, day: usize, hour: usize) -> u32 {
        self.hours.get(day * 24 + hour).copied().unwrap_or_default()
    }

    pub fn is_off_peak(&self, day: usize, hour: usize) -> bool {
        u64::from(self.at(day, hour)) * 100 < u64::from(self.peak()) * u64::from(self.off_peak)
    }

    /// The off-peak hours of a day as `(from, to)`, `to` exclusive.
    pub fn spans(&self, day: usize) -> Vec<(u16, u16)> {
        let mut spans: Vec<(u16, u16)> = Vec::new();
        for hour in (0..24_u16).filter(|hour| self.is_off_peak(day, usize::from(*hour))) {
            match spans.last_mut().filter(|(_, to)| *to == hour) {
                Some((_, to)) => *to = hour + 1,
                None => spans.push((hour, hour + 1)),
            }
        }
        spans
    }

    /// None: there is no such zone.
    pub fn off_peak_hours(&self) -> Option<Hours> {
        let minutes = |day| self.spans(day).into_iter().map(|(from, to)| (from * 60, to * 60)).collect();
        Hours::new(&self.zone, std::array::from_fn(minutes))
    }
}
