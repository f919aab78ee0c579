//! HTTP: status, latency, body, JSON pointer, version. The failing body is kept as evidence.

use futures::future::BoxFuture;
use reqwest::{Method, Response};
use serde_json::Value;

use super::{
    answer::{Answer, Fault},
    ask::{Ask, Probe},
    said::said,
};
use crate::{
    domain::{plan::HttpCheck, time::Span},
    engine::{ending::EVIDENCE, http, tls},
};

/// How much of a body is read.
const BODY: usize = 64 * 1024;

pub struct HttpProbe<'a>(pub &'a HttpCheck);

impl Probe for HttpProbe<'_> {
    fn ask<'a>(&'a self, ask: &'a Ask<'a>) -> BoxFuture<'a, Answer> {
        Box::pin(ask.limited(async move { self.exchange(ask).await.unwrap_or_else(Answer::fault) }))
    }
}

/// What came back.
struct Body {
    text: String,
    /// Longer than what was read.
    cut: bool,
}

impl HttpProbe<'_> {
    async fn exchange(&self, ask: &Ask<'_>) -> Result<Answer, Fault> {
        let started = ask.clock.read().monotonic;
        let url = self.0.url.render(ask.vars);
        let answer = match self.request(ask, &url)?.send().await {
            Ok(answer) => answer,
            Err(error) if http::refused(&error) => return Err(Fault::Refused(authority(&url))),
            Err(error) if error.is_builder() => return Err(Fault::Unasked(format!("{url:?} is not a URL"))),
            Err(error) if let Some(why) = tls::distrust(&error) => return Err(Fault::Distrusted(why)),
            Err(error) if unresolved(&error) => return Err(Fault::Unasked(http::cause(&error))),
            Err(error) => return Err(broken(&error)),
        };
        let status = answer.status().as_u16();
        let body = read(answer).await?;
        let took = Span(ask.clock.read().monotonic.saturating_sub(started));
        let (verdict, version) = self.judge(ask, status, &body, took);
        // Of any other fault the body says nothing that the fault does not.
        let said = match &verdict {
            Err(Fault::Status { .. } | Fault::Lacks(_)) => said(&body.text),
            _ => None,
        };
        let evidence = verdict.is_err().then(|| evidence(status, &body));
        Ok(Answer { verdict, version, said, evidence, took })
    }

    fn request(&self, ask: &Ask<'_>, url: &str) -> Result<reqwest::RequestBuilder, Fault> {
        let client = ask.client.as_ref().map_err(|why| Fault::Unasked(why.clone()))?;
        let method = Method::from_bytes(self.0.method.as_bytes())
            .map_err(|_| Fault::Unasked(format!("{:?} is not a method", self.0.method)))?;
        http::headed(client.request(method, url), &self.0.headers).map_err(Fault::Unasked)
    }

    /// The first thing that is wrong; and what it says it runs, whatever else is wrong.
    fn judge(
        &self,
        ask: &Ask<'_>,
        status: u16,
        body: &Body,
        took: Span,
    ) -> (Result<String, Fault>, Option<String>) {
        let check = self.0;
        let json = || if body.cut { None } else { serde_json::from_str::<Value>(&body.text).ok() };
        let version = check
            .version_pointer
            .as_ref()
            .and_then(|pointer| json()?.pointer(pointer).filter(|value| !value.is_null()).map(plain))
            .filter(|version| !version.is_empty());
        let verdict = (|| {
            if !(check.status.0..=check.status.1).contains(&status) {
                return Err(Fault::Status { found: status, wanted: check.status });
            }
            if let Some(text) = &check.contains
                && !body.text.contains(text.as_str())
            {
                return Err(Fault::Lacks(text.clone()));
            }
            if let Some((pointer, wanted)) = &check.json {
                let json = json().ok_or(Fault::NotJson)?;
                let found = json.pointer(pointer).map_or_else(|| "absent".into(), plain);
                if found != *wanted {
                    let (pointer, wanted) = (pointer.clone(), wanted.clone());
                    return Err(Fault::Differs { pointer, found, wanted });
                }
            }
            if let (Some(pointer), Some(wanted)) = (&check.version_pointer, ask.wants) {
                let found = version.clone().ok_or_else(|| Fault::NoVersion(pointer.clone()))?;
                if found != wanted {
                    return Err(Fault::WrongVersion { found, wanted: wanted.into() });
                }
            }
            match check.latency {
                Some(limit) if took > limit => Err(Fault::Slow { limit }),
                _ => Ok(format!("{status} in {took}")),
            }
        })();
        (verdict, version)
    }
}

/// A JSON value as the plan would write it.
fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

async fn read(mut answer: Response) -> Result<Body, Fault> {
    let mut bytes = Vec::new();
    loop {
        match answer.chunk().await {
            Ok(Some(chunk)) => bytes.extend_from_slice(&chunk),
            Ok(None) => break,
            Err(error) => return Err(broken(&error)),
        }
        if bytes.len() > BODY {
            break;
        }
    }
    let cut = bytes.len() > BODY;
    bytes.truncate(BODY);
    Ok(Body { text: String::from_utf8_lossy(&bytes).into_owned(), cut })
}

/// The status and the beginning of the body.
fn evidence(status: u16, body: &Body) -> String {
    let text: String = body.text.chars().take(EVIDENCE).collect();
    format!("HTTP {status}\n{text}")
}

/// A connection that broke off may be a service that comes up; one that was answered badly is not.
fn broken(error: &reqwest::Error) -> Fault {
    let cause = http::cause(error);
    if http::broke_off(error) { Fault::Broke(cause) } else { Fault::Garbled(cause) }
}

/// Host and port of a URL, without what may stand before them.
fn authority(url: &str) -> String {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    authority.rsplit('@').next().unwrap_or_default().into()
}

/// Whether the name could not be resolved, which says nothing about the service.
fn unresolved(error: &reqwest::Error) -> bool {
    let mut cause: Option<&dyn std::error::Error> = Some(error);
    while let Some(error) = cause {
        if error.to_string().contains("dns error") {
            return true;
        }
        cause = error.source();
    }
    false
}

#[cfg(test)]
mod tests {
    use super::authority;

    #[test]
    fn an_authority_never_holds_a_password() {
        assert_eq!(authority("http://u:p@10.0.0.1:8080/x?y=@z"), "10.0.0.1:8080");
    }
}
