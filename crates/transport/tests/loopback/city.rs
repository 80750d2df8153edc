use std::{
    collections::BTreeMap,
    net::{Ipv4Addr, SocketAddr},
    sync::{Arc, Mutex},
};

use purser_journal::{Credential, Role};
use purser_transport::{
    Answer, Applicant, Arrival, Authority, Grant, Identity, Invitation, JoinCode, Refusal, VerifiedRequest,
    admit, serve_enrolment, server_config,
};
use purser_types::{Coded, ReplicaId, Scope, StoreNumber};
use quinn::Endpoint;
use tokio::sync::mpsc;

/// 2026-08-01, in milliseconds since 1970.
pub const NOW_MS: u64 = 1_785_542_400_000;

pub fn authority(seed: u8) -> Authority {
    let scope = Scope { chain: "Laiwu Books 莱芜书店".into(), city: "Jinan".into() };
    Authority::found(scope, "Asia/Shanghai".parse().unwrap(), 6688, &[seed; 32]).unwrap()
}

pub fn applicant(seed: u8) -> Applicant {
    Applicant::new(&[seed; 48])
}

pub fn credential(authority: &Authority, applicant: &Applicant, store: u32) -> Credential {
    Credential {
        scope: authority.charter().scope.clone(),
        replica: applicant.replica,
        role: if store == 0 { Role::Hub } else { Role::Store },
        store: StoreNumber(store),
        life: 0,
        name: format!("Shop {store}"),
        public_key: applicant.public_key(),
        issued_ms: NOW_MS,
    }
}

/// The identity of a hub (store 0) or a shop that joined without any network.
pub fn identity(authority: &Authority, seed: u8, store: u32) -> Identity {
    let applicant = applicant(seed);
    let papers = authority.issue(&credential(authority, &applicant, store)).unwrap();
    Identity::new(applicant, papers, &authority.public_key()).unwrap()
}

pub fn invitation(id: u8) -> Invitation {
    Invitation { id: [id; 16], store: StoreNumber(12), name: "Spring Road".into(), expires_ms: NOW_MS }
}

pub fn client() -> Endpoint {
    Endpoint::client(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).unwrap()
}

pub fn listener(identity: &Identity) -> (Endpoint, SocketAddr) {
    let config = server_config(identity).unwrap();
    let endpoint = Endpoint::server(config, SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).unwrap();
    let address = endpoint.local_addr().unwrap();
    (endpoint, address)
}

/// What a hub saw, in order.
#[derive(Debug)]
pub enum Event {
    /// A replica was let in.
    Met(ReplicaId),
    /// Somebody was turned away, with this code.
    TurnedAway(&'static str),
    /// An applicant was answered.
    Answered(Box<Answer>),
}

/// A hub that lets shops in, in its own task.
pub struct Hub {
    pub address: SocketAddr,
    pub authority: Authority,
    pub events: mpsc::UnboundedReceiver<Event>,
}

impl Hub {
    pub fn start(authority: &Authority) -> Self {
        Self::start_as(&identity(authority, 200, 0), authority, NOW_MS)
    }

    /// A hub (or one who poses as it) with this identity and clock.
    pub fn start_as(identity: &Identity, authority: &Authority, now_ms: u64) -> Self {
        let (endpoint, address) = listener(identity);
        let (tell, events) = mpsc::unbounded_channel();
        let desk = Desk { authority: authority.clone(), hub: identity.replica, used: Arc::default() };
        tokio::spawn(async move {
            while let Some(incoming) = endpoint.accept().await {
                let (desk, tell) = (desk.clone(), tell.clone());
                tokio::spawn(async move {
                    if let Some(event) = receive(incoming, desk, now_ms).await {
                        let _ = tell.send(event);
                    }
                });
            }
        });
        Self { address, authority: authority.clone(), events }
    }

    pub fn join_code(&self, invitation: &Invitation) -> JoinCode {
        self.authority.invite(vec![self.address.to_string()], invitation).unwrap()
    }
}

async fn receive(incoming: quinn::Incoming, desk: Desk, now_ms: u64) -> Option<Event> {
    match admit(incoming).await {
        Ok(Arrival::Peer(connection, peer)) => {
            tokio::spawn(async move { connection.closed().await });
            Some(Event::Met(peer.replica))
        }
        Ok(Arrival::Applicant(connection)) => {
            let authority = desk.authority.public_key();
            let decide = async |request| desk.decide(&request);
            let answer = serve_enrolment(connection, &authority, now_ms, decide).await;
            answer.ok().map(|answer| Event::Answered(Box::new(answer)))
        }
        Err(error) => Some(Event::TurnedAway(error.code())),
    }
}

/// What a hub's journal and database would know.
#[derive(Clone)]
struct Desk {
    authority: Authority,
    hub: ReplicaId,
    used: Arc<Mutex<BTreeMap<[u8; 16], ReplicaId>>>,
}

impl Desk {
    fn decide(&self, request: &VerifiedRequest) -> Result<Grant, Refusal> {
        let mut used = self.used.lock().unwrap();
        if *used.entry(request.invitation.id).or_insert(request.replica) != request.replica {
            return Err(Refusal::new(Refusal::INVITATION_USED, "make a new join code at the hub"));
        }
        let VerifiedRequest { invitation, replica, public_key } = request.clone();
        let credential = Credential {
            scope: self.authority.charter().scope.clone(),
            replica,
            role: Role::Store,
            store: invitation.store,
            life: 0,
            name: invitation.name,
            public_key,
            issued_ms: NOW_MS,
        };
        Ok(Grant { papers: self.authority.issue(&credential).unwrap(), hub: self.hub })
    }
}
