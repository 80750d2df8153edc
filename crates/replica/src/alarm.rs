use purser_ledger::LedgerFault;
use purser_types::{Coded, MemberId, OfferId, ReplicaId};

/// Something that only a faulty or hostile replica, or a restored database, can cause.
/// Somebody should look; what honest replicas do goes on.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Alarm {
    /// Two entries with one place in one journal.
    #[error("{author:?} {} {seq}: set aside", Alarm::TWO_STORIES)]
    Forked {
        /// The author.
        author: ReplicaId,
        /// The place.
        seq: u64,
    },
    /// An entry that cannot stand.
    #[error("entry {seq} of {author:?} cannot stand ({reason}): set aside")]
    Unsound {
        /// The author.
        author: ReplicaId,
        /// The entry.
        seq: u64,
        /// What is wrong with it.
        reason: Unsound,
    },
    /// A receiver took up rights that the giver did not give.
    #[error("{by:?} has taken up {offer}, which was not given to it so")]
    ForgedAcceptance {
        /// The receiver.
        by: ReplicaId,
        /// The offer it names.
        offer: OfferId,
    },
    /// A profile change that cannot be applied.
    #[error("a change of the profile of {member} by {author:?} cannot be applied ({reason}): left out")]
    PoisonedProfile {
        /// Whose profile.
        member: MemberId,
        /// Who wrote the change.
        author: ReplicaId,
        /// What is wrong with it.
        reason: String,
    },
    /// Another replica has entries of ours that we do not have.
    #[error(
        "{peer:?} knows our journal up to {known}, we have {have}: this database is an old copy; join again"
    )]
    OwnJournalAhead {
        /// Who knows more.
        peer: ReplicaId,
        /// Up to where.
        known: u64,
        /// Up to where we have it.
        have: u64,
    },
    /// A hub takes no more of our journal.
    #[error("{}: {by:?} takes no more of what it writes; join again", Alarm::DISOWNED)]
    Disowned {
        /// The hub.
        by: ReplicaId,
    },
    /// More came of a fenced replica than is kept.
    #[error("{author:?} wrote more after it was fenced than is kept: {kept} entries are, the rest is not")]
    TooMuchLate {
        /// The author.
        author: ReplicaId,
        /// Entries that are kept.
        kept: u64,
    },
    /// This replica was fenced.
    #[error("this replica was fenced by the hub: it may not write any more; join again")]
    Fenced,
    /// Another's clock is far from ours.
    #[error("the clock of {peer:?} is {ahead_ms} ms ahead of ours: set the clocks")]
    ClockSkew {
        /// Whose clock.
        peer: ReplicaId,
        /// How far it is ahead; below zero if behind.
        ahead_ms: i64,
    },
    /// Head office has signed two documents as one version.
    #[error("version {version} of the programme was published twice with two texts: publish a later one")]
    TwoProgrammes {
        /// The version.
        version: u32,
    },
    /// Two hubs have issued the same cards.
    #[error(
        "the cards of `{issue}` were issued by two hubs that did not know of each other: more may be sold than there are"
    )]
    CardsIssuedTwice {
        /// The limited issue.
        issue: String,
    },
}

impl Alarm {
    /// What the text of [`Alarm::Forked`] contains.
    pub(crate) const TWO_STORIES: &str = "has written two different entries";
    /// How the text of [`Alarm::Disowned`] begins.
    pub(crate) const DISOWNED: &str = "this replica was set aside";

    /// The replica that it is about, if it is about another one.
    pub fn about(&self) -> Option<ReplicaId> {
        match *self {
            Alarm::Forked { author, .. }
            | Alarm::Unsound { author, .. }
            | Alarm::PoisonedProfile { author, .. }
            | Alarm::TooMuchLate { author, .. } => Some(author),
            Alarm::ForgedAcceptance { by, .. } => Some(by),
            Alarm::ClockSkew { peer, .. } => Some(peer),
            Alarm::OwnJournalAhead { .. }
            | Alarm::Disowned { .. }
            | Alarm::Fenced
            | Alarm::TwoProgrammes { .. }
            | Alarm::CardsIssuedTwice { .. } => None,
        }
    }
}

/// What is wrong with an entry that cannot stand.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unsound {
    /// A posting.
    #[error(transparent)]
    Posting(#[from] LedgerFault),
    /// Something that only hubs may write.
    #[error("only a hub may write that")]
    NotAHub,
    /// A credential that is not the authority's.
    #[error("it enrols with a credential that is not the authority's")]
    BadCredential,
    /// A sale or return with figures that cannot be.
    #[error("a sale or return with figures that cannot be")]
    Figures,
    /// A person or an address that cannot be, or a card of another store's numbers.
    #[error("it names something that cannot be, or that is not the author's to name")]
    Names,
    /// A settlement of a late entry that it does not hold.
    #[error("it accepts a late entry, and what it holds is another or none")]
    NotThatEntry,
    /// More than one record of a kind.
    #[error("more than one sale, profile, fence or merge in one entry")]
    TwoRecords,
}

impl Coded for Alarm {
    fn code(&self) -> &'static str {
        match self {
            Alarm::Forked { .. } => "alarm_forked",
            Alarm::Unsound { .. } => "alarm_unsound",
            Alarm::ForgedAcceptance { .. } => "alarm_forged_acceptance",
            Alarm::PoisonedProfile { .. } => "alarm_poisoned_profile",
            Alarm::OwnJournalAhead { .. } => "alarm_own_journal_ahead",
            Alarm::Disowned { .. } => "alarm_disowned",
            Alarm::TooMuchLate { .. } => "alarm_too_much_late",
            Alarm::Fenced => "alarm_fenced",
            Alarm::ClockSkew { .. } => "alarm_clock_skew",
            Alarm::TwoProgrammes { .. } => "alarm_two_programmes",
            Alarm::CardsIssuedTwice { .. } => "alarm_cards_issued_twice",
        }
    }
}
