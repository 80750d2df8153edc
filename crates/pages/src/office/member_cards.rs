//! A member's cards: their whole numbers, to write on a card or to scan, and what may be done with them.

use maud::{Markup, html};
use purser_documents::CardState;
use purser_types::CardNumber;
use rust_i18n::t;

use crate::{language::Language, office::member_page::Page, qr::qr};

/// The cards, the newest last.
pub(crate) fn html(page: &Page<'_>) -> Markup {
    let locale = page.guest.language.locale();
    let cards = &page.known.profile.cards;
    html! {
        section .card {
            h2 { (t!("member.cards", locale = locale)) }
            @if cards.is_empty() { p .soft { (t!("member.no_cards", locale = locale)) } }
            @for (card, state) in cards { (row(page, *card, *state)) }
        }
    }
}

fn row(page: &Page<'_>, card: CardNumber, state: CardState) -> Markup {
    let language = page.guest.language;
    let locale = language.locale();
    html! {
        div .card-row {
            p { (number(card)) " " span .tag .warn[state != CardState::Active] { (t!(format!("card.{state}"), locale = locale)) } }
            @if state == CardState::Active { (code(card, language)) }
            @let acts = everyday_acts(page, state);
            @if !acts.is_empty() {
                form .row method="post" action="/office/member" {
                    (kept(page, card))
                    @for (act, words) in acts { button .second name="do" value=(act) { (t!(words, locale = locale)) } }
                }
            }
            (final_acts(page, card, state))
        }
    }
}

fn kept(page: &Page<'_>, card: CardNumber) -> Markup {
    html! { (page.kept()) input type="hidden" name="card" value=(card); }
}

/// The whole number in groups of four. What is copied has no blanks: they are the stylesheet's.
fn number(card: CardNumber) -> Markup {
    let digits: Vec<char> = card.to_string().chars().collect();
    html! { strong .mono .card-number { @for group in digits.chunks(4) { span { (group.iter().collect::<String>()) } } } }
}

/// The number for a scanner.
fn code(card: CardNumber, language: Language) -> Markup {
    html! {
        details { summary { (t!("member.card_code", locale = language.locale())) } div .qr .card-code { (qr(&card.to_string())) } }
    }
}

/// What can be taken back.
fn everyday_acts(page: &Page<'_>, state: CardState) -> Vec<(&'static str, &'static str)> {
    let is_stopped = matches!(state, CardState::Lost | CardState::Frozen | CardState::Expired);
    let all = [
        ("lost", "card_act.lost", state == CardState::Active),
        ("active", "card_act.found", is_stopped && page.guest.is_manager()),
        ("frozen", "card_act.freeze", state == CardState::Active),
    ];
    all.into_iter().filter(|(.., may)| *may).map(|(act, words, _)| (act, words)).collect()
}

/// What cannot: set apart, and said twice.
fn final_acts(page: &Page<'_>, card: CardNumber, state: CardState) -> Markup {
    let locale = page.guest.language.locale();
    let may_replace =
        page.guest.is_manager() && !state.is_final() || matches!(state, CardState::Active | CardState::Lost);
    let may_cancel = page.guest.is_manager() && !state.is_final();
    html! {
        @if may_replace || may_cancel {
            details .final { summary { (t!("member.card_final", locale = locale)) }
                form method="post" action="/office/member" {
                    (kept(page, card))
                    p .soft { (t!("member.card_final_what", locale = locale)) }
                    label .check { input type="checkbox" name="sure" required; span { (t!("store.sure", locale = locale)) } }
                    div .row {
                        @if may_replace { button .second name="do" value="replace" { (t!("card_act.replace", locale = locale)) } }
                        @if may_cancel { button .bad name="do" value="cancelled" { (t!("card_act.cancel", locale = locale)) } }
                    }
                }
            }
        }
    }
}
