//! The journal: what one replica has decided, in order, for good.
//!
//! An [`Entry`] is one business transaction and holds several [`Fact`]s. Each entry carries
//! the BLAKE3 hash of the one before it, so the hash of the last vouches for all; a [`Seal`]
//! is the author's Ed25519 signature of a head. The bytes of an entry are kept and relayed as
//! they are, so a fact that this version does not know is passed on unharmed
//! ([`Fact::Unknown`]). `docs/format.md` describes every byte; `tests/golden/` holds files
//! that every later version must read.
//!
//! Who an author is, a [`Credential`] says: signed by the chain's authority, small, and
//! checked by whoever relays. A [`SignedVoucher`] tells of one offer of a hub ahead of its journal:
//! a member carries it to a store that is cut off. This crate is pure.

mod chain;
mod codec;
mod credential;
mod dealing;
mod detail;
mod entry;
mod fact;
mod fork;
mod late;
mod merge;
mod programme;
mod sale;
mod seal;
mod staff;
mod version_vector;
mod voucher;

pub use chain::{ChainFault, Head, VerifiedRun, verify_run};
pub use codec::{DecodeFault, decode_entries, from_cbor, to_cbor};
pub use credential::{Charter, Credential, CredentialFault, Role, SignedCharter, SignedCredential};
pub use dealing::{
    CodesFact, Gift, GrantFact, PassBackFact, PassSoldFact, Receipt, RewardFact, TopUpBackFact, TopUpFact,
};
pub use detail::{DetailLine, HeldAfter, SaleDetail, TakenOff};
pub use ed25519_dalek::{SigningKey, VerifyingKey};
pub use entry::{ENTRY_BYTES_MAX, ENTRY_BYTES_MIN, Entry, Request, RequestId};
pub use fact::Fact;
pub use fork::{ForkProof, Story};
pub use late::{AcceptedLate, LateSettledFact};
pub use merge::MergeFact;
pub use programme::{ProgrammePaper, SignedProgramme};
pub use sale::{AwardMade, LineReturned, ReturnFact, SaleFact};
pub use seal::{Seal, SealFault};
pub use staff::{AccountFact, ActFact, StaffRole};
pub use version_vector::VersionVector;
pub use voucher::{SignedVoucher, Voucher, VoucherFault, VoucherLine};
