//! `golive hold`: no new host, promotion or bake end. Anybody in [people] may, at any time.

use clap::Args;

use crate::{
    cli::{context::Context, exit::Exit, failure::Failure},
    domain::course::CourseCommand,
};

#[derive(Debug, Args)]
pub struct Arguments {
    /// Why; nobody has to say it before holding
    #[arg(value_name = "REASON", default_value = "")]
    why: String,
    /// The same, as other commands take it
    #[arg(long, value_name = "REASON", conflicts_with = "why")]
    reason: Option<String>,
}

impl From<Arguments> for CourseCommand {
    fn from(arguments: Arguments) -> Self {
        Self::Hold { reason: arguments.reason.unwrap_or(arguments.why) }
    }
}

pub fn run(arguments: Arguments, context: &Context) -> Result<Exit, Failure> {
    context.act_urgently(CourseCommand::from(arguments), false)
}
