//! The pages of a hub, for who runs the chain or looks at it.

mod alarms;
pub(crate) mod city;
pub(crate) mod fleet;
pub(crate) mod late;
mod mistakes;
pub(crate) mod programmes;
mod standing;
pub(crate) mod store;
mod trial;
