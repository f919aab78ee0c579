//! `golive start`: starts the next stage. Whoever starts it is on watch.

use clap::Args;

use crate::{
    cli::{context::Context, exit::Exit, failure::Failure},
    domain::{name::StageName, rollout::RolloutCommand},
};

#[derive(Debug, Args)]
pub struct Arguments {
    /// Refuse unless this is the next stage
    stage: Option<StageName>,
    /// Tell what happens until the line stands still: 0 it waits for its promotion, 4 rolled back, 6 needs a human
    #[arg(long)]
    wait: bool,
}

impl From<Arguments> for RolloutCommand {
    fn from(arguments: Arguments) -> Self {
        Self::Start { stage: arguments.stage }
    }
}

pub fn run(arguments: Arguments, context: &Context) -> Result<Exit, Failure> {
    let wait = arguments.wait;
    context.act_and_wait(RolloutCommand::from(arguments), wait)
}
