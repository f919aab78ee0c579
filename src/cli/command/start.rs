//! `golive start`: starts the next stage. Whoever starts it is on watch.

use clap::Args;

use crate::{
    cli::{context::Context, exit::Exit, failure::Failure},
    domain::{name::StageName, rollout::RolloutCommand},
};

#[derive(Debug, Args)]
pub struct Arguments {
    /// Refuse unless this is the next stage; among branches, start this one
    stage: Option<StageName>,
    /// Start it although its window is closed, and why; it stands in the record
    #[arg(long, value_name = "REASON", requires = "confirm")]
    outside_window: Option<String>,
    /// The name of the stage that starts, for --outside-window
    #[arg(long, value_name = "STAGE", requires = "outside_window")]
    confirm: Option<StageName>,
    /// Tell what happens until the line stands still: 0 it waits for its promotion, 4 rolled back, 6 needs a human
    #[arg(long)]
    wait: bool,
}

impl From<Arguments> for RolloutCommand {
    fn from(arguments: Arguments) -> Self {
        match (arguments.outside_window, arguments.confirm) {
            (Some(reason), Some(stage)) => Self::StartOutside { stage, reason },
            _ => Self::Start { stage: arguments.stage },
        }
    }
}

pub fn run(arguments: Arguments, context: &Context) -> Result<Exit, Failure> {
    let wait = arguments.wait;
    context.act_and_wait(RolloutCommand::from(arguments), wait)
}
