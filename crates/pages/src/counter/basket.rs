//! The basket at the counter, as the form holds it between two requests: the server keeps nothing.

use maud::{Markup, html};
use purser_programme::{Line, RuleId};
use purser_replica::{Basket, BasketLine, Redemption, Tenders, Wanted};
use purser_types::{Fen, MemberId, steers_display};

use crate::{
    fields::{Fields, plain_digits},
    session::random,
};

/// What a cashier has put together.
#[derive(Debug, Clone, Default)]
pub(crate) struct TillBasket {
    pub(crate) member: Option<MemberId>,
    /// The number of the receipt, made up when the basket was begun: sent twice, it is sold once.
    pub(crate) check: String,
    pub(crate) lines: Vec<TillLine>,
    pub(crate) points: i64,
    /// What stored value may pay, if it is to.
    pub(crate) stored_value: Option<Fen>,
    pub(crate) passes: Vec<RuleId>,
    pub(crate) coupons: Vec<RuleId>,
}

/// One line.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct TillLine {
    pub(crate) name: String,
    pub(crate) category: String,
    pub(crate) flag: String,
    pub(crate) quantity: u32,
    pub(crate) unit_price: Fen,
}

/// What cannot be read of what somebody has typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mistyped {
    Price,
    Quantity,
    Name,
    Points,
    StoredValue,
}

/// The counter page is a till of its own.
pub(crate) const TILL: &str = "counter";

const LINES_MAX: usize = 200;
const NAME_BYTES_MAX: usize = 120;
/// More passes and coupons are in no basket.
const PIECES_MAX: usize = 50;
const PRICE_FEN_MAX: i64 = 100_000_000;

impl TillBasket {
    /// An empty one for somebody, or for whoever comes.
    pub(crate) fn begun(member: Option<MemberId>) -> Self {
        Self { member, check: fresh_check(), ..Self::default() }
    }

    /// The one that a form holds, with what has just been typed into it.
    ///
    /// # Errors
    /// The first thing that cannot be read; the basket is what the rest says.
    pub(crate) fn read(fields: &Fields) -> (Self, Option<Mistyped>) {
        let check = fields.get("check").chars().filter(char::is_ascii_alphanumeric).take(24).collect();
        let mut basket = Self {
            member: fields.get("member").parse().ok(),
            check,
            lines: kept_lines(fields),
            passes: pieces(fields, "pass"),
            coupons: pieces(fields, "coupon"),
            ..Self::default()
        };
        if fields.get("do") == "clear" {
            return (Self::begun(basket.member), None);
        }
        if basket.check.is_empty() {
            basket.check = fresh_check();
        }
        if let Ok(member) = fields.get("choose").parse() {
            // What somebody else had chosen to pay with is not theirs.
            basket =
                Self { member: Some(member), points: 0, passes: Vec::new(), coupons: Vec::new(), ..basket };
            return (basket, None);
        }
        let mistyped = basket.take_payment(fields).or_else(|| basket.take_change(fields));
        (basket, mistyped)
    }

    fn take_payment(&mut self, fields: &Fields) -> Option<Mistyped> {
        let mut mistyped = None;
        match fields.get("stored_value") {
            "" => {}
            text => match amount(text) {
                Some(amount) => self.stored_value = Some(amount).filter(|amount| amount.0 > 0),
                None => mistyped = Some(Mistyped::StoredValue),
            },
        }
        match fields.get("points") {
            "" => {}
            text => match plain_digits(text).parse() {
                Ok(points) if (0..=1_000_000_000).contains(&points) => self.points = points,
                _ => mistyped = Some(Mistyped::Points),
            },
        }
        mistyped
    }

