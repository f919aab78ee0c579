//! Where an artifact lies: a path or a URL.

use std::{
    fmt,
    path::{Path, PathBuf},
};

/// How the name of an archive ends.
const ARCHIVES: [&str; 2] = [".tar.gz", ".tgz"];

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    Url(String),
    Path(PathBuf),
}

impl Place {
    /// Reads a rendered `artifact.source`; a relative path starts at `base`.
    pub fn read(text: &str, base: &Path) -> Self {
        if text.starts_with("https://") || text.starts_with("http://") {
            Self::Url(text.into())
        } else {
            Self::Path(base.join(text.strip_prefix("file://").unwrap_or(text)))
        }
    }

    /// The last part of the path: the name that a single binary keeps.
    pub fn file_name(&self) -> String {
        let text = match self {
            Self::Url(url) => url.split(['?', '#']).next().unwrap_or_default().to_owned(),
            Self::Path(path) => path.to_string_lossy().into_owned(),
        };
        text.trim_end_matches('/').rsplit('/').next().unwrap_or_default().to_owned()
    }

    /// The name without the ending of an archive.
    pub fn stem(&self) -> String {
        let name = self.file_name();
        let end = ARCHIVES.iter().find(|end| name.to_ascii_lowercase().ends_with(*end));
        name[..name.len() - end.map_or(0, |end| end.len())].to_owned()
    }

    /// Whether it is an archive to unpack, by its name.
    pub fn is_archive(&self) -> bool {
        let name = self.file_name().to_ascii_lowercase();
        ARCHIVES.iter().any(|end| name.ends_with(end))
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Url(url) => f.write_str(url),
            Self::Path(path) => write!(f, "{}", path.display()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_and_paths_are_told_apart() {
        let place = Place::read("https://repo.example/shop-2.5.0.tgz?x=1", Path::new("/p"));
        assert_eq!((place.file_name().as_str(), place.is_archive()), ("shop-2.5.0.tgz", true));
        assert_eq!(place.stem(), "shop-2.5.0");
        assert_eq!(Place::read("dist/shop", Path::new("/p")), Place::Path("/p/dist/shop".into()));
        assert_eq!(Place::read("/abs/shop/", Path::new("/p")).file_name(), "shop");
    }
}
