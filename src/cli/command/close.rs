//! `golive close`: ends the session when what is live is verified, or all was rolled back, or nothing started.

use clap::Args;

use crate::{
    cli::{context::Context, exit::Exit, failure::Failure, link::Link},
    domain::course::CourseCommand,
};

#[derive(Debug, Args)]
pub struct Arguments {
    /// Give the session up before any host was changed, and why (decider)
    #[arg(long, value_name = "REASON")]
    abandon: Option<String>,
}

pub fn run(arguments: Arguments, context: &Context) -> Result<Exit, Failure> {
    let command = match arguments.abandon {
        Some(reason) => CourseCommand::Abandon { reason },
        None => CourseCommand::Close,
    };
    let project = context.project()?;
    context.wait(async {
        let mut link = Link::open(context, &project).await?;
        link.send(command).await?.tell_with_head(context.out)?;
        Ok(Exit::Done)
    })
}
