//! Goods that come back: the sale by its receipt or out of a member's purchases, the pieces, and the receipt of the
//! return.

use axum::{
    extract::{Query, State},
    response::{IntoResponse, Redirect, Response},
};
use maud::{Markup, html};
use purser_journal::{Fact, LineReturned, SaleDetail, SaleFact};
use purser_programme::Returned;
use purser_replica::{GoodsBack, Refusal, TakeBack, Undertaking, View};
use purser_types::{BusinessDate, Fen, MemberId, SaleId, StoreNumber};
use rust_i18n::t;
use serde::Deserialize;

use crate::{
    attempt::Attempt,
    counter::basket::{TILL, amount},
    desk::{Desk, Fault},
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
    /// Pieces of each line that came back before.
    back: Vec<u32>,
    /// What may still come back, in fen: in all, and here.
    left: (i64, i64),
}

/// The form for it: what was typed, and what comes back for it, to be looked at before it is done.
struct Form<'a> {
    attempt: Attempt,
    typed: &'a Fields,
    refund: Option<Returned>,
}

/// Purchases of a member that the page lists.
const PURCHASES_SHOWN: u32 = 60;

/// Asks for the receipt, or shows the sale.
pub(crate) async fn show(State(desk): State<Desk>, guest: Guest, Query(asked): Query<Asked>) -> Response {
    if let Some(refusal) = guest.unless_serving() {
        return refusal;
    }
    let form = Form { attempt: Attempt::first(), typed: &Fields::default(), refund: None };
    render(&desk, &guest, asked, &form).await
}

/// Takes the goods back.
pub(crate) async fn make(State(desk): State<Desk>, sent: SentForm) -> Response {
    let SentForm { guest, fields } = sent;
    if let Some(refusal) = guest.unless_serving() {
        return refusal;
    }
    let (key, language) = (fields.get("key"), guest.language);
    let wish = fields.get("sale").parse::<SaleId>().ok().zip(goods(&fields));
    let (attempt, refund) = match wish {
        None => (Attempt::mistyped(t!("return.nothing", locale = language.locale())), None),
        Some((sale, goods)) => {
            let check = key.to_owned();
            let back = TakeBack { sale, till: TILL.to_owned(), check: check.clone(), goods };
            match take(&desk, &guest, back, fields.get("shown")).await {
                Ok(None) => {
                    return Redirect::to(&format!("/counter/receipt?till={TILL}&check={check}"))
                        .into_response();
                }
                Ok(Some(refund)) => (Attempt { key: check, trouble: None }, Some(refund)),
                Err(fault) => (Attempt::after(&fault, key, language), None),
            }
        }
    };
    let asked = Asked { sale: fields.get("sale").to_owned(), ..Asked::default() };
    render(&desk, &guest, asked, &Form { attempt, typed: &fields, refund }).await
}

/// Takes goods back, unless something else comes back for them than was shown: then says what.
async fn take(desk: &Desk, guest: &Guest, back: TakeBack, shown: &str) -> Result<Option<Returned>, Fault> {
    let (sale, goods, check) = (back.sale, back.goods.clone(), back.check.clone());
    let refund = desk.read(move |reader| {
        // Taken back already, it comes back no second time.
        let is_back = reader.view.check(TILL, &check)?.is_some();
        Ok::<_, Refusal>(if is_back { None } else { Some(reader.view.refund(sale, &goods)?) })
    });
    let changed = refund.await?.filter(|refund| shown != token(refund));
    if changed.is_some() {
        return Ok(changed);
    }
    let once = format!("return {}", back.check);
    desk.carry_out(&guest.session.name, &once, Undertaking::TakeBack(back)).await.map(|_| None)
}

