use purser_types::{Coded, Fen};
use serde::Deserialize;

use crate::{
    apportion::share,
    basket::AMOUNT_FEN_MAX,
    ratio::{Ratio, Rounding},
};

/// Stored value: money paid in ahead, and what is given on top of it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(clippy::struct_excessive_bools, reason = "each is a rule of its own that a scheme switches on")]
pub struct StoredValue {
    /// The least that is paid in at once.
    pub from: Fen,
    /// What is given on top, by what is paid in: the band goes for all of it.
    #[serde(default)]
    pub bonus: Vec<BonusBand>,
    /// The most that a member may hold, principal and bonus together: the legal cap of a card.
    pub most: Option<Fen>,
    /// What a member spends on the day of a top-up stays below this share of what was topped up that day.
    pub same_day_below: Option<Ratio>,
    /// Whether nothing else takes anything off when stored value pays.
    #[serde(default)]
    pub no_other_discount: bool,
    /// Whether the invoice is given for what is paid in, and none for what it pays.
    #[serde(default)]
    pub invoice_at_top_up: bool,
    /// Whether cards of the scheme are not reported lost: who has the card has what is on it.
    #[serde(default)]
    pub no_loss_reporting: bool,
    /// Whether nothing that was paid in is given back in money.
    #[serde(default)]
    pub no_cash_out: bool,
    /// Which is spent first.
    #[serde(default)]
    pub spends: Order,
}

/// A bonus from some top-up on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BonusBand {
    /// From this top-up on.
    pub from: Fen,
    /// This share of it on top.
    pub share: Ratio,
    /// Whether a manager has to approve it.
    #[serde(default)]
    pub approved: bool,
}

/// Which part of stored value is spent first.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Order {
    /// What was paid in.
    #[default]
    PrincipalFirst,
    /// What was given on top.
    BonusFirst,
    /// Both, in proportion to what there is.
    InProportion,
}

/// Amounts of the two parts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Parts {
    /// What was paid in.
    pub principal: Fen,
    /// What was given on top.
    pub bonus: Fen,
}

/// What a member has done with stored value today.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Today {
    /// Paid in, without bonus.
    pub topped_up: Fen,
    /// Spent.
    pub spent: Fen,
}

/// Why stored value does not move.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ValueRefused {
    /// Less than the scheme takes.
    #[error("at least ¥{0} is topped up at once")]
    TooLittle(Fen),

    /// More than a member may hold.
    #[error("with it the card would hold ¥{holds}, at most ¥{most} is allowed")]
    TooMuch {
        /// What it would hold.
        holds: Fen,
        /// What it may.
        most: Fen,
    },
    /// Not so soon after the top-up.
    #[error("on the day of a top-up less than ¥{below} can be spent, ¥{spent} of it is spent already")]
    SameDay {
        /// The limit, itself not reached.
        below: Fen,
        /// Spent so far.
        spent: Fen,
    },
    /// More than there is.
    #[error("the card holds ¥{0}")]
    Short(Fen),
    /// The scheme gives nothing back.
    #[error("stored value is not given back in money")]
    NoCashOut,
}

impl Coded for ValueRefused {
    fn code(&self) -> &'static str {
        match self {
            ValueRefused::TooLittle(_) => "top_up_too_small",

            ValueRefused::TooMuch { .. } => "stored_value_capped",
            ValueRefused::SameDay { .. } => "stored_value_same_day",
            ValueRefused::Short(_) => "stored_value_short",
            ValueRefused::NoCashOut => "stored_value_no_cash_out",
        }
    }
}

impl Parts {
    /// Both together.
    pub fn sum(self) -> Fen {
        Fen(self.principal.0.saturating_add(self.bonus.0))
    }
}

impl StoredValue {
    /// What a top-up brings to somebody who holds so much: without a manager's approval, the highest bonus that
    /// needs none.
    ///
    /// # Errors
    /// Why it is not taken.
    pub fn top_up(&self, amount: Fen, is_approved: bool, held: Fen) -> Result<Parts, ValueRefused> {
        if amount < self.from {
            return Err(ValueRefused::TooLittle(self.from));
        }
        let may_have = |band: &&BonusBand| band.from <= amount && (is_approved || !band.approved);
        let band = self.bonus.iter().rev().find(may_have);
        let bonus = band.map_or(Fen(0), |band| band.share.of(amount, Rounding::Down));
        let parts = Parts { principal: amount, bonus };
        if parts.sum().0 > AMOUNT_FEN_MAX {
            return Err(ValueRefused::TooMuch { holds: parts.sum(), most: Fen(AMOUNT_FEN_MAX) });
        }
        self.add(parts, held)
    }

    /// What somebody who holds so much gets of these parts: all, unless it is more than may be held.
    ///
    /// # Errors
    /// [`ValueRefused::TooMuch`].
    pub fn add(&self, parts: Parts, held: Fen) -> Result<Parts, ValueRefused> {
        let holds = Fen(held.0.saturating_add(parts.sum().0));
        match self.most.filter(|most| holds > *most) {
            Some(most) => Err(ValueRefused::TooMuch { holds, most }),
            None => Ok(parts),
        }
    }

    /// What leaves a member's card when so much of a top-up is given back in money, after `before` of it was: the
    /// bonus goes in proportion, in the end all of it.
    ///
    /// # Errors
    /// [`ValueRefused::NoCashOut`].
    pub fn give_back(&self, top_up: Parts, before: Fen, now: Fen) -> Result<Parts, ValueRefused> {
        if self.no_cash_out {
            return Err(ValueRefused::NoCashOut);
        }
        let bonus_of = |principal: i64| share(top_up.bonus.0, principal, top_up.principal.0);
        Ok(Parts { principal: now, bonus: Fen(bonus_of(before.0 + now.0) - bonus_of(before.0)) })
    }

