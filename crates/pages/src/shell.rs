//! What all pages have in common.

use axum::{
    http::{
        HeaderName, HeaderValue, StatusCode,
        header::{
            CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
        },
    },
    response::{IntoResponse, Response},
};
use maud::{DOCTYPE, Markup, html};
use purser_journal::{Role, StaffRole};
use rust_i18n::t;

use crate::{
    assets::{ICON_PATH, SCRIPT_PATH, STYLE_PATH},
    desk::Desk,
    gate::{FORM_KEY, Guest},
    language::Language,
    line_strip::strip,
};

/// Nothing comes from or goes to elsewhere, and no script stands in a page.
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self'; \
                      form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// The pages that the head of a page leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    Counter,
    Register,
    Return,
    Receipts,
    Today,
    Members,
    Exceptions,
    Staff,
    Sync,
    Settings,
    Fleet,
    City,
    Programmes,
    Late,
    Audit,
}

impl Place {
    const AT_STORE: [Place; 11] = [
        Place::Counter,
        Place::Register,
        Place::Return,
        Place::Receipts,
        Place::Members,
        Place::Today,
        Place::Exceptions,
        Place::Staff,
        Place::Sync,
        Place::Audit,
        Place::Settings,
    ];
    const AT_HUB: [Place; 6] =
        [Place::Fleet, Place::City, Place::Programmes, Place::Late, Place::Staff, Place::Audit];

    fn path(self) -> &'static str {
        match self {
            Place::Counter => "/counter",
            Place::Register => "/counter/register",
            Place::Return => "/counter/return",
            Place::Receipts => "/counter/receipt",
            Place::Today => "/office",
            Place::Members => "/office/members",
            Place::Exceptions => "/office/exceptions",
            Place::Staff => "/office/staff",
            Place::Sync => "/office/sync",
            Place::Settings => "/office/settings",
            Place::Fleet => "/fleet",
            Place::City => "/city",
            Place::Programmes => "/programmes",
            Place::Late => "/late",
            Place::Audit => "/office/audit",
        }
    }

    /// Whether it stands a little apart from the one before.
    fn begins_a_group(self) -> bool {
        matches!(self, Place::Members | Place::Staff | Place::Settings)
    }

    /// The key that leads there.
    fn key(self) -> Option<&'static str> {
        match self {
            Place::Return => Some("F8"),
            _ => None,
        }
    }

    fn name(self, language: Language) -> String {
        let key = self.path().trim_start_matches('/').replace(['/', '-'], "_");
        t!(format!("place.{key}"), locale = language.locale()).into_owned()
    }

    fn is_for(self, role: StaffRole) -> bool {
        let serves = matches!(role, StaffRole::Cashier | StaffRole::Manager);
        match self {
            Place::Counter | Place::Register | Place::Return | Place::Receipts | Place::Members => serves,
            Place::Fleet | Place::City | Place::Programmes | Place::Late => !serves,
            Place::Today
            | Place::Exceptions
            | Place::Staff
            | Place::Sync
            | Place::Settings
            | Place::Audit => role != StaffRole::Cashier,
        }
    }
}

/// A whole page for somebody who is signed in.
pub(crate) async fn page(desk: &Desk, guest: &Guest, place: Place, content: Markup) -> Response {
    let (language, session) = (guest.language, &guest.session);
    let strip = strip(desk, language).await;
    let places: &[Place] = match desk.credential.role {
        Role::Store => &Place::AT_STORE,
        Role::Hub => &Place::AT_HUB,
    };
    let places = places.iter().copied().filter(|place| place.is_for(session.role));
    let body = html! {
        header .bar {
            a .brand href="/" { "Purser" span .store { (desk.credential.name) } }
            div #strip data-live="/line" { (strip) }
            form .who method="post" action="/sign-out" {
                input type="hidden" name=(FORM_KEY) value=(session.form_key);
                span { (session.person) }
                button .quiet type="submit" { (t!("shell.sign_out", locale = language.locale())) }
            }
            (language_switch(language))
            nav aria-label=(t!("shell.places", locale = language.locale())) {
                @for other in places {
                    a .apart[other.begins_a_group()] href=(other.path()) data-key=[other.key()] aria-keyshortcuts=[other.key()] aria-current=[(other == place).then_some("page")] { (other.name(language)) }
                }
            }
        }
        main #main { (content) }
    };
    answer(StatusCode::OK, &document(language, &place.name(language), &body))
}

/// A page without anybody signed in.
pub(crate) fn bare(language: Language, status: StatusCode, title: &str, content: &Markup) -> Response {
    let body = html! {
        header .bar { span .brand { "Purser" } (language_switch(language)) }
        main #main .narrow { (content) }
    };
    answer(status, &document(language, title, &body))
}

/// What is said instead of a page that cannot be.
pub(crate) fn refusal(language: Language, status: StatusCode) -> Response {
    let locale = language.locale();
    let words = match status {
        StatusCode::FORBIDDEN => t!("refusal.forbidden", locale = locale),
        StatusCode::PAYLOAD_TOO_LARGE => t!("refusal.too_large", locale = locale),
        StatusCode::NOT_FOUND => t!("refusal.not_found", locale = locale),
        status if status.is_client_error() => t!("refusal.malformed", locale = locale),
        _ => t!("refusal.unavailable", locale = locale),
    };
    let back = t!("refusal.back", locale = locale);
    let content = html! { p .trouble role="alert" { (words) } p { a href="/" { (back) } } };
    bare(language, status, &words, &content)
}

fn language_switch(language: Language) -> Markup {
    let (other, name) = language.other();
    html! { a .language href={ "/language?to=" (other.locale()) } lang=(other.tag()) hreflang=(other.tag()) { (name) } }
}

fn document(language: Language, title: &str, body: &Markup) -> String {
    let locale = language.locale();
    html! {
        (DOCTYPE)
        html lang=(language.tag()) {
            (head(&format!("{title} · Purser"), &html! { script type="module" src=(SCRIPT_PATH) {} }))
            // What the script says where nobody answers.
            body data-lost=(t!("shell.lost", locale = locale)) data-unreached=(t!("shell.unreached", locale = locale))
                data-ended=(t!("shell.ended", locale = locale)) data-sign-in=(t!("sign_in.title", locale = locale)) { (body) }
        }
    }
    .into_string()
}

/// The head of every document, and what is its own.
pub(crate) fn head(title: &str, own: &Markup) -> Markup {
    html! {
        head {
            meta charset="utf-8";
            meta name="viewport" content="width=device-width, initial-scale=1";
            meta name="color-scheme" content="light dark";
            title { (title) }
            link rel="stylesheet" href=(STYLE_PATH);
            link rel="icon" href=(ICON_PATH) type="image/svg+xml";
            (own)
        }
    }
}

pub(crate) fn answer(status: StatusCode, text: &str) -> Response {
    let headers: [(HeaderName, HeaderValue); 5] = [
        (CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8")),
        (CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY)),
        (REFERRER_POLICY, HeaderValue::from_static("same-origin")),
        (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    ];
    (status, headers, text.to_owned()).into_response()
}

/// What went wrong, where people see it first.
pub(crate) fn alert(words: &str) -> Markup {
    html! { p .trouble role="alert" { (words) } }
}
