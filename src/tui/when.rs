//! Times and spans as people read them on a screen, in the viewer's own zone.

use jiff::{Timestamp, tz::TimeZone};

use crate::domain::{
    name::Digest,
    session::Session,
    time::{Span, WallTime},
};

fn zoned(at: WallTime, zone: &TimeZone) -> Option<jiff::Zoned> {
    Some(Timestamp::from_microsecond(at.0).ok()?.to_zoned(zone.clone()))
}

/// `13:53`.
pub fn minute(at: WallTime, zone: &TimeZone) -> String {
    zoned(at, zone).map_or_else(|| "?".into(), |z| z.strftime("%H:%M").to_string())
}

/// `13:53:07`.
pub fn second(at: WallTime, zone: &TimeZone) -> String {
    zoned(at, zone).map_or_else(|| "?".into(), |z| z.strftime("%H:%M:%S").to_string())
}

/// `13:53`, or with its day where that is not the day of `now`.
pub fn near(at: WallTime, now: WallTime, zone: &TimeZone) -> String {
    match (zoned(at, zone), zoned(now, zone)) {
        (Some(a), Some(n)) if a.date() == n.date() => a.strftime("%H:%M").to_string(),
        (Some(a), _) => a.strftime("%b %-d %H:%M").to_string(),
        _ => "?".into(),
    }
}

/// `candidate changed 13:40 (8d11… → 9f3c…)`, where the artifact that somebody saw is the one before this.
pub fn candidate_changed(session: &Session, saw: &Digest, now: WallTime, zone: &TimeZone) -> Option<String> {
    let (was, at) = session.course.previous.as_ref().filter(|(was, _)| was.digest == *saw)?;
    let short = |digest: &Digest| digest.short().get(..4).unwrap_or_default().to_owned();
    let is = &session.course.release.candidate.digest;
    Some(format!("candidate changed {} ({}… → {}…)", near(at.wall, now, zone), short(&was.digest), short(is)))
}

/// `T-00:14:20` before, `T+00:06:02` after; with days from one day on: `T-3d 04:00`.
pub fn countdown(go_live: WallTime, now: WallTime) -> String {
    let (sign, span) = if now < go_live { ('-', go_live.since(now)) } else { ('+', now.since(go_live)) };
    // Before the go-live a second that has begun counts whole, so that zero is zero.
    let secs = if sign == '-' { span.0.div_ceil(1_000_000) } else { span.as_secs() };
    let (days, rest) = (secs / 86_400, secs % 86_400);
    let (h, m, s) = (rest / 3_600, rest / 60 % 60, rest % 60);
    if days > 0 { format!("T{sign}{days}d {h:02}:{m:02}") } else { format!("T{sign}{h:02}:{m:02}:{s:02}") }
}

/// How long something has lasted: `1:12`, `2:03:10`.
pub fn lasted(span: Span) -> String {
    let secs = span.as_secs();
    let (h, m, s) = (secs / 3_600, secs / 60 % 60, secs % 60);
    if h > 0 { format!("{h}:{m:02}:{s:02}") } else { format!("{m}:{s:02}") }
}

/// When an item is due, relative to the go-live: `T-14d`, `T-4h`, `T-0`.
pub fn before_go_live(due: Option<Span>) -> String {
    match due {
        None | Some(Span::ZERO) => "T-0".into(),
        Some(span) => {
            let secs = span.as_secs();
            if secs.is_multiple_of(86_400) {
                format!("T-{}d", secs / 86_400)
            } else if secs.is_multiple_of(3_600) {
                format!("T-{}h", secs / 3_600)
            } else {
                format!("T-{}m", secs / 60)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clock_counts_to_zero_and_on() {
        let t0 = WallTime(1_000_000_000_000);
        assert_eq!(countdown(t0, t0.minus(Span::secs(860))), "T-00:14:20");
        assert_eq!(countdown(t0, t0.minus(Span::millis(200))), "T-00:00:01");
        assert_eq!(countdown(t0, t0), "T+00:00:00");
        assert_eq!(countdown(t0, t0.plus(Span::secs(362))), "T+00:06:02");
        assert_eq!(countdown(t0, t0.minus(Span::hours(76))), "T-3d 04:00");
        assert_eq!(before_go_live(Some(Span::hours(4))), "T-4h");
    }
}
