//! Starting the fleet: artifacts, balancer, plan, hosts, traffic; each part answers before the next is begun.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use super::{
    children::Process,
    error::FleetError,
    options::{DemoStrategy, HOSTS, Options},
    plan::{self, PlanOf},
    ports,
    ready::{is_up, until_ready},
    running::Fleet,
    site::{Installer, Site},
};
use crate::{
    config,
    demo::{
        balancer::{self, Config, Ready, ServerConfig},
        fault::Fault,
        layout::Layout,
        release::Release,
        tether::Owner,
        traffic::Stats,
    },
    domain::{
        effect::Candidate,
        plan::{Adopted, Host},
    },
};

/// The name of the demo's backend at its balancer.
pub(in crate::demo) const BACKEND: &str = "shop";

/// The versions there are artifacts of: what runs when the demo begins, and what may follow.
const FIRST: &str = "2.4.1";
const GOOD: &str = "2.5.0";
const BAD: &str = "2.6.0";

impl Fleet {
    /// Starts everything and waits until each part answers.
    pub async fn start(options: Options, installer: &dyn Installer) -> Result<Fleet, FleetError> {
        if !HOSTS.contains(&options.hosts) {
            return Err(FleetError::Hosts(options.hosts));
        }
        if options.rate == 0 {
            return Err(FleetError::Rate);
        }
        let checked = options.faults.iter().map(|fault| fault.clone().checked(options.hosts));
        let faults = checked.collect::<Result<Vec<_>, _>>()?;
        let ports = ports::free(options.hosts).ok_or(FleetError::Ports(options.hosts))?;
        let width = options.hosts.to_string().len().max(2);
        let hosts: Vec<(String, u16)> =
            (1..).zip(ports).map(|(n, port): (u32, u16)| (format!("host-{n:0width$}"), port)).collect();

        let dir = own_dir(options.dir.clone(), "golive-demo-")?;
        let owner = Owner::of(&dir)?;
        let layout = Layout::new(&dir);
        for dir in [layout.artifacts(), layout.hosts(), layout.data()] {
            fs::create_dir_all(&dir).map_err(|source| FleetError::File { path: dir.clone(), source })?;
        }
        let pack = |version: &str, faults: &[Fault]| -> Result<Candidate, FleetError> {
            let release = Release { version: version.parse()?, faults: faults.to_vec() };
            let (_, digest) = release.pack(&layout.artifacts())?;
            Ok(Candidate::new(release.version, digest))
        };
        let [first, good] = [pack(FIRST, &[])?, pack(GOOD, &[])?];
        let bad = pack(BAD, &faults)?;

        let mut starting = Starting::new(layout.clone(), layout, options.program.clone());
        let balancer = starting.balancer(&hosts).await?;
        let store = match options.strategy {
            DemoStrategy::Converge => Some(starting.store().await?),
            _ => None,
        };
        let plan = starting.plan(&options, &hosts, balancer.port, store)?;
        let (project, plan) = (starting.layout.project(), Arc::new(plan));
        let program = starting.program.clone();
        let site = Site { project, program, plan, first, good, bad, faults };
        match store {
            Some(store) => starting.agents(store, &site, &hosts, None).await?,
            None => installer.install(&site).await.map_err(FleetError::Install)?,
        }
        starting.hosts_up(hosts.len()).await?;
        starting.stand_by(&site).await?;
        starting.traffic(balancer.port, options.rate).await?;
        let Starting { layout, processes, .. } = starting;
        Ok(Fleet::new(layout, owner, processes, site, balancer.port))
    }
}

/// A fleet that is not complete yet. Its owner is dropped with it, which ends what was started.
pub(super) struct Starting {
    /// The directory that its processes live and die with.
    demo: Layout,
    /// Where this part's own files are.
    pub(super) layout: Layout,
    program: PathBuf,
    pub(super) processes: Vec<Process>,
}

impl Starting {
    pub(super) fn new(demo: Layout, layout: Layout, program: PathBuf) -> Self {
        Self { demo, layout, program, processes: Vec::new() }
    }

    pub(super) async fn balancer(&mut self, hosts: &[(String, u16)]) -> Result<Ready, FleetError> {
        let server = |(name, port): &(String, u16)| ServerConfig {
            name: name.clone(),
            address: "127.0.0.1".into(),
            port: *port,
        };
        let config = Config { backend: BACKEND.into(), servers: hosts.iter().map(server).collect() };
        let path = self.layout.balancer_config();
        self.layout.write_json(&path, &config).map_err(|source| FleetError::File { path, source })?;
        self.spawn("balancer", &[])?;
        let path = self.layout.balancer_ready();
        let ready = async || {
            let text = fs::read(&path).map_err(|_| "it has not said its port".to_owned())?;
            serde_json::from_slice(&text).map_err(|error| error.to_string())
        };
        until_ready(&mut self.processes, "balancer", ready).await
    }

