//! Downloaded artifacts, by digest, so that a hundred hosts cost the repository one download.

use std::{
    collections::VecDeque,
    fs,
    io::Write as _,
    path::PathBuf,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use sha2::{Digest as _, Sha256};
use tokio_util::sync::CancellationToken;

use super::{error::ArtifactError, manifest::MOST_BYTES};
use crate::{clock::Clock, domain::name::Digest, engine::http};

/// How many downloads are kept that nobody asked for lately.
const KEPT: usize = 3;
/// How many of those that were given out last are kept at least: a release may have many parts, and each may be read just
/// now by a command.
const IN_USE: usize = 32;
/// The beginning of the name of one that is under way.
const UNDER_WAY: &str = ".download-";
/// The longest silence of a server that sends an artifact.
const SILENCE: Duration = Duration::from_secs(30);
/// The longest download: a server that drips is as good as one that is silent.
const LONGEST: Duration = Duration::from_hours(1);

#[derive(Debug)]
pub struct Store {
    dir: PathBuf,
    /// One download at a time: they are nearly always the same one. What it holds was given out lately, the newest last.
    turn: tokio::sync::Mutex<VecDeque<Digest>>,
}

impl Store {
    pub fn new(dir: PathBuf) -> Self {
        Self { dir, turn: tokio::sync::Mutex::default() }
    }

    /// Where a download with this digest lies, if there is one.
    pub fn path(&self, digest: &Digest) -> PathBuf {
        self.dir.join(digest.as_str())
    }

    /// A local file with the content of `url`, and its digest. Where `want` was downloaded before, that is it;
    /// whoever uses it measures its copy, and calls `forget` if that is not it any more.
    pub async fn download(
        &self,
        client: &reqwest::Client,
        clock: &Clock,
        url: &str,
        want: Option<&Digest>,
        cancel: &CancellationToken,
    ) -> Result<(PathBuf, Digest), ArtifactError> {
        let work = async {
            let mut given = self.turn.lock().await;
            let (path, digest) = match want.filter(|want| self.path(want).is_file()) {
                Some(want) => (self.path(want), want.clone()),
                None => self.fetch(client, clock, url).await?,
            };
            given.retain(|before| *before != digest);
            given.push_back(digest.clone());
            if given.len() > IN_USE {
                given.pop_front();
            }
            self.prune(&given);
            Ok((path, digest))
        };
        tokio::select! {
            done = clock.limit(LONGEST, work) => done.unwrap_or_else(|| {
                Err(ArtifactError::Unreachable { place: url.into(), why: "it took longer than an hour".into() })
            }),
            () = cancel.cancelled() => Err(ArtifactError::Cancelled),
        }
    }

    /// Throws a spoilt download away, so that the next attempt fetches it anew.
    pub fn forget(&self, digest: &Digest) {
        // What can't be removed is measured, and refused, again.
        let _ = fs::remove_file(self.path(digest));
    }

    /// Removes what was under way when its process was killed: nothing is under way for that long.
    fn sweep(&self, clock: &Clock) {
        let now = UNIX_EPOCH + Duration::from_micros(clock.read().wall.max(0).cast_unsigned());
        let old = |written: &SystemTime| now.duration_since(*written).is_ok_and(|age| age > LONGEST);
        let left: Vec<_> = self.files(|name| name.starts_with(UNDER_WAY));
        remove(left.iter().filter(|(written, _)| old(written)).map(|(_, path)| path));
    }

    async fn fetch(
        &self,
        client: &reqwest::Client,
        clock: &Clock,
        url: &str,
    ) -> Result<(PathBuf, Digest), ArtifactError> {
        let fail = |error| ArtifactError::io(&self.dir, error);
        fs::create_dir_all(&self.dir).map_err(fail)?;
        self.sweep(clock);
        let mut file = tempfile::Builder::new().prefix(UNDER_WAY).tempfile_in(&self.dir).map_err(fail)?;
        let mut answer = request(client, clock, url).await?;
        if answer.content_length().is_some_and(|length| length > MOST_BYTES) {
            return Err(ArtifactError::TooLarge(MOST_BYTES >> 30));
        }
        let mut hash = Sha256::new();
        let mut total = 0;
        while let Some(chunk) = within(clock, url, answer.chunk()).await? {
            total += chunk.len() as u64;
            if total > MOST_BYTES {
                return Err(ArtifactError::TooLarge(MOST_BYTES >> 30));
            }
            hash.update(&chunk);
            file.write_all(&chunk).map_err(fail)?;
        }
        let digest = Digest::from_bytes(hash.finalize());
        if let Some(said) = sum_beside(client, clock, url).await?
            && said != digest
        {
            return Err(ArtifactError::WrongSum { place: url.into(), found: digest, said });
        }
        let path = self.path(&digest);
        file.persist(&path).map_err(|error| fail(error.error))?;
        Ok((path, digest))
    }

    /// Keeps what was given out lately and the newest others. What can't be removed stays, and does no harm but take space.
    fn prune(&self, given: &VecDeque<Digest>) {
        let mut files = self.files(|name| name.len() == 64 && given.iter().all(|kept| kept.as_str() != name));
        files.sort();
        remove(files.iter().rev().skip(KEPT).map(|(_, path)| path));
    }

    /// Those whose names are meant, each with when it was written.
    fn files(&self, meant: impl Fn(&str) -> bool) -> Vec<(SystemTime, PathBuf)> {
        let Ok(entries) = fs::read_dir(&self.dir) else { return Vec::new() };
        let meant = entries.flatten().filter(|entry| entry.file_name().to_str().is_some_and(&meant));
        meant.filter_map(|entry| Some((entry.metadata().ok()?.modified().ok()?, entry.path()))).collect()
    }
}

fn remove<'a>(paths: impl Iterator<Item = &'a PathBuf>) {
    for path in paths {
        if let Err(error) = fs::remove_file(path) {
            tracing::warn!(path = %path.display(), %error, "an old download could not be removed");
        }
    }
}

