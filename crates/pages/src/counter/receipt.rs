use axum::{
    extract::{Query, State},
    response::Response,
};
use maud::html;
use purser_programme::Paper;
use purser_replica::Refusal;
use purser_service::receipt_text;
use rust_i18n::t;
use serde::Deserialize;

use crate::{
    counter::basket::TILL,
    desk::Desk,
    fields::shown,
    gate::Guest,
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
        Ok::<_, Refusal>(receipt_text(&mut reader.view, (till, check), now_ms, (Paper::Mm80, language)))
    });
    let text = read.await.ok().flatten();
    let content = html! {
        div .receipts {
            form .card method="get" action="/counter/receipt" {
                h1 { (t!("receipt.title", locale = locale)) }
                div .row {
                    label { (t!("receipt.till", locale = locale)) input name="till" value=(shown(&till)) maxlength="16"; }
                    label .wide { (t!("receipt.check", locale = locale)) input name="check" value=(shown(&check)) maxlength="48" autofocus[check.is_empty()] data-scan-target; }
                    button type="submit" { (t!("receipt.show", locale = locale)) }
                }
                @if text.is_none() && !check.is_empty() { (alert(&t!("receipt.none", locale = locale))) }
            }
            @if let Some(text) = text {
                section .card {
                    pre .receipt tabindex="0" { (text) }
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
