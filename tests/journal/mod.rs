//! The journal on a real disk: what it keeps, what it finds, what it survives.

mod breakglass;
mod chain;
mod fold;
mod full_disk;
mod golden;
mod killed;
mod packed;
mod shapes;
mod store;
mod tail;
mod verify;
mod writer;

use std::{path::PathBuf, sync::Arc};

use golive::{
    domain::time::{SessionTime, WallTime},
    journal::{Batch, Durable, Opened, Store},
    record::{Draft, Json, Kind},
};
use serde_json::json;

/// A journal in a directory of its own.
struct Place {
    dir: tempfile::TempDir,
}

impl Place {
    fn new() -> Self {
        Self { dir: tempfile::tempdir().unwrap() }
    }

    fn path(&self) -> PathBuf {
        self.dir.path().join("journal.db")
    }

    fn store(&self) -> Store {
        Store::open(&self.path()).unwrap()
    }

    /// A stream `shop-2.5.0` with lines 1 to `count`.
    fn filled(&self, count: u64) -> (Store, Opened) {
        let mut store = self.store();
        let mut opened = store.open_stream(&stream(), WallTime(0)).unwrap();
        if count > 0 {
            opened.head = append(&mut store, opened.epoch, 1..=count).head;
        }
        (store, opened)
    }

    /// The database as anybody could change it.
    fn tamper(&self, sql: &str, params: impl rusqlite::Params) {
        let conn = rusqlite::Connection::open(self.path()).unwrap();
        assert!(conn.execute(sql, params).unwrap() > 0, "{sql} changed nothing");
    }
}

fn stream() -> Arc<str> {
    "shop-2.5.0".into()
}

fn draft(seq: u64, epoch: u32) -> Draft {
    draft_with(
        seq,
        epoch,
        &json!({ "host": format!("web-{seq:02}"), "why": "\u{2716} \"self-test\"\n12/14" }),
    )
}

fn draft_with(seq: u64, epoch: u32, body: &serde_json::Value) -> Draft {
    Draft {
        seq,
        wall: WallTime(1_772_452_800_000_000 + seq.cast_signed()),
        session: SessionTime(seq * 1_000),
        epoch,
        actor: Json::of(&json!({ "who": { "person": "dana" }, "via": { "uid": 1000 } })).unwrap(),
        kind: Kind::parse("rollout.lane-started").unwrap(),
        shape: 1,
        body: Json::of(body).unwrap(),
    }
}

fn batch(epoch: u32, seqs: impl IntoIterator<Item = u64>) -> Batch {
    Batch {
        stream: stream(),
        drafts: seqs.into_iter().map(|seq| draft(seq, epoch)).collect(),
        answers: Vec::new(),
    }
}

fn append(store: &mut Store, epoch: u32, seqs: impl IntoIterator<Item = u64>) -> Durable {
    store.append(&[batch(epoch, seqs)]).remove(0).unwrap()
}
