//! Stored event shapes and versions, and the exported, chained line. Pure: it reads and writes texts, never
//! a file.

mod chain;
mod codec;
mod event;
mod folded;
mod json;
mod kind;
mod line;
mod packed;
mod shape;

pub use chain::{Break, Chain, Followed, Head};
pub use codec::{BadEvent, Decoded, decode, encode};
pub use event::{Undecodable, draft, shapes, stamped};
pub use folded::{FoldError, Folded, snapshot};
pub use json::{Json, NotJson};
pub use kind::{BadKind, Kind, kinds};
pub use line::{BLOB_OVER, Body, Draft, Line, Stored, Unreadable, Unwritable};
pub use packed::{Unpackable, pack, unpack};
pub use shape::{Shape, Shapes};
