//! Starting the fleet and ending it.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use futures::{StreamExt as _, TryStreamExt as _, stream};

use super::{
    children::Process,
    error::FleetError,
    options::{HOSTS, Options},
    plan::{self, PlanOf},
    ports,
    ready::{is_up, until_ready},
    site::{Installer, Site, sites},
};
use crate::{
    demo::{
        balancer::{self, Config, Ready, ServerConfig},
        layout::Layout,
        release::Release,
        tether::Owner,
        traffic::Stats,
    },
    domain::{
        effect::Candidate,
        name::{BadName, Version},
    },
};

/// The name of the demo's backend at its balancer.
const BACKEND: &str = "shop";
/// What runs first, what is good, and what is bad.
const VERSIONS: [&str; 3] = ["2.4.1", "2.5.0", "2.6.0"];
/// Hosts started at once.
const AT_ONCE: usize = 8;

/// A running fleet. It ends with the process that holds it, however that ends.
#[derive(Debug)]
pub struct Fleet {
    layout: Layout,
    /// Let go of before the processes are waited for.
    owner: Option<Owner>,
    processes: Vec<Process>,
    sites: Vec<Site>,
    balancer_port: u16,
}

impl Fleet {
    /// Starts everything and waits until each part answers.
    pub async fn start(options: Options, installer: &dyn Installer) -> Result<Self, FleetError> {
        let Options { hosts, faults, rate, dir, program, login } = options;
        if !HOSTS.contains(&hosts) {
            return Err(FleetError::Hosts(hosts));
        }
        if rate == 0 {
            return Err(FleetError::Rate);
        }
        let faults = faults.into_iter().map(|f| f.checked(hosts)).collect::<Result<Vec<_>, _>>()?;
        let dir = own_dir(dir)?;
        let owner = Owner::of(&dir)?;
        let layout = Layout::new(&dir);
        let ports = ports::free(hosts).ok_or(FleetError::Ports(hosts))?;
        let width = hosts.to_string().len().max(2);
        let hosts: Vec<(String, u16)> =
            (1..).zip(ports).map(|(n, port): (u32, u16)| (format!("host-{n:0width$}"), port)).collect();
        for dir in [layout.artifacts(), layout.hosts(), layout.data()] {
            fs::create_dir_all(&dir).map_err(|source| FleetError::File { path: dir.clone(), source })?;
        }
        let mut first = None;
        for version in VERSIONS {
            let bad = version == VERSIONS[2];
            let release =
                Release { version: version.parse()?, faults: if bad { faults.clone() } else { vec![] } };
            let (artifact, digest) = release.pack(&layout.artifacts())?;
            first.get_or_insert((artifact, Candidate { version: release.version, digest }));
        }
        let mut fleet =
            Self { layout, owner: Some(owner), processes: vec![], sites: vec![], balancer_port: 0 };
        let ready = fleet.start_balancer(&program, &hosts).await?;
        fleet.balancer_port = ready.port;
        let socket = fleet.layout.balancer_socket();
        let text = plan::text(&PlanOf {
            dir: &dir,
            program: &program,
            login: &login,
            balancer_port: ready.port,
            balancer_socket: &socket,
            hosts: &hosts,
        });
        write(&fleet.layout.plan(), &text)?;
        write(&fleet.layout.project().join("RELEASE.md"), plan::RELEASE_NOTES)?;
        if let Some((artifact, candidate)) = first {
            fleet.sites = sites(&fleet.layout, &program, &hosts, &artifact, &candidate);
        }
        fleet.start_hosts(installer).await?;
        fleet.start_traffic(&program, rate).await?;
        Ok(fleet)
    }

    pub fn layout(&self) -> &Layout {
        &self.layout
    }

    pub fn sites(&self) -> &[Site] {
        &self.sites
    }

    /// The versions there are artifacts of: what runs first, a good one, a bad one.
    pub fn versions() -> Result<[Version; 3], BadName> {
        let [first, good, bad] = VERSIONS.map(str::parse);
        Ok([first?, good?, bad?])
    }

