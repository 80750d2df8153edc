//! A city on loopback: real processes, real QUIC, and lines that can be cut.
//!
//! [`City`] is the launcher that the demo and the end-to-end tests share. Its processes come
//! from one executable that calls [`run_command_line`]: the demo's own, or a test's.

mod address_cell;
mod announcement;
mod api;
mod city;
mod command_line;
mod condition;
mod demonstration;
mod fault;
mod interruption;
mod leash;
mod line;
mod past;
mod process;
mod purchase;
mod relay;
mod stage;
mod tale;

pub use api::{Answer, Api};
pub use city::{Advertise, City, Options, wait_for};
pub use command_line::run_command_line;
pub use fault::CityError;
pub use line::Line;
pub use process::Process;
