//! The comparison: the hosts that have the new version beside the rest, by what both served. It judges nothing by
//! itself: a person does, with the figures before them.

mod figures;
mod judge;

pub use figures::{ENOUGH, Recent, SETTLED, Side, Sides};
pub use judge::{Due, OLD, asks_for, by_hand, due, latest, nothing_beside};
pub(super) use judge::{decide, shows};
