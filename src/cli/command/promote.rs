//! `golive promote`: the running stage has done its part; the next one starts, unless the poll stands between.

use clap::Args;

use crate::{
    cli::{context::Context, exit::Exit, failure::Failure},
    domain::{
        course::Phase,
        name::StageName,
        rollout::{self, RolloutCommand},
    },
};

/// So many hosts that it did not reach are named.
const NAMED: usize = 3;

#[derive(Debug, Args)]
pub struct Arguments {
    /// The stage, where several wait for their promotion; left out: the first that nothing is in the way of
    #[arg(long, value_name = "STAGE", conflicts_with = "outside_window")]
    stage: Option<StageName>,
    /// Promote it although the window of the stage that starts then is closed, and why; it stands in the record
    #[arg(long, value_name = "REASON", requires = "confirm")]
    outside_window: Option<String>,
    /// The name of the stage that starts, for --outside-window
    #[arg(long, value_name = "STAGE", requires = "outside_window")]
    confirm: Option<StageName>,
    /// Tell what happens until the line stands still: 4 where what is verified is not on every host (PARTIAL)
    #[arg(long)]
    wait: bool,
}

impl From<Arguments> for RolloutCommand {
    fn from(arguments: Arguments) -> Self {
        match (arguments.outside_window, arguments.confirm) {
            (Some(reason), Some(stage)) => Self::PromoteOutside { stage, reason },
            _ => arguments.stage.map_or(Self::Promote, |stage| Self::PromoteStage { stage }),
        }
    }
}

pub fn run(arguments: Arguments, context: &Context) -> Result<Exit, Failure> {
    let wait = arguments.wait;
    let command = RolloutCommand::from(arguments);
    if wait {
        return context.act_and_wait(command, true);
    }
    context.act_then(command, |session| {
        let verified = session.course.phase == Phase::Verified;
        // Live on a part of its hosts is no success, whoever asks.
        let Some(partial) = rollout::partial(session).filter(|_| verified) else { return (None, Exit::Done) };
        let version = session.course.release.candidate.version.as_str();
        (Some(partial.words(version, NAMED)), Exit::Failed)
    })
}
