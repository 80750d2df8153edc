//! What a basket costs: every discount in its turn, with what came of it.

use std::borrow::Cow;

use purser_types::Fen;

use crate::{
    apportion::{apportion, total},
    basket::{Basket, Line, Occasion},
    discount::{Discount, NothingOff},
    label::RuleId,
    programme::Programme,
    when::NotNow,
};

/// What came of one rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// The rule.
    pub rule: RuleId,
    /// What it did.
    pub outcome: Outcome,
    /// The lines, from 0, from which it took nothing while it took something off others, and why.
    pub spared: Vec<(usize, NothingOff)>,
}

/// What a rule did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It took so much off each line.
    Off(Vec<Fen>),
    /// It is not in force.
    NotNow(NotNow),
    /// It is, and nothing comes of it.
    Nothing(NothingOff),
    /// Another of its group takes off more.
    Beaten(RuleId),
    /// Nothing else takes anything off when stored value pays.
    StoredValue,
    /// It was paid before.
    PaidBefore,
}

/// Prices on their way down.
pub(crate) struct Pricing<'p> {
    programme: &'p Programme,
    /// Without the pieces that passes have paid for.
    lines: Cow<'p, [Line]>,
    /// What is left of each line's price.
    pub(crate) prices: Vec<Fen>,
    pub(crate) steps: Vec<Step>,
    /// What was cut to come to whole coins.
    pub(crate) cut: Fen,
}

impl<'p> Pricing<'p> {
    pub(crate) fn of(programme: &'p Programme, basket: &'p Basket) -> Self {
        let prices = basket.lines.iter().map(Line::gross).collect();
        Self { programme, lines: Cow::Borrowed(&basket.lines), prices, steps: Vec::new(), cut: Fen(0) }
    }

    /// Applies every discount in turn; none if there is a reason for none.
    pub(crate) fn discount(&mut self, occasion: &Occasion, none: Option<&Outcome>) {
        let programme = self.programme;
        if let Some(outcome) = none {
            let ids = programme.discounts.iter().map(|rule| rule.id.clone());
            self.steps.extend(ids.map(|rule| Step { rule, outcome: outcome.clone(), spared: Vec::new() }));
            return;
        }
        for (place, rule) in programme.discounts.iter().enumerate() {
            let is_of = |other: &&Discount| rule.group.is_some() && other.group == rule.group;
            if programme.discounts[..place].iter().any(|other| is_of(&other)) {
                continue;
            }
            let group: Vec<&Discount> = match rule.group {
                Some(_) => programme.discounts.iter().filter(is_of).collect(),
                None => vec![rule],
            };
            self.apply_best(&group, occasion);
        }
    }

    /// Pays for one piece by one use of a pass: it counts for nothing that follows.
    ///
    /// # Errors
    /// Why none does.
    pub(crate) fn use_pass(&mut self, rule: &Discount, occasion: &Occasion) -> Result<(), Outcome> {
        self.use_coupon(rule, occasion)?;
        let step = self.steps.last();
        let paid = step.and_then(|step| (0..self.lines.len()).find(|line| step.outcome.off(*line).0 > 0));
        if let Some(line) = paid.and_then(|place| self.lines.to_mut().get_mut(place)) {
            line.quantity -= 1;
        }
        Ok(())
    }

    /// Takes off what one coupon is good for.
    ///
    /// # Errors
    /// Why nothing comes off.
    pub(crate) fn use_coupon(&mut self, rule: &Discount, occasion: &Occasion) -> Result<(), Outcome> {
        match self.outcome(rule, occasion) {
            Outcome::Off(off) => {
                self.apply(rule, Outcome::Off(off));
                Ok(())
            }
            outcome => Err(outcome),
        }
    }

