use purser_journal::Role;
use purser_types::ReplicaId;

/// How a replica stands with the others.
#[derive(Debug, Clone, Default)]
pub struct Status {
    /// Open links.
    pub links: Vec<LinkStatus>,
    /// Orders that wait for rights.
    pub hunts: usize,
    /// Why nothing may be written, if so.
    pub stopped: Option<&'static str>,
    /// Whose links have ended since the start and when, in milliseconds since 1970, of those that have none.
    pub gone: Vec<(ReplicaId, u64)>,
}

/// One open link.
#[derive(Debug, Clone)]
pub struct LinkStatus {
    /// Who is at the other end.
    pub peer: ReplicaId,
    /// What the peer is for, once it has said hello.
    pub role: Option<Role>,
    /// Whether the city has put it out: it is told of that, and of nothing else.
    pub is_fenced: bool,
    /// How many entries known here the peer does not know yet.
    pub behind: u64,
    /// When the last frame came, in milliseconds since 1970.
    pub heard_ms: u64,
    /// How far the peer's clock is ahead of ours.
    pub clock_ahead_ms: i64,
}
