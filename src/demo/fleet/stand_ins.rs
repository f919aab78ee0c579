//! The fleet of a rehearsal: processes that stand in for the hosts of a team's own plan, one balancer an environment that
//! has one, and traffic where the plan has any. It lives in one directory, and goes with the process that holds it.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use super::{
    error::FleetError,
    front::Front,
    plan, ports,
    site::{Installer, Site},
    start::{BACKEND, Starting, own_dir},
};
use crate::{
    demo::{fault::Fault, layout::Layout, release::Release, tether::Owner, traffic::Stats},
    domain::{
        effect::Candidate,
        name::{EnvironmentName, PersonName, UnitId, Version},
        plan::{
            Adopted, AgentReports, BadTemplate, Balancer, Converge, DesiredStore, Driver, Environment, Plan,
            Template, TrafficKind, rules,
        },
        rehearsal::{Place, StandIns, staged, staged_hosts, stand_in},
        time::Span,
    },
};

/// Processes that a rehearsal may have at most.
pub const LARGEST: u16 = 200;

/// Requests a second, to each environment that has traffic.
const RATE: u32 = 20;

/// What is rehearsed, and by whom.
#[derive(Clone, Debug)]
pub struct Rehearsing {
    /// With no more hosts than [`LARGEST`].
    pub plan: Plan,
    /// What runs before, and what is taken live.
    pub from: Version,
    pub to: Version,
    /// What is wrong with the new version, by the names of the plan's hosts.
    pub faults: Vec<Fault>,
    /// A bake or a pause is cut to this.
    pub longest: Span,
    pub person: PersonName,
    pub login: String,
    pub program: PathBuf,
}

/// It ends with the process that holds it, however that ends.
pub struct StandInFleet {
    layout: Layout,
    owner: Owner,
    places: Vec<Starting>,
    /// As the rehearsal plays it.
    pub adopted: Arc<Adopted>,
    pub candidate: Candidate,
    pub otherwise: Vec<String>,
}

impl StandInFleet {
    pub async fn start(of: Rehearsing, installer: &dyn Installer) -> Result<Self, FleetError> {
        let staged: Vec<&Environment> = staged(&of.plan).collect();
        let count = u16::try_from(staged_hosts(&of.plan)).unwrap_or(u16::MAX);
        if !(1..=LARGEST).contains(&count) {
            return Err(FleetError::Hosts(count));
        }
        let mut free = ports::free(count).ok_or(FleetError::Ports(count))?.into_iter();
        let dir = own_dir(None, "golive-rehearsal-")?;
        let owner = Owner::of(&dir)?;
        let layout = Layout::new(&dir);
        make(&layout.artifacts())?;
        let pack = |version: &Version, faults: &[Fault]| -> Result<Candidate, FleetError> {
            let release = Release { version: version.clone(), faults: faults.to_vec() };
            let (_, digest) = release.pack(&layout.artifacts())?;
            Ok(Candidate::new(version.clone(), digest))
        };
        let (first, candidate) = (pack(&of.from, &[])?, pack(&of.to, &of.faults)?);

        let (mut starting, mut places) = (Vec::new(), BTreeMap::new());
        for environment in &staged {
            let (part, place) = settle(&layout, (&of.plan, environment), &mut free, &of.program).await?;
            starting.push((*environment, part));
            places.insert(environment.name.clone(), place);
        }
        let played = stand_in(&of.plan, &stand_ins(&of, places, &layout)?);
        if let Some(broken) = rules::check(&played.plan).into_iter().next() {
            return Err(FleetError::Unplayable(format!("{}: {}", broken.place, broken.what)));
        }
        let plan = Arc::new(Adopted::new(played.plan, header(&of)));
        let (project, program) = (layout.project(), of.program.clone());
        let site = Site {
            project,
            program,
            plan: plan.clone(),
            first,
            good: candidate.clone(),
            bad: candidate.clone(),
            faults: of.faults.clone(),
        };
        installer.install(&site).await.map_err(FleetError::Install)?;
        let mut running = Vec::new();
        for (environment, mut settled) in starting {
            settled.agents(environment, &site).await?;
            let Settled { mut part, port, servers, .. } = settled;
            if let Some(port) = port {
                part.hosts_up(servers).await?;
                part.out_of_traffic(environment.hosts().filter(|host| host.spare)).await?;
                if environment.traffic == TrafficKind::Real {
                    part.traffic(port, RATE).await?;
                }
            }
            running.push(part);
        }
        let otherwise = played.otherwise;
        Ok(Self { layout, owner, places: running, adopted: plan, candidate, otherwise })
    }

