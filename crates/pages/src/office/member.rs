//! All that is known of one member: the profile, values to settle, cards and their states, what has happened.

use axum::{
    extract::{Query, State},
    response::{IntoResponse, Redirect, Response},
};
use maud::{Markup, html};
use purser_documents::{CardState, Edit, Field, PersonalText, Profile};
use purser_replica::{Merging, Movement, Refusal, Undertaking, View};
use purser_storage::MemberRow;
use purser_types::{CardNumber, MemberId};
use rust_i18n::t;
use serde::Deserialize;

use crate::{
    attempt::Attempt,
    desk::Desk,
    fields::Fields,
    gate::{FORM_KEY, Guest, SentForm},
    moment::Moment,
    office::{
        members::rows,
        movements::{self, Timed},
    },
    refusals,
    shell::{self, Place, alert},
};

/// Whose page.
#[derive(Deserialize)]
pub(crate) struct Asked {
    #[serde(default)]
    member: String,
}

/// All that the page shows.
pub(crate) struct Known {
    pub(crate) member: MemberId,
    pub(crate) profile: Profile,
    pub(crate) movements: Vec<Timed>,
    /// Others with the same phone number.
    alike: Vec<MemberRow>,
    /// Others who are the same person, by what somebody has decided.
    kin: Vec<MemberRow>,
    /// Who that is: the member, or one of those.
    person: MemberId,
}

/// What cashiers see and change; the rest is for who runs the store.
const EVERYDAY: [Field; 6] =
    [Field::Name, Field::Phone, Field::BirthDate, Field::Sex, Field::Preferences, Field::Notes];
const MOVEMENTS_SHOWN: u32 = 25;

/// The page.
pub(crate) async fn show(State(desk): State<Desk>, guest: Guest, Query(asked): Query<Asked>) -> Response {
    if let Some(refusal) = guest.unless_serving() {
        return refusal;
    }
    let Ok(member) = asked.member.parse() else { return Redirect::to("/office/members").into_response() };
    render(&desk, &guest, member, &Attempt::first()).await
}

/// Changes the profile, settles a value, or changes a card.
pub(crate) async fn change(State(desk): State<Desk>, sent: SentForm) -> Response {
    let SentForm { guest, fields } = sent;
    if let Some(refusal) = guest.unless_serving() {
        return refusal;
    }
    let Ok(member) = fields.get("member").parse::<MemberId>() else {
        return Redirect::to("/office/members").into_response();
    };
    let back = || Redirect::to(&format!("/office/member?member={member}")).into_response();
    let known = match look(&desk, member).await {
        Ok(known) => known,
        Err(fault) => {
            let attempt = Attempt::after(&fault, fields.get("key"), guest.language);
            return render(&desk, &guest, member, &attempt).await;
        }
    };
    let Some(undertakings) = wanted(&guest, &fields, &known) else {
        return shell::refusal(guest.language, axum::http::StatusCode::FORBIDDEN);
    };
    for (place, undertaking) in undertakings.into_iter().enumerate() {
        let key = format!("member {} {place}", fields.get("key"));
        if let Err(fault) = desk.carry_out(&guest.session.name, &key, undertaking).await {
            let attempt = Attempt::after(&fault, fields.get("key"), guest.language);
            return render(&desk, &guest, member, &attempt).await;
        }
    }
    back()
}

/// What a form asks for; nothing if whoever sent it may not.
fn wanted(guest: &Guest, fields: &Fields, known: &Known) -> Option<Vec<Undertaking>> {
    let member = known.member;
    let edit = |edits: Vec<Edit>| Undertaking::EditProfile { member, edits };
    match fields.get("do") {
        "settle" => {
            let field = fields.get("field").parse().ok()?;
            let value = Some(fields.get("value").to_owned()).filter(|value| !value.is_empty());
            may_see(guest, field).then(|| vec![edit(vec![Edit::SetField { field, value }])])
        }
        "save" => {
            let edits = edits(guest, fields, &known.profile);
            Some(if edits.is_empty() { Vec::new() } else { vec![edit(edits)] })
        }
        "replace" => {
            let card = own_card(fields, known)?;
            // A new card instead of one that a manager has stopped would make it good again.
            let state = known.profile.cards.get(&card).copied()?;
            let may = guest.is_manager() || matches!(state, CardState::Active | CardState::Lost);
            may.then_some(())?;
            let void = Undertaking::ChangeCard { card, state: CardState::Replaced };
            Some(vec![void, Undertaking::IssueCard { member }])
        }
        "merge" | "split" if guest.is_manager() => {
            let other = fields.get("other").parse().ok()?;
            let is_merge = fields.get("do") == "merge";
            let is_among = |rows: &[MemberRow]| rows.iter().any(|row| row.member == other);
            // Who shares a phone number is put together; who was put together is taken apart.
            let may = if is_merge { is_among(&known.alike) } else { other == member || is_among(&known.kin) };
            let into = may.then(|| is_merge.then_some(member))?;
            let reason = t!("member.merge_reason", locale = guest.language.locale()).into_owned();
            let by = guest.session.name.clone();
            Some(vec![Undertaking::Merge(Merging { member: other, into, reason, by })])
        }
        state => {
            let (card, state) = (own_card(fields, known)?, state.parse::<CardState>().ok()?);
            // Who serves may make a card safe; making it good again is the manager's.
            let may = guest.is_manager() || matches!(state, CardState::Lost | CardState::Frozen);
            may.then(|| vec![Undertaking::ChangeCard { card, state }])
        }
    }
}