    fn apply(&mut self, rule: &Discount, outcome: Outcome) {
        let mut spared = Vec::new();
        if let Outcome::Off(off) = &outcome {
            let lines = off.iter().enumerate().filter(|(_, off)| off.0 == 0);
            spared.extend(lines.map(|(place, _)| (place, self.why_spared(rule, place))));
            self.lower(off);
        }
        self.steps.push(Step { rule: rule.id.clone(), outcome, spared });
    }

    fn why_spared(&self, rule: &Discount, place: usize) -> NothingOff {
        match &self.lines[place] {
            line if !rule.goods.cover(line) => NothingOff::NoGoods,
            line if !self.may_go_lower(line, self.prices[place]) => NothingOff::BelowFloor,
            _ => NothingOff::AsCheap,
        }
    }

    /// Of several rules the one that takes off most, the first of equal ones.
    fn apply_best(&mut self, group: &[&Discount], occasion: &Occasion) {
        let outcomes: Vec<Outcome> = group.iter().map(|rule| self.outcome(rule, occasion)).collect();
        let best = (0..group.len()).rev().max_by_key(|place| outcomes[*place].sum());
        let best = best.filter(|place| outcomes[*place].sum().0 > 0);
        for (place, (rule, outcome)) in group.iter().zip(outcomes).enumerate() {
            let outcome = match best {
                Some(best) if best != place && outcome.sum().0 > 0 => Outcome::Beaten(group[best].id.clone()),
                _ => outcome,
            };
            self.apply(rule, outcome);
        }
    }

    fn outcome(&self, rule: &Discount, occasion: &Occasion) -> Outcome {
        if let Err(why) = rule.when.fits(occasion) {
            return Outcome::NotNow(why);
        }
        let open: Vec<bool> = self
            .lines
            .iter()
            .zip(&self.prices)
            .map(|(line, price)| self.may_go_lower(line, *price))
            .collect();
        let rounding = self.programme.rounding.line;
        rule.off(&self.lines, &self.prices, &open, rounding).map_or_else(Outcome::Nothing, Outcome::Off)
    }

    /// Whether a line is not below the scheme's floor already.
    fn may_go_lower(&self, line: &Line, price: Fen) -> bool {
        let floor = self.programme.stacking.floor;
        floor.is_none_or(|floor| price >= floor.of(line.gross(), crate::Rounding::Up))
    }

    /// Cuts what is to be paid to whole coins of the scheme (抹零).
    pub(crate) fn cut_total(&mut self) {
        let sum = total(self.prices.iter().copied());
        self.cut = Fen(sum.0 % self.programme.rounding.total.0);
        let off = apportion(self.cut, &self.prices);
        self.lower(&off);
    }

    fn lower(&mut self, off: &[Fen]) {
        self.prices.iter_mut().zip(off).for_each(|(price, off)| price.0 -= off.0);
    }
}

impl Outcome {
    /// A stable name of what came of it: `off`, or why nothing did.
    pub fn name(&self) -> &'static str {
        match self {
            Outcome::Off(_) => "off",
            Outcome::NotNow(NotNow::Date) => "other_days",
            Outcome::NotNow(NotNow::Store) => "other_stores",
            Outcome::NotNow(NotNow::Tier) => "other_tiers",
            Outcome::NotNow(NotNow::Birthday) => "birthday_only",
            Outcome::NotNow(NotNow::FirstOrder) => "first_order_only",
            Outcome::Nothing(why) => why.name(),
            Outcome::Beaten(_) => "another_takes_off_more",
            Outcome::StoredValue => "stored_value_pays",
            Outcome::PaidBefore => "paid_before",
        }
    }

    /// What it took off one line.
    pub fn off(&self, line: usize) -> Fen {
        match self {
            Outcome::Off(off) => off.get(line).copied().unwrap_or_default(),
            _ => Fen(0),
        }
    }
    /// What it took off in all.
    pub fn sum(&self) -> Fen {
        match self {
            Outcome::Off(off) => total(off.iter().copied()),
            _ => Fen(0),
        }
    }
}
