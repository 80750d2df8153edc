use std::{
    collections::VecDeque,
    net::{Ipv4Addr, SocketAddr},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode},
    routing::post,
    serve::Listener,
};
use serde_json::Value;
use tokio::net::{TcpListener, TcpStream};

/// A program that is told what happens.
pub struct Receiver {
    pub url: String,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    /// Whether it takes no connections.
    away: AtomicBool,
    /// What it answers next; 204 when nothing is left.
    script: Mutex<VecDeque<u16>>,
    /// Whatever has come, taken or not.
    came: Mutex<Vec<Delivery>>,
}

/// A message, and what was answered.
#[derive(Debug, Clone)]
pub struct Delivery {
    pub id: String,
    pub timestamp: String,
    pub signature: String,
    pub body: String,
    pub status: u16,
}

/// What is answered never.
pub const SILENCE: u16 = 0;

impl Receiver {
    pub async fn up() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let url = format!("http://{}/hook", listener.local_addr().unwrap());
        let shared = Arc::<Shared>::default();
        let router = Router::new().route("/hook", post(receive)).with_state(Arc::clone(&shared));
        let door = Door { listener, shared: Arc::clone(&shared) };
        tokio::spawn(async move { axum::serve(door, router).await.unwrap() });
        Self { url, shared }
    }

    /// One that answers these first.
    pub async fn answering(script: &[u16]) -> Self {
        let receiver = Self::up().await;
        receiver.shared.script.lock().unwrap().extend(script);
        receiver
    }

    /// Takes connections, or none.
    pub fn set_away(&self, away: bool) {
        self.shared.away.store(away, Ordering::SeqCst);
    }

    /// What was taken, in order.
    pub fn taken(&self) -> Vec<Delivery> {
        let came = self.shared.came.lock().unwrap();
        came.iter().filter(|delivery| delivery.status < 300).cloned().collect()
    }

    /// Whatever has come.
    pub fn came(&self) -> Vec<Delivery> {
        self.shared.came.lock().unwrap().clone()
    }

    /// Waits until that many were taken, and a little longer: one too many would come then.
    pub async fn takes(&self, count: usize) -> Vec<Delivery> {
        for _ in 0..1_000 {
            if self.taken().len() >= count {
                tokio::time::sleep(Duration::from_millis(100)).await;
                let taken = self.taken();
                assert_eq!(taken.len(), count, "{taken:#?}");
                return taken;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("{count} were not taken within 10 s: {:#?}", self.came());
    }
}

/// Where connections come in. It keeps its port while nobody is there: another test cannot take it.
struct Door {
    listener: TcpListener,
    shared: Arc<Shared>,
}

impl Listener for Door {
    type Io = TcpStream;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (TcpStream, SocketAddr) {
        loop {
            let accepted = self.listener.accept().await.unwrap();
            if !self.shared.away.load(Ordering::SeqCst) {
                return accepted;
            }
        }
    }

    fn local_addr(&self) -> std::io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}

impl Delivery {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    pub fn kind(&self) -> String {
        self.json()["type"].as_str().unwrap().to_owned()
    }

    /// The place of its entry in the journal.
    pub fn seq(&self) -> u64 {
        self.json()["data"]["entry"]["seq"].as_u64().unwrap()
    }
}

/// Closes each connection with its answer, so that the next message comes through the door again.
async fn receive(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    body: Bytes,
) -> (StatusCode, [(&'static str, &'static str); 1]) {
    let header = |name: &str| headers[name].to_str().unwrap().to_owned();
    assert_eq!(header("content-type"), "application/json");
    let status = shared.script.lock().unwrap().pop_front().unwrap_or(204);
    let delivery = Delivery {
        id: header("webhook-id"),
        timestamp: header("webhook-timestamp"),
        signature: header("webhook-signature"),
        body: String::from_utf8(body.to_vec()).unwrap(),
        status: if status == SILENCE { 599 } else { status },
    };
    shared.came.lock().unwrap().push(delivery);
    if status == SILENCE {
        std::future::pending::<()>().await;
    }
    (StatusCode::from_u16(status).unwrap(), [("connection", "close")])
}
