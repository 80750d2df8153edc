//! One replica of the fleet: how it stands, its outages, and putting it out for good.

use axum::{
    extract::{Query, State},
    response::{IntoResponse, Redirect, Response},
};
use maud::{Markup, html};
use purser_journal::{Role, StaffRole};
use purser_replica::{Outage, Refusal, Undertaking};
use purser_storage::Figures;
use purser_types::{BusinessDate, ReplicaId};
use rust_i18n::t;
use serde::Deserialize;

use crate::{
    attempt::Attempt,
    desk::{Desk, Fault},
    fields::{Fields, plain_digits},
    gate::{FORM_KEY, Guest, SentForm},
    hub::{
        alarms,
        standing::{Standing, name, standings},
    },
    language::Language,
    moment::Moment,
    office::{
        pictures::{DAYS_LOOKED_AT, Period, plain},
        sync::{outage_list, timed},
    },
    refusals,
    shell::{self, Place, alert},
};

/// Which replica.
#[derive(Deserialize)]
pub(crate) struct Asked {
    #[serde(default)]
    replica: String,
}

/// All that the page shows.
struct Seen {
    standing: Standing,
    today: BusinessDate,
    days: Vec<purser_replica::DayFigures>,
    outages: Vec<(Outage, Moment)>,
}

const OUTAGES_SHOWN: u32 = 30;

/// The page.
pub(crate) async fn show(State(desk): State<Desk>, guest: Guest, Query(asked): Query<Asked>) -> Response {
    if let Some(refusal) = guest.unless_overseeing() {
        return refusal;
    }
    let Ok(replica) = asked.replica.parse() else { return Redirect::to("/fleet").into_response() };
    render(&desk, &guest, replica, &Attempt::first()).await
}

/// Puts it out, takes back what it held, or lets it spend ahead of its rights.
pub(crate) async fn change(State(desk): State<Desk>, sent: SentForm) -> Response {
    let SentForm { guest, fields } = sent;
    if let Some(refusal) = guest.unless_heading() {
        return refusal;
    }
    let Ok(replica) = fields.get("replica").parse() else { return Redirect::to("/fleet").into_response() };
    match act(&desk, &guest, &fields, replica).await {
        Ok(()) => Redirect::to(&format!("/fleet/store?replica={replica}")).into_response(),
        Err(attempt) => render(&desk, &guest, replica, &attempt).await,
    }
}

async fn act(desk: &Desk, guest: &Guest, fields: &Fields, replica: ReplicaId) -> Result<(), Attempt> {
    let mistyped = |key: &str| Attempt::mistyped(t!(key, locale = guest.language.locale()));
    let undertaking = match fields.get("do") {
        // What cannot be taken back is said twice.
        "fence" | "reclaim" if fields.get("sure") != "on" => return Err(mistyped("store.say_twice")),
        "fence" => Undertaking::Fence { replica, reason: fields.get("reason").to_owned() },
        "reclaim" => Undertaking::Reclaim { replica },
        "allow" => {
            let points = plain_digits(fields.get("points"));
            let points = points.parse().map_err(|_| mistyped("mistyped.points"))?;
            Undertaking::GrantAllowance { to: replica, points }
        }
        _ => return Err(mistyped("refusal.malformed")),
    };
    let key = format!("store {}", fields.get("key"));
    let done = desk.carry_out(&guest.session.name, &key, undertaking).await;
    done.map(drop).map_err(|fault| Attempt::after(&fault, fields.get("key"), guest.language))
}

async fn look(desk: &Desk, replica: ReplicaId, language: Language) -> Result<Option<Seen>, Fault> {
    let standing = standings(desk, language).await?.into_iter().find(|it| it.replica.replica == replica);
    let Some(standing) = standing else { return Ok(None) };
    let (now_ms, store) = (desk.handle.now().wall_ms, standing.replica.store);
    desk.read(move |reader| {
        let today = reader.view.date_at(now_ms);
        let mut days = reader.view.figures(today.plus_days(-DAYS_LOOKED_AT), today)?;
        days.retain(|row| row.store == store);
        let outages = reader.view.outages(replica, OUTAGES_SHOWN)?;
        let outages = timed(&reader.view, outages);
        Ok::<_, Refusal>(Some(Seen { standing, today, days, outages }))
    })
    .await
}

