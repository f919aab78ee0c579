//! The engine against real processes, real sockets and a real HAProxy.

mod artifacts;
mod commands;
mod fixture;
mod haproxy;
mod https;
mod killed;
mod lane;
mod local;
mod lock;
mod notices;
mod output;
mod probes;
mod rolling;
mod web;
