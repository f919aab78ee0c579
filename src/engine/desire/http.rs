//! A store that is asked over HTTP: GET reads a key, PUT sets it where it is unchanged: `If-Match` with the `ETag` that
//! was read (`If-None-Match: *` where nothing was), or the declared field of the body. 409 and 412 say that it changed.

use reqwest::{
    Client, Method, RequestBuilder, StatusCode,
    header::{ETAG, IF_MATCH, IF_NONE_MATCH},
};
use serde_json::json;

use super::{
    key::{Key, Set, at, by},
    said,
};
use crate::{
    domain::{
        desired::{Desired, Wish},
        plan::DesiredStore,
        time::Span,
    },
    engine::{ending::Trouble, http},
};

/// How much of an answer is read.
const BODY: usize = 16 * 1024;

fn declared<'a>(key: &'a Key<'_>) -> Result<(String, Option<&'a str>, Span), String> {
    match key.store {
        DesiredStore::Http { url, revision, timeout, .. } => {
            Ok((url.render(&key.vars), revision.as_deref(), *timeout))
        }
        DesiredStore::Exec { .. } => Err("the store is not asked over HTTP".to_owned()),
    }
}

fn request(key: &Key<'_>, client: &Client, method: Method, url: &str) -> Result<RequestBuilder, String> {
    let DesiredStore::Http { headers, .. } = key.store else { return Err("no HTTP".to_owned()) };
    http::headed(client.request(method, url), headers)
}

/// The answer's status, its `ETag` and what was read of its body.
struct Answer {
    status: StatusCode,
    etag: Option<String>,
    body: String,
}

async fn send(key: &Key<'_>, request: RequestBuilder, timeout: Span) -> Result<Answer, String> {
    let exchange = async {
        let mut answer = request.send().await.map_err(|error| {
            if http::refused(&error) { "nobody listens there".to_owned() } else { http::cause(&error) }
        })?;
        let status = answer.status();
        let etag = answer.headers().get(ETAG).and_then(|etag| etag.to_str().ok()).map(str::to_owned);
        let mut body = Vec::new();
        while let Some(part) = answer.chunk().await.map_err(|error| http::cause(&error))? {
            body.extend_from_slice(&part);
            if body.len() > BODY {
                return Err("its answer is too long".to_owned());
            }
        }
        let body = String::from_utf8_lossy(&body).into_owned();
        Ok(Answer { status, etag, body })
    };
    tokio::select! {
        answer = key.shop.clock.limit(timeout.duration(), exchange) => {
            answer.unwrap_or_else(|| Err(format!("it did not answer within {timeout}")))
        }
        () = key.cancel.cancelled() => Err("cancelled".to_owned()),
    }
}

pub async fn read(key: &Key<'_>) -> Result<Desired, String> {
    let (url, revision, timeout) = declared(key)?;
    let client = key.shop.asking().map_err(|trouble| trouble.to_string())?;
    let answer = send(key, request(key, &client, Method::GET, &url)?, timeout).await?;
    match answer.status {
        StatusCode::NOT_FOUND => Ok(Desired::default()),
        status if status.is_success() => {
            let mut desired = said::read(&answer.body, revision, &key.shop.scrubber())?;
            if revision.is_none() {
                // A weak one may stay the same over a change, and If-Match never matches it (RFC 9110, 13.1.1).
                desired.revision = answer.etag.filter(|etag| !etag.starts_with("W/"));
            }
            Ok(desired)
        }
        status => Err(format!("it answers {}", status.as_u16())),
    }
}

pub async fn set(key: &Key<'_>, wish: &Wish, read: &Desired) -> Set {
    let refused = |why: String| Set::Refused(Trouble::failed(why));
    if read.version.is_some() && read.revision.is_none() {
        return refused(
            "it says neither a strong ETag (a weak one, W/\"…\", can't be compared) nor a revision, so it can't be set \
             without overwriting what others set; name the field of its answer that every change changes: revision = \
             \"FIELD\" in the driver's store"
                .into(),
        );
    }
    let (url, revision, timeout) = match declared(key) {
        Ok(declared) => declared,
        Err(why) => return refused(why),
    };
    let client = match key.shop.asking() {
        Ok(client) => client,
        Err(trouble) => return Set::Refused(trouble),
    };
    let mut body = json!({
        "version": wish.to.version.as_str(),
        "digest": wish.to.digest.to_string(),
        "by": by(wish),
        "at": at(wish),
    });
    let mut request = match request(key, &client, Method::PUT, &url) {
        Ok(request) => request,
        Err(why) => return refused(why),
    };
    match (revision, &read.revision) {
        (Some(field), held) => body[field] = json!(held),
        (None, Some(etag)) => request = request.header(IF_MATCH, etag.as_str()),
        (None, None) => request = request.header(IF_NONE_MATCH, "*"),
    }
    match send(key, request.json(&body), timeout).await {
        Ok(Answer { status, .. }) if status.is_success() => Set::Done,
        Ok(Answer { status: StatusCode::CONFLICT | StatusCode::PRECONDITION_FAILED, .. }) => Set::Conflict,
        Ok(Answer { status, .. }) if status.is_client_error() => {
            refused(format!("it refuses to be set: {}", status.as_u16()))
        }
        Ok(Answer { status, .. }) => Set::Unknown(format!("it answers {}", status.as_u16())),
        Err(why) => Set::Unknown(why),
    }
}
