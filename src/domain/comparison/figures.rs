//! What both sides served while they were compared.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::domain::{
    counted::{counted, grouped},
    time::Span,
};

/// Fewer requests than this say nothing of a side.
pub const ENOUGH: u64 = 200;

/// What was counted of the last requests: as few of the last looks as hold enough of them, or all where even these do not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recent {
    pub canary: u64,
    pub of: u64,
    /// How long ago the first of these looks was.
    pub over: Span,
}

/// A balancer's time to an answer is a mean over a host's last 1,024 requests, in which older ones fade: those to the
/// version before are in it as well. After this many there is next to nothing left of them.
pub const SETTLED: u64 = 2_048;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Side {
    pub hosts: u32,
    pub requests: u64,
    /// Answered with a server's error (500 to 599), not answered properly, or not at all.
    pub errors: u64,
    /// Milliseconds from request to answer, of all these requests together, where it is known.
    pub waited: Option<u64>,
}

/// The hosts that have the new version, and the others of their environment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sides {
    pub new: Side,
    pub rest: Side,
}

impl Side {
    /// In hundredths of a percent; none: there were no requests.
    pub const fn error_share(&self) -> Option<u64> {
        (self.errors * 10_000).checked_div(self.requests)
    }

    /// The mean time to an answer in milliseconds; none: not known.
    pub fn response(&self) -> Option<u64> {
        self.waited?.checked_div(self.requests)
    }

    /// With what was counted of the same hosts after it.
    #[must_use]
    pub fn and(&self, later: &Self) -> Self {
        let waited = match (self.waited, later.waited) {
            // Of a side that got no request yet nothing is missing.
            (None, waited) if self.requests == 0 => waited,
            (waited, None) if later.requests == 0 => waited,
            (Some(before), Some(later)) => Some(before + later),
            _ => None,
        };
        Self {
            // A count that has just begun has seen no host yet.
            hosts: if later.hosts == 0 { self.hosts } else { later.hosts },
            requests: self.requests + later.requests,
            errors: self.errors + later.errors,
            waited,
        }
    }
}

impl Sides {
    #[must_use]
    pub fn and(&self, later: &Self) -> Self {
        Self { new: self.new.and(&later.new), rest: self.rest.and(&later.rest) }
    }

    pub const fn requests(&self) -> u64 {
        self.new.requests + self.rest.requests
    }

    /// How much of all requests the hosts with the new version got, in hundredths of a percent.
    pub const fn share(&self) -> Option<u64> {
        (self.new.requests * 10_000).checked_div(self.requests())
    }

    /// Why there is no time to an answer on either side; none: there is one, or nothing was asked.
    pub fn no_response(&self) -> Option<String> {
        let unknown = |side: &Side| side.requests > 0 && side.response().is_none();
        (unknown(&self.new) || unknown(&self.rest))
            .then(|| format!("response time: known once each host has had {SETTLED} requests"))
    }

    /// What is missing for a judgement by these figures; none: nothing.
    pub fn too_few(&self) -> Option<String> {
        let few = |side: &Side, whose: &str| {
            (side.requests < ENOUGH).then(|| format!("{} of {ENOUGH} requests on {whose}", side.requests))
        };
        few(&self.new, "the new version").or_else(|| few(&self.rest, "the rest"))
    }
}

impl fmt::Display for Side {
    /// `1,234 requests, 0.16 % errors, 31 ms`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&counted(grouped(self.requests), "request"))?;
        if let Some(share) = self.error_share() {
            write!(f, ", {}.{:02} % errors", share / 100, share % 100)?;
        }
        match self.response() {
            Some(millis) => write!(f, ", {} ms", grouped(millis)),
            None => Ok(()),
        }
    }
}

impl fmt::Display for Sides {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "new {}; rest {}", self.new, self.rest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn side(requests: u64, errors: u64, waited: Option<u64>) -> Side {
        Side { hosts: 1, requests, errors, waited }
    }

    #[test]
    fn what_is_not_known_is_not_made_up() {
        assert_eq!(side(0, 0, None).error_share(), None, "no request is no share of errors");
        assert_eq!(side(0, 0, Some(0)).response(), None);
        assert_eq!(side(400, 1, Some(12_000)).to_string(), "400 requests, 0.25 % errors, 30 ms");
        assert_eq!(side(1, 0, None).to_string(), "1 request, 0.00 % errors");
        let (known, unknown, none) = (side(10, 1, Some(100)), side(5, 0, None), side(0, 0, None));
        assert_eq!(known.and(&unknown).waited, None, "half of a time is none");
        assert_eq!(none.and(&known), known);
        assert_eq!(known.and(&none).waited, Some(100));
        assert_eq!(known.and(&known), side(20, 2, Some(200)));
    }

    #[test]
    fn too_few_on_either_side_are_too_few() {
        let sides = |new, rest| Sides { new: side(new, 0, None), rest: side(rest, 0, None) };
        assert_eq!(sides(200, 200).too_few(), None);
        assert_eq!(sides(199, 5_000).too_few().unwrap(), "199 of 200 requests on the new version");
        assert_eq!(sides(5_000, 3).too_few().unwrap(), "3 of 200 requests on the rest");
        assert_eq!(sides(1, 3).share(), Some(2_500));
        assert_eq!(sides(0, 0).share(), None);
    }
}
