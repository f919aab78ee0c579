//! The protocol between client and conductor: frames and messages. It opens no connection and decides nothing.

mod build;
mod door;
mod frame;
mod journal;
mod lines;
mod message;
mod sample;
mod snapshot;
mod urgent;

pub use build::build;
pub use door::{Door, DoorError, Home};
pub use frame::{Frame, FrameReader, MAX_FRAME, WireError, send};
pub use journal::{JournalState, Unwritable};
pub use lines::record_frames;
pub use message::{
    Answer, AskedOfProject, Carried, CommandId, ConductorInfo, ForConductor, Hello, Live, Mode, Open,
    PROTOCOL, Place, Present, QueuedInfo, SessionInfo, ToClient, ToConductor, Topic, Welcome,
};
pub use sample::{Measured, Sample};
pub use snapshot::{Assembly, SnapshotPart, parts};
pub use urgent::{
    Unsayable, Urgent, UrgentAnswer, UrgentNo, UrgentSession, UrgentWelcome, UrgentWhat, urgent_form,
};
