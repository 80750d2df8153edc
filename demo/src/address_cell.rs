use std::{
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
};

/// Where a process listens now: it listens somewhere else after every start, and those who
/// relay to it have to know.
#[derive(Debug, Clone, Default)]
pub(crate) struct AddressCell(Arc<Mutex<Option<SocketAddr>>>);

impl AddressCell {
    pub(crate) fn get(&self) -> Option<SocketAddr> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn set(&self, address: Option<SocketAddr>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = address;
    }
}
