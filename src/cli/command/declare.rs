//! `golive declare`: the decision. GO can't be declared against what the gate says; the head of the record is
//! printed with it, so that it can be written down elsewhere.

use clap::{Args, Subcommand};

use crate::{
    cli::{context::Context, exit::Exit, failure::Failure, link::Link},
    domain::{
        pipeline::too_early,
        poll::{Decision, PollCommand},
    },
};

#[derive(Debug, Args)]
pub struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Declare GO: it starts nothing by itself, and expires
    Go {
        /// What speaks for it
        #[arg(long, default_value = "")]
        reason: String,
    },
    /// Declare NO-GO
    NoGo {
        /// Why not
        #[arg(long)]
        reason: String,
        /// When to ask again
        #[arg(long, value_name = "TIME")]
        ask_again: Option<String>,
    },
}

pub fn asks(arguments: Arguments, context: &Context) -> Result<PollCommand, Failure> {
    Ok(match arguments.what {
        What::Go { reason } => PollCommand::Declare { decision: Decision::Go, reason, ask_again: None },
        What::NoGo { reason, ask_again } => {
            let ask_again = ask_again.map(|text| context.moment(&text)).transpose()?;
            PollCommand::Declare { decision: Decision::NoGo, reason, ask_again }
        }
    })
}

pub fn run(arguments: Arguments, context: &Context) -> Result<Exit, Failure> {
    let command = asks(arguments, context)?;
    let project = context.project()?;
    context.wait(async {
        let mut link = Link::open(context, &project).await?;
        let go = matches!(command, PollCommand::Declare { decision: Decision::Go, .. });
        let answer = link.send(command).await?;
        let early = match answer.unseen {
            None if go => too_early(link.session()?, link.now()?).map(|early| early.words()),
            _ => None,
        };
        answer.tell_declared(early.as_deref(), context.out)?;
        Ok(Exit::Done)
    })
}
