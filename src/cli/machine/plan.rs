//! What the project's plan needs of this machine: its home, its balancers' sockets, whose login is whose.

use std::{
    fs,
    net::{TcpStream, ToSocketAddrs as _},
    os::unix::net::UnixStream,
    time::Duration,
};

use crate::{
    cli::{command::doctor::Finding, project::Project},
    config::init,
    domain::{
        name::RoleName,
        plan::{Balancer, Plan},
    },
    wire::Door,
};

/// How long a balancer may take to take a connection.
const PATIENCE: Duration = Duration::from_secs(2);

pub fn findings(project: &Project) -> Vec<Finding> {
    let mut findings = vec![conductor(project)];
    match project.load() {
        Err(failure) => findings.push(Finding::missing("plan", failure.what, failure.hint)),
        Ok(loaded) => {
            let blockers = loaded.blockers().count();
            findings.push(if blockers == 0 {
                Finding::good("plan", "valid, and this build carries all of it out")
            } else {
                Finding::missing(
                    "plan",
                    format!("valid, but {blockers} of its parts are not carried out by this build"),
                    "golive check names them",
                )
            });
            findings.push(home(&loaded.plan));
            findings.push(person(&loaded.plan));
            for environment in loaded.plan.environments.values() {
                if let Balancer::Haproxy { socket, backend, .. } = &environment.balancer {
                    findings.push(balancer(socket, backend, project));
                }
            }
        }
    }
    findings
}

fn conductor(project: &Project) -> Finding {
    match Door::read(&project.files.lock()) {
        Ok(Some(door)) if UnixStream::connect(&door.socket).is_ok() => {
            Finding::good("conductor", format!("runs, pid {}, at {}", door.pid, door.socket.display()))
        }
        Ok(_) => Finding::good("conductor", "none runs; the first command that needs one starts it"),
        Err(error) => Finding::missing("conductor", error.to_string(), "is the file yours?"),
    }
}

fn home(plan: &Plan) -> Finding {
    let here = init::machine().unwrap_or_else(|| "without a name".into());
    match &plan.home {
        None => Finding::good("home", "project.home names no machine: this one is as good as another"),
        Some(home) if *home == here => Finding::good("home", format!("{home}, which is this machine")),
        Some(home) => Finding::warning(
            "home",
            format!("project.home is {home}, and this machine is {here}: open refuses here"),
            format!("ssh {home}, or change project.home"),
        ),
    }
}

fn person(plan: &Plan) -> Finding {
    let login = init::login().unwrap_or_default();
    match plan.people.values().find(|person| person.login == login) {
        Some(person) => {
            let roles: Vec<&str> = person.roles.iter().map(RoleName::as_str).collect();
            Finding::good("person", format!("{}: {}", person.name, roles.join(", ")))
        }
        None => Finding::warning(
            "person",
            format!("the login {login:?} is nobody's in [people]: it may look, but not act"),
            "add it to [people], or use --as PERSON",
        ),
    }
}

fn balancer(socket: &str, backend: &str, project: &Project) -> Finding {
    let what = "haproxy";
    let path = project.dir.join(socket);
    let lift = "stats socket … level admin, readable by this login; is haproxy running?";
    let connected = if fs::symlink_metadata(&path).is_ok() {
        UnixStream::connect(&path).map(drop).map_err(|error| error.to_string())
    } else {
        address(socket)
    };
    match connected {
        Ok(()) => Finding::good(what, format!("{socket} takes connections (backend {backend})")),
        Err(error) => Finding::missing(what, format!("{socket}: {error}"), lift),
    }
}

fn address(socket: &str) -> Result<(), String> {
    let addresses = socket.to_socket_addrs().map_err(|_| "there is no such socket".to_owned())?;
    let mut last = "it names no address".to_owned();
    for address in addresses {
        match TcpStream::connect_timeout(&address, PATIENCE) {
            Ok(_) => return Ok(()),
            Err(error) => last = error.to_string(),
        }
    }
    Err(last)
}