    pub fn layout(&self) -> &Layout {
        &self.layout
    }

    /// Requests that were sent so far, and that failed; none: nothing was sent.
    pub fn requests(&self) -> Option<(u64, u64)> {
        let stats: Vec<Stats> =
            self.places.iter().filter_map(|part| Stats::read(&part.layout).ok()).collect();
        let all = |count: fn(&Stats) -> u64| stats.iter().map(count).sum();
        (!stats.is_empty()).then(|| (all(|stats| stats.sent), all(|stats| stats.failed)))
    }

    /// Ends every process, waits for it, and removes the directory.
    pub async fn end(self) -> Result<(), FleetError> {
        let Self { layout, owner, places, .. } = self;
        let failed = |path, source| FleetError::File { path, source };
        let ended = tokio::task::spawn_blocking(move || owner.end()).await;
        ended.map_err(|error| failed(layout.dir().into(), std::io::Error::other(error)))??;
        for mut part in places {
            for process in &mut part.processes {
                process.ended().await.map_err(|error| failed(part.layout.log(process.name), error))?;
            }
        }
        Ok(())
    }
}

/// The part of the directory that is one environment's.
fn place_dir(layout: &Layout, environment: &EnvironmentName) -> Result<PathBuf, FleetError> {
    let name = environment.as_str();
    if name.contains('/') || name.starts_with('.') {
        return Err(FleetError::NoDirectory(environment.clone()));
    }
    Ok(layout.dir().join("at").join(name))
}

fn make(dir: &Path) -> Result<(), FleetError> {
    fs::create_dir_all(dir).map_err(|source| FleetError::File { path: dir.into(), source })
}

/// What of an environment runs before its hosts do.
struct Settled {
    part: Starting,
    /// Where its balancer takes requests.
    port: Option<u16>,
    /// How many hosts that has.
    servers: usize,
    /// Where the store is asked that its agents read, and the key that they share.
    store: Option<(u16, Option<String>)>,
    hosts: Vec<(String, u16)>,
}

impl Settled {
    /// Its agents install the first release; where golive changes the hosts there are none.
    async fn agents(&mut self, environment: &Environment, site: &Site) -> Result<(), FleetError> {
        let Some((store, key)) = &self.store else { return Ok(()) };
        let key = key.as_ref().map(|_| environment.name.as_str());
        self.part.agents(*store, site, &self.hosts, key).await?;
        self.part.installed(*store, site, &self.hosts).await
    }
}

/// Ports, directories and, where the plan has them, the balancer of an environment and the store of its agents.
async fn settle(
    demo: &Layout,
    (plan, environment): (&Plan, &Environment),
    free: &mut impl Iterator<Item = u16>,
    program: &Path,
) -> Result<(Settled, Place), FleetError> {
    let dir = place_dir(demo, &environment.name)?;
    let layout = Layout::new(&dir);
    make(&layout.hosts())?;
    let ports: BTreeMap<_, _> =
        environment.hosts().map(|host| host.unit.clone()).zip(free.by_ref()).collect();
    let mut part = Starting::new(demo.clone(), layout, program.to_path_buf());
    let mut servers = Vec::new();
    let port = if environment.balancer == Balancer::None {
        None
    } else {
        servers = balanced(plan, environment, &ports)?;
        Some(part.balancer(&servers).await?.port)
    };
    // Where there should be no traffic a test's own request through the balancer would be an alarm: it asks the hosts.
    let through = port.filter(|_| environment.traffic != TrafficKind::None);
    let front = Front { ports: through.map_or_else(|| ports.values().copied().collect(), |port| vec![port]) };
    front.write(&dir).map_err(|error| FleetError::Plan(error.to_string()))?;
    let balancer = port.map(|_| Balancer::Haproxy {
        socket: part.layout.balancer_socket().to_string_lossy().into_owned(),
        backend: BACKEND.to_owned(),
        drain_timeout: drain_timeout(environment),
    });
    let start = plan::start(program, demo.dir());
    let start: Result<Vec<_>, _> = start.iter().map(|word| Template::new(word)).collect();
    let hosts = environment.hosts();
    let hosts = hosts.filter_map(|host| Some((host.name.to_string(), *ports.get(&host.unit)?))).collect();
    let mut settled = Settled { part, port, servers: servers.len(), store: None, hosts };
    if let Some(converge) = environment.converges() {
        let store = settled.part.store().await?;
        let shared = (!converge.store.per_host()).then(|| environment.name.to_string());
        let driver = agents_driver(store, shared.as_deref())?;
        settled.store = Some((store, shared));
        return Ok((settled, Place { driver, balancer, ports }));
    }
    // Of several components on one host each has a directory of its own.
    let below = if plan.has_parts() { "/{component}" } else { "" };
    let driver = Driver::Local {
        dir: Template::new(&format!("{}{below}", plain(&settled.part.layout.hosts())))?,
        start: start?,
        env: BTreeMap::new(),
        keep: 3,
        stop_timeout: Span::secs(3),
    };
    Ok((settled, Place { driver, balancer, ports }))
}

