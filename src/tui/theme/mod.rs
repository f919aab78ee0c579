//! Colours by role: what the roles are, which themes there are, and how a theme looks on a viewer's terminal.
//! Widgets name a role and nothing else.

mod check;
mod look;
mod role;
mod shades;
mod themes;

pub use check::{Contrast, contrast};
pub use look::Look;
pub use role::Role;
pub use themes::{BUILT_IN, Theme, Themes};
