//! `golive watch`: what happens, as an account that only grows; and who looks after the rollout.

use clap::{Args, Subcommand};

use crate::{
    cli::{account::Account, context::Context, exit::Exit, failure::Failure, link::Link, standing},
    domain::{course::CourseCommand, name::PersonName},
};

#[derive(Debug, Args)]
pub struct Arguments {
    #[command(subcommand)]
    what: Option<What>,
    /// Stop when the line stands still, and say how it stands by the exit status
    #[arg(long)]
    until_still: bool,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Offer the watch to somebody
    Offer {
        /// Who may take it
        person: PersonName,
    },
    /// Take the watch: when it is offered, free, or its holder gone
    Take,
}

/// What is asked of the conductor; none: the account.
pub fn asks(arguments: Arguments) -> Option<CourseCommand> {
    Some(match arguments.what? {
        What::Offer { person } => CourseCommand::OfferWatch { to: person },
        What::Take => CourseCommand::TakeWatch,
    })
}

pub fn run(arguments: Arguments, context: &Context) -> Result<Exit, Failure> {
    let until_still = arguments.until_still;
    match asks(arguments) {
        Some(command) => context.act(|_| Ok(command)),
        None => follow(until_still, context),
    }
}

/// Until the session is closed; or, if asked, until the line stands still.
fn follow(until_still: bool, context: &Context) -> Result<Exit, Failure> {
    let project = context.project()?;
    context.wait(async {
        let mut link = Link::open(context, &project).await?;
        let account = Account::of_steps(context.out);
        if until_still {
            return link.until_still(&account).await;
        }
        account.learn(link.session()?);
        while !link.session()?.course.is_over() {
            link.tell_next(&account).await?;
        }
        Ok(standing::still(link.session()?).unwrap_or(Exit::Done))
    })
}
