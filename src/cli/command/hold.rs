//! `golive hold`: no new host, promotion or bake end. Anybody in [people] may, at any time.

use clap::Args;

use crate::{
    cli::{context::Context, exit::Exit, failure::Failure},
    domain::course::CourseCommand,
};

#[derive(Debug, Args)]
pub struct Arguments {
    /// Why; nobody has to say it before holding
    #[arg(default_value = "")]
    reason: String,
}

impl From<Arguments> for CourseCommand {
    fn from(arguments: Arguments) -> Self {
        Self::Hold { reason: arguments.reason }
    }
}

pub fn run(arguments: Arguments, context: &Context) -> Result<Exit, Failure> {
    context.act_urgently(CourseCommand::from(arguments), false)
}
