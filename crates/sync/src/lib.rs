//! How replicas keep each other up to date and lend each other rights, without I/O.
//!
//! [`Engine`] holds one [`Replica`](purser_replica::Replica) and a [`Session`](session) for each
//! open link. Inputs go in together ([`Input`]), are decided in one transaction, and what
//! comes out ([`Output`]) may leave at once: it was made after the commit. Whoever drives the
//! engine owns sockets, threads and clocks: `crates/transport` in production, `simulations/`
//! on virtual time.
//!
//! # The protocol
//! 1. Both sides say [`Frame::Hello`]: who they are and how far they know each journal, with
//!    the hash there. A journal of ours that a hub knows further than we do means that we are
//!    an old copy; different hashes at one place mean a forked author. What a store says of others is
//!    believed once it comes as a run, under its author's seal.
//! 2. Each sends what the other lacks as [`Frame::Runs`]: entries of one journal up to a seal,
//!    at most one run an author in flight, at most [`session::WINDOW`] frames. The receiver
//!    answers [`Frame::Known`] once they are durable. That goes on live, entry by entry.
//! 3. A till that lacks rights asks ([`Frame::Ask`]) the hub, which gives of its own and passes
//!    the question on to the holders it can reach; without a hub, neighbours are asked. Rights
//!    come as an `Offer` in the giver's journal, so a lost answer loses nothing and a repeated
//!    question (same id) moves nothing twice.
//! 4. A hub asks for the details of sales that entries name by their hash ([`Frame::Wanted`]), the store that made
//!    them or another hub, and gets those that are there ([`Frame::Details`]).

mod archive;
mod decision;
mod engine;
mod frame;
mod frame_codec;
mod hunt;
mod lending_desk;
mod session;
mod status;

pub use engine::{Engine, EngineSettings, Input, LinkId, Output, Ticket};
pub use frame::{
    Ask, DETAILS_AT_ONCE, Declined, Detail, FRAME_BYTES_MAX, Frame, FrameFault, Hello, JournalHead, Lane,
    RunFrame,
};
pub use hunt::PATIENCE_MS;
pub use status::{LinkStatus, Status};
