//! `golive promote`: the running stage has done its part; the next one starts, unless the poll stands between.

use clap::Args;

use crate::{
    cli::{context::Context, exit::Exit, failure::Failure},
    domain::rollout::RolloutCommand,
};

#[derive(Debug, Args)]
pub struct Arguments {
    /// Tell what happens until the line stands still
    #[arg(long)]
    wait: bool,
}

pub fn run(arguments: &Arguments, context: &Context) -> Result<Exit, Failure> {
    context.act_and_wait(RolloutCommand::Promote, arguments.wait)
}
