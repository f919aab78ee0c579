//! Which build this is. A snapshot is read only by the build that wrote it: everybody else folds the events.

use std::{fs, os::unix::fs::MetadataExt, path::PathBuf, sync::LazyLock};

/// The version, and what tells two builds of one version apart: the length and the time of the binary's file.
pub fn build() -> &'static str {
    static BUILD: LazyLock<String> = LazyLock::new(|| {
        // The link that the kernel keeps leads to the file that runs, even where a newer one has its name.
        let kept = PathBuf::from("/proc/self/exe");
        let file = if kept.exists() { Ok(kept) } else { std::env::current_exe() };
        let stamp = file.and_then(fs::metadata).map_or_else(
            |_| "unknown".to_owned(),
            |file| format!("{:x}.{:x}.{:x}", file.len(), file.mtime(), file.mtime_nsec()),
        );
        format!("{} {stamp}", env!("CARGO_PKG_VERSION"))
    });
    &BUILD
}
