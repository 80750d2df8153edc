use purser_journal::{Entry, Fact};
use purser_types::{EntryId, Fen, MemberId};

/// Something that somebody who runs a store should look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Exception {
    /// The entry that tells of it.
    pub(crate) entry: EntryId,
    pub(crate) wall_ms: u64,
    /// A name that does not change.
    pub(crate) kind: &'static str,
    pub(crate) member: Option<MemberId>,
    pub(crate) amount: Option<Fen>,
    /// The till, and its number of the receipt.
    pub(crate) receipt: Option<(String, String)>,
    /// What was said of it: a reason, a name, a day.
    pub(crate) about: String,
    /// The account of who did it.
    pub(crate) by: String,
}

/// All kinds, what weighs most first. Small returns are everyday business.
pub(crate) const KINDS: [&str; 13] = [
    "sign_in_refused",
    "account",
    "steep",
    "advanced",
    "approved",
    "grant",
    "codes",
    "merge",
    "return",
    "top_up_back",
    "pass_back",
    "claimed",
    SMALL_RETURN,
];
pub(crate) const SMALL_RETURN: &str = "small_return";

/// A sale of so much or more of which over a half was taken off; a return of less is a small one.
const STEEP_FROM: Fen = Fen(10_000);

impl Exception {
    /// What there is to look at in an entry, if anything.
    pub(crate) fn of(entry: &Entry) -> Option<Self> {
        let act = entry.facts.iter().find_map(|fact| match fact {
            Fact::Act(act) => Some(act),
            _ => None,
        });
        let nothing = Self {
            entry: entry.id(),
            wall_ms: entry.hlc.wall_ms,
            kind: "",
            member: None,
            amount: None,
            receipt: None,
            about: String::new(),
            by: act.map(|act| act.by.clone()).unwrap_or_default(),
        };
        entry.facts.iter().find_map(|fact| nothing.clone().told_by(fact)).or_else(|| {
            act.filter(|act| act.act == "sign_in_refused")?;
            Some(Self { kind: "sign_in_refused", ..nothing })
        })
    }

    fn told_by(self, fact: &Fact) -> Option<Self> {
        match fact {
            Fact::Return(back) => {
                let kind = if back.gross < STEEP_FROM { SMALL_RETURN } else { "return" };
                Some(self.deal(kind, back.member, back.gross, (&back.till, &back.check)))
            }
            Fact::TopUpBack(back) => {
                let receipt = (back.receipt.till.as_str(), back.receipt.check.as_str());
                Some(self.deal("top_up_back", back.member, back.principal, receipt))
            }
            Fact::PassBack(back) => {
                let receipt = (back.receipt.till.as_str(), back.receipt.check.as_str());
                Some(self.deal("pass_back", back.member, back.price, receipt))
            }
            Fact::TopUp(top_up) => {
                let receipt = (top_up.receipt.till.as_str(), top_up.receipt.check.as_str());
                let about = top_up.approved_by.clone()?;
                Some(Self { about, ..self.deal("approved", top_up.member, top_up.principal, receipt) })
            }
            Fact::Sale(sale) => {
                let off = Fen(sale.off.unwrap_or_default().0.saturating_add(sale.discount.0));
                let is_steep = sale.gross >= STEEP_FROM && off.0 > sale.gross.0 / 2;
                let is_advanced = sale.points_advanced.unwrap_or(0) > 0;
                let (kind, amount) = match sale.claimed_of {
                    _ if is_steep => ("steep", off),
                    _ if is_advanced => ("advanced", sale.gross),
                    Some(_) => ("claimed", sale.gross),
                    None => return None,
                };
                let about = sale.claimed_of.map(|day| day.to_string()).unwrap_or_default();
                Some(Self { about, ..self.deal(kind, sale.member, amount, (&sale.till, &sale.check)) })
            }
            fact => self.decided_by(fact),
        }
    }

    /// What is no deal with a customer.
    fn decided_by(self, fact: &Fact) -> Option<Self> {
        let said = |reason: &str, by: &str| format!("{reason} ({by})");
        match fact {
            Fact::Grant(grant) => {
                let (member, about) = (Some(grant.member), said(&grant.reason, &grant.by));
                Some(Self { kind: "grant", member, about, ..self })
            }
            Fact::Codes(codes) => Some(Self { kind: "codes", about: said(&codes.reason, &codes.by), ..self }),
            Fact::Merge(merge) => {
                let (member, about) = (Some(merge.member), merge.reason.clone());
                Some(Self { kind: "merge", member, about, ..self })
            }
            Fact::Account(account) => Some(Self { kind: "account", about: account.name.clone(), ..self }),
            _ => None,
        }
    }

    fn deal(self, kind: &'static str, member: MemberId, amount: Fen, (till, check): (&str, &str)) -> Self {
        let receipt = Some((till.to_owned(), check.to_owned()));
        Self { kind, member: Some(member), amount: Some(amount), receipt, ..self }
    }
}
