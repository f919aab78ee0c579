//! An older build and a newer conductor, made of one build: something between the two says for the client that it is
//! an older one, and for the record that it holds what that one does not know.

use std::path::{Path, PathBuf};

use golive::{
    client::{Way, reach},
    clock::Clock,
    record::Json,
    wire::{Carried, Frame, FrameReader, ToClient, send},
};
use serde_json::Value;
use tokio::net::{
    UnixListener, UnixStream,
    unix::{OwnedReadHalf, OwnedWriteHalf},
};

/// In what the client is older.
#[derive(Clone, Copy, Debug)]
pub enum Older {
    /// It does not know the shape that events of this kind have by now.
    Reads(&'static str),
    /// It speaks this protocol.
    Speaks(u32),
}

/// Listens in `dir` for older builds and passes on to the conductor what they say, and back, until the runtime ends.
pub async fn older(older: Older, way: Way, dir: &Path) -> PathBuf {
    let socket = dir.join(match older {
        Older::Reads(kind) => format!("{kind}.sock"),
        Older::Speaks(protocol) => format!("{protocol}.sock"),
    });
    let listener = UnixListener::bind(&socket).unwrap();
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            let conductor = reach(&way, &Clock::System).await.unwrap();
            tokio::spawn(between(older, client, conductor));
        }
    });
    socket
}

async fn between(older: Older, client: UnixStream, conductor: UnixStream) {
    let (said, to_client) = client.into_split();
    let (answers, to_conductor) = conductor.into_split();
    let asking = tokio::spawn(ask(older, said, to_conductor));
    answer(older, answers, to_client).await;
    asking.abort();
}

async fn ask(older: Older, said: OwnedReadHalf, mut to: OwnedWriteHalf) {
    let mut reader = FrameReader::new(said);
    while let Ok(Some(frame)) = reader.next().await {
        let mut message: Value = serde_json::from_slice(frame).unwrap();
        if let Some(hello) = message.get_mut("hello").and_then(Value::as_object_mut) {
            // Of another build: it is sent lines, and no snapshot.
            hello.insert("build".into(), "0.0.1 older".into());
            if let Older::Speaks(protocol) = older {
                hello.insert("protocol".into(), protocol.into());
            }
        }
        if send(&mut to, &Frame::of(&message).unwrap()).await.is_err() {
            return;
        }
    }
}

async fn answer(older: Older, answers: OwnedReadHalf, mut to: OwnedWriteHalf) {
    let mut reader = FrameReader::new(answers);
    while let Ok(Some(mut message)) = reader.message::<ToClient>().await {
        if let (ToClient::Record { lines, .. }, Older::Reads(kind)) = (&mut message, older) {
            for carried in lines {
                in_a_later_shape(carried, kind);
            }
        }
        if send(&mut to, &Frame::of(&message).unwrap()).await.is_err() {
            return;
        }
    }
}

fn in_a_later_shape(carried: &mut Carried, kind: &str) {
    let shape = format!("\"kind\":\"{kind}\",\"shape\":");
    let later = carried.line.text().replace(&shape, &format!("{shape}9"));
    carried.line = Json::from_text(later).unwrap();
}