    /// Which parts pay so much.
    ///
    /// # Errors
    /// Why they do not.
    pub fn spend(&self, amount: Fen, held: Parts, today: Today) -> Result<Parts, ValueRefused> {
        if amount > held.sum() || amount.0 < 0 {
            return Err(ValueRefused::Short(held.sum()));
        }
        if let Some(share) = self.same_day_below.filter(|_| today.topped_up.0 > 0) {
            let below = share.of(today.topped_up, Rounding::Up);
            if amount.0 > 0 && today.spent.0.saturating_add(amount.0) >= below.0 {
                return Err(ValueRefused::SameDay { below, spent: today.spent });
            }
        }
        let principal = match self.spends {
            Order::PrincipalFirst => amount.min(held.principal),
            Order::BonusFirst => Fen(amount.0 - amount.min(held.bonus).0),
            Order::InProportion => in_proportion(amount, held),
        };
        Ok(Parts { principal, bonus: Fen(amount.0 - principal.0) })
    }

    /// What is wrong with it.
    pub(crate) fn faults(&self) -> Vec<String> {
        let mut faults = Vec::new();
        if self.from.0 < 1 {
            faults.push("`from` is above zero".to_owned());
        }
        for pair in self.bonus.windows(2) {
            if pair[0].from >= pair[1].from {
                faults.push(format!("the bonus from ¥{} and from ¥{} overlap", pair[0].from, pair[1].from));
            } else if pair[0].share > pair[1].share {
                faults.push(format!("who pays in ¥{} gets a smaller share than before", pair[1].from));
            }
        }
        if self.bonus.iter().any(|band| band.share > Ratio::ONE) {
            faults.push("a bonus is at most what is paid in".to_owned());
        }
        let band = self.bonus.iter().rev().find(|band| band.from <= self.from && !band.approved);
        let bonus = band.map_or(Fen(0), |band| band.share.of(self.from, Rounding::Down));
        let least = Parts { principal: self.from, bonus }.sum();
        if let Some(most) = self.most.filter(|most| *most < least) {
            let what =
                format!("nobody can top up: `most` ¥{most} is below `from` ¥{} with its bonus", self.from);
            faults.push(what);
        }
        if let Some(pair) = self.bonus.windows(2).find(|pair| pair[1].from <= self.from && !pair[1].approved)
        {
            faults.push(format!(
                "the bonus from ¥{} is never given: top-ups begin at ¥{}",
                pair[0].from, self.from
            ));
        }
        let amounts = self.bonus.iter().map(|band| band.from).chain(self.most).chain([self.from]);
        if amounts.into_iter().any(|amount| !(0..=AMOUNT_FEN_MAX).contains(&amount.0)) {
            faults.push(format!("amounts are from 0 to ¥{}", Fen(AMOUNT_FEN_MAX)));
        }
        if self.same_day_below.is_some_and(|share| share > Ratio::ONE) {
            faults.push("`same_day_below` is a share, at most 1".to_owned());
        }
        faults
    }
}

/// The principal's part, rounded down, and never less than the bonus leaves over.
fn in_proportion(amount: Fen, held: Parts) -> Fen {
    let principal = share(amount.0, held.principal.0, held.sum().0);
    Fen(principal.max(amount.0 - held.bonus.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn restaurant() -> StoredValue {
        toml::from_str(
            "from = \"5000\"\nbonus = [{ from = \"5000\", share = \"0.10\" },
             { from = \"50000\", share = \"0.15\", approved = true }]\nsame_day_below = \"0.5\"",
        )
        .unwrap()
    }

    #[test]
    fn a_top_up_brings_a_bonus_and_cannot_be_spent_by_half_the_same_day() {
        let scheme = restaurant();
        let parts = scheme.top_up(Fen(500_000), false, Fen(0)).unwrap();
        assert_eq!(parts, Parts { principal: Fen(500_000), bonus: Fen(50_000) });
        let today = Today { topped_up: Fen(500_000), spent: Fen(0) };
        assert!(matches!(scheme.spend(Fen(250_000), parts, today), Err(ValueRefused::SameDay { .. })));
        assert_eq!(scheme.spend(Fen(249_999), parts, today).unwrap().principal, Fen(249_999));
        assert!(scheme.spend(Fen(550_000), parts, Today::default()).is_ok());
        assert_eq!(scheme.top_up(Fen(499_999), false, Fen(0)), Err(ValueRefused::TooLittle(Fen(500_000))));
        assert_eq!(scheme.top_up(Fen(5_000_000), false, Fen(0)).unwrap().bonus, Fen(500_000));
        assert_eq!(scheme.top_up(Fen(5_000_000), true, Fen(0)).unwrap().bonus, Fen(750_000));
    }

    #[test]
    fn both_parts_pay_in_the_order_of_the_scheme() {
        let held = Parts { principal: Fen(1_000), bonus: Fen(500) };
        let spend = |spends, amount| {
            let scheme = StoredValue { spends, same_day_below: None, ..restaurant() };
            scheme.spend(Fen(amount), held, Today::default()).map(|parts| (parts.principal.0, parts.bonus.0))
        };
        assert_eq!(spend(Order::PrincipalFirst, 1_200), Ok((1_000, 200)));
        assert_eq!(spend(Order::BonusFirst, 1_200), Ok((700, 500)));
        assert_eq!(spend(Order::InProportion, 100), Ok((66, 34)));
        assert_eq!(spend(Order::InProportion, 1_500), Ok((1_000, 500)));
        assert_eq!(spend(Order::InProportion, 1_501), Err(ValueRefused::Short(Fen(1_500))));
    }
}
