//! A project with a conductor in this process, in a directory of its own.

use std::{path::PathBuf, sync::Arc, time::Duration};

use golive::{
    client::{Answer, Client, Open, Way},
    clock::Clock,
    conductor::{ConductorError, Ended, Setup, Share, run},
    config::{Paths, ProjectPaths, read_text},
    domain::{
        command::{Asked, Command},
        course::Mode,
        effect::Candidate,
        name::{Digest, PersonName, ProjectName, SessionId},
        plan::Adopted,
        time::WallTime,
    },
};
use tokio::{sync::oneshot, task::JoinHandle};

/// Two hosts that nobody is at home on: what is observed of them is that they do not answer.
pub const PLAN: &str = r#"
[project]
name = "shop"
checklists = ["RELEASE.md"]
separation = "none"

[people]
dana = { roles = ["decider", "deployer", "engineering"], login = "nobody-of-this-name" }
raj = { roles = ["operations"] }

[artifact]
source = "dist/shop-{version}.tar.gz"

[environments.production]
hosts = [
    { name = "web-01", address = "127.0.0.1", port = 9 },
    { name = "web-02", address = "127.0.0.1", port = 7 },
]
driver = { kind = "local", dir = "run", start = ["{dir}/current/bin/shop", "--port", "{port}"] }

[checks.alive]
http = "http://{host}:{port}/health"

[[stages]]
name = "production"
environment = "production"

[poll]
seats = [{ role = "engineering" }]
"#;

pub struct Project {
    pub dir: tempfile::TempDir,
    pub paths: ProjectPaths,
}

/// A conductor that runs in this process.
pub struct Running {
    end: Option<oneshot::Sender<()>>,
    socket: PathBuf,
    task: JoinHandle<Result<Ended, ConductorError>>,
}

impl Project {
    pub fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("golive.toml"), PLAN).unwrap();
        std::fs::write(dir.path().join("RELEASE.md"), "- [ ] changelog written @dana\n- [ ] backup made\n")
            .unwrap();
        let paths = Paths::below(dir.path()).project(&ProjectName::new("shop").unwrap(), dir.path()).unwrap();
        Self { dir, paths }
    }

    pub fn setup(&self) -> Setup {
        Setup {
            paths: self.paths.clone(),
            dir: self.dir.path().to_owned(),
            user_config: None,
            share: Share::Owner,
            machine: "deploy-1".into(),
            idle: None,
        }
    }

    /// Starts a conductor and waits until clients can connect.
    pub async fn start(&self) -> Running {
        self.start_with(self.setup()).await
    }

    pub async fn start_with(&self, setup: Setup) -> Running {
        self.start_by(setup, Clock::System).await
    }

    /// A conductor whose time may be the test's.
    pub async fn start_by(&self, setup: Setup, clock: Clock) -> Running {
        let (end, ended) = oneshot::channel::<()>();
        let (ready, is_ready) = oneshot::channel();
        let task = tokio::spawn(run(
            setup,
            clock,
            move |door| ready.send(door.socket.clone()).unwrap(),
            async move {
                // Ended by a word, or by the end of the test.
                let _ = ended.await;
            },
        ));
        // It may have been ready and have ended again since.
        let Ok(socket) = is_ready.await else { panic!("{:?}", task.await) };
        Running { end: Some(end), socket, task }
    }

    pub fn way(&self) -> Way {
        Way::Own { lock: self.paths.lock(), sockets: Vec::new(), launch: None }
    }

    pub async fn client(&self) -> Client {
        Client::connect(self.way(), "test", Clock::System).await.unwrap()
    }

    pub fn adopted(&self) -> Arc<Adopted> {
        let loaded =
            read_text(PLAN, self.dir.path(), None).unwrap_or_else(|why| panic!("{}", why.render(false)));
        Arc::new(Adopted::new(loaded.plan, loaded.source))
    }

    pub fn request(&self, version: &str) -> Open {
        Open {
            candidate: Candidate::new(version.parse().unwrap(), Digest::of(b"artifact")),
            go_live: WallTime(4_000_000_000_000_000),
            adopted: self.adopted(),
            mode: Mode::Rehearsal,
            author: None,
            strictness: None,
            as_person: Some(dana()),
        }
    }

    /// A client that follows a session it has opened.
    pub async fn opened(&self, version: &str) -> (Client, SessionId) {
        let mut client = self.client().await;
        let id = client.open(self.request(version)).await;
        let session = match client.answer(&id).await.unwrap() {
            Answer::Opened { session } => session,
            other => panic!("{other:?}"),
        };
        client.follow(Some(session.clone()), [].into()).await;
        client.caught_up().await.unwrap();
        (client, session)
    }

    pub fn journal(&self) -> PathBuf {
        self.paths.journal()
    }
}

impl Running {
    pub async fn end(mut self) -> Ended {
        self.end.take().unwrap().send(()).unwrap();
        self.ended().await
    }

    /// Waits until it ends by itself.
    pub async fn ended(self) -> Ended {
        within(self.task).await.unwrap().unwrap()
    }

    /// As kill -9 ends it: nothing is written any more, and nobody is told.
    pub async fn abort(self) {
        self.task.abort();
        assert!(self.task.await.unwrap_err().is_cancelled());
        // A process that is killed has closed its socket by then; here a task of its own does so, a moment later.
        let gone = async {
            while tokio::net::UnixStream::connect(&self.socket).await.is_ok() {
                tokio::task::yield_now().await;
            }
        };
        within(gone).await;
    }
}

pub fn dana() -> PersonName {
    PersonName::new("dana").unwrap()
}

/// The command, as dana.
pub fn as_dana(command: Command) -> Asked {
    Asked { command, shown: None, as_person: Some(dana()) }
}

/// Nothing here takes long on an idle machine, and nothing this long on any: a test that hangs says where.
const HANGS: Duration = Duration::from_mins(3);

pub async fn within<T>(work: impl Future<Output = T>) -> T {
    Clock::System.limit(HANGS, work).await.expect("it took too long")
}
