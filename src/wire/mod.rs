//! The protocol between client and conductor.
