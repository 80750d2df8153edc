use std::{
    collections::HashMap,
    net::{Ipv4Addr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use tokio::{net::UdpSocket, runtime::Handle, task::AbortHandle, time::sleep};

use crate::{address_cell::AddressCell, condition::Condition};

/// Passes datagrams between whoever sends to its front and one process, like a router with
/// address translation: every sender gets a socket of its own towards the process, so that
/// answers find their way back. Drops and delays what the lines on the way do not let through.
pub(crate) struct Relay {
    front: SocketAddr,
    task: AbortHandle,
}

/// Which lines a datagram passes, by who sends it.
pub(crate) trait Lines: Send + Sync + 'static {
    /// The conditions between `sender` and the process behind the relay.
    fn between(&self, sender: SocketAddr) -> Vec<Hop>;
}

/// One line on the way of a datagram.
#[derive(Clone)]
pub(crate) struct Hop {
    pub(crate) condition: Arc<Condition>,
    /// Whether what goes to the process goes towards the line's store.
    pub(crate) towards_store: bool,
}

/// The largest datagram that UDP can carry.
const DATAGRAM_BYTES_MAX: usize = 65_535;

impl Relay {
    /// A relay on a free port of its own, in front of the process at `target`.
    pub(crate) fn open(runtime: &Handle, target: AddressCell, lines: impl Lines) -> std::io::Result<Self> {
        let front = runtime.block_on(socket())?;
        let address = front.local_addr()?;
        let pump = Pump { front: Arc::new(front), target, lines, flows: HashMap::new() };
        let task = runtime.spawn(pump.run()).abort_handle();
        Ok(Self { front: address, task })
    }

    /// Where it takes datagrams.
    pub(crate) fn address(&self) -> SocketAddr {
        self.front
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.task.abort();
    }
}

struct Pump<L> {
    front: Arc<UdpSocket>,
    target: AddressCell,
    lines: L,
    /// By sender and by where the process was then: one that restarts elsewhere is another.
    flows: HashMap<(SocketAddr, SocketAddr), Flow>,
}

/// The way of one sender.
struct Flow {
    back: Arc<UdpSocket>,
    hops: Vec<Hop>,
    answers: AbortHandle,
}

impl<L: Lines> Pump<L> {
    async fn run(mut self) {
        let mut buffer = vec![0; DATAGRAM_BYTES_MAX];
        loop {
            // An error is the echo of a datagram that nobody took (ICMP): not ours to report.
            let Ok((length, sender)) = self.front.recv_from(&mut buffer).await else { continue };
            // Like a router: while the process is down, its datagrams are lost.
            let Some(target) = self.target.get() else { continue };
            if !self.flows.contains_key(&(sender, target)) {
                let Ok(flow) = self.open(sender).await else { continue };
                self.flows.insert((sender, target), flow);
            }
            if let Some(flow) = self.flows.get(&(sender, target)) {
                let passage = Passage { hops: flow.hops.clone(), forwards: true };
                passage.carry(Arc::clone(&flow.back), target, &buffer[..length]);
            }
        }
    }

    async fn open(&self, sender: SocketAddr) -> std::io::Result<Flow> {
        let back = Arc::new(socket().await?);
        let hops = self.lines.between(sender);
        let passage = Passage { hops: hops.clone(), forwards: false };
        let answers = answer(Arc::clone(&back), Arc::clone(&self.front), sender, passage);
        Ok(Flow { back, hops, answers: tokio::spawn(answers).abort_handle() })
    }
}

impl Drop for Flow {
    fn drop(&mut self) {
        self.answers.abort();
    }
}

/// A socket on a free port. It can be written to at once: one that nobody has waited for yet
/// would lose its first datagram.
async fn socket() -> std::io::Result<UdpSocket> {
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    socket.writable().await?;
    Ok(socket)
}

/// Carries what the process answers back to the sender.
async fn answer(back: Arc<UdpSocket>, front: Arc<UdpSocket>, sender: SocketAddr, passage: Passage) {
    let mut buffer = vec![0; DATAGRAM_BYTES_MAX];
    loop {
        if let Ok((length, _)) = back.recv_from(&mut buffer).await {
            passage.carry(Arc::clone(&front), sender, &buffer[..length]);
        }
    }
}

/// The lines that datagrams of one flow pass in one direction.
#[derive(Clone)]
struct Passage {
    hops: Vec<Hop>,
    forwards: bool,
}

impl Passage {
    fn carry(&self, socket: Arc<UdpSocket>, to: SocketAddr, datagram: &[u8]) {
        let delay = self.hops.iter().map(|hop| hop.condition.delay()).sum::<Duration>();
        if delay.is_zero() {
            self.deliver(&socket, to, datagram);
            return;
        }
        let (passage, datagram) = (self.clone(), datagram.to_vec());
        if self.is_open() {
            tokio::spawn(async move {
                sleep(delay).await;
                // Cut meanwhile: what is on the way is lost too.
                passage.deliver(&socket, to, &datagram);
            });
        }
    }

    fn deliver(&self, socket: &UdpSocket, to: SocketAddr, datagram: &[u8]) {
        if self.is_open() {
            // Full buffers lose datagrams; QUIC sends them again.
            let _ = socket.try_send_to(datagram, to);
        }
    }

    fn is_open(&self) -> bool {
        self.hops.iter().all(|hop| hop.condition.lets_through(hop.towards_store == self.forwards))
    }
}
