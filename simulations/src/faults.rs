/// What goes wrong by itself, as chances in a thousand and times in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Faults {
    /// A frame arrives twice.
    pub doubled_per_mille: u32,
    /// The link breaks under a frame: it and all on their way are lost.
    pub broken_per_mille: u32,
    /// A frame comes once more, days or weeks later.
    pub late_per_mille: u32,
    /// The longest that a frame is under way. Those that have a stream of their own overtake each other.
    pub delay_most_ms: u64,
    /// A replica dies in a turn: before it, in the middle of writing, or after all of it is durable and
    /// before anything has left. It is back a while later.
    pub crashed_per_mille: u32,
    /// How far a machine's clock may be off, either way.
    pub clock_off_most_ms: u64,
    /// By how much it may run too fast or too slowly, in millionths.
    pub clock_drift_most_ppm: u32,
}

impl Faults {
    /// Nothing goes wrong; frames are under way for a few milliseconds.
    pub const NONE: Self = Self {
        doubled_per_mille: 0,
        broken_per_mille: 0,
        late_per_mille: 0,
        delay_most_ms: 5,
        crashed_per_mille: 0,
        clock_off_most_ms: 0,
        clock_drift_most_ppm: 0,
    };
}
