//! What replicas wrote after they were put out, and what becomes of it.

use axum::{
    extract::State,
    response::{IntoResponse, Redirect, Response},
};
use maud::{Markup, html};
use purser_journal::StaffRole;
use purser_replica::{LateChoice, LateEntry, LateKind, Refusal, Undertaking};
use purser_types::Fen;
use rust_i18n::t;

use crate::{
    desk::Desk,
    fields::Fields,
    gate::{FORM_KEY, Guest, SentForm},
    moment::Moment,
    office::pictures::money,
    refusals,
    shell::{self, Place, alert},
};

/// Entries on one page: settle those, then come the next.
const SHOWN: usize = 50;

/// The page.
pub(crate) async fn show(State(desk): State<Desk>, guest: Guest) -> Response {
    if let Some(refusal) = guest.unless_overseeing() {
        return refusal;
    }
    render(&desk, &guest, None).await
}

/// Has an entry count after all, or never have happened.
pub(crate) async fn settle(State(desk): State<Desk>, sent: SentForm) -> Response {
    let SentForm { guest, fields } = sent;
    if let Some(refusal) = guest.unless_heading() {
        return refusal;
    }
    let Some(choice) = choice(&guest, &fields) else {
        let words = t!("refusal.malformed", locale = guest.language.locale());
        return render(&desk, &guest, Some(&words)).await;
    };
    let key = format!("late {} {} {}", choice.replica, choice.seq, choice.accept);
    match desk.carry_out(&guest.session.name, &key, Undertaking::SettleLate(choice)).await {
        Ok(_) => Redirect::to("/late").into_response(),
        Err(fault) => render(&desk, &guest, Some(&refusals::words(&fault, guest.language))).await,
    }
}

fn choice(guest: &Guest, fields: &Fields) -> Option<LateChoice> {
    let accept = match fields.get("do") {
        "accept" => true,
        "write_off" => false,
        _ => return None,
    };
    Some(LateChoice {
        replica: fields.get("replica").parse().ok()?,
        seq: fields.get("seq").parse().ok()?,
        accept,
        reason: fields.get("reason").to_owned(),
        by: guest.session.person.clone(),
    })
}

async fn render(desk: &Desk, guest: &Guest, trouble: Option<&str>) -> Response {
    let locale = guest.language.locale();
    let read = desk.read(|reader| {
        let waiting = reader.view.late_count()?;
        let entries = reader.view.late(None, SHOWN)?.into_iter();
        let timed = |it: LateEntry| {
            let at = Moment::of(&reader.view, it.wall_ms);
            (it, at)
        };
        Ok::<_, Refusal>((waiting, entries.map(timed).collect::<Vec<_>>()))
    });
    let content = match read.await {
        Err(fault) => alert(&refusals::words(&fault, guest.language)),
        Ok((waiting, entries)) => html! {
            section .card {
                h1 { (t!("place.late", locale = locale)) span .tag { (waiting) } }
                p .soft { (t!("late.what", locale = locale)) }
                @if let Some(trouble) = trouble { (alert(trouble)) }
                @if entries.is_empty() { p .good { (t!("members.none", locale = locale)) } }
                @for (entry, at) in &entries { (row(guest, entry, *at)) }
            }
        },
    };
    shell::page(desk, guest, Place::Late, content).await
}

fn row(guest: &Guest, entry: &LateEntry, at: Moment) -> Markup {
    let locale = guest.language.locale();
    let (kind, about, amount) = told(&entry.kind);
    html! {
        form .late method="post" action="/late" {
            input type="hidden" name=(FORM_KEY) value=(guest.session.form_key);
            input type="hidden" name="replica" value=(entry.replica);
            input type="hidden" name="seq" value=(entry.seq);
            p { strong { (t!(format!("moved.{kind}"), locale = locale)) }
                @if let Some(amount) = amount { " " (money(amount.0)) }
                " · " (t!("return.store", locale = locale, store = entry.store.0)) " · " (at)
                @if let Some(about) = about { " · " (about) } }
            @if guest.session.role == StaffRole::HeadOffice {
                div .row {
                    label .wide { (t!("store.reason", locale = locale)) input name="reason" required maxlength="200" autocomplete="off"; }
                    button name="do" value="accept" { (t!("late.accept", locale = locale)) }
                    button .bad name="do" value="write_off" { (t!("late.write_off", locale = locale)) }
                }
            }
        }
    }
}

fn told(kind: &LateKind) -> (&'static str, Option<&str>, Option<Fen>) {
    match kind {
        LateKind::Sale(sale) => ("sale", Some(&sale.check), Some(sale.gross)),
        LateKind::Return(back) => ("return", Some(&back.check), Some(back.gross)),
        LateKind::Profile => ("profile", None, None),
        LateKind::Dealing => ("dealing", None, None),
        LateKind::Hold => ("hold", None, None),
        LateKind::Transfer => ("rights", None, None),
        LateKind::Other => ("other", None, None),
    }
}
