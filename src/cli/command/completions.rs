//! `golive completions SHELL`.

use clap::{Args, CommandFactory as _};
use clap_complete::Shell;

use crate::cli::{Arguments as All, context::Context, exit::Exit, failure::Failure};

#[derive(Debug, Args)]
pub struct Arguments {
    /// The shell that completes
    shell: Shell,
}

pub fn run(arguments: &Arguments, context: &Context) -> Result<Exit, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut All::command(), "golive", &mut script);
    context.out.write(&script)?;
    Ok(Exit::Done)
}
