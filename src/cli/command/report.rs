//! `golive report`: what happened, from the record alone; no conductor is needed or started.

use std::path::PathBuf;

use clap::Args;

use crate::{
    cli::{
        conducted::Conducted,
        context::Context,
        exit::Exit,
        failure::Failure,
        past::{Past, nothing_yet},
    },
    report,
};

#[derive(Debug, Args)]
pub struct Arguments {
    /// Write to a file instead
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

pub fn run(arguments: &Arguments, context: &Context) -> Result<Exit, Failure> {
    let project = context.project()?;
    let past = Past::open(&project)?.ok_or_else(nothing_yet)?;
    let mut told = past.tell(context.everywhere.session.as_ref())?;
    let footing = Conducted::stand(&project, context, &mut told)?;
    let now = footing.now(&told.session, context.wall());
    let document = report::gather(&told.session, &told.events, now, Some(told.head.to_string()));
    let text = if context.out.is_json() {
        let mut text =
            serde_json::to_string(&document).map_err(|error| Failure::internal(error.to_string()))?;
        text.push('\n');
        footing.above(text, context.out)
    } else {
        footing.above(report::markdown(&document), context.out)
    };
    match &arguments.output {
        Some(path) => std::fs::write(path, text).map_err(|error| Failure::file(path, &error))?,
        None => context.out.write(text.as_bytes())?,
    }
    Ok(Exit::Done)
}
