//! The socket's side of the conductor: accepts connections, and turns frames into requests to the loop. Each
//! connection has a task that reads and one that writes; the loop never waits for either.

use std::{collections::BTreeSet, sync::Arc};

use tokio::{
    net::{UnixListener, UnixStream},
    sync::{OwnedSemaphorePermit, Semaphore, broadcast, mpsc, watch},
};

use super::{
    clients::QUEUE,
    peer::{Logins, Peer},
};
use crate::{
    clock::Clock,
    wire::{
        Frame, FrameReader, Hello, Live, PROTOCOL, ToClient, ToConductor, Topic, Urgent, WireError, send,
    },
};

/// How long a connection may take to say who it is.
const HELLO: std::time::Duration = std::time::Duration::from_secs(5);
/// Connections at one time.
const CONNECTIONS: usize = 256;
/// Live messages that a slow connection may be behind before it misses some.
const LIVE: usize = 256;

/// What comes from a connection.
#[derive(Debug)]
pub enum Request {
    Came {
        client: u64,
        peer: Peer,
        hello: Hello,
        out: mpsc::Sender<Frame>,
        live: watch::Sender<BTreeSet<Topic>>,
    },
    Said {
        client: u64,
        message: Box<ToConductor>,
    },
    /// A connection of another protocol: only what is urgent is understood from it.
    Stranger {
        protocol: u32,
        out: mpsc::Sender<Frame>,
    },
    /// From a connection of another protocol, or one that said nothing else yet.
    Urgent {
        peer: Peer,
        urgent: Urgent,
        out: mpsc::Sender<Frame>,
    },
    Gone {
        client: u64,
    },
    /// The process was asked to end.
    End,
}

/// The live stream to all connections.
pub type LiveHub = broadcast::Sender<Live>;

pub fn live_hub() -> LiveHub {
    broadcast::Sender::new(LIVE)
}

/// Accepts connections until the loop is gone.
pub async fn serve(
    listener: UnixListener,
    mut logins: Logins,
    requests: mpsc::Sender<Request>,
    hub: LiveHub,
    clock: Clock,
) {
    let places = Arc::new(Semaphore::new(CONNECTIONS));
    for client in 1.. {
        let accepted = tokio::select! {
            () = requests.closed() => return,
            accepted = listener.accept() => accepted,
        };
        let known = accepted.and_then(|(stream, _)| Ok((logins.peer(&stream)?, stream)));
        match known {
            Ok((peer, stream)) => {
                let wire = Wire { client, peer, requests: requests.clone(), hub: hub.clone() };
                if let Ok(place) = places.clone().try_acquire_owned() {
                    tokio::spawn(wire.run(stream, clock.clone(), place));
                } else {
                    tracing::warn!(CONNECTIONS, "a connection was turned away: there are enough");
                }
            }
            Err(error) => {
                // Too many open files, for one: others will end; until then nobody can be let in.
                tracing::warn!(%error, "a connection was not accepted");
                clock.sleep(std::time::Duration::from_millis(100)).await;
            }
        }
    }
}

struct Wire {
    client: u64,
    peer: Peer,
    requests: mpsc::Sender<Request>,
    hub: LiveHub,
}

impl Wire {
    async fn run(self, stream: UnixStream, clock: Clock, _place: OwnedSemaphorePermit) {
        let (from, to) = stream.into_split();
        let (out, going) = mpsc::channel(QUEUE);
        let (live, topics) = watch::channel(BTreeSet::new());
        let writing = tokio::spawn(write(to, going, self.hub.subscribe(), topics));
        let mut reader = FrameReader::new(from);
        let said = clock.limit(HELLO, self.greeted(&mut reader, &out)).await;
        match said {
            Some(Ok(Some(hello))) if hello.protocol == PROTOCOL => {
                let came = Request::Came {
                    client: self.client,
                    peer: self.peer.clone(),
                    hello,
                    out: out.clone(),
                    live,
                };
                drop(out);
                if self.requests.send(came).await.is_ok() {
                    let ended = self.read(&mut reader).await;
                    if let Err(error) = ended {
                        tracing::info!(client = self.client, %error, "a connection ended");
                    }
                    // The loop is gone: nobody needs to know.
                    let _ = self.requests.send(Request::Gone { client: self.client }).await;
                }
            }
            Some(Ok(Some(hello))) => {
                let stranger = Request::Stranger { protocol: hello.protocol, out: out.clone() };
                if self.requests.send(stranger).await.is_ok()
                    && let Err(error) = self.listen_to_a_stranger(&mut reader, &out).await
                {
                    tracing::info!(client = self.client, %error, "a connection of another protocol ended");
                }
                drop(out);
            }
            // Whoever else keeps a way to write keeps the connection open.
            Some(Ok(None)) => drop(out),
            Some(Err(error)) => last_word(out, error.to_string()).await,
            None => last_word(out, "no hello was said".into()).await,
        }
        // What is queued goes out before the connection ends.
        let _ = writing.await;
    }

