//! An artifact beyond a proxy, and a check that must not be answered by one.

use std::{
    io::{Read as _, Write as _},
    net::TcpListener,
    sync::mpsc,
};

use super::golive::{Place, Ran};

/// A proxy that answers every request itself; what it was asked for is handed over.
fn proxy() -> (String, mpsc::Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (send, asked) = mpsc::channel();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            let mut request = [0; 4096];
            let count = stream.read(&mut request).unwrap_or_default();
            let line =
                String::from_utf8_lossy(&request[..count]).lines().next().unwrap_or_default().to_owned();
            let answer: &[u8] = if line.contains(".sha256") {
                b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n"
            } else {
                b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nshop"
            };
            if stream.write_all(answer).is_err() || send.send(line).is_err() {
                return;
            }
        }
    });
    (url, asked)
}

#[test]
fn an_artifact_is_fetched_through_the_proxy_of_the_environment() {
    let place = Place::with_project();
    let plan = place.read("golive.toml").replace("dist/shop-", "http://repo.example/shop-");
    place.file("golive.toml", &plan);
    let (url, asked) = proxy();
    let mut open = place.command(&["open", "2.5.0", "--at", "+1h", "--json"]);
    let opened =
        Ran::of(&open.env("HTTP_PROXY", &url).env("http_proxy", &url).output().unwrap()).ended(0).json();
    let digest = opened["digest"].as_str().unwrap().to_owned();
    assert_eq!(digest, golive::domain::name::Digest::of(b"shop").to_string());
    assert_eq!(asked.recv().unwrap(), "GET http://repo.example/shop-2.5.0 HTTP/1.1");
}

/// A proxy would say that a host is well which is not there at all.
#[test]
fn a_host_is_never_asked_through_a_proxy() {
    let place = Place::new();
    let (url, asked) = proxy();
    let mut init = place.command(&["init", "--name", "shop", "--hosts", "web-1=127.0.0.1:1"]);
    let ran = Ran::of(&init.env("HTTP_PROXY", &url).env("http_proxy", &url).output().unwrap()).ended(0);
    assert!(ran.out.contains("nothing listens there yet"), "{}", ran.out);
    assert!(asked.try_recv().is_err());
}
