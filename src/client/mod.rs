//! The connection to the conductor, and the folded session.
