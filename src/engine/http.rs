//! The HTTP clients: no connection kept, since a probe that reuses one says something about the past.

use std::{
    collections::BTreeMap,
    io::ErrorKind,
    path::Path,
    sync::{Arc, OnceLock},
    time::Duration,
};

use reqwest::{
    Certificate, Client, ClientBuilder, RequestBuilder,
    header::{HeaderName, HeaderValue},
    redirect::{Attempt, Policy},
};

use super::{secret, tls};

/// How often a download may be sent elsewhere.
const REDIRECTS: usize = 5;

/// The request with the headers that a plan declares, each secret read where it is used; else why it can't be asked.
pub(crate) fn headed(
    mut request: RequestBuilder,
    headers: &BTreeMap<String, String>,
) -> Result<RequestBuilder, String> {
    for (name, value) in headers {
        let value = secret::resolve(value).map_err(|unset| unset.to_string())?;
        let bad = || format!("the header {name} has a name or value that HTTP does not allow");
        let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| bad())?;
        let mut value = HeaderValue::from_str(&value).map_err(|_| bad())?;
        value.set_sensitive(true);
        request = request.header(name, value);
    }
    Ok(request)
}

/// The clients of a plan. Each is made when it is first asked for: it reads the system's certificate authorities, which
/// takes longer than a conductor may take to start.
#[derive(Clone)]
pub(crate) struct Clients {
    /// The plan's own authorities, or why they can't be trusted.
    trusted: Arc<Result<Vec<Certificate>, String>>,
    asking: Arc<OnceLock<Result<Client, String>>>,
    fetching: Arc<OnceLock<Result<Client, String>>>,
}

impl Clients {
    /// `ca` is a PEM file of authorities that are trusted besides the system's; it is read now.
    pub fn trusting(ca: Option<&Path>) -> Self {
        let trusted = Arc::new(ca.map_or_else(|| Ok(Vec::new()), tls::authorities));
        Self { trusted, asking: Arc::default(), fetching: Arc::default() }
    }

    /// For probes and messages: no redirects, since a header with a secret must not follow one; and no proxy, which
    /// would answer for what it asks.
    pub fn asking(&self) -> Result<Client, String> {
        self.made(&self.asking, |base| base.no_proxy().redirect(Policy::none()))
    }

    /// For artifacts, which repositories like to hand out by redirect, and which may lie beyond a proxy
    /// (`HTTPS_PROXY`, `HTTP_PROXY`, `NO_PROXY`).
    pub fn fetching(&self) -> Result<Client, String> {
        self.made(&self.fetching, |base| base.redirect(Policy::custom(follow)))
    }

    fn made(
        &self,
        once: &OnceLock<Result<Client, String>>,
        shape: impl Fn(ClientBuilder) -> ClientBuilder,
    ) -> Result<Client, String> {
        let make = || build((*self.trusted).as_ref().map_err(Clone::clone)?, shape);
        once.get_or_init(make).clone()
    }
}

fn follow(attempt: Attempt<'_>) -> reqwest::redirect::Action {
    if attempt.previous().len() > REDIRECTS {
        return attempt.error(format!("it redirects more than {REDIRECTS} times"));
    }
    let was_safe = attempt.previous().last().is_some_and(|url| url.scheme() == "https");
    if was_safe && attempt.url().scheme() != "https" {
        return attempt.error("it redirects from https to http, where anybody on the way can change it");
    }
    attempt.follow()
}

/// A machine without any certificate authority can still ask over plain http.
fn build(trusted: &[Certificate], shape: impl Fn(ClientBuilder) -> ClientBuilder) -> Result<Client, String> {
    tls::ready();
    let base = || {
        shape(
            Client::builder()
                .pool_max_idle_per_host(0)
                .connect_timeout(Duration::from_secs(10))
                .user_agent(concat!("golive/", env!("CARGO_PKG_VERSION"))),
        )
    };
    base()
        .tls_certs_merge(trusted.iter().cloned())
        .build()
        .or_else(|_| base().tls_certs_only(trusted.iter().cloned()).build())
        .map_err(|error| format!("no HTTP client: {error}"))
}

/// The innermost cause, which is the one that says something; never the URL, which may hold a secret.
pub(crate) fn cause(error: &reqwest::Error) -> String {
    if let Some(why) = tls::distrust(error) {
        return why;
    }
    let mut cause: &dyn std::error::Error = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    if std::ptr::addr_eq(cause, error) {
        // Nothing inside: what reqwest itself says, shortened to its kind.
        return if error.is_builder() {
            "the URL is not usable".into()
        } else {
            "the exchange failed".into()
        };
    }
    cause.to_string()
}

/// What somebody who just tries an address should know.
pub(crate) fn why_not(error: &reqwest::Error) -> String {
    if refused(error) {
        return "nothing listens there yet".into();
    }
    format!("it can't be asked: {}", cause(error))
}

/// Whether the other side refused the connection: there is a machine, and nobody listens.
pub(crate) fn refused(error: &reqwest::Error) -> bool {
    caused_by(error, |kind| kind == ErrorKind::ConnectionRefused)
}

/// Whether the connection was there and went away, or could not be made.
pub(crate) fn broke_off(error: &reqwest::Error) -> bool {
    use ErrorKind::{
        BrokenPipe, ConnectionAborted, ConnectionReset, HostUnreachable, NetworkUnreachable, TimedOut,
        UnexpectedEof,
    };
    let kinds = [
        BrokenPipe,
        ConnectionAborted,
        ConnectionReset,
        HostUnreachable,
        NetworkUnreachable,
        TimedOut,
        UnexpectedEof,
    ];
    // An answer that ends before it is whole has no kind of its own.
    caused_by(error, |kind| kinds.contains(&kind)) || cause(error).contains("before message completed")
}

fn caused_by(error: &reqwest::Error, is: impl Fn(ErrorKind) -> bool) -> bool {
    let mut cause: Option<&dyn std::error::Error> = Some(error);
    while let Some(error) = cause {
        if error.downcast_ref::<std::io::Error>().is_some_and(|io| is(io.kind())) {
            return true;
        }
        cause = error.source();
    }
    false
}
