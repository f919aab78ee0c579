//! `golive status`: where the session stands and what is in the way, from the record alone; it neither needs nor
//! starts a conductor, and says so where none runs.

use clap::Args;

use crate::cli::{
    conducted::Conducted,
    context::Context,
    exit::Exit,
    failure::Failure,
    overview::Overview,
    past::{Past, nothing_yet},
    standing,
};

#[derive(Debug, Args)]
pub struct Arguments {
    /// End with the status of the session: 0 nothing in the way, 4 failed or rolled back, 5 not ready or NO-GO,
    /// 6 waits for a human
    #[arg(long)]
    check: bool,
}

pub fn run(arguments: &Arguments, context: &Context) -> Result<Exit, Failure> {
    let project = context.project()?;
    let past = Past::open(&project)?.ok_or_else(nothing_yet)?;
    let mut told = past.tell(context.everywhere.session.as_ref())?;
    let footing = Conducted::stand(&project, context, &mut told)?;
    let now = footing.now(&told.session, context.wall());
    let overview = Overview::of(&told.session, past.project().queue(), now, footing);
    context.out.show(&overview, || overview.words(context.wall()))?;
    Ok(if arguments.check { standing::verdict(&told.session, now) } else { Exit::Done })
}
