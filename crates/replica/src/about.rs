//! What an act was about, as the journal keeps it beside who did it: words `key=value` parted by blanks, the reason
//! last. Of members it holds the id and nothing personal: names are looked up when it is shown.

use std::fmt;

use purser_documents::{CardState, Edit, Field};
use purser_journal::{Fact, Gift, StaffRole};
use purser_types::{CardNumber, EntryId, Fen, MemberId, ReplicaId, steers_display};

use crate::{AccountChange, LateChoice, Undertaking};

/// What an act was about, as far as it says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct About {
    /// Which member.
    pub member: Option<MemberId>,
    /// Who that is too, of two who were put together.
    pub other: Option<MemberId>,
    /// The till, and its number of the receipt.
    pub receipt: Option<(String, String)>,
    /// The last four digits of a card, and what it has become.
    pub card: Option<(String, CardState)>,
    /// The fields of a profile that were changed.
    pub fields: Vec<Field>,
    /// The name of an account.
    pub account: Option<String>,
    /// The role that it has from then on.
    pub role: Option<StaffRole>,
    /// Which replica.
    pub replica: Option<ReplicaId>,
    /// Which entry of a journal.
    pub entry: Option<EntryId>,
    /// Money: the price of a sale, the value of what came back, what was paid in or for a pass.
    pub amount: Option<Fen>,
    /// Points.
    pub points: Option<i64>,
    /// The version of a programme.
    pub version: Option<u32>,
    /// What a programme calls it: a pass, a reward, a coupon, a tier.
    pub rule: Option<String>,
    /// Why, in somebody's words.
    pub reason: Option<String>,
}

/// As long as the journal takes it.
pub(crate) const ABOUT_BYTES_MAX: usize = 200;

impl About {
    /// What an undertaking is about, with what its planner has drafted.
    pub(crate) fn of(undertaking: &Undertaking, facts: &[Fact]) -> Self {
        let mut about = Self::of_undertaking(undertaking);
        for fact in facts {
            about.add(fact);
        }
        about
    }

    /// What the facts do not say, or not in so many words.
    fn of_undertaking(undertaking: &Undertaking) -> Self {
        let nothing = Self::default();
        match undertaking {
            Undertaking::Register { edits, .. } => Self { fields: fields(edits), ..nothing },
            Undertaking::EditProfile { member, edits } => {
                Self { member: Some(*member), fields: fields(edits), ..nothing }
            }
            Undertaking::ChangeCard { card, state } => Self { card: Some(shown(*card, *state)), ..nothing },
            Undertaking::GrantAllowance { to, points } => {
                Self { replica: Some(*to), points: Some(*points), ..nothing }
            }
            Undertaking::Reclaim { replica } => Self { replica: Some(*replica), ..nothing },
            Undertaking::SettleLate(LateChoice { replica, seq, reason, .. }) => Self {
                entry: Some(EntryId { replica: *replica, seq: *seq }),
                reason: Some(reason.clone()),
                ..nothing
            },
            Undertaking::Hold { member, points, .. } => {
                Self { member: Some(*member), points: Some(*points), ..nothing }
            }
            Undertaking::Stock { reward, pieces } => {
                Self { rule: Some(format!("{reward}×{pieces}")), ..nothing }
            }
            Undertaking::ChangeAccount(AccountChange::SetRole { role, .. }) => {
                Self { role: Some(*role), ..nothing }
            }
            _ => nothing,
        }
    }

    fn add(&mut self, fact: &Fact) {
        match fact {
            Fact::Sale(sale) => {
                self.sold(sale.member, &sale.till, &sale.check);
                self.amount = Some(sale.price());
            }
            Fact::Return(back) => {
                self.sold(back.member, &back.till, &back.check);
                self.amount = Some(back.gross);
            }
            Fact::TopUp(top_up) => {
                self.sold(top_up.member, &top_up.receipt.till, &top_up.receipt.check);
                self.amount = Some(top_up.principal);
            }
            Fact::TopUpBack(back) => {
                self.sold(back.member, &back.receipt.till, &back.receipt.check);
                self.amount = Some(back.principal);
            }
            Fact::PassSold(sold) => {
                self.sold(sold.member, &sold.receipt.till, &sold.receipt.check);
                (self.amount, self.rule) = (Some(sold.price), Some(sold.pass.clone()));
            }
            Fact::PassBack(back) => {
                self.sold(back.member, &back.receipt.till, &back.receipt.check);
                (self.amount, self.rule) = (Some(back.price), Some(back.pass.clone()));
            }
            Fact::Reward(reward) => {
                self.sold(reward.member, &reward.receipt.till, &reward.receipt.check);
                (self.points, self.rule) = (Some(reward.points), Some(reward.reward.clone()));
            }
            fact => self.add_decided(fact),
        }
    }

