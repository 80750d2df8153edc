//! Where rights to spend should live while the line is up, and who gives what when a till
//! lacks some. Pure: what a policy may know is handed to it.
//!
//! A store that is cut off can serve only what its policy foresaw, so a policy is a bet on
//! where the member comes next. [`Policy::Habit`] is the default: in a first trial on a
//! year's purchase history it served 76 % of the wishes at a store cut off for a day, against
//! 58 % for rights kept where they were earned.

mod habit;
mod lease;
mod lending;
mod policy;

pub use habit::{Visit, home};
pub use lease::{CLOCK_MARGIN_MS, Lease, LeaseClock};
pub use lending::grant;
pub use policy::{Policy, Standpoint};
