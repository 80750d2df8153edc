//! The ledger: what members own, in lots, and who may spend it.
//!
//! # The model
//! - An [`Asset`] is anything a member can spend: points, wallet money, passes, coupons,
//!   the refundable part of a sale. Amounts are `i64` in the asset's smallest unit.
//! - A [`Lot`] is what one member owns of one asset with one expiry. Expiry is a property
//!   of the lot, compared with the business date when somebody spends: no job has to run.
//! - Every replica has a [`Share`] of every lot: the rights to spend that *it* holds.
//!   A [`Posting`] changes only the share of the replica that writes it (O'Neil's escrow
//!   method, 1986; bounded counters, Balegas et al. 2015). Rights move by [`Posting::Offer`]
//!   to a named replica and that replica's [`Posting::Accept`].
//!
//! # Why two stores never spend the same point
//! [`fold`] takes an author's postings in the order of the author's journal and refuses any
//! that would take the author's own share below zero. A share depends on nothing but its
//! owner's journal, so [`Book::audit`] of one journal needs no other, and the order in which
//! journals reach a replica cannot matter.
//!
//! # Advances
//! A store that was granted an allowance may spend points whose rights are elsewhere: [`Posting::Advance`]
//! takes its share below zero, and as much of its allowance is held until rights come in. So what
//! stores that cannot see each other spend twice is never more than what was granted, whatever
//! they do: [`Share::advanced`] of all lots and what is held of the allowance rise and fall together.
//!
//! # Conservation
//! Over all journals and for every asset, with [`Totals`] summed over the replicas:
//! `credited − debited − clawed_back = available + held + (offered − accepted)`.
//! Captures are counted in `debited`.
//!
//! This crate is pure: no clock, no I/O, no randomness. [`Rows`] says what the fold needs of
//! whoever keeps the state: [`Book`] in memory, the replica in SQLite.

mod advance;
mod asset;
mod book;
mod draw;
mod fault;
mod fold;
mod hold;
mod lot;
mod offer;
mod posting;
mod reversal;
mod share;
mod totals;

pub use advance::{InAdvance, draw_in_advance};
pub use asset::Asset;
pub use book::Book;
pub use draw::{Drawn, Holding, balance, draw, spendable_here};
pub use fault::LedgerFault;
pub use fold::{AMOUNT_MAX, FoldError, Rows, fold};
pub use hold::{HoldLine, HoldState};
pub use lot::Lot;
pub use offer::{OfferLine, OfferState};
pub use posting::Posting;
pub use reversal::part_of;
pub use share::Share;
pub use totals::Totals;
