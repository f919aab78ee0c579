//! What can be wrong with a release of the demo, as written on the command line: `selftest@host-5`, `hang`.
//! Pure: what a fault does to a running service is `service::behaviour`'s.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// What goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FaultKind {
    /// 12 of 14 checks pass; the failing dependency is named.
    Selftest,
    /// The port is bound only after half a minute.
    SlowStart,
    /// The process ends by itself a moment after its start.
    Crash,
    /// Connections are accepted and never answered.
    Hang,
    /// Every piece of work takes 400 ms longer.
    Latency,
    /// One piece of work in ten is answered with status 500.
    Errors,
}

impl FaultKind {
    pub const ALL: [(&'static str, FaultKind); 6] = [
        ("selftest", Self::Selftest),
        ("slow-start", Self::SlowStart),
        ("crash", Self::Crash),
        ("hang", Self::Hang),
        ("latency", Self::Latency),
        ("errors", Self::Errors),
    ];

    pub fn word(self) -> &'static str {
        Self::ALL.iter().find(|(_, kind)| *kind == self).map_or("", |(word, _)| word)
    }

    /// Whether a rollout is stopped by it. The others are shown without a verdict until alarms exist.
    pub const fn stops_a_rollout(self) -> bool {
        matches!(self, Self::Selftest | Self::SlowStart | Self::Crash | Self::Hang)
    }
}

/// A fault of a release: on one host, or wherever the release runs.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Fault {
    pub kind: FaultKind,
    pub host: Option<String>,
}

/// A text that is no fault.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadFault {
    #[error(
        "{0:?} is not a fault: write selftest, slow-start, crash, hang, latency or errors, \
         on one host as in selftest@host-5"
    )]
    Kind(String),
    #[error("fault {fault:?} names no host of the demo: its hosts are host-1 to host-{hosts}")]
    Host { fault: String, hosts: u16 },
}

impl Fault {
    /// Whether the fault shows on `host`. `host-5` and `host-05` are one host: the width of the number
    /// depends on how many hosts the demo was started with.
    pub fn on(&self, host: &str) -> bool {
        let same = |named: &str| match (numbered(named), numbered(host)) {
            (Some(one), Some(other)) => one == other,
            _ => named == host,
        };
        self.host.as_deref().is_none_or(same)
    }

    /// Refuses a fault on a host that the demo does not have.
    pub fn checked(self, hosts: u16) -> Result<Self, BadFault> {
        let known = self.host.as_deref().is_none_or(|host| {
            numbered(host).is_some_and(|(of, n)| of == "host" && (1..=u64::from(hosts)).contains(&n))
        });
        if known { Ok(self) } else { Err(BadFault::Host { fault: self.to_string(), hosts }) }
    }
}

/// What a host's name begins with, and the number at its end.
fn numbered(host: &str) -> Option<(&str, u64)> {
    host.rsplit_once('-').and_then(|(of, digits)| Some((of, digits.parse().ok()?)))
}

impl FromStr for Fault {
    type Err = BadFault;

    fn from_str(text: &str) -> Result<Self, BadFault> {
        let bad = || BadFault::Kind(text.chars().take(60).collect());
        let (word, host) = match text.split_once('@') {
            Some((_, "")) => return Err(bad()),
            Some((word, host)) => (word, Some(host.to_owned())),
            None => (text, None),
        };
        let kind = FaultKind::ALL.iter().find(|(w, _)| *w == word).map(|(_, kind)| *kind).ok_or_else(bad)?;
        Ok(Self { kind, host })
    }
}

impl TryFrom<String> for Fault {
    type Error = BadFault;
    fn try_from(text: String) -> Result<Self, BadFault> {
        text.parse()
    }
}

impl From<Fault> for String {
    fn from(fault: Fault) -> String {
        fault.to_string()
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.host {
            Some(host) => write!(f, "{}@{host}", self.kind.word()),
            None => f.write_str(self.kind.word()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_names_its_host_with_or_without_leading_zeros() {
        let fault: Fault = "selftest@host-5".parse().unwrap();
        assert!(fault.on("host-05") && fault.on("host-005") && fault.on("host-5"));
        assert!(!fault.on("host-15") && !fault.on("web-05"));
        let named: Fault = "crash@web-2.example".parse().unwrap();
        assert!(named.on("web-2.example") && !named.on("beta-1.example"));
        assert_eq!(fault.to_string(), "selftest@host-5");
        let everywhere: Fault = "hang".parse().unwrap();
        assert!(everywhere.on("host-01"));
    }

    #[test]
    fn what_is_no_fault_is_refused_with_what_one_may_write() {
        for bad in ["", "selfttest", "selftest@", "@host-1"] {
            let error = bad.parse::<Fault>().unwrap_err().to_string();
            assert!(error.contains("slow-start"), "{error}");
        }
        let error = "crash@host-13".parse::<Fault>().unwrap().checked(12).unwrap_err().to_string();
        assert!(error.contains("host-1 to host-12"), "{error}");
        assert!("crash@host-12".parse::<Fault>().unwrap().checked(12).is_ok());
        assert!("crash@web-1".parse::<Fault>().unwrap().checked(12).is_err());
    }
}
