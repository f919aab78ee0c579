//! Time as the core knows it: values that are passed in. Nothing here reads a clock.

use std::{fmt, time::Duration};

use serde::{Deserialize, Serialize};

/// Wall time in UTC, in microseconds since 1970. For windows, due dates and expiries, and for people.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct WallTime(pub i64);

/// Time during which a conductor ran this session, in microseconds. It stands still while none runs and while
/// the machine is suspended, so that unobserved time never bakes anything. For bakes and deadlines.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SessionTime(pub u64);

/// The time of one turn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Now {
    pub wall: WallTime,
    pub session: SessionTime,
}

/// A length of time, in microseconds. Written in plans as `10s`, `5m`, `24h`, `14d`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Span(pub u64);

impl Span {
    pub const ZERO: Span = Span(0);

    pub const fn secs(secs: u64) -> Self {
        Self(secs * 1_000_000)
    }
    pub const fn millis(millis: u64) -> Self {
        Self(millis * 1_000)
    }
    pub const fn minutes(minutes: u64) -> Self {
        Self::secs(minutes * 60)
    }
    pub const fn hours(hours: u64) -> Self {
        Self::minutes(hours * 60)
    }
    pub const fn days(days: u64) -> Self {
        Self::hours(days * 24)
    }
    pub const fn as_secs(self) -> u64 {
        self.0 / 1_000_000
    }
    pub const fn duration(self) -> Duration {
        Duration::from_micros(self.0)
    }

    /// Reads `250ms`, `10s`, `5m`, `24h`, `14d`, or a sequence of them (`1h30m`).
    pub fn parse(text: &str) -> Result<Self, BadSpan> {
        let bad = || BadSpan(text.chars().take(40).collect());
        let mut rest = text.trim();
        if rest.is_empty() {
            return Err(bad());
        }
        let mut total: u64 = 0;
        while !rest.is_empty() {
            let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
            let number: u64 = rest[..digits].parse().map_err(|_| bad())?;
            let unit_len = rest[digits..].bytes().take_while(u8::is_ascii_alphabetic).count();
            let unit = &rest[digits..digits + unit_len];
            let micros: u64 = match unit {
                "ms" => 1_000,
                "s" => 1_000_000,
                "m" | "min" => 60_000_000,
                "h" => 3_600_000_000,
                "d" => 86_400_000_000,
                _ => return Err(bad()),
            };
            total = number.checked_mul(micros).and_then(|n| total.checked_add(n)).ok_or_else(bad)?;
            rest = &rest[digits + unit_len..];
        }
        if total > Self::days(3660).0 { Err(bad()) } else { Ok(Self(total)) }
    }
}

/// A text that is not a length of time.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a length of time: write 250ms, 10s, 5m, 24h, 14d or 1h30m")]
pub struct BadSpan(pub String);

impl fmt::Display for Span {
    /// At most two units, the larger first: `3 min 20 s`, `2 d 4 h`, `850 ms`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let secs = self.as_secs();
        let text = match secs {
            0 if self.0 == 0 => "0 s".into(),
            0 => format!("{} ms", self.0 / 1_000),
            1..60 => format!("{secs} s"),
            60..3_600 if secs.is_multiple_of(60) => format!("{} min", secs / 60),
            60..3_600 => format!("{} min {} s", secs / 60, secs % 60),
            3_600..86_400 if (secs / 60).is_multiple_of(60) => format!("{} h", secs / 3_600),
            3_600..86_400 => format!("{} h {} min", secs / 3_600, secs / 60 % 60),
            _ if (secs / 3_600).is_multiple_of(24) => format!("{} d", secs / 86_400),
            _ => format!("{} d {} h", secs / 86_400, secs / 3_600 % 24),
        };
        f.pad(&text)
    }
}

impl SessionTime {
    /// The span since `earlier`; zero if that is later.
    #[inline]
    pub const fn since(self, earlier: SessionTime) -> Span {
        Span(self.0.saturating_sub(earlier.0))
    }
    #[must_use]
    #[inline]
    pub const fn plus(self, span: Span) -> Self {
        Self(self.0.saturating_add(span.0))
    }
}

impl WallTime {
    #[inline]
    pub const fn since(self, earlier: WallTime) -> Span {
        Span({
            let d = self.0.saturating_sub(earlier.0);
            if d > 0 { d.cast_unsigned() } else { 0 }
        })
    }
    #[must_use]
    #[inline]
    pub const fn plus(self, span: Span) -> Self {
        Self(self.0.saturating_add_unsigned(span.0))
    }
    #[must_use]
    pub const fn minus(self, span: Span) -> Self {
        Self(self.0.saturating_sub_unsigned(span.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_read_and_written() {
        assert_eq!(Span::parse("1h30m"), Ok(Span::minutes(90)));
        assert_eq!(Span::parse("250ms"), Ok(Span::millis(250)));
        assert_eq!(Span::parse("14d").map(|s| s.to_string()), Ok("14 d".into()));
        assert_eq!(Span::secs(200).to_string(), "3 min 20 s");
        for bad in ["", "5", "m", "5 m x", "-5m", "99999999999999999999h", "1y"] {
            assert!(Span::parse(bad).is_err(), "{bad}");
        }
    }
}
