//! A small HTTP store that compares and sets, and real agent processes that read it: each serves its own host's
//! `/version` and `/agent`, and installs what the store says.

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    fs,
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};

use golive::clock::{Clock, block_for};

/// How often an agent looks.
pub const EVERY: Duration = Duration::from_millis(200);

/// One request: its method, path, headers in lower case, and body.
struct Asked {
    method: String,
    path: String,
    headers: BTreeMap<String, String>,
    body: String,
}

fn read(stream: &TcpStream) -> Option<Asked> {
    stream.set_read_timeout(Some(Duration::from_secs(10))).ok()?;
    let mut lines = BufReader::new(stream);
    let mut first = String::new();
    lines.read_line(&mut first).ok()?;
    let mut words = first.split_whitespace();
    let (method, path) = (words.next()?.to_owned(), words.next()?.to_owned());
    let mut headers = BTreeMap::new();
    loop {
        let mut line = String::new();
        lines.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim().split_once(':') else { break };
        headers.insert(name.to_lowercase(), value.trim().to_owned());
    }
    let length = headers.get("content-length").and_then(|it| it.parse().ok()).unwrap_or(0);
    let mut body = vec![0; length];
    lines.read_exact(&mut body).ok()?;
    Some(Asked { method, path, headers, body: String::from_utf8(body).ok()? })
}

fn answer(mut stream: &TcpStream, status: u16, etag: Option<&str>, body: &str) {
    let mut head = format!("HTTP/1.1 {status} x\r\nConnection: close\r\nContent-Length: {}\r\n", body.len());
    if let Some(etag) = etag {
        write!(head, "ETag: {etag}\r\n").unwrap();
    }
    let _ = stream.write_all(format!("{head}\r\n{body}").as_bytes());
}

/// One exchange as a client: status, `ETag`, body.
pub fn ask(
    address: &str,
    method: &str,
    path: &str,
    headers: &str,
    body: &str,
) -> Option<(u16, String, String)> {
    let mut stream = TcpStream::connect(address).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(10))).ok()?;
    let request = format!(
        "{method} {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{headers}Content-Length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes()).ok()?;
    let mut text = String::new();
    stream.read_to_string(&mut text).ok()?;
    let (head, body) = text.split_once("\r\n\r\n")?;
    let status = head.split_whitespace().nth(1)?.parse().ok()?;
    let etag = head.lines().find_map(|line| line.strip_prefix("ETag: ")).unwrap_or_default();
    Some((status, etag.to_owned(), body.to_owned()))
}

type Keys = Arc<Mutex<BTreeMap<String, (u64, String)>>>;

/// What it holds outlives its server, which can be stopped and started again on the same port.
pub struct HttpStore {
    pub port: u16,
    keys: Keys,
    stop: Arc<AtomicBool>,
    /// How many sets were carried out.
    pub sets: Arc<Mutex<Vec<String>>>,
    /// Whether it tells weak `ETag`s only, as behind a proxy that compresses.
    pub weak: Arc<AtomicBool>,
    serving: Option<thread::JoinHandle<()>>,
}

impl HttpStore {
    pub fn start() -> Self {
        let mut store = Self {
            port: 0,
            keys: Keys::default(),
            stop: Arc::default(),
            sets: Arc::default(),
            weak: Arc::default(),
            serving: None,
        };
        store.serve();
        store
    }

    pub fn serve(&mut self) {
        let listener = TcpListener::bind(("127.0.0.1", self.port)).unwrap();
        self.port = listener.local_addr().unwrap().port();
        self.stop = Arc::default();
        let (keys, stop, sets) = (self.keys.clone(), self.stop.clone(), self.sets.clone());
        let weak = self.weak.clone();
        self.serving = Some(thread::spawn(move || {
            for stream in listener.incoming() {
                if stop.load(Ordering::SeqCst) {
                    return;
                }
                if let Ok(stream) = stream {
                    Self::exchange(&stream, &keys, &sets, weak.load(Ordering::SeqCst));
                }
            }
        }));
    }

