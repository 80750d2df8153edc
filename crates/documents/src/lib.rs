//! Member profiles as Automerge documents, one for each member.
//!
//! A profile is a set of changes that travel inside journal entries; Automerge's own sync
//! protocol is not used. The Automerge actor is the replica id, so each replica writes one
//! linear stream of changes. Only this crate imports automerge, and nothing of it shows.
//!
//! # Contract
//! - The same set of changes gives the same profile, in whatever order they came; duplicates
//!   are harmless. Concurrent values of one field are all kept and shown until somebody settles
//!   them; for cards and consents the safer value holds ([`CardState`], [`Consent`]).
//! - A change is looked at in isolation (isolation.rs): Automerge panics on damaged content, so
//!   it is decoded and applied to a copy with the unwind caught, and kept only if the copy can
//!   be saved and loaded. A poisonous change is set aside, the honest ones beside it apply.
//! - What lacks its dependencies waits in a list of ours, never in Automerge's silent queue.
//! - Personal values pass through one module (sealing.rs) before Automerge sees them.
//!
//! Everything lies flat in the root map under keys such as `field/phone` or `card/6688…`: two
//! stores that first write the same part of a profile then meet in one key, instead of creating
//! two nested maps of which one would vanish.
//!
//! autosurgeon 0.14 was looked at and left out: it derives whole nested structures, hides
//! concurrent values, and would put the sealing behind a derive; the flat keys need none of it.

mod card_state;
mod change;
mod consent;
mod document;
mod edit;
mod field;
mod isolation;
mod key;
mod profile;
mod sealing;

pub use card_state::CardState;
pub use change::{ChangeBytes, ChangeFault};
pub use consent::{Channel, Consent};
pub use document::{Loaded, MemberDocument, Outcome, SetAside};
pub use edit::{Edit, EditError};
pub use field::Field;
pub use profile::{FieldValue, Profile};
