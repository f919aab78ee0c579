//! The start screen: which session is open and how it stands, earlier ones, and what one can do next.

mod draw;
mod show;
mod view;

pub use draw::draw;
pub use show::show;
pub use view::View;
