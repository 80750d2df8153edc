//! What an act was about, in words: with the names that go with it, as far as whoever looks may know them.

use maud::{Markup, html};
use purser_programme::{Label, Programme};
use purser_replica::{About, FleetReplica, Refusal, View};
use purser_types::{MemberId, ReplicaId, StoreNumber};
use rust_i18n::t;

use crate::{
    fields::in_query,
    language::Language,
    office::{
        pictures::{money, plain},
        sync::{lasted, replica_name},
    },
};

/// What stands beside an act.
pub(crate) struct Subject {
    about: About,
    /// What no words of ours are for.
    said: String,
    /// The members that it names, each with a name if there is one.
    members: Vec<(MemberId, Option<String>)>,
    replica: Option<FleetReplica>,
    /// What the programme calls its pass, reward or the like.
    rule: Option<Label>,
    /// Whether its receipt is kept here.
    is_here: bool,
}

/// For whom, and where, subjects are looked up.
pub(crate) struct Lookup<'a> {
    pub(crate) fleet: &'a [FleetReplica],
    pub(crate) programme: &'a Programme,
    pub(crate) own_store: StoreNumber,
    /// Whether whoever looks may know members by name, and see receipts.
    pub(crate) serves: bool,
}

impl Subject {
    /// What an act at a store was about, by its `about`.
    pub(crate) fn of(
        view: &View,
        about: &str,
        store: StoreNumber,
        lookup: &Lookup<'_>,
    ) -> Result<Self, Refusal> {
        let (about, said) = match About::read(about) {
            Some(about) => (about, String::new()),
            None => (About::default(), about.to_owned()),
        };
        let mut members = Vec::new();
        for member in [about.member, about.other].into_iter().flatten() {
            let row = if lookup.serves { view.member(member)? } else { None };
            members.push((member, row.map(|row| row.name)));
        }
        let named = |replica: ReplicaId| lookup.fleet.iter().find(|it| it.replica == replica).cloned();
        let replica = about.replica.or(about.entry.map(|entry| entry.replica)).and_then(named);
        let rule = about.rule.as_deref().and_then(|rule| rule_name(lookup.programme, rule));
        let is_here = lookup.serves && store == lookup.own_store;
        Ok(Self { about, said, members, replica, rule, is_here })
    }

    /// It in words, each part after the other.
    pub(crate) fn html(&self, act: &str, language: Language) -> Markup {
        let locale = language.locale();
        let about = &self.about;
        html! {
            @if act == "line_back" && let Ok(seconds) = self.said.parse() { " " (lasted(seconds, language)) }
            @else if !self.said.is_empty() { " · " (self.said) }
            @for (member, name) in &self.members { " · " (member_link(*member, name.as_deref(), language)) }
            @if let Some((till, check)) = &about.receipt { " · " (receipt_link(till, check, self.is_here, language)) }
            @if let Some(amount) = about.amount { " · " (money(amount.0)) }
            @if let Some(points) = about.points { " · " (language.counted("deal.points", points)) }
            @if let Some(name) = &self.rule { " · " (language.name(name)) } @else if let Some(rule) = &about.rule { " · " (rule) }
            @if let Some(account) = &about.account { " · " span .mono { (account) } }
            @if let Some(role) = about.role { " · " (t!(format!("role.{}", role.name()), locale = locale)) }
            @if let Some(replica) = &self.replica { " · " (replica_name(replica, language)) }
            @if let Some(entry) = about.entry { " · " (t!("audit.entry", locale = locale, number = plain(i64::try_from(entry.seq).unwrap_or(i64::MAX)))) }
            @if let Some(version) = about.version { " · " (t!("audit.version", locale = locale, version = version)) }
            (self.changes(language))
            @if let Some(reason) = &about.reason { " · “" (reason) "”" }
        }
    }

    /// What of a profile, or of a card, it changed.
    fn changes(&self, language: Language) -> Markup {
        html! {
            @if let Some(words) = fields_words(&self.about, language) { " · " (words) }
            @if let Some(words) = card_words(&self.about, language) { " · " (words) }
        }
    }
}

/// What a programme calls something, by its id there.
fn rule_name(programme: &Programme, rule: &str) -> Option<Label> {
    let passes = programme.passes.iter().map(|it| (&it.id, &it.name));
    let coupons = programme.coupons.iter().map(|it| (&it.id, &it.name));
    let rewards = programme.rewards.iter().map(|it| (&it.id, &it.name));
    let tiers = programme.tiers.iter().map(|it| (&it.id, &it.name));
    let activities = programme.activities.iter().map(|it| (&it.id, &it.name));
    let mut all = passes.chain(coupons).chain(rewards).chain(tiers).chain(activities);
    all.find(|(id, _)| id.as_str() == rule).map(|(_, name)| name.clone())
}

/// The fields of a profile that were changed.
pub(crate) fn fields_words(about: &About, language: Language) -> Option<String> {
    let locale = language.locale();
    let name = |field: &purser_documents::Field| {
        t!(format!("field.{}", field.as_str()), locale = locale).into_owned()
    };
    let names: Vec<String> = about.fields.iter().map(name).collect();
    (!names.is_empty()).then(|| names.join(language.comma()))
}

/// A card by its last digits, and what it has become.
pub(crate) fn card_words(about: &About, language: Language) -> Option<String> {
    let (card, state) = about.card.as_ref()?;
    let locale = language.locale();
    let state = t!(format!("card.{state}"), locale = locale);
    Some(t!("audit.card", locale = locale, card = card, state = state).into_owned())
}

/// A member, as a link for who may know the name.
pub(crate) fn member_link(member: MemberId, name: Option<&str>, language: Language) -> Markup {
    html! {
        @match name {
            None => span .mono { (member) },
            Some(name) => a href={ "/office/member?member=" (member) } {
                @if name.is_empty() { (t!("member.unnamed", locale = language.locale())) } @else { (name) }
            },
        }
    }
}

/// A receipt by till and number, as a link where it can be shown.
pub(crate) fn receipt_link(till: &str, check: &str, is_here: bool, language: Language) -> Markup {
    let words = t!("audit.receipt", locale = language.locale(), till = till, check = check);
    html! {
        @if is_here { a href={ "/counter/receipt?till=" (in_query(till)) "&check=" (in_query(check)) } { (words) } }
        @else { (words) }
    }
}

/// A store by its number, a hub as what it is.
pub(crate) fn store_words(store: StoreNumber, language: Language) -> String {
    match store {
        StoreNumber(0) => t!("sync.hub", locale = language.locale()).into_owned(),
        StoreNumber(store) => store.to_string(),
    }
}
