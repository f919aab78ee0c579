//! One file a command; the only place that prints; where everything is put together.
