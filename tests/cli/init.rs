//! `golive init` from flags: files that check, nothing written over, probes that change nothing.

use super::golive::Place;

#[test]
fn what_init_writes_passes_check() {
    let place = Place::new();
    let ran = place
        .golive(&[
            "init",
            "--name",
            "shop",
            "--hosts",
            "web-1=127.0.0.1:1, web-2=127.0.0.2:1",
            "--people",
            "dana, raj",
            "--start",
            "{dir}/current/bin/shop --port {port}",
        ])
        .ended(0);
    assert!(ran.out.contains("wrote   golive.toml") && ran.out.contains("wrote   RELEASE.md"), "{}", ran.out);
    assert!(ran.out.contains("nothing listens there yet"), "{}", ran.out);
    let assumed =
        "\nassumed --driver --dir --artifact --health --size --home: as detected, nobody was asked\n";
    assert!(ran.out.contains(assumed), "{}", ran.out);
    // Whoever runs the tests is neither of them, and can't open what they have written.
    assert!(ran.out.contains("nobody in [people] has your login") && ran.out.contains("--as"), "{}", ran.out);
    let ran = place.golive(&["check"]).ended(0);
    assert!(ran.out.contains("2 hosts"), "{}", ran.out);
}

#[test]
fn init_never_writes_over_what_is_there_unless_forced() {
    let place = Place::with_project();
    let before = place.read("golive.toml");
    let ran = place.golive(&["init"]).ended(2);
    assert!(ran.err.contains("golive.toml") && ran.err.contains("--force"), "{}", ran.err);
    assert_eq!(place.read("golive.toml"), before);
    place.golive(&["init", "--force", "--name", "other", "--people", "dana, sam: security"]).ended(0);
    assert!(place.read("golive.toml").contains("name = \"other\""));
}

#[test]
fn a_flag_that_means_nothing_is_refused_before_anything_is_written() {
    let place = Place::new();
    for flags in [
        ["--hosts", "web:none"],
        ["--people", ", ,"],
        ["--size", "huge"],
        ["--driver", "ssh"],
        ["--hosts", "web-[1:2]=127.0.0.1:1"],
    ] {
        let mut arguments = vec!["init"];
        arguments.extend(flags);
        place.golive(&arguments).ended(2);
        assert!(!place.dir().join("golive.toml").exists());
    }
}

#[test]
fn a_host_that_answers_is_said_to_and_an_artifact_is_found() {
    let place = Place::new();
    place.file("dist/shop-2.4.1.tar.gz", "");
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let server = std::thread::spawn(move || {
        use std::io::{Read as _, Write as _};
        let (mut stream, _) = listener.accept().unwrap();
        let mut request = [0; 512];
        let read = stream.read(&mut request).unwrap();
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").unwrap();
        String::from_utf8_lossy(&request[..read]).into_owned()
    });
    let hosts = format!("web-1=127.0.0.1:{port}");
    let json = place
        .golive(&["init", "--json", "--hosts", &hosts, "--health", "http://{host}:{port}/up"])
        .ended(0)
        .json();
    assert!(server.join().unwrap().starts_with("GET /up "), "probes only read");
    assert_eq!(json["probes"][0]["shows"], "shop-2.4.1.tar.gz is there");
    assert_eq!(json["probes"][1]["ok"], true);
}
