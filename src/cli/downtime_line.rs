//! The downtime of an environment whose hosts are all stopped before one is deployed, for `status`.

use jiff::tz::TimeZone;
use serde::Serialize;

use super::moment;
use crate::{
    domain::{
        name::EnvironmentName,
        rollout::{Downtime, downtimes},
        session::Session,
        time::{Now, Span, WallTime},
    },
    report::{tenths, utc},
};

/// When nobody served, as planned.
#[derive(Serialize)]
pub struct DowntimeLine {
    environment: String,
    /// Whether that is so now.
    down: bool,
    since: String,
    /// How long this one has lasted, or did.
    lasted_ms: u64,
    /// All of this session together.
    total_ms: u64,
    /// How long it was expected to last; none: not known.
    expected_seconds: Option<u64>,
    #[serde(skip)]
    from: WallTime,
    #[serde(skip)]
    lasted: Span,
}

impl DowntimeLine {
    pub fn all(session: &Session, now: Now) -> Vec<Self> {
        downtimes(session).map(|(name, it)| Self::of(name, it, now)).collect()
    }

    fn of(environment: &EnvironmentName, downtime: &Downtime, now: Now) -> Self {
        let lasted = downtime.by_now(now);
        Self {
            environment: environment.to_string(),
            down: downtime.is_now(),
            since: utc(downtime.since.wall),
            lasted_ms: lasted.0 / 1_000,
            total_ms: downtime.total(now).0 / 1_000,
            expected_seconds: downtime.expected.map(Span::as_secs),
            from: downtime.since.wall,
            lasted,
        }
    }

    pub fn words(&self) -> String {
        let since = moment::full(self.from, &TimeZone::system());
        let expected = self.expected_seconds.map_or("unknown beforehand".to_owned(), |it| {
            format!("expected about {}", Span::secs(it.max(1)))
        });
        let lasted = tenths(self.lasted);
        let total = if self.total_ms > self.lasted_ms + 100 {
            format!(", {} of this session together", tenths(Span(self.total_ms * 1_000)))
        } else {
            String::new()
        };
        if self.down {
            format!("DOWN     {} since {since}, {lasted} by now{total}, {expected}", self.environment)
        } else {
            format!("DOWNTIME {} from {since}, {lasted}{total}, {expected}", self.environment)
        }
    }
}
