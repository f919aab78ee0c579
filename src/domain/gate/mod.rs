//! "May we go?" The only place that answers it: with the list of what is in the way.

mod obstacles;
mod well;

pub use obstacles::{
    is_window, promotable, rolls, stopped, to_go, to_go_on, to_pass, to_promote, to_promote_next, to_start,
};
pub use well::{all_well, seen_sick, sick_since};
