//! Stored event shapes and versions, the exported and chained line.
