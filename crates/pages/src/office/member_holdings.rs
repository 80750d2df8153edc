//! What a member has: tier, points, stored value, passes and coupons, in all and at this store.

use maud::{Markup, html};
use rust_i18n::t;

use crate::{
    counter::member_panel::Held,
    language::Language,
    office::{
        member::Known,
        pictures::{money, plain},
    },
};

/// The list.
pub(crate) fn html(known: &Known, language: Language) -> Markup {
    let locale = language.locale();
    let account = &known.account;
    let standing = &known.account.standing.standing;
    let tier = known.account.standing.programme.tiers.get(standing.tier);
    let (points, stored) = (account.points(), account.stored_value());
    let (passes, coupons) = (account.passes(language), account.coupons(language));
    html! {
        section .card #holdings {
            h2 { (t!("member.has", locale = locale)) }
            dl .sums {
                @if let Some(tier) = tier {
                    div { dt { (t!("member.tier", locale = locale)) } dd { (language.name(&tier.name))
                        @if let Some(until) = standing.until { " " span .soft { (t!("member.until", locale = locale, date = until)) } } } }
                }
                (line(&t!("member.points", locale = locale), points, plain, language))
                @if account.programme().stored_value.is_some() || stored.0.0 > 0 {
                    (line(&t!("member.stored_value", locale = locale), (stored.0.0, stored.1.0), money, language)) }
                @for pass in &passes { (piece(pass, "member.passes", language)) }
                @for coupon in &coupons { (piece(coupon, "member.coupons", language)) }
            }
            @if known.account.standing.orders > 0 { p .soft { (language.counted("member.orders", known.account.standing.orders)) } }
        }
    }
}

/// So much in all and, where that is less, here.
fn line(label: &str, (all, here): (i64, i64), figure: fn(i64) -> String, language: Language) -> Markup {
    html! {
        div { dt { (label) } dd .figure { (figure(all))
            @if here != all { " " span .soft { (t!("member.held_here", locale = language.locale(), amount = figure(here))) } } } }
    }
}

fn piece(held: &Held<'_>, kind: &str, language: Language) -> Markup {
    let label = format!("{} · {}", t!(kind, locale = language.locale()), held.name);
    line(&label, held.count, |count| format!("× {}", plain(count)), language)
}
