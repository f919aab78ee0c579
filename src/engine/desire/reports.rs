//! What an agent says of its host: `{"version": …, "digest": …, "checked_in": …, "healthy": …, "kept": […]}`, all but the
//! version optional. `checked_in` is a time with its zone (RFC 3339) or seconds since 1970.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::{
    domain::{
        effect::Candidate,
        name::{Digest, Version},
        plan::{AgentReports, Vars},
        time::WallTime,
    },
    engine::{
        command::{self, CommandLine},
        driver::Looking,
        http,
    },
};

/// How much of a report is read.
const BODY: usize = 16 * 1024;

/// A report as read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reported {
    pub version: Option<Version>,
    pub installed: Option<Candidate>,
    pub checked_in: Option<WallTime>,
    pub healthy: Option<bool>,
    pub kept: Option<Vec<Version>>,
}

/// Reads the report of one host; why it can't be read, else.
pub async fn reported(agents: &AgentReports, at: Looking<'_>) -> Result<Reported, String> {
    let vars = at.unit.vars("");
    let text = match agents {
        AgentReports::Http { url, headers, timeout } => {
            let asking = get(at, url.render(&vars), headers);
            let answer = at.shop.clock.limit(timeout.duration(), asking).await;
            answer.unwrap_or_else(|| Err(format!("no answer within {timeout}")))?
        }
        AgentReports::Exec { command, timeout } => {
            let turn = at.shop.look_permit(at.turn, at.cancel).await;
            let _permit = turn.map_err(|trouble| trouble.to_string())?;
            by_command(at, command, *timeout, &vars).await?
        }
    };
    read(&text)
}

async fn get(at: Looking<'_>, url: String, headers: &BTreeMap<String, String>) -> Result<String, String> {
    let client = at.shop.asking().map_err(|trouble| trouble.to_string())?;
    let mut answer = http::headed(client.get(url), headers)?.send().await.map_err(|error| {
        if http::refused(&error) { "nobody listens there".to_owned() } else { http::cause(&error) }
    })?;
    let status = answer.status();
    if !status.is_success() {
        return Err(format!("it answers {}", status.as_u16()));
    }
    let mut body = Vec::new();
    while let Some(part) = answer.chunk().await.map_err(|error| http::cause(&error))? {
        body.extend_from_slice(&part);
        if body.len() > BODY {
            return Err("its answer is too long".to_owned());
        }
    }
    Ok(String::from_utf8_lossy(&body).into_owned())
}

async fn by_command(
    at: Looking<'_>,
    argv: &[crate::domain::plan::Template],
    timeout: crate::domain::time::Span,
    vars: &Vars,
) -> Result<String, String> {
    let line = CommandLine::render(argv, [], at.shop.dirs.base.clone(), timeout, vars)
        .map_err(|error| error.to_string())?;
    let ran = command::run(&at.shop.clock, &line, at.cancel, None, |_| {})
        .await
        .map_err(|error| error.to_string())?;
    Ok(ran.check("command", timeout).map_err(|trouble| trouble.to_string())?.stdout)
}

fn read(text: &str) -> Result<Reported, String> {
    let text = text.trim();
    if text.is_empty() {
        return Err("it says nothing".to_owned());
    }
    if !text.starts_with('{') {
        let version = Version::new(text).map_err(|error| error.to_string())?;
        return Ok(Reported { version: Some(version), ..Reported::default() });
    }
    let body: Value = serde_json::from_str(text).map_err(|error| format!("it is no JSON: {error}"))?;
    let version = match body.get("version") {
        None | Some(Value::Null) => None,
        Some(Value::String(text)) => Some(Version::new(text).map_err(|error| error.to_string())?),
        Some(other) => return Err(format!("its version is no text: {other}")),
    };
    let digest = match body.get("digest").and_then(Value::as_str) {
        None => None,
        Some(text) => Some(Digest::parse(text).map_err(|error| error.to_string())?),
    };
    let installed = version.clone().zip(digest).map(|(version, digest)| Candidate::new(version, digest));
    let checked_in = match body.get("checked_in") {
        None | Some(Value::Null) => None,
        Some(value) => Some(time(value).ok_or_else(|| format!("its checked_in is no time: {value}"))?),
    };
    let kept = body.get("kept").and_then(Value::as_array).map(|kept| {
        kept.iter().filter_map(Value::as_str).filter_map(|text| Version::new(text).ok()).collect()
    });
    Ok(Reported {
        version,
        installed,
        checked_in,
        healthy: body.get("healthy").and_then(Value::as_bool),
        kept,
    })
}

fn time(value: &Value) -> Option<WallTime> {
    match value {
        Value::String(text) => Some(WallTime(text.parse::<jiff::Timestamp>().ok()?.as_microsecond())),
        Value::Number(number) => {
            let seconds = number.as_f64().filter(|seconds| (0.0..1e11).contains(seconds))?;
            Some(WallTime((seconds * 1e6) as i64))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_says_when_the_agent_looked_last() {
        let said = read(r#"{"version":"2.4.1","checked_in":"2026-11-21T14:02:03Z","more":1}"#).unwrap();
        assert_eq!(said.checked_in, Some(WallTime(1_795_269_723_000_000)));
        assert_eq!(read(r#"{"checked_in":10.5}"#).unwrap().checked_in, Some(WallTime(10_500_000)));
        assert!(read(r#"{"version":"2.4.1","checked_in":"yesterday"}"#).unwrap_err().contains("no time"));
        assert_eq!(read("2.4.1").unwrap().version.unwrap().as_str(), "2.4.1");
        assert!(read("").is_err(), "silence says nothing");
    }
}
