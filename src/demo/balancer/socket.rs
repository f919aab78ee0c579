//! The Unix socket of the runtime commands: one line, its answer, closed; and asking such a socket.

use std::{io, path::Path, sync::Arc};

use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader},
    net::{UnixListener, UnixStream},
};

use super::{command, proxy::Balancing};
use crate::clock::Clock;

/// The longest line of commands, and the longest answer that `ask` takes.
const LINE: u64 = 16 * 1024;
const ANSWER: u64 = 4 * 1024 * 1024;

pub async fn serve(listener: UnixListener, balancing: Arc<Balancing>) -> io::Result<()> {
    loop {
        let (stream, _) = listener.accept().await?;
        let balancing = balancing.clone();
        tokio::spawn(async move {
            // A client that goes away while it is answered is its own affair.
            let _ = converse(stream, &balancing).await;
        });
    }
}

async fn converse(mut stream: UnixStream, balancing: &Balancing) -> io::Result<()> {
    let (read, mut write) = stream.split();
    let mut line = String::new();
    BufReader::new(read.take(LINE)).read_line(&mut line).await?;
    if line.ends_with('\n') {
        let now = Clock::System.read().monotonic;
        let answer = command::answer(line.trim_end(), &mut balancing.backend(), now);
        write.write_all(answer.as_bytes()).await?;
        write.shutdown().await?;
    }
    Ok(())
}

/// Sends one line to a runtime socket and reads the whole answer.
pub async fn ask(socket: &Path, line: &str) -> io::Result<String> {
    let mut stream = UnixStream::connect(socket).await?;
    stream.write_all(format!("{line}\n").as_bytes()).await?;
    let mut answer = String::new();
    stream.take(ANSWER).read_to_string(&mut answer).await?;
    Ok(answer)
}