fn own_card(fields: &Fields, known: &Known) -> Option<CardNumber> {
    let card = fields.get("card").parse().ok()?;
    known.profile.cards.contains_key(&card).then_some(card)
}

/// What the form says otherwise than the profile.
fn edits(guest: &Guest, fields: &Fields, profile: &Profile) -> Vec<Edit> {
    let fields_shown = Field::ALL.iter().copied().filter(|field| may_see(guest, *field));
    let changed = fields_shown.filter(|field| fields.has(field.as_str())).filter_map(|field| {
        // Against what the form had shown: somebody else may have changed the field since.
        let (now, was) = (fields.get(field.as_str()), fields.get(&format!("was_{}", field.as_str())));
        let value = Some(now.to_owned()).filter(|text| !text.is_empty());
        (now != was && now != profile.text(field).unwrap_or_default().trim())
            .then_some(Edit::SetField { field, value })
    });
    changed.collect()
}

/// Papers, address and ailments are nobody's business at the counter.
fn may_see(guest: &Guest, field: Field) -> bool {
    guest.is_manager() || EVERYDAY.contains(&field)
}

async fn look(desk: &Desk, member: MemberId) -> Result<Known, crate::desk::Fault> {
    desk.read(move |reader| Known::read(&mut reader.view, member)).await
}

impl Known {
    fn read(view: &mut View, member: MemberId) -> Result<Self, Refusal> {
        let profile = view.profile(member)?;
        let movements = view.history(member, None, MOVEMENTS_SHOWN)?;
        let timed = |it: Movement| {
            let at = Moment::of(view, it.entry.hlc.wall_ms);
            (it, at)
        };
        let movements: Vec<Timed> = movements.into_iter().map(timed).collect();
        let phone = profile.text(Field::Phone).unwrap_or_default().to_owned();
        let mut alike = view.by_phone(&phone, MemberId::CHAIN, 10)?;
        let (people, person) = (view.kin(member)?, view.person(member)?);
        alike.retain(|row| !people.contains(&row.member));
        let mut kin = Vec::new();
        for other in people.into_iter().filter(|other| *other != member) {
            kin.extend(view.member(other)?);
        }
        Ok(Self { member, profile, movements, alike, kin, person })
    }
}

async fn render(desk: &Desk, guest: &Guest, member: MemberId, attempt: &Attempt) -> Response {
    let locale = guest.language.locale();
    let content = match look(desk, member).await {
        Err(fault) => html! {
            (alert(&refusals::words(&fault, guest.language)))
            p { a href="/office/members" { (t!("refusal.back", locale = locale)) } }
        },
        Ok(known) => {
            let page = Page { guest, known: &known, key: &attempt.key };
            html! {
                @if let Some(trouble) = &attempt.trouble { (alert(trouble)) }
                div .two {
                    div { (page.head()) (page.conflicts()) (page.profile()) }
                    div { (page.cards()) (page.alike()) (movements::list(&known.movements, guest.language)) }
                }
            }
        }
    };
    shell::page(desk, guest, Place::Members, content).await
}

struct Page<'a> {
    guest: &'a Guest,
    known: &'a Known,
    key: &'a str,
}

