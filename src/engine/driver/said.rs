//! What the `observe` command of a team says about a host.
//!
//! **What `observe` prints**, on standard output, one of:
//!
//! - a JSON object, all of it optional:
//!   `{"version": "2.4.1", "digest": "<sha256>", "healthy": true, "kept": ["2.4.1", "2.4.0"]}`
//! - one line: `2.4.1 <sha256>`, or only `2.4.1`
//! - nothing: nothing is installed
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
}

/// Reads what `observe` printed.
pub fn read(output: &str) -> Result<Said, String> {
    let output = output.trim();
    if output.starts_with('{') {
        return serde_json::from_str(output).map_err(|error| error.to_string());
    }
    let Some(line) = output.lines().last() else { return Ok(Said::default()) };
    let mut words = line.split_whitespace();
    let version = words.next().map(Version::new).transpose().map_err(|error| error.to_string())?;
    let digest = words.next().map(Digest::parse).transpose().map_err(|error| error.to_string())?;
    match words.next() {
        None => Ok(Said { version, digest, healthy: None, kept: None }),
        Some(more) => Err(format!("{more:?} follows version and digest")),
    }
}

impl Said {
    pub fn observed(self, keeps: Option<&Candidate>) -> Observed {
        let kept = keeps.and_then(|keeps| self.kept.as_ref().map(|kept| kept.contains(&keeps.version)));
        let installed = match (&self.version, self.digest) {
            (Some(version), Some(digest)) => Some(Candidate { version: version.clone(), digest }),
            _ => None,
        };
        // A healthy unit runs what is installed; otherwise only the alive check can tell.
        let running =
            if self.healthy == Some(true) { Running::Yes(installed.clone()) } else { Running::Unknown };
        Observed { installed, version: self.version, running, healthy: self.healthy, kept }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
