//! TLS: the provider of the process (ring, installed once), whom it trusts besides the system's authorities, and
//! why somebody was not trusted, in words that say what to do.

use std::{error::Error, path::Path, sync::Once};

use reqwest::Certificate;
use rustls::{AlertDescription, CertificateError, pki_types::UnixTime};

/// How many of the names in a certificate are listed.
const NAMES: usize = 4;

/// Installs the provider. Call it before the first HTTP client is built; later calls do nothing.
pub fn ready() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // An error says that a provider is installed already, which serves as well.
        let _ = rustls::crypto::ring::default_provider().install_default();
    });
}

/// The certificates in a PEM file, at least one.
pub(crate) fn authorities(path: &Path) -> Result<Vec<Certificate>, String> {
    let shown = path.display();
    let bytes = std::fs::read(path).map_err(|error| format!("project.ca: {shown} can't be read: {error}"))?;
    match Certificate::from_pem_bundle(&bytes) {
        Ok(found) if !found.is_empty() => Ok(found),
        _ => Err(format!("project.ca: {shown} holds no certificate: it must be PEM")),
    }
}

/// Why TLS came to nothing, if that is why the exchange failed.
pub(crate) fn distrust(error: &reqwest::Error) -> Option<String> {
    let mut cause: Option<&(dyn Error + 'static)> = Some(error);
    while let Some(error) = cause {
        if let Some(found) = error.downcast_ref::<rustls::Error>() {
            return Some(in_words(found));
        }
        // An io::Error hands over the source of what it wraps, not what it wraps.
        let wrapped = error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
        cause = wrapped.map(|inner| inner as &(dyn Error + 'static)).or_else(|| error.source());
    }
    None
}

fn in_words(error: &rustls::Error) -> String {
    match error {
        rustls::Error::InvalidCertificate(why) => format!("not trusted: {}", certificate(why)),
        rustls::Error::InvalidMessage(_) => "no TLS is spoken there: is it http://?".into(),
        rustls::Error::PeerIncompatible(_)
        | rustls::Error::AlertReceived(
            AlertDescription::HandshakeFailure | AlertDescription::ProtocolVersion,
        ) => "it offers no TLS 1.2 or 1.3 with ciphers that are still safe: update its TLS settings".into(),
        rustls::Error::AlertReceived(AlertDescription::UnrecognisedName) => {
            "it serves no such name over TLS: ask by the name it is set up for".into()
        }
        rustls::Error::AlertReceived(AlertDescription::CertificateRequired) => {
            "it wants a client's certificate, which golive does not send: ask by an exec check".into()
        }
        other => format!("TLS failed: {other}"),
    }
}

fn certificate(error: &CertificateError) -> String {
    use CertificateError as E;
    match error {
        E::UnknownIssuer => "its certificate was issued by nobody trusted here: \
                             name the issuer's certificate (a PEM file) as ca in [project]"
            .into(),
        E::NotValidForNameContext { expected, presented } => {
            let names: Vec<_> = presented.iter().take(NAMES).map(|name| bare(name)).collect();
            let (asked, more) = (expected.to_str(), if presented.len() > NAMES { " …" } else { "" });
            match &names[..] {
                [] => format!("its certificate names no host at all: issue one that names {asked}"),
                names => format!(
                    "its certificate is for {}{more}, not {asked}: ask by such a name, or issue one that names {asked}",
                    names.join(", ")
                ),
            }
        }
        E::ExpiredContext { not_after, .. } => {
            format!("its certificate ran out on {}: renew it", day(*not_after))
        }
        E::Expired => "its certificate ran out: renew it".into(),
        E::NotValidYetContext { not_before, .. } => {
            format!("its certificate is valid from {} on: is this machine's clock right?", day(*not_before))
        }
        E::Revoked => "its certificate was revoked: replace it".into(),
        E::Other(other) if other.to_string().contains("CaUsedAsEndEntity") => {
            "its certificate is an authority's, not a server's: issue one with basicConstraints CA:FALSE"
                .into()
        }
        other => format!("its certificate was refused: {other}"),
    }
}

/// A name as people write it: `DnsName("shop.test")` is how the verifier puts it.
fn bare(name: &str) -> &str {
    let inner = name.split_once('(').and_then(|(_, rest)| rest.strip_suffix(')')).unwrap_or(name);
    inner.trim_matches('"')
}

fn day(time: UnixTime) -> String {
    let second =
        i64::try_from(time.as_secs()).ok().and_then(|second| jiff::Timestamp::from_second(second).ok());
    second.map_or_else(|| "an unknown day".into(), |at| at.strftime("%Y-%m-%d %H:%M UTC").to_string())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_refused_certificate_says_what_to_do() {
        let at = |seconds| UnixTime::since_unix_epoch(Duration::from_secs(seconds));
        let expired =
            CertificateError::ExpiredContext { time: at(1_700_000_000), not_after: at(1_600_000_000) };
        assert_eq!(certificate(&expired), "its certificate ran out on 2020-09-13 12:26 UTC: renew it");
        let named = CertificateError::NotValidForNameContext {
            expected: "shop.test".try_into().unwrap(),
            presented: vec!["DnsName(\"a.test\")".into(), "IpAddress(127.0.0.1)".into()],
        };
        assert_eq!(
            certificate(&named),
            "its certificate is for a.test, 127.0.0.1, not shop.test: \
             ask by such a name, or issue one that names shop.test"
        );
    }
}