impl Page<'_> {
    fn kept(&self) -> Markup {
        html! {
            input type="hidden" name=(FORM_KEY) value=(self.guest.session.form_key);
            input type="hidden" name="member" value=(self.known.member);
            input type="hidden" name="key" value=(self.key);
        }
    }

    fn head(&self) -> Markup {
        let locale = self.guest.language.locale();
        let name = self.known.profile.text(Field::Name).unwrap_or_default();
        html! {
            section .card {
                h1 { @if name.is_empty() { (t!("member.unnamed", locale = locale)) } @else { (name) } }
                p .soft { (self.known.member) }
                div .row {
                    a .button href={ "/counter?member=" (self.known.member) } { (t!("place.counter", locale = locale)) }
                    a .button .second href={ "/counter/deal?member=" (self.known.member) } { (t!("member.more", locale = locale)) }
                    a .button .second href={ "/counter/return?member=" (self.known.member) } { (t!("return.purchases", locale = locale)) }
                }
            }
        }
    }

    /// The values of which somebody has to choose one.
    fn conflicts(&self) -> Markup {
        let locale = self.guest.language.locale();
        let fields = self.known.profile.fields.iter();
        let open =
            fields.filter(|(field, value)| !value.conflicts.is_empty() && may_see(self.guest, **field));
        html! {
            @for (field, value) in open {
                form .card .settle method="post" action="/office/member" {
                    (self.kept())
                    input type="hidden" name="do" value="settle";
                    input type="hidden" name="field" value=(field.as_str());
                    h2 { (t!("member.settle", locale = locale, field = t!(format!("field.{}", field.as_str()), locale = locale))) }
                    p .soft { (t!("member.settle_what", locale = locale)) }
                    div .row { @for text in value.conflicts.iter().filter_map(PersonalText::as_str) {
                        button .second name="value" value=(text) { (text) } } }
                }
            }
        }
    }

    fn profile(&self) -> Markup {
        let locale = self.guest.language.locale();
        let shown = Field::ALL.iter().copied().filter(|field| may_see(self.guest, *field));
        html! {
            form .card method="post" action="/office/member" {
                h2 { (t!("member.profile", locale = locale)) }
                (self.kept())
                div .fields { @for field in shown { (self.field(field)) } }
                @for tag in &self.known.profile.tags { span .tag { (tag) } }
                @for (plate, _) in &self.known.profile.vehicles { span .tag { (plate) } }
                div .row .end { button name="do" value="save" { (t!("member.save", locale = locale)) } }
            }
        }
    }

    fn field(&self, field: Field) -> Markup {
        let locale = self.guest.language.locale();
        let value = self.known.profile.text(field).unwrap_or_default();
        let name = field.as_str();
        let choices: &[&str] = match field {
            Field::Sex => &["f", "m", "other"],
            Field::MedicalInsurance => &["yes", "no"],
            _ => &[],
        };
        html! {
            input type="hidden" name={ "was_" (name) } value=(value);
            label { (t!(format!("field.{name}"), locale = locale))
                @if field == Field::Notes || field == Field::Preferences || field == Field::Ailments {
                    textarea name=(name) rows="2" maxlength="2000" { (value) }
                } @else if choices.is_empty() {
                    input name=(name) value=(value) maxlength="200" autocomplete="off"
                        type=(match field { Field::BirthDate => "date", Field::Phone => "tel", _ => "text" });
                } @else {
                    select name=(name) {
                        option value="" { "—" }
                        @for choice in choices { option value=(choice) selected[*choice == value] {
                            (t!(format!("choice.{choice}"), locale = locale)) } }
                    }
                }
            }
        }
    }

    fn cards(&self) -> Markup {
        let locale = self.guest.language.locale();
        html! {
            section .card {
                h2 { (t!("member.cards", locale = locale)) }
                @if self.known.profile.cards.is_empty() { p .soft { (t!("member.no_cards", locale = locale)) } }
                @for (card, state) in &self.known.profile.cards {
                    form .card-row method="post" action="/office/member" {
                        (self.kept())
                        input type="hidden" name="card" value=(card);
                        p { strong .mono { (card.masked()) } " "
                            span .tag .warn[*state != CardState::Active] { (t!(format!("card.{state}"), locale = locale)) } }
                        div .row { @for (act, words) in self.card_acts(*state) {
                            button .second name="do" value=(act) { (t!(words, locale = locale)) } } }
                    }
                }
            }
        }
    }

    /// What may be done with a card in a state, by whoever looks at it.
    fn card_acts(&self, state: CardState) -> Vec<(&'static str, &'static str)> {
        let all = [
            ("lost", "card_act.lost", state == CardState::Active),
            (
                "active",
                "card_act.found",
                matches!(state, CardState::Lost | CardState::Frozen | CardState::Expired),
            ),
            ("frozen", "card_act.freeze", state == CardState::Active),
            ("replace", "card_act.replace", !state.is_final()),
            ("cancelled", "card_act.cancel", !state.is_final()),
        ];
        let may_replace = matches!(state, CardState::Active | CardState::Lost);
        let may = |act: &str| {
            self.guest.is_manager() || matches!(act, "lost" | "frozen") || act == "replace" && may_replace
        };
        all.into_iter()
            .filter(|(act, _, fits)| *fits && may(act))
            .map(|(act, words, _)| (act, words))
            .collect()
    }

    fn alike(&self) -> Markup {
        let locale = self.guest.language.locale();
        html! {
            @if !self.known.kin.is_empty() {
                section .card {
                    h2 { (t!("member.kin", locale = locale)) }
                    p .soft { (t!("member.kin_what", locale = locale)) }
                    (self.others(&self.known.kin, "split"))
                }
            }
            @if !self.known.alike.is_empty() {
                section .card .settle {
                    h2 { (t!("members.alike", locale = locale)) }
                    p .soft { (t!("members.alike_what", locale = locale)) }
                    (self.others(&self.known.alike, "merge"))
                }
            }
        }
    }

    /// Other members, and what a manager may decide about them.
    fn others(&self, others: &[MemberRow], act: &str) -> Markup {
        let locale = self.guest.language.locale();
        html! {
            (rows(others, self.guest.language))
            @if self.guest.is_manager() {
                @for other in others {
                    form .row method="post" action="/office/member" {
                        (self.kept())
                        // Of two it is the one that was merged into the other that is taken apart.
                        @let is_person = act == "split" && other.member == self.known.person;
                        input type="hidden" name="other" value=(if is_person { self.known.member } else { other.member });
                        button .second name="do" value=(act) {
                            (t!(format!("member.{act}"), locale = locale, name = other.name)) }
                    }
                }
            }
        }
    }
}