/// The digest that `url.sha256` states; none where there is no such file.
async fn sum_beside(
    client: &reqwest::Client,
    clock: &Clock,
    url: &str,
) -> Result<Option<Digest>, ArtifactError> {
    let (path, query) = url.split_at(url.find(['?', '#']).unwrap_or(url.len()));
    let mut answer = match request(client, clock, &format!("{path}.sha256{query}")).await {
        Ok(answer) => answer,
        Err(ArtifactError::Status { status: 400..=499, .. }) => return Ok(None),
        Err(error) => return Err(error),
    };
    let mut text = Vec::new();
    while let Some(chunk) = within(clock, url, answer.chunk()).await? {
        text.extend_from_slice(&chunk);
        if text.len() > 4096 {
            break;
        }
    }
    read_sum(url, &String::from_utf8_lossy(&text)).map(Some)
}

/// The first word of a sum file, as `sha256sum` writes it.
pub(super) fn read_sum(place: &str, text: &str) -> Result<Digest, ArtifactError> {
    let word = text.split_whitespace().next().unwrap_or_default();
    Digest::parse(word).map_err(|_| ArtifactError::BadSum(place.into()))
}

async fn request(
    client: &reqwest::Client,
    clock: &Clock,
    url: &str,
) -> Result<reqwest::Response, ArtifactError> {
    let answer = within(clock, url, client.get(url).send()).await?;
    match answer.status().as_u16() {
        200..=299 => Ok(answer),
        status => Err(ArtifactError::Status { place: url.into(), status }),
    }
}

async fn within<T>(
    clock: &Clock,
    url: &str,
    work: impl Future<Output = Result<T, reqwest::Error>>,
) -> Result<T, ArtifactError> {
    let unreachable = |why| ArtifactError::Unreachable { place: url.into(), why };
    match clock.limit(SILENCE, work).await {
        Some(Ok(done)) => Ok(done),
        Some(Err(error)) => Err(unreachable(http::cause(&error))),
        None => Err(unreachable("it was silent for 30 s".into())),
    }
}
