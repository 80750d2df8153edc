//! What this store is, and what it sells by.

use axum::{extract::State, response::Response};
use maud::{Markup, html};
use purser_programme::Programme;
use purser_replica::Refusal;
use rust_i18n::t;

use crate::{
    desk::Desk,
    gate::Guest,
    language::Language,
    office::pictures::yuan,
    refusals,
    shell::{self, Place, alert},
};

/// The page.
pub(crate) async fn show(State(desk): State<Desk>, guest: Guest) -> Response {
    if let Some(refusal) = guest.unless_auditing() {
        return refusal;
    }
    let now_ms = desk.handle.now().wall_ms;
    let read = desk.read(move |reader| {
        let today = reader.view.date_at(now_ms);
        Ok::<_, Refusal>((reader.view.programme_on(today)?, reader.view.programmes()?))
    });
    let content = match read.await {
        Err(fault) => alert(&refusals::words(&fault, guest.language)),
        Ok((programme, all)) => html! {
            div .two {
                (store(&desk, guest.language))
                (scheme(&programme, guest.language))
            }
            @if all.iter().any(|version| version.version > programme.version) {
                section .card { h2 { (t!("settings.coming", locale = guest.language.locale())) }
                    ul { @for version in all.iter().filter(|version| version.version > programme.version) {
                        li { (guest.language.name(&version.name)) " · " (version.version) " · " (version.in_force_from) } } } }
            }
        },
    };
    shell::page(&desk, &guest, Place::Settings, content).await
}

fn store(desk: &Desk, language: Language) -> Markup {
    let locale = language.locale();
    let credential = &desk.credential;
    let line = |key: &str, value: &str| html! { div { dt { (t!(key, locale = locale)) } dd { (value) } } };
    html! {
        section .card {
            h1 { (t!("place.office_settings", locale = locale)) }
            dl .sums {
                (line("settings.name", &credential.name))
                (line("settings.number", &credential.store.0.to_string()))
                (line("settings.chain", &credential.scope.chain))
                (line("settings.city", &credential.scope.city))
                (line("settings.life", &credential.life.to_string()))
                (line("settings.version", env!("CARGO_PKG_VERSION")))
            }
            p .soft { (t!("settings.files", locale = locale)) }
        }
    }
}

/// A scheme in a few lines: what members ask about.
pub(crate) fn scheme(programme: &Programme, language: Language) -> Markup {
    let locale = language.locale();
    let line = |key: &str, value: &str| html! { div { dt { (t!(key, locale = locale)) } dd { (value) } } };
    let names = |names: Vec<String>| {
        if names.is_empty() { "—".to_owned() } else { names.join(language.comma()) }
    };
    let tiers = programme.tiers.iter().map(|tier| language.name(&tier.name)).collect();
    let passes = programme.passes.iter().map(|pass| language.name(&pass.name)).collect();
    let coupons = programme.coupons.iter().map(|coupon| language.name(&coupon.name)).collect();
    let rewards = programme.rewards.iter();
    let rewards = rewards.map(|it| format!("{} ({})", language.name(&it.name), it.points)).collect();
    html! {
        section .card {
            h2 { (t!("settings.programme", locale = locale)) }
            dl .sums {
                (line("settings.scheme", &language.name(&programme.name)))
                (line("settings.scheme_version", &format!("{} · {}", programme.version, programme.in_force_from)))
                (line("settings.tiers", &names(tiers)))
                @if let Some(cash) = &programme.redemption.cash {
                    (line("settings.cash", &t!("settings.cash_is", locale = locale, step = cash.step, worth = yuan(cash.off)))) }
                (line("settings.rewards", &names(rewards)))
                (line("member.coupons", &names(coupons)))
                (line("member.passes", &names(passes)))
                @if let Some(stored) = &programme.stored_value {
                    (line("member.stored_value", &t!("deal.from", locale = locale, amount = yuan(stored.from)))) }
            }
        }
    }
}
