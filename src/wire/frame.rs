//! Frames: four bytes of length, most significant first, then that many bytes of JSON. A frame is bounded, so
//! that neither side can make the other take more memory than it means to.

use std::sync::Arc;

use serde::{Serialize, de::DeserializeOwned};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

/// The longest frame, without its length.
pub const MAX_FRAME: usize = 8 << 20;
const PREFIX: usize = 4;

#[derive(Debug, thiserror::Error)]
pub enum WireError {
    #[error(
        "the other side sends a frame of {0} bytes; {MAX_FRAME} is the most: is it golive that answers there?"
    )]
    TooLarge(usize),
    #[error("a message of {0} bytes is too long to send; {MAX_FRAME} is the most")]
    TooLargeToSend(usize),
    #[error("the connection ended in the middle of a message")]
    Torn,
    #[error("a message that is not understood: {0}")]
    Garbled(String),
    #[error("the connection: {0}")]
    Io(#[from] std::io::Error),
}

/// A message as it goes over the connection, its length in front; many clients share one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame(Arc<[u8]>);

impl Frame {
    pub fn of<T: Serialize>(message: &T) -> Result<Self, WireError> {
        let mut bytes = Self::begin();
        serde_json::to_writer(&mut bytes, message).map_err(|why| WireError::Garbled(why.to_string()))?;
        Self::end(bytes)
    }

    /// Room for the length; the message is to follow.
    pub(super) fn begin() -> Vec<u8> {
        vec![0; PREFIX]
    }

    /// What was begun, with the message behind.
    pub(super) fn end(mut bytes: Vec<u8>) -> Result<Self, WireError> {
        let length = bytes.len() - PREFIX;
        if length > MAX_FRAME {
            return Err(WireError::TooLargeToSend(length));
        }
        bytes[..PREFIX].copy_from_slice(&(length as u32).to_be_bytes());
        Ok(Self(bytes.into()))
    }

    /// With the length in front.
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }
}

/// Writes a frame; it has left this process when this returns.
pub async fn send(to: &mut (impl AsyncWrite + Unpin), frame: &Frame) -> Result<(), WireError> {
    to.write_all(frame.bytes()).await?;
    Ok(to.flush().await?)
}

/// Takes frames from a stream. Dropping `next` half-way loses nothing: it goes on where it was.
#[derive(Debug)]
pub struct FrameReader<R> {
    from: R,
    /// What has come and was not handed out, from `start` on.
    buffer: Vec<u8>,
    start: usize,
}

impl<R: AsyncRead + Unpin> FrameReader<R> {
    pub fn new(from: R) -> Self {
        Self { from, buffer: Vec::new(), start: 0 }
    }

    /// The bytes of the next frame; none once the other side has closed the connection between two.
    pub async fn next(&mut self) -> Result<Option<&[u8]>, WireError> {
        loop {
            let have = self.buffer.len() - self.start;
            if let Some(length) = self.announced()?
                && have >= PREFIX + length
            {
                let from = self.start + PREFIX;
                self.start = from + length;
                return Ok(Some(&self.buffer[from..from + length]));
            }
            // Room is made for what comes, not for what is announced: a length alone costs nothing.
            self.buffer.drain(..self.start);
            self.start = 0;
            self.buffer.shrink_to(have.max(64 << 10));
            if self.from.read_buf(&mut self.buffer).await? == 0 {
                return if have == 0 { Ok(None) } else { Err(WireError::Torn) };
            }
        }
    }

    /// The next message; a frame that is none ends the connection, since its sender means something else.
    pub async fn message<T: DeserializeOwned>(&mut self) -> Result<Option<T>, WireError> {
        let Some(frame) = self.next().await? else { return Ok(None) };
        read(frame).map(Some)
    }

    fn announced(&self) -> Result<Option<usize>, WireError> {
        let Some(prefix) = self.buffer[self.start..].first_chunk::<PREFIX>() else { return Ok(None) };
        let length = u32::from_be_bytes(*prefix) as usize;
        if length > MAX_FRAME { Err(WireError::TooLarge(length)) } else { Ok(Some(length)) }
    }
}

pub(super) fn read<T: DeserializeOwned>(frame: &[u8]) -> Result<T, WireError> {
    serde_json::from_slice(frame).map_err(|why| WireError::Garbled(why.to_string()))
}
