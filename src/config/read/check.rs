//! Checks and alarms.

use std::collections::BTreeMap;

use super::{
    Reading,
    argv::{BY_REFERENCE, OF_A_CHECK, OF_A_DIRECTORY, OF_AN_ENVIRONMENT},
};
use crate::{
    config::{
        shape::{self, NumberOrText},
        suggest::advice,
    },
    domain::{
        name::{AlarmName, CheckName, EnvironmentName},
        plan::{Alarm, AlarmAction, AlarmRule, Check, CheckKind, Figure, HttpCheck, Place},
        time::Span,
    },
};

/// Of a request or connection.
const ASKING: Span = Span::secs(2);
/// Of a command.
const RUNNING: Span = Span::secs(60);
/// Between two runs of a check that is repeated.
const INTERVAL: Span = Span::secs(10);

const METHODS: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

pub fn checks(
    written: &BTreeMap<String, shape::Check>,
    reading: &mut Reading<'_>,
) -> BTreeMap<CheckName, Check> {
    let mut checks = BTreeMap::new();
    for (key, check) in written {
        let place = Place::of(&["checks", key]);
        let Some(name) = reading.name::<CheckName>(&place, key) else { continue };
        if key == COMPARISON {
            reading.bad(&place, "comparison is built in", "give your check another name");
            continue;
        }
        if let Some(check) = check_of(name.clone(), check, &place, reading) {
            checks.insert(name, check);
        }
    }
    checks
}

/// The built-in check: a human judges both sides until figures do.
pub const COMPARISON: &str = "comparison";

pub fn comparison(name: CheckName) -> Check {
    Check {
        name,
        kind: CheckKind::Comparison,
        timeout: Span::ZERO,
        retries: 0,
        interval: INTERVAL,
        runbook: None,
    }
}

fn check_of(
    name: CheckName,
    written: &shape::Check,
    place: &Place,
    reading: &mut Reading<'_>,
) -> Option<Check> {
    let kind = match (&written.http, &written.tcp, &written.exec) {
        (Some(url), None, None) => {
            foreign(written, place, reading, "http");
            http(url, written, place, reading).map(CheckKind::Http)
        }
        (None, Some(address), None) => {
            foreign(written, place, reading, "tcp");
            tcp(address, written, place, reading)
        }
        (None, None, Some(argv)) => {
            foreign(written, place, reading, "exec");
            exec(argv, written, place, reading)
        }
        (None, None, None) => {
            // One that was written and could not be read is reported already.
            if !["http", "tcp", "exec"].iter().any(|key| reading.is_wrong(&place.key(key))) {
                reading.bad(
                    place,
                    format!("check {name} asks for nothing"),
                    "add http = \"…\", tcp = \"…\" or exec = […]",
                );
            }
            None
        }
        _ => {
            reading.bad(
                place,
                format!("check {name} has more than one of http, tcp and exec"),
                "keep one of them",
            );
            None
        }
    };
    let default = if written.exec.is_some() { RUNNING } else { ASKING };
    let timeout = reading.positive_span(&place.key("timeout"), written.timeout.as_deref(), default);
    let interval = reading.positive_span(&place.key("interval"), written.interval.as_deref(), INTERVAL);
    Some(Check {
        kind: kind?,
        timeout,
        retries: written.retries.unwrap_or(0),
        interval,
        runbook: written.runbook.clone(),
        name,
    })
}

/// Keys of another kind of check would be ignored, so they are refused.
fn foreign(written: &shape::Check, place: &Place, reading: &mut Reading<'_>, kind: &str) {
    let there = [
        ("method", "http", written.method.is_some()),
        ("headers", "http", written.headers.is_some()),
        ("status", "http", written.status.is_some()),
        ("latency", "http", written.latency.is_some()),
        ("contains", "http", written.contains.is_some()),
        ("json", "http", written.json.is_some()),
        ("version_pointer", "http", written.version_pointer.is_some()),
        ("banner", "tcp", written.banner.is_some()),
        ("dir", "exec", written.dir.is_some()),
        ("env", "exec", written.env.is_some()),
        ("same_as", "exec", written.same_as.is_some()),
        ("may_differ", "exec", written.may_differ.is_some()),
    ];
    for (key, of, there) in there {
        if there && of != kind {
            reading.bad(
                &place.key(key),
                format!("`{key}` means nothing to a check by {kind}"),
                format!("it belongs to {of}; take it out"),
            );
        }
    }
}

