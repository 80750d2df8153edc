use std::collections::BTreeMap;

use purser_journal::{
    Entry, Fact, Gift, GrantFact, PassBackFact, PassSoldFact, Receipt, ReturnFact, RewardFact, SaleFact,
    TopUpBackFact, TopUpFact,
};
use purser_ledger::{Asset, Posting};
use purser_types::{Fen, HoldId, MemberId, SaleId};
use serde_json::{Map, Value, json};

use crate::{event_kind::EventKind, moment::moment};

/// What an entry tells others, without a name, a phone number or anything else that people have typed.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Event {
    pub(crate) kind: EventKind,
    /// What the kind does not say already.
    pub(crate) data: Map<String, Value>,
}

impl Event {
    /// What `entry` tells; `None` if it is nobody's business: rights that move between stores, say.
    pub(crate) fn of(entry: &Entry) -> Option<Self> {
        entry.facts.iter().find_map(|fact| of_fact(entry, fact)).or_else(|| of_postings(entry))
    }

    fn new(kind: EventKind, data: Value) -> Self {
        let Value::Object(data) = data else { return Self { kind, data: Map::new() } };
        Self { kind, data }
    }

    fn with(mut self, more: Value) -> Self {
        if let Value::Object(more) = more {
            self.data.extend(more);
        }
        self
    }
}

fn of_fact(entry: &Entry, fact: &Fact) -> Option<Event> {
    let made = SaleId::created_by(entry.id()).to_string();
    match fact {
        Fact::Sale(sale) => {
            Some(of_sale(sale).with(json!({"sale": made, "programme_version": entry.programme_version})))
        }
        Fact::Return(back) => Some(of_return(back)),
        Fact::TopUp(top_up) => Some(of_top_up(top_up).with(json!({"top_up": made}))),
        Fact::TopUpBack(back) => Some(of_top_up_back(back)),
        Fact::PassSold(sold) => Some(of_pass(sold).with(json!({"pass_sale": made}))),
        Fact::PassBack(back) => Some(of_pass_back(back)),
        Fact::Reward(reward) => Some(of_reward(reward)),
        Fact::Grant(grant) => Some(of_grant(grant, entry)),
        Fact::Codes(codes) => {
            let until = codes.until.to_string();
            let data = json!({"coupon": codes.coupon, "until": until, "date": codes.date.to_string()});
            Some(Event::new(EventKind::CouponCodesIssued, data))
        }
        Fact::Programme(signed) => {
            let paper = signed.claims().ok()?;
            Some(Event::new(EventKind::ProgrammePublished, json!({"version": paper.version})))
        }
        Fact::Enrolled { credential, .. } => {
            let claims = credential.claims().ok()?;
            let data = json!({"enrolled": claims.replica.to_string(), "enrolled_store": claims.store.0});
            Some(Event::new(EventKind::ReplicaEnrolled, data))
        }
        Fact::Fenced { replica, after_seq, .. } => {
            let data = json!({"fenced": replica.to_string(), "after_entry": after_seq});
            Some(Event::new(EventKind::ReplicaFenced, data))
        }
        Fact::Profile { member, .. } => Some(of_profile(*member, entry)),
        Fact::CardIssued { member, card } => {
            // A number lets whoever knows it buy as the member: only its end is told.
            let data = json!({"member": member.to_string(), "card": card.masked()});
            Some(Event::new(EventKind::CardIssued, data))
        }
        _ => None,
    }
}

fn of_sale(sale: &SaleFact) -> Event {
    let awards: Vec<&str> = sale.awards.iter().flatten().map(|award| award.coupon.as_str()).collect();
    let data = json!({
        "member": sale.member.to_string(),
        "till": sale.till,
        "check": sale.check,
        "date": sale.date.to_string(),
        "gross": money(sale.gross),
        "taken_off": money(sale.off.unwrap_or_default()),
        "points_discount": money(sale.discount),
        "stored_value": money(sum(sale.principal, sale.bonus)),
        "voucher": money(sale.voucher.unwrap_or_default()),
        "paid": money(sale.money()),
        "points_earned": sale.points_earned,
        "points_redeemed": sale.points_redeemed,
        "points_after": sale.points_after,
        "coupons": awards,
    });
    Event::new(EventKind::SaleClosed, data)
}

fn of_return(back: &ReturnFact) -> Event {
    let data = json!({
        "sale": back.sale.to_string(),
        "member": back.member.to_string(),
        "till": back.till,
        "check": back.check,
        "date": back.date.to_string(),
        "gross": money(back.gross),
        "refund": money(back.refund),
        "stored_value": money(sum(back.principal, back.bonus)),
        "points_restored": back.points_restored,
        "points_clawed_back": back.points_clawed_back,
        "points_after": back.points_after,
    });
    Event::new(EventKind::SaleReturned, data)
}

fn of_top_up(top_up: &TopUpFact) -> Event {
    let data = json!({
        "member": top_up.member.to_string(),
        "principal": money(top_up.principal),
        "bonus": money(top_up.bonus),
    });
    Event::new(EventKind::StoredValueToppedUp, data).with(of_receipt(&top_up.receipt))
}

fn of_top_up_back(back: &TopUpBackFact) -> Event {
    let data = json!({
        "member": back.member.to_string(),
        "top_up": back.top_up.to_string(),
        "principal": money(back.principal),
        "bonus": money(back.bonus),
    });
    Event::new(EventKind::StoredValueGivenBack, data).with(of_receipt(&back.receipt))
}