async fn render(desk: &Desk, guest: &Guest, replica: ReplicaId, attempt: &Attempt) -> Response {
    let locale = guest.language.locale();
    let content = match look(desk, replica, guest.language).await {
        Err(fault) => alert(&refusals::words(&fault, guest.language)),
        Ok(None) => alert(&t!("store.unknown", locale = locale)),
        Ok(Some(seen)) => html! {
            @if let Some(trouble) = &attempt.trouble { (alert(trouble)) }
            p { a href="/fleet" { "← " (t!("place.fleet", locale = locale)) } }
            (head(desk, guest, &seen.standing))
            (figures(guest, &seen))
            (alarms::list(&seen.standing.alarms, guest.language))
            (outage_list(&seen.outages, guest.language))
            @if guest.session.role == StaffRole::HeadOffice && !seen.standing.is_here { (acts(guest, &seen.standing, &attempt.key)) }
        },
    };
    shell::page(desk, guest, Place::Fleet, content).await
}

fn head(desk: &Desk, guest: &Guest, standing: &Standing) -> Markup {
    let (language, locale) = (guest.language, guest.language.locale());
    let now_ms = desk.handle.now().wall_ms;
    let replica = &standing.replica;
    let (left, used) = replica.allowance;
    let line =
        |key: &str, value: Markup| html! { div { dt { (t!(key, locale = locale)) } dd .figure { (value) } } };
    html! {
        section .card {
            h1 { (name(replica, language)) " " (standing.state(language)) }
            dl .sums {
                (line("fleet.seen", html! { (standing.seen(now_ms, language)) }))
                @if let Some(wrote) = standing.wrote { (line("fleet.wrote", html! { (wrote) })) }
                (line("sync.entries", html! { (plain(i64::try_from(replica.entries).unwrap_or(i64::MAX))) }))
                (line("sync.behind", html! { (standing.behind(language)) }))
                (line("fleet.rights", html! { (plain(replica.points_in_hand())) }))
                @if replica.points_owed > 0 { (line("fleet.owed", html! { span .warn-line { (plain(replica.points_owed)) } })) }
                @if left + used > 0 { (line("sync.allowance", html! { (plain(left)) })) (line("sync.allowance_used", html! { (plain(used)) })) }
                (line("fleet.version", standing.version(language)))
                @if let Some(address) = &replica.address { (line("fleet.address", html! { span .mono { (address) } })) }
                (line("sync.replica", html! { span .mono { (replica.replica) } }))
            }
            @for reason in [&replica.fenced, &replica.set_aside].into_iter().flatten() { (alert(reason)) }
        }
    }
}

fn figures(guest: &Guest, seen: &Seen) -> Markup {
    let period = Period { today: seen.today, days: &seen.days, language: guest.language };
    let has_any = seen.days.iter().any(|row| row.figures != Figures::default());
    html! {
        @if has_any {
            div .two {
                section .card { h2 { (t!("figures.month", locale = guest.language.locale())) } (period.month()) }
                section .card { h2 { (t!("figures.sums", locale = guest.language.locale())) } (period.month_sums()) }
            }
        }
    }
}

/// What head office may do with it.
fn acts(guest: &Guest, standing: &Standing, key: &str) -> Markup {
    let locale = guest.language.locale();
    let replica = &standing.replica;
    let kept = html! {
        input type="hidden" name=(FORM_KEY) value=(guest.session.form_key);
        input type="hidden" name="replica" value=(replica.replica);
        input type="hidden" name="key" value=(key);
    };
    let sure = html! { label .check { input type="checkbox" name="sure" required; span { (t!("store.sure", locale = locale)) } } };
    html! {
        @if replica.fenced.is_none() {
            @if replica.role == Role::Store {
                form .card method="post" action="/fleet/store" {
                    h2 { (t!("store.allowance", locale = locale)) }
                    p .soft { (t!("store.allowance_what", locale = locale)) }
                    (kept)
                    div .row { label .wide { (t!("member.points", locale = locale)) input name="points" inputmode="numeric" required autocomplete="off"; }
                        button .second name="do" value="allow" { (t!("store.allow", locale = locale)) } }
                }
            }
            form .card .danger method="post" action="/fleet/store" {
                h2 { (t!("store.fence", locale = locale)) }
                p .soft { (t!("store.fence_what", locale = locale)) }
                (kept)
                label { (t!("store.reason", locale = locale)) input name="reason" required maxlength="200" autocomplete="off"; }
                (sure)
                button .bad name="do" value="fence" { (t!("store.fence", locale = locale)) }
            }
        } @else {
            form .card .danger method="post" action="/fleet/store" {
                h2 { (t!("store.reclaim", locale = locale)) }
                p .soft { (t!("store.reclaim_what", locale = locale)) }
                (kept) (sure)
                div .row { button .bad name="do" value="reclaim" { (t!("store.reclaim", locale = locale)) }
                    a .button .second href="/late" { (t!("place.late", locale = locale)) } }
            }
        }
    }
}
