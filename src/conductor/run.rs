//! A conductor's life: lock, journal, socket; then the loop, until it is told to end, idle for long, or fenced
//! off by another.

use std::{collections::HashMap, path::PathBuf, time::Duration};

use futures::{
    StreamExt,
    stream::{FuturesOrdered, FuturesUnordered},
};
use tokio::{
    net::{UnixListener, UnixStream},
    sync::mpsc,
};

use super::{
    awake::Awake,
    clients::Clients,
    files::Files,
    fold,
    host::Host,
    lock::Lock,
    peer::Logins,
    project::ProjectStream,
    requests::Goes,
    samples::Samples,
    serve::{Request, live_hub, serve},
    setup::{ConductorError, Ended, Setup},
    socket::{self, Share, SocketError},
    turn::Input,
};
use crate::{
    clock::Clock,
    config,
    domain::{
        command::Command,
        course::{CourseCommand, CourseEvent},
        effect::Report,
        event::Event,
        name::SessionId,
        plan::Adopted,
        time::WallTime,
    },
    journal::{self, PROJECT, Reader, Store, Writer},
    wire::{Door, ToClient, build},
};

/// Requests that wait for the loop before connections have to.
const REQUESTS: usize = 1024;
/// Once in this long the conductor says what time it is, and looks at what has no event of its own.
const BEAT: Duration = Duration::from_secs(1);
/// The shortest wait for a time that the turn asked for.
const SHORTEST: Duration = Duration::from_millis(1);
/// How long one that ends, or starts, is waited for, and how often it is looked at.
const LOCK_WAIT: Duration = Duration::from_secs(8);
const LOCK_AGAIN: Duration = Duration::from_millis(5);
/// Reports that are taken together. Whoever asks for something waits for no more than these.
const REPORTS_AT_ONCE: usize = 256;
/// Beats between looks at the plan's files.
const FILES: u64 = 3;

/// Runs a conductor until it ends. `ready` is called once clients can connect; `end` tells it to end.
pub async fn run(
    setup: Setup,
    clock: Clock,
    ready: impl FnOnce(&Door),
    end: impl Future<Output = ()> + Send + 'static,
) -> Result<Ended, ConductorError> {
    let Some(lock) = take_lock(&setup, &clock).await? else { return Ok(Ended::AnotherRuns) };

    // Answered while the journal is read.
    let logins = Logins::beforehand();
    let mut host = prepare(setup, clock.clone()).await?;
    let (socket, listener) = bind(&host.setup, &lock)?;
    let (requests, mut coming) = mpsc::channel(REQUESTS);
    let serving = tokio::spawn(serve(listener, logins, requests.clone(), host.hub.clone(), clock.clone()));
    tokio::spawn(async move {
        end.await;
        // The loop has ended already: nothing is left to tell.
        let _ = requests.send(Request::End).await;
    });
    let door = Door { pid: std::process::id(), socket, build: build().to_owned() };
    if let Err(error) = lock.announce(&door) {
        // No room for it: clients look where sockets are.
        tracing::error!(%error, "the lock file does not say where the socket is");
    }
    ready(&door);

    let ended = host.go_on(&mut coming).await;
    // Nobody new: whoever comes now finds no socket, starts the next one, and that waits for the lock.
    serving.abort();
    if let Err(error) = lock.withdraw().and_then(|()| std::fs::remove_file(&door.socket)) {
        tracing::warn!(%error, "the socket is left behind");
    }
    host.clients.tell_all(&ToClient::Bye { why: farewell(ended).to_owned() });
    host.keep_last_snapshot().await;
    host.put_glass_away();
    // What is under way ends with its conductor, and what it did is probed by the next one; what may not be begun twice
    // goes on.
    if let Some(hosted) = &host.hosted {
        hosted.engine.cancel_with_the_conductor();
    }
    // Its thread ends with the last of these, after what is queued is written.
    let writer = host.writer.clone();
    drop(host);
    let closed = tokio::task::spawn_blocking(move || writer.close()).await;
    if let Err(error) = closed {
        tracing::error!(%error, "the journal's writer did not end well");
    }
    drop(lock);
    Ok(ended)
}

/// The socket where it belongs, or where there is room for one.
fn bind(setup: &Setup, lock: &Lock) -> Result<(PathBuf, UnixListener), SocketError> {
    let socket = setup.paths.socket();
    let failed = match socket::bind(socket, setup.share, lock) {
        Ok(listener) => return Ok((socket.to_owned(), listener)),
        Err(error @ SocketError::InTheWay(_)) => return Err(error),
        Err(error) => error,
    };
    tracing::error!(error = %failed, "the socket goes elsewhere");
    for away in setup.paths.sockets_away() {
        let dir = away.parent().map(config::private);
        if matches!(dir, Some(Ok(())))
            && let Ok(listener) = socket::bind(away, Share::Owner, lock)
        {
            return Ok((away.clone(), listener));
        }
    }
    Err(failed)
}

