//! The HTTP clients: no proxy, and no connection kept, since a probe that reuses one says something about the past.

use std::io::ErrorKind;

use reqwest::{Client, ClientBuilder, redirect::Policy};

use super::tls;

/// For probes and messages: no redirects, since a header with a secret must not follow one.
pub(crate) fn asking() -> Result<Client, String> {
    build(|| base().redirect(Policy::none()))
}

/// For artifacts, which repositories like to hand out by redirect.
pub(crate) fn fetching() -> Result<Client, String> {
    build(|| base().redirect(Policy::limited(5)))
}

fn base() -> ClientBuilder {
    tls::ready();
    Client::builder()
        .no_proxy()
        .pool_max_idle_per_host(0)
        .connect_timeout(std::time::Duration::from_secs(10))
        .user_agent(concat!("golive/", env!("CARGO_PKG_VERSION")))
}

/// A machine without any certificate authority can still ask over plain http.
fn build(builder: impl Fn() -> ClientBuilder) -> Result<Client, String> {
    builder()
        .build()
        .or_else(|_| builder().tls_certs_only([]).build())
        .map_err(|error| format!("no HTTP client: {error}"))
}

/// The innermost cause, which is the one that says something; never the URL, which may hold a secret.
pub(crate) fn cause(error: &reqwest::Error) -> String {
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
