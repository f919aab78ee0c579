//! The words of the command line. What each does is in its own file below `command/`.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use super::{
    command::{
        check, close, cockpit, compare, completions, conductor, declare, demo, drill, go_on, hold, init,
        item, open, plan, promote, record, rehearse, repair, replace, report, rollback, rollout, run, scale,
        start, status, timeline, vote, watch,
    },
    exit::TABLE,
    out::Form,
};
use crate::{
    config::DATA_DIR,
    domain::name::{PersonName, SessionId},
};

/// The terminal cockpit for going live: checklist, go/no-go, rollout and rollback, on one record.
///
/// Without a command it opens the cockpit. Every screen of it has a twin here, so that a whole go-live can be run
/// from a script.
#[derive(Debug, Parser)]
#[command(name = "golive", version, about, after_help = TABLE, disable_help_subcommand = true, max_term_width = 110)]
pub struct Arguments {
    #[command(flatten)]
    pub everywhere: Everywhere,
    #[command(flatten)]
    pub cockpit: cockpit::Flags,
    #[command(subcommand)]
    pub word: Option<Word>,
}

impl Arguments {
    /// With what the environment says where the words say nothing. Set to nothing it is not set, as XDG has it.
    #[must_use]
    pub fn in_environment(mut self) -> Self {
        let set = || std::env::var_os(DATA_DIR).filter(|dir| !dir.is_empty()).map(PathBuf::from);
        self.everywhere.data_dir = self.everywhere.data_dir.or_else(set);
        self
    }
}

/// Options that any command takes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Args)]
#[command(next_help_heading = "Everywhere")]
pub struct Everywhere {
    /// The project's directory; else the nearest one upwards with a golive.toml
    #[arg(short = 'C', long, global = true, value_name = "DIR")]
    pub project: Option<PathBuf>,
    /// Where golive keeps everything that it writes; else what GOLIVE_DATA_DIR says, else as XDG says
    #[arg(long, global = true, value_name = "DIR")]
    pub data_dir: Option<PathBuf>,
    /// Act as another person; only the login that runs the conductor may, and the record names both
    #[arg(long = "as", global = true, value_name = "PERSON")]
    pub as_person: Option<PersonName>,
    /// Another session than the open one
    #[arg(long, global = true, value_name = "ID")]
    pub session: Option<SessionId>,
    /// One JSON object, or one a line for a stream; as plain as it gets, so --plain beside it changes nothing
    #[arg(long, global = true)]
    pub json: bool,
    /// An append-only account without colour or cursor movement
    #[arg(long, global = true)]
    pub plain: bool,
}

impl Everywhere {
    pub const fn form(&self) -> Form {
        match (self.json, self.plain) {
            (true, _) => Form::Json,
            (_, true) => Form::Plain,
            _ => Form::Text,
        }
    }
}

#[derive(Debug, Subcommand)]
pub enum Word {
    /// Play a whole go-live over an embedded fleet
    Demo(demo::Arguments),
    /// Write a plan and checklists: eight questions, or flags
    Init(init::Arguments),
    /// Say everything that is wrong with the plan, or that it is well; no host is contacted
    Check(check::Arguments),
    /// Adopt the plan and an artifact, and start a session; or move its go-live time
    Open(open::Arguments),
    /// List the project's sessions
    Sessions,
    /// Say where the session stands and what is in the way
    Status(status::Arguments),
    /// Show the parts of the go-live: what each was expected to take, what it took, when it all ends
    Timeline(timeline::Arguments),
    /// List the checklist; tick, answer, waive
    Item(item::Arguments),
    /// Show the roll call; vote
    Vote(vote::Arguments),
    /// Declare GO or NO-GO
    Declare(declare::Arguments),
    /// Start the next stage
    Start(start::Arguments),
    /// HOLD: no new host, promotion or bake end
    Hold(hold::Arguments),
    /// CONTINUE: lift a hold, or go on after a planned pause
    Continue(go_on::Arguments),
    /// Show what the new version and the rest serve, side by side; judge it
    Compare(compare::Arguments),
    /// Promote the running stage
    Promote(promote::Arguments),
    /// ROLL BACK what this rollout changed
    Rollback(rollback::Arguments),
    /// Show what a start would do; deal with a line that stopped
    Rollout(rollout::Arguments),
    /// List the hosts that are to be replaced; flag, commit, deploy
    Replace(replace::Arguments),
    /// Say what golive repairs by itself, and the last repairs; suspend or resume it
    Repair(repair::Arguments),
    /// Say how many machines each environment has; have its platform come to another number
    Scale(scale::Arguments),
    /// List the resiliency drills; begin one, say what was mended
    Drill(drill::Arguments),
    /// Follow what happens; offer or take the watch
    Watch(watch::Arguments),
    /// Close the session
    Close(close::Arguments),
    /// Take a version live unattended, as CI does
    Run(run::Arguments),
    /// Rehearse: play the plan on stand-ins of its hosts, and keep what that took
    Rehearse(rehearse::Arguments),
    /// Compare golive.toml with the adopted plan, or adopt it
    Plan(plan::Arguments),
    /// Check, export or show the record
    Record(record::Arguments),
    /// Write what happened: decision, votes, waivers, timeline, hosts, figures
    Report(report::Arguments),
    /// Ask, end or restart the project's conductor
    Conductor(conductor::Arguments),
    /// Say what was detected on this machine and what is missing
    Doctor,
    /// Print the completions of a shell
    Completions(completions::Arguments),
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    /// Every command and argument without a text, by the words that lead to it.
    fn untold(command: &clap::Command, path: &str, list: &mut Vec<String>) {
        let hidden = |arg: &&clap::Arg| !arg.is_hide_set();
        let silent = command.get_arguments().filter(hidden).filter(|arg| arg.get_help().is_none());
        list.extend(silent.map(|arg| format!("{path} {}", arg.get_id())));
        for below in command.get_subcommands().filter(|below| !below.is_hide_set()) {
            let path = format!("{path} {}", below.get_name());
            if below.get_about().is_none() {
                list.push(path.clone());
            }
            untold(below, &path, list);
        }
    }

    #[test]
    fn every_command_and_every_argument_says_what_it_is_for() {
        let mut list = Vec::new();
        untold(&Arguments::command(), "golive", &mut list);
        assert!(list.is_empty(), "without a text in --help:\n{}", list.join("\n"));
    }
}