/// The lock; none if another conductor has it and is there for clients. One that is just ending, or just
/// starting, is waited for.
async fn take_lock(setup: &Setup, clock: &Clock) -> Result<Option<Lock>, ConductorError> {
    let path = setup.paths.lock();
    let failed = |source| ConductorError::Lock { path: path.clone(), source };
    let take = async {
        loop {
            if let Some(lock) = Lock::take(&path).map_err(failed)? {
                return Ok(Some(lock));
            }
            // One that was killed leaves its door written, and a command it was just starting holds the lock until
            // that runs a program of its own: nobody is there only because the file says so.
            if let Ok(Some(door)) = Door::read(&path)
                && UnixStream::connect(&door.socket).await.is_ok()
            {
                return Ok(None);
            }
            clock.sleep(LOCK_AGAIN).await;
        }
    };
    clock.limit(LOCK_WAIT, take).await.unwrap_or(Ok(None))
}

fn farewell(ended: Ended) -> &'static str {
    match ended {
        Ended::AnotherRuns | Ended::Fenced => "another conductor has taken over",
        Ended::Stopped => "the conductor ends",
        Ended::Idle => "the conductor ends: nothing was under way for long",
    }
}

/// Opens the journal and takes up what was open.
async fn prepare(setup: Setup, clock: Clock) -> Result<Host, ConductorError> {
    let path = setup.paths.journal();
    journal::not_emptied(&path, setup.paths.was_used())?;
    let writer = match Store::open(&path) {
        Ok(store) => Writer::start(store, clock.clone())?,
        Err(error) if error.may_pass() && path.exists() => {
            tracing::error!(%error, "the journal can't be opened for writing");
            Writer::start_later(path.clone(), clock.clone())?
        }
        Err(error) => return Err(error.into()),
    };
    let wall = WallTime(clock.read().wall);
    let opened = writer.open_stream(PROJECT.into(), wall).await;
    let reader = Reader::open(&path)?;
    let (project, head) = fold::project(&reader).map_err(ConductorError::Project)?;
    let project = match opened {
        Ok(opened) => ProjectStream::new(project, Ok(opened.epoch), head.seq),
        // What can be read is taken up; what can't be written waits.
        Err(error) if error.may_pass() => ProjectStream::new(project, Err(error.to_string()), head.seq),
        Err(error) => return Err(error.into()),
    };
    let mut host = Host {
        project,
        setup,
        writer,
        reader,
        hosted: None,
        unread: HashMap::new(),
        clients: Clients::default(),
        hub: live_hub(),
        waiting: HashMap::new(),
        opening: None,
        looking: None,
        written: FuturesOrdered::new(),
        noting: Vec::new(),
        generation: 0,
        catching_up: FuturesUnordered::new(),
        fenced: false,
        since: wall,
        own: 0,
        watch_differs: 0,
        present: Vec::new(),
        awake: Awake::ask(clock.clone()),
        samples: Samples::default(),
        unwritable_since: None,
        clock,
    };
    // A session is open if it is not known to have ended; a crash may have come before the project's stream
    // learned of it. The newest comes first: one is hosted, and an older one can't be open beside it.
    let mut streams = host.reader.streams()?;
    if streams.iter().any(|stream| stream.name != PROJECT && stream.head.seq > 0) {
        host.note_used();
    }
    streams.reverse();
    for stream in streams.into_iter().filter(|stream| stream.name != PROJECT) {
        let Ok(id) = SessionId::new(&stream.name) else { continue };
        let ended = host.project.project.session(&id).is_some_and(|line| line.ending.is_some());
        // One that nothing was written to was not opened.
        if ended || stream.head.seq == 0 {
            host.discard_glass(&stream.name);
        } else if host.hosted.is_none() {
            host.take_up(&id).await;
        }
    }
    Ok(host)
}

