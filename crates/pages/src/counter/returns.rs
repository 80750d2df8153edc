//! Goods that come back: the sale by its receipt or out of a member's purchases, the pieces, and the receipt of the
//! return.

use axum::{
    extract::{Query, State},
    response::{IntoResponse, Redirect, Response},
};
use maud::{Markup, html};
use purser_journal::{Fact, LineReturned, SaleDetail, SaleFact};
use purser_replica::{GoodsBack, Refusal, TakeBack, Undertaking, View};
use purser_types::{BusinessDate, Fen, MemberId, SaleId, StoreNumber};
use rust_i18n::t;
use serde::Deserialize;

use crate::{
    attempt::Attempt,
    counter::basket::{TILL, amount},
    desk::Desk,
    fields::{Fields, plain_digits, shown},
    gate::{FORM_KEY, Guest, SentForm},
    language::Language,
    refusals,
    shell::{self, Place, alert},
};

/// Which sale, or whose.
#[derive(Deserialize, Default)]
pub(crate) struct Asked {
    #[serde(default)]
    till: String,
    #[serde(default)]
    check: String,
    #[serde(default)]
    sale: String,
    #[serde(default)]
    member: String,
}

/// What the page shows.
enum Shown {
    Nothing,
    Unknown,
    Purchases(Vec<Purchase>),
    Sale(Box<Sold>),
}

/// A purchase in a member's list.
struct Purchase {
    sale: SaleId,
    date: BusinessDate,
    store: StoreNumber,
    gross: Fen,
}

/// A sale of which something may come back.
struct Sold {
    id: SaleId,
    fact: SaleFact,
    /// The lines, where they are known.
    detail: Option<SaleDetail>,
    buyer: String,
    /// What may still come back, in fen: in all, and here.
    left: (i64, i64),
}

/// Purchases of a member that the page lists.
const PURCHASES_SHOWN: u32 = 60;

/// Asks for the receipt, or shows the sale.
pub(crate) async fn show(State(desk): State<Desk>, guest: Guest, Query(asked): Query<Asked>) -> Response {
    if let Some(refusal) = guest.unless_serving() {
        return refusal;
    }
    render(&desk, &guest, asked, &Attempt::first()).await
}

/// Takes the goods back.
pub(crate) async fn make(State(desk): State<Desk>, sent: SentForm) -> Response {
    let SentForm { guest, fields } = sent;
    if let Some(refusal) = guest.unless_serving() {
        return refusal;
    }
    let check = fields.get("key").to_owned();
    let attempt = match fields.get("sale").parse::<SaleId>().ok().zip(goods(&fields)) {
        None => Attempt::mistyped(t!("return.nothing", locale = guest.language.locale())),
        Some((sale, goods)) => {
            let back = TakeBack { sale, till: TILL.to_owned(), check: check.clone(), goods };
            let once = format!("return {check}");
            match desk.carry_out(&guest.session.name, &once, Undertaking::TakeBack(back)).await {
                Ok(_) => {
                    return Redirect::to(&format!("/counter/receipt?till={TILL}&check={check}"))
                        .into_response();
                }
                Err(fault) => Attempt::after(&fault, &check, guest.language),
            }
        }
    };
    let asked = Asked { sale: fields.get("sale").to_owned(), ..Asked::default() };
    render(&desk, &guest, asked, &attempt).await
}

/// What comes back, if anything was typed: pieces of lines, or an amount where the lines are not known.
fn goods(fields: &Fields) -> Option<GoodsBack> {
    let mut lines = Vec::new();
    for (pieces, line) in fields.all("pieces").zip(1_u32..) {
        // One that cannot be read is no none.
        let pieces = if pieces.is_empty() { 0 } else { plain_digits(pieces).parse().ok()? };
        lines.extend(Some(LineReturned { line, pieces }).filter(|line| line.pieces > 0));
    }
    if !lines.is_empty() {
        return Some(GoodsBack::Lines(lines));
    }
    amount(fields.get("gross")).filter(|gross| gross.0 > 0).map(GoodsBack::Gross)
}

async fn render(desk: &Desk, guest: &Guest, asked: Asked, attempt: &Attempt) -> Response {
    let locale = guest.language.locale();
    let (till, check) = (asked.till.clone(), asked.check.clone());
    let looked = desk.read(move |reader| look(&mut reader.view, &asked)).await;
    let content = html! {
        div .receipts {
            form .card method="get" action="/counter/return" {
                h1 { (t!("return.title", locale = locale)) }
                div .row {
                    label { (t!("receipt.till", locale = locale)) input name="till" value=(shown(&till)) placeholder=(TILL) maxlength="16"; }
                    label .wide { (t!("receipt.check", locale = locale)) input name="check" value=(shown(&check)) maxlength="48" autocomplete="off" autofocus[check.is_empty()] data-scan-target; }
                    button { (t!("receipt.show", locale = locale)) }
                }
                p .soft { (t!("return.hint", locale = locale)) }
            }
            @if let Some(trouble) = &attempt.trouble { (alert(trouble)) }
            @match &looked {
                Err(fault) => { (alert(&refusals::words(fault, guest.language))) }
                Ok(Shown::Nothing) => {}
                Ok(Shown::Unknown) => { (alert(&t!("receipt.none", locale = locale))) }
                Ok(Shown::Purchases(purchases)) => { (list(purchases, guest.language)) }
                Ok(Shown::Sale(sold)) => { (sold.html(guest, &attempt.key)) }
            }
        }
    };
    shell::page(desk, guest, Place::Return, content).await
}

