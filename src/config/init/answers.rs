//! The eight answers, and how two of them are read from one line.

use crate::{
    config::hosts::expand,
    domain::name::{PersonName, RoleName},
};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answers {
    /// 1. What the project is called.
    pub name: String,
    /// 2. Where it runs.
    pub hosts: Vec<HostAnswer>,
    /// 3. How a unit is changed, and what the unit is.
    pub driver: DriverAnswer,
    /// 4. Where the artifact comes from; {version} stands where the version does.
    pub artifact: String,
    /// 5. The URL that says that a host is alive.
    pub health: Option<String>,
    /// 6. Who takes part.
    pub people: Vec<PersonAnswer>,
    /// 7. How much is asked before the poll.
    pub size: ListSize,
    /// 8. The machine the conductor lives on.
    pub home: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostAnswer {
    pub name: String,
    pub address: Option<String>,
    pub port: Option<u16>,
}

/// The drivers that this build carries out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DriverAnswer {
    /// Processes on this machine: the directory of the releases, and the start command.
    Local { dir: String, start: Vec<String> },
    /// The team's own commands; a program that is not there yet is written as one that fails and says so.
    Exec { stop: Vec<String>, install: Vec<String>, start: Vec<String> },
}

impl DriverAnswer {
    /// What is proposed for a project of this name.
    pub fn local(name: &str) -> Self {
        let start = vec![format!("{{dir}}/current/bin/{name}"), "--port".into(), "{port}".into()];
        Self::Local { dir: "run".into(), start }
    }