impl Host {
    async fn go_on(&mut self, coming: &mut mpsc::Receiver<Request>) -> Ended {
        let mut next_beat = self.clock.read().monotonic;
        let (mut beats, mut idle) = (0_u64, Duration::ZERO);
        let mut files = Files::default();
        let mut reports = Vec::new();
        loop {
            if self.fenced {
                return Ended::Fenced;
            }
            let until = self.wakes(next_beat);
            let clock = self.clock.clone();
            tokio::select! {
                biased;
                request = coming.recv() => match request {
                    Some(request) => {
                        if self.request(request).await == Goes::Ends {
                            return Ended::Stopped;
                        }
                    }
                    None => return Ended::Stopped,
                },
                Some(written) = self.written.next(), if !self.written.is_empty() => {
                    self.came_back(written).await;
                }
                // One that was given up says nothing.
                Some(Ok(caught)) = self.catching_up.next() => self.caught_up(caught),
                () = next_reports(&mut self.hosted, &mut reports), if self.has_room() => {
                    self.give_reports(&mut reports).await;
                }
                () = clock.sleep_until(until) => {}
            }
            self.wake().await;
            if self.clock.read().monotonic >= next_beat {
                next_beat = self.clock.read().monotonic + BEAT.as_micros() as u64;
                beats += 1;
                self.beat().await;
                if beats.is_multiple_of(FILES) {
                    self.look_at_files(&mut files).await;
                }
                idle = if self.is_idle() { idle + BEAT } else { Duration::ZERO };
                if self.setup.idle.is_some_and(|limit| idle >= limit) {
                    return Ended::Idle;
                }
            }
        }
    }

    /// On the monotonic clock: the next beat, or the time that the turn asked for.
    fn wakes(&self, next_beat: u64) -> u64 {
        let wake = self.hosted.as_ref().and_then(|hosted| {
            let at = hosted.turn.wake_at()?;
            let pause = hosted.hours.until(at).duration().max(SHORTEST);
            Some(self.clock.read().monotonic + pause.as_micros() as u64)
        });
        wake.map_or(next_beat, |wake| wake.min(next_beat))
    }

    /// Lets the turn have its time, if it asked for it.
    async fn wake(&mut self) {
        let Some(hosted) = &self.hosted else { return };
        let now = hosted.hours.now();
        if hosted.turn.wake_at().is_some_and(|at| at <= now.session) {
            self.give(Input::Tick).await;
        }
    }

    async fn beat(&mut self) {
        let facts = self.hosted.as_mut().map(|hosted| hosted.hours.look()).unwrap_or_default();
        for fact in facts {
            self.give(Input::Fact(fact)).await;
        }
        self.try_journal().await;
        self.put_glass_away();
        self.look_at_sleep().await;
        self.people_changed();
        self.look_at_the_watch().await;
        self.open_queued().await;
        self.look_at_keeping();
        let now = self.hosted.as_ref().map(|hosted| hosted.hours.now());
        let wall = self.wall();
        self.clients.tell_all(&ToClient::Beat { wall, now });
        for (client, session) in self.clients.catch_up() {
            let why = "this client did not keep up".to_owned();
            self.clients.tell(client, &ToClient::Resync { session: session.clone(), why });
            self.send_session(client, &session, None);
        }
    }

    /// The machine stays awake while anything is rolling; where it may not, the session says so.
    async fn look_at_sleep(&mut self) {
        let session = self.hosted.as_ref().map(|hosted| hosted.turn.session());
        let open = session.filter(|session| !session.course.is_over());
        let known = open.map(|session| session.course.sleep.clone());
        let rolling = self.hosted.as_ref().is_some_and(|hosted| hosted.turn.timed());
        let Some(guard) = self.awake.look(rolling).await.cloned() else { return };
        if known.is_some_and(|known| known.as_ref() != Some(&guard)) {
            self.give(Input::Fact(Event::Course(CourseEvent::SleepGuarded { guard }))).await;
        }
    }

    /// Nobody is there, and nothing runs or is timed.
    fn is_idle(&self) -> bool {
        let busy = self.hosted.as_ref().is_some_and(|hosted| hosted.turn.timed() || !hosted.turn.settled());
        self.clients.len() == 0 && !busy && self.written.is_empty() && self.looking.is_none()
    }

    /// Says so when the plan's files differ from what was adopted.
    async fn look_at_files(&mut self, files: &mut Files) {
        let Some(hosted) = &self.hosted else { return };
        if hosted.turn.session().course.is_over() || !files.changed(&self.setup.dir) {
            return;
        }
        // A file that can't be read as a plan is no plan to adopt: the next look may find it mended.
        let Ok(loaded) = config::load(&self.setup.dir, self.setup.user_config.as_deref()) else { return };
        files.watch(loaded.sources.iter().map(|source| self.setup.dir.join(&*source.name)));
        let digest = Adopted::new(loaded.plan, loaded.source).digest;
        self.command_own(Command::Course(CourseCommand::NoticeFile { digest })).await;
    }
}

/// The next report with those that have come already, or never.
async fn next_reports(hosted: &mut Option<super::hosted::Hosted>, taken: &mut Vec<Report>) {
    if let Some(hosted) = hosted
        && hosted.reports.recv_many(taken, REPORTS_AT_ONCE).await > 0
    {
        return;
    }
    std::future::pending::<()>().await;
}
