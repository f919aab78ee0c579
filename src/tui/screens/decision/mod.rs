//! The Decision screen: the roll call, what is in the way, plan B, and what happens after GO.

mod after;
mod draw;
mod show;
mod state;
mod view;

pub use after::downtime;
pub use draw::{NEEDS, draw, list_rows};
pub use show::show;
pub use state::{Row, State};
pub use view::{ObstacleRow, SeatRow, View};
