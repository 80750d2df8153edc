use purser_journal::Fact;

/// What a planner has decided, before it becomes an entry.
#[derive(Debug, Default)]
pub(crate) struct Draft {
    pub(crate) facts: Vec<Fact>,
}

impl Draft {
    pub(crate) fn of(facts: impl IntoIterator<Item = Fact>) -> Self {
        Self { facts: facts.into_iter().collect() }
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
