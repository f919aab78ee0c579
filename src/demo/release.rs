//! A release of the demo's service, `shop`: what is in its artifact, and how the artifact is made.
//! The program itself is golive, so that the artifact holds only what tells one release from another.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};

use super::fault::Fault;
use crate::domain::name::{Digest, Version};

const FILE: &str = "release.toml";

#[derive(Debug, thiserror::Error)]
pub enum ReleaseError {
    #[error("{} can't be read: {source}", .path.display())]
    Read { path: PathBuf, source: io::Error },
    #[error("{} is no release of the demo: {source}", .path.display())]
    Shape { path: PathBuf, source: toml::de::Error },
    #[error("{} can't be written: {source}", .path.display())]
    Write { path: PathBuf, source: io::Error },
    #[error("release {version} can't be written as TOML: {source}")]
    Text { version: Version, source: toml::ser::Error },
}

/// What `release.toml` in an artifact says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Release {
    pub version: Version,
    /// What is wrong with it; a good release has none.
    #[serde(default)]
    pub faults: Vec<Fault>,
}

impl Release {
    /// Reads an installed release.
    pub fn read(dir: &Path) -> Result<Self, ReleaseError> {
        let path = dir.join(FILE);
        let text =
            fs::read_to_string(&path).map_err(|source| ReleaseError::Read { path: path.clone(), source })?;
        toml::from_str(&text).map_err(|source| ReleaseError::Shape { path, source })
    }

    /// The name of its artifact in a directory of artifacts.
    pub fn artifact(&self) -> String {
        format!("shop-{}.tar.gz", self.version)
    }

    /// Writes the artifact into `dir` and says its sha256. The same release gives the same bytes.
    pub fn pack(&self, dir: &Path) -> Result<(PathBuf, Digest), ReleaseError> {
        let path = dir.join(self.artifact());
        let text = toml::to_string(self)
            .map_err(|source| ReleaseError::Text { version: self.version.clone(), source })?;
        let notes = format!(
            "shop {}\n\nA release of golive's demo. The program is golive itself; this directory says how it behaves.\n",
            self.version
        );
        let write = || -> io::Result<Vec<u8>> {
            let zipped = flate2::GzBuilder::new().write(Vec::new(), flate2::Compression::default());
            let mut archive = tar::Builder::new(zipped);
            for (name, text) in [(FILE, text.as_str()), ("NOTES", notes.as_str())] {
                let mut header = tar::Header::new_ustar();
                header.set_size(text.len() as u64);
                header.set_mode(0o644);
                header.set_mtime(0);
                archive.append_data(&mut header, name, text.as_bytes())?;
            }
            archive.into_inner()?.finish()
        };
        let failed = |source| ReleaseError::Write { path: path.clone(), source };
        let bytes = write().map_err(failed)?;
        fs::write(&path, &bytes).map_err(failed)?;
        Ok((path, Digest::of(&bytes)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_release_packed_twice_is_the_same_artifact_and_reads_as_written() {
        let dir = tempfile::tempdir().unwrap();
        let release = Release {
            version: "2.6.0".parse().unwrap(),
            faults: vec!["selftest@host-5".parse().unwrap(), "latency".parse().unwrap()],
        };
        let (path, first) = release.pack(dir.path()).unwrap();
        assert_eq!(first, Digest::of(&fs::read(&path).unwrap()));
        assert_eq!(release.pack(dir.path()).unwrap().1, first);
        let installed = dir.path().join("installed");
        fs::create_dir(&installed).unwrap();
        let bytes = fs::read(&path).unwrap();
        tar::Archive::new(flate2::read::GzDecoder::new(bytes.as_slice())).unpack(&installed).unwrap();
        assert_eq!(Release::read(&installed).unwrap(), release);
    }

    #[test]
    fn a_release_with_an_unknown_key_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join(FILE), "version = \"1\"\nfault = \"hang\"\n").unwrap();
        assert!(matches!(Release::read(dir.path()), Err(ReleaseError::Shape { .. })));
    }
}
