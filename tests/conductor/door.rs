//! The lock, the socket, and who is at the other end.

use std::{
    fs,
    os::unix::fs::{MetadataExt, PermissionsExt},
};

use golive::{
    client::{ClientError, Launch, Way, reach},
    clock::Clock,
    conductor::{Lock, Logins, Share, SocketError, bind},
    wire::Door,
};

#[test]
fn one_holds_the_lock_and_whoever_comes_later_learns_where_the_socket_is() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("conductor.lock");
    assert_eq!(Door::read(&path).unwrap(), None);
    let lock = Lock::take(&path).unwrap().unwrap();
    assert!(Lock::take(&path).unwrap().is_none());
    assert_eq!(Door::read(&path).unwrap(), None, "nothing is said before the socket is bound");
    let door = Door { pid: 7, socket: dir.path().join("s"), build: "x".into() };
    lock.announce(&door).unwrap();
    assert_eq!(Door::read(&path).unwrap(), Some(door));
    drop(lock);
    assert!(Lock::take(&path).unwrap().is_some(), "it is let go with its holder");
    assert_eq!(Door::read(&path).unwrap(), None, "what a dead one said is not said any more");
    assert_eq!(fs::metadata(&path).unwrap().mode() & 0o777, 0o600);
}

#[tokio::test]
async fn a_socket_left_behind_is_replaced_and_anything_else_is_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    let lock = Lock::take(&dir.path().join("lock")).unwrap().unwrap();
    let path = dir.path().join("conductor.sock");
    drop(bind(&path, Share::Owner, &lock).unwrap());
    assert!(path.exists(), "a killed conductor leaves it");
    let _again = bind(&path, Share::Owner, &lock).unwrap();
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    let file = dir.path().join("notes");
    fs::write(&file, "mine").unwrap();
    assert!(matches!(bind(&file, Share::Owner, &lock), Err(SocketError::InTheWay(_))));
    assert_eq!(fs::read_to_string(&file).unwrap(), "mine");
    let shared = dir.path().join("shared.sock");
    let _shared = bind(&shared, Share::Group, &lock).unwrap();
    assert_eq!(fs::metadata(&shared).unwrap().permissions().mode() & 0o777, 0o660);
}

#[tokio::test]
async fn the_kernel_says_who_is_at_the_other_end() {
    let (near, _far) = tokio::net::UnixStream::pair().unwrap();
    let peer = Logins::default().peer(&near).unwrap();
    let me = std::process::Command::new("id").arg("-un").output().unwrap().stdout;
    assert_eq!((peer.login.as_str(), peer.own), (String::from_utf8(me).unwrap().trim(), true));
    assert_eq!(peer.uid, rustix::process::getuid().as_raw());
    // Asked before they came, it is the same, and the second time too.
    let mut beforehand = Logins::beforehand();
    assert_eq!([beforehand.peer(&near).unwrap(), beforehand.peer(&near).unwrap()], [peer.clone(), peer]);
}

fn launch(dir: &tempfile::TempDir, script: &str) -> Way {
    let launch = Launch {
        program: "/bin/sh".into(),
        arguments: vec!["-c".into(), script.into()],
        dir: dir.path().to_owned(),
        log: dir.path().join("log"),
    };
    Way::Own { lock: dir.path().join("lock"), sockets: Vec::new(), launch: Some(launch) }
}

#[tokio::test]
async fn where_none_runs_and_none_may_be_started_that_is_said() {
    let dir = tempfile::tempdir().unwrap();
    let way = Way::Own { lock: dir.path().join("lock"), sockets: Vec::new(), launch: None };
    assert!(matches!(reach(&way, &Clock::System).await, Err(ClientError::NotRunning)));
    let way = Way::Shared(dir.path().join("sock"));
    assert!(matches!(reach(&way, &Clock::System).await, Err(ClientError::NobodyShares(_))));
}

#[tokio::test]
async fn a_conductor_that_can_not_start_says_why() {
    let dir = tempfile::tempdir().unwrap();
    let way = launch(&dir, "echo the journal is broken >&2; exit 7");
    match reach(&way, &Clock::System).await {
        Err(ClientError::Failed { said: why, .. }) => assert_eq!(why, "the journal is broken"),
        other => panic!("{other:?}"),
    }
}

/// The one that was started leaves, since another had the lock: the client connects to that other one.
#[tokio::test]
async fn whoever_loses_the_race_connects_to_the_winner() {
    let dir = tempfile::tempdir().unwrap();
    let lock = Lock::take(&dir.path().join("lock")).unwrap().unwrap();
    let way = launch(&dir, "echo left >> starts");
    let winner = async {
        // Not before the loser has left.
        while !dir.path().join("starts").exists() {
            tokio::task::yield_now().await;
        }
        let socket = dir.path().join("conductor.sock");
        let listener = bind(&socket, Share::Owner, &lock).unwrap();
        lock.announce(&Door { pid: 7, socket, build: "x".into() }).unwrap();
        listener.accept().await.unwrap();
    };
    let (reached, ()) = futures::join!(reach(&way, &Clock::System), winner);
    reached.unwrap();
}

/// The lock file of one that was killed names a socket at which nobody listens.
#[tokio::test]
async fn a_dead_conductors_socket_is_not_waited_for() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("lock");
    let lock = Lock::take(&path).unwrap().unwrap();
    let socket = dir.path().join("conductor.sock");
    drop(bind(&socket, Share::Owner, &lock).unwrap());
    lock.announce(&Door { pid: 7, socket, build: "x".into() }).unwrap();
    drop(lock);
    let way = Way::Own { lock: path, sockets: Vec::new(), launch: None };
    assert!(matches!(reach(&way, &Clock::System).await, Err(ClientError::NotRunning)));
}
