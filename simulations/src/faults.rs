/// What goes wrong, as chances in a thousand and times in milliseconds.
#[derive(Debug, Clone, Copy, Default)]
pub struct Faults {
    /// A frame arrives twice.
    pub doubled_per_mille: u32,
    /// The link breaks under a frame: it and all on their way are lost.
    pub broken_per_mille: u32,
    /// The longest that a frame is under way.
    pub delay_most_ms: u64,
    /// A replica dies in the middle of a turn: before anything of it is durable, or after all of it
    /// is and before anything has left. It is back a while later.
    pub crashed_per_mille: u32,
    /// How far a store's clock may be off, either way.
    pub clock_off_most_ms: u64,
}

impl Faults {
    /// Nothing goes wrong; frames are under way for a few milliseconds.
    pub const NONE: Self = Self {
        doubled_per_mille: 0,
        broken_per_mille: 0,
        delay_most_ms: 5,
        crashed_per_mille: 0,
        clock_off_most_ms: 0,
    };
}

/// How often each fault has happened.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct FaultCounts {
    /// Frames that arrived twice.
    pub doubled: u64,
    /// Links that broke.
    pub broken: u64,
    /// Deaths before anything was durable.
    pub crashed_before_commit: u64,
    /// Deaths after all was durable and before anything had left.
    pub crashed_before_send: u64,
    /// Lines that were cut.
    pub cut: u64,
    /// Clocks that are off by more than a minute.
    pub clocks_off: u64,
}
