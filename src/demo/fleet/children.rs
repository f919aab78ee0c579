//! The fleet's own processes: in process groups of their own, so that a Ctrl-C in the terminal is not theirs,
//! with their output in a file each.

use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
    process::{ExitStatus, Stdio},
};

use tokio::process::{Child, Command};

/// A process that was started and is waited for, so that it leaves no remains when it ends.
#[derive(Debug)]
pub struct Process {
    pub name: &'static str,
    child: Child,
    log: PathBuf,
}

impl Process {
    pub fn start(name: &'static str, program: &Path, args: &[String], log: PathBuf) -> io::Result<Self> {
        let out = File::create(&log)?;
        let child = Command::new(program)
            .args(args)
            .stdin(Stdio::null())
            .stdout(out.try_clone()?)
            .stderr(out)
            .process_group(0)
            .spawn()?;
        Ok(Self { name, child, log })
    }

    pub fn id(&self) -> Option<u32> {
        self.child.id()
    }

    /// Waits for its end.
    pub async fn ended(&mut self) -> io::Result<ExitStatus> {
        self.child.wait().await
    }

    /// The last line it wrote.
    pub fn last_words(&self) -> String {
        let text = fs::read(&self.log).unwrap_or_default();
        let text = String::from_utf8_lossy(&text[text.len().saturating_sub(2_000)..]).into_owned();
        let last = text.lines().rfind(|line| !line.trim().is_empty()).unwrap_or("it wrote nothing");
        last.chars().filter(|c| !c.is_control()).take(300).collect()
    }
}
