//! The conductor's life: one a project, found, started, outlived.

mod door;
mod full_disk;
mod kept;
mod life;
mod project;
mod queue;
mod rehearsal;
mod slow;
mod watch;
