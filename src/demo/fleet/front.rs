//! Asks the stand-ins of one environment as a whole whether they serve: through their balancer, or one of them where
//! there is none. What a rehearsal plays in the place of a check of a whole environment.

use std::{fs, io, path::PathBuf};

use serde::{Deserialize, Serialize};

use crate::demo::http;

const FILE: &str = "front.json";

/// Where requests are taken, on 127.0.0.1; one of these has to serve.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Front {
    pub ports: Vec<u16>,
}

/// How it is asked.
#[derive(Clone, Debug)]
pub struct FrontArgs {
    /// The directory of the environment's stand-ins.
    pub at: PathBuf,
}

#[derive(Debug, thiserror::Error)]
pub enum FrontError {
    #[error("{}: {source}", .path.display())]
    File { path: PathBuf, source: io::Error },
    #[error("the HTTP client can't be made: {0}")]
    Client(#[from] reqwest::Error),
    #[error("no stand-in serves: {0}")]
    Unserved(String),
}

impl Front {
    pub(super) fn write(&self, dir: &std::path::Path) -> Result<(), FrontError> {
        let path = dir.join(FILE);
        let text = serde_json::to_vec(self).map_err(io::Error::from);
        text.and_then(|text| fs::write(&path, text)).map_err(|source| FrontError::File { path, source })
    }
}

pub async fn ask_front(args: FrontArgs) -> Result<(), FrontError> {
    let path = args.at.join(FILE);
    let read =
        fs::read(&path).and_then(|text| serde_json::from_slice::<Front>(&text).map_err(io::Error::from));
    let front = read.map_err(|source| FrontError::File { path, source })?;
    let client = http::client()?;
    let mut why = "there is none".to_owned();
    for port in front.ports {
        match client.get(format!("http://127.0.0.1:{port}/")).send().await {
            Ok(answer) if answer.status().is_success() => return Ok(()),
            Ok(answer) => why = format!("port {port} answers {}", answer.status()),
            Err(error) => why = format!("port {port}: {error}"),
        }
    }
    Err(FrontError::Unserved(why))
}
