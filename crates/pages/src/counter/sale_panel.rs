//! The basket, what pays for it, what it costs and why.

use std::collections::BTreeSet;

use maud::{Markup, html};
use purser_programme::Programme;
use purser_replica::Quoted;
use purser_types::Fen;
use rust_i18n::t;

use crate::{
    counter::basket::{TillBasket, TillLine},
    counter::member_panel::{Account, Held},
    fields::{Fields, shown},
    gate::FORM_KEY,
    language::Language,
    shell::alert,
};

/// All that the panel shows.
pub(crate) struct Sale<'a> {
    pub(crate) language: Language,
    pub(crate) form_key: &'a str,
    pub(crate) basket: &'a TillBasket,
    pub(crate) programme: &'a Programme,
    pub(crate) account: Option<&'a Account>,
    /// What it costs, if it has a price.
    pub(crate) quoted: Option<&'a Quoted>,
    /// What was typed for a line and cannot be read, to be put right.
    pub(crate) typed: &'a Fields,
    /// What went wrong.
    pub(crate) trouble: Option<&'a str>,
    /// Whether it can be paid as is chosen; else the price is that for money alone.
    pub(crate) is_payable: bool,
    pub(crate) is_on_line: bool,
}

impl Sale<'_> {
    pub(crate) fn html(&self) -> Markup {
        let locale = self.language.locale();
        html! {
            section .card #sale {
                h2 { (t!("sale.title", locale = locale)) }
                @if let Some(trouble) = self.trouble { (alert(trouble)) }
                form #basket method="post" action="/counter" data-live-form {
                    input type="hidden" name=(FORM_KEY) value=(self.form_key);
                    (self.basket.kept())
                    // What Enter does in a field of the form.
                    button .hidden name="do" value="add" tabindex="-1" aria-hidden="true" {}
                    (self.lines())
                    (self.new_line())
                    @if !self.basket.lines.is_empty() {
                        (self.payment())
                        (self.reasons())
                        (self.pay())
                    }
                }
            }
        }
    }

    fn lines(&self) -> Markup {
        let locale = self.language.locale();
        html! {
            @if self.basket.lines.is_empty() { p .soft { (t!("sale.empty", locale = locale)) } }
            @else {
                table {
                    thead { tr {
                        th { (t!("sale.article", locale = locale)) }
                        th .figure { (t!("sale.quantity", locale = locale)) }
                        th .figure { (t!("sale.price", locale = locale)) }
                        th .figure { (t!("sale.sum", locale = locale)) }
                        th { span .hidden { (t!("sale.remove", locale = locale)) } }
                    } }
                    tbody { @for (place, line) in self.basket.lines.iter().enumerate() { (self.line(place, line)) } }
                }
            }
        }
    }

    fn line(&self, place: usize, line: &TillLine) -> Markup {
        let locale = self.language.locale();
        let quoted = self.quoted.and_then(|quoted| quoted.quote.lines.get(place));
        let gross = Fen(line.unit_price.0.saturating_mul(line.quantity.into()));
        html! {
            tr {
                td {
                    @if line.name.is_empty() { (t!("sale.goods", locale = locale)) } @else { (line.name) }
                    @for word in [&line.category, &line.flag] { @if !word.is_empty() { span .tag { (word) } } }
                }
                td .figure { (line.quantity) }
                td .figure { (line.unit_price) }
                td .figure { @match quoted.filter(|quoted| quoted.price != gross) {
                    Some(quoted) => { s .soft { (gross) } " " strong { (quoted.price) } }
                    None => { (gross) }
                } }
                td { button .quiet name="do" value={ "remove-" (place) } formnovalidate
                    aria-label=(t!("sale.remove_line", locale = locale, line = place + 1)) { "✕" } }
            }
        }
    }

    fn new_line(&self) -> Markup {
        let locale = self.language.locale();
        let goods = &self.programme.goods;
        let typed = |name: &'static str| shown(self.typed.get(name));
        let is_again = !self.typed.get("new_name").is_empty() || !self.typed.get("new_price").is_empty();
        let choices = |field: &'static str, names: &BTreeSet<String>| {
            html! {
                option value="" { "—" } @for name in names { option value=(name) selected[typed(field) == *name] { (name) } }
            }
        };
        html! {
            fieldset .row .new-line {
                legend .hidden { (t!("sale.add", locale = locale)) }
                label .wide { (t!("sale.article", locale = locale)) input #new-name name="new_name" value=(typed("new_name")) maxlength="40" autocomplete="off" data-scan-target aria-keyshortcuts="F3"
                    autofocus[!is_again && self.account.is_some()]; }
                @if !goods.categories.is_empty() {
                    label { (t!("sale.category", locale = locale)) select name="new_category" { (choices("new_category", &goods.categories)) } }
                }
                @if !goods.flags.is_empty() {
                    label { (t!("sale.flag", locale = locale)) select name="new_flag" { (choices("new_flag", &goods.flags)) } }
                }
                label .short { (t!("sale.quantity", locale = locale)) input name="new_quantity" value=(typed("new_quantity")) inputmode="numeric" placeholder="1" autocomplete="off"; }
                label .short { (t!("sale.price", locale = locale)) input #new-price name="new_price" value=(typed("new_price")) inputmode="decimal" autocomplete="off" placeholder="0.00" autofocus[is_again]; }
                button name="do" value="add" { (t!("sale.add", locale = locale)) }
            }
        }
    }

    /// What else than money pays: nothing that the member does not have, or the scheme not take.
    fn payment(&self) -> Markup {
        let locale = self.language.locale();
        let Some(account) = self.account else { return html! {} };
        let (points, here) = account.points();
        let reachable = if self.is_on_line { points } else { here };
        let (value, _) = account.stored_value();
        let cash = self.programme.redemption.cash.as_ref().filter(|_| points > 0);
        let (passes, coupons) = (account.passes(self.language), account.coupons(self.language));
        if cash.is_none() && value.0 == 0 && passes.is_empty() && coupons.is_empty() {
            return html! {};
        }
        html! {
            fieldset .payment {
                legend { (t!("sale.pays", locale = locale)) }
                @if let Some(cash) = cash {
                    label { (t!("sale.points", locale = locale, step = cash.step, worth = cash.off))
                        input name="points" inputmode="numeric" autocomplete="off" value=[self.typed_or("points", (self.basket.points > 0).then_some(self.basket.points))]
                            placeholder="0" aria-describedby="points-here" list="points-offered";
                        datalist #points-offered { @for points in offered(cash.step, reachable.min(points)) { option value=(points) {} } }
                        span #points-here .soft {
                            @if here < points { (t!("sale.points_here", locale = locale, here = here, points = points)) } @else { (t!("sale.points_all", locale = locale, points = points)) } } }
                    @if self.basket.points > reachable && reachable < points {
                        p .note-now role="status" { (t!("sale.too_many_here", locale = locale, here = here)) } }
                }
                @if value.0 > 0 {
                    label { (t!("sale.stored_value", locale = locale))
                        input name="stored_value" inputmode="decimal" autocomplete="off" value=[self.typed_or("stored_value", self.basket.stored_value)] placeholder="0.00"; }
                }
                (pieces("pass", &passes, &self.basket.passes, self.language))
                (pieces("coupon", &coupons, &self.basket.coupons, self.language))
            }
        }
    }

    /// What was typed and cannot be read, or else what is chosen.
    fn typed_or(&self, name: &str, chosen: Option<impl ToString>) -> Option<String> {
        let typed = shown(self.typed.get(name));
        if typed.is_empty() { chosen.map(|chosen| chosen.to_string()) } else { Some(typed) }
    }

    fn reasons(&self) -> Markup {
        let locale = self.language.locale();
        let Some(quoted) = self.quoted else { return html! {} };
        html! {
            details open { summary { (t!("sale.why", locale = locale)) }
                ul .reasons { @for words in quoted.quote.explain(&quoted.programme, self.language.of_receipts()) { li { (words) } } } }
        }
    }

    /// What is to pay, and the button for it, always in sight.
    fn pay(&self) -> Markup {
        let locale = self.language.locale();
        let price = self.quoted.map(|quoted| quoted.quote.money);
        let is_sellable = self.account.is_some() && price.is_some() && self.is_payable;
        html! {
            div .row .end {
                button .quiet name="do" value="clear" formnovalidate { (t!("sale.clear", locale = locale)) }
                button .quiet name="do" value="quote" { (t!("sale.reckon", locale = locale)) }
            }
            div .till {
                @if let Some(quoted) = self.quoted {
                    @if self.is_payable { input type="hidden" name="shown" value=(quoted.quote.money); }
                    dl .total {
                        dt { @if self.is_payable { (t!("sale.to_pay", locale = locale)) } @else { (t!("sale.for_money", locale = locale)) }
                            @if quoted.quote.earned.points > 0 {
                                span .soft { (self.language.counted("sale.earns", quoted.quote.earned.points)) } } }
                        dd { "¥" (quoted.quote.money) }
                    }
                }
                @if self.account.is_none() { p .soft { (t!("sale.no_member", locale = locale)) } }
                button .pay name="do" value="pay" disabled[!is_sellable] aria-keyshortcuts="F9" data-pay {
                    (t!("sale.pay", locale = locale)) @if let Some(price) = price.filter(|_| is_sellable) { " ¥" (price) } }
            }
        }
    }
}

