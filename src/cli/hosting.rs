//! Being the conductor: as the process in the background that every command finds, or within one that needs it
//! no longer than it runs itself.

use tokio::{sync::oneshot, task::JoinHandle};

use super::{context::Context, exit::Exit, failure::Failure, project::Project, reach};
use crate::{
    client::Way,
    conductor::{self, ConductorError, Ended, IDLE, Setup, Share},
    config::{init, project},
};

/// The hidden `golive conductor run`.
pub fn run_in_background(context: &Context) -> Result<Exit, Failure> {
    let setup = setup(&context.project()?);
    // One that lost the race leaves the field to the winner: that is no error.
    conductor::background(setup)?;
    Ok(Exit::Done)
}

fn setup(project: &Project) -> Setup {
    // A file that can't be read shares nothing; HOLD and ROLL BACK of what is open work all the same.
    let shared = project::shared(&project.dir);
    Setup {
        paths: project.files.clone(),
        dir: project.dir.clone(),
        user_config: Some(project.user.clone()),
        share: if shared { Share::Group } else { Share::Owner },
        machine: init::machine().unwrap_or_else(|| "localhost".into()),
        idle: Some(IDLE),
    }
}

/// A conductor within this process.
pub struct Hosted {
    end: oneshot::Sender<()>,
    task: JoinHandle<Result<Ended, ConductorError>>,
    /// Another process conducts already.
    elsewhere: bool,
}

impl Hosted {
    /// Returns once clients can connect: to this one, or to another that runs already.
    pub async fn start(project: &Project, context: &Context) -> Result<Self, Failure> {
        let (end, ended) = oneshot::channel();
        let (ready, readied) = oneshot::channel();
        let setup = Setup { idle: None, ..setup(project) };
        let clock = context.clock.clone();
        let mut task = tokio::spawn(async move {
            // Whoever waits has gone only if this process ends.
            let tell = move |_: &_| {
                let _ = ready.send(());
            };
            let until = async move {
                let _ = ended.await;
            };
            Box::pin(conductor::run(setup, clock, tell, until)).await
        });
        tokio::select! {
            Ok(()) = readied => Ok(Self { end, task, elsewhere: false }),
            done = &mut task => match done {
                Ok(Ok(_)) => {
                    Ok(Self { end, task: tokio::spawn(async { Ok(Ended::AnotherRuns) }), elsewhere: true })
                }
                Ok(Err(error)) => Err(error.into()),
                Err(error) => Err(Failure::internal(error.to_string())),
            },
        }
    }

    /// How its commands find the conductor: this one while it is there; of another, should it die, a new one is started
    /// as for every command.
    pub fn way(&self, project: &Project, context: &Context) -> Result<Way, Failure> {
        if self.elsewhere { reach::way(project, context) } else { reach::running(project, context) }
    }

    /// Ends it, once everything that was decided is written.
    pub async fn end(self) -> Result<(), Failure> {
        drop(self.end);
        match self.task.await {
            Ok(ended) => Ok(ended.map(drop)?),
            Err(error) => Err(Failure::internal(error.to_string())),
        }
    }
}
