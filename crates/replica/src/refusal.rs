use purser_documents::{CardState, EditError};
use purser_journal::{CredentialFault, VoucherFault};
use purser_ledger::Asset;
use purser_programme::{Faults, NotNow, NotReturned, QuoteRefused, RuleId};
use purser_storage::StorageError;
use purser_types::{BusinessDate, CardNumber, Coded, Fen, HoldId, MemberId, ReplicaId, SaleId, StoreNumber};

use crate::{AccountRefused, AdvanceShort, RightsCause, Unsound};

/// Why an order was not carried out. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// No such member here.
    #[error("no member {0} is known at this store: look the member up again, or register them")]
    UnknownMember(MemberId),
    /// No such card here.
    #[error("no card {0} is known at this store")]
    UnknownCard(CardNumber),
    /// The card is void for good.
    #[error("card {card} is {state} for good: issue another one")]
    CardVoid {
        /// Which card.
        card: CardNumber,
        /// Its state.
        state: CardState,
    },
    /// No such hold here.
    #[error("no hold {0} is known at this store")]
    UnknownHold(HoldId),
    /// No such sale here.
    #[error("no sale {0} is known at this store yet")]
    UnknownSale(SaleId),
    /// The sale was made where this replica has heard nothing of since.
    #[error(
        "the sale {sale} has not come here so far{}: repeat the same request once the line is up, nothing is done twice",
        of_store(*.store)
    )]
    SaleOnTheWay {
        /// The sale.
        sale: SaleId,
        /// The store, if that is known.
        store: Option<StoreNumber>,
    },
    /// No such replica.
    #[error("no replica {0} is known")]
    UnknownReplica(ReplicaId),
    /// A hub that is to put itself out.
    #[error("a hub cannot fence itself: fence it at another hub, or stop it")]
    FenceOfSelf,
    /// Only what was put out can be taken back from.
    #[error("replica {0} is not fenced: its rights are its own")]
    NotFenced(ReplicaId),
    /// Another hub's fence counts.
    #[error("replica {0} was fenced by another hub first: reclaim there")]
    FencedByAnother(ReplicaId),
    /// The fenced replica may still be spending.
    #[error("replica {replica} may spend what it holds until its lease ends: try again in {in_days} days")]
    LeaseRuns {
        /// The replica.
        replica: ReplicaId,
        /// How long that takes, a day's part as a day.
        in_days: u64,
    },
    /// Another hub has not fenced it.
    #[error("hub {0} has not fenced it too: fence it there as well, or fence that hub")]
    NotFencedAt(ReplicaId),
    /// It holds nothing.
    #[error("replica {0} holds nothing that could be taken back")]
    NothingToReclaim(ReplicaId),
    /// No such late entry.
    #[error("no late entry {seq} of replica {replica} is kept here")]
    UnknownLate {
        /// Its author.
        replica: ReplicaId,
        /// Its place.
        seq: u64,
    },
    /// It was decided on before.
    #[error("late entry {seq} of replica {replica} was settled before")]
    LateSettled {
        /// Its author.
        replica: ReplicaId,
        /// Its place.
        seq: u64,
    },
    /// A late entry that could not stand in any journal.
    #[error("late entry {seq} cannot be accepted ({why}): write it off")]
    LateUnsound {
        /// Its place.
        seq: u64,
        /// What is wrong with it.
        why: Unsound,
    },
    /// Our own clock may be wrong.
    #[error(
        "most of the replicas that are linked now say that this hub's clock is off by more than a day: set it"
    )]
    ClockDoubtful,
    /// No hub was met for longer than the lease.
    #[error(
        "this store has met no hub for longer than its lease, or its clock was set back: it sells, and redeems again \
         once it has met one"
    )]
    LeaseEnded,
    /// A figure out of range.
    #[error("{what} must be {range}")]
    OutOfRange {
        /// Which figure.
        what: &'static str,
        /// What it may be.
        range: &'static str,
    },
    /// The member does not have as much.
    #[error("the member has {balance}, {wanted} are wanted")]
    BalanceTooSmall {
        /// Of which asset.
        asset: Asset,
        /// What the member has, as far as known here.
        balance: i64,
        /// What is wanted.
        wanted: i64,
    },
    /// The member has enough, but the rights are not here.
    #[error(
        "only {here} of {balance} can be spent at this store now ({cause}): use up to {here}, or try again later"
    )]
    RightsTooFew {
        /// Whose.
        member: MemberId,
        /// Of which asset.
        asset: Asset,
        /// Why the rest could not be had.
        cause: RightsCause,
        /// What can be spent here now.
        here: i64,
        /// What the member has, as far as known here.
        balance: i64,
        /// What is wanted.
        wanted: i64,
        /// Why it could not be spent in advance either, where an allowance was granted.
        advance: Option<AdvanceShort>,
    },
    /// Nothing to give.
    #[error("this replica has no rights of that kind to give")]
    NothingToLend,
    /// The same request id with another body.
    #[error("this idempotency key was used for another request: use a new key")]
    RequestReused,
    /// The same receipt number for another sale.
    #[error(
        "till {till} has used check number {check} for another sale or return: use the till's next number"
    )]
    CheckReused {
        /// The till.
        till: String,
        /// The number.
        check: String,
    },
    /// The hold was made at another store.
    #[error("hold {0} was made at another store: capture or release it there")]
    HoldElsewhere(HoldId),
    /// The hold has ended.
    #[error("hold {0} was captured or released before")]
    HoldSettled(HoldId),
    /// The hold has run out.
    #[error("hold {0} has run out: its points are free again")]
    HoldExpired(HoldId),
    /// The hold is of another member.
    #[error("hold {0} is of another member")]
    HoldOfAnother(HoldId),
    /// More than what is left of a sale.
    #[error("¥{left} of that sale can still be returned, ¥{wanted} are wanted")]
    ReturnTooLarge {
        /// What can still be returned.
        left: Fen,
        /// What is wanted.
        wanted: Fen,
    },
    /// The programme says no.
    #[error(transparent)]
    Quote(#[from] QuoteRefused),
    /// More pieces of a line than were bought, or of a line that is none.
    #[error(transparent)]
    NotReturned(#[from] NotReturned),
    /// The lines of a sale are not known here.
    #[error(
        "the lines of sale {0} are known at the store that sold them and at hubs only: give what comes back as \
         `gross`, or take it back there"
    )]
    LinesElsewhere(SaleId),
    /// What came back before is not known here so far.
    #[error("goods of sale {0} came back elsewhere, and the entry is on its way here: try again in a moment")]
    ReturnsOnTheWay(SaleId),
    /// Points of a receipt cannot be claimed, or not any more.
    #[error("points of a receipt of {0} cannot be claimed today")]
    ClaimClosed(BusinessDate),
    /// The programme has no such rule.
    #[error("the programme in force has nothing called `{0}`")]
    UnknownRule(RuleId),
    /// The activity has brought its points.
    #[error("the member has had the points for `{0}`: it brings none again so soon")]
    ActivityDone(RuleId),
    /// The pass is for its member alone.
    #[error("the pass `{0}` is for its member alone")]
    PassIsPersonal(RuleId),
    /// The activity brings points at other times, or to others.
    #[error("`{rule}` brings nothing here and now: {}", why.reason())]
    ActivityNotNow {
        /// The activity.
        rule: RuleId,
        /// Why not.
        why: NotNow,
    },
    /// The scheme has no loss reporting.
    #[error("cards of this scheme are not reported lost: who has the card has what is on it")]
    NoLossReporting,
    /// Nobody here knows of a coupon with the code.
    #[error(
        "no coupon with this code is known here: compare it with the paper, or try again once the line is up"
    )]
    UnknownCode,
    /// The coupon is a member's by now.
    #[error("the coupon of this code has been claimed")]
    CodeUsed,
    /// The coupon's last day is over.
    #[error("the coupon of this code was good until {0}")]
    CodeExpired(BusinessDate),
    /// Too few pieces of a reward in this store.
    #[error("{here} pieces of it are in this store, {wanted} are wanted")]
    OutOfStock {
        /// Pieces here.
        here: i64,
        /// Pieces wanted.
        wanted: i64,
    },
    /// A programme that head office has not signed.
    #[error("this programme cannot be believed: {0}")]
    ProgrammeUnsigned(CredentialFault),
    /// A programme with mistakes.
    #[error("this programme has mistakes:\n{0}")]
    ProgrammeUnsound(Box<Faults>),
    /// The version was published before, or a later one.
    #[error("version {0} of the programme was published before: give the new one a higher number")]
    VersionTaken(u32),
    /// The profile cannot be changed so.
    #[error(transparent)]
    Profile(#[from] EditError),
    /// The account is not to be changed so.
    #[error(transparent)]
    Account(#[from] AccountRefused),
    /// No card numbers are left.
    #[error("this store has issued its million cards: enrol it anew to go on")]
    CardsUsedUp,
    /// Not a voucher that a hub of this city gave.
    #[error(transparent)]
    Voucher(#[from] VoucherFault),
    /// The voucher is for somebody else.
    #[error("this voucher is for {}: its points can be taken up there only", at_store(*.0))]
    VoucherElsewhere(Option<StoreNumber>),
    /// The voucher has ended.
    #[error("this voucher has run out: open the page again for a new one")]
    VoucherExpired,
    /// The points are here already.
    #[error("this voucher's points were taken up at this store before: look at what the member has")]
    VoucherUsed,
    /// As many codes as one member may carry.
    #[error("{0} codes are open already: use one of them first")]
    VouchersOpen(usize),
    /// The invitation was used before.
    #[error("this invitation was used by another replica: ask for a new one")]
    InvitationUsed,
    /// Another replica has the same tag.
    #[error("another replica's id begins alike: join again with a fresh id")]
    TagTaken,
    /// Only hubs do that.
    #[error("only a hub can do that")]
    NotAHub,
    /// This replica may not write any more.
    #[error("this replica was {0} and may not write any more: join again")]
    Stopped(&'static str),
    /// The database could not.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

fn at_store(store: Option<StoreNumber>) -> String {
    store.map_or_else(|| "another store".to_owned(), |StoreNumber(number)| format!("store {number}"))
}

fn of_store(store: Option<StoreNumber>) -> String {
    store.map_or_else(String::new, |StoreNumber(number)| format!(" from store {number}"))
}

impl Coded for Refusal {
    fn code(&self) -> &'static str {
        match self {
            Refusal::UnknownMember(_) => "unknown_member",
            Refusal::UnknownCard(_) => "unknown_card",
            Refusal::CardVoid { .. } => "card_void",
            Refusal::UnknownHold(_) => "unknown_hold",
            Refusal::UnknownSale(_) => "unknown_sale",
            Refusal::SaleOnTheWay { .. } => "sale_on_the_way",
            Refusal::UnknownReplica(_) => "unknown_replica",
            Refusal::FenceOfSelf => "fence_of_self",
            Refusal::NotFenced(_) => "not_fenced",
            Refusal::FencedByAnother(_) => "fenced_by_another",
            Refusal::LeaseRuns { .. } => "lease_runs",
            Refusal::NotFencedAt(_) => "not_fenced_at_hub",
            Refusal::NothingToReclaim(_) => "nothing_to_reclaim",
            Refusal::UnknownLate { .. } => "unknown_late",
            Refusal::LateSettled { .. } => "late_settled",
            Refusal::LateUnsound { .. } => "late_unsound",
            Refusal::ClockDoubtful => "clock_doubtful",
            Refusal::LeaseEnded => "lease_ended",
            Refusal::OutOfRange { .. } => "out_of_range",
            Refusal::BalanceTooSmall { .. } => "insufficient_balance",
            Refusal::RightsTooFew { .. } => "insufficient_rights_here",
            Refusal::NothingToLend => "nothing_to_lend",
            Refusal::RequestReused => "idempotency_key_reused",
            Refusal::CheckReused { .. } => "check_number_reused",
            Refusal::HoldElsewhere(_) => "hold_elsewhere",
            Refusal::HoldSettled(_) => "hold_settled",
            Refusal::HoldExpired(_) => "hold_expired",
            Refusal::HoldOfAnother(_) => "hold_of_another_member",
            Refusal::ReturnTooLarge { .. } => "return_too_large",
            Refusal::Quote(refused) => refused.code(),
            Refusal::NotReturned(refused) => refused.code(),
            Refusal::LinesElsewhere(_) => "sale_lines_elsewhere",
            Refusal::ReturnsOnTheWay(_) => "returns_on_the_way",
            Refusal::ClaimClosed(_) => "claim_closed",
            Refusal::UnknownRule(_) => "unknown_rule",
            Refusal::ActivityDone(_) => "activity_done",
            Refusal::PassIsPersonal(_) => "pass_is_personal",
            Refusal::ActivityNotNow { .. } => "activity_not_now",
            Refusal::NoLossReporting => "no_loss_reporting",
            Refusal::UnknownCode => "unknown_code",
            Refusal::CodeUsed => "code_used",
            Refusal::CodeExpired(_) => "code_expired",
            Refusal::OutOfStock { .. } => "out_of_stock",
            Refusal::ProgrammeUnsigned(_) => "programme_unsigned",
            Refusal::ProgrammeUnsound(_) => "programme_unsound",
            Refusal::VersionTaken(_) => "programme_version_taken",
            Refusal::Profile(refused) => refused.code(),
            Refusal::Account(refused) => refused.code(),
            Refusal::CardsUsedUp => "cards_used_up",
            Refusal::Voucher(fault) => fault.code(),
            Refusal::VoucherElsewhere(_) => "voucher_for_another_store",
            Refusal::VoucherExpired => "voucher_expired",
            Refusal::VoucherUsed => "voucher_used",
            Refusal::VouchersOpen(_) => "vouchers_open",
            Refusal::InvitationUsed => "invitation_used",
            Refusal::TagTaken => "replica_tag_taken",
            Refusal::NotAHub => "not_a_hub",
            Refusal::Stopped(_) => "replica_stopped",
            Refusal::Storage(error) => error.code(),
        }
    }
}
