//! `golive continue`: lifts a hold.

use clap::Args;

use crate::{
    cli::{context::Context, exit::Exit, failure::Failure},
    domain::course::CourseCommand,
};

#[derive(Debug, Args)]
pub struct Arguments {
    /// Tell what happens until the line stands still
    #[arg(long)]
    wait: bool,
}

pub fn run(arguments: &Arguments, context: &Context) -> Result<Exit, Failure> {
    context.act_and_wait(CourseCommand::Continue, arguments.wait)
}
