//! The conductor's life: one a project, found, started, outlived.

mod door;
mod life;
mod project;
