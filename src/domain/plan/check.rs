//! Checks: yes or no, now.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::template::Template;
use crate::domain::{
    name::{CheckName, EnvironmentName},
    time::Span,
};

/// A declared check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Check {
    pub name: CheckName,
    pub kind: CheckKind,
    /// How long one attempt may take.
    pub timeout: Span,
    /// Further attempts after a failed one, before the verdict.
    pub retries: u32,
    /// Between two runs of a check that is repeated (an item's, or `alive` while a host serves).
    pub interval: Span,
    /// What to do when it fails, for whoever is paged.
    pub runbook: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CheckKind {
    Http(HttpCheck),
    /// Connects and closes: `host:port`.
    Tcp {
        address: Template,
        /// What the other side says first has to begin with this, as an ssh server does with `SSH-2.0`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        banner: Option<String>,
    },
    /// Exit status 0 is a pass.
    Exec {
        argv: Vec<Template>,
        dir: Option<Template>,
        env: BTreeMap<String, Template>,
    },
    /// Prints the settings of an environment; those of where it is asked must be the same as those of another one.
    Parity {
        argv: Vec<Template>,
        dir: Option<Template>,
        env: BTreeMap<String, Template>,
        /// The environment to be like.
        with: EnvironmentName,
        /// Settings that may differ: names, or beginnings of names that end with `*`.
        allowed: Vec<String>,
    },
    /// Built in: a human judges both sides until figures do.
    Comparison,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HttpCheck {
    pub url: Template,
    pub method: String,
    pub headers: BTreeMap<String, String>,
    /// Accepted status codes, inclusive.
    pub status: (u16, u16),
    /// The longest accepted time to the whole answer.
    pub latency: Option<Span>,
    /// A text that the body must contain.
    pub contains: Option<String>,
    /// A JSON pointer and the value that must stand there, as text.
    pub json: Option<(String, String)>,
    /// A JSON pointer to where the answer says which version runs.
    pub version_pointer: Option<String>,
}

/// Where a check runs.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scope {
    /// Once for each host, since it names `{host}`, `{name}` or `{port}`.
    Hosts,
    /// Once for the environment.
    Environment,
}

impl Check {
    pub fn scope(&self) -> Scope {
        let per_host = match &self.kind {
            CheckKind::Http(http) => http.url.per_host(),
            CheckKind::Tcp { address, .. } => address.per_host(),
            CheckKind::Exec { argv, dir, env } => {
                argv.iter().chain(dir).chain(env.values()).any(Template::per_host)
            }
            CheckKind::Parity { .. } | CheckKind::Comparison => false,
        };
        if per_host { Scope::Hosts } else { Scope::Environment }
    }
}