    fn exchange(stream: &TcpStream, keys: &Keys, sets: &Mutex<Vec<String>>, weak: bool) {
        let Some(asked) = read(stream) else { return };
        let mut keys = keys.lock().unwrap();
        let held = keys.get(&asked.path).cloned();
        let mark = if weak { "W/" } else { "" };
        let etag = held.as_ref().map(|(revision, _)| format!("{mark}\"{revision}\""));
        if asked.method == "GET" {
            return match held {
                Some((_, body)) => answer(stream, 200, etag.as_deref(), &body),
                None => answer(stream, 404, None, ""),
            };
        }
        // Compare and set: who names what it holds may replace it, and who says that nothing is there where that is so.
        let may = match (asked.headers.get("if-match"), asked.headers.get("if-none-match")) {
            (Some(wanted), _) => etag.as_ref() == Some(wanted),
            (None, Some(_)) => held.is_none(),
            (None, None) => false,
        };
        if !may {
            return answer(stream, 412, etag.as_deref(), "");
        }
        let revision = held.map_or(1, |(revision, _)| revision + 1);
        sets.lock().unwrap().push(asked.body.clone());
        keys.insert(asked.path, (revision, asked.body));
        answer(stream, 204, None, "");
    }

    /// The server is gone; what it holds is not.
    pub fn end(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        let _ = TcpStream::connect(("127.0.0.1", self.port));
        if let Some(serving) = self.serving.take() {
            serving.join().unwrap();
        }
    }

    pub fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// What a key holds.
    pub fn held(&self, path: &str) -> serde_json::Value {
        let (_, _, body) = ask(&self.address(), "GET", path, "", "").unwrap();
        serde_json::from_str(&body).unwrap()
    }

    /// Somebody else sets it, as golive does: by what was read.
    pub fn set(&self, path: &str, version: &str, by: &str) {
        let (_, etag, _) = ask(&self.address(), "GET", path, "", "").unwrap();
        let body = serde_json::json!({
            "version": version, "digest": "a".repeat(64), "by": by, "at": "13:50:02",
        });
        let headers = format!("If-Match: {etag}\r\n");
        let (status, ..) = ask(&self.address(), "PUT", path, &headers, &body.to_string()).unwrap();
        assert_eq!(status, 204);
    }
}

impl Drop for HttpStore {
    fn drop(&mut self) {
        self.end();
    }
}

/// Hosts with an agent each: processes of their own.
pub struct Fleet {
    dir: PathBuf,
    pub ports: Vec<u16>,
    agents: Vec<Child>,
}

pub const HOSTS: [&str; 3] = ["web-01", "web-02", "web-03"];

impl Fleet {
    /// `store`: `http://127.0.0.1:8080/desired/production`, or a file.
    pub fn start(dir: &Path, store: &str) -> Self {
        let mut fleet = Self { dir: dir.to_owned(), ports: Vec::new(), agents: Vec::new() };
        for host in HOSTS {
            let own = dir.join(host);
            fs::create_dir_all(&own).unwrap();
            let agent = Command::new(std::env::current_exe().unwrap())
                .args(["--ignored", "--exact", "rollout::agents::agent_that_a_test_starts", "--nocapture"])
                .env("AGENT_DIR", &own)
                .env("AGENT_STORE", store.replace("{name}", host))
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .spawn()
                .unwrap();
            fleet.agents.push(agent);
            let begun = Clock::System.read().monotonic;
            let port = loop {
                if let Some(port) = fs::read_to_string(own.join("port")).ok().and_then(|it| it.parse().ok()) {
                    break port;
                }
                assert!(
                    Clock::System.read().monotonic - begun < 30_000_000,
                    "the agent of {host} is not there"
                );
            };
            fleet.ports.push(port);
        }
        fleet
    }

    fn file(&self, host: &str, name: &str) -> PathBuf {
        self.dir.join(host).join(name)
    }

