//! Member profiles: one Automerge document a member, made of changes that travel in the
//! entries of the journals.
//!
//! # The form of a document
//! The root map holds everything, in one level: `field/phone`, `card/66880012013456784`,
//! `consent/sms`, `tag/<hash>`, `vehicle/<hash>`. Values are byte strings (personal, see
//! below) or text (card states, consents). Nothing is nested, so two stores that register
//! the same member apart never create two rival maps of which one would hide. A later
//! version may add keys and values of these two types, which this one keeps and ignores;
//! any other form is refused for good.
//!
//! # What a change has to be
//! [`MemberDocument::apply`] takes nothing on trust. In this order, a change must
//! 1. be small, uncompressed and bounded in what it expands to, found by our own walk over
//!    its bytes before Automerge sees them;
//! 2. be readable, made by the actor that the journal's author is, and of the form above;
//! 3. use a sequence number that its author has not used before;
//! 4. follow what it names as its past, and replace nothing outside of it;
//! 5. survive being applied to a copy, saved and loaded, with any panic caught.
//!
//! 1 to 4 depend on nothing but the change, its past and its author's journal, so every
//! replica comes to the same verdict whatever the order in which journals arrive. What fails
//! is set aside, what lacks its past waits in a list of ours, and the others go on.
//!
//! # Personal values
//! All fields, tags and vehicles go through the module `sealing` in both directions; cards
//! and consents are about the pseudonymous member id and stay open.
//!
//! # Absent on purpose
//! - No clock, no I/O and no randomness. (Automerge draws an actor id of its own when a
//!   document comes into being. No change is ever made under it.)
//! - No type of Automerge in the public interface.
//! - No autosurgeon, although 0.14 fits Automerge 0.12: it hydrates one value a key and so
//!   hides concurrent ones, writes nothing where the value is the same, which is wrong for
//!   a loss reported twice, and has no place for sealing map keys.

mod candidate;
mod change_fault;
mod chunk;
mod codes;
mod document;
mod edit;
mod history;
mod isolation;
mod key;
mod plain_text;
mod profile;
mod sealing;

pub use change_fault::ChangeFault;
pub use codes::{CardState, Channel, Consent, Field};
pub use document::{ChangeBytes, MemberDocument, Outcome};
pub use edit::{Edit, EditError};
pub use profile::{FieldValue, Profile};
pub use sealing::PersonalText;
