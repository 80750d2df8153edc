use std::{
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
};

use tokio::runtime::Handle;

use crate::{
    address_cell::AddressCell,
    condition::Condition,
    relay::{Hop, Lines, Relay},
};

/// The line of one store. Everything between the store and the others passes it, as UDP
/// datagrams: the store reaches the hub at [`Line::uplink`], the others reach the store at
/// [`Line::door`]. Between two stores the lines of both count.
///
/// A line that was cut drops datagrams and tells nobody, as lines do: QUIC takes 10 s to find
/// out by itself.
pub struct Line {
    condition: Arc<Condition>,
    uplink: Relay,
    door: Relay,
}

/// The lines of all stores, by where the stores send from.
#[derive(Clone, Default)]
pub(crate) struct Exchange(Arc<Mutex<Vec<(AddressCell, Arc<Condition>)>>>);

impl Line {
    /// A line between the processes at `store` and `hub`.
    pub(crate) fn lay(
        runtime: &Handle,
        exchange: &Exchange,
        store: AddressCell,
        hub: AddressCell,
    ) -> std::io::Result<Self> {
        let condition = Arc::<Condition>::default();
        exchange.add(store.clone(), Arc::clone(&condition));
        let uplink = Relay::open(runtime, hub, Uplink(Arc::clone(&condition)))?;
        let door = Door { condition: Arc::clone(&condition), exchange: exchange.clone() };
        let door = Relay::open(runtime, store, door)?;
        Ok(Self { condition, uplink, door })
    }

    /// Where the store finds the hub.
    pub fn uplink(&self) -> SocketAddr {
        self.uplink.address()
    }

    /// Where the others find the store.
    pub fn door(&self) -> SocketAddr {
        self.door.address()
    }

    /// Drops everything, both ways.
    pub fn cut(&self) {
        self.cut_towards_store();
        self.cut_towards_hub();
    }

    /// Drops what goes to the store: it is heard and hears nothing.
    pub fn cut_towards_store(&self) {
        self.condition.cut(true);
    }

    /// Drops what comes from the store: it hears and is not heard.
    pub fn cut_towards_hub(&self) {
        self.condition.cut(false);
    }

    /// Delays everything by so much, each way.
    pub fn slow(&self, ms: u64) {
        self.condition.slow(ms);
    }

    /// Lets everything through again, without delay.
    pub fn heal(&self) {
        self.condition.heal();
    }
}

impl Exchange {
    fn add(&self, store: AddressCell, condition: Arc<Condition>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push((store, condition));
    }

    /// The line of the store that sends from `address`, if it is one.
    fn line_of(&self, address: SocketAddr) -> Option<Arc<Condition>> {
        let lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let line = lines.iter().find(|(store, _)| store.get() == Some(address));
        line.map(|(_, condition)| Arc::clone(condition))
    }
}

/// From the store to the hub.
struct Uplink(Arc<Condition>);

impl Lines for Uplink {
    fn between(&self, _: SocketAddr) -> Vec<Hop> {
        vec![Hop { condition: Arc::clone(&self.0), towards_store: false }]
    }
}

/// From the hub or another store to the store.
struct Door {
    condition: Arc<Condition>,
    exchange: Exchange,
}

impl Lines for Door {
    fn between(&self, sender: SocketAddr) -> Vec<Hop> {
        let own = Hop { condition: Arc::clone(&self.condition), towards_store: true };
        let senders = self.exchange.line_of(sender);
        let senders = senders.map(|condition| Hop { condition, towards_store: false });
        [own].into_iter().chain(senders).collect()
    }
}