    /// Adds or removes a line.
    fn take_change(&mut self, fields: &Fields) -> Option<Mistyped> {
        let what = fields.get("do");
        if let Some(place) = what.strip_prefix("remove-").and_then(|place| place.parse::<usize>().ok()) {
            if place < self.lines.len() {
                self.lines.remove(place);
            }
            return None;
        }
        // What stands typed is part of the basket, whichever button is hit; Enter in a field of what pays says `add` too: with nothing to add it only asks for the price.
        let is_typed =
            ["new_name", "new_quantity", "new_price"].iter().any(|name| !fields.get(name).is_empty());
        if !matches!(what, "add" | "quote" | "pay") || !is_typed || self.lines.len() >= LINES_MAX {
            return None;
        }
        let Some(unit_price) = amount(fields.get("new_price")) else { return Some(Mistyped::Price) };
        let quantity = match fields.get("new_quantity") {
            "" => 1,
            text => match plain_digits(text).parse() {
                Ok(quantity @ 1..=9_999) => quantity,
                _ => return Some(Mistyped::Quantity),
            },
        };
        let name = fields.get("new_name").to_owned();
        if name.len() > NAME_BYTES_MAX || name.contains(steers_display) {
            return Some(Mistyped::Name);
        }
        let (category, flag) = (fields.get("new_category").to_owned(), fields.get("new_flag").to_owned());
        self.lines.push(TillLine { name, category, flag, quantity, unit_price });
        None
    }

    /// What a form holds of it.
    pub(crate) fn kept(&self) -> Markup {
        html! {
            input type="hidden" name="check" value=(self.check);
            @if let Some(member) = self.member { input type="hidden" name="member" value=(member); }
            @for line in &self.lines {
                input type="hidden" name="line_name" value=(line.name);
                input type="hidden" name="line_category" value=(line.category);
                input type="hidden" name="line_flag" value=(line.flag);
                input type="hidden" name="line_quantity" value=(line.quantity);
                input type="hidden" name="line_price" value=(line.unit_price);
            }
        }
    }

    pub(crate) fn gross(&self) -> Fen {
        Fen(self.lines.iter().fold(0, |sum, line| sum.saturating_add(line.line().gross().0)))
    }

    fn tenders(&self) -> Tenders {
        let (passes, coupons) = (self.passes.clone(), self.coupons.clone());
        Tenders { stored_value: self.stored_value, voucher: None, passes, coupons }
    }

    /// What is to be priced.
    pub(crate) fn wanted(&self) -> Wanted {
        let goods = purser_programme::Basket { lines: self.lines.iter().map(TillLine::line).collect() };
        Wanted { goods, member: self.member, points: self.points, tenders: self.tenders() }
    }

    /// The same paid by money alone.
    pub(crate) fn wanted_for_money(&self) -> Wanted {
        Wanted { points: 0, tenders: Tenders::default(), ..self.wanted() }
    }

    /// What is to be sold to a member.
    pub(crate) fn sale(&self, member: MemberId) -> Basket {
        let lines = self.lines.iter().map(|line| BasketLine { name: line.name.clone(), line: line.line() });
        Basket {
            member,
            till: TILL.to_owned(),
            check: self.check.clone(),
            gross: self.gross(),
            redemption: if self.points > 0 { Redemption::Points(self.points) } else { Redemption::None },
            lines: lines.collect(),
            tenders: self.tenders(),
            claimed_of: None,
        }
    }
}

impl TillLine {
    fn line(&self) -> Line {
        let Self { name, category, flag, quantity, unit_price } = self.clone();
        let flags = Some(flag).filter(|flag| !flag.is_empty()).into_iter().collect();
        // What is scanned is a number; what is typed is a name.
        let article = if name.len() <= 64 && name.bytes().all(|byte| byte.is_ascii_digit()) {
            name
        } else {
            String::new()
        };
        Line { article, category, flags, quantity, unit_price }
    }
}

/// The lines that a form has kept: of each all five fields.
fn kept_lines(fields: &Fields) -> Vec<TillLine> {
    let [mut categories, mut flags, mut quantities, mut prices] =
        ["line_category", "line_flag", "line_quantity", "line_price"].map(|name| fields.all(name));
    let mut lines = Vec::new();
    for name in fields.all("line_name").take(LINES_MAX) {
        let words = categories.next().zip(flags.next());
        let figures = quantities.next().zip(prices.next());
        let Some(((category, flag), (quantity, price))) = words.zip(figures) else { break };
        let quantity = quantity.parse().ok().filter(|quantity| (1..=9_999).contains(quantity));
        let is_shown = name.len() <= NAME_BYTES_MAX && !name.contains(steers_display);
        if let Some((quantity, unit_price)) = quantity.zip(amount(price)).filter(|_| is_shown) {
            let [name, category, flag] = [name, category, flag].map(str::to_owned);
            lines.push(TillLine { name, category, flag, quantity, unit_price });
        }
    }
    lines
}

