//! One exchange with HAProxy's runtime API: one command a connection, and the answer ends when the socket does.

use std::{path::PathBuf, time::Duration};

use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::{TcpStream, UnixStream},
};

use super::balance::BalancerError;
use crate::clock::Clock;

/// The longest wait for an answer; HAProxy answers in milliseconds or not at all.
const LIMIT: Duration = Duration::from_secs(5);
/// The longest answer: about 200 bytes a server and line, so room for tens of thousands.
const MOST: u64 = 16 << 20;

/// Where the API listens.
#[derive(Clone, Debug)]
pub enum Socket {
    Unix(PathBuf),
    Tcp(String),
}

impl Socket {
    /// `host:port`, else a path; a path with a slash is never taken for an address.
    pub fn read(text: &str, base: &std::path::Path) -> Self {
        match text.rsplit_once(':') {
            Some((host, port)) if !text.contains('/') && !host.is_empty() && port.parse::<u16>().is_ok() => {
                Self::Tcp(text.into())
            }
            _ => Self::Unix(base.join(text)),
        }
    }
}

impl std::fmt::Display for Socket {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Unix(path) => write!(f, "{}", path.display()),
            Self::Tcp(address) => f.write_str(address),
        }
    }
}

/// Sends one command and reads the whole answer.
pub async fn ask(socket: &Socket, clock: &Clock, command: &str) -> Result<String, BalancerError> {
    let unreachable = |why: String| BalancerError::Unreachable { socket: socket.to_string(), why };
    let exchange = async {
        match socket {
            Socket::Unix(path) => talk(UnixStream::connect(path).await?, command).await,
            Socket::Tcp(address) => talk(TcpStream::connect(address).await?, command).await,
        }
    };
    match clock.limit(LIMIT, exchange).await {
        Some(Ok(answer)) => Ok(answer),
        Some(Err(error)) => Err(unreachable(error.to_string())),
        None => Err(unreachable("no answer within 5 s".into())),
    }
}

async fn talk(mut stream: impl AsyncRead + AsyncWrite + Unpin, command: &str) -> std::io::Result<String> {
    stream.write_all(format!("{command}\n").as_bytes()).await?;
    let mut answer = Vec::new();
    stream.take(MOST).read_to_end(&mut answer).await?;
    if answer.is_empty() {
        // Every answer holds at least an empty line: nothing at all means that nobody answered.
        return Err(std::io::Error::new(std::io::ErrorKind::UnexpectedEof, "it closed without an answer"));
    }
    Ok(String::from_utf8_lossy(&answer).into_owned())
}

#[cfg(test)]
mod tests {
    use super::Socket;
    use std::path::Path;

    #[test]
    fn an_address_and_a_path_are_told_apart() {
        assert!(matches!(Socket::read("127.0.0.1:9999", Path::new("/p")), Socket::Tcp(_)));
        for path in ["/run/haproxy.sock", "run/h:1", "haproxy.sock"] {
            assert!(matches!(Socket::read(path, Path::new("/p")), Socket::Unix(_)), "{path}");
        }
    }
}
