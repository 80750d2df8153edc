//! Coupons for what purchases complete: each once for its period, and taken back when too little of it is left.

use purser_journal::AwardMade;
use purser_ledger::{Asset, Lot};
use purser_programme::{Deal, History, Programme, RuleId};
use purser_types::{BusinessDate, MemberId};

use crate::{
    past::{Past, periods},
    programmes::Programmes,
};

/// More than one purchase can complete in any programme that is meant well.
const AWARDS_MAX: usize = 20;

/// The coupons that a purchase brings to a member with this past. One that is claimed late can complete what was
/// bought after it, so what counts is all until today, not until the day of the purchase.
pub(crate) fn new_awards(
    programme: &Programme,
    past: &Past,
    deal: Deal,
    today: BusinessDate,
) -> Vec<AwardMade> {
    if programme.awards.is_empty() {
        return Vec::new();
    }
    let mut history = past.history.clone();
    history.deals.insert(deal);
    let made = periods(&past.awarded, programme);
    let award = |(id, day): (RuleId, BusinessDate)| {
        let coupon = programme.coupons.iter().find(|coupon| coupon.id == id)?;
        let key = (id.to_string(), programme.award_period(id.as_str(), day)?);
        let until = coupon.valid.last_day(today);
        (!made.contains(&key)).then(|| AwardMade { coupon: id.to_string(), day, until })
    };
    due(programme, &history, today).into_iter().filter_map(award).take(AWARDS_MAX).collect()
}

/// The coupons that a person has been given, by whatever member, and that what is left of the purchases does not bring:
/// by the programme of the day that brought each.
pub(crate) fn lost_awards(
    programmes: &Programmes,
    after: &Past,
    date: BusinessDate,
) -> Vec<(MemberId, AwardMade)> {
    let is_lost = |(_, award): &&(MemberId, AwardMade)| {
        let programme = programmes.on(award.day);
        let period = |coupon: &str, day| Some((coupon.to_owned(), programme.award_period(coupon, day)?));
        // What a programme does not give, it does not take back.
        let Some(made) = period(&award.coupon, award.day) else { return false };
        let due = due(programme, &after.history, date).into_iter();
        !due.filter_map(|(id, day)| period(id.as_str(), day)).any(|due| due == made)
    };
    after.awarded.iter().filter(is_lost).take(AWARDS_MAX).cloned().collect()
}

/// The lot that an award goes to.
pub(crate) fn lot_of(award: &AwardMade, member: MemberId) -> Option<Lot> {
    let id: RuleId = award.coupon.parse().ok()?;
    Some(Lot { member, asset: Asset::Coupon(id.kind()), expires_on: Some(award.until) })
}

/// What a history brings until a day; nobody is given for what was done before there was anything to be had for it.
fn due(programme: &Programme, history: &History, date: BusinessDate) -> Vec<(RuleId, BusinessDate)> {
    let days = programme.in_force_from..=date;
    let deals = history.deals.iter().filter(|deal| deal.date <= date).cloned().collect();
    let history = History { deals, grants: history.grants.clone() };
    programme.awarded(&history).into_iter().filter(|(_, day)| days.contains(day)).collect()
}
