//! The Compare screen: what the hosts with the new version serve beside the rest, and the judgement of a person.

mod draw;
mod show;
mod view;

pub use draw::draw;
pub use show::show;
pub use view::View;
