//! This process' own terminal: raw mode, full screen, its bytes as input, its signals; and leaving all of it as it
//! was found, whatever happens: an end, a panic, SIGTERM, SIGHUP, Ctrl-Z. Must not know what is drawn.

use std::{
    io::{self, IsTerminal, Write},
    sync::Mutex,
    time::Duration,
};

use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    process::{Signal, kill_current_process_group},
    stdio::{stdin, stdout},
    termios::{OptionalActions, Termios, tcgetattr, tcgetwinsize, tcsetattr},
};
use tokio::{
    signal::unix::{self, SignalKind},
    sync::mpsc,
};

use super::{
    caps::Caps,
    input::{Input, Moment, Size},
    modes,
    parse::Parser,
};
use crate::clock::Clock;

/// Inputs that may wait for the app; a terminal cannot fill it faster than the app reads, and if it does, it waits.
const WAITING: usize = 256;
/// How long an escape may stand alone before it is the Esc key.
const ESCAPE: Duration = Duration::from_millis(30);

#[derive(Debug, thiserror::Error)]
pub enum LocalError {
    #[error("standard input and output are not a terminal: use --plain or --json, or one of the commands")]
    NotATerminal,
    #[error("the terminal cannot be set up: {0}")]
    Setup(#[from] io::Error),
}

/// What reaches the app from its own terminal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Happening {
    Input(Input),
    /// Back from being stopped: the screen has to be entered and drawn anew.
    Continued,
    /// SIGTERM, SIGHUP, or the terminal went away: leave now.
    Ended(&'static str),
}

/// The terminal as it was found; taken by whoever restores it first.
static FOUND: Mutex<Option<Found>> = Mutex::new(None);

struct Found {
    termios: Termios,
    leave: Vec<u8>,
}

/// Gives the terminal back. Safe to call at any time and from anywhere, also twice. True if there was anything to do.
fn restore() -> bool {
    // A poisoned lock still holds the truth: a panic is just when this is needed.
    let mut found = FOUND.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let Some(found) = found.take() else { return false };
    let mut out = io::stdout().lock();
    let _ = out.write_all(&found.leave).and_then(|()| out.flush());
    // Input that nobody read (mouse reports, key releases) must not reach the shell.
    let _ = tcsetattr(stdin(), OptionalActions::Flush, &found.termios);
    true
}

/// From now on a panic gives the terminal back before it is reported.
pub fn restore_on_panic() {
    let report = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        restore();
        report(info);
    }));
}

/// The entered terminal. Dropping it restores what was found.
pub struct Local {
    caps: Caps,
    mouse: bool,
    releases: bool,
}

impl Local {
    /// Where frames go.
    pub fn writer(&self) -> io::Stdout {
        io::stdout()
    }

    /// Enters the full screen.
    pub fn enter(mouse: bool) -> Result<Self, LocalError> {
        if !io::stdin().is_terminal() || !io::stdout().is_terminal() {
            return Err(LocalError::NotATerminal);
        }
        let caps = Caps::detect(size(), |name| std::env::var(name).ok());
        let local = Self { caps, mouse: mouse && caps.modern, releases: false };
        local.take_over()?;
        Ok(local)
    }

    pub fn caps(&self) -> Caps {
        self.caps
    }

    /// False once a panic elsewhere gave the terminal back.
    pub fn entered(&self) -> bool {
        FOUND.lock().is_ok_and(|found| found.is_some())
    }

    /// The terminal answered that it can tell key releases: from now on it does.
    pub fn ask_releases(&mut self) -> io::Result<()> {
        if !self.releases {
            self.releases = true;
            self.note_leave();
            send(modes::ASK_RELEASES)?;
        }
        Ok(())
    }

    /// Stops the job as Ctrl-Z does, and comes back when it is continued. Where nobody could continue it (no shell
    /// above), the system ignores the stop, and this returns at once.
    pub fn suspend(&mut self) -> io::Result<()> {
        restore();
        kill_current_process_group(Signal::TSTP)?;
        self.resume()
    }

