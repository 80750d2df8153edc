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
    /// How much of it does not count any more towards a higher tier, as of the last reset.
    counted_from: usize,
    /// Points earned since then.
    counted_points: i64,
    /// How much of it was before the present tier began, and so does not keep it.
    entered_after: usize,
    /// The tier that was reached by buying.
    standing: Standing,
}

const FIRST: Standing = Standing { tier: 0, since: None, until: None };

/// How a member stands on `date`, after what `history` has of that day: in the higher of the tier that was
/// reached by buying and those that were granted. A grant ends by itself, and leaves the other as it is.
pub(crate) fn standing(tiers: &[Tier], history: &History, date: BusinessDate) -> Standing {
    let mut play = Play::new(tiers);
    for deal in history.deals.iter().filter(|deal| deal.date <= date) {
        play.run_out(deal.date);
        play.buy(deal);
    }
    play.run_out(date);
    let granted = history.grants.iter().filter(|grant| grant.date <= date);
    let granted = granted.filter_map(|grant| {
        let tier = tiers.iter().position(|tier| tier.id == grant.tier)?;
        let until = grant.until.or(last_day(&tiers[tier], grant.date));
        Some(Standing { tier, since: Some(grant.date), until })
    });
    let in_force = granted.filter(|granted| granted.until.is_none_or(|until| date <= until));
    // Of equal tiers the one that lasts longer.
    let lasts = |standing: &Standing| (standing.tier, standing.until.is_none(), standing.until);
    in_force.chain([play.standing]).max_by_key(lasts).unwrap_or(play.standing)
}

fn last_day(tier: &Tier, date: BusinessDate) -> Option<BusinessDate> {
    tier.valid.map(|valid| match valid {
        Validity::Months { months } => date.plus_months(months).plus_days(-1),
        Validity::YearEnd { years_after } => {
            BusinessDate::end_of_year(date.year().saturating_add_unsigned(years_after))
        }
    })
}

impl<'p> Play<'p> {
    fn new(tiers: &'p [Tier]) -> Self {
        let (counted_from, counted_points, entered_after) = (0, 0, 0);
        Self { tiers, deals: Vec::new(), counted_from, counted_points, entered_after, standing: FIRST }
    }

    /// What has ended before `date`: each time it is kept or not by what was done within it.
    fn run_out(&mut self, date: BusinessDate) {
        while let Some(until) = self.standing.until.filter(|until| *until < date) {
            let tier = &self.tiers[self.standing.tier];
            let ways = if tier.keep.is_empty() { &tier.ways } else { &tier.keep };
            let within = &self.deals[self.entered_after..];
            let is_kept = ways.iter().any(|way| is_gone(way, within));
            let next = match tier.otherwise {
                _ if is_kept => self.standing.tier,
                Otherwise::StepDown => self.standing.tier.saturating_sub(1),
                Otherwise::Lose => 0,
            };
            self.enter(next, until.plus_days(1));
        }
    }

    fn buy(&mut self, deal: &'p Deal) {
        self.deals.push(deal);
        self.counted_points = self.counted_points.saturating_add(deal.points);
        let higher = (self.standing.tier + 1..self.tiers.len()).rev();
        let reached =
            higher.into_iter().find(|tier| self.tiers[*tier].ways.iter().any(|way| self.reaches(way)));
        if let Some(tier) = reached {
            self.enter(tier, deal.date);
            if self.tiers[tier].resets {
                (self.counted_from, self.counted_points) = (self.deals.len(), 0);
            }
        }
    }

    fn enter(&mut self, tier: usize, date: BusinessDate) {
        let until = last_day(&self.tiers[tier], date);
        self.standing = Standing { tier, since: (tier > 0).then_some(date), until };
        self.entered_after = self.deals.len();
    }

    /// Whether the latest purchase completes a way.
    fn reaches(&self, way: &Way) -> bool {
        let counted = &self.deals[self.counted_from..];
        match *way {
            Way::Points { from } => self.counted_points >= from,
            Way::Orders { from } => counted.len() as u64 >= from,
            _ => completes(way, counted),
        }
    }
}

/// Whether a way was gone by purchases alone.
fn is_gone(way: &Way, deals: &[&Deal]) -> bool {
    match *way {
        Way::Points { from } => {
            deals.iter().fold(0, |sum: i64, deal| sum.saturating_add(deal.points)) >= from
        }
        Way::Orders { from } => deals.len() as u64 >= from,
        _ => (1..=deals.len()).any(|count| completes(way, &deals[..count])),
    }
}

/// Whether the last purchase completes a way that goes by what was paid.
fn completes(way: &Way, deals: &[&Deal]) -> bool {
    let Some(latest) = deals.last() else { return false };
    let paid_since = |from: BusinessDate| {
        let within = deals.iter().rev().take_while(|deal| deal.date >= from);
        Fen(within.fold(0_i64, |sum, deal| sum.saturating_add(deal.paid.0)))
    };
    match *way {
        Way::Purchase { from } => latest.paid >= from,
        Way::Spend { from, months } => paid_since(latest.date.minus_months(months).plus_days(1)) >= from,
        Way::SpendInYear { from } => paid_since(first_of_year(latest.date)) >= from,
        Way::Orders { .. } | Way::Points { .. } | Way::Task {} | Way::Invitation {} => false,
    }
}

fn first_of_year(date: BusinessDate) -> BusinessDate {
    BusinessDate::end_of_year(date.year() - 1).plus_days(1)
}

/// The days on which a way was gone: once a calendar year for what counts within one, else once.
pub(crate) fn days_of(way: &Way, history: &History) -> Vec<BusinessDate> {
    let (mut deals, mut days): (Vec<&Deal>, Vec<BusinessDate>) = (Vec::new(), Vec::new());
    for deal in &history.deals {
        deals.push(deal);
        let again = match (days.last(), way) {
            (Some(last), Way::SpendInYear { .. }) => last.year() < deal.date.year(),
            (last, _) => last.is_none(),
        };
        let is_gone = || match way {
            Way::Points { .. } | Way::Orders { .. } => is_gone(way, &deals),
            _ => completes(way, &deals),
        };
        if again && is_gone() {
            days.push(deal.date);
        }
    }
    days
}
