use axum::{
    extract::{Query, State},
    response::Response,
};
use maud::html;
use purser_journal::Fact;
use purser_programme::Paper;
use purser_replica::{Refusal, View};
use purser_service::receipt_text;
use purser_types::SaleId;
use rust_i18n::t;
use serde::Deserialize;

use crate::{
    counter::basket::TILL,
    desk::Desk,
    fields::shown,
    gate::Guest,
    qr::qr,
    shell::{self, Place, alert},
};

/// Which receipt.
#[derive(Deserialize)]
pub(crate) struct Asked {
    #[serde(default)]
    till: String,
    #[serde(default)]
    check: String,
}

/// A receipt as it is printed, and where to look for another.
pub(crate) async fn show(State(desk): State<Desk>, guest: Guest, Query(asked): Query<Asked>) -> Response {
    if let Some(refusal) = guest.unless_serving() {
        return refusal;
    }
    let locale = guest.language.locale();
    let Asked { till, check } = asked;
    let till = if till.is_empty() { TILL.to_owned() } else { till };
    let (now_ms, language) = (desk.handle.now().wall_ms, guest.language.of_receipts());
    let key = (till.clone(), check.clone());
    let read = desk.read(move |reader| {
        let (till, check) = &key;
        let text = receipt_text(&mut reader.view, (till, check), now_ms, (Paper::Mm80, language));
        Ok::<_, Refusal>(text.zip(Some(sale_of(&mut reader.view, till, check)?)))
    });
    let receipt = read.await.ok().flatten();
    let content = html! {
        div .receipts {
            form .card method="get" action="/counter/receipt" {
                h1 { (t!("receipt.title", locale = locale)) }
                div .row {
                    label { (t!("receipt.till", locale = locale)) input name="till" value=(shown(&till)) maxlength="16"; }
                    label .wide { (t!("receipt.check", locale = locale)) input name="check" value=(shown(&check)) maxlength="48" autofocus[check.is_empty()] data-scan-target; }
                    button type="submit" { (t!("receipt.show", locale = locale)) }
                }
                @if receipt.is_none() && !check.is_empty() { (alert(&t!("receipt.none", locale = locale))) }
            }
            @if let Some((text, sale)) = receipt {
                section .card {
                    div .paper {
                        pre .receipt tabindex="0" { (text) }
                        // Goods come back by this code at any store.
                        @if let Some(sale) = sale {
                            div .qr role="img" aria-label=(t!("receipt.code", locale = locale)) { (qr(&sale.to_string())) }
                            p .mono .soft { (sale) }
                        }
                    }
                    div .row {
                        button .print type="button" data-print { (t!("receipt.print", locale = locale)) }
                        a .button href="/counter" autofocus { (t!("receipt.next", locale = locale)) }
                    }
                }
            }
        }
    };
    shell::page(&desk, &guest, Place::Receipts, content).await
}

/// The sale that a receipt is of, if it is of one.
fn sale_of(view: &mut View, till: &str, check: &str) -> Result<Option<SaleId>, Refusal> {
    let entry = view.check(till, check)?;
    let is_sale = |fact: &Fact| matches!(fact, Fact::Sale(_));
    let entry = entry.filter(|entry| entry.facts.iter().any(is_sale));
    Ok(entry.map(|entry| SaleId::created_by(entry.id())))
}
