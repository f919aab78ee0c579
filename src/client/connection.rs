//! One connection: what goes out and what comes in, each with a task and a bounded queue of its own.

use tokio::{net::UnixStream, sync::mpsc, task::JoinHandle};

use super::{error::ClientError, urgent::stranger};
use crate::wire::{
    Frame, FrameReader, Hello, Mode, PROTOCOL, ToClient, ToConductor, UrgentAnswer, UrgentWelcome, Welcome,
    WireError, build, send,
};

/// Messages that wait on either side before the other has to.
const QUEUE: usize = 256;

#[derive(Debug)]
pub struct Connection {
    out: mpsc::Sender<ToConductor>,
    incoming: mpsc::Receiver<Result<ToClient, WireError>>,
    reading: JoinHandle<()>,
}

impl Connection {
    /// Says hello and waits for the welcome.
    pub async fn open(stream: UnixStream, viewer: &str) -> Result<(Self, Welcome), ClientError> {
        let (from, mut to) = stream.into_split();
        let (out, mut going) = mpsc::channel::<ToConductor>(QUEUE);
        let (came, mut incoming) = mpsc::channel(QUEUE);
        tokio::spawn(async move {
            while let Some(message) = going.recv().await {
                // A broken connection shows at its reading end.
                let Ok(frame) = Frame::of(&message) else { continue };
                if send(&mut to, &frame).await.is_err() {
                    break;
                }
            }
        });
        let reading = tokio::spawn(async move {
            let mut reader = FrameReader::new(from);
            loop {
                let message = match reader.next().await {
                    Ok(Some(frame)) => understand(frame),
                    Ok(None) => break,
                    Err(error) => Err(error),
                };
                let ended = message.is_err();
                if came.send(message).await.is_err() || ended {
                    break;
                }
            }
        });
        let hello = Hello { protocol: PROTOCOL, build: build().to_owned(), viewer: viewer.to_owned() };
        out.send(ToConductor::Hello(hello)).await.map_err(|_| ClientError::Gone)?;
        let welcome = match incoming.recv().await {
            Some(Ok(ToClient::Welcome(welcome))) => welcome,
            Some(Ok(ToClient::UrgentWelcome(welcome))) => stranger(welcome),
            Some(Ok(ToClient::Bye { why })) => return Err(ClientError::Closed(why)),
            Some(Ok(other)) => {
                return Err(ClientError::Closed(format!("it answered the hello with {}", word(&other))));
            }
            Some(Err(WireError::Io(_) | WireError::Torn)) | None => return Err(ClientError::Gone),
            Some(Err(error)) => return Err(error.into()),
        };
        if welcome.protocol != PROTOCOL && !matches!(welcome.mode, Mode::UrgentOnly(_)) {
            return Err(ClientError::Closed(format!("it speaks protocol {}", welcome.protocol)));
        }
        Ok((Self { out, incoming, reading }, welcome))
    }

    /// Waits while the queue is full. False: the connection is gone, which `receive` tells too.
    pub async fn say(&self, message: ToConductor) -> bool {
        self.out.send(message).await.is_ok()
    }

    /// What comes next; none at the end. Dropping it half-way loses nothing.
    pub async fn receive(&mut self) -> Option<Result<ToClient, WireError>> {
        self.incoming.recv().await
    }

    /// What has come already.
    pub fn received(&mut self) -> Option<Result<ToClient, WireError>> {
        self.incoming.try_recv().ok()
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.reading.abort();
    }
}

/// A message of this protocol, or what stays the same in all of them.
fn understand(frame: &[u8]) -> Result<ToClient, WireError> {
    serde_json::from_slice(frame)
        .or_else(|_| UrgentAnswer::read(frame).map(ToClient::UrgentAnswer))
        .or_else(|_| UrgentWelcome::read(frame).map(ToClient::UrgentWelcome))
}

fn word(message: &ToClient) -> &'static str {
    match message {
        ToClient::Beat { .. } => "a beat",
        _ => "something else",
    }
}
