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
    let text = text_file::read(&dir.join(FILE), LARGEST).ok()?;
    let (tree, _) = Node::parse(&text);
    match &tree.entry("project")?.node.entry("name")?.node.value {
        Value::Text(name) => ProjectName::new(name).ok(),
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
}
