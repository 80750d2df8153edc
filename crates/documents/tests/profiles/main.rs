//! Profiles edited at several stores that cannot see each other, and changes that are damaged,
//! forged or of a later version, among honest ones.

mod bounds;
mod cards;
mod conflicts;
mod convergence;
mod damage;
mod forged;
mod forgery;
mod later_version;
mod stores;
mod texts;
mod waiting;
