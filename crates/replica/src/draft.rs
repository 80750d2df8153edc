use purser_journal::Fact;

/// What a planner has decided, before it becomes an entry.
#[derive(Debug, Default)]
pub(crate) struct Draft {
    pub(crate) facts: Vec<Fact>,
    /// The version of the programme that decided it, if that is not today's.
    pub(crate) version: Option<u32>,
    /// The bytes of the sale's detail.
    pub(crate) detail: Option<Vec<u8>>,
}

impl Draft {
    pub(crate) fn of(facts: impl IntoIterator<Item = Fact>) -> Self {
        Self { facts: facts.into_iter().collect(), ..Self::default() }
    }
}

/// What a planner comes to.
pub(crate) enum Plan {
    /// A new entry.
    Write(Draft),
    /// The same was done before, in this entry of our own.
    Done {
        /// The author's number is ours; this is the place.
        seq: u64,
    },
}