    /// What is no deal with a customer.
    fn add_decided(&mut self, fact: &Fact) {
        match fact {
            Fact::Profile { member, .. } => self.member = Some(*member),
            Fact::CardIssued { member, card } => {
                (self.member, self.card) = (Some(*member), Some(shown(*card, CardState::Active)));
            }
            Fact::Grant(grant) => {
                (self.member, self.reason) = (Some(grant.member), Some(grant.reason.clone()));
                self.rule = Some(rule_of(&grant.gift).to_owned());
            }
            Fact::Codes(codes) => {
                (self.rule, self.reason) = (Some(codes.coupon.clone()), Some(codes.reason.clone()));
            }
            Fact::Merge(merge) => {
                (self.member, self.other) = (Some(merge.member), merge.into);
                self.reason = Some(merge.reason.clone());
            }
            Fact::Fenced { replica, reason, .. } => {
                (self.replica, self.reason) = (Some(*replica), Some(reason.clone()));
            }
            Fact::Programme(signed) => self.version = signed.claims().ok().map(|paper| paper.version),
            Fact::Account(account) => self.account = Some(account.name.clone()),
            _ => {}
        }
    }

    fn sold(&mut self, member: MemberId, till: &str, check: &str) {
        (self.member, self.receipt) = (Some(member), Some((till.to_owned(), check.to_owned())));
    }

    /// What a journal says an act was about; `None` of what is said otherwise, as seconds of an outage are.
    pub fn read(text: &str) -> Option<Self> {
        let mut about = Self::default();
        let alone = text.strip_prefix("reason=").map(|reason| ("", reason));
        // No other word holds a blank.
        let parts = alone.or_else(|| text.split_once(" reason="));
        let (words, reason) = parts.map_or((text, None), |(words, reason)| (words, Some(reason.to_owned())));
        for word in words.split_ascii_whitespace() {
            let (key, value) = word.split_once('=')?;
            about.take(key, value);
        }
        about.reason = reason;
        (about != Self::default()).then_some(about)
    }

    fn take(&mut self, key: &str, value: &str) {
        match key {
            "member" => self.member = value.parse().ok(),
            "other" => self.other = value.parse().ok(),
            "receipt" => self.receipt = receipt(value),
            "card" => {
                let parts = value.split_once('/');
                self.card = parts.and_then(|(card, state)| Some((card.to_owned(), state.parse().ok()?)));
            }
            "fields" => self.fields = value.split(',').filter_map(|field| field.parse().ok()).collect(),
            "account" => self.account = Some(value.to_owned()),
            "role" => self.role = StaffRole::named(value),
            "replica" => self.replica = value.parse().ok(),
            "entry" => {
                let parts = value.split_once('/');
                self.entry = parts.and_then(|(replica, seq)| {
                    Some(EntryId { replica: replica.parse().ok()?, seq: seq.parse().ok()? })
                });
            }
            "amount" => self.amount = value.parse().ok(),
            "points" => self.points = value.parse().ok(),
            "version" => self.version = value.parse().ok(),
            "rule" => self.rule = Some(value.to_owned()),
            // What a later version says.
            _ => {}
        }
    }

