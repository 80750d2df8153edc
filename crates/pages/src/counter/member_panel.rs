//! A member as the counter needs to know one: tier, points with the next expiry, stored value, passes, coupons, and
//! what matters now.

use maud::{Markup, html};
use purser_documents::{CardState, Field, Profile};
use purser_ledger::Asset;
use purser_programme::{Programme, RuleId};
use purser_replica::{Balance, MemberStanding, Refusal, View};
use purser_types::{BusinessDate, CardNumber, Fen, MemberId};
use rust_i18n::t;

use crate::{counter::finder::masked_phone, language::Language};

/// What is known of a member here and now.
pub(crate) struct Account {
    /// Who that is, of all members who are this person.
    pub(crate) member: MemberId,
    profile: Profile,
    pub(crate) standing: MemberStanding,
    points: Balance,
    held: Vec<(Asset, Balance)>,
    today: BusinessDate,
}

/// Passes or coupons of one kind.
pub(crate) struct Held<'a> {
    pub(crate) id: &'a RuleId,
    pub(crate) name: String,
    /// In all, and here.
    pub(crate) count: (i64, i64),
    until: Option<BusinessDate>,
}

/// So many days before the birthday and after it, it is worth a word.
const BIRTHDAY_DAYS: i32 = 7;

impl Account {
    pub(crate) fn read(view: &mut View, member: MemberId, now_ms: u64) -> Result<Self, Refusal> {
        let today = view.date_at(now_ms);
        // Who was registered twice is served as who they are, by any of their cards.
        let kin = view.kin(member)?;
        let member = kin.first().copied().unwrap_or(member);
        let mut profile = view.profile(member)?;
        for other in kin.iter().skip(1) {
            profile.cards.extend(view.profile(*other)?.cards);
        }
        Ok(Self {
            member,
            profile,
            standing: view.standing(member, now_ms)?,
            points: view.balance(member, Asset::Points, today)?,
            held: view.holds(member, now_ms)?,
            today,
        })
    }

    pub(crate) fn programme(&self) -> &Programme {
        &self.standing.programme
    }

    /// Points in all, and here.
    pub(crate) fn points(&self) -> (i64, i64) {
        (self.points.balance, self.points.here)
    }

    /// Stored value in all, and here: both parts together.
    pub(crate) fn stored_value(&self) -> (Fen, Fen) {
        let parts = self
            .held
            .iter()
            .filter(|(asset, _)| matches!(asset, Asset::WalletPrincipal | Asset::WalletBonus));
        let (all, here) = parts.fold((0_i64, 0_i64), |(all, here), (_, balance)| {
            (all.saturating_add(balance.balance.max(0)), here.saturating_add(balance.here.max(0)))
        });
        (Fen(all), Fen(here))
    }

