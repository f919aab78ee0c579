//! Lines of a record as frames, put together from their own texts: they are JSON already, and each is sent to many.
//! What comes out is what the message `Record` would be, byte for byte.

use super::frame::Frame;
use crate::domain::name::SessionId;

/// Lines in one message.
const LINES: usize = 256;
/// Bytes of lines in one message, roughly.
const BYTES: usize = 1 << 20;

/// Frames that carry these lines, each with the body that is kept beside it. They must be JSON.
pub fn record_frames<'a>(
    session: &SessionId,
    lines: impl Iterator<Item = (&'a str, Option<&'a str>)>,
) -> Vec<Frame> {
    let mut frames = Vec::new();
    let mut open: Option<Open> = None;
    for (line, body) in lines {
        let message = open.get_or_insert_with(|| Open::begin(session));
        message.add(line, body);
        if message.lines >= LINES || message.bytes.len() >= BYTES {
            frames.extend(open.take().and_then(Open::end));
        }
    }
    frames.extend(open.and_then(Open::end));
    frames
}

/// A message that is being put together.
struct Open {
    bytes: Vec<u8>,
    lines: usize,
}

impl Open {
    fn begin(session: &SessionId) -> Self {
        let mut bytes = Frame::begin();
        bytes.extend_from_slice(br#"{"record":{"session":"#);
        // A name is a text: it can always be written.
        drop(serde_json::to_writer(&mut bytes, session));
        bytes.extend_from_slice(br#","lines":["#);
        Self { bytes, lines: 0 }
    }

    fn add(&mut self, line: &str, body: Option<&str>) {
        if self.lines > 0 {
            self.bytes.push(b',');
        }
        self.lines += 1;
        self.bytes.extend_from_slice(br#"{"line":"#);
        self.bytes.extend_from_slice(line.as_bytes());
        if let Some(body) = body {
            self.bytes.extend_from_slice(br#","body":"#);
            self.bytes.extend_from_slice(body.as_bytes());
        }
        self.bytes.push(b'}');
    }

    fn end(mut self) -> Option<Frame> {
        self.bytes.extend_from_slice(b"]}}");
        Frame::end(self.bytes).inspect_err(|error| tracing::error!(%error, "lines were not sent")).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        record::Json,
        wire::{Carried, ToClient},
    };

    #[test]
    fn lines_put_together_are_the_message_byte_for_byte() {
        let session: SessionId = "2.5.0 \"a\"".parse().unwrap();
        let texts: Vec<String> = (0..600).map(|n| format!(r#"{{"seq":{n},"body":null}}"#)).collect();
        let body = |n: usize| (n.is_multiple_of(3)).then_some(r#"{"long":"text"}"#);
        let lines = texts.iter().enumerate().map(|(n, text)| (text.as_str(), body(n)));
        let carried = |(n, text): (usize, &String)| Carried {
            line: Json::from_text(text.clone()).unwrap(),
            body: body(n).map(|body| Json::from_text(body.into()).unwrap()),
        };
        let all: Vec<Carried> = texts.iter().enumerate().map(carried).collect();
        let message = |lines: &[Carried]| {
            Frame::of(&ToClient::Record { session: session.clone(), lines: lines.to_vec() }).unwrap()
        };
        let wanted: Vec<Frame> = all.chunks(LINES).map(message).collect();
        assert_eq!(record_frames(&session, lines), wanted);
    }
}
