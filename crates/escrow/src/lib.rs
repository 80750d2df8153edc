//! Where rights to spend should live while the line is up, and who gives what when a till
//! lacks some. Pure: what a policy may know is handed to it.
//!
//! A store that is cut off can serve only what its policy foresaw, so a policy is a bet on
//! where the member comes next. [`Policy::Spread`] is the default; docs/policies.md compares
//! them all on a year's purchase history.

mod habit;
mod lease;
mod lending;
mod placement;
mod policy;

pub use habit::{Visit, ranking};
pub use lease::{CLOCK_MARGIN_MS, Lease, LeaseClock};
pub use lending::grant;
pub use placement::{Move, Placement};
pub use policy::{Policy, Standpoint};
