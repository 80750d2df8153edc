//! Who is in which tier: a pure function of what is known and the day, the same whatever order it
//! became known in.

use std::collections::BTreeSet;

use purser_types::{BusinessDate, EntryId, Fen, Hlc};

use crate::{
    label::RuleId,
    tier::{Otherwise, Tier, Validity, Way},
};

/// What counts towards a member's tier.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct History {
    /// Purchases that were not given back altogether.
    pub deals: BTreeSet<Deal>,
    /// Tiers that somebody has granted.
    pub grants: BTreeSet<Grant>,
}

/// A purchase, less what was given back of it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Deal {
    /// The day.
    pub date: BusinessDate,
    /// When in the day, by the clock of its store; and then by its entry.
    pub at: (Hlc, EntryId),
    /// What was paid.
    pub paid: Fen,
    /// Points earned.
    pub points: i64,
}

/// A tier given by hand, with its reason and who approved it beside.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Grant {
    /// The first day.
    pub date: BusinessDate,
    /// The place among what happened on that day.
    pub at: (Hlc, EntryId),
    /// Which tier.
    pub tier: RuleId,
    /// The last day; the tier's own validity if nothing is said.
    pub until: Option<BusinessDate>,
}

/// How a member stands on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// Which tier, from 0.
    pub tier: usize,
    /// Since when.
    pub since: Option<BusinessDate>,
    /// The last day, if it ends by itself.
    pub until: Option<BusinessDate>,
}

/// Plays a history forward, day by day.
struct Play<'p> {
    tiers: &'p [Tier],
    /// What has happened so far.
    deals: Vec<&'p Deal>,
    /// How much of it does not count any more, as of the last reset.
    counted_from: usize,
    standing: Standing,
}

const FIRST: Standing = Standing { tier: 0, since: None, until: None };

/// The tier at the beginning of what happens on `date`, after everything of the days before and what
/// `history` has of the day itself.
pub(crate) fn standing(tiers: &[Tier], history: &History, date: BusinessDate) -> Standing {
    let mut play = Play { tiers, deals: Vec::new(), counted_from: 0, standing: FIRST };
    let mut deals = history.deals.iter().filter(|deal| deal.date <= date).peekable();
    let mut grants = history.grants.iter().filter(|grant| grant.date <= date).peekable();
    loop {
        let grant_comes_first = match (grants.peek(), deals.peek()) {
            (Some(grant), Some(deal)) => (grant.date, grant.at) <= (deal.date, deal.at),
            (grant, _) => grant.is_some(),
        };
        if grant_comes_first && let Some(grant) = grants.next() {
            play.run_out(grant.date);
            play.grant(grant);
        } else if let Some(deal) = deals.next() {
            play.run_out(deal.date);
            play.buy(deal);
        } else {
            break;
        }
    }
    play.run_out(date);
    play.standing
}

impl<'p> Play<'p> {
    /// What has ended before `date`: each time it is kept or not by what was done within it.
    fn run_out(&mut self, date: BusinessDate) {
        while let Some(until) = self.standing.until.filter(|until| *until < date) {
            let tier = &self.tiers[self.standing.tier];
            let ways = if tier.keep.is_empty() { &tier.ways } else { &tier.keep };
            let since = self.standing.since.unwrap_or(until);
            let next = until.plus_days(1);
            if ways.iter().any(|way| self.has_kept(way, since, until)) {
                self.enter(self.standing.tier, next);
            } else {
                let lower = match tier.otherwise {
                    Otherwise::StepDown => self.standing.tier.saturating_sub(1),
                    Otherwise::Lose => 0,
                };
                self.enter(lower, next);
            }
        }
    }

    fn buy(&mut self, deal: &'p Deal) {
        self.deals.push(deal);
        let higher = (self.standing.tier + 1..self.tiers.len()).rev();
        let reached = higher.into_iter().find(|tier| {
            let ways = &self.tiers[*tier].ways;
            ways.iter().any(|way| self.has_come(way, deal))
        });
        if let Some(tier) = reached {
            self.enter(tier, deal.date);
            if self.tiers[tier].resets {
                self.counted_from = self.deals.len();
            }
        }
    }

    fn grant(&mut self, grant: &Grant) {
        let Some(tier) = self.tiers.iter().position(|tier| tier.id == grant.tier) else { return };
        self.enter(tier, grant.date);
        self.standing.until = grant.until.or(self.standing.until);
    }

    fn enter(&mut self, tier: usize, date: BusinessDate) {
        let until = self.tiers[tier].valid.map(|valid| match valid {
            Validity::Months { months } => date.plus_months(months).plus_days(-1),
            Validity::YearEnd { years_after } => {
                BusinessDate::end_of_year(date.year().saturating_add_unsigned(years_after))
            }
        });
        self.standing = Standing { tier, since: (tier > 0).then_some(date), until };
    }

    /// Whether the latest purchase completes a way.
    fn has_come(&self, way: &Way, latest: &Deal) -> bool {
        let counted = &self.deals[self.counted_from..];
        let since = |from: BusinessDate| counted.iter().rev().take_while(move |deal| deal.date >= from);
        match *way {
            Way::Purchase { from } => latest.paid >= from,
            Way::Spend { from, months } => paid(since(latest.date.minus_months(months).plus_days(1))) >= from,
            Way::SpendInYear { from } => {
                paid(since(BusinessDate::end_of_year(latest.date.year() - 1).plus_days(1))) >= from
            }
            Way::Orders { from } => counted.len() as u64 >= from,
            Way::Points { from } => points(counted.iter()) >= from,
            Way::Task | Way::Invitation => false,
        }
    }

    /// Whether a way was gone within the days of a validity.
    fn has_kept(&self, way: &Way, since: BusinessDate, until: BusinessDate) -> bool {
        let within = || {
            self.deals.iter().rev().skip_while(|deal| deal.date > until).take_while(|deal| deal.date >= since)
        };
        match *way {
            Way::Purchase { from } => within().any(|deal| deal.paid >= from),
            Way::Spend { from, .. } | Way::SpendInYear { from } => paid(within()) >= from,
            Way::Orders { from } => within().count() as u64 >= from,
            Way::Points { from } => points(within()) >= from,
            Way::Task | Way::Invitation => false,
        }
    }
}

fn paid<'d>(deals: impl Iterator<Item = &'d &'d Deal>) -> Fen {
    Fen(deals.fold(0_i64, |sum, deal| sum.saturating_add(deal.paid.0)))
}

fn points<'d>(deals: impl Iterator<Item = &'d &'d Deal>) -> i64 {
    deals.fold(0_i64, |sum, deal| sum.saturating_add(deal.points))
}
