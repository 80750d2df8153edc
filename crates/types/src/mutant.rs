//! Bugs that are built in on purpose, to see that the simulator's checkers find them. There are none in
//! a build without the feature `mutants`, which no program that is shipped has.

/// A bug that can be switched on, in a build for tests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mutant {
    /// Rights are drawn that other replicas hold.
    SpendsElsewhere,
    /// More is taken up than was offered.
    AcceptsMore,
    /// A request that was carried out is carried out again.
    ForgetsRequests,
    /// A receipt number that was used is used again.
    ForgetsChecks,
    /// Commits are not synced to the disk.
    SkipsSync,
    /// What a fenced replica wrote after its fence stays folded.
    KeepsLateEntries,
    /// A peer's answer is not heeded: the same is sent again, for ever.
    SendsForEver,
    /// A till is never told that a balance is too small.
    NeverAnswers,
    /// A till is told no after its order was carried out.
    DeniesAfterDoing,
    /// An order is answered twice.
    AnswersTwice,
    /// The receipt says more points than the ledger.
    WritesWrongReceipts,
    /// Every acceptance that comes ahead of its offer is called a forgery.
    CriesWolf,
    /// A lease never ends.
    LeasesForEver,
    /// What was taken back from a lost replica is taken back again.
    ReclaimsAgain,
    /// An author whose entries come once more, late, is set aside.
    BlamesHonest,
    /// What a later version wrote ends the process.
    FallsOverNews,
    /// A run is counted as sent and is not.
    SkipsRuns,
    /// What an entry of one's own did to shares is forgotten before it is written.
    LosesRows,
    /// What is set aside in holds counts as free.
    ForgetsHolds,
    /// More is spent in advance than was granted for it.
    AdvancesBeyond,
}

#[cfg(feature = "mutants")]
mod switch {
    use std::cell::Cell;

    use super::Mutant;

    thread_local! {
        static ACTIVE: Cell<Option<Mutant>> = const { Cell::new(None) };
    }

    /// Switches a bug on in this thread, or all of them off.
    pub fn switch_on(mutant: Option<Mutant>) {
        ACTIVE.set(mutant);
    }

    /// Whether a bug is switched on.
    pub fn is_on(mutant: Mutant) -> bool {
        ACTIVE.get() == Some(mutant)
    }
}

#[cfg(feature = "mutants")]
pub use switch::{is_on, switch_on};

/// Whether a bug is switched on: never, in this build.
#[cfg(not(feature = "mutants"))]
pub const fn is_on(_mutant: Mutant) -> bool {
    false
}
