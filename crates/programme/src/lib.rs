//! The rules of the scheme. So far one fixed rule, [`FixedRule`]; the versioned programme of
//! SPEC §9 takes its place.
//!
//! Pure: the date is handed in, money is integer fen, and nothing here knows of replicas.

mod fixed_rule;

pub use fixed_rule::{FixedRule, RedemptionRefused};