fn look(view: &mut View, asked: &Asked) -> Result<Shown, Refusal> {
    if let Ok(sale) = asked.sale.parse() {
        return Sold::read(view, sale).map(|sold| Shown::Sale(Box::new(sold)));
    }
    if let Ok(member) = asked.member.parse() {
        return Ok(Shown::Purchases(purchases(view, member)?));
    }
    if asked.check.is_empty() {
        return Ok(Shown::Nothing);
    }
    let till = if asked.till.is_empty() { TILL } else { &asked.till };
    let entry = view.check(till, &asked.check)?;
    match entry.filter(|entry| entry.facts.iter().any(|fact| matches!(fact, Fact::Sale(_)))) {
        Some(entry) => {
            Sold::read(view, SaleId::created_by(entry.id())).map(|sold| Shown::Sale(Box::new(sold)))
        }
        None => Ok(Shown::Unknown),
    }
}

fn purchases(view: &mut View, member: MemberId) -> Result<Vec<Purchase>, Refusal> {
    let movements = view.history(member, None, PURCHASES_SHOWN)?;
    let purchase = |movement: purser_replica::Movement| {
        let sale = SaleId::created_by(movement.entry.id());
        movement.entry.facts.into_iter().find_map(|fact| match fact {
            Fact::Sale(fact) => {
                Some(Purchase { sale, date: fact.date, store: fact.store, gross: fact.gross })
            }
            _ => None,
        })
    };
    Ok(movements.into_iter().filter_map(purchase).collect())
}

fn list(purchases: &[Purchase], language: Language) -> Markup {
    let locale = language.locale();
    html! {
        section .card {
            h2 { (t!("return.purchases", locale = locale)) }
            @if purchases.is_empty() { p .soft { (t!("return.no_purchases", locale = locale)) } }
            ul .found { @for purchase in purchases {
                li { a href={ "/counter/return?sale=" (purchase.sale) } {
                    span .name { (purchase.date) }
                    span .soft { (t!("return.store", locale = locale, store = purchase.store.0)) }
                    span .figure { "¥" (purchase.gross) }
                } }
            } }
        }
    }
}

impl Sold {
    fn read(view: &mut View, id: SaleId) -> Result<Self, Refusal> {
        let (fact, _) = view.sale(id)?;
        let detail = view.sale_detail(id)?.filter(|detail| !detail.lines.is_empty());
        let buyer = view.member(fact.member)?.map(|row| row.name).unwrap_or_default();
        let left = view.refundable(fact.member, id)?;
        Ok(Self { id, fact, detail, buyer, left })
    }

    fn html(&self, guest: &Guest, key: &str) -> Markup {
        let locale = guest.language.locale();
        let (left, here) = self.left;
        html! {
            form .card method="post" action="/counter/return" {
                input type="hidden" name=(FORM_KEY) value=(guest.session.form_key);
                input type="hidden" name="key" value=(key);
                input type="hidden" name="sale" value=(self.id);
                h2 { (self.fact.date) " · ¥" (self.fact.gross) " · "
                    @if self.buyer.is_empty() { (t!("member.unnamed", locale = locale)) } @else { (self.buyer) } }
                p .soft { (t!("return.left", locale = locale, left = Fen(left)))
                    @if here < left { " · " (t!("member.here", locale = locale, amount = format!("¥{}", Fen(here)))) } }
                @match &self.detail {
                    Some(detail) => { (lines(detail, guest.language)) }
                    None => {
                        label { (t!("return.gross", locale = locale))
                            input name="gross" inputmode="decimal" autocomplete="off" placeholder=(Fen(left)) autofocus; }
                    }
                }
                div .row .end { button disabled[left == 0] { (t!("return.do", locale = locale)) } }
                p .soft { (t!("return.what", locale = locale)) }
            }
        }
    }
}

fn lines(detail: &SaleDetail, language: Language) -> Markup {
    let locale = language.locale();
    html! {
        table {
            thead { tr {
                th { (t!("sale.article", locale = locale)) } th .figure { (t!("sale.quantity", locale = locale)) }
                th .figure { (t!("return.paid", locale = locale)) } th .figure { (t!("return.pieces", locale = locale)) }
            } }
            tbody { @for (line, place) in detail.lines.iter().zip(1_u32..) {
                tr {
                    td { @if !line.name.is_empty() { (line.name) } @else if !line.article.is_empty() { (line.article) } @else { (t!("sale.goods", locale = locale)) } }
                    td .figure { (line.quantity) }
                    td .figure { (line.price) }
                    td .figure { input .pieces name="pieces" type="number" min="0" max=(line.quantity) value="0" inputmode="numeric"
                        aria-label=(t!("return.pieces_of", locale = locale, line = place)); }
                }
            } }
        }
    }
}