/// Passes or coupons that are to be used: one each of what is ticked, and of others so many as typed.
fn pieces(fields: &Fields, kind: &str) -> Vec<RuleId> {
    let (ids, counts) = (format!("{kind}_id"), format!("{kind}_pieces"));
    let counted = fields.all(&ids).zip(fields.all(&counts)).flat_map(|(id, count)| {
        let count = plain_digits(count).parse().unwrap_or(0_usize).min(PIECES_MAX);
        std::iter::repeat_n(id, count)
    });
    fields.all(kind).chain(counted).filter_map(|id| id.parse().ok()).take(PIECES_MAX).collect()
}

/// The number of a receipt that is not printed yet.
pub(crate) fn fresh_check() -> String {
    random().unwrap_or_default().chars().take(12).collect()
}

/// An amount as people type it: `12.5`, `¥12.50`, `1,200`.
pub(crate) fn amount(text: &str) -> Option<Fen> {
    let text = plain_digits(text);
    let text: String = text.chars().filter(|c| !matches!(c, '¥' | '￥' | ',' | '，' | ' ')).collect();
    let amount: Fen = text.parse().ok()?;
    (0..=PRICE_FEN_MAX).contains(&amount.0).then_some(amount)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(pairs: &[(&str, &str)]) -> Fields {
        Fields::of(pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
    }

    const KEPT: [(&str, &str); 5] = [
        ("line_name", "茶"),
        ("line_category", "tea"),
        ("line_flag", ""),
        ("line_quantity", "2"),
        ("line_price", "12.50"),
    ];

    #[test]
    fn a_line_is_added_to_those_that_are_there_and_taken_off() {
        let added =
            [("do", "add"), ("new_price", "￥1,200"), ("new_name", "6901234567892"), ("new_quantity", "")];
        let (basket, mistyped) = TillBasket::read(&fields(&[&KEPT[..], &added].concat()));
        assert_eq!((basket.lines.len(), mistyped, basket.gross()), (2, None, Fen(122_500)));
        assert_eq!(
            (basket.lines[1].line().article.as_str(), basket.lines[0].line().article.as_str()),
            ("6901234567892", "")
        );
        let (basket, _) = TillBasket::read(&fields(&[&KEPT[..], &[("do", "remove-0")]].concat()));
        assert!(basket.lines.is_empty() && basket.check.len() == 12);
    }

    #[test]
    fn what_cannot_be_read_leaves_the_rest_as_it_was() {
        for (more, expected) in [
            ([("do", "add"), ("new_price", "abc")], Mistyped::Price),
            ([("do", "add"), ("new_price", "-1")], Mistyped::Price),
            ([("do", "add"), ("new_name", "6901234567892")], Mistyped::Price),
            ([("do", "quote"), ("points", "1.5")], Mistyped::Points),
            ([("do", "quote"), ("stored_value", "1e9")], Mistyped::StoredValue),
        ] {
            let (basket, mistyped) = TillBasket::read(&fields(&[&KEPT[..], &more].concat()));
            assert_eq!((basket.lines.len(), mistyped), (1, Some(expected)), "{more:?}");
        }
        assert_eq!(
            TillBasket::read(&fields(&[&KEPT[..], &[("do", "add"), ("points", "50")]].concat())).1,
            None
        );
        let turned = [("do", "add"), ("new_price", "1"), ("new_name", "a\u{202e}b")];
        assert_eq!(TillBasket::read(&fields(&turned)).1, Some(Mistyped::Name));
        let (basket, _) = TillBasket::read(&fields(&[
            ("line_name", "x"),
            ("line_price", "1"),
            ("pass", "<script>"),
            ("member", "'; drop"),
        ]));
        assert!(basket.lines.is_empty() && basket.passes.is_empty() && basket.member.is_none());
    }
}
