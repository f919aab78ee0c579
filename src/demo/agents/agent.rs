//! The agent of one host: it looks at the store, installs what that says, and reports what it has installed and when it
//! looked. It takes its host out of the balancer while it changes it, and brings it back once it has tested itself.

use std::{collections::BTreeMap, fs, io, path::PathBuf, process::Stdio, time::Duration};

use reqwest::{Client, StatusCode};
use rustix::process::{Pid, Signal, kill_process};
use serde::Deserialize;
use tokio::process::{Child, Command};

use crate::{
    clock::Clock,
    demo::{
        balancer,
        fleet::BACKEND,
        http,
        layout::Layout,
        release::Release,
        tether::{Tether, TetherError},
    },
    domain::{
        effect::Candidate,
        name::{Digest, Version},
    },
};

/// How often it looks.
const EVERY: Duration = Duration::from_secs(2);
/// Until requests that were under way are answered.
const DRAIN: Duration = Duration::from_millis(500);
/// Until a service that was told to end is killed.
const STOP: Duration = Duration::from_secs(3);
/// How long its self-test may take.
const TEST: Duration = Duration::from_secs(5);

/// How the agent of one host is started.
#[derive(Clone, Debug)]
pub struct AgentArgs {
    /// The host's name.
    pub name: String,
    /// Where its service serves.
    pub port: u16,
    /// Where the store is asked, on 127.0.0.1.
    pub store: u16,
    /// The key it looks at; none: its host's own.
    pub key: Option<String>,
    /// The directory of the demo it lives in.
    pub demo: PathBuf,
    /// Where the files of its environment are; none: there.
    pub at: Option<PathBuf>,
}

