//! `golive rollback`: the previous version back on every host that this rollout changed. It never waits for an
//! approval; twice is once.

use clap::Args;

use crate::{
    cli::{context::Context, exit::Exit, failure::Failure},
    domain::{name::UnitId, rollout::RolloutCommand},
};

#[derive(Debug, Args)]
pub struct Arguments {
    /// Only these hosts; the rollout as a whole is not given up
    #[arg(value_name = "HOST")]
    hosts: Vec<UnitId>,
    /// Tell what happens until it has ended: 4 rolled back, 6 needs a human
    #[arg(long)]
    wait: bool,
}

impl From<Arguments> for RolloutCommand {
    fn from(arguments: Arguments) -> Self {
        Self::RollBack { only: arguments.hosts }
    }
}

pub fn run(arguments: Arguments, context: &Context) -> Result<Exit, Failure> {
    let wait = arguments.wait;
    context.act_urgently(RolloutCommand::from(arguments), wait)
}
