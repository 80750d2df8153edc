//! The back office of a store: what was done and what waits for somebody, for who runs it.

pub(crate) mod audit;
mod exception;
pub(crate) mod exceptions;
pub(crate) mod member;
mod member_cards;
mod member_form;
mod member_holdings;
mod member_page;
pub(crate) mod members;
pub(crate) mod movements;
pub(crate) mod pictures;
pub(crate) mod settings;
pub(crate) mod staff;
mod subject;
pub(crate) mod sync;
pub(crate) mod today;
