//! `golive close`: ends the session when what is live is verified, or all was rolled back, or a NO-GO
//! was declared; what was not started is given up with a reason.

use clap::Args;

use crate::{
    cli::{context::Context, exit::Exit, failure::Failure, link::Link},
    domain::course::{CourseCommand, Ending},
};

#[derive(Debug, Args)]
pub struct Arguments {
    /// Give the session up before any host was changed, and why (decider)
    #[arg(long, value_name = "REASON")]
    abandon: Option<String>,
}

impl From<Arguments> for CourseCommand {
    fn from(arguments: Arguments) -> Self {
        match arguments.abandon {
            Some(reason) => Self::Abandon { reason },
            None => Self::Close,
        }
    }
}

pub fn run(arguments: Arguments, context: &Context) -> Result<Exit, Failure> {
    let command = CourseCommand::from(arguments);
    let project = context.project()?;
    context.wait(async {
        let mut link = Link::open(context, &project).await?;
        link.send(command).await?.tell_with_head(context.out)?;
        // Ended on a part of its hosts it is no success, and a script must not take it for one.
        let partial = matches!(link.session()?.course.ending, Some(Ending::Partial { .. }));
        Ok(if partial { Exit::Failed } else { Exit::Done })
    })
}
