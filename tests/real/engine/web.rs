//! A web server of a few lines, answering as a test wants.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use golive::clock::Clock;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

/// What it answers: status line and body, after a while.
#[derive(Clone)]
pub struct Reply {
    pub status: &'static str,
    pub body: String,
    pub after: Duration,
}

pub fn reply(status: &'static str, body: &str) -> Reply {
    Reply { status, body: body.into(), after: Duration::ZERO }
}

pub struct Web {
    pub port: u16,
    missing: Arc<Mutex<Option<&'static str>>>,
    reply: Arc<Mutex<Reply>>,
    requests: Arc<Mutex<Vec<String>>>,
    task: tokio::task::JoinHandle<()>,
}

impl Web {
    pub async fn new(first: Reply) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (reply, requests) = (Arc::new(Mutex::new(first)), Arc::<Mutex<Vec<String>>>::default());
        let (answer, seen) = (reply.clone(), requests.clone());
        let missing = Arc::<Mutex<Option<&'static str>>>::default();
        let absent = missing.clone();
        let task = tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let (answer, seen, absent) = (answer.clone(), seen.clone(), absent.clone());
                tokio::spawn(async move {
                    let mut request = Vec::new();
                    let mut buffer = [0; 4096];
                    while !whole(&request) {
                        match stream.read(&mut buffer).await {
                            Ok(count @ 1..) => request.extend_from_slice(&buffer[..count]),
                            _ => break,
                        }
                    }
                    // Taken before the request is seen, so that a test can change the answer for the next one.
                    let Reply { mut status, body, after } = answer.lock().unwrap().clone();
                    let request = String::from_utf8_lossy(&request).into_owned();
                    let path = request.split_whitespace().nth(1).unwrap_or_default();
                    if absent.lock().unwrap().is_some_and(|part| path.contains(part)) {
                        status = "404 Not Found";
                    }
                    seen.lock().unwrap().push(request);
                    Clock::System.sleep(after).await;
                    let text = format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\n\r\n{body}", body.len());
                    let _ = stream.write_all(text.as_bytes()).await;
                });
            }
        });
        Self { port, missing, reply, requests, task }
    }

    /// Nothing stands at the paths with this in them.
    pub fn has_no(&self, part: &'static str) {
        *self.missing.lock().unwrap() = Some(part);
    }

    pub fn answer(&self, reply: Reply) {
        *self.reply.lock().unwrap() = reply;
    }

    pub fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }
}

impl Drop for Web {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn whole(request: &[u8]) -> bool {
    let text = String::from_utf8_lossy(request);
    let Some((head, body)) = text.split_once("\r\n\r\n") else { return false };
    let length = head.lines().find_map(|line| {
        line.to_ascii_lowercase().strip_prefix("content-length:")?.trim().parse::<usize>().ok()
    });
    body.len() >= length.unwrap_or_default()
}

/// A port that nobody listens on, for now.
pub async fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port()
}
