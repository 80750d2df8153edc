use purser_journal::{
    CodesFact, Entry, Fact, GrantFact, LateSettledFact, PassBackFact, PassSoldFact, ReturnFact, RewardFact,
    SaleFact, SignedCredential, SigningKey, TopUpBackFact, TopUpFact,
};
use purser_ledger::{Asset, Posting};
use purser_types::{CardNumber, CouponCode, EntryId, HoldId, MemberId, SaleId};

use crate::{codes::codes_issued, fold::postings};

/// What an order has led to. Read from the entry alone, so that a repeated request gets the
/// same reply as the first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// The entry that it stands in.
    pub entry: EntryId,
    /// The version of the programme that decided it.
    pub programme_version: u32,
    /// Whether the order had been carried out before and this repeats its reply.
    pub repeated: bool,
    /// What came of it.
    pub outcome: Outcome,
}

/// What came of an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// A sale.
    Sale(SaleId, Box<SaleFact>),
    /// A return.
    Return(Box<ReturnFact>),
    /// Stored value paid in.
    TopUp(SaleId, TopUpFact),
    /// Stored value given back.
    TopUpBack(TopUpBackFact),
    /// A pass sold.
    PassSold(SaleId, PassSoldFact),
    /// Uses of a pass taken back.
    PassBack(PassBackFact),
    /// Coupons issued on paper, with their codes.
    Codes(CodesFact, Vec<CouponCode>),
    /// Points redeemed for a reward.
    Reward(RewardFact),
    /// Something given.
    Given(GrantFact),
    /// A member registered or changed, and the card issued with it.
    Member(MemberId, Option<CardNumber>),
    /// A hold, with what it sets aside and until when.
    Held {
        /// The hold.
        hold: HoldId,
        /// Points set aside.
        points: i64,
        /// Until when, in milliseconds since 1970.
        deadline_ms: u64,
    },
    /// A hold ended.
    Settled {
        /// The hold.
        hold: HoldId,
        /// Points spent of it.
        captured: i64,
    },
    /// Rights given away.
    Lent {
        /// How many.
        amount: i64,
    },
    /// Rights taken up by name: back from a replica that was put out, or by a voucher.
    Reclaimed {
        /// How many lots.
        lots: usize,
        /// How many points among them.
        points: i64,
    },
    /// It is decided what becomes of a late entry.
    LateSettled {
        /// Whether it counts.
        accepted: bool,
        /// Points that this hub has credited for it.
        credited: i64,
        /// Points that it took from its own rights.
        debited: i64,
        /// Points that it took as a debt.
        owed: i64,
    },
    /// A replica enrolled.
    Enrolled(SignedCredential),
    /// Done; there is nothing more to say.
    Done,
}

impl Reply {
    /// How many rights were given away, if that was wanted.
    pub fn lent(&self) -> i64 {
        match self.outcome {
            Outcome::Lent { amount } => amount,
            _ => 0,
        }
    }
}

impl Outcome {
    /// What `entry` led to, which was written with this key.
    pub(crate) fn of(entry: &Entry, key: &SigningKey) -> Self {
        let card = entry.facts.iter().find_map(|fact| match fact {
            Fact::CardIssued { card, .. } => Some(*card),
            _ => None,
        });
        for fact in &entry.facts {
            match fact {
                Fact::Sale(sale) => {
                    return Outcome::Sale(SaleId::created_by(entry.id()), sale.clone());
                }
                Fact::Return(taken_back) => return Outcome::Return(taken_back.clone()),
                Fact::TopUp(top_up) => return of_top_up(entry, top_up),
                Fact::TopUpBack(back) => return Outcome::TopUpBack(back.clone()),
                Fact::PassSold(sold) => {
                    return Outcome::PassSold(SaleId::created_by(entry.id()), sold.clone());
                }
                Fact::PassBack(back) => return Outcome::PassBack(back.clone()),
                Fact::Codes(codes) => return Outcome::Codes(codes.clone(), codes_issued(key, entry)),
                Fact::Reward(reward) => return Outcome::Reward(reward.clone()),
                Fact::Grant(grant) => return Outcome::Given(grant.clone()),
                Fact::Merge(merge) => return Outcome::Member(merge.into.unwrap_or(merge.member), None),
                Fact::Profile { member, .. } => return Outcome::Member(*member, card),
                Fact::LateSettled(settled) => return of_settlement(settled, entry),
                Fact::Enrolled { credential, .. } => return Outcome::Enrolled(credential.clone()),
                Fact::Postings(postings) => {
                    if let Some(outcome) = of_postings(postings) {
                        return outcome;
                    }
                }
                _ => {}
            }
        }
        Outcome::Done
    }
}

fn of_top_up(entry: &Entry, top_up: &TopUpFact) -> Outcome {
    Outcome::TopUp(SaleId::created_by(entry.id()), top_up.clone())
}

fn of_settlement(settled: &LateSettledFact, entry: &Entry) -> Outcome {
    let (mut credited, mut debited, mut owed) = (0_i64, 0_i64, 0_i64);
    for posting in postings(entry).filter(|posting| posting.lot().asset == Asset::Points) {
        match *posting {
            Posting::Credit { amount, .. } => credited = credited.saturating_add(amount),
            Posting::Debit { amount, .. } => debited = debited.saturating_add(amount),
            Posting::Clawback { amount, .. } => owed = owed.saturating_add(amount),
            _ => {}
        }
    }
    Outcome::LateSettled { accepted: settled.accepted.is_some(), credited, debited, owed }
}

/// Sales and returns come with postings too: only holds, settlements and offers by themselves
/// are told by their postings, and the facts of sale or return stand before those.
fn of_postings(postings: &[Posting]) -> Option<Outcome> {
    match *postings.first()? {
        Posting::Hold { hold, deadline_ms, .. } => {
            let points = postings.iter().map(|posting| match posting {
                Posting::Hold { amount, .. } => *amount,
                _ => 0,
            });
            Some(Outcome::Held { hold, points: points.sum(), deadline_ms })
        }
        Posting::Settle { hold, .. } => {
            let captured = postings.iter().map(|posting| match posting {
                Posting::Settle { captured, .. } => *captured,
                _ => 0,
            });
            Some(Outcome::Settled { hold, captured: captured.sum() })
        }
        Posting::Accept { .. } => {
            let points = postings.iter().map(|posting| match posting {
                Posting::Accept { lot, amount, .. } if lot.asset == Asset::Points => *amount,
                _ => 0,
            });
            Some(Outcome::Reclaimed { lots: postings.len(), points: points.sum() })
        }
        Posting::Offer { .. } => {
            let amount = postings.iter().map(|posting| match posting {
                Posting::Offer { amount, .. } => *amount,
                _ => 0,
            });
            Some(Outcome::Lent { amount: amount.sum() })
        }
        _ => None,
    }
}
