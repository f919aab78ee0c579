//! `golive vote`: the roll call; and one's own vote.

use clap::{Args, Subcommand};

use crate::{
    cli::{
        columns::columns,
        conducted::Conducted,
        context::Context,
        exit::Exit,
        failure::Failure,
        past::{Past, nothing_yet},
    },
    domain::{
        name::{PersonName, RoleName},
        poll::{self, PollCommand, VoteKind},
    },
    report,
};

#[derive(Debug, Args)]
pub struct Arguments {
    #[command(subcommand)]
    what: Option<What>,
    /// The seat voted on; else whichever of yours is needed
    #[arg(long, global = true, value_name = "ROLE")]
    seat: Option<RoleName>,
    /// Record what this person said by voice
    #[arg(long, global = true, value_name = "PERSON")]
    said_by: Option<PersonName>,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Vote GO
    Go,
    /// Vote NO-GO, and why
    NoGo {
        /// Why not
        reason: String,
    },
    /// Vote GO IF a condition is met
    If {
        /// What has to be so
        condition: String,
        /// Who sees to it
        #[arg(long, value_name = "PERSON")]
        owner: PersonName,
        /// Until when
        #[arg(long, value_name = "TIME")]
        due: String,
    },
    /// Abstain
    Abstain,
    /// Take your vote back
    Withdraw,
    /// Call for votes (decider)
    Call,
    /// Say that the condition of a person's GO IF is met, and what shows it
    Met {
        /// Whose vote it was
        person: PersonName,
        /// What shows it
        shows: String,
    },
}

pub fn run(arguments: Arguments, context: &Context) -> Result<Exit, Failure> {
    match asks(arguments, context)? {
        Some(command) => context.act(|_| Ok(command)),
        None => roll_call(context),
    }
}

/// What is asked of the conductor; none: the roll call.
pub fn asks(arguments: Arguments, context: &Context) -> Result<Option<PollCommand>, Failure> {
    let Arguments { what, seat, said_by } = arguments;
    let Some(what) = what else { return Ok(None) };
    let vote = |vote| PollCommand::Vote { seat, vote, said_by };
    Ok(Some(match what {
        What::Go => vote(VoteKind::Go),
        What::NoGo { reason } => vote(VoteKind::NoGo { reason }),
        What::If { condition, owner, due } => {
            vote(VoteKind::GoIf { condition, owner, due: context.moment(&due)? })
        }
        What::Abstain => vote(VoteKind::Abstain),
        What::Withdraw => PollCommand::Withdraw,
        What::Call => PollCommand::Call,
        What::Met { person, shows } => PollCommand::ConditionMet { person, shows },
    }))
}

/// How each seat stands, from the journal alone.
fn roll_call(context: &Context) -> Result<Exit, Failure> {
    let project = context.project()?;
    let past = Past::open(&project)?.ok_or_else(nothing_yet)?;
    let mut told = past.tell(context.everywhere.session.as_ref())?;
    let footing = Conducted::stand(&project, context, &mut told)?;
    let session = told.session;
    let now = footing.now(&session, context.wall());
    let seats = report::seats(&session, now);
    if context.out.is_json() {
        footing.above(String::new(), context.out);
        for seat in &seats {
            context.out.object(seat)?;
        }
        return Ok(Exit::Done);
    }
    let tally = poll::tally(&session, now);
    let rows: Vec<[String; 4]> = seats
        .into_iter()
        .map(|seat| {
            [format!("  {}", seat.role), seat.person.unwrap_or_else(|| "-".into()), seat.state, seat.note]
        })
        .collect();
    let words = format!("quorum {} of {}\n{}", tally.quorum, tally.seats.len(), columns(&rows));
    context.out.say(footing.above(words, context.out))?;
    Ok(Exit::Done)
}
