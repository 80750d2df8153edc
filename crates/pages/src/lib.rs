//! The pages that people use at a store (counter/, office/), at a hub (hub/) and on their phones (phone/): rendered here,
//! one stylesheet, one script of our own, nothing from elsewhere; everything works without the script, which only makes
//! it quicker.
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
mod attempt;
mod chart;
mod cookie;
mod counter;
mod desk;
mod fields;
mod gate;
mod hub;
mod language;
mod line_strip;
mod live;
mod missing;
mod moment;
mod office;
mod phone;
mod qr;
mod refusals;
mod session;
mod shell;
mod sign_in;
mod throttle;

use axum::{
    Router,
    extract::{DefaultBodyLimit, State},
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};
use purser_journal::{Credential, Role, StaffRole};
use purser_service::MemberPages;
use purser_transport::{Authority, Handle};

use crate::{desk::Desk, gate::Guest};

pub use missing::beside;

rust_i18n::i18n!("locales", fallback = "en");

/// A form is at most so long.
const FORM_BYTES_MAX: usize = 128 * 1024;

/// The pages of a store, for a running node.
pub fn store_pages(handle: Handle, credential: Credential) -> Router {
    Router::new()
        .merge(counter_pages())
        .merge(office_pages())
        .merge(everybodys_pages())
        .layer(DefaultBodyLimit::max(FORM_BYTES_MAX))
        .with_state(Desk::new(handle, credential, None))
}

/// The pages of a hub, for a running node, those for members' phones among them. With the chain's key, head office
/// publishes programmes there too.
pub fn hub_pages(
    handle: Handle,
    credential: Credential,
    authority: Option<Authority>,
    member_pages: MemberPages,
) -> Router {
    let desk = Desk::new(handle, credential, authority);
    let publishing = get(hub::programmes::show).post(hub::programmes::change);
    Router::new()
        .route("/fleet", get(hub::fleet::show))
        .route("/fleet/live", get(hub::fleet::follow))
        .route("/fleet/store", get(hub::store::show).post(hub::store::change))
        .route("/city", get(hub::city::show))
        .route("/late", get(hub::late::show).post(hub::late::settle))
        .route("/office/staff", get(office::staff::show).post(office::staff::change))
        .route("/office/audit", get(office::audit::show))
        .merge(everybodys_pages())
        .layer(DefaultBodyLimit::max(FORM_BYTES_MAX))
        .route("/programmes", publishing.layer(DefaultBodyLimit::max(hub::programmes::FORM_BYTES_MAX)))
        .with_state(desk.clone())
        .merge(phone::routes(desk, member_pages))
}

fn counter_pages() -> Router<Desk> {
    use counter::{dealings, receipt, registration, returns, rewards};
    Router::new()
        .route("/counter", get(counter::show).post(counter::change))
        .route("/counter/register", get(registration::show).post(registration::register))
        .route("/counter/deal", get(dealings::show).post(dealings::make))
        .route("/counter/card", post(dealings::issue_card))
        .route("/counter/stock", post(rewards::note_stock))
        .route("/counter/return", get(returns::show).post(returns::make))
        .route("/counter/receipt", get(receipt::show))
}

fn office_pages() -> Router<Desk> {
    use office::{audit, exceptions, member, members, settings, staff, sync, today};
    Router::new()
        .route("/office", get(today::show))
        .route("/office/members", get(members::show))
        .route("/office/member", get(member::show).post(member::change))
        .route("/office/exceptions", get(exceptions::show).post(exceptions::tick_off))
        .route("/office/staff", get(staff::show).post(staff::change))
        .route("/office/sync", get(sync::show))
        .route("/office/settings", get(settings::show))
        .route("/office/audit", get(audit::show))
}

fn everybodys_pages() -> Router<Desk> {
    Router::new()
        .route("/", get(home))
        .route("/sign-in", get(sign_in::show).post(sign_in::enter))
        .route("/sign-out", post(sign_in::leave))
        .route("/language", get(sign_in::choose_language))
        .route("/line", get(line_strip::follow))
        .route(assets::STYLE_PATH, get(assets::style))
        .route(assets::ICON_PATH, get(assets::icon))
        .route(assets::SCRIPT_PATH, get(assets::script))
        .route(assets::BASKET_SCRIPT_PATH, get(assets::basket_script))
        .route(assets::LIVE_SCRIPT_PATH, get(assets::live_script))
}

/// Where somebody's work is.
async fn home(State(desk): State<Desk>, guest: Guest) -> Response {
    let path = match (desk.credential.role, guest.session.role) {
        (Role::Store, StaffRole::Cashier | StaffRole::Manager) => "/counter",
        (Role::Store, StaffRole::Auditor | StaffRole::HeadOffice) => "/office",
        (Role::Hub, _) => "/fleet",
    };
    Redirect::to(path).into_response()
}
