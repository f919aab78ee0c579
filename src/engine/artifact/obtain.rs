//! Brings an artifact into a directory, with its digest known before anything is done with it.

use std::{fs, io, path::Path};

use tokio_util::sync::CancellationToken;

use super::{
    error::ArtifactError,
    manifest::{Manifest, copy_tree, hash_file, write_file},
    place::Place,
    store::{Store, read_sum},
    unpack::unpack,
};
use crate::{clock::Clock, domain::name::Digest};

/// Where to download to and by what.
pub struct Means<'a> {
    pub store: &'a Store,
    pub client: reqwest::Client,
    pub clock: &'a Clock,
    pub cancel: &'a CancellationToken,
}

/// Copies the artifact into the new directory `tree`, unpacks it if it is an archive, and says what the tree holds. `scratch` is an empty
/// directory on the same file system. The digest is compared before anything is unpacked; on any error the
/// caller throws both directories away.
pub async fn obtain(
    means: &Means<'_>,
    place: &Place,
    want: &Digest,
    scratch: &Path,
    tree: &Path,
) -> Result<Manifest, ArtifactError> {
    let local = local(means, place, Some(want)).await?;
    let (copy, tree, cancel) = (scratch.join("artifact"), tree.to_owned(), means.cancel.clone());
    let job = (place.clone(), want.clone());
    let obtained = blocking(move || {
        let (place, want) = job;
        let wrong = |found: Digest| ArtifactError::WrongDigest {
            place: place.to_string(),
            found,
            wanted: want.clone(),
        };
        make_dir(&tree)?;
        if local.is_dir() {
            // The copy is what is measured: the source may change meanwhile.
            copy_tree(&local, &tree, &cancel)?;
            let manifest = Manifest::of(&tree, &cancel)?;
            let digest = manifest.digest();
            return if digest == want { Ok(manifest) } else { Err(wrong(digest)) };
        }
        let mut source = fs::File::open(&local).map_err(|error| ArtifactError::io(&local, error))?;
        write_file(&mut source, &local, &copy, true, &cancel)?;
        let digest = hash_file(&copy, &cancel)?;
        if digest != want {
            return Err(wrong(digest));
        }
        if place.is_archive() {
            unpack(&copy, &tree, &cancel)?;
            take_off_top(&tree, &place)?;
            fs::remove_file(&copy).map_err(|error| ArtifactError::io(&copy, error))?;
        } else {
            let target = tree.join(place.file_name());
            fs::rename(&copy, &target).map_err(|error| ArtifactError::io(&target, error))?;
        }
        Manifest::of(&tree, &cancel)
    })
    .await;
    if matches!((&obtained, place), (Err(ArtifactError::WrongDigest { .. }), Place::Url(_))) {
        means.store.forget(want);
    }
    obtained
}

/// An archive often has one directory at its top that is named like it (`shop-2.5.0/` in `shop-2.5.0.tar.gz`): what
/// is in there is the release. Links are looked at after this, so that none leads out of what remains.
fn take_off_top(tree: &Path, place: &Place) -> Result<(), ArtifactError> {
    let fail = |error| ArtifactError::io(tree, error);
    let top = tree.join(place.stem());
    let entries: Vec<_> = fs::read_dir(tree).map_err(fail)?.flatten().map(|entry| entry.path()).collect();
    if entries != [top.clone()] || !top.symlink_metadata().is_ok_and(|meta| meta.is_dir()) {
        return Ok(());
    }
    let aside = tree.with_extension("top");
    fs::rename(&top, &aside).map_err(fail)?;
    fs::remove_dir(tree).map_err(fail)?;
    fs::rename(&aside, tree).map_err(fail)
}

/// The digest of what lies at `place`; a download is kept for later.
pub async fn measure(
    means: &Means<'_>,
    place: &Place,
    want: Option<&Digest>,
) -> Result<Digest, ArtifactError> {
    let local = local(means, place, want).await?;
    let (cancel, downloaded) = (means.cancel.clone(), matches!(place, Place::Url(_)));
    let digest = blocking(move || {
        if local.is_dir() {
            return Ok(Manifest::of(&local, &cancel)?.digest());
        }
        let digest = hash_file(&local, &cancel)?;
        if !downloaded {
            sum_beside(&local, &digest)?;
        }
        Ok(digest)
    })
    .await?;
    if let Some(want) = want.filter(|want| downloaded && **want != digest) {
        means.store.forget(want);
    }
    Ok(digest)
}

/// A `.sha256` beside a local file is held to as one beside a URL is.
fn sum_beside(path: &Path, digest: &Digest) -> Result<(), ArtifactError> {
    let mut beside = path.as_os_str().to_owned();
    beside.push(".sha256");
    let place = path.display().to_string();
    let text = match fs::read_to_string(&beside) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(ArtifactError::io(Path::new(&beside), error)),
    };
    let said = read_sum(&place, &text)?;
    if said == *digest { Ok(()) } else { Err(ArtifactError::WrongSum { place, found: digest.clone(), said }) }
}

async fn local(
    means: &Means<'_>,
    place: &Place,
    want: Option<&Digest>,
) -> Result<std::path::PathBuf, ArtifactError> {
    match place {
        Place::Url(url) => {
            let (path, _) = means.store.download(&means.client, means.clock, url, want, means.cancel).await?;
            Ok(path)
        }
        Place::Path(path) => match fs::metadata(path) {
            Ok(meta) if meta.is_dir() || meta.is_file() => Ok(path.clone()),
            Ok(_) => Err(ArtifactError::OddKind(path.display().to_string())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                Err(ArtifactError::Missing(path.display().to_string()))
            }
            Err(error) => Err(ArtifactError::Io { path: path.clone(), error }),
        },
    }
}

pub fn make_dir(path: &Path) -> Result<(), ArtifactError> {
    fs::create_dir_all(path).map_err(|error| ArtifactError::io(path, error))
}

/// Runs file work off the async threads. It stops by the cancel token that it was given.
pub async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, ArtifactError> + Send + 'static,
) -> Result<T, ArtifactError> {
    tokio::task::spawn_blocking(work).await.unwrap_or_else(|error| {
        Err(ArtifactError::Io { path: "file work".into(), error: io::Error::other(error) })
    })
}