    pub(crate) fn passes(&self, language: Language) -> Vec<Held<'_>> {
        let named = |kind| {
            self.programme().passes.iter().find(|it| it.id.kind() == kind).map(|it| (&it.id, &it.name))
        };
        self.pieces(language, |asset| match asset {
            Asset::Pass(kind) => named(kind),
            _ => None,
        })
    }

    pub(crate) fn coupons(&self, language: Language) -> Vec<Held<'_>> {
        let named = |kind| {
            self.programme().coupons.iter().find(|it| it.id.kind() == kind).map(|it| (&it.id, &it.name))
        };
        self.pieces(language, |asset| match asset {
            Asset::Coupon(kind) => named(kind),
            _ => None,
        })
    }

    fn pieces<'a>(
        &'a self,
        language: Language,
        named: impl Fn(Asset) -> Option<(&'a RuleId, &'a purser_programme::Label)>,
    ) -> Vec<Held<'a>> {
        let piece = |(asset, balance): &(Asset, Balance)| {
            let (id, name) = named(*asset)?;
            let live = balance.lots.iter().filter(|lot| lot.is_live(self.today) && lot.unheld() > 0);
            let until = live.filter_map(|lot| lot.until).min();
            (balance.balance > 0).then(|| Held {
                id,
                name: language.name(name),
                count: (balance.balance, balance.here),
                until,
            })
        };
        self.held.iter().filter_map(piece).collect()
    }

    /// The panel. What is not here can be asked for where the store is on line.
    pub(crate) fn html(&self, language: Language, is_on_line: bool) -> Markup {
        let locale = language.locale();
        let tier = &self.programme().tiers[self.standing.standing.tier];
        let name = self.profile.text(Field::Name).unwrap_or_default();
        html! {
            section .card #member {
                h1 {
                    @if name.is_empty() { (t!("member.unnamed", locale = locale)) } @else { (name) }
                    span .tag { (language.name(&tier.name)) }
                }
                ul .known-by .soft {
                    @let phone = masked_phone(self.profile.text(Field::Phone).unwrap_or_default());
                    @if !phone.is_empty() { li { (phone) } }
                    @for (card, state) in self.shown_cards() {
                        li { (card.masked())
                        @if *state != CardState::Active { span .tag .warn { (t!(format!("card.{state}"), locale = locale)) } } }
                    }
                }
                @for note in self.notes(language) { p .note-now role="note" { (note) } }
                (self.figures(language, is_on_line))
                (pieces_html(&self.passes(language), &t!("member.passes", locale = locale), (language, is_on_line)))
                (pieces_html(&self.coupons(language), &t!("member.coupons", locale = locale), (language, is_on_line)))
                p .links {
                    a .button .second href={ "/counter/deal?member=" (self.member) } aria-keyshortcuts="F4" data-key="F4" { (t!("member.more", locale = locale)) }
                    a .button .second href={ "/counter/return?member=" (self.member) } { (t!("return.purchases", locale = locale)) }
                    a .button .second href={ "/office/member?member=" (self.member) } { (t!("member.profile", locale = locale)) }
                }
                @if self.standing.orders > 0 { p .soft { (language.counted("member.orders", self.standing.orders)) } }
                @if let Some(until) = self.standing.standing.until { p .soft { (t!("member.tier_until", locale = locale, date = until)) } }
            }
        }
    }

    /// Two cards in use, and those that are not: whoever shows one of them is to be asked.
    fn shown_cards(&self) -> impl Iterator<Item = (&CardNumber, &CardState)> {
        let is_active = |(_, state): &(&CardNumber, &CardState)| **state == CardState::Active;
        let void = self.profile.cards.iter().filter(move |card| !is_active(card)).take(6);
        self.profile.cards.iter().filter(is_active).take(2).chain(void)
    }

    fn figures(&self, language: Language, is_on_line: bool) -> Markup {
        let here_words = |amount: &str| here_in_words(amount, (language, is_on_line));
        let locale = language.locale();
        let (points, here) = self.points();
        let next = self.points.lots.iter().find(|lot| lot.is_live(self.today) && lot.unheld() > 0);
        let (value, value_here) = self.stored_value();
        html! {
            dl .figures {
                div { dt { (t!("member.points", locale = locale)) }
                    dd { strong { (points) }
                        @if here != points { span .soft { (here_words(&here.to_string())) } } }
                    @if let Some(lot) = next && let Some(until) = lot.until {
                        dd .soft { (t!("member.expires", locale = locale, amount = lot.unheld(), date = until)) }
                    }
                }
                @if self.programme().stored_value.is_some() || value.0 > 0 {
                    div { dt { (t!("member.stored_value", locale = locale)) }
                        dd { strong { "¥" (value) }
                            @if value_here != value { span .soft { (here_words(&format!("¥{value_here}"))) } } } }
                }
            }
        }
    }

    /// What matters now.
    fn notes(&self, language: Language) -> Vec<String> {
        let locale = language.locale();
        let mut notes = Vec::new();
        if let Some(days) = self.days_to_birthday() {
            notes.push(match days {
                0 => t!("member.birthday_today", locale = locale).into_owned(),
                1.. => language.counted("member.birthday_in", days),
                _ => language.counted("member.birthday_was", -days),
            });
        }
        if self.points.balance < 0 {
            notes.push(t!("member.owes", locale = locale).into_owned());
        }
        if self.profile.conflicted() {
            notes.push(t!("member.conflicts", locale = locale).into_owned());
        }
        notes.extend(self.profile.text(Field::Notes).filter(|note| !note.is_empty()).map(str::to_owned));
        notes
    }

    fn days_to_birthday(&self) -> Option<i32> {
        let born: BusinessDate = self.profile.text(Field::BirthDate)?.parse().ok()?;
        let near = (-BIRTHDAY_DAYS..=BIRTHDAY_DAYS).map(|days| (days, self.today.plus_days(days)));
        near.into_iter()
            .find(|(_, day)| (day.month(), day.day()) == (born.month(), born.day()))
            .map(|(days, _)| days)
    }
}

/// How much of something can be spent here right now, in words.
pub(crate) fn here_in_words(amount: &str, (language, is_on_line): (Language, bool)) -> String {
    let locale = language.locale();
    let words = if is_on_line {
        t!("member.here_now", locale = locale, amount = amount)
    } else {
        t!("member.here_only", locale = locale, amount = amount)
    };
    words.into_owned()
}

fn pieces_html(held: &[Held<'_>], heading: &str, (language, is_on_line): (Language, bool)) -> Markup {
    let locale = language.locale();
    html! {
        @if !held.is_empty() {
            h2 { (heading) }
            ul .pieces {
                @for piece in held {
                    li { span { (piece.name) } span { "× " (piece.count.0) }
                        @if piece.count.1 < piece.count.0 { span .soft { (here_in_words(&piece.count.1.to_string(), (language, is_on_line))) } }
                        @if let Some(until) = piece.until { span .soft { (t!("member.until", locale = locale, date = until)) } } }
                }
            }
        }
    }
}
