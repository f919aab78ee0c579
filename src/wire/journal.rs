//! How the project's journal takes what happens. While it can't be written only HOLD and ROLL BACK go ahead, and
//! whoever looks has to be told so for as long as it lasts.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::domain::time::WallTime;

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum JournalState {
    #[default]
    Writable,
    Unwritable(Unwritable),
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unwritable {
    /// When the running conductor first found it so.
    pub since: WallTime,
    pub why: String,
    /// The journal itself: what it lacks is to be found where it lies.
    pub journal: PathBuf,
    /// Where HOLD and ROLL BACK are recorded meanwhile; empty: nowhere, and they are refused too.
    pub fallback: Vec<PathBuf>,
}

impl JournalState {
    pub fn unwritable(&self) -> Option<&Unwritable> {
        match self {
            Self::Writable => None,
            Self::Unwritable(unwritable) => Some(unwritable),
        }
    }
}

impl Unwritable {
    /// What still goes ahead: `only HOLD and ROLL BACK, recorded in breakglass-1f2e3d4c.jsonl`.
    pub fn allows(&self) -> String {
        match self.fallback.first().and_then(|path| path.file_name()) {
            Some(name) => format!("only HOLD and ROLL BACK, recorded in {}", name.to_string_lossy()),
            None => "not even HOLD and ROLL BACK: there is no fallback file".to_owned(),
        }
    }

    /// What releases it.
    pub fn lift(&self) -> String {
        let place = self.journal.parent().unwrap_or(Path::new("/"));
        format!("free space and rights on {}", place.display())
    }
}