    /// Where the service is reached through the balancer.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}/", self.balancer_port)
    }

    /// The text of golive.toml, which also stands in the demo's directory.
    pub fn plan_toml(&self) -> Result<String, FleetError> {
        let path = self.layout.plan();
        fs::read_to_string(&path).map_err(|source| FleetError::File { path, source })
    }

    /// The figures of the traffic, at most 250 ms old.
    pub fn traffic(&self) -> Result<Stats, FleetError> {
        let path = self.layout.traffic_stats();
        let read = fs::read(&path).and_then(|bytes| Ok(serde_json::from_slice(&bytes)?));
        read.map_err(|source| FleetError::File { path, source })
    }

    /// The process ids of balancer and traffic.
    pub fn processes(&self) -> impl Iterator<Item = (&'static str, u32)> + '_ {
        self.processes.iter().filter_map(|process| Some((process.name, process.id()?)))
    }

    /// Ends every process, waits for it, and removes the directory.
    pub async fn end(mut self) -> Result<(), FleetError> {
        if let Some(owner) = self.owner.take() {
            let ended = tokio::task::spawn_blocking(move || owner.end()).await;
            ended.map_err(|source| FleetError::File {
                path: self.layout.dir().into(),
                source: io::Error::other(source),
            })??;
        }
        for process in &mut self.processes {
            process
                .ended()
                .await
                .map_err(|source| FleetError::File { path: self.layout.log(process.name), source })?;
        }
        Ok(())
    }

    async fn start_balancer(&mut self, program: &Path, hosts: &[(String, u16)]) -> Result<Ready, FleetError> {
        let server = |(name, port): &(String, u16)| ServerConfig {
            name: name.clone(),
            address: "127.0.0.1".into(),
            port: *port,
        };
        let config = Config { backend: BACKEND.into(), servers: hosts.iter().map(server).collect() };
        let path = self.layout.balancer_config();
        self.layout.write_json(&path, &config).map_err(|source| FleetError::File { path, source })?;
        self.spawn("balancer", program, &[])?;
        let path = self.layout.balancer_ready();
        let ready = async || {
            let text = fs::read(&path).map_err(|_| "it has not said its port".to_owned())?;
            serde_json::from_slice(&text).map_err(|error| error.to_string())
        };
        until_ready(&mut self.processes, "balancer", ready).await
    }

    async fn start_hosts(&mut self, installer: &dyn Installer) -> Result<(), FleetError> {
        let started = self.sites.iter().map(|site| async {
            let failed = |why| FleetError::Host { host: site.name.clone(), why };
            installer.install(site).await.map_err(failed)
        });
        stream::iter(started).buffer_unordered(AT_ONCE).try_collect::<()>().await?;
        let socket = self.layout.balancer_socket();
        let all = self.sites.len();
        let up = async || {
            let state = balancer::ask(&socket, "show servers state").await.map_err(|e| e.to_string())?;
            let up = state.lines().filter(|line| is_up(line)).count();
            if up == all { Ok(()) } else { Err(format!("{up} of {all} hosts are up")) }
        };
        until_ready(&mut self.processes, "balancer", up).await
    }

    async fn start_traffic(&mut self, program: &Path, rate: u32) -> Result<(), FleetError> {
        let port = self.balancer_port.to_string();
        self.spawn("traffic", program, &["--port", &port, "--rate", &rate.to_string()])?;
        let path = self.layout.traffic_stats();
        let flows = async || {
            let text = fs::read(&path).map_err(|_| "it has written no figures".to_owned())?;
            let stats: Stats = serde_json::from_slice(&text).map_err(|error| error.to_string())?;
            if stats.ok > 0 { Ok(()) } else { Err(format!("no request was served, {} failed", stats.failed)) }
        };
        until_ready(&mut self.processes, "traffic", flows).await
    }

    fn spawn(&mut self, name: &'static str, program: &Path, args: &[&str]) -> Result<(), FleetError> {
        let mut all =
            vec![format!("demo-{name}"), "--demo".into(), self.layout.dir().to_string_lossy().into_owned()];
        all.extend(args.iter().map(ToString::to_string));
        let started = Process::start(name, program, &all, self.layout.log(name));
        self.processes.push(started.map_err(|source| FleetError::File { path: program.into(), source })?);
        Ok(())
    }
}

fn own_dir(dir: Option<PathBuf>) -> Result<PathBuf, FleetError> {
    let made = match dir {
        Some(dir) => fs::create_dir_all(&dir).and_then(|()| fs::canonicalize(&dir)).map_err(|e| (dir, e)),
        None => tempfile::Builder::new()
            .prefix("golive-demo-")
            .tempdir()
            .and_then(|made| fs::canonicalize(made.keep()))
            .map_err(|e| (std::env::temp_dir(), e)),
    };
    made.map_err(|(path, source)| FleetError::File { path, source })
}

fn write(path: &Path, text: &str) -> Result<(), FleetError> {
    fs::write(path, text).map_err(|source| FleetError::File { path: path.into(), source })
}
