//! The pages of a hub, for who runs the chain or looks at it.

pub(crate) mod city;
pub(crate) mod fleet;
pub(crate) mod late;
pub(crate) mod programmes;
pub(crate) mod store;