#[derive(Debug, thiserror::Error)]
pub enum AgentError {
    #[error(transparent)]
    Demo(#[from] TetherError),
    #[error("the HTTP client can't be made: {0}")]
    Client(#[from] reqwest::Error),
    #[error("this program can't be found again: {0}")]
    Program(io::Error),
}

/// What its key says.
#[derive(Debug, Deserialize)]
struct Desired {
    version: Version,
    digest: Digest,
}

struct Agent {
    args: AgentArgs,
    layout: Layout,
    artifacts: PathBuf,
    program: PathBuf,
    client: Client,
    service: Option<Child>,
    installed: Option<Candidate>,
    /// What lies on the host, by version.
    kept: BTreeMap<Version, PathBuf>,
}

/// Runs until the demo's end. The service ends with the demo too, by itself.
pub async fn agent(args: AgentArgs) -> Result<(), AgentError> {
    let tether = Tether::hold(&args.demo)?;
    let mut agent = Agent {
        layout: Layout::new(args.at.as_ref().unwrap_or(&args.demo)),
        artifacts: Layout::new(&args.demo).artifacts(),
        program: std::env::current_exe().map_err(AgentError::Program)?,
        client: http::client()?,
        service: None,
        installed: None,
        kept: BTreeMap::new(),
        args,
    };
    let looks = async {
        loop {
            if let Err(why) = agent.looks().await {
                tracing::warn!("{}: {why}", agent.args.name);
            }
            Clock::System.sleep(EVERY).await;
        }
    };
    tokio::select! {
        biased;
        () = tether.gone() => Ok(()),
        () = looks => Ok(()),
    }
}

impl Agent {
    fn url(&self, what: &str, of: &str) -> String {
        format!("http://127.0.0.1:{}/{what}/{of}", self.args.store)
    }

    /// One look; what is wrong is tried again at the next.
    async fn looks(&mut self) -> Result<(), String> {
        let key = self.args.key.as_deref().unwrap_or(&self.args.name);
        let answer =
            self.client.get(self.url("desired", key)).send().await.map_err(|error| error.to_string())?;
        if answer.status() == StatusCode::NOT_FOUND {
            return Ok(());
        }
        let text = answer.text().await.map_err(|error| error.to_string())?;
        let Desired { version, digest } = serde_json::from_str(&text).map_err(|error| error.to_string())?;
        let desired = Candidate::new(version, digest);
        self.reports().await?;
        if self.installed.as_ref() != Some(&desired) {
            self.installs(desired).await?;
            self.reports().await?;
        }
        Ok(())
    }

    async fn reports(&self) -> Result<(), String> {
        let looked = Duration::from_micros(Clock::System.read().wall.unsigned_abs()).as_secs_f64();
        let installed = self.installed.as_ref();
        let body = serde_json::json!({
            "version": installed.map(|it| it.version.as_str()),
            "digest": installed.map(|it| it.digest.to_string()),
            "checked_in": looked,
            "kept": self.kept.keys().map(Version::as_str).collect::<Vec<_>>(),
        });
        let sent = self.client.put(self.url("agents", &self.args.name)).json(&body).send().await;
        sent.map(drop).map_err(|error| error.to_string())
    }

    async fn installs(&mut self, desired: Candidate) -> Result<(), String> {
        let release = self.fetches(&desired)?;
        self.in_balancer("maint").await?;
        Clock::System.sleep(DRAIN).await;
        self.stops().await?;
        let log = fs::File::create(self.layout.log(&format!("{}-service", self.args.name)))
            .map_err(|error| error.to_string())?;
        let service = Command::new(&self.program)
            .args(["demo-host", "--name", &self.args.name, "--port", &self.args.port.to_string()])
            .arg("--release")
            .arg(&release)
            .arg("--demo")
            .arg(&self.args.demo)
            .stdin(Stdio::null())
            .stdout(log)
            .stderr(Stdio::null())
            .process_group(0)
            .spawn();
        self.service = Some(service.map_err(|error| error.to_string())?);
        self.installed = Some(desired);
        if self.passes().await {
            self.in_balancer("ready").await?;
        }
        Ok(())
    }

    /// Unpacked once, and kept for the way back.
    fn fetches(&mut self, desired: &Candidate) -> Result<PathBuf, String> {
        if let Some(known) = self.kept.get(&desired.version) {
            return Ok(known.clone());
        }
        let artifact = Release { version: desired.version.clone(), faults: Vec::new() }.artifact();
        let failed = |error: io::Error| format!("{artifact}: {error}");
        let bytes = fs::read(self.artifacts.join(&artifact)).map_err(failed)?;
        if Digest::of(&bytes) != desired.digest {
            return Err(format!("{artifact} is not what is desired"));
        }
        let dir = self.layout.hosts().join(&self.args.name).join(desired.version.as_str());
        fs::create_dir_all(&dir).map_err(failed)?;
        let unzipped = flate2::read::GzDecoder::new(bytes.as_slice());
        tar::Archive::new(unzipped).unpack(&dir).map_err(failed)?;
        self.kept.insert(desired.version.clone(), dir.clone());
        Ok(dir)
    }

    /// Nothing to tell where there is none.
    async fn in_balancer(&self, state: &str) -> Result<(), String> {
        if !self.layout.balancer_socket().exists() {
            return Ok(());
        }
        let command = format!("set server {}/{} state {state}", BACKEND, self.args.name);
        let told = balancer::ask(&self.layout.balancer_socket(), &command).await;
        told.map(drop).map_err(|error| format!("the balancer: {error}"))
    }

    /// Ends the service, and waits for it.
    async fn stops(&mut self) -> Result<(), String> {
        let Some(mut service) = self.service.take() else { return Ok(()) };
        if let Some(pid) = service.id().and_then(|pid| Pid::from_raw(pid.cast_signed())) {
            // It may have ended by itself meanwhile.
            let _ = kill_process(pid, Signal::TERM);
        }
        match Clock::System.limit(STOP, service.wait()).await {
            Some(ended) => ended.map(drop).map_err(|error| error.to_string()),
            None => service.kill().await.map_err(|error| error.to_string()),
        }
    }

    /// Whether its self-test says that it may serve. It is asked until it listens.
    async fn passes(&self) -> bool {
        let url = format!("http://127.0.0.1:{}/selftest", self.args.port);
        let asks = async {
            loop {
                if let Ok(answer) = self.client.get(&url).send().await {
                    return answer.status().is_success();
                }
                Clock::System.sleep(Duration::from_millis(50)).await;
            }
        };
        Clock::System.limit(TEST, asks).await.unwrap_or(false)
    }
}