    /// Enters again after a stop; the shell above may have changed every mode meanwhile.
    pub fn resume(&mut self) -> io::Result<()> {
        restore();
        self.take_over()?;
        if self.releases {
            send(modes::ASK_RELEASES)?;
        }
        Ok(())
    }

    fn take_over(&self) -> io::Result<()> {
        let termios = tcgetattr(stdin())?;
        let mut raw = termios.clone();
        raw.make_raw();
        if let Ok(mut found) = FOUND.lock() {
            *found = Some(Found { termios, leave: modes::leave(&self.caps, self.releases) });
        }
        tcsetattr(stdin(), OptionalActions::Now, &raw)?;
        send(&modes::enter(&self.caps, self.mouse))
    }

    fn note_leave(&self) {
        if let Ok(mut found) = FOUND.lock()
            && let Some(found) = found.as_mut()
        {
            found.leave = modes::leave(&self.caps, self.releases);
        }
    }
}

impl Drop for Local {
    fn drop(&mut self) {
        restore();
    }
}

fn send(bytes: &[u8]) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(bytes)?;
    out.flush()
}

/// The terminal's size; 80×24 where it does not say.
pub fn size() -> Size {
    match tcgetwinsize(stdout()) {
        Ok(w) if w.ws_col > 0 && w.ws_row > 0 => Size::clamped(w.ws_col.into(), w.ws_row.into()),
        _ => Size { columns: 80, rows: 24 },
    }
}

/// Everything that happens at this terminal, in order, from now on. Needs a runtime. Keys are read by a thread of
/// its own: a terminal cannot be read any other way on all systems.
pub fn happenings(clock: Clock) -> io::Result<mpsc::Receiver<Happening>> {
    let (send, receive) = mpsc::channel(WAITING);
    signals(&send)?;
    std::thread::Builder::new().name("keys".into()).spawn(move || read_keys(&clock, &send))?;
    Ok(receive)
}

fn signals(to: &mpsc::Sender<Happening>) -> io::Result<()> {
    let kinds: [(SignalKind, fn() -> Happening); 4] = [
        (SignalKind::terminate(), || Happening::Ended("ended by SIGTERM")),
        (SignalKind::hangup(), || Happening::Ended("the terminal hung up")),
        (SignalKind::window_change(), || Happening::Input(Input::Resize(size()))),
        (SignalKind::from_raw(Signal::CONT.as_raw()), || Happening::Continued),
    ];
    for (kind, happening) in kinds {
        let mut signal = unix::signal(kind)?;
        let to = to.clone();
        tokio::spawn(async move {
            while signal.recv().await.is_some() {
                if to.send(happening()).await.is_err() {
                    return;
                }
            }
        });
    }
    Ok(())
}

fn read_keys(clock: &Clock, to: &mpsc::Sender<Happening>) {
    let mut parser = Parser::default();
    let mut bytes = [0_u8; 4_096];
    loop {
        let limit = parser.waits().then(|| Timespec { tv_sec: 0, tv_nsec: ESCAPE.subsec_nanos().into() });
        let input = stdin();
        let mut fds = [PollFd::new(&input, PollFlags::IN)];
        let inputs = match poll(&mut fds, limit.as_ref()) {
            Ok(0) => parser.flush(now(clock)),
            Ok(_) => match rustix::io::read(input, &mut bytes) {
                Ok(0) => return gone(to),
                Ok(n) => parser.feed(&bytes[..n], now(clock)),
                Err(rustix::io::Errno::INTR | rustix::io::Errno::AGAIN) => continue,
                Err(_) => return gone(to),
            },
            Err(rustix::io::Errno::INTR) => continue,
            Err(_) => return gone(to),
        };
        for input in inputs {
            if to.blocking_send(Happening::Input(input)).is_err() {
                return;
            }
        }
    }
}

fn gone(to: &mpsc::Sender<Happening>) {
    // If nobody listens any more, nobody needs to know.
    let _ = to.blocking_send(Happening::Ended("the terminal is gone"));
}

fn now(clock: &Clock) -> Moment {
    Moment(clock.read().monotonic)
}
