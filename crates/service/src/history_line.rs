use purser_journal::{Entry, Fact};
use purser_ledger::{Asset, Posting};
use purser_replica::Movement;
use purser_types::{BusinessDate, HoldId, MemberId, ReplicaId, SaleId};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{amount::Amount, spelling, text::Text, timestamp::Timestamp};

/// One entry of a member's history.
#[derive(Serialize, ToSchema)]
pub(crate) struct HistoryLine {
    /// When it was written, by the clock of the store that wrote it.
    at: Timestamp,
    /// The store.
    store: u32,
    /// The replica that wrote it.
    #[schema(value_type = spelling::ReplicaId)]
    replica: Text<ReplicaId>,
    /// Its place in that replica's journal: with the replica, the entry's name.
    entry: u64,
    /// What happened.
    kind: LineKind,
    /// The sale that was closed or of which goods came back.
    #[schema(value_type = Option<spelling::SaleId>)]
    sale: Option<Text<SaleId>>,
    /// The hold that was made or ended.
    #[schema(value_type = Option<spelling::HoldId>)]
    hold: Option<Text<HoldId>>,
    /// The gross value of the goods sold or returned.
    gross: Option<Amount>,
    /// How it changed the points: the sum of `lots`. Rights that moved between stores, and
    /// points set aside, change nothing.
    change: i64,
    /// The change, lot by lot.
    lots: Vec<LotChange>,
    /// The points after it: all that the member owned then, held and expired points included.
    points_after: i64,
}

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum LineKind {
    /// A sale was closed.
    Sale,
    /// Goods were taken back.
    Return,
    /// Stored value was paid in.
    TopUp,
    /// Stored value was given back in money.
    TopUpReturn,
    /// A pass was sold.
    Pass,
    /// Uses of a pass were taken back for money.
    PassReturn,
    /// Points were redeemed for a reward.
    Reward,
    /// Something was given without a purchase: a tier, points for an activity, coupons.
    Grant,
    /// Points were set aside.
    Hold,
    /// Points of a hold were spent.
    Capture,
    /// A hold was freed, by somebody or because its time was up.
    Release,
    /// Rights to spend moved between stores.
    Transfer,
    /// What was spent in advance of rights that nobody held any more was settled by other points.
    Settlement,
    /// The profile or a card was changed.
    Profile,
    /// What a store wrote after it was put out, accepted later: `sale` and `gross` tell of it.
    Late,
    /// Something that this version does not know.
    Other,
}

/// How an entry changed the points that expire on one day.
#[derive(Serialize, ToSchema)]
pub(crate) struct LotChange {
    /// The last day on which they can be spent; null if they never expire.
    #[schema(value_type = Option<String>, format = Date, example = "2027-12-31")]
    expires_on: Option<Text<BusinessDate>>,
    /// The change.
    change: i64,
}

impl HistoryLine {
    /// The line of a movement after which the member, with `people` who are the same person, owned so many points.
    pub(crate) fn of(movement: &Movement, people: &[MemberId], points_after: i64) -> Self {
        let entry = &movement.entry;
        let lots = movement.changes.iter();
        let lots: Vec<LotChange> = lots
            .map(|(lot, change)| LotChange { expires_on: lot.expires_on.map(Text), change: *change })
            .collect();
        let (sale, gross) = sale_of(entry, people).unzip();
        let (kind, hold) = kind_of(entry, people);
        Self {
            at: Timestamp(entry.hlc.wall_ms),
            store: movement.store.0,
            replica: Text(movement.author),
            entry: entry.seq,
            kind,
            sale: sale.map(Text),
            hold: hold.map(Text),
            gross,
            change: lots.iter().map(|lot| lot.change).sum(),
            lots,
            points_after,
        }
    }

    /// How it changed the points.
    pub(crate) fn change(&self) -> i64 {
        self.change
    }
}

fn sale_of(entry: &Entry, people: &[MemberId]) -> Option<(SaleId, Amount)> {
    entry.facts.iter().find_map(|fact| match fact {
        Fact::LateSettled(settled) => {
            let late = settled.accepted.as_ref().and_then(|late| Entry::from_bytes(&late.entry).ok())?;
            late_sale_of(&late, people)
        }
        _ => late_sale_of(entry, people),
    })
}

