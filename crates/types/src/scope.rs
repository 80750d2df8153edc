use std::fmt;

use minicbor::{Decode, Encode};

/// What shares nothing with anything else: one city of one chain.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
pub struct Scope {
    /// The company.
    #[n(0)]
    pub chain: String,
    /// The stores that share points.
    #[n(1)]
    pub city: String,
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.chain, self.city)
    }
}

/// The number of a shop, 0 for a hub. A property of a replica, not its name: the
/// shop that joins again after a loss is another replica with the same number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
#[cbor(transparent)]
pub struct StoreNumber(#[n(0)] pub u32);

impl fmt::Display for StoreNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
