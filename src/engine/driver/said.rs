//! What the `observe` command of a team says about a host.
//!
//! **What `observe` prints**, on standard output, one of:
//!
//! - a JSON object, all of it optional:
//!   `{"version": "2.4.1", "digest": "<sha256>", "healthy": true, "kept": ["2.4.1", "2.4.0"], "running": true}`
//! - one line: `2.4.1 <sha256>`, or only `2.4.1`
//! - nothing: nothing is installed
//!
//! `"running": false` says that what is installed was started and has definitely ended (`"why"`: in a few words, how); a
//! service that only takes its time to start has not. Then a host under way fails at once, and not at its deadline. Where
//! `running` is not given, or `observe` is one line, only the alive check can tell.
//!
//! Another exit status than 0 says that the host could not be observed: unknown, not gone.

use serde::Deserialize;

use super::drive::{Observed, Running};
use crate::domain::{
    effect::Candidate,
    name::{Digest, Version},
};

/// What `observe` may print as JSON.
#[derive(Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Said {
    version: Option<Version>,
    digest: Option<Digest>,
    healthy: Option<bool>,
    kept: Option<Vec<Version>>,
    running: Option<bool>,
    why: Option<String>,
}

/// Reads what `observe` printed.
pub fn read(output: &str) -> Result<Said, String> {
    let output = output.trim();
    if output.starts_with('{') {
        let said: Said = serde_json::from_str(output).map_err(|error| error.to_string())?;
        if said.running == Some(false) && said.healthy == Some(true) {
            return Err("it is healthy, and does not run".to_owned());
        }
        return Ok(said);
    }
    let Some(line) = output.lines().last() else { return Ok(Said::default()) };
    let mut words = line.split_whitespace();
    let version = words.next().map(Version::new).transpose().map_err(|error| error.to_string())?;
    let digest = words.next().map(Digest::parse).transpose().map_err(|error| error.to_string())?;
    match words.next() {
        None => Ok(Said { version, digest, ..Said::default() }),
        Some(more) => Err(format!("{more:?} follows version and digest")),
    }
}

impl Said {
    pub fn observed(self, keeps: Option<&Candidate>) -> Observed {
        let kept = keeps.and_then(|keeps| self.kept.as_ref().map(|kept| kept.contains(&keeps.version)));
        let installed = match (&self.version, self.digest) {
            (Some(version), Some(digest)) => Some(Candidate::new(version.clone(), digest)),
            _ => None,
        };
        // A healthy unit runs what is installed; otherwise only the alive check can tell.
        let running = match (self.running, self.healthy) {
            (Some(false), _) => ended(self.version.as_ref(), self.why),
            (Some(true), _) | (None, Some(true)) => Running::Yes(installed.clone()),
            (None, _) => Running::Unknown,
        };
        Observed { installed, version: self.version, running, healthy: self.healthy, kept, checked_in: None }
    }
}

/// What does not run where nothing is installed was never started.
fn ended(version: Option<&Version>, why: Option<String>) -> Running {
    let how = why.map_or(String::new(), |why| format!(": {why}"));
    match version {
        Some(version) => Running::Ended(format!("observe says that {version} has ended{how}")),
        None => Running::No(format!("observe says that nothing runs{how}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_installed_can_have_ended() {
        let said = |text: &str| read(text).unwrap().observed(None).running;
        let ended = said(r#"{"version": "2.4.1", "running": false, "why": "exit status 101"}"#);
        assert_eq!(ended, Running::Ended("observe says that 2.4.1 has ended: exit status 101".into()));
        assert_eq!(said(r#"{"running": false}"#), Running::No("observe says that nothing runs".into()));
        assert_eq!(said(r#"{"version": "2.4.1", "running": true}"#), Running::Yes(None));
        assert_eq!(said(r#"{"version": "2.4.1"}"#), Running::Unknown);
        assert!(read(r#"{"healthy": true, "running": false}"#).is_err(), "one of them is wrong");
    }

    #[test]
    fn observations_are_read_in_both_forms() {
        let digest = "ab".repeat(32);
        let version = Version::new("2.4.1").unwrap();
        let json =
            format!(r#"{{"version": "2.4.1", "digest": "{digest}", "healthy": true, "kept": ["2.4.0"]}}"#);
        let said = read(&json).unwrap();
        assert_eq!((said.version.as_ref(), said.healthy), (Some(&version), Some(true)));
        let line = read(&format!("2.4.1 {digest}\n")).unwrap();
        assert_eq!(line.digest, said.digest);
        assert_eq!(read("").unwrap(), Said::default());
        assert!(read("2.4.1 not-a-digest").is_err());
        assert!(read(r#"{"versoin": "2.4.1"}"#).is_err());
    }
}