fn of_pass(sold: &PassSoldFact) -> Event {
    let data = json!({
        "member": sold.member.to_string(),
        "pass": sold.pass,
        "uses": sold.uses,
        "price": money(sold.price),
    });
    Event::new(EventKind::PassSold, data).with(of_receipt(&sold.receipt))
}

fn of_pass_back(back: &PassBackFact) -> Event {
    let data = json!({
        "member": back.member.to_string(),
        "pass_sale": back.pass_sale.to_string(),
        "pass": back.pass,
        "uses": back.uses,
        "price": money(back.price),
    });
    Event::new(EventKind::PassReturned, data).with(of_receipt(&back.receipt))
}

fn of_reward(reward: &RewardFact) -> Event {
    let data = json!({
        "member": reward.member.to_string(),
        "reward": reward.reward,
        "pieces": reward.pieces,
        "points": reward.points,
        "points_after": reward.points_after,
    });
    Event::new(EventKind::RewardRedeemed, data).with(of_receipt(&reward.receipt))
}

/// Reason and approver are left out: people have typed them.
fn of_grant(grant: &GrantFact, entry: &Entry) -> Event {
    let gift = match &grant.gift {
        Gift::Tier { tier, until } => {
            json!({"gift": "tier", "tier": tier, "until": until.map(|day| day.to_string())})
        }
        Gift::Activity { activity, .. } => json!({"gift": "activity", "activity": activity}),
        Gift::Coupon { coupon, pieces } => json!({"gift": "coupon", "coupon": coupon, "pieces": pieces}),
        Gift::PassUses { pass, uses, from } => {
            json!({"gift": "pass_uses", "pass": pass, "uses": uses, "from": from.to_string()})
        }
        Gift::Code { coupon, .. } => json!({"gift": "coupon_code", "coupon": coupon}),
    };
    let data = json!({
        "member": grant.member.to_string(),
        "date": grant.date.to_string(),
        "points_change": points_change(entry, grant.member),
    });
    Event::new(EventKind::GrantGiven, data).with(gift)
}

/// An entry that changes the profile of the member whom it creates registers them.
fn of_profile(member: MemberId, entry: &Entry) -> Event {
    let data = json!({"member": member.to_string()});
    if member != MemberId::created_by(entry.id()) {
        let issued = entry.facts.iter().find(|fact| matches!(fact, Fact::CardIssued { .. }));
        return issued
            .and_then(|fact| of_fact(entry, fact))
            .unwrap_or(Event::new(EventKind::MemberChanged, data));
    }
    let has_card = entry.facts.iter().any(|fact| matches!(fact, Fact::CardIssued { .. }));
    Event::new(EventKind::MemberRegistered, data).with(json!({"with_card": has_card}))
}

/// Points set aside, and holds that ended, where nothing else has come of it.
fn of_postings(entry: &Entry) -> Option<Event> {
    let postings: Vec<&Posting> = postings(entry).collect();
    let held: Vec<&&Posting> =
        postings.iter().filter(|posting| matches!(posting, Posting::Hold { .. })).collect();
    if let Some(Posting::Hold { hold, lot, deadline_ms, .. }) = held.first() {
        let amounts = held.iter().map(|posting| match posting {
            Posting::Hold { amount, .. } => *amount,
            _ => 0,
        });
        let data = json!({
            "hold": hold.to_string(),
            "member": lot.member.to_string(),
            "points": amounts.fold(0_i64, i64::saturating_add),
            "until": moment(*deadline_ms),
        });
        return Some(Event::new(EventKind::PointsHeld, data));
    }
    let mut ended: BTreeMap<HoldId, (MemberId, i64)> = BTreeMap::new();
    for posting in postings {
        if let Posting::Settle { hold, lot, captured } = posting {
            let (_, points) = ended.entry(*hold).or_insert((lot.member, 0));
            *points = points.saturating_add(*captured);
        }
    }
    if ended.is_empty() {
        return None;
    }
    let holds: Vec<Value> = ended
        .into_iter()
        .map(|(hold, (member, captured))| {
            json!({"hold": hold.to_string(), "member": member.to_string(), "points_captured": captured})
        })
        .collect();
    Some(Event::new(EventKind::PointsSettled, json!({"holds": holds})))
}

fn postings(entry: &Entry) -> impl Iterator<Item = &Posting> {
    entry.facts.iter().flat_map(|fact| match fact {
        Fact::Postings(postings) => postings.as_slice(),
        _ => &[],
    })
}

fn points_change(entry: &Entry, member: MemberId) -> i64 {
    let changes = postings(entry).map(|posting| {
        let lot = posting.lot();
        match *posting {
            _ if lot.member != member || lot.asset != Asset::Points => 0,
            Posting::Credit { amount, .. } => amount,
            Posting::Debit { amount, .. } | Posting::Clawback { amount, .. } => amount.saturating_neg(),
            _ => 0,
        }
    });
    changes.fold(0, i64::saturating_add)
}

fn of_receipt(Receipt { till, check, date, .. }: &Receipt) -> Value {
    json!({"till": till, "check": check, "date": date.to_string()})
}

fn money(fen: Fen) -> String {
    fen.to_string()
}

fn sum(a: Option<Fen>, b: Option<Fen>) -> Fen {
    Fen(a.unwrap_or_default().0.saturating_add(b.unwrap_or_default().0))
}

#[cfg(test)]
mod tests;