/// What comes back, as the form holds it between two requests.
fn token(refund: &Returned) -> String {
    let Returned { money, points, earned, stored_value, .. } = refund;
    format!("{} {} {} {points} {earned}", money.0, stored_value.principal.0, stored_value.bonus.0)
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

async fn render(desk: &Desk, guest: &Guest, asked: Asked, form: &Form<'_>) -> Response {
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
            @if let Some(trouble) = &form.attempt.trouble { (alert(trouble)) }
            @match &looked {
                Err(fault) => { (alert(&refusals::words(fault, guest.language))) }
                Ok(Shown::Nothing) => {}
                Ok(Shown::Unknown) => { (alert(&t!("receipt.none", locale = locale))) }
                Ok(Shown::Purchases(purchases)) => { (list(purchases, guest.language)) }
                Ok(Shown::Sale(sold)) => { (sold.html(guest, form)) }
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
    // The code on a receipt names the sale, whatever store it was at.
    if let Ok(sale) = asked.check.trim().parse() {
        return Sold::read(view, sale).map(|sold| Shown::Sale(Box::new(sold)));
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
        let (left, back) = (view.refundable(fact.member, id)?, view.pieces_back(id)?);
        Ok(Self { id, fact, detail, buyer, back, left })
    }

    fn html(&self, guest: &Guest, form: &Form<'_>) -> Markup {
        let locale = guest.language.locale();
        let (left, here) = self.left;
        html! {
            form .card method="post" action="/counter/return" {
                input type="hidden" name=(FORM_KEY) value=(guest.session.form_key);
                input type="hidden" name="key" value=(form.attempt.key);
                input type="hidden" name="sale" value=(self.id);
                h2 { (self.fact.date) " · ¥" (self.fact.gross) " · "
                    @if self.buyer.is_empty() { (t!("member.unnamed", locale = locale)) } @else { (self.buyer) } }
                p .soft { (t!("return.left", locale = locale, left = Fen(left)))
                    @if here < left { " · " (t!("return.here", locale = locale, amount = Fen(here))) } }
                @match &self.detail {
                    Some(detail) => { (self.lines(detail, form.typed, guest.language)) }
                    None => {
                        label { (t!("return.gross", locale = locale))
                            input name="gross" inputmode="decimal" autocomplete="off" placeholder=(Fen(left)) value=(shown(form.typed.get("gross"))) autofocus; }
                    }
                }
                @if let Some(refund) = &form.refund {
                    input type="hidden" name="shown" value=(token(refund));
                    (refunded(refund, guest.language))
                }
                div .row .end { button disabled[left == 0] autofocus[form.refund.is_some()] {
                    @if form.refund.is_some() { (t!("return.do", locale = locale)) } @else { (t!("return.reckon", locale = locale)) } } }
                p .soft { (t!("return.what", locale = locale)) }
            }
        }
    }

    fn lines(&self, detail: &SaleDetail, typed: &Fields, language: Language) -> Markup {
        let locale = language.locale();
        let before = self.back.iter().copied().chain(std::iter::repeat(0));
        let pieces = typed.all("pieces").chain(std::iter::repeat(""));
        html! {
            table {
                thead { tr {
                    th { (t!("sale.article", locale = locale)) } th .figure { (t!("sale.quantity", locale = locale)) }
                    th .figure { (t!("return.paid", locale = locale)) } th .figure { (t!("return.before", locale = locale)) }
                    th .figure { (t!("return.pieces", locale = locale)) }
                } }
                tbody { @for (((line, place), before), pieces) in detail.lines.iter().zip(1_u32..).zip(before).zip(pieces) {
                    tr {
                        td { @if !line.name.is_empty() { (line.name) } @else if !line.article.is_empty() { (line.article) } @else { (t!("sale.goods", locale = locale)) } }
                        td .figure { (line.quantity) }
                        td .figure { (line.price) }
                        td .figure { @if before > 0 { (before) } }
                        td .figure { input .pieces name="pieces" type="number" min="0" max=(line.quantity.saturating_sub(before)) inputmode="numeric"
                            value=(if pieces.is_empty() { "0".to_owned() } else { shown(pieces) }) aria-label=(t!("return.pieces_of", locale = locale, line = place)); }
                    }
                } }
            }
        }
    }
}

/// What comes back for the goods, and what is taken for it.
fn refunded(refund: &Returned, language: Language) -> Markup {
    let locale = language.locale();
    let Returned { money, points, points_worth, earned, stored_value, .. } = refund;
    let line =
        |key: &str, value: String| html! { div { dt { (t!(key, locale = locale)) } dd .figure { (value) } } };
    html! {
        dl .sums .refund role="status" {
            (line("return.money", format!("¥{money}")))
            @if stored_value.principal.0 > 0 { (line("return.principal", format!("¥{}", stored_value.principal))) }
            @if stored_value.bonus.0 > 0 { (line("return.bonus", format!("¥{}", stored_value.bonus))) }
            @if *points > 0 { (line("return.points", format!("{points} (¥{points_worth})"))) }
            @if *earned > 0 { (line("return.earned", format!("-{earned}"))) }
        }
    }
}
