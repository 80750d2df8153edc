//! The back office of a store: what was done and what waits for somebody, for who runs it.

pub(crate) mod audit;
pub(crate) mod exceptions;
pub(crate) mod member;
pub(crate) mod members;
pub(crate) mod movements;
pub(crate) mod pictures;
pub(crate) mod settings;
pub(crate) mod staff;
pub(crate) mod sync;
pub(crate) mod today;
