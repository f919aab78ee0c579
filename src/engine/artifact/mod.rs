//! Where a release comes from, what its digest is, and how it is unpacked without harm.
//!
//! **The digest of an artifact.** Of a file (a tar.gz, a single binary): the sha256 of the file, as `sha256sum`
//! prints it. Of a directory: the sha256 of its manifest's text ([`Manifest::text`]), which has one line a file
//! sorted by path, so that neither times nor owners matter and a renamed or changed file does.
//!
//! **What a release directory holds.** Of a directory: a copy. Of a single binary: it, under its own name. Of an
//! archive: what is in it; a single directory at its top that is named like the archive is taken off.

mod candidate;
mod digest;
mod error;
mod manifest;
mod obtain;
mod place;
mod store;
mod unpack;

pub use candidate::{NotThere, candidate};
pub use digest::digest;
pub use error::ArtifactError;
pub use manifest::{Kind, Line, Manifest};
pub(crate) use obtain::{Means, blocking, make_dir, measure, obtain};
pub(crate) use place::Place;
pub(crate) use store::Store;
