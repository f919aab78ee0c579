//! The HTTP client of the demo's own processes: loopback only, a connection of its own for every request, so
//! that no request is lost on a connection which the other side is just closing.

use std::time::Duration;

/// No proxy of the environment, no redirects followed, nothing kept open.
pub fn client() -> reqwest::Result<reqwest::Client> {
    // The demo speaks plain HTTP, but a client can't be made without a TLS provider; one that was installed
    // before is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .pool_max_idle_per_host(0)
        .connect_timeout(Duration::from_secs(1))
        .build()
}