/// Passes or coupons that a member has, to be used: one is ticked, of more so many as are typed.
fn pieces(name: &str, held: &[Held<'_>], used: &[purser_programme::RuleId], language: Language) -> Markup {
    let locale = language.locale();
    html! {
        @for piece in held {
            @let count = used.iter().filter(|id| *id == piece.id).count();
            @if piece.count.0 == 1 {
                label .check { input type="checkbox" name=(name) value=(piece.id) checked[count > 0]; span { (piece.name) } }
            } @else {
                input type="hidden" name={ (name) "_id" } value=(piece.id);
                label { (t!("sale.pieces", locale = locale, name = piece.name, count = piece.count.0))
                    input name={ (name) "_pieces" } type="number" min="0" max=(piece.count.0.min(50)) inputmode="numeric" placeholder="0"
                        value=[(count > 0).then_some(count)]; }
            }
        }
    }
}

/// Points that a cashier may offer: whole steps, the last of them all that can be had here.
fn offered(step: i64, here: i64) -> Vec<i64> {
    let most = here / step.max(1);
    let mut steps: Vec<i64> = [1, 2, 5, 10].into_iter().filter(|steps| *steps < most).collect();
    steps.extend((most > 0).then_some(most));
    steps.into_iter().map(|steps| steps * step).collect()
}
