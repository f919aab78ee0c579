//! The commands by which the demo starts its own processes: `golive demo-host`, `demo-balancer`,
//! `demo-traffic`, `demo-store`, `demo-agent`, and by which a rehearsal asks its own: `demo-front`. They are no part of the documented command line.

use std::io::{self, Write};

use super::{
    agents::{self, AgentError, StoreError},
    balancer::{self, BalancerError},
    flags::{BadFlags, Flags},
    fleet::{self, FrontError},
    service::{self, ServiceError},
    traffic::{self, TrafficError},
};

#[derive(Debug, thiserror::Error)]
pub enum HiddenError {
    #[error(transparent)]
    Flags(#[from] BadFlags),
    #[error(transparent)]
    Service(#[from] ServiceError),
    #[error(transparent)]
    Balancer(#[from] BalancerError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Agent(#[from] AgentError),
    #[error(transparent)]
    Traffic(#[from] TrafficError),
    #[error(transparent)]
    Front(#[from] FrontError),
    #[error("the runtime can't be made: {0}")]
    Runtime(io::Error),
}

/// Runs a process of the demo if `args` (without the program's name) ask for one. `out` takes its log.
pub fn hidden(args: &[String], out: Box<dyn Write + Send>) -> Option<Result<(), HiddenError>> {
    let (command, rest) = args.split_first()?;
    match command.as_str() {
        "demo-host" => Some(host(rest, out)),
        "demo-balancer" => Some(balancer(rest)),
        "demo-store" => Some(store(rest)),
        "demo-agent" => Some(agent(rest)),
        "demo-traffic" => Some(traffic(rest)),
        "demo-front" => Some(front(rest)),
        _ => None,
    }
}

fn host(args: &[String], out: Box<dyn Write + Send>) -> Result<(), HiddenError> {
    let mut flags = Flags::read(args)?;
    let args = service::Args {
        name: flags.take("name")?,
        port: flags.take("port")?,
        release: flags.take("release")?,
        demo: flags.take("demo")?,
    };
    flags.done()?;
    Ok(run(service::run(args, out))??)
}

fn balancer(args: &[String]) -> Result<(), HiddenError> {
    let mut flags = Flags::read(args)?;
    let args = balancer::Args { demo: flags.take("demo")?, at: flags.take_if("at")? };
    flags.done()?;
    Ok(run(balancer::run(args))??)
}

fn traffic(args: &[String]) -> Result<(), HiddenError> {
    let mut flags = Flags::read(args)?;
    let args = traffic::Args {
        demo: flags.take("demo")?,
        at: flags.take_if("at")?,
        port: flags.take("port")?,
        rate: flags.take("rate")?,
    };
    flags.done()?;
    Ok(run(traffic::run(args))??)
}

fn store(args: &[String]) -> Result<(), HiddenError> {
    let mut flags = Flags::read(args)?;
    let args = agents::StoreArgs { demo: flags.take("demo")?, at: flags.take_if("at")? };
    flags.done()?;
    Ok(run(agents::store(args))??)
}

fn agent(args: &[String]) -> Result<(), HiddenError> {
    let mut flags = Flags::read(args)?;
    let args = agents::AgentArgs {
        name: flags.take("name")?,
        port: flags.take("port")?,
        store: flags.take("store")?,
        key: flags.take_if("key")?,
        demo: flags.take("demo")?,
        at: flags.take_if("at")?,
    };
    flags.done()?;
    Ok(run(agents::agent(args))??)
}

fn front(args: &[String]) -> Result<(), HiddenError> {
    let mut flags = Flags::read(args)?;
    let args = fleet::FrontArgs { at: flags.take("at")? };
    flags.done()?;
    Ok(run(fleet::ask_front(args))??)
}

/// One thread is enough for each of them, and there may be two hundred.
fn run<T>(work: impl Future<Output = T>) -> Result<T, HiddenError> {
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(HiddenError::Runtime)?;
    Ok(runtime.block_on(work))
}
