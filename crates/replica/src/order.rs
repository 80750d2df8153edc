use purser_documents::Edit;
use purser_journal::{Request, SignedCredential, SignedVoucher};
use purser_ledger::Asset;
use purser_types::{CardNumber, Digest, Fen, HoldId, MemberId, ReplicaId, SaleId};

/// Something that somebody wants done, with what makes a repetition recognisable.
#[derive(Debug, Clone)]
pub struct Order {
    /// The caller's key and the hash of what it asked; `None` for what the replica does by itself.
    pub request: Option<Request>,
    /// What is to be done.
    pub undertaking: Undertaking,
}

/// What can be done. Each becomes one entry, or is refused and leaves no trace.
#[derive(Debug, Clone)]
pub enum Undertaking {
    /// Registers a member with these first values, and issues a card if wanted.
    Register {
        /// The profile.
        edits: Vec<Edit>,
        /// Whether to issue a card.
        with_card: bool,
    },
    /// Changes a profile.
    EditProfile {
        /// Whose.
        member: MemberId,
        /// The changes, made together.
        edits: Vec<Edit>,
    },
    /// Issues one more card.
    IssueCard {
        /// To whom.
        member: MemberId,
    },
    /// Changes the state of a card.
    ChangeCard {
        /// Which card.
        card: CardNumber,
        /// Its new state.
        state: purser_documents::CardState,
    },
    /// Closes a sale: earns points and redeems some.
    CheckOut(Basket),
    /// Sets points aside.
    Hold {
        /// Whose points.
        member: MemberId,
        /// How many.
        points: i64,
        /// For how long.
        lasts_ms: u64,
    },
    /// Spends what a hold set aside.
    Capture {
        /// The hold.
        hold: HoldId,
        /// How much of it; all if `None`. The rest is freed.
        points: Option<i64>,
    },
    /// Frees what a hold set aside.
    Release {
        /// The hold.
        hold: HoldId,
    },
    /// Takes goods back.
    TakeBack(TakeBack),
    /// Gives rights to another replica that asked for them.
    Lend {
        /// Who asked.
        to: ReplicaId,
        /// Whose assets.
        member: MemberId,
        /// Which asset.
        asset: Asset,
        /// How much was asked for.
        amount: i64,
    },
    /// Makes a replica part of the city. Hubs only.
    Enrol {
        /// Who it is.
        credential: SignedCredential,
        /// The invitation that it used.
        invitation: [u8; 16],
    },
    /// Puts a replica out: its journal ends where this hub knows it. Hubs only.
    Fence {
        /// The replica.
        replica: ReplicaId,
        /// What the operator gives as reason.
        reason: String,
    },
    /// Takes back what a replica held that this hub has put out, 4,000 lots at most. Hubs only.
    Reclaim {
        /// The replica.
        replica: ReplicaId,
    },
    /// Decides on an entry that a replica wrote after it was put out. Hubs only.
    SettleLate(LateChoice),
    /// Lets a store spend so many points beyond its rights, until rights come in. Hubs only.
    GrantAllowance {
        /// The store's replica.
        to: ReplicaId,
        /// How many more than it was granted before.
        points: i64,
    },
    /// Sets rights on their way to a store, for the member to carry a voucher there. Hubs only.
    Carry {
        /// The store's replica.
        to: ReplicaId,
        /// Whose points.
        member: MemberId,
        /// How many, whole rewards.
        points: i64,
    },
    /// Takes up what a voucher that a member shows offers.
    TakeUp {
        /// What the member shows.
        voucher: Box<SignedVoucher>,
    },
    /// Tells the others where this replica listens.
    Announce {
        /// `host:port`.
        address: String,
    },
}

/// A sale to close.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Basket {
    /// The buyer.
    pub member: MemberId,
    /// The till.
    pub till: String,
    /// The till's number of the receipt, unique for the till.
    pub check: String,
    /// The value of the goods.
    pub gross: Fen,
    /// Points to use.
    pub redemption: Redemption,
    /// The hash of the basket lines.
    pub lines: Option<Digest>,
}

/// What a person has decided on a late entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LateChoice {
    /// Who wrote the entry.
    pub replica: ReplicaId,
    /// Its place.
    pub seq: u64,
    /// Whether it counts after all; else it is written off.
    pub accept: bool,
    /// Why.
    pub reason: String,
    /// Who says so.
    pub by: String,
}

/// Points to use in a sale.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Redemption {
    /// None.
    None,
    /// So many, drawn now.
    Points(i64),
    /// All that a hold set aside before.
    Hold(HoldId),
}

impl Redemption {
    /// Whether any points are used.
    pub fn spends(self) -> bool {
        !matches!(self, Redemption::None | Redemption::Points(0))
    }
}

/// Goods to take back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TakeBack {
    /// The sale.
    pub sale: SaleId,
    /// The till that takes them back.
    pub till: String,
    /// That till's number of the return receipt, unique for the till.
    pub check: String,
    /// The gross value of what comes back.
    pub gross: Fen,
}
