//! The digest of an artifact before a session adopts it.

use tokio_util::sync::CancellationToken;

use super::{
    error::ArtifactError,
    obtain::{Means, measure},
    place::Place,
    store::Store,
};
use crate::{
    clock::Clock,
    domain::name::Digest,
    engine::{http::Clients, workshop::EngineDirs},
};

/// Measures what lies at `location` (a rendered `artifact.source`): a path, relative to `dirs.base`, or a URL.
/// A download is kept below `dirs.state` and serves the hosts later. A `.sha256` beside it must agree.
/// `ca` is the plan's: a PEM file of further authorities, relative to `dirs.base` as well.
pub async fn digest(
    location: &str,
    ca: Option<&str>,
    dirs: &EngineDirs,
    clock: &Clock,
) -> Result<Digest, ArtifactError> {
    let store = Store::new(dirs.state.join("artifacts"));
    let place = Place::read(location, &dirs.base);
    let ca = ca.map(|path| dirs.base.join(path));
    let client = Clients::trusting(ca.as_deref())
        .fetching()
        .map_err(|why| ArtifactError::Unreachable { place: place.to_string(), why })?;
    let cancel = CancellationToken::new();
    measure(&Means { store: &store, client, clock, cancel: &cancel }, &place, None).await
}
