/// Something that may leave this process only after a commit.
#[derive(Debug)]
#[must_use = "what is gated answers somebody: release it after the commit"]
pub struct Gated<T> {
    transaction: u64,
    content: T,
}

/// The proof that a transaction is on the disk.
#[derive(Debug)]
pub struct Committed {
    transaction: u64,
}

impl<T> Gated<T> {
    pub(crate) fn new(transaction: u64, content: T) -> Self {
        Self { transaction, content }
    }

    /// The content, now that its transaction is durable.
    ///
    /// # Panics
    /// If `proof` is of another transaction: that would let something out too early.
    pub fn release(self, proof: &Committed) -> T {
        assert_eq!(self.transaction, proof.transaction, "released by the commit of another transaction");
        self.content
    }
}

impl Committed {
    pub(crate) fn new(transaction: u64) -> Self {
        Self { transaction }
    }
}