fn http(url: &str, written: &shape::Check, place: &Place, reading: &mut Reading<'_>) -> Option<HttpCheck> {
    let at = place.key("http");
    reading.no_secret(&at, "http", url, "send it as a header: headers = { Authorization = \"env:NAME\" }");
    let template = reading.template(&at, url, OF_A_CHECK);
    if !url.starts_with("http://") && !url.starts_with("https://") && !reading.is_wrong_itself(&at) {
        reading.bad(&at, format!("{url:?} is not a URL"), "start with http:// or https://");
    }
    let method = written.method.clone().unwrap_or_else(|| "GET".into()).to_ascii_uppercase();
    if !METHODS.contains(&method.as_str()) {
        reading.bad(&place.key("method"), format!("{method:?} is not a method"), advice(&method, METHODS));
    }
    let headers = written.headers.clone().unwrap_or_default();
    for (key, value) in &headers {
        let at = place.key("headers").key(key);
        let token = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b);
        if key.is_empty() || !key.bytes().all(token) {
            reading.bad(
                &at,
                format!("{key:?} is not the name of a header"),
                "use letters, digits and dashes",
            );
        }
        if value.chars().any(char::is_control) {
            reading.bad(&at, format!("the header {key} has a control character"), "take it out");
        }
        reading.no_secret(&at, key, value, BY_REFERENCE);
    }
    let status =
        written.status.as_ref().and_then(|status| self::status(status, &place.key("status"), reading));
    let latency = written
        .latency
        .as_deref()
        .map(|text| reading.positive_span(&place.key("latency"), Some(text), ASKING));
    let json = written.json.as_ref().and_then(|json| {
        let at = place.key("json").key("pointer");
        let found = json.pointer.clone()?;
        pointer(&found, &at, reading);
        Some((found, json.equals.clone()?.0))
    });
    if let Some(version) = &written.version_pointer {
        pointer(version, &place.key("version_pointer"), reading);
    }
    if method == "HEAD" && (written.contains.is_some() || json.is_some() || written.version_pointer.is_some())
    {
        reading.bad(&place.key("method"), "an answer to HEAD has no body to look into", "use GET");
    }
    Some(HttpCheck {
        url: template?,
        method,
        headers,
        status: status.unwrap_or((200, 299)),
        latency,
        contains: written.contains.clone(),
        json,
        version_pointer: written.version_pointer.clone(),
    })
}

fn pointer(text: &str, place: &Place, reading: &mut Reading<'_>) {
    if !text.is_empty() && !text.starts_with('/') {
        reading.bad(place, format!("{text:?} is not a JSON pointer"), format!("write \"/{text}\""));
    }
}

fn status(written: &NumberOrText, place: &Place, reading: &mut Reading<'_>) -> Option<(u16, u16)> {
    let text = match written {
        NumberOrText::Number(number) => number.to_string(),
        NumberOrText::Text(text) => text.clone(),
    };
    let (from, to) = text.split_once('-').unwrap_or((&text, &text));
    let code = |text: &str| text.trim().parse::<u16>().ok().filter(|code| (100..600).contains(code));
    match (code(from), code(to)) {
        (Some(from), Some(to)) if from <= to => Some((from, to)),
        _ => {
            reading.bad(place, format!("{text:?} is not a status"), "write 204, or \"200-299\"");
            None
        }
    }
}

/// As much as a banner is heard of.
const BANNER: usize = 256;

fn tcp(address: &str, written: &shape::Check, place: &Place, reading: &mut Reading<'_>) -> Option<CheckKind> {
    let banner = written.banner.clone();
    if banner.as_ref().is_some_and(|banner| banner.is_empty() || banner.len() > BANNER) {
        let what = format!("a banner has 1 to {BANNER} bytes");
        reading.bad(&place.key("banner"), what, "write its beginning, such as \"SSH-2.0\"");
    }
    let place = &place.key("tcp");
    let port = address.rsplit_once(':');
    let good = port.is_some_and(|(host, port)| {
        !host.is_empty() && (port == "{port}" || port.parse::<u16>().is_ok_and(|port| port > 0))
    });
    if !good || address.contains("://") {
        reading.bad(place, format!("{address:?} is not host:port"), "write \"{host}:8080\"");
        return None;
    }
    reading.template(place, address, OF_A_CHECK).map(|address| CheckKind::Tcp { address, banner })
}

