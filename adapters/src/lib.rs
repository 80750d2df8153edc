//! Two adapters between tills and Purser, as examples for whoever has to write a third: one shaped like Toast's loyalty
//! integration, one shaped like Keruyun's (客如云) assets of third-party members. docs/adapters.md has the mapping,
//! field by field, and what is not certain of the vendors' side.
//!
//! An adapter knows nothing of Purser but its public API (`purser.rs`), with a token. Each vendor has rules of its own
//! for asking again after a lost answer; what makes them safe here is always the same: Purser's idempotency keys and
//! check numbers, and, where a vendor names things that Purser cannot look up, a note that is on disk before Purser is
//! asked (`notes.rs`).

mod command_line;
mod keruyun;
mod money;
mod notes;
mod purser;
mod receipt_text;
mod serving;
mod toast;

pub use command_line::run_command_line;
pub use keruyun::{Keruyun, KeruyunSettings};
pub use notes::{Notes, NotesError};
pub use purser::{Purser, PurserError};
pub use toast::{Toast, ToastSettings, ToastToken};
