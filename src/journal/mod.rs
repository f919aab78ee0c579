//! The durable event store: SQLite, one database a project, one stream and one hash chain a session. It knows
//! lines, not what they mean: decoding and deciding are others' work.

mod answers;
mod append;
mod blob;
mod breakglass;
mod check_points;
mod error;
mod export;
mod fold;
mod reader;
mod sample;
mod schema;
mod snapshot;
mod store;
mod tail;
mod verify;
mod writer;

pub use append::{Answered, Batch, Class, Durable, PROJECT};
pub use blob::Blob;
pub use breakglass::{BreakGlass, Recovered, discard, on_another_file_system, places, unsealed};
pub use error::{AppendError, JournalError};
pub use export::export;
pub use fold::{Unfolded, fold};
pub use reader::{Reader, Row, StreamInfo, not_emptied};
pub use sample::{Sample, Series};
pub use snapshot::Snapshot;
pub use store::{Opened, Store};
pub use tail::Cut;
pub use verify::{Verdict, verify, verify_export};
pub use writer::{OBSERVATIONS_WAIT, Ticket, Writer};