fn exec(
    argv: &[String],
    written: &shape::Check,
    place: &Place,
    reading: &mut Reading<'_>,
) -> Option<CheckKind> {
    if let Some(with) = &written.same_as {
        return parity(argv, with, written, place, reading);
    }
    if written.may_differ.is_some() {
        let text = "`may_differ` means nothing where no settings are compared";
        reading.bad(&place.key("may_differ"), text, "add same_as = \"production\", or take it out");
    }
    let argv = reading.argv(&place.key("exec"), argv, OF_A_CHECK);
    let dir = match &written.dir {
        Some(dir) => Some(reading.template(&place.key("dir"), dir, OF_A_DIRECTORY)?),
        None => None,
    };
    let env = written.env.clone().unwrap_or_default();
    let env = reading.env(&place.key("env"), &env, OF_A_CHECK);
    Some(CheckKind::Exec { argv: argv?, dir, env })
}

fn parity(
    argv: &[String],
    with: &str,
    written: &shape::Check,
    place: &Place,
    reading: &mut Reading<'_>,
) -> Option<CheckKind> {
    let argv = reading.argv(&place.key("exec"), argv, OF_AN_ENVIRONMENT);
    let dir = match &written.dir {
        Some(dir) => Some(reading.template(&place.key("dir"), dir, OF_AN_ENVIRONMENT)?),
        None => None,
    };
    let env = written.env.clone().unwrap_or_default();
    let env = reading.env(&place.key("env"), &env, OF_AN_ENVIRONMENT);
    let with = reading.name::<EnvironmentName>(&place.key("same_as"), with)?;
    let allowed = written.may_differ.clone().unwrap_or_default();
    for (nth, name) in allowed.iter().enumerate() {
        let beginning = name.strip_suffix('*').unwrap_or(name);
        if beginning.is_empty() || beginning.contains('*') {
            reading.bad(
                &place.key("may_differ").index(nth),
                format!("{name:?} names no setting"),
                "write a name, or a beginning such as \"LOG_*\"",
            );
        }
    }
    Some(CheckKind::Parity { argv: argv?, dir, env, with, allowed })
}

pub fn alarms(written: &BTreeMap<String, shape::Alarm>, reading: &mut Reading<'_>) -> Vec<Alarm> {
    let mut alarms = Vec::new();
    for (key, alarm) in written {
        let place = Place::of(&["alarms", key]);
        let Some(name) = reading.name::<AlarmName>(&place, key) else { continue };
        let figure = |value: f64, key: &str, reading: &mut Reading<'_>| {
            let figure = Figure::new(value);
            if figure.is_none() {
                reading.bad(&place.key(key), format!("{value} is not a threshold"), "write a number");
            }
            figure
        };
        let rule = match (alarm.above, alarm.below) {
            (Some(above), None) => figure(above, "above", reading).map(AlarmRule::Above),
            (None, Some(below)) => figure(below, "below", reading).map(AlarmRule::Below),
            (None, None) if ["above", "below"].iter().any(|key| reading.is_wrong(&place.key(key))) => None,
            _ => {
                reading.bad(
                    &place,
                    format!("alarm {name} has not exactly one of above and below"),
                    "keep one of them",
                );
                None
            }
        };
        let lasting = reading.span(&place.key("for"), alarm.lasting.as_deref(), Span::ZERO);
        let (Some(rule), Some(metric)) = (rule, alarm.metric.clone()) else { continue };
        let then = match alarm.then {
            Some(shape::AlarmAction::Hold) => AlarmAction::Hold,
            Some(shape::AlarmAction::RollBack) => AlarmAction::RollBack,
            Some(shape::AlarmAction::Page) | None => AlarmAction::Page,
        };
        alarms.push(Alarm { name, metric, rule, lasting, then });
    }
    alarms
}
