//! Who is at the other end of a connection: the kernel says which user, the plan says which person that is.

use std::{
    collections::BTreeMap,
    io,
    process::Command,
    thread::{self, JoinHandle},
};

use tokio::net::UnixStream;

/// The user at the other end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Peer {
    pub uid: u32,
    pub login: String,
    /// Whether it is the user as whom the conductor runs: only they may act as another person.
    pub own: bool,
}

/// Names of users, asked once each.
#[derive(Debug, Default)]
pub struct Logins {
    known: BTreeMap<u32, String>,
    /// One that was asked for before anybody came.
    asked: Option<(u32, JoinHandle<String>)>,
}

impl Logins {
    /// Asks for the name of the user as whom this runs: theirs is the first connection, which waits for it.
    pub fn beforehand() -> Self {
        let own = rustix::process::getuid().as_raw();
        let asked = thread::Builder::new().name("login".into()).spawn(move || login_of(own));
        // Where there is no thread for it, it is asked when they come.
        Self { known: BTreeMap::new(), asked: asked.ok().map(|asked| (own, asked)) }
    }

    pub fn peer(&mut self, stream: &UnixStream) -> io::Result<Peer> {
        let uid = stream.peer_cred()?.uid();
        let Self { known, asked } = self;
        let ask = || {
            let answer = asked.take_if(|(of, _)| *of == uid).and_then(|(_, asked)| asked.join().ok());
            answer.unwrap_or_else(|| login_of(uid))
        };
        let login = known.entry(uid).or_insert_with(ask).clone();
        Ok(Peer { uid, login, own: uid == rustix::process::getuid().as_raw() })
    }
}

/// The login's name. The system is asked through `id`, which knows directories that a file does not hold; a user
/// without a name is told by the number, and is nobody in the plan.
fn login_of(uid: u32) -> String {
    let asked = Command::new("id").args(["-un", &uid.to_string()]).output();
    let name = asked.ok().filter(|output| output.status.success());
    name.and_then(|output| String::from_utf8(output.stdout).ok())
        .map(|name| name.trim().to_owned())
        .filter(|name| !name.is_empty() && !name.contains(char::is_control))
        .unwrap_or_else(|| format!("uid {uid}"))
}
