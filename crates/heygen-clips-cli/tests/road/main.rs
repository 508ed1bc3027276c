//! The program against servers: the emulator that it carries, and servers that misbehave. What is
//! asserted is what its user has: exit code, stdout, stderr and the files.
#![allow(clippy::unwrap_used, clippy::panic)]

mod account;
mod demo;
mod emulator;
mod fetched;
mod journal;
mod misbehaving;
mod pages;
mod run;
mod serve;
#[cfg(unix)]
mod stopped;
mod webhook;
