use axum::{
    extract::State,
    response::{IntoResponse, Redirect, Response},
};
use maud::{Markup, html};
use purser_documents::{Edit, Field};
use purser_replica::{Outcome, Undertaking};
use rust_i18n::t;

use crate::{
    desk::Desk,
    fields::{Fields, shown},
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
    let form = form(&guest, &Fields::default(), &random().unwrap_or_default(), None);
    shell::page(&desk, &guest, Place::Register, form).await
}

/// Registers somebody, and goes on at the counter with them.
pub(crate) async fn register(State(desk): State<Desk>, sent: SentForm) -> Response {
    let SentForm { guest, fields } = sent;
    if let Some(refusal) = guest.unless_serving() {
        return refusal;
    }
    let key = fields.get("key").to_owned();
    let edit = |(field, _, _): (Field, &str, &str)| {
        let value = fields.get(field.as_str());
        (!value.is_empty()).then(|| Edit::SetField { field, value: Some(value.to_owned()) })
    };
    let edits: Vec<Edit> = ASKED.into_iter().filter_map(edit).collect();
    let undertaking = Undertaking::Register { edits, with_card: fields.get("card") == "on" };
    let trouble = match desk.carry_out(&guest.session.name, &format!("register {key}"), undertaking).await {
        Ok(reply) => match reply.outcome {
            Outcome::Member(member, _) => {
                return Redirect::to(&format!("/counter?member={member}")).into_response();
            }
            _ => t!("refusal.unavailable", locale = guest.language.locale()).into_owned(),
        },
        Err(fault) => refusals::words(&fault, guest.language),
    };
    let form = form(&guest, &fields, &key, Some(&trouble));
    shell::page(&desk, &guest, Place::Register, form).await
}

fn form(guest: &Guest, fields: &Fields, key: &str, trouble: Option<&str>) -> Markup {
    let locale = guest.language.locale();
    html! {
        form .card .narrow method="post" action="/counter/register" {
            h1 { (t!("register.title", locale = locale)) }
            @if let Some(trouble) = trouble { (alert(trouble)) }
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
