//! What every command is given: the options that stand before any command, the output, and the clock.

use jiff::tz::TimeZone;

use super::{
    account::Account, arguments::Everywhere, exit::Exit, failure::Failure, link::Link, moment, out::Out,
    project::Project,
};
use crate::{
    clock::Clock,
    domain::{
        command::Command,
        session::Session,
        time::{Now, WallTime},
    },
};

pub struct Context {
    pub everywhere: Everywhere,
    pub out: Out,
    pub clock: Clock,
}

impl Context {
    pub fn project(&self) -> Result<Project, Failure> {
        Project::find(self.everywhere.project.as_deref(), self.everywhere.data_dir.as_deref())
    }

    pub fn wall(&self) -> WallTime {
        WallTime(self.clock.read().wall)
    }

    /// Runs work that waits for the conductor.
    #[expect(clippy::unused_self, reason = "commands wait in one way only, and find it here")]
    pub fn wait<T>(&self, work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| Failure::internal(format!("the runtime can't be made: {error}")))?;
        runtime.block_on(work)
    }

    /// As [`wait`](Self::wait), with a thread of its own for the connection: what comes is decoded beside the work.
    #[expect(clippy::unused_self, reason = "commands wait in one way only, and find it here")]
    pub fn wait_beside<T>(&self, work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .map_err(|error| Failure::internal(format!("the runtime can't be made: {error}")))?;
        runtime.block_on(work)
    }

    /// A command that is one act: connects, sends what `command` makes of the session, prints the answer.
    pub fn act<C: Into<Command>>(
        &self,
        command: impl FnOnce(&Session) -> Result<C, Failure>,
    ) -> Result<Exit, Failure> {
        let project = self.project()?;
        self.wait(async {
            let mut link = Link::open(self, &project).await?;
            let command = command(link.session()?)?;
            link.send(command).await?.tell(self.out)?;
            Ok(Exit::Done)
        })
    }

    /// As [`act`](Self::act); `after` says how it ended by what stands then.
    pub fn act_then(
        &self,
        command: impl Into<Command>,
        after: impl FnOnce(&Session) -> (Option<String>, Exit),
    ) -> Result<Exit, Failure> {
        let project = self.project()?;
        self.wait(async {
            let mut link = Link::open(self, &project).await?;
            link.send(command).await?.tell(self.out)?;
            let (words, exit) = after(link.session()?);
            words.map_or(Ok(()), |words| self.out.say(words))?;
            Ok(exit)
        })
    }

    /// As [`act`](Self::act); with `wait` it then tells what happens until the line stands still.
    pub fn act_and_wait(&self, command: impl Into<Command>, wait: bool) -> Result<Exit, Failure> {
        let project = self.project()?;
        self.wait(async { self.by(Link::open(self, &project).await?, command, wait).await })
    }

    /// As [`act`](Self::act); then it tells what happens until the line stands still.
    pub fn act_on_and_wait<C: Into<Command>>(
        &self,
        command: impl FnOnce(&Session) -> Result<C, Failure>,
    ) -> Result<Exit, Failure> {
        let project = self.project()?;
        self.wait(async {
            let link = Link::open(self, &project).await?;
            let command = command(link.session()?)?;
            self.by(link, command, true).await
        })
    }

    /// As [`act_urgently`](Self::act_urgently), by what stands now; none: this build can't read it.
    pub fn act_urgently_on<C: Into<Command>>(
        &self,
        command: impl FnOnce(Option<&Session>) -> Result<C, Failure>,
        wait: bool,
    ) -> Result<Exit, Failure> {
        let project = self.project()?;
        self.wait(async {
            let link = Link::open_urgently(self, &project).await?;
            let command = command(link.session().ok())?;
            self.by(link, command, wait).await
        })
    }

    /// Likewise for HOLD and ROLL BACK: they go through although this build can't read the session.
    pub fn act_urgently(&self, command: impl Into<Command>, wait: bool) -> Result<Exit, Failure> {
        let project = self.project()?;
        self.wait(async { self.by(Link::open_urgently(self, &project).await?, command, wait).await })
    }

    async fn by(&self, mut link: Link, command: impl Into<Command>, wait: bool) -> Result<Exit, Failure> {
        link.send(command).await?.tell(self.out)?;
        if wait { link.until_still(&Account::of_steps(self.out)).await } else { Ok(Exit::Done) }
    }

    /// Reads a time as a person wrote it.
    pub fn moment(&self, text: &str) -> Result<WallTime, Failure> {
        moment::parse(text, self.wall(), &TimeZone::system())
            .map_err(|error| Failure::usage(error.to_string(), ""))
    }

    /// The time for reading a folded session: its own session time, which stands still while nobody conducts.
    pub fn now_of(&self, session: &Session) -> Now {
        Now { wall: self.wall(), session: session.now.session }
    }
}
