//! Agents that read a store.

use std::collections::BTreeMap;

use super::{
    Reading,
    argv::{BY_REFERENCE, OF_A_HOST, OF_AN_ENVIRONMENT},
};
use crate::{
    config::shape,
    domain::{
        plan::{AgentReports, Converge, DesiredStore, Place, Template},
        time::Span,
    },
};

/// How often an agent looks where the plan does not say it: what such agents mostly do.
const EVERY: Span = Span::minutes(15);
/// An answer of a store or a report.
const ANSWER: Span = Span::secs(10);
/// A command of the team's.
const COMMAND: Span = Span::secs(60);

/// What stands there.
pub struct Written<'a> {
    pub store: &'a Option<shape::DesiredStore>,
    pub every: &'a Option<String>,
    pub tolerance: &'a Option<String>,
    pub agents: &'a Option<shape::AgentReports>,
    pub nudge: &'a Option<Vec<String>>,
}

/// The driver at `place`; none where it can't be read, which is then a problem.
pub fn converge(written: &Written<'_>, place: &Place, reading: &mut Reading<'_>) -> Option<Converge> {
    let every = reading.positive_span(&place.key("every"), written.every.as_deref(), EVERY);
    let tenth = Span((every.0 / 10).max(Span::secs(1).0));
    let tolerance = reading.span(&place.key("tolerance"), written.tolerance.as_deref(), tenth);
    let agents = match written.agents {
        Some(agents) => Some(reports(agents, &place.key("agents"), reading)?),
        None => None,
    };
    let nudge = match written.nudge {
        Some(argv) => Some(reading.argv(&place.key("nudge"), argv, OF_AN_ENVIRONMENT)?),
        None => None,
    };
    let store = store(written.store.as_ref()?, &place.key("store"), reading)?;
    Some(Converge { store, every, tolerance, agents, nudge })
}

/// Where a secret goes that is no part of an address.
const AS_A_HEADER: &str = "send it as a header: headers = { Authorization = \"env:NAME\" }";

/// The headers of what stands at `place`: none of them holds a secret itself.
fn headers(
    written: &BTreeMap<String, String>,
    place: &Place,
    reading: &mut Reading<'_>,
) -> BTreeMap<String, String> {
    for (name, value) in written {
        reading.no_secret(&place.key("headers").key(name), name, value, BY_REFERENCE);
    }
    written.clone()
}

fn store(written: &shape::DesiredStore, place: &Place, reading: &mut Reading<'_>) -> Option<DesiredStore> {
    match written {
        shape::DesiredStore::Http { url, revision, headers, timeout } => {
            let at = place.key("url");
            let url = url.as_deref()?;
            reading.no_secret(&at, "url", url, AS_A_HEADER);
            let url = reading.template(&at, url, OF_A_HOST)?;
            let headers = self::headers(headers, place, reading);
            if !(url.as_str().starts_with("http://") || url.as_str().starts_with("https://")) {
                reading.bad(
                    &at,
                    "the store's address is no URL",
                    "write \"http://store/desired/{environment}\"",
                );
            }
            let timeout = reading.positive_span(&place.key("timeout"), timeout.as_deref(), ANSWER);
            Some(DesiredStore::Http { url, revision: revision.clone(), headers, timeout })
        }
        shape::DesiredStore::Exec { get, set, timeout } => {
            let timeout = reading.positive_span(&place.key("timeout"), timeout.as_deref(), COMMAND);
            let get = get.as_ref().and_then(|argv| reading.argv(&place.key("get"), argv, OF_A_HOST));
            let set = set.as_ref().and_then(|argv| reading.argv(&place.key("set"), argv, OF_A_HOST));
            let (get, set) = (get?, set?);
            let per_host = |argv: &[Template]| argv.iter().any(Template::per_host);
            if per_host(&get) != per_host(&set) {
                reading.bad(
                    place,
                    "get and set belong together: one of them names a host and the other none",
                    "put {name} or {host} into both, or into neither",
                );
            }
            Some(DesiredStore::Exec { get, set, timeout })
        }
    }
}

fn reports(written: &shape::AgentReports, place: &Place, reading: &mut Reading<'_>) -> Option<AgentReports> {
    let timeout = reading.positive_span(&place.key("timeout"), written.timeout.as_deref(), ANSWER);
    let found = match (&written.url, &written.command) {
        (Some(url), None) => {
            let at = place.key("url");
            reading.no_secret(&at, "url", url, AS_A_HEADER);
            let url = reading.template(&at, url, OF_A_HOST)?;
            let headers = headers(&written.headers, place, reading);
            AgentReports::Http { url, headers, timeout }
        }
        (None, Some(argv)) => {
            if !written.headers.is_empty() {
                let help = "take headers out, or read the report by url";
                reading.bad(&place.key("headers"), "a command sends no headers", help);
            }
            let command = reading.argv(&place.key("command"), argv, OF_A_HOST)?;
            AgentReports::Exec { command, timeout }
        }
        _ => {
            reading.bad(
                place,
                "an agent's report is read in one way",
                "write { url = \"http://store/agents/{name}\" } or { command = [\"ci/agent\", \"{name}\"] }",
            );
            return None;
        }
    };
    if !found.templates().iter().any(|template| template.per_host()) {
        reading.bad(
            place,
            "the reports of all hosts are one and the same",
            "put {name}, {host} or {port} into it",
        );
    }
    Some(found)
}
