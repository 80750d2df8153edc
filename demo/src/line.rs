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
pub(crate) struct Exchange(Arc<Mutex<Vec<Subscriber>>>);

/// A store, by where it sends from, and its line.
struct Subscriber {
    store: AddressCell,
    condition: Arc<Condition>,
}

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
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(Subscriber { store, condition });
    }

    /// The line of the store that sends from `address`, if it is one.
    fn line_of(&self, address: SocketAddr) -> Option<Arc<Condition>> {
        let lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let line = lines.iter().find(|line| line.store.get() == Some(address));
        line.map(|line| Arc::clone(&line.condition))
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

#[cfg(test)]
mod tests {
    use std::{net::UdpSocket, time::Duration};

    use tokio::runtime::{Builder, Runtime};

    use super::*;

    /// The sockets of a hub and two stores, and the lines of the stores.
    struct Sockets {
        _runtime: Runtime,
        hub: UdpSocket,
        stores: [UdpSocket; 2],
        lines: [Line; 2],
    }

    fn socket() -> (UdpSocket, AddressCell) {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        socket.set_read_timeout(Some(Duration::from_millis(300))).unwrap();
        let cell = AddressCell::default();
        cell.set(socket.local_addr().ok());
        (socket, cell)
    }

    fn sockets() -> Sockets {
        let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let ((hub, hub_cell), exchange) = (socket(), Exchange::default());
        let [(first, first_cell), (second, second_cell)] = [socket(), socket()];
        let lines = [first_cell, second_cell]
            .map(|cell| Line::lay(runtime.handle(), &exchange, cell, hub_cell.clone()).unwrap());
        Sockets { _runtime: runtime, hub, stores: [first, second], lines }
    }

    /// What arrives at `socket`, and where to answer.
    fn heard(socket: &UdpSocket) -> Option<SocketAddr> {
        let mut buffer = [0; 16];
        socket.recv_from(&mut buffer).ok().map(|(_, from)| from)
    }

    #[test]
    fn a_line_can_be_cut_in_one_direction() {
        let Sockets { hub, stores: [store, _], lines: [line, _], .. } = &sockets();
        let uplink = line.uplink();
        store.send_to(b"up", uplink).unwrap();
        let back = heard(hub).unwrap();
        hub.send_to(b"down", back).unwrap();
        assert_eq!(heard(store), Some(uplink));

        line.cut_towards_hub();
        store.send_to(b"up", uplink).unwrap();
        assert_eq!(heard(hub), None);
        hub.send_to(b"down", back).unwrap();
        assert_eq!(heard(store), Some(uplink));

        line.heal();
        line.cut_towards_store();
        store.send_to(b"up", uplink).unwrap();
        assert_eq!(heard(hub), Some(back));
        hub.send_to(b"down", back).unwrap();
        assert_eq!(heard(store), None);

        line.heal();
        line.slow(20);
        store.send_to(b"up", uplink).unwrap();
        assert_eq!(heard(hub), Some(back));
    }

    #[test]
    fn between_two_stores_the_lines_of_both_count() {
        let Sockets { stores: [first, second], lines: [first_line, second_line], .. } = &sockets();
        first.send_to(b"hello", second_line.door()).unwrap();
        let back = heard(second).unwrap();
        first_line.cut();
        first.send_to(b"hello", second_line.door()).unwrap();
        assert_eq!(heard(second), None);
        second.send_to(b"hello", back).unwrap();
        assert_eq!(heard(first), None);
        first_line.heal();
        second.send_to(b"hello", back).unwrap();
        assert_eq!(heard(first), Some(second_line.door()));
    }
}