/// Whoever has brought a buyer is touched by the sale too, and is not told of it.
fn late_sale_of(entry: &Entry, people: &[MemberId]) -> Option<(SaleId, Amount)> {
    entry.facts.iter().find_map(|fact| match fact {
        Fact::Sale(sale) if people.contains(&sale.member) => {
            Some((SaleId::created_by(entry.id()), Amount(sale.gross)))
        }
        Fact::Return(back) if people.contains(&back.member) => Some((back.sale, Amount(back.gross))),
        _ => None,
    })
}

/// What an entry means to one person: an entry that releases holds or takes up rights does so
/// for many.
fn kind_of(entry: &Entry, people: &[MemberId]) -> (LineKind, Option<HoldId>) {
    let (mut kind, mut hold) = (LineKind::Other, None);
    for fact in &entry.facts {
        match fact {
            Fact::Sale(_) => kind = LineKind::Sale,
            Fact::Return(_) => kind = LineKind::Return,
            Fact::TopUp(_) => kind = LineKind::TopUp,
            Fact::TopUpBack(_) => kind = LineKind::TopUpReturn,
            Fact::PassSold(_) => kind = LineKind::Pass,
            Fact::PassBack(_) => kind = LineKind::PassReturn,
            Fact::Reward(_) => kind = LineKind::Reward,
            Fact::Grant(_) => kind = LineKind::Grant,
            Fact::LateSettled(_) => kind = LineKind::Late,
            Fact::Profile { .. } | Fact::CardIssued { .. } => kind = LineKind::Profile,
            Fact::Postings(postings) => {
                if settles(postings, people) {
                    kind = kind.max_by_telling(LineKind::Settlement);
                }
                let of_member = |posting: &&Posting| {
                    people.contains(&posting.lot().member) && posting.lot().asset == Asset::Points
                };
                for (posted, of) in postings.iter().filter(of_member).filter_map(kind_of_posting) {
                    hold = hold.or(of);
                    kind = kind.max_by_telling(posted);
                }
            }
            _ => {}
        }
    }
    (kind, hold)
}

/// Points of one expiry day spent for those of another: nobody else writes both without a sale or
/// a return.
fn settles(postings: &[Posting], people: &[MemberId]) -> bool {
    let has = |is: fn(&Posting) -> bool| {
        let lot = |posting: &Posting| posting.lot();
        postings.iter().any(|it| people.contains(&lot(it).member) && lot(it).asset == Asset::Points && is(it))
    };
    has(|posting| matches!(posting, Posting::Debit { .. }))
        && has(|posting| matches!(posting, Posting::Credit { .. }))
}

fn kind_of_posting(posting: &Posting) -> Option<(LineKind, Option<HoldId>)> {
    match *posting {
        Posting::Hold { hold, .. } => Some((LineKind::Hold, Some(hold))),
        Posting::Settle { hold, captured: 0, .. } => Some((LineKind::Release, Some(hold))),
        Posting::Settle { hold, .. } => Some((LineKind::Capture, Some(hold))),
        Posting::Offer { .. } | Posting::Accept { .. } => Some((LineKind::Transfer, None)),
        Posting::Credit { .. }
        | Posting::Debit { .. }
        | Posting::Clawback { .. }
        | Posting::Advance { .. } => None,
    }
}

impl LineKind {
    /// Which of two kinds says more: a sale is a sale even where it also captures a hold, and a
    /// capture frees what it leaves over.
    fn max_by_telling(self, other: Self) -> Self {
        let telling = |kind| match kind {
            LineKind::Sale
            | LineKind::Return
            | LineKind::TopUp
            | LineKind::TopUpReturn
            | LineKind::Pass
            | LineKind::PassReturn
            | LineKind::Reward
            | LineKind::Grant
            | LineKind::Late => 5,
            LineKind::Profile => 4,
            LineKind::Capture => 3,
            LineKind::Hold | LineKind::Release | LineKind::Settlement => 2,
            LineKind::Transfer => 1,
            LineKind::Other => 0,
        };
        if telling(other) > telling(self) { other } else { self }
    }
}
