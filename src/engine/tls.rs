//! The TLS provider of the process: ring, installed once.

use std::sync::Once;

/// Installs the provider. Call it before the first HTTP client is built; later calls do nothing.
pub fn ready() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // An error says that a provider is installed already, which serves as well.
        let _ = rustls::crypto::ring::default_provider().install_default();
    });
}
