use axum::{
    extract::State,
    response::{IntoResponse, Redirect, Response},
};
use maud::{Markup, html};
use purser_documents::{Edit, Field};
use purser_replica::{Outcome, Undertaking};
use purser_storage::MemberRow;
use rust_i18n::t;

use crate::{
    counter::finder,
    desk::{Desk, Fault},
    fields::{Fields, plain_digits, shown},
    gate::{FORM_KEY, Guest, SentForm},
    refusals,
    session::random,
    shell::{self, Place, alert},
};

/// What the short form asks for: the field, what kind of input it is.
const ASKED: [(Field, &str, &str); 5] = [
    (Field::Name, "text", "name"),
    (Field::Phone, "tel", "tel"),
    (Field::BirthDate, "date", "bday"),
    (Field::Referrer, "text", "off"),
    (Field::Notes, "text", "off"),
];

/// The form.
pub(crate) async fn show(State(desk): State<Desk>, guest: Guest) -> Response {
    if let Some(refusal) = guest.unless_serving() {
        return refusal;
    }
    let form = form(&guest, &Fields::default(), &random().unwrap_or_default(), &html! {});
    shell::page(&desk, &guest, Place::Register, form).await
}

/// Registers somebody, and goes on at the counter with them.
pub(crate) async fn register(State(desk): State<Desk>, sent: SentForm) -> Response {
    let SentForm { guest, fields } = sent;
    if let Some(refusal) = guest.unless_serving() {
        return refusal;
    }
    let key = fields.get("key").to_owned();
    let edits: Vec<Edit> = ASKED.into_iter().filter_map(|(field, _, _)| edit(&fields, field)).collect();
    let once = format!("register {key}");
    // Sent twice, whoever is known already is the one who was registered.
    if fields.get("anyway") != "on" && !desk.was_carried_out(&guest.session.name, &once).await {
        let alike = alike(&desk, phone(&fields)).await.unwrap_or_default();
        if !alike.is_empty() {
            let form = form(&guest, &fields, &key, &known_already(&guest, &alike));
            return shell::page(&desk, &guest, Place::Register, form).await;
        }
    }
    let undertaking = Undertaking::Register { edits, with_card: fields.get("card") == "on" };
    let trouble = match desk.carry_out(&guest.session.name, &once, undertaking).await {
        Ok(reply) => match reply.outcome {
            Outcome::Member(member, _) => {
                return Redirect::to(&format!("/counter?member={member}")).into_response();
            }
            _ => t!("refusal.unavailable", locale = guest.language.locale()).into_owned(),
        },
        Err(fault) => refusals::words(&fault, guest.language),
    };
    let form = form(&guest, &fields, &key, &alert(&trouble));
    shell::page(&desk, &guest, Place::Register, form).await
}

fn edit(fields: &Fields, field: Field) -> Option<Edit> {
    let value = if field == Field::Phone { phone(fields) } else { fields.get(field.as_str()).to_owned() };
    (!value.is_empty()).then_some(Edit::SetField { field, value: Some(value) })
}

/// As it is kept, whatever keyboard typed it.
fn phone(fields: &Fields) -> String {
    plain_digits(fields.get(Field::Phone.as_str()))
}

/// Who is known by that phone number already.
async fn alike(desk: &Desk, phone: String) -> Result<Vec<MemberRow>, Fault> {
    if phone.is_empty() {
        return Ok(Vec::new());
    }
    desk.read(move |reader| finder::found_by_phone(&reader.view, &phone)).await
}

/// Whoever comes twice is served, and registered twice only if that is what is wanted.
fn known_already(guest: &Guest, alike: &[MemberRow]) -> Markup {
    let locale = guest.language.locale();
    html! {
        div .note-now role="alert" {
            p { (t!("register.known", locale = locale)) }
            ul .found { @for row in alike {
                li { a href={ "/counter?member=" (row.member) } {
                    span .name { @if row.name.is_empty() { (t!("member.unnamed", locale = locale)) } @else { (row.name) } }
                    span { (finder::masked_phone(&row.phone)) } } }
            } }
            label .check { input type="checkbox" name="anyway"; span { (t!("register.anyway", locale = locale)) } }
        }
    }
}

fn form(guest: &Guest, fields: &Fields, key: &str, told: &Markup) -> Markup {
    let locale = guest.language.locale();
    html! {
        form .card .narrow method="post" action="/counter/register" {
            h1 { (t!("register.title", locale = locale)) }
            (told)
            input type="hidden" name=(FORM_KEY) value=(guest.session.form_key);
            input type="hidden" name="key" value=(key);
            @for (field, kind, autocomplete) in ASKED {
                label { (t!(format!("field.{}", field.as_str()), locale = locale))
                    input name=(field.as_str()) type=(kind) value=(shown(fields.get(field.as_str()))) autocomplete=(autocomplete) maxlength="200"
                        autofocus[field == Field::Name]; }
            }
            label .check { input type="checkbox" name="card" checked; span { (t!("register.card", locale = locale)) } }
            p .soft { (t!("register.short", locale = locale)) }
            button type="submit" { (t!("register.do", locale = locale)) }
        }
    }
}