    /// What is proposed for a team's own commands.
    pub fn exec() -> Self {
        let words = |line: &str| line.split(' ').map(str::to_owned).collect();
        Self::Exec {
            stop: words("ops/stop {host}"),
            install: words("ops/install {host} {version}"),
            start: words("ops/start {host}"),
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PersonAnswer {
    pub name: String,
    pub roles: Vec<String>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ListSize {
    /// A dozen items.
    #[default]
    Small,
    /// Before production, and going live.
    Medium,
    /// Everything that golive brings.
    Full,
}

impl ListSize {
    pub const ALL: [(&'static str, ListSize); 3] =
        [("small", Self::Small), ("medium", Self::Medium), ("full", Self::Full)];

    /// The embedded lists; the team's own comes on top.
    pub const fn lists(self) -> &'static [&'static str] {
        match self {
            Self::Small => &["basic"],
            Self::Medium => &["pre-production", "going-live"],
            Self::Full => &[
                "artifact-ready",
                "pipeline",
                "readiness",
                "pre-production",
                "operation",
                "rollout",
                "going-live",
            ],
        }
    }
}

/// An answer that means nothing, and what to write instead.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct BadAnswer(pub String);

/// Hosts on one line: `web-01, web-02:8081, api=10.0.0.7:8080, beta-[01:08]`.
pub fn parse_hosts(line: &str) -> Result<Vec<HostAnswer>, BadAnswer> {
    let mut hosts = Vec::new();
    for word in line.split([',', ' ', '\t']).filter(|word| !word.is_empty()) {
        let (names, place) = match word.split_once('=') {
            Some((names, place)) => (names, Some(place)),
            None => (word, None),
        };
        // A colon inside a range's brackets is the range's.
        let after = names.rfind(']').map_or(0, |at| at + 1);
        let (names, own_port) = match names[after..].rfind(':') {
            Some(at) if place.is_none() => (&names[..after + at], Some(&names[after + at + 1..])),
            _ => (names, None),
        };
        let (address, port) = match place {
            None => (None, own_port),
            Some(place) => match place.rsplit_once(':') {
                Some((address, port)) => (Some(address), Some(port)),
                None => (Some(place), None),
            },
        };
        let port = match port {
            None => None,
            Some(port) => match port.parse::<u16>() {
                Ok(port) if port > 0 => Some(port),
                _ => return Err(BadAnswer(format!("{word:?}: {port:?} is not a port: write web-01:8080"))),
            },
        };
        let names = expand(names).map_err(|bad| BadAnswer(format!("{}: {}", bad.what, bad.help)))?;
        for name in names {
            if hosts.iter().any(|host: &HostAnswer| host.name == name) {
                return Err(BadAnswer(format!("{name} is there twice: name each host once")));
            }
            hosts.push(HostAnswer { name, address: address.map(str::to_owned), port });
        }
    }
    if hosts.is_empty() { Err(BadAnswer("name at least one host: web-01, web-02".into())) } else { Ok(hosts) }
}

/// People on one line: `dana: decider engineering, raj: operations deployer`, or names alone. Roles that a
/// go-live needs and nobody was given are given to the first people.
pub fn parse_people(line: &str) -> Result<Vec<PersonAnswer>, BadAnswer> {
    let mut people: Vec<PersonAnswer> = Vec::new();
    for part in line.split([',', ';']).map(str::trim).filter(|part| !part.is_empty()) {
        let (name, roles) = part.split_once(':').unwrap_or((part, ""));
        let name = PersonName::new(name.trim()).map_err(|bad| BadAnswer(bad.to_string()))?.to_string();
        if name.contains(char::is_whitespace) {
            return Err(BadAnswer(format!(
                "{name:?} is not a login: write dana: decider engineering, raj: operations"
            )));
        }
        if people.iter().any(|person| person.name == name) {
            return Err(BadAnswer(format!("{name} is there twice: name each person once")));
        }
        let mut named = Vec::new();
        for role in roles.split_whitespace() {
            let role = RoleName::new(role).map_err(|bad| BadAnswer(bad.to_string()))?.to_string();
            if !named.contains(&role) {
                named.push(role);
            }
        }
        people.push(PersonAnswer { name, roles: named });
    }
    if people.is_empty() {
        return Err(BadAnswer("name at least yourself".into()));
    }
    complete(&mut people);
    Ok(people)
}

/// Decision and engineering with the first, operations and deploying with the second, where there is one.
fn complete(people: &mut [PersonAnswer]) {
    let second = usize::from(people.len() > 1);
    for (role, whose) in [("decider", 0), ("engineering", 0), ("operations", second), ("deployer", second)] {
        if !people.iter().any(|person| person.roles.iter().any(|r| r == role)) {
            people[whose].roles.push(role.to_owned());
        }
    }
    for person in people {
        if person.roles.is_empty() {
            person.roles.push("engineering".to_owned());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn host(name: &str, address: Option<&str>, port: Option<u16>) -> HostAnswer {
        HostAnswer { name: name.into(), address: address.map(str::to_owned), port }
    }

    #[test]
    fn hosts_are_read_from_one_line() {
        let hosts = parse_hosts("web-[01:02], api:8080 db=10.0.0.7:5432 x=10.0.0.8").unwrap();
        assert_eq!(
            hosts,
            [
                host("web-01", None, None),
                host("web-02", None, None),
                host("api", None, Some(8080)),
                host("db", Some("10.0.0.7"), Some(5432)),
                host("x", Some("10.0.0.8"), None),
            ]
        );
        assert_eq!(parse_hosts("web-[1:2]:90").unwrap()[1], host("web-2", None, Some(90)));
        for bad in ["", " , ", "web:port", "web:0", "a a", "web-[2:1]", "a/b"] {
            assert!(parse_hosts(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn every_role_that_is_needed_is_somebodys() {
        let people = parse_people("dana").unwrap();
        assert_eq!(people[0].roles, ["decider", "engineering", "operations", "deployer"]);
        let people = parse_people("dana, raj: security, lee").unwrap();
        assert_eq!(people[0].roles, ["decider", "engineering"]);
        assert_eq!(people[1].roles, ["security", "operations", "deployer"]);
        assert_eq!(people[2].roles, ["engineering"]);
        for bad in ["", "dana smith", "dana, dana"] {
            assert!(parse_people(bad).is_err(), "{bad}");
        }
    }
}
