//! `golive run`: all of it, unattended, for CI. Every rule holds as it does for people: it starts, promotes and
//! closes what the gate lets through, and stops where a human is needed.

use clap::Args;
use serde::Serialize;

use super::{by_command, obstacles, open};
use crate::{
    cli::{
        account::Account,
        context::Context,
        exit::Exit,
        failure::Failure,
        hosting::Hosted,
        link::Link,
        project::Project,
        queueing,
        standing::{self, words},
    },
    domain::{
        course::CourseCommand,
        name::{PersonName, Version},
        next_step::{NextStep, next_step},
        plan::Profile,
        poll::{Decision, PollCommand},
        refusal::{Obstacle, ObstacleKind, Refusal},
        rollout::{self, RolloutCommand},
        time::Span,
    },
};

#[derive(Debug, Args)]
pub struct Arguments {
    /// Open a session of this version; without it the open one is taken on
    version: Option<Version>,
    /// Who wrote it, where a seat must be somebody else's
    #[arg(long, value_name = "PERSON")]
    author: Option<PersonName>,
    /// How strict it is: strict, standard or relaxed. What leaves something out needs a reason, and a decider
    #[arg(long, value_name = "PROFILE", requires = "version")]
    strictness: Option<Profile>,
    /// Why something is left out; it stands in the record
    #[arg(long, value_name = "WHY", requires = "version")]
    reason: Option<String>,
    /// Where another go-live is open, and the plan lets a second one wait: wait in the queue until it opens by itself.
    /// Without it that is refused
    #[arg(long, requires = "version")]
    queue: bool,
    /// Declare GO once nothing is in the way, with this reason; without it somebody else declares
    #[arg(long, value_name = "REASON")]
    declare_go: Option<String>,
    /// Roll back where the line needs a human, and end with 4; without it, end with 6 and leave it as it is
    #[arg(long)]
    rollback_on_failure: bool,
    /// How long to wait for what is in the way before ending with 5
    #[arg(long, value_name = "SPAN", default_value = "2m", value_parser = Span::parse)]
    patience: Span,
}

pub fn run(arguments: Arguments, context: &Context) -> Result<Exit, Failure> {
    let project = context.project()?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|error| Failure::internal(format!("the runtime can't be made: {error}")))?;
    runtime.block_on(async {
        let hosted = Hosted::start(&project, context).await?;
        let ended = go(arguments, &hosted, &project, context).await;
        hosted.end().await?;
        ended
    })
}

async fn go(
    arguments: Arguments,
    hosted: &Hosted,
    project: &Project,
    context: &Context,
) -> Result<Exit, Failure> {
    if let Some(version) = arguments.version.clone() {
        if let Some(behind) = queueing::behind(project, &version)? {
            if !arguments.queue {
                return Err(Failure::new(
                    Exit::Refused,
                    format!("{version} has to wait for the end of {}", behind.version),
                    format!(
                        "golive run {version} --queue waits for it; golive open {version} puts it into the queue"
                    ),
                ));
            }
            let asked = open::asked_profile(project, arguments.strictness, arguments.reason.as_ref())?;
            let author = arguments.author.clone();
            queueing::queue(project, version.clone(), behind, context.wall(), author, asked, context).await?;
            queueing::turn(project, &version, context).await?;
            return take_on(arguments, hosted, project, context).await;
        }
        let asked = open::asked_profile(project, arguments.strictness, arguments.reason.as_ref())?;
        let waited = queueing::asked_before(project, &version)?;
        let asked = asked.or_else(|| waited.as_ref()?.strictness.clone());
        let author = arguments.author.clone().or_else(|| waited?.author);
        let way = hosted.way(project, context)?;
        let opened = open::open(way, project, version, context.wall(), author, asked, context).await?;
        context.out.show(&opened, || opened.words())?;
    }
    take_on(arguments, hosted, project, context).await
}

/// Plays the session that is open to its end.
async fn take_on(
    arguments: Arguments,
    hosted: &Hosted,
    project: &Project,
    context: &Context,
) -> Result<Exit, Failure> {
    let link = Link::by(hosted.way(project, context)?, context).await?;
    let account = Account::of_steps(context.out);
    Unattended { arguments, link, account, waited_since: None, said: Vec::new(), context }.play_out().await
}

/// Nothing else is in the way.
fn undeclared() -> Obstacle {
    Obstacle {
        kind: ObstacleKind::Decision,
        what: "decision".to_owned(),
        why: "nobody has declared GO".to_owned(),
        lift: "golive declare go, or golive run --declare-go REASON".to_owned(),
        who: String::new(),
    }
}

/// `--json`: what is waited for.
#[derive(Serialize)]
struct Waits<'a> {
    waits_for: String,
    obstacles: &'a [Obstacle],
}

