//! The durable event store.
