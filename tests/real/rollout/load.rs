//! Steady load: a few threads that ask one after the other, each time on a new connection, and count.

use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread::JoinHandle,
    time::Duration,
};

pub struct Load {
    stop: Arc<AtomicBool>,
    tally: Arc<Tally>,
    threads: Vec<JoinHandle<()>>,
}

#[derive(Default)]
pub struct Tally {
    pub asked: AtomicU64,
    pub failed: AtomicU64,
    pub failures: Mutex<Vec<String>>,
}

impl Load {
    pub fn on(port: u16) -> Self {
        Self::asks(port, "/")
    }

    pub fn asks(port: u16, path: &'static str) -> Self {
        let (stop, tally) = (Arc::new(AtomicBool::new(false)), Arc::new(Tally::default()));
        let threads = (0..3)
            .map(|_| {
                let (stop, tally) = (stop.clone(), tally.clone());
                std::thread::spawn(move || {
                    while !stop.load(Ordering::Relaxed) {
                        tally.asked.fetch_add(1, Ordering::Relaxed);
                        if let Err(why) = ask(port, path) {
                            tally.failed.fetch_add(1, Ordering::Relaxed);
                            tally.failures.lock().unwrap().push(why);
                        }
                        std::thread::park_timeout(Duration::from_millis(5));
                    }
                })
            })
            .collect();
        Self { stop, tally, threads }
    }

    /// Stops and says how many were asked and what failed.
    pub fn end(mut self) -> (u64, Vec<String>) {
        self.stop.store(true, Ordering::Relaxed);
        for thread in self.threads.drain(..) {
            thread.join().unwrap();
        }
        let failures = std::mem::take(&mut *self.tally.failures.lock().unwrap());
        (self.tally.asked.load(Ordering::Relaxed), failures)
    }
}

/// One request on a connection of its own; the body of a 200.
pub fn ask(port: u16, path: &str) -> Result<String, String> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).map_err(|e| format!("connect: {e}"))?;
    stream.set_read_timeout(Some(Duration::from_secs(10))).map_err(|e| e.to_string())?;
    let request = format!("GET {path} HTTP/1.1\r\nHost: shop\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).map_err(|e| format!("send: {e}"))?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).map_err(|e| format!("read: {e}"))?;
    let (head, body) = answer.split_once("\r\n\r\n").ok_or("no answer")?;
    if head.starts_with("HTTP/1.1 200") {
        Ok(body.to_owned())
    } else {
        Err(head.lines().next().unwrap_or("nothing").to_owned())
    }
}