    /// The hello, or none at the end. What is urgent is taken before it.
    async fn greeted(
        &self,
        reader: &mut FrameReader<impl tokio::io::AsyncRead + Unpin>,
        out: &mpsc::Sender<Frame>,
    ) -> Result<Option<Hello>, WireError> {
        while let Some(frame) = reader.next().await? {
            if let Ok(urgent) = Urgent::read(frame) {
                if !self.pass_on(urgent, out).await {
                    return Ok(None);
                }
                continue;
            }
            match serde_json::from_slice(frame) {
                Ok(ToConductor::Hello(hello)) => return Ok(Some(hello)),
                Ok(_) => return Err(WireError::Garbled("the first message is to be a hello".into())),
                Err(why) => return Err(WireError::Garbled(why.to_string())),
            }
        }
        Ok(None)
    }

    /// What is urgent, of all that a client of another protocol says.
    async fn listen_to_a_stranger(
        &self,
        reader: &mut FrameReader<impl tokio::io::AsyncRead + Unpin>,
        out: &mpsc::Sender<Frame>,
    ) -> Result<(), WireError> {
        while let Some(frame) = reader.next().await? {
            if let Ok(urgent) = Urgent::read(frame)
                && !self.pass_on(urgent, out).await
            {
                break;
            }
        }
        Ok(())
    }

    /// False: the loop is gone.
    async fn pass_on(&self, urgent: Urgent, out: &mpsc::Sender<Frame>) -> bool {
        let request = Request::Urgent { peer: self.peer.clone(), urgent, out: out.clone() };
        self.requests.send(request).await.is_ok()
    }

    async fn read(
        &self,
        reader: &mut FrameReader<impl tokio::io::AsyncRead + Unpin>,
    ) -> Result<(), WireError> {
        while let Some(frame) = reader.next().await? {
            let message = match serde_json::from_slice(frame) {
                Ok(message) => message,
                Err(why) => match Urgent::read(frame) {
                    Ok(urgent) => ToConductor::Urgent(urgent),
                    Err(_) => return Err(WireError::Garbled(why.to_string())),
                },
            };
            // Waits while the loop is busy: a client that asks more than is answered is slowed, not others.
            let said = Request::Said { client: self.client, message: Box::new(message) };
            if self.requests.send(said).await.is_err() {
                break;
            }
        }
        Ok(())
    }
}

async fn last_word(out: mpsc::Sender<Frame>, why: String) {
    if let Ok(frame) = Frame::of(&ToClient::Bye { why }) {
        // The connection is gone: nobody is left to tell.
        let _ = out.send(frame).await;
    }
}

/// Writes what is queued, and what is wanted of the live stream.
async fn write(
    mut to: tokio::net::unix::OwnedWriteHalf,
    mut going: mpsc::Receiver<Frame>,
    mut hub: broadcast::Receiver<Live>,
    topics: watch::Receiver<BTreeSet<Topic>>,
) {
    loop {
        let frame = tokio::select! {
            biased;
            frame = going.recv() => match frame {
                Some(frame) => frame,
                None => return,
            },
            live = hub.recv() => match live {
                Ok(live) if topics.borrow().contains(&live.topic()) => {
                    match Frame::of(&ToClient::Live(live)) {
                        Ok(frame) => frame,
                        Err(_) => continue,
                    }
                }
                // Not wanted, or missed: the latest counts.
                Ok(_) | Err(broadcast::error::RecvError::Lagged(_)) => continue,
                Err(broadcast::error::RecvError::Closed) => return,
            },
        };
        if send(&mut to, &frame).await.is_err() {
            return;
        }
    }
}
