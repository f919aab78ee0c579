//! Drivers and balancers.

use std::collections::BTreeMap;

use super::{
    Reading,
    argv::{OF_A_DIRECTORY, OF_A_DRIVER, OF_A_HOST, OF_A_LOCK},
    converge,
};
use crate::{
    config::shape::{self, ListOr, TextOr},
    domain::{
        plan::{Balancer, Driver, ExecVerb, Place, Template, Verb},
        time::Span,
    },
};

/// From TERM to KILL.
const STOPPING: Span = Span::secs(10);
/// Releases kept on a host.
const KEEP: u32 = 5;
/// A command of a driver or balancer.
const COMMAND: Span = Span::secs(60);
/// Until open sessions have ended.
const DRAINING: Span = Span::secs(60);

/// The driver at `place`; none where it can't be read, which is then a problem.
pub fn driver(written: &shape::Driver, place: &Place, reading: &mut Reading<'_>) -> Option<Driver> {
    match written {
        shape::Driver::Local { dir, start, env, keep, stop_timeout } => {
            let dir = directory(dir.as_deref()?, &place.key("dir"), reading);
            let start = reading.command_line(&place.key("start"), start.as_ref()?, OF_A_DRIVER);
            let env = reading.env(&place.key("env"), env, OF_A_DRIVER);
            let stop_timeout = reading.span(&place.key("stop_timeout"), stop_timeout.as_deref(), STOPPING);
            Some(Driver::Local { dir: dir?, start: start?, env, keep: keep.unwrap_or(KEEP), stop_timeout })
        }
        shape::Driver::Exec { verbs: written, dir } => {
            let dir = match dir {
                Some(dir) => Some(directory(dir, &place.key("dir"), reading)?),
                None => None,
            };
            let verbs = verbs(written.as_deref()?, &place.key("verbs"), reading);
            Some(Driver::Exec { verbs, dir })
        }
        shape::Driver::Ssh { dir, unit } => {
            let dir = directory(dir.as_deref()?, &place.key("dir"), reading);
            let unit = unit.clone()?;
            if unit.is_empty() || unit.contains(char::is_whitespace) {
                reading.bad(
                    &place.key("unit"),
                    format!("{unit:?} is not a systemd unit"),
                    "write \"shop.service\"",
                );
            }
            Some(Driver::Ssh { dir: dir?, unit })
        }
        shape::Driver::Converge { store, every, tolerance, agents, nudge } => {
            let written = converge::Written { store, every, tolerance, agents, nudge };
            Some(Driver::Converge(Box::new(converge::converge(&written, place, reading)?)))
        }
    }
}

fn directory(text: &str, place: &Place, reading: &mut Reading<'_>) -> Option<Template> {
    if text.trim().is_empty() {
        reading.bad(place, "the directory is empty", "write a path such as \"run\" or \"/srv/shop\"");
        return None;
    }
    reading.template(place, text, OF_A_DIRECTORY)
}

fn verbs(written: &shape::ExecVerbs, place: &Place, reading: &mut Reading<'_>) -> BTreeMap<Verb, ExecVerb> {
    let all = [
        (Verb::Observe, &written.observe),
        (Verb::Fetch, &written.fetch),
        (Verb::Drain, &written.drain),
        (Verb::Stop, &written.stop),
        (Verb::Install, &written.install),
        (Verb::Start, &written.start),
        (Verb::SelfTest, &written.self_test),
        (Verb::Rejoin, &written.rejoin),
        (Verb::Replace, &written.replace),
        (Verb::Lock, &written.lock),
        (Verb::Unlock, &written.unlock),
    ];
    let mut verbs = BTreeMap::new();
    for (verb, command) in all {
        let Some(command) = command else { continue };
        let word = Verb::ALL.iter().find(|(_, v)| *v == verb).map_or("", |(word, _)| *word);
        if let Some(command) = exec_verb(command, verb, &place.key(word), reading) {
            verbs.insert(verb, command);
        }
    }
    let changes = |verb: &Verb| matches!(verb, Verb::Install | Verb::Start);
    if !verbs.keys().any(changes) && !reading.is_wrong(place) {
        reading.bad(
            place,
            "the exec driver has neither an install nor a start command, so it changes nothing",
            "add install = [\"ci/install\", \"{host}\", \"{version}\"]",
        );
    }
    if verbs.contains_key(&Verb::Drain) != verbs.contains_key(&Verb::Rejoin) && !reading.is_wrong(place) {
        reading.bad(
            place,
            "drain and rejoin belong together: a host that is taken out must come back",
            "declare both, or leave both to the balancer",
        );
    }
    if verbs.contains_key(&Verb::Lock) != verbs.contains_key(&Verb::Unlock) && !reading.is_wrong(place) {
        reading.bad(
            place,
            "lock and unlock belong together: an environment that is locked must be released",
            "declare both, or neither",
        );
    }
    verbs
}

