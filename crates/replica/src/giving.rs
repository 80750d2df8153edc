//! What is given without a purchase: tiers, points for activities, coupons. Each with a reason and who has
//! approved it.

use purser_journal::{Fact, Gift, GrantFact};
use purser_ledger::{Asset, Lot, Posting};
use purser_programme::{Programme, RuleId};
use purser_types::{BusinessDate, MemberId};

use crate::{
    Giving, Refusal, Transaction,
    draft::Draft,
    drawing::{draw_or_refuse, hand_over},
    past::Past,
    words::{check_person, check_reason},
};

/// More coupons than anybody is given at once.
const COUPONS_MAX: i64 = 1_000;

impl Transaction<'_> {
    /// Gives something, if the programme has it.
    pub(crate) fn plan_gift(&mut self, giving: &Giving) -> Result<Draft, Refusal> {
        check_reason(&giving.reason)?;
        check_person("by", &giving.by)?;
        let member = giving.member;
        self.replica.state.require_member(member)?;
        let date = self.today();
        let programme = self.replica.state.programmes.on(date).clone();
        let (gift, postings) = match &giving.gift {
            Gift::Tier { tier, until } => (tier_gift(&programme, tier, *until, date)?, Vec::new()),
            // Only who shows a code gets its coupon.
            Gift::Code { .. } => return Err(Refusal::UnknownCode),
            Gift::PassUses { pass, uses, from } => {
                let postings = self.handed_over(&programme, member, (pass, *uses), *from)?;
                (giving.gift.clone(), postings)
            }
            Gift::Activity { activity, .. } => {
                let points = self.points_for(&programme, giving, activity, date)?;
                let lot = Lot { member, asset: Asset::Points, expires_on: programme.expiry.last_day(date) };
                let gift = Gift::Activity { activity: activity.clone(), points };
                (gift, vec![Posting::Credit { lot, amount: points }])
            }
            Gift::Coupon { coupon: id, pieces } => {
                let kind = rule_id("coupon", id)?;
                let coupon = programme.coupons.iter().find(|coupon| coupon.id == kind);
                let coupon = coupon.ok_or_else(|| Refusal::UnknownRule(kind.clone()))?;
                if !(1..=COUPONS_MAX).contains(pieces) {
                    return Err(Refusal::OutOfRange { what: "pieces", range: "1 to 1000" });
                }
                let expires_on = Some(coupon.valid.last_day(date));
                let lot = Lot { member, asset: Asset::Coupon(kind.kind()), expires_on };
                (giving.gift.clone(), vec![Posting::Credit { lot, amount: *pieces }])
            }
        };
        let (reason, by) = (giving.reason.clone(), giving.by.clone());
        let fact = Fact::Grant(GrantFact { member, date, gift, reason, by });
        let postings = Some(postings).filter(|postings| !postings.is_empty()).map(Fact::Postings);
        Ok(Draft::of([fact].into_iter().chain(postings)))
    }

    /// Uses of a pass go from one member to another, with the days that they are good for.
    fn handed_over(
        &self,
        programme: &Programme,
        to: MemberId,
        (pass, uses): (&str, i64),
        from: MemberId,
    ) -> Result<Vec<Posting>, Refusal> {
        self.require_lease()?;
        self.replica.state.require_member(from)?;
        let id = rule_id("pass", pass)?;
        let rule = programme.passes.iter().find(|rule| rule.id == id);
        let rule = rule.ok_or_else(|| Refusal::UnknownRule(id.clone()))?;
        if !rule.transfers {
            return Err(Refusal::PassIsPersonal(id));
        }
        let is_oneself = self.replica.state.database.kin(from)?.contains(&to);
        if is_oneself || !(1..=COUPONS_MAX).contains(&uses) {
            return Err(Refusal::OutOfRange { what: "uses", range: "1 to 1000, from somebody else" });
        }
        let (asset, date) = (Asset::Pass(id.kind()), self.today());
        let known = self.replica.state.holdings_here(from, asset, date)?;
        let lines = draw_or_refuse(from, asset, &known, uses, date)?;
        Ok(hand_over(lines, to))
    }

    /// The points of an activity, if the member may have them again.
    fn points_for(
        &mut self,
        programme: &Programme,
        giving: &Giving,
        activity: &str,
        date: BusinessDate,
    ) -> Result<i64, Refusal> {
        let id = rule_id("activity", activity)?;
        let rule = programme.activities.iter().find(|rule| rule.id == id);
        let rule = rule.ok_or_else(|| Refusal::UnknownRule(id.clone()))?;
        let person = self.replica.state.person(giving.member, programme)?;
        let register = self.register(date);
        let customer = register.customer(giving.member, person)?;
        if let Err(why) = rule.when.fits(&register.occasion(Some(&customer))) {
            return Err(Refusal::ActivityNotNow { rule: id, why });
        }
        let past = Past::read(&self.replica.state.database, giving.member)?;
        let before = past.activities.iter().filter(|(of, _)| of == activity);
        let before: Vec<BusinessDate> = before.map(|(_, date)| *date).collect();
        match rule.points_on(date, &before) {
            0 => Err(Refusal::ActivityDone(id)),
            points => Ok(points),
        }
    }
}

fn tier_gift(
    programme: &Programme,
    tier: &str,
    until: Option<BusinessDate>,
    date: BusinessDate,
) -> Result<Gift, Refusal> {
    let id = rule_id("tier", tier)?;
    if !programme.tiers.iter().any(|tier| tier.id == id) {
        return Err(Refusal::UnknownRule(id));
    }
    if until.is_some_and(|until| until < date) {
        return Err(Refusal::OutOfRange { what: "until", range: "today or later" });
    }
    Ok(Gift::Tier { tier: tier.to_owned(), until })
}

fn rule_id(what: &'static str, text: &str) -> Result<RuleId, Refusal> {
    let expected = "1 to 40 of a-z, 0-9 and -";
    text.parse().map_err(|_| Refusal::OutOfRange { what, range: expected })
}