struct Unattended<'a> {
    arguments: Arguments,
    link: Link,
    account: Account,
    /// Microseconds of the monotonic clock since which something has been in the way.
    waited_since: Option<u64>,
    /// What was last said of what is waited for.
    said: Vec<String>,
    context: &'a Context,
}

impl Unattended<'_> {
    async fn play_out(mut self) -> Result<Exit, Failure> {
        loop {
            let session = self.link.session()?;
            match standing::still(session) {
                None => {
                    self.waited_since = None;
                    self.link.tell_next(&self.account).await?;
                }
                Some(exit) if session.course.is_over() => return Ok(exit),
                Some(Exit::WaitsForHuman) => {
                    if !self.arguments.rollback_on_failure || rollout::scope(session).is_err() {
                        return self.needs_human();
                    }
                    self.act(RolloutCommand::RollBack { only: Vec::new() }).await?;
                }
                Some(_) => {
                    if let Some(exit) = self.decide().await? {
                        return Ok(exit);
                    }
                }
            }
        }
    }

    /// Takes the next decision where nothing is in its way; else waits, but not for ever.
    async fn decide(&mut self) -> Result<Option<Exit>, Failure> {
        let session = self.link.session()?;
        let (next, mut obstacles) = next_step(session, self.link.now()?);
        if matches!(next, NextStep::DeclareGo) && self.arguments.declare_go.is_none() && obstacles.is_empty()
        {
            obstacles.push(undeclared());
        }
        let declared = session.poll.declared.as_ref().map(|declared| declared.decision);
        if declared == Some(Decision::NoGo) && session.course.started.is_none() {
            return Err(Failure::new(Exit::NotReady, "NO-GO is declared", "golive status says more"));
        }
        if !obstacles.is_empty() {
            let now = self.context.clock.read().monotonic;
            let since = *self.waited_since.get_or_insert(now);
            if now.saturating_sub(since) >= self.arguments.patience.0 {
                let what = format!("{} waits for what is in the way", words(&next));
                return Err(Refusal::not_ready(what, obstacles).into());
            }
            self.say_waits(&next, obstacles)?;
            self.link.tell_next(&self.account).await?;
            return Ok(None);
        }
        self.waited_since = None;
        self.said.clear();
        match next {
            NextStep::DeclareGo => {
                // Without one it waits for somebody else's.
                let Some(reason) = self.arguments.declare_go.clone() else { return Ok(None) };
                self.act(PollCommand::Declare { decision: Decision::Go, reason, ask_again: None }).await?;
            }
            NextStep::Start(..) => self.act(RolloutCommand::Start { stage: None }).await?,
            NextStep::Promote(_) => self.act(RolloutCommand::Promote).await?,
            NextStep::Close => {
                self.act(CourseCommand::Close).await?;
                return Ok(Some(standing::still(self.link.session()?).unwrap_or(Exit::Done)));
            }
            NextStep::Nobody(_)
            | NextStep::Capacity(_)
            | NextStep::Recovery(..)
            | NextStep::Human(_)
            | NextStep::HumanAtHost
            | NextStep::HumanInRollback
            | NextStep::Judge(_)
            | NextStep::Continue => {
                self.link.tell_next(&self.account).await?;
            }
            NextStep::Nothing => return Ok(Some(Exit::Done)),
        }
        Ok(None)
    }

    async fn act(&mut self, command: impl Into<crate::domain::command::Command>) -> Result<(), Failure> {
        self.link.send(command).await?.tell(self.context.out)?;
        self.account.learn(self.link.session()?);
        Ok(())
    }

    /// Who is waited for and what releases it, whenever that has changed.
    fn say_waits(&mut self, next: &NextStep, list: Vec<Obstacle>) -> Result<(), Failure> {
        let waits_for = words(next);
        let list: Vec<Obstacle> = list.into_iter().map(by_command::obstacle).collect();
        // How long somebody has been asked already is no change.
        let each = |o: &Obstacle| format!("{} {} {}", o.what, o.lift, o.who);
        let said: Vec<String> = std::iter::once(waits_for.clone()).chain(list.iter().map(each)).collect();
        if said == self.said {
            return Ok(());
        }
        self.said = said;
        let waits = Waits { waits_for, obstacles: &list };
        self.context.out.show(&waits, || {
            format!("waits to {}; in the way, {}:\n{}", waits.waits_for, list.len(), obstacles(&list))
        })
    }

    fn needs_human(&self) -> Result<Exit, Failure> {
        let session = self.link.session()?;
        let (next, list) = next_step(session, self.link.now()?);
        self.context.out.say(format!("{} needs a human; in the way:\n{}", words(&next), obstacles(&list)))?;
        Ok(Exit::WaitsForHuman)
    }
}
