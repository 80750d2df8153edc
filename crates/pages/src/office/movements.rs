//! What has happened with a member's points and papers, in words.

use maud::{Markup, html};
use purser_journal::{Entry, Fact};
use purser_replica::{About, Movement};
use purser_types::{Fen, MemberId};
use rust_i18n::t;

use crate::{
    language::Language,
    moment::Moment,
    office::{
        pictures::money,
        subject::{card_words, fields_words, store_words},
    },
};

/// A movement, and when it was.
pub(crate) type Timed = (Movement, Moment);

/// The list, the latest first.
pub(crate) fn list(movements: &[Timed], language: Language) -> Markup {
    let locale = language.locale();
    html! {
        section .card {
            h2 { (t!("member.history", locale = locale)) }
            table {
                thead { tr {
                    th { (t!("audit.when", locale = locale)) } th { (t!("audit.store", locale = locale)) }
                    th { (t!("audit.act", locale = locale)) } th .figure { (t!("member.points", locale = locale)) }
                } }
                tbody { @for (movement, at) in movements {
                    @let change: i64 = movement.changes.iter().map(|(_, change)| change).sum();
                    tr {
                        td .when { (at) }
                        td { (store_words(movement.store, language)) }
                        td { (t!(format!("moved.{}", kind(&movement.entry)), locale = locale))
                            @if let Some(amount) = amount(&movement.entry) { " " (money(amount.0)) }
                            @for words in changed(&movement.entry, language) { " · " (words) } }
                        td .figure { @if change != 0 { (format!("{change:+}")) } }
                    }
                } }
            }
        }
    }
}

/// What an entry is to a member.
fn kind(entry: &Entry) -> &'static str {
    let kind = |fact: &Fact| match fact {
        Fact::Sale(_) => Some("sale"),
        Fact::Return(_) => Some("return"),
        Fact::TopUp(_) => Some("top_up"),
        Fact::TopUpBack(_) => Some("top_up_back"),
        Fact::PassSold(_) => Some("pass"),
        Fact::PassBack(_) => Some("pass_back"),
        Fact::Reward(_) => Some("reward"),
        Fact::Grant(_) => Some("grant"),
        Fact::Profile { member, .. } if *member == MemberId::created_by(entry.id()) => Some("registered"),
        Fact::Profile { .. } | Fact::CardIssued { .. } => Some(profile_or_card(entry)),
        Fact::LateSettled(_) => Some("late"),
        Fact::Merge(_) => Some("merge"),
        _ => None,
    };
    entry.facts.iter().find_map(kind).unwrap_or("rights")
}

/// Which of the two, as far as the act beside it says.
fn profile_or_card(entry: &Entry) -> &'static str {
    match about(entry) {
        Some(about) if about.card.is_some() => "card",
        Some(about) if !about.fields.is_empty() => "fields",
        _ => "profile",
    }
}

/// What of the profile, or of a card, has changed.
fn changed(entry: &Entry, language: Language) -> Vec<String> {
    let about = about(entry).unwrap_or_default();
    [fields_words(&about, language), card_words(&about, language)].into_iter().flatten().collect()
}

fn about(entry: &Entry) -> Option<About> {
    entry.facts.iter().find_map(|fact| match fact {
        Fact::Act(act) => About::read(&act.about),
        _ => None,
    })
}

/// What it was about in money.
fn amount(entry: &Entry) -> Option<Fen> {
    entry.facts.iter().find_map(|fact| match fact {
        Fact::Sale(sale) => Some(sale.gross),
        Fact::Return(back) => Some(back.gross),
        Fact::TopUp(top_up) => Some(top_up.principal),
        Fact::TopUpBack(back) => Some(back.principal),
        Fact::PassSold(sold) => Some(sold.price),
        Fact::PassBack(back) => Some(back.price),
        _ => None,
    })
}