/// The hosts that a balancer has: those of the components that are behind it.
fn balanced(
    plan: &Plan,
    environment: &Environment,
    ports: &BTreeMap<UnitId, u16>,
) -> Result<Vec<(String, u16)>, FleetError> {
    let mut servers: Vec<(String, u16)> = Vec::new();
    for pool in &environment.pools {
        let part = Some(&pool.component).filter(|_| plan.has_parts());
        if *plan.balancer(environment, part) == Balancer::None {
            continue;
        }
        for host in &pool.hosts {
            let Some(port) = ports.get(&host.unit) else { continue };
            if servers.iter().any(|(name, _)| name == host.name.as_str()) {
                let what = format!("{} is behind its balancer with two components", host.name);
                return Err(FleetError::Unplayable(what));
            }
            servers.push((host.name.to_string(), *port));
        }
    }
    Ok(servers)
}

/// Agents of the rehearsal's own, which look every two seconds.
fn agents_driver(store: u16, shared: Option<&str>) -> Result<Driver, BadTemplate> {
    let at = |what: &str, key: &str| Template::new(&format!("http://127.0.0.1:{store}/{what}/{key}"));
    let (headers, timeout) = (BTreeMap::new(), Span::secs(10));
    let own = shared.map_or("{name}", |_| "{environment}");
    Ok(Driver::Converge(Box::new(Converge {
        store: DesiredStore::Http { url: at("desired", own)?, revision: None, headers, timeout },
        every: Span::secs(2),
        tolerance: Span::secs(8),
        agents: Some(AgentReports::Http { url: at("agents", "{name}")?, headers: BTreeMap::new(), timeout }),
        nudge: None,
    })))
}

/// As the plan has it: a stand-in's own requests are short. What the plan's commands may take is no time to drain, and
/// may be longer than a host has in all.
fn drain_timeout(environment: &Environment) -> Span {
    match &environment.balancer {
        Balancer::Haproxy { drain_timeout, .. } => *drain_timeout,
        Balancer::Exec { timeout, .. } => (*timeout).min(Span(environment.deadlines.healthy_deadline.0 / 2)),
        Balancer::None => Span::secs(10),
    }
}

/// A path as a template has it.
fn plain(path: &Path) -> String {
    path.to_string_lossy().replace('{', "{{").replace('}', "}}")
}

fn stand_ins(
    of: &Rehearsing,
    places: BTreeMap<EnvironmentName, Place>,
    layout: &Layout,
) -> Result<StandIns, BadTemplate> {
    let at = format!("{}/{{environment}}", plain(&layout.dir().join("at")));
    let words = [&plain(&of.program), "demo-front", "--at", &at];
    let host = |path: &str| Template::new(&format!("http://{{host}}:{{port}}{path}"));
    Ok(StandIns {
        places,
        artifact: Template::new(&format!("{}/shop-{{version}}.tar.gz", plain(&layout.artifacts())))?,
        front: words.into_iter().map(Template::new).collect::<Result<_, _>>()?,
        alive: (host("/is_alive")?, "/version".to_owned()),
        self_test: host("/selftest")?,
        other: host("/")?,
        person: of.person.clone(),
        login: of.login.clone(),
        longest: of.longest,
    })
}

/// What stands in the place of the plan's file: it has none.
fn header(of: &Rehearsing) -> String {
    format!(
        "# REHEARSAL of {}: the project's own plan on stand-ins, made from what golive.toml said.\n[project]\nname = {}\n",
        of.to,
        toml::Value::from(of.plan.project.as_str())
    )
}
