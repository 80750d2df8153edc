//! QUIC, certificates and enrolment around the sans-IO engine.
//!
//! A city has one [`Authority`]. Its key signs a charter and credentials (what travels in
//! journals) and X.509 certificates (what TLS wants), all for the same keys. A shop joins with
//! a [`JoinCode`]: over ALPN `purser-enrol/1` it proves its fresh key ([`Applicant`]) and gets
//! [`Papers`], which together are its [`Identity`]. From then on replicas talk over ALPN
//! `purser/1`, with certificates on both sides.
//!
//! A [`Node`] is a running replica: one writer thread drives the engine of crates/sync
//! (writer.rs), tasks around it move frames ([`Handle`] is how everybody else talks to it).
//! Every queue between them is bounded: orders are turned away, frames are slowed down by
//! QUIC, a peer that does not read loses its link.
//!
//! What is deliberately absent: certificates do not expire and are not revoked, fencing ends a
//! replica; there is no trust in any public authority, and no session resumption, so that
//! every connection proves both keys anew.

mod admission;
mod applicant;
mod authority;
mod certificate;
mod clock;
mod dialler;
mod enrolment;
mod files;
mod handle;
mod identity;
mod invitation;
mod join_code;
mod joining;
mod link;
mod links;
mod name;
mod node;
mod outbound;
mod own_address;
mod papers;
mod peer;
mod pinned_authority;
mod reception;
mod registrar;
mod signing;
mod tls;
mod wire;
mod witness;
mod writer;

pub use admission::{AdmissionError, Arrival, admit};
pub use applicant::Applicant;
pub use authority::{Authority, AuthorityError};
pub use certificate::{CertificateFault, HUB_SERVER_NAME, server_name};
pub use clock::Clock;
pub use enrolment::{Answer, Grant, Refusal};
pub use files::FileError;
pub use handle::{Counters, Handle, RaisedAlarm, SubmitError};
pub use identity::Identity;
pub use invitation::{Invitation, InvitationFault, SignedInvitation};
pub use join_code::{JoinCode, JoinCodeError};
pub use joining::{EnrolError, Enrolment, enrol};
pub use node::{Node, NodeError, NodeSettings};
pub use papers::{Papers, PapersFault};
pub use peer::{PeerFault, PeerIdentity, peer_identity};
pub use reception::{ServeError, VerifiedRequest, serve_enrolment};
pub use tls::{ENROLMENT_ALPN, SYNC_ALPN, TlsError, client_config, enrolment_client_config, server_config};
pub use wire::{FRAME_BYTES_MAX, WireError, read_frame, write_frame};
pub use witness::WitnessFault;
