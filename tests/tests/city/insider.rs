//! Somebody with valid papers of the city who does not run Purser: the test itself.

use std::net::SocketAddr;

use purser_node::random;
use purser_sync::{Frame, Hello};
use purser_transport::{
    Applicant, FRAME_BYTES_MAX, HUB_SERVER_NAME, Identity, JoinCode, client_config, enrol, read_frame,
    server_name,
};
use purser_types::ReplicaId;
use quinn::{Connection, ConnectionError, Endpoint, SendStream};
use tokio::{runtime::Runtime, sync::mpsc, time::timeout};

use super::town::{PATIENCE, Town};

/// A replica of the city that is only an identity and a socket.
pub struct Insider {
    pub runtime: Runtime,
    pub identity: Identity,
    endpoint: Endpoint,
}

/// Whom an insider connects to.
#[derive(Debug, Clone, Copy)]
pub enum Whom {
    /// A hub that listens there.
    Hub(SocketAddr),
    /// A store that listens there.
    Store(SocketAddr, ReplicaId),
}

impl Insider {
    /// Joins the city under this number, as a store would.
    pub fn join(town: &Town, number: u32) -> Self {
        let (number, hub) = (number.to_string(), town.hub.link().unwrap().to_string());
        let code =
            town.hub.command("invite", &["--store", &number, "--name", "Insider", "--at", &hub]).unwrap();
        let code: JoinCode = code.parse().unwrap();
        let runtime = Runtime::new().unwrap();
        let (identity, endpoint) = runtime.block_on(async {
            let endpoint = Endpoint::client(SocketAddr::from(([127, 0, 0, 1], 0))).unwrap();
            let enrolment = enrol(&endpoint, &code, &Applicant::new(&random().unwrap())).await.unwrap();
            (enrolment.identity, endpoint)
        });
        Self { runtime, identity, endpoint }
    }

    /// Opens a link.
    pub fn connect(&self, to: Whom) -> Connection {
        let config = client_config(&self.identity).unwrap();
        let (address, name) = match to {
            Whom::Hub(address) => (address, HUB_SERVER_NAME.to_owned()),
            Whom::Store(address, replica) => (address, server_name(replica)),
        };
        self.runtime.block_on(async {
            let connecting = self.endpoint.connect_with(config, address, &name).unwrap();
            timeout(PATIENCE, connecting).await.unwrap().unwrap()
        })
    }

    /// What it says first: who it is, and that it knows nothing.
    pub fn hello(&self) -> Frame {
        Frame::Hello(Hello {
            protocol: 1,
            scope: self.identity.charter.scope.clone(),
            credential: self.identity.papers.credential.clone(),
            heads: Vec::new(),
            wall_ms: 0,
        })
    }

    /// Sends bytes as they are, on a stream of their own that stays open.
    pub fn send(&self, connection: &Connection, bytes: &[u8]) -> SendStream {
        self.runtime.block_on(async {
            let mut stream = connection.open_uni().await.unwrap();
            // The other side may hang up before all of it has gone.
            let _ = timeout(PATIENCE, stream.write_all(bytes)).await.unwrap();
            stream
        })
    }

    /// Waits until the other side closes the connection; says why it did.
    pub fn await_closed(&self, connection: &Connection) -> String {
        let closed = self.runtime.block_on(async { timeout(PATIENCE, connection.closed()).await.unwrap() });
        match closed {
            ConnectionError::ApplicationClosed(close) => String::from_utf8(close.reason.to_vec()).unwrap(),
            other => panic!("the link broke and was not closed: {other}"),
        }
    }

    /// Reads what the other side sends until a frame is what is looked for.
    pub fn await_frame<T>(&self, connection: &Connection, mut wanted: impl FnMut(Frame) -> Option<T>) -> T {
        let (tell, mut frames) = mpsc::unbounded_channel();
        let reading = self.runtime.spawn(read_all(connection.clone(), tell));
        let found = self.runtime.block_on(async {
            loop {
                let frame = timeout(PATIENCE, frames.recv()).await.unwrap().unwrap();
                if let Some(found) = wanted(frame) {
                    return found;
                }
            }
        });
        reading.abort();
        found
    }
}

/// Hands on every frame of every stream.
async fn read_all(connection: Connection, tell: mpsc::UnboundedSender<Frame>) {
    while let Ok(mut stream) = connection.accept_uni().await {
        let tell = tell.clone();
        tokio::spawn(async move {
            while let Ok(Some(bytes)) = read_frame(&mut stream, FRAME_BYTES_MAX).await {
                // Nobody listens any more once it was found.
                let _ = tell.send(Frame::from_bytes(&bytes).unwrap());
            }
        });
    }
}

/// A frame with its length, as it travels.
pub fn framed(frame: &[u8]) -> Vec<u8> {
    let length = u32::try_from(frame.len()).unwrap().to_be_bytes();
    [&length, frame].concat()
}