    /// Writes the team's files, and reads them as any team's.
    fn plan(
        &self,
        options: &Options,
        hosts: &[(String, u16)],
        port: u16,
        store: Option<u16>,
    ) -> Result<Adopted, FleetError> {
        let text = plan::text(&PlanOf {
            dir: self.layout.dir(),
            program: &self.program,
            login: &options.login,
            lead: &options.lead,
            balancer_port: port,
            balancer_socket: &self.layout.balancer_socket(),
            hosts,
            strategy: options.strategy,
            store,
        });
        write(&self.layout.plan(), &text)?;
        write(&self.layout.project().join("RELEASE.md"), plan::RELEASE_NOTES)?;
        let loaded = config::load(&self.layout.project(), None)
            .map_err(|problems| FleetError::Plan(problems.to_string()))?;
        let blocked: Vec<String> = loaded.blockers().map(ToString::to_string).collect();
        if blocked.is_empty() {
            Ok(Adopted::new(loaded.plan, loaded.source))
        } else {
            Err(FleetError::Plan(blocked.join("; ")))
        }
    }

    pub(super) async fn hosts_up(&mut self, all: usize) -> Result<(), FleetError> {
        let socket = self.layout.balancer_socket();
        let up = async || {
            let state = balancer::ask(&socket, "show servers state").await.map_err(|e| e.to_string())?;
            let up = state.lines().filter(|line| is_up(line)).count();
            if up == all { Ok(()) } else { Err(format!("{up} of {all} hosts are up")) }
        };
        until_ready(&mut self.processes, "balancer", up).await
    }

    /// The hosts of a cloud that is not primary serve nobody from the beginning.
    async fn stand_by(&self, site: &Site) -> Result<(), FleetError> {
        for environment in site.plan().environments.values().filter(|it| !it.clouds.is_empty()) {
            let others = environment.pools.iter().filter(|pool| pool.cloud.as_ref() != environment.primary());
            self.out_of_traffic(others.flat_map(|pool| &pool.hosts)).await?;
        }
        Ok(())
    }

    /// These hosts serve nobody from the beginning.
    pub(super) async fn out_of_traffic<'a>(
        &self,
        hosts: impl Iterator<Item = &'a Host>,
    ) -> Result<(), FleetError> {
        let path = self.layout.balancer_socket();
        for host in hosts {
            let command = format!("set server {BACKEND}/{} state maint", host.name);
            let told = balancer::ask(&path, &command).await;
            told.map_err(|source| FleetError::File { path: path.clone(), source })?;
        }
        Ok(())
    }

    pub(super) async fn traffic(&mut self, port: u16, rate: u32) -> Result<(), FleetError> {
        self.spawn("traffic", &["--port", &port.to_string(), "--rate", &rate.to_string()])?;
        let path = self.layout.traffic_stats();
        let flows = async || {
            let text = fs::read(&path).map_err(|_| "it has written no figures".to_owned())?;
            let stats: Stats = serde_json::from_slice(&text).map_err(|error| error.to_string())?;
            if stats.ok > 0 { Ok(()) } else { Err(format!("no request was served, {} failed", stats.failed)) }
        };
        until_ready(&mut self.processes, "traffic", flows).await
    }

    pub(super) fn spawn(&mut self, name: &'static str, args: &[&str]) -> Result<(), FleetError> {
        self.spawn_as(name, name, args)
    }

    /// The same, one of several of its kind, with a log of its own.
    pub(super) fn spawn_as(
        &mut self,
        name: &'static str,
        log: &str,
        args: &[&str],
    ) -> Result<(), FleetError> {
        let mut all =
            vec![format!("demo-{name}"), "--demo".into(), self.demo.dir().to_string_lossy().into_owned()];
        if self.layout != self.demo {
            all.extend(["--at".into(), self.layout.dir().to_string_lossy().into_owned()]);
        }
        all.extend(args.iter().map(ToString::to_string));
        let started = Process::start(name, &self.program, &all, self.layout.log(log));
        let failed = |source| FleetError::File { path: self.program.clone(), source };
        self.processes.push(started.map_err(failed)?);
        Ok(())
    }
}

pub(super) fn own_dir(dir: Option<PathBuf>, prefix: &str) -> Result<PathBuf, FleetError> {
    let made = match dir {
        Some(dir) => fs::create_dir_all(&dir).and_then(|()| fs::canonicalize(&dir)).map_err(|e| (dir, e)),
        None => tempfile::Builder::new()
            .prefix(prefix)
            .tempdir()
            .and_then(|made| fs::canonicalize(made.keep()))
            .map_err(|e| (std::env::temp_dir(), e)),
    };
    made.map_err(|(path, source)| FleetError::File { path, source })
}

fn write(path: &Path, text: &str) -> Result<(), FleetError> {
    fs::write(path, text).map_err(|source| FleetError::File { path: path.into(), source })
}