    /// The agent looks no more, or again. What it was about to do before it looks no more is done.
    pub fn silent(&self, host: &str, silent: bool) {
        let [file, rests] = ["silent", "rests"].map(|name| self.file(host, name));
        if !silent {
            fs::remove_file(file).unwrap();
            return;
        }
        let _ = fs::remove_file(&rests);
        fs::write(file, "").unwrap();
        let begun = Clock::System.read().monotonic;
        while !rests.exists() {
            block_for(Duration::from_millis(10));
            assert!(Clock::System.read().monotonic - begun < 30_000_000, "the agent of {host} does not rest");
        }
    }

    /// Somebody installs another version by hand.
    pub fn by_hand(&self, host: &str, version: &str) {
        put(&self.file(host, "installed"), &format!("{version} {}", "b".repeat(64)));
    }
}

impl Drop for Fleet {
    fn drop(&mut self) {
        for agent in &mut self.agents {
            let _ = agent.kill();
            let _ = agent.wait();
        }
    }
}

/// Whole, or as it was: somebody may read it at this moment.
fn put(file: &Path, text: &str) {
    let new = file.with_extension("new");
    fs::write(&new, text).unwrap();
    fs::rename(new, file).unwrap();
}

/// The agent of one host. What is installed is a file; so is when it looked last.
#[test]
#[ignore = "the agent that the tests of converging start as a process of its own"]
fn agent_that_a_test_starts() {
    let dir = PathBuf::from(std::env::var_os("AGENT_DIR").expect("the directory is given"));
    let store = std::env::var("AGENT_STORE").unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    put(&dir.join("port"), &listener.local_addr().unwrap().port().to_string());
    let own = dir.clone();
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            serve(&stream, &own);
        }
    });
    // It ends with the test that started it, which kills it; at the latest with that test's process.
    let parent = std::os::unix::process::parent_id();
    while std::os::unix::process::parent_id() == parent {
        if dir.join("silent").exists() {
            put(&dir.join("rests"), "");
        } else if let Some(text) = desired(&store) {
            let body: serde_json::Value = serde_json::from_str(&text).unwrap_or_default();
            let field = |name: &str| body[name].as_str().unwrap_or_default().to_owned();
            let wanted = format!("{} {}", field("version"), field("digest"));
            let installed = fs::read_to_string(dir.join("installed")).unwrap_or_default();
            if wanted.trim() != installed.trim() && !wanted.trim().is_empty() {
                put(&dir.join("installed"), &wanted);
            }
            put(&dir.join("looked"), &(Clock::System.read().wall / 1_000).to_string());
        }
        block_for(EVERY);
    }
}

fn desired(store: &str) -> Option<String> {
    let Some(rest) = store.strip_prefix("http://") else { return fs::read_to_string(store).ok() };
    let (address, path) = rest.split_once('/')?;
    let (status, _, body) = ask(address, "GET", &format!("/{path}"), "", "")?;
    (status == 200).then_some(body)
}

fn serve(stream: &TcpStream, dir: &Path) {
    let Some(asked) = read(stream) else { return };
    let installed = fs::read_to_string(dir.join("installed")).unwrap_or_default();
    let mut words = installed.split_whitespace();
    let (version, digest) = (words.next(), words.next());
    let looked = fs::read_to_string(dir.join("looked")).ok().and_then(|it| it.parse::<f64>().ok());
    match (asked.path.as_str(), version) {
        ("/version", Some(version)) => {
            answer(stream, 200, None, &format!("{{\"version\":\"{version}\"}}"));
        }
        ("/version", None) => answer(stream, 503, None, "nothing is installed"),
        // Only who says who asks is told more.
        _ if asked.headers.get("x-asks").map(String::as_str) != Some("golive") => {
            answer(stream, 401, None, "");
        }
        _ => {
            let body = serde_json::json!({
                "version": version, "digest": digest, "checked_in": looked.map(|millis| millis / 1_000.0),
                "kept": version.into_iter().collect::<Vec<_>>(),
            });
            answer(stream, 200, None, &body.to_string());
        }
    }
}
