/// A reading of both clocks, handed to pure code by whoever owns them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Now {
    /// Wall time in milliseconds since 1970-01-01 UTC. May jump.
    pub wall_ms: u64,
    /// Milliseconds since some moment, never going back: for patience and time-outs.
    pub monotonic_ms: u64,
}
