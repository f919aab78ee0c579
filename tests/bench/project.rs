//! A project of many hosts in a directory of its own, and the binary: everything golive writes is below it.

use std::{
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
    process::Command,
    sync::Arc,
};

use anyhow::{Context, bail};
use golive::{
    client::{Client, Way},
    clock::Clock,
    config::{Paths, ProjectPaths, read_text},
    domain::{
        name::{PersonName, ProjectName},
        plan::Adopted,
    },
};

use super::figure::micros;

pub const GOLIVE: &str = env!("CARGO_BIN_EXE_golive");
pub const VERSION: &str = "2.5.0";

pub struct Project {
    dir: tempfile::TempDir,
}

/// What differs from one project to the next.
pub struct Fleet {
    /// The `hosts` of production.
    pub hosts: String,
    /// The `driver` of production.
    pub driver: String,
    /// Further lines of production.
    pub also: String,
    /// The `alive` check; empty: none.
    pub alive: String,
    /// Items on the checklist.
    pub items: usize,
}

impl Project {
    pub fn new(fleet: &Fleet) -> anyhow::Result<Self> {
        let dir = tempfile::tempdir()?;
        let project = Self { dir };
        fs::create_dir_all(project.dir().join("dist"))?;
        fs::write(project.dir().join("dist/shop-2.4.1"), "2.4.1")?;
        fs::write(project.dir().join("dist/shop-2.5.0"), "2.5.0")?;
        fs::write(project.dir().join("golive.toml"), plan(fleet)?)?;
        let items: Vec<String> =
            (1..=fleet.items).map(|item| format!("- [ ] item {item} is looked at @dana (T-1d)")).collect();
        fs::write(project.dir().join("RELEASE.md"), format!("# Before\n{}\n", items.join("\n")))?;
        Ok(project)
    }

    pub fn dir(&self) -> PathBuf {
        self.dir.path().join("project")
    }

    pub fn data(&self) -> PathBuf {
        self.dir.path().join("data")
    }

    /// The environment of everything that is started here.
    pub fn env(&self) -> [(&'static str, PathBuf); 2] {
        [("GOLIVE_DATA_DIR", self.data()), ("HOME", self.dir.path().to_owned())]
    }

    pub fn adopted(&self) -> anyhow::Result<Arc<Adopted>> {
        let text = fs::read_to_string(self.dir().join("golive.toml"))?;
        let loaded = read_text(&text, &self.dir(), None)
            .map_err(|why| anyhow::anyhow!("the plan: {}", why.render(false)))?;
        Ok(Arc::new(Adopted::new(loaded.plan, loaded.source)))
    }

    pub fn paths(&self) -> anyhow::Result<ProjectPaths> {
        Ok(Paths::new(Some(&self.data()))?.project(&ProjectName::new("shop")?, &self.dir())?)
    }

    /// Runs one command as dana, who may do everything; it must end with 0.
    pub fn says(&self, words: &[&str]) -> anyhow::Result<String> {
        let output = Command::new(GOLIVE)
            .arg("-C")
            .arg(self.dir())
            .args(["--as", "dana"])
            .args(words)
            .envs(self.env())
            .env_remove("XDG_RUNTIME_DIR")
            .output()?;
        if !output.status.success() {
            let said = [output.stdout, output.stderr].concat();
            bail!("golive {words:?}: {}: {}", output.status, String::from_utf8_lossy(&said));
        }
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }

    pub async fn client(&self) -> anyhow::Result<Client> {
        let way = Way::Own { lock: self.paths()?.lock(), sockets: Vec::new(), launch: None };
        Ok(Client::connect(way, "bench", Clock::System).await?)
    }

    /// A client that follows the open session.
    pub async fn follower(&self) -> anyhow::Result<Client> {
        let mut client = self.client().await?;
        let session = client.welcome().sessions.last().context("no session is open")?.id.clone();
        client.follow(Some(session), [].into()).await;
        client.caught_up().await?;
        Ok(client)
    }

    /// The conductor's process.
    pub fn conductor(&self) -> anyhow::Result<u32> {
        let status: serde_json::Value =
            serde_json::from_str(&self.says(&["conductor", "status", "--json"])?)?;
        let pid = status["conductor"]["pid"].as_u64().context("no conductor runs")?;
        Ok(u32::try_from(pid)?)
    }

    /// Ends the conductor; where something is under way it does not end when asked, and is killed.
    pub fn end_conductor(&self) -> anyhow::Result<()> {
        if self.says(&["conductor", "stop"]).is_err() {
            let pid =
                rustix::process::Pid::from_raw(self.conductor()?.cast_signed()).context("no process")?;
            rustix::process::kill_process(pid, rustix::process::Signal::KILL)?;
        }
        Ok(())
    }

    pub fn path(&self) -> &Path {
        self.dir.path()
    }
}

impl Drop for Project {
    fn drop(&mut self) {
        // Something may still be under way: then it does not end when asked, and nobody needs it any more.
        let pid = self.conductor().ok().and_then(|pid| rustix::process::Pid::from_raw(pid.cast_signed()));
        if let Some(pid) = pid {
            let _ = rustix::process::kill_process(pid, rustix::process::Signal::KILL);
        }
    }
}

pub fn dana() -> anyhow::Result<PersonName> {
    Ok(PersonName::new("dana")?)
}

fn plan(fleet: &Fleet) -> anyhow::Result<String> {
    let mut text = format!(
        r#"[project]
name = "shop"
checklists = [{}]
separation = "none"

[people]
dana = {{ roles = ["decider", "engineering", "deployer"] }}

[artifact]
source = "dist/shop-{{version}}"

[environments.production]
hosts = [{}]
driver = {}
{}

[[stages]]
name = "production"
environment = "production"
bake = "0s"

[poll]
seats = [{{ role = "engineering" }}]
"#,
        if fleet.items == 0 { "" } else { "\"RELEASE.md\"" },
        fleet.hosts,
        fleet.driver,
        fleet.also
    );
    if !fleet.alive.is_empty() {
        write!(text, "\n[checks.alive]\n{}\n", fleet.alive)?;
    }
    Ok(text)
}

/// Takes what the client hears until `holds`, a minute at most.
pub async fn until(
    client: &mut Client,
    what: &str,
    holds: impl Fn(&golive::domain::session::Session) -> bool,
) -> anyhow::Result<()> {
    let begun = micros();
    while !client.session().is_some_and(&holds) {
        if micros() - begun > 60_000_000 {
            bail!("waited in vain for: {what}");
        }
        Clock::System.limit(std::time::Duration::from_secs(5), client.next()).await.transpose()?;
    }
    Ok(())
}
