//! The pages that people use at a store: rendered here, one stylesheet, one script of our own, nothing from
//! elsewhere; everything works without the script, which only makes it quicker.
//!
//! # How a request goes
//! - Every page asks [`gate`] first: the session's cookie, the account as the journals have it now, the role; a form
//!   also shows the key that its session was given.
//! - Reads go to the read connections that the API uses too; changes become orders of whoever is signed in
//!   ([`Undertaking::By`](purser_replica::Undertaking)), so the entry says who, and nobody edits that unnoticed.
//! - Nothing waits for the network, but a sale that lacks rights: two seconds, as at every till.
//! - The basket lives in its form: the server keeps nothing of it.
//!
//! Words are in `locales/`, Chinese and English; what something is called in a scheme, its programme says.

mod assets;
mod audit;
mod cookie;
mod counter;
mod desk;
mod fields;
mod finder;
mod gate;
mod language;
mod line_strip;
mod member_panel;
mod receipt_page;
mod refusals;
mod registration;
mod sale_panel;
mod session;
mod shell;
mod sign_in;
mod throttle;
mod till_basket;

use axum::{
    Router,
    extract::DefaultBodyLimit,
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};
use purser_journal::{Credential, StaffRole};
use purser_transport::Handle;

use crate::{desk::Desk, gate::Guest};

rust_i18n::i18n!("locales", fallback = "en");

/// A form is at most so long.
const FORM_BYTES_MAX: usize = 128 * 1024;

/// The pages of a store, for a running node.
pub fn store_pages(handle: Handle, credential: Credential) -> Router {
    Router::new()
        .route("/", get(home))
        .route("/sign-in", get(sign_in::show).post(sign_in::enter))
        .route("/sign-out", post(sign_in::leave))
        .route("/language", get(sign_in::choose_language))
        .route("/line", get(line_strip::live))
        .route("/counter", get(counter::show).post(counter::change))
        .route("/counter/register", get(registration::show).post(registration::register))
        .route("/counter/receipt", get(receipt_page::show))
        .route("/audit", get(audit::show))
        .route(assets::STYLE_PATH, get(assets::style))
        .route(assets::ICON_PATH, get(assets::icon))
        .route(assets::SCRIPT_PATH, get(assets::script))
        .layer(DefaultBodyLimit::max(FORM_BYTES_MAX))
        .with_state(Desk::new(handle, credential))
}

/// Where somebody's work is.
async fn home(guest: Guest) -> Response {
    match guest.session.role {
        StaffRole::Cashier | StaffRole::Manager => Redirect::to("/counter").into_response(),
        StaffRole::Auditor | StaffRole::HeadOffice => Redirect::to("/audit").into_response(),
    }
}