    fn words(&self) -> Vec<String> {
        let word = |key: &str, value: Option<String>| value.map(|value| format!("{key}={value}"));
        let receipt = self.receipt.as_ref();
        let fields: Vec<&str> = self.fields.iter().map(|field| field.as_str()).collect();
        let words = [
            word("member", self.member.map(|it| it.to_string())),
            word("other", self.other.map(|it| it.to_string())),
            word("receipt", receipt.map(|(till, check)| format!("{}/{till}/{check}", till.len()))),
            word("card", self.card.as_ref().map(|(card, state)| format!("{card}/{state}"))),
            word("account", self.account.clone()),
            word("role", self.role.map(|role| role.name().to_owned())),
            word("replica", self.replica.map(|it| it.to_string())),
            word("entry", self.entry.map(|it| format!("{}/{}", it.replica, it.seq))),
            word("amount", self.amount.map(|it| it.to_string())),
            word("points", self.points.map(|it| it.to_string())),
            word("version", self.version.map(|it| it.to_string())),
            word("rule", self.rule.clone()),
            word("fields", Some(fields.join(",")).filter(|fields| !fields.is_empty())),
        ];
        words.into_iter().flatten().collect()
    }
}

impl fmt::Display for About {
    /// The words that fit, and as much of the reason as fits after them.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = String::new();
        for word in self.words() {
            if text.len() + 1 + word.len() <= ABOUT_BYTES_MAX && !word.contains(steers_display) {
                text += if text.is_empty() { "" } else { " " };
                text += &word;
            }
        }
        if let Some(reason) = &self.reason {
            text += if text.is_empty() { "reason=" } else { " reason=" };
            for c in reason.chars().filter(|c| !steers_display(*c)) {
                if text.len() + c.len_utf8() > ABOUT_BYTES_MAX {
                    break;
                }
                text.push(c);
            }
        }
        f.write_str(text.get(..text.len().min(ABOUT_BYTES_MAX)).unwrap_or_default())
    }
}

fn fields(edits: &[Edit]) -> Vec<Field> {
    let field = |edit: &Edit| match edit {
        Edit::SetField { field, .. } => Some(*field),
        _ => None,
    };
    edits.iter().filter_map(field).collect()
}

fn shown(card: CardNumber, state: CardState) -> (String, CardState) {
    let digits = card.to_string();
    (digits.get(digits.len().saturating_sub(4)..).unwrap_or_default().to_owned(), state)
}

fn rule_of(gift: &Gift) -> &str {
    match gift {
        Gift::Tier { tier, .. } => tier,
        Gift::Activity { activity, .. } => activity,
        Gift::Coupon { coupon, .. } | Gift::Code { coupon, .. } => coupon,
        Gift::PassUses { pass, .. } => pass,
    }
}

/// `LENGTH/TILL/CHECK`: both may hold any printable character.
fn receipt(value: &str) -> Option<(String, String)> {
    let (length, rest) = value.split_once('/')?;
    let length: usize = length.parse().ok()?;
    let check = rest.get(length..)?.strip_prefix('/')?;
    Some((rest.get(..length)?.to_owned(), check.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn whole() -> About {
        About {
            member: Some(MemberId::created_by(EntryId { replica: ReplicaId([9; 16]), seq: 7 })),
            receipt: Some(("a/b=c".into(), "0001/reason=x".into())),
            card: Some(("3456".into(), CardState::Lost)),
            fields: vec![Field::Name, Field::BirthDate],
            amount: Some(Fen(-1_250)),
            reason: Some("买错了 = 不要 了".into()),
            ..About::default()
        }
    }

    #[test]
    fn what_is_said_is_read_again() {
        let about = whole();
        assert_eq!(About::read(&about.to_string()), Some(about));
        let entry = Some(EntryId { replica: ReplicaId([3; 16]), seq: 44 });
        let about =
            About { entry, account: Some("li".into()), role: Some(StaffRole::Manager), ..About::default() };
        assert_eq!(About::read(&about.to_string()), Some(about));
        for other in ["", "120", "no words", "member=nobody"] {
            assert_eq!(About::read(other), None, "{other}");
        }
    }

    #[test]
    fn it_is_never_longer_than_the_journal_takes_nor_cut_within_a_word() {
        let reason = Some("因".repeat(500) + "\u{202e}");
        let about = About { reason, fields: Field::ALL.to_vec(), ..whole() };
        let text = about.to_string();
        assert!(text.len() <= ABOUT_BYTES_MAX && !text.contains('\u{202e}'), "{text}");
        let read = About::read(&text).unwrap();
        assert_eq!((read.member, read.receipt), (about.member, about.receipt));
        let reason = Some("x".repeat(500));
        assert_eq!(About { reason, ..About::default() }.to_string().len(), ABOUT_BYTES_MAX);
    }
}
