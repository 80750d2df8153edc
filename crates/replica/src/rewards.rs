//! Rewards of the catalogue: redeeming points for them, and their stock in this store.

use purser_journal::{Fact, RewardFact};
use purser_ledger::{AMOUNT_MAX, Asset, Lot, Posting, balance};
use purser_programme::{QuoteRefused, RuleId};

use crate::{
    Refusal, RewardWish, Transaction,
    draft::{Draft, Plan},
    drawing::draw_or_refuse,
};

impl Transaction<'_> {
    /// Redeems points for pieces of a reward that lie in this store.
    pub(crate) fn plan_reward(&mut self, wish: &RewardWish) -> Result<Plan, Refusal> {
        let RewardWish { member, till, check, reward: id, pieces } = wish;
        let receipt = self.receipt(till, check)?;
        let asked = (*member, id.as_str(), *pieces);
        let done = self.done_before(till, check, |entry| {
            let same = |fact: &Fact| matches!(fact, Fact::Reward(done) if (done.member, done.reward.as_str(), done.pieces) == asked);
            Ok(entry.facts.iter().any(same))
        })?;
        if let Some(seq) = done {
            return Ok(Plan::Done { seq });
        }
        self.require_lease()?;
        self.replica.state.require_member(*member)?;
        let today = receipt.date;
        let points = self.price_of(id, *pieces, today)?;
        let known = self.replica.state.holdings_here(*member, Asset::Points, today)?;
        let drawn = draw_or_refuse(*member, Asset::Points, &known, points, today)?;
        let stock = Lot::stock(id.kind());
        let here = self.replica.state.database.share(self.replica.state.my_number, stock)?.available;
        if here < *pieces {
            return Err(Refusal::OutOfStock { here, wanted: *pieces });
        }
        let mut postings = vec![Posting::Debit { lot: stock, amount: *pieces }];
        postings.extend(drawn.into_iter().map(|(lot, amount)| Posting::Debit { lot, amount }));
        let fact = RewardFact {
            member: *member,
            receipt,
            reward: id.to_string(),
            pieces: *pieces,
            points,
            points_after: balance(&known, today).saturating_sub(points),
        };
        Ok(Plan::Write(Draft::of([Fact::Reward(fact), Fact::Postings(postings)])))
    }

    /// What so many pieces cost today, if points can be redeemed today.
    fn price_of(&self, id: &RuleId, pieces: i64, today: purser_types::BusinessDate) -> Result<i64, Refusal> {
        let programme = self.replica.state.programmes.on(today);
        let reward = programme.rewards.iter().find(|reward| reward.id == *id);
        let reward = reward.ok_or_else(|| Refusal::UnknownRule(id.clone()))?;
        programme.redemption.is_open(today).map_err(QuoteRefused::Points)?;
        match reward.points.checked_mul(pieces) {
            Some(points) if pieces > 0 && points <= AMOUNT_MAX => Ok(points),
            _ => Err(Refusal::OutOfRange { what: "pieces", range: "1 or more, as far as points go" }),
        }
    }

    /// Notes pieces of a reward that were delivered, or taken away.
    pub(crate) fn plan_stock(&mut self, id: &RuleId, pieces: i64) -> Result<Draft, Refusal> {
        let programme = self.replica.state.programmes.on(self.today());
        if !programme.rewards.iter().any(|reward| reward.id == *id) {
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

/// More than any store delivers at once.
const STOCK_MAX: i64 = 1_000_000;
