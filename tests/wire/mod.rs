//! The protocol: what goes over, what is refused, and what stays as it is for ever.

mod frames;
mod messages;
