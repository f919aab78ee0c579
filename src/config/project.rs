//! Finding the project: its directory from anywhere below it, and its name even where its plan is broken, so
//! that a journal can be read and a rollout be held while somebody mends the file.

use std::path::{Path, PathBuf};

use super::{
    load::{FILE, LARGEST},
    node::{Node, Value},
    text_file,
};
use crate::domain::name::ProjectName;

/// The nearest directory from `start` upwards that has a golive.toml; one that can't be read is found as well, so
/// that it can be said why.
pub fn find(start: &Path) -> Option<PathBuf> {
    start.ancestors().find(|dir| dir.join(FILE).symlink_metadata().is_ok()).map(Path::to_path_buf)
}

/// `project.name` of the directory's plan, whatever else is wrong with the file.
pub fn name(dir: &Path) -> Option<ProjectName> {
    let (tree, _) = parsed(dir)?;
    ProjectName::new(word(&tree, "name")?).ok()
}

/// Whether the directory's plan says `share = "group"`. A file that is no TOML shares nothing. Nothing else of it is
/// read: a conductor that starts has ten thousand hosts in its journal already, and somebody waits for it.
pub fn shared(dir: &Path) -> bool {
    parsed(dir).is_some_and(|(tree, whole)| whole && word(&tree, "share") == Some("group"))
}

/// The plan as far as it is TOML, and whether all of it is.
fn parsed(dir: &Path) -> Option<(Node, bool)> {
    let text = text_file::read(&dir.join(FILE), LARGEST).ok()?;
    let (tree, errors) = Node::parse(&text);
    Some((tree, errors.is_empty()))
}

/// A text of [project].
fn word<'a>(tree: &'a Node, key: &str) -> Option<&'a str> {
    match &tree.entry("project")?.node.entry(key)?.node.value {
        Value::Text(text) => Some(text),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_project_is_found_from_below_and_named_though_its_plan_is_broken() {
        let root = tempfile::tempdir().unwrap();
        let below = root.path().join("a/b");
        std::fs::create_dir_all(&below).unwrap();
        std::fs::write(root.path().join(FILE), "[project]\nname = \"shop\"\nnope = \n[[stages\n").unwrap();
        assert_eq!(find(&below).as_deref(), Some(root.path()));
        assert_eq!(name(root.path()).map(|n| n.to_string()), Some("shop".into()));
        assert_eq!(name(&below), None);
    }

    #[test]
    fn what_is_shared_is_read_without_the_rest_and_a_torn_file_shares_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let says = |text: &str| {
            std::fs::write(dir.path().join(FILE), text).unwrap();
            shared(dir.path())
        };
        assert!(says("[project]\nname = \"shop\"\nshare = \"group\"\n"));
        assert!(!says("[project]\nname = \"shop\"\n"));
        assert!(!says("[project]\nshare = \"everybody\"\n"));
        assert!(!says("[project]\nshare = \"group\"\n[[stages\n"));
        assert!(!shared(&dir.path().join("nowhere")));
    }
}