fn exec_verb(
    written: &ListOr<shape::ExecVerb>,
    verb: Verb,
    place: &Place,
    reading: &mut Reading<'_>,
) -> Option<ExecVerb> {
    let short = shape::ExecVerb::default();
    let (argv, at, rest) = match written {
        ListOr::List(argv) => (argv, place.clone(), &short),
        ListOr::Table(table) => (table.argv.as_ref()?, place.key("argv"), table),
    };
    // A lock is an environment's, not a host's.
    let holes = if matches!(verb, Verb::Lock | Verb::Unlock) { OF_A_LOCK } else { OF_A_DRIVER };
    let argv = reading.argv(&at, argv, holes);
    let timeout = reading.positive_span(&place.key("timeout"), rest.timeout.as_deref(), COMMAND);
    let env = reading.env(&place.key("env"), &rest.env, holes);
    // Looking changes nothing; anything else is only repeated where the team says that it may be.
    let repeatable = rest.repeatable.unwrap_or(verb == Verb::Observe);
    Some(ExecVerb { argv: argv?, timeout, env, repeatable })
}

pub fn balancer(
    written: &TextOr<shape::Balancer>,
    place: &Place,
    reading: &mut Reading<'_>,
) -> Option<Balancer> {
    let table = match written {
        TextOr::Text(text) if text == "none" => return Some(Balancer::None),
        TextOr::Text(text) => {
            reading.bad(
                place,
                format!("{text:?} is not a balancer"),
                "write \"none\", or a table: { kind = \"haproxy\", socket = \"…\", backend = \"…\" }",
            );
            return None;
        }
        TextOr::Table(table) => table,
    };
    match table {
        shape::Balancer::None {} => Some(Balancer::None),
        shape::Balancer::Haproxy { socket, backend, drain_timeout } => {
            let (socket, backend) = (socket.clone(), backend.clone());
            let drain_timeout = reading.span(&place.key("drain_timeout"), drain_timeout.as_deref(), DRAINING);
            // The words go into HAProxy's command line, where white space and `;` start another one.
            for (key, word) in [("socket", &socket), ("backend", &backend)] {
                let Some(word) = word else { continue };
                let stray = |c: char| c.is_control() || (key == "backend" && !is_haproxy_name(c));
                if word.is_empty() || word.contains(stray) {
                    reading.bad(
                        &place.key(key),
                        format!("{word:?} is not a {key} of HAProxy"),
                        "write it as HAProxy does",
                    );
                }
            }
            Some(Balancer::Haproxy { socket: socket?, backend: backend?, drain_timeout })
        }
        shape::Balancer::Exec { drain, ready, observe, timeout } => {
            let timeout = reading.positive_span(&place.key("timeout"), timeout.as_deref(), COMMAND);
            let mut argv = |key: &str, written: &Option<Vec<String>>| {
                written.as_ref().and_then(|written| reading.argv(&place.key(key), written, OF_A_HOST))
            };
            let (drain, ready, observe) =
                (argv("drain", drain), argv("ready", ready), argv("observe", observe));
            Some(Balancer::Exec { drain: drain?, ready: ready?, observe: observe?, timeout })
        }
    }
}

/// What HAProxy allows in the names of its backends and servers.
fn is_haproxy_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | ':')
}
