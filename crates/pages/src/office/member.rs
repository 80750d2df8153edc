//! All that is known of one member: the profile, values to settle, cards and their states, what the member has, what has
//! happened; and what may be done about it.

use axum::{
    extract::{Query, State},
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use maud::html;
use purser_documents::{CardState, Edit, Field, Profile};
use purser_replica::{Merging, Movement, Refusal, Undertaking, View};
use purser_storage::MemberRow;
use purser_types::{CardNumber, MemberId};
use rust_i18n::t;
use serde::Deserialize;

use crate::{
    attempt::Attempt,
    counter::member_panel::Account,
    desk::{Desk, Fault},
    fields::Fields,
    gate::{Guest, SentForm},
    moment::Moment,
    office::{
        member_form::{Done, edits, may_see, trouble},
        member_page::Page,
        movements::Timed,
    },
    refusals,
    shell::{self, Place, alert},
};

/// Whose page.
#[derive(Deserialize)]
pub(crate) struct Asked {
    #[serde(default)]
    member: String,
    /// What has just been done.
    #[serde(default)]
    done: String,
}

/// All that the page shows.
pub(crate) struct Known {
    pub(crate) member: MemberId,
    pub(crate) profile: Profile,
    pub(crate) account: Account,
    pub(crate) movements: Vec<Timed>,
    /// Others with the same phone number.
    pub(crate) alike: Vec<MemberRow>,
    /// Others who are the same person, by what somebody has decided.
    pub(crate) kin: Vec<MemberRow>,
}

/// Why a form is not carried out.
enum Unfit {
    /// Whoever sent it may not.
    Forbidden,
    /// Something lacks, in words.
    Mistyped(String),
}

/// What to carry out, in turn, and what to say then.
type Wanted = (Vec<Undertaking>, Done);

const MOVEMENTS_SHOWN: u32 = 25;

/// The page.
pub(crate) async fn show(State(desk): State<Desk>, guest: Guest, Query(asked): Query<Asked>) -> Response {
    if let Some(refusal) = guest.unless_serving() {
        return refusal;
    }
    let Ok(member) = asked.member.parse() else { return Redirect::to("/office/members").into_response() };
    render(&desk, &guest, member, (&Attempt::first(), None, Done::named(&asked.done))).await
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
    match act(&desk, &guest, &fields, member).await {
        Ok(done) => {
            Redirect::to(&format!("/office/member?member={member}&done={}", done.name())).into_response()
        }
        Err(None) => shell::refusal(guest.language, StatusCode::FORBIDDEN),
        // What was typed stands there again.
        Err(Some(attempt)) => render(&desk, &guest, member, (&attempt, Some(&fields), None)).await,
    }
}

/// What was done; or why not, unless it is not theirs to do.
async fn act(desk: &Desk, guest: &Guest, fields: &Fields, member: MemberId) -> Result<Done, Option<Attempt>> {
    let after = |fault: &Fault| {
        let attempt = Attempt::after(fault, fields.get("key"), guest.language);
        Some(Attempt { trouble: Some(trouble(fault, guest.language)), ..attempt })
    };
    let known = look(desk, member).await.map_err(|fault| after(&fault))?;
    let (undertakings, done) = wanted(guest, fields, &known).map_err(|unfit| match unfit {
        Unfit::Forbidden => None,
        Unfit::Mistyped(words) => Some(Attempt::mistyped(words)),
    })?;
    for (place, undertaking) in undertakings.into_iter().enumerate() {
        let key = format!("member {} {place}", fields.get("key"));
        desk.carry_out(&guest.session.name, &key, undertaking).await.map_err(|fault| after(&fault))?;
    }
    Ok(done)
}

/// What a form asks for.
fn wanted(guest: &Guest, fields: &Fields, known: &Known) -> Result<Wanted, Unfit> {
    let member = known.member;
    let edit = |edits: Vec<Edit>| Undertaking::EditProfile { member, edits };
    match fields.get("do") {
        "settle" => {
            let field = fields.get("field").parse().map_err(|_| Unfit::Forbidden)?;
            let value = Some(fields.get("value").to_owned()).filter(|value| !value.is_empty());
            let edits = may_see(guest, field).then(|| vec![edit(vec![Edit::SetField { field, value }])]);
            Ok((edits.ok_or(Unfit::Forbidden)?, Done::Settled))
        }
        "save" => {
            let edits = edits(guest, fields, &known.profile);
            let done = Done::of(&edits);
            Ok((if edits.is_empty() { Vec::new() } else { vec![edit(edits)] }, done))
        }
        "merge" | "split" => one_or_two(guest, fields, known),
        _ => card_act(guest, fields, known),
    }
}

/// That two members are one person, or are not.
fn one_or_two(guest: &Guest, fields: &Fields, known: &Known) -> Result<Wanted, Unfit> {
    if !guest.is_manager() {
        return Err(Unfit::Forbidden);
    }
    let other = fields.get("other").parse().map_err(|_| Unfit::Forbidden)?;
    let is_merge = fields.get("do") == "merge";
    let is_among = |rows: &[MemberRow]| rows.iter().any(|row| row.member == other);
    // Who shares a phone number is put together; who was put together is taken apart.
    let may = if is_merge { is_among(&known.alike) } else { other == known.member || is_among(&known.kin) };
    if !may {
        return Err(Unfit::Forbidden);
    }
    let reason = fields.get("reason").to_owned();
    if reason.is_empty() {
        return Err(mistyped(guest, "member.say_why"));
    }
    let (into, by) = (is_merge.then_some(known.member), guest.session.name.clone());
    let done = if is_merge { Done::Merged } else { Done::Split };
    Ok((vec![Undertaking::Merge(Merging { member: other, into, reason, by })], done))
}

/// What becomes of a card.
fn card_act(guest: &Guest, fields: &Fields, known: &Known) -> Result<Wanted, Unfit> {
    let card = own_card(fields, known).ok_or(Unfit::Forbidden)?;
    let now = known.profile.cards.get(&card).copied().ok_or(Unfit::Forbidden)?;
    let is_replacement = fields.get("do") == "replace";
    let state = if is_replacement {
        CardState::Replaced
    } else {
        fields.get("do").parse::<CardState>().map_err(|_| Unfit::Forbidden)?
    };
    let may = match state {
        // A new card instead of one that a manager has stopped would make it good again.
        CardState::Replaced => {
            is_replacement && (guest.is_manager() || matches!(now, CardState::Active | CardState::Lost))
        }
        // Who serves may make a card safe; making it good again is the manager's.
        CardState::Lost | CardState::Frozen => true,
        _ => guest.is_manager(),
    };
    if !may {
        return Err(Unfit::Forbidden);
    }
    // What cannot be taken back is said twice.
    if state.is_final() && fields.get("sure") != "on" {
        return Err(mistyped(guest, "store.say_twice"));
    }
    let change = Undertaking::ChangeCard { card, state };
    let member = known.member;
    Ok(match state {
        CardState::Replaced => (vec![change, Undertaking::IssueCard { member }], Done::Replaced),
        CardState::Cancelled => (vec![change], Done::Cancelled),
        _ => (vec![change], Done::Card),
    })
}

fn mistyped(guest: &Guest, key: &str) -> Unfit {
    Unfit::Mistyped(t!(key, locale = guest.language.locale()).into_owned())
}

fn own_card(fields: &Fields, known: &Known) -> Option<CardNumber> {
    let card = fields.get("card").parse().ok()?;
    known.profile.cards.contains_key(&card).then_some(card)
}

async fn look(desk: &Desk, member: MemberId) -> Result<Known, Fault> {
    let now_ms = desk.handle.now().wall_ms;
    desk.read(move |reader| Known::read(&mut reader.view, member, now_ms)).await
}

impl Known {
    fn read(view: &mut View, member: MemberId, now_ms: u64) -> Result<Self, Refusal> {
        let profile = view.profile(member)?;
        let account = Account::read(view, member, now_ms)?;
        let movements = view.history(member, None, MOVEMENTS_SHOWN)?;
        let timed = |it: Movement| {
            let at = Moment::of(view, it.entry.hlc.wall_ms);
            (it, at)
        };
        let movements: Vec<Timed> = movements.into_iter().map(timed).collect();
        let phone = profile.text(Field::Phone).unwrap_or_default().to_owned();
        let mut alike = view.by_phone(&phone, MemberId::CHAIN, 10)?;
        let people = view.kin(member)?;
        alike.retain(|row| !people.contains(&row.member));
        let mut kin = Vec::new();
        for other in people.into_iter().filter(|other| *other != member) {
            kin.extend(view.member(other)?);
        }
        Ok(Self { member, profile, account, movements, alike, kin })
    }
}

/// The page after an attempt: with what was typed if it failed, with what was done if not.
async fn render(
    desk: &Desk,
    guest: &Guest,
    member: MemberId,
    (attempt, typed, done): (&Attempt, Option<&Fields>, Option<Done>),
) -> Response {
    let locale = guest.language.locale();
    let content = match look(desk, member).await {
        Err(fault) => html! {
            (alert(&refusals::words(&fault, guest.language)))
            p { a href="/office/members" { (t!("refusal.back", locale = locale)) } }
        },
        Ok(known) => html! {
            @if let Some(trouble) = &attempt.trouble { (alert(trouble)) }
            @if let Some(done) = done { p .told role="status" { (t!(format!("member.done_{}", done.name()), locale = locale)) } }
            (Page { guest, known: &known, key: &attempt.key, typed }.html())
        },
    };
    shell::page(desk, guest, Place::Members, content).await
}
