/// A replica of the city.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Site {
    /// The hub.
    Hub,
    /// A store: its place in the history's list of stores.
    Store(usize),
}
