//! Rewards of the catalogue: redeeming points for them, and their stock in this store.

use std::sync::Arc;

use purser_journal::{Fact, Gift, GrantFact, RewardFact};
use purser_ledger::{AMOUNT_MAX, Asset, Lot, Posting, balance};
use purser_programme::{Programme, QuoteRefused, Reward, RewardGives, RuleId};
use purser_types::BusinessDate;

use crate::{
    Refusal, RewardWish, Transaction,
    draft::{Draft, Plan},
    drawing::{debits, draw_or_refuse},
};

impl Transaction<'_> {
    /// Redeems points for pieces of a reward that lie in this store.
    pub(crate) fn plan_reward(&mut self, wish: &RewardWish) -> Result<Plan, Refusal> {
        let RewardWish { member, till, check, reward: id, pieces } = wish;
        let receipt = self.receipt(till, check)?;
        let asked = (*member, id.as_str(), *pieces);
        let same = |fact: &Fact| matches!(fact, Fact::Reward(done) if (done.member, done.reward.as_str(), done.pieces) == asked);
        if let Some(done) = self.repeats(till, check, same)? {
            return Ok(done);
        }
        self.require_lease()?;
        self.replica.state.require_member(*member)?;
        let today = receipt.date;
        let programme = Arc::clone(self.replica.state.programmes.on(today));
        let reward = programme.rewards.iter().find(|reward| reward.id == *id);
        let reward = reward.ok_or_else(|| Refusal::UnknownRule(id.clone()))?;
        programme.redemption.is_open(today).map_err(QuoteRefused::Points)?;
        let points = price_of(reward, *pieces)?;
        let (gift, posting) = self.gift_of(&programme, reward, wish, today)?;
        let known = self.replica.state.holdings_here(*member, Asset::Points, today)?;
        let drawn = draw_or_refuse(*member, Asset::Points, &known, points, today)?;
        let mut postings: Vec<Posting> = posting.into_iter().collect();
        postings.extend(debits(drawn));
        let fact = RewardFact {
            member: *member,
            receipt,
            reward: id.to_string(),
            pieces: *pieces,
            points,
            points_after: balance(&known, today).saturating_sub(points),
        };
        let facts = [Fact::Reward(fact)].into_iter().chain(gift.map(Fact::Grant));
        Ok(Plan::Write(Draft::of(facts.chain([Fact::Postings(postings)]))))
    }

    /// What is handed out for the points: out of the stock of this store, or new.
    fn gift_of(
        &self,
        programme: &Programme,
        reward: &Reward,
        wish: &RewardWish,
        today: BusinessDate,
    ) -> Result<(Option<GrantFact>, Option<Posting>), Refusal> {
        let RewardWish { member, pieces, .. } = wish;
        match &reward.gives {
            RewardGives::Piece {} => {
                let lot = Lot::stock(reward.id.kind());
                let here = self.replica.state.database.share(self.replica.state.my_number, lot)?.available;
                if here < *pieces {
                    return Err(Refusal::OutOfStock { here, wanted: *pieces });
                }
                Ok((None, Some(Posting::Debit { lot, amount: *pieces })))
            }
            RewardGives::Coupon { coupon: id } => {
                let coupon = programme.coupons.iter().find(|coupon| coupon.id == *id);
                let coupon = coupon.ok_or_else(|| Refusal::UnknownRule(id.clone()))?;
                let expires_on = Some(coupon.valid.last_day(today));
                let lot = Lot { member: *member, asset: Asset::Coupon(id.kind()), expires_on };
                Ok((None, Some(Posting::Credit { lot, amount: *pieces })))
            }
            RewardGives::Tier { tier } if *pieces == 1 => {
                let gift = Gift::Tier { tier: tier.to_string(), until: None };
                let (reason, by) = (reward.id.to_string(), "points".to_owned());
                Ok((Some(GrantFact { member: *member, date: today, gift, reason, by }), None))
            }
            RewardGives::Tier { .. } => {
                Err(Refusal::OutOfRange { what: "pieces", range: "1: a tier is one" })
            }
            RewardGives::Entry {} => Ok((None, None)),
        }
    }

    /// Notes pieces of a reward that were delivered, or taken away.
    pub(crate) fn plan_stock(&mut self, id: &RuleId, pieces: i64) -> Result<Draft, Refusal> {
        let programme = self.replica.state.programmes.on(self.today());
        let is_stocked = |reward: &&Reward| reward.id == *id && reward.gives == RewardGives::Piece {};
        if !programme.rewards.iter().any(|reward| is_stocked(&reward)) {
            return Err(Refusal::UnknownRule(id.clone()));
        }
        let lot = Lot::stock(id.kind());
        let here = self.replica.state.database.share(self.replica.state.my_number, lot)?.available;
        let posting = match pieces {
            1..=STOCK_MAX => Posting::Credit { lot, amount: pieces },
            _ if pieces < 0 && here >= pieces.saturating_neg() => Posting::Debit { lot, amount: -pieces },
            _ if pieces < 0 => {
                return Err(Refusal::OutOfStock { here, wanted: pieces.saturating_neg() });
            }
            _ => return Err(Refusal::OutOfRange { what: "pieces", range: "up to 1000000, and not 0" }),
        };
        Ok(Draft::of([Fact::Postings(vec![posting])]))
    }
}

/// What so many pieces cost.
fn price_of(reward: &Reward, pieces: i64) -> Result<i64, Refusal> {
    match reward.points.checked_mul(pieces) {
        Some(points) if (1..=STOCK_MAX).contains(&pieces) && points <= AMOUNT_MAX => Ok(points),
        _ => Err(Refusal::OutOfRange { what: "pieces", range: "1 or more, as far as points go" }),
    }
}

/// More than any store delivers at once.
const STOCK_MAX: i64 = 1_000_000;
