//! The turn, the loop, the single writer, the socket server.
