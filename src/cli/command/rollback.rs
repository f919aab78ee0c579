//! `golive rollback`: the previous version back on every host that this rollout changed. It never waits for an
//! approval; twice is once. Where it would go back past what ran once and is not taken back, that has to be named; and
//! where several environments are live, the one that is meant.

use clap::Args;

use crate::{
    cli::{context::Context, exit::Exit, failure::Failure},
    domain::{
        name::{EnvironmentName, OnceName, UnitId},
        rollout::{self, Beforehand, Crossed, RolloutCommand, live_in, once_crossed},
        session::Session,
    },
};

#[derive(Debug, Args)]
pub struct Arguments {
    /// Only these hosts; the rollout as a whole is not given up
    #[arg(value_name = "HOST")]
    hosts: Vec<UnitId>,
    /// The environment; asked for where several are live on the new version
    #[arg(long, value_name = "ENVIRONMENT", conflicts_with = "hosts")]
    environment: Option<EnvironmentName>,
    /// A step that ran once, as a migration, that the rollback goes back past and nothing takes back. May be given several
    /// times: each is named
    #[arg(long, value_name = "STEP")]
    across_migration: Vec<OnceName>,
    /// Tell what happens until it has ended: 4 rolled back, 6 needs a human
    #[arg(long)]
    wait: bool,
}

impl From<Arguments> for RolloutCommand {
    fn from(arguments: Arguments) -> Self {
        match arguments.environment {
            Some(environment) => Self::RollBackIn { environment },
            None => Self::RollBack { only: arguments.hosts },
        }
    }
}

pub fn run(arguments: Arguments, context: &Context) -> Result<Exit, Failure> {
    let wait = arguments.wait;
    let command = |session: Option<&Session>| {
        // A session that this build can't read is stopped all the same.
        session.map_or(Ok(()), |session| arguments.is_meant(session))?;
        for words in session.map_or_else(Vec::new, |session| arguments.beforehand(session)) {
            context.out.remark(&format!("{words}\n"));
        }
        Ok(RolloutCommand::from(arguments))
    };
    context.act_urgently_on(command, wait)
}

impl Arguments {
    /// The environment that it is about.
    fn place<'a>(&'a self, session: &'a Session) -> Option<&'a EnvironmentName> {
        let of_hosts = self.hosts.first().and_then(|host| session.rollout.unit(host));
        let of_hosts = of_hosts.map(|unit| &unit.environment);
        self.environment.as_ref().or(of_hosts).or_else(|| rollout::rollback_place(session))
    }

    /// What is to be known beforehand, as `R` says it: it goes back all the same.
    fn beforehand(&self, session: &Session) -> Vec<String> {
        if rollout::going_back(session).is_some() {
            return Vec::new();
        }
        self.place(session).map_or_else(Vec::new, |place| Beforehand::of(session, place).all().collect())
    }

    /// Whether it names all that has to be named.
    pub fn is_meant(&self, session: &Session) -> Result<(), Failure> {
        if rollout::going_back(session).is_some() {
            // Said twice it is one.
            return Ok(());
        }
        let live = live_in(session);
        if self.environment.is_none()
            && self.hosts.is_empty()
            && let [_, _, ..] = &*live
        {
            let version = &session.course.release.candidate.version;
            let names = live.iter().map(EnvironmentName::as_str).collect::<Vec<_>>().join(" and ");
            let each = live.iter().map(|name| format!("golive rollback --environment {name}"));
            return Err(Failure::new(
                Exit::Refused,
                format!("{version} is live in {names}: which of them goes back is not said"),
                each.collect::<Vec<_>>().join(", or "),
            ));
        }
        let place = self.place(session);
        if place.is_none_or(|place| rollout::scope_in(session, place).is_err()) {
            // Nothing goes back, whatever is named: why, the conductor says.
            return Ok(());
        }
        // By name only hosts go back, and what ran once stays for those that do not.
        let crossed = place.map_or_else(Vec::new, |place| once_crossed(session, place));
        let unsaid: Vec<_> = crossed.iter().filter(|it| !self.across_migration.contains(&it.once)).collect();
        if unsaid.is_empty() {
            return Ok(());
        }
        let what =
            unsaid.iter().map(|it| format!("{}: {}", it.words, it.stays)).collect::<Vec<_>>().join("; ");
        let words = format!("the rollback goes back past {what}");
        Err(Failure::new(Exit::Refused, words, format!("{} says that you mean it", Crossed::asked(&crossed))))
    }
}
