use purser_documents::Edit;
use purser_journal::{AccountFact, Gift, Request, SignedCredential, SignedProgramme, SignedVoucher};
use purser_ledger::Asset;
use purser_programme::RuleId;
use purser_types::{BusinessDate, CardNumber, CouponCode, Fen, HoldId, MemberId, ReplicaId, SaleId};

use crate::{AccountChange, Basket, Merging, TakeBack};

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
    /// Pays stored value in.
    TopUp(TopUp),
    /// Gives stored value back to who had paid it in.
    TakeTopUpBack(TopUpReturn),
    /// Sells a pass.
    SellPass(PassSale),
    /// Takes uses of a pass back for money.
    TakePassBack(PassReturn),
    /// Issues coupons on paper, each with a code.
    IssueCodes(CodeIssue),
    /// Gives a member the coupon of a code.
    ClaimCode(CodeClaim),
    /// Redeems points for a reward of the catalogue.
    RedeemReward(RewardWish),
    /// Gives something without a purchase.
    Give(Giving),
    /// Notes pieces of a reward that were delivered to this store, or taken away if below zero.
    Stock {
        /// Which reward.
        reward: RuleId,
        /// How many.
        pieces: i64,
    },
    /// Publishes a version of the programme. Hubs only.
    Publish(Box<SignedProgramme>),
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
    /// What somebody who has signed in wants: the entry says who.
    By {
        /// The name of the account.
        person: String,
        /// What is wanted.
        undertaking: Box<Undertaking>,
    },
    /// Says that two members are the same person, or are not after all.
    Merge(Merging),
    /// Does one act to an account of this replica, by somebody's rules.
    ChangeAccount(AccountChange),
    /// Makes an account, or changes one, whatever it was.
    SetAccount(AccountFact),
    /// Notes something that somebody did and that has no other entry.
    Note {
        /// Who.
        by: String,
        /// What: a name that does not change, such as `sign_in`.
        act: &'static str,
        /// About whom or what.
        about: String,
    },
    /// Tells the others where this replica listens.
    Announce {
        /// `host:port`.
        address: String,
    },
}

impl Undertaking {
    /// A name that does not change, for audits.
    pub fn name(&self) -> &'static str {
        match self {
            Undertaking::Register { .. } => "register_member",
            Undertaking::EditProfile { .. } => "change_member",
            Undertaking::IssueCard { .. } => "issue_card",
            Undertaking::ChangeCard { .. } => "change_card",
            Undertaking::CheckOut(_) => "check_out",
            Undertaking::Hold { .. } => "place_hold",
            Undertaking::Capture { .. } => "capture_hold",
            Undertaking::Release { .. } => "release_hold",
            Undertaking::TakeBack(_) => "take_back",
            Undertaking::TopUp(_) => "top_up",
            Undertaking::TakeTopUpBack(_) => "return_top_up",
            Undertaking::SellPass(_) => "sell_pass",
            Undertaking::TakePassBack(_) => "return_pass",
            Undertaking::IssueCodes(_) => "issue_coupon_codes",
            Undertaking::ClaimCode(_) => "claim_coupon_code",
            Undertaking::RedeemReward(_) => "redeem_reward",
            Undertaking::Give(_) => "grant",
            Undertaking::Stock { .. } => "note_stock",
            Undertaking::Publish(_) => "publish_programme",
            Undertaking::Lend { .. } => "lend",
            Undertaking::Enrol { .. } => "enrol",
            Undertaking::Fence { .. } => "fence",
            Undertaking::Reclaim { .. } => "reclaim",
            Undertaking::SettleLate(_) => "settle_late",
            Undertaking::GrantAllowance { .. } => "grant_allowance",
            Undertaking::Carry { .. } => "carry",
            Undertaking::TakeUp { .. } => "take_up_voucher",
            Undertaking::By { undertaking, .. } => undertaking.name(),
            Undertaking::Merge(Merging { into: Some(_), .. }) => "merge_members",
            Undertaking::Merge(_) => "split_members",
            Undertaking::ChangeAccount(change) => change.act(),
            Undertaking::SetAccount(_) => "set_account",
            Undertaking::Note { act, .. } => act,
            Undertaking::Announce { .. } => "announce",
        }
    }
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

/// Stored value to pay in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TopUp {
    /// Whose.
    pub member: MemberId,
    /// The till.
    pub till: String,
    /// The till's number of the receipt, unique for the till.
    pub check: String,
    /// What is paid in.
    pub amount: Fen,
    /// The limited issue that the card is of, if it is of one.
    pub issue: Option<RuleId>,
    /// Who sells it.
    pub seller: Option<String>,
    /// Who approves a bonus that needs approval.
    pub approved_by: Option<String>,
}

/// Stored value to give back in money.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TopUpReturn {
    /// The top-up.
    pub top_up: SaleId,
    /// The till.
    pub till: String,
    /// The till's number of the receipt, unique for the till.
    pub check: String,
    /// What is given back.
    pub amount: Fen,
}

/// A pass to sell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PassSale {
    /// To whom.
    pub member: MemberId,
    /// The till.
    pub till: String,
    /// The till's number of the receipt, unique for the till.
    pub check: String,
    /// Which pass.
    pub pass: RuleId,
    /// Who sells it.
    pub seller: Option<String>,
}

/// Uses of a pass to take back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PassReturn {
    /// The sale of the pass.
    pub pass_sale: SaleId,
    /// The till.
    pub till: String,
    /// The till's number of the receipt, unique for the till.
    pub check: String,
    /// How many uses that are left.
    pub uses: i64,
}

/// Coupons to issue on paper.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodeIssue {
    /// Which coupon.
    pub coupon: RuleId,
    /// How many.
    pub pieces: u32,
    /// The last day; what the programme says of coupons that are given today if `None`.
    pub until: Option<BusinessDate>,
    /// Why.
    pub reason: String,
    /// Who has approved it.
    pub by: String,
}

/// A code that a member shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodeClaim {
    /// Who gets the coupon.
    pub member: MemberId,
    /// The code.
    pub code: CouponCode,
}

/// A reward that a member wants for points.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RewardWish {
    /// Whose points.
    pub member: MemberId,
    /// The till.
    pub till: String,
    /// The till's number of the receipt, unique for the till.
    pub check: String,
    /// Which reward.
    pub reward: RuleId,
    /// How many pieces.
    pub pieces: i64,
}

/// Something to give without a purchase. Points of an activity are the programme's: whatever the gift says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Giving {
    /// To whom.
    pub member: MemberId,
    /// What.
    pub gift: Gift,
    /// Why.
    pub reason: String,
    /// Who has approved it.
    pub by: String,
}
