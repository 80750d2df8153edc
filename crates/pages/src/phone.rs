//! The page that a hub serves to a member's phone: what is there, and points to carry to a store. The unguessable link
//! is all that opens it, so a form needs no other proof of where it came from, and nobody is signed in.

mod account;
mod page;
mod trouble;

use axum::{
    Form, Router,
    extract::{Path, Query, State, rejection::FormRejection},
    http::{
        HeaderMap, HeaderName, HeaderValue, StatusCode,
        header::{CONTENT_SECURITY_POLICY, REFERRER_POLICY},
    },
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};
use maud::Markup;
use purser_journal::{Request, RequestId};
use purser_replica::{Order, Undertaking};
use purser_service::MemberPages;
use purser_transport::SubmitError;
use purser_types::{MemberId, StoreNumber};
use serde::Deserialize;

use crate::{
    desk::{Desk, Fault},
    fields::plain_digits,
    language::Language,
    phone::{account::Account, trouble::Trouble},
    shell::answer,
};

/// What the pages have at hand.
#[derive(Clone)]
struct Phones {
    desk: Desk,
    pages: MemberPages,
}

/// The pages, which need nothing but the link.
pub(crate) fn routes(desk: Desk, pages: MemberPages) -> Router {
    Router::new()
        .route("/m/{link}", get(show))
        .route("/m/{link}/carry", post(carry))
        .with_state(Phones { desk, pages })
}

/// No script runs on the page, and nothing comes from or goes to elsewhere.
const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; \
                      frame-ancestors 'none'";

#[derive(Deserialize)]
struct Chosen {
    lang: Option<String>,
}

#[derive(Deserialize)]
struct CarryForm {
    store: u32,
    points: String,
    form: String,
}

/// Whose page, and in which language.
struct Visit {
    member: MemberId,
    language: Language,
    path: String,
}

impl Phones {
    fn visit(&self, link: &str, chosen: &Chosen, headers: &HeaderMap) -> Result<Visit, Box<Response>> {
        // The language goes with the link: a phone is told to keep nothing.
        let chosen = chosen.lang.as_deref().and_then(Language::named);
        let language = chosen.unwrap_or_else(|| Language::of(headers));
        let refused = |trouble: Trouble| Box::new(html(trouble.status(), &page::refusal(language, trouble)));
        let member = self.pages.member_of(link).ok_or_else(|| refused(Trouble::UnknownLink))?;
        if !self.pages.may_ask(member, self.desk.handle.now().wall_ms) {
            return Err(refused(Trouble::TooOften));
        }
        // Not as it was asked for: what stands on the page comes from here alone.
        let path = format!("/m/{}", self.pages.token_of(member));
        Ok(Visit { member, language, path })
    }

    /// Sets the points on their way.
    async fn send(&self, member: MemberId, form: Option<CarryForm>) -> Result<(), Trouble> {
        let CarryForm { store, points, form } = form.ok_or(Trouble::Form)?;
        let points = plain_digits(points.trim()).parse().map_err(|_| Trouble::Form)?;
        if !self.pages.may_carry(member, self.desk.handle.now().wall_ms) {
            return Err(Trouble::TooOften);
        }
        let stores = self.desk.read(|reader| reader.view.stores()).await.map_err(|_| Trouble::Later)?;
        let to = stores.iter().find(|it| it.store == StoreNumber(store)).ok_or(Trouble::NoStore)?;
        let id = RequestId::of(format!("member page {member} {form}").as_bytes());
        let body = RequestId::of(format!("carry {points} to {store}").as_bytes());
        let undertaking = Undertaking::Carry { to: to.replica, member, points };
        let order = Order { request: Some(Request { id, body }), undertaking };
        match self.desk.handle.submit(order).await {
            Ok(_) => Ok(()),
            Err(SubmitError::Refused(refusal)) => Err(Trouble::of(&refusal)),
            Err(_) => Err(Trouble::Later),
        }
    }

    async fn render(&self, visit: &Visit, trouble: Option<Trouble>) -> Response {
        let status = trouble.map_or(StatusCode::OK, Trouble::status);
        match self.page(visit, trouble).await {
            Ok(page) => html(status, &page),
            Err(_) => html(Trouble::Later.status(), &page::refusal(visit.language, Trouble::Later)),
        }
    }

    async fn page(&self, visit: &Visit, trouble: Option<Trouble>) -> Result<Markup, Fault> {
        let account = Account::of(&self.desk, visit.member, self.pages.voucher_ms()).await?;
        let chain = &self.desk.credential.scope.chain;
        Ok(page::Page { language: visit.language, path: &visit.path, chain, account, trouble }.html())
    }
}

async fn show(
    State(phones): State<Phones>,
    Path(link): Path<String>,
    Query(chosen): Query<Chosen>,
    headers: HeaderMap,
) -> Response {
    match phones.visit(&link, &chosen, &headers) {
        Ok(visit) => phones.render(&visit, None).await,
        Err(response) => *response,
    }
}

async fn carry(
    State(phones): State<Phones>,
    Path(link): Path<String>,
    Query(chosen): Query<Chosen>,
    headers: HeaderMap,
    form: Result<Form<CarryForm>, FormRejection>,
) -> Response {
    let visit = match phones.visit(&link, &chosen, &headers) {
        Ok(visit) => visit,
        Err(response) => return *response,
    };
    match phones.send(visit.member, form.ok().map(|Form(form)| form)).await {
        Ok(()) => Redirect::to(&format!("{}?lang={}", visit.path, visit.language.locale())).into_response(),
        Err(trouble) => phones.render(&visit, Some(trouble)).await,
    }
}

fn html(status: StatusCode, page: &Markup) -> Response {
    const ROBOTS: HeaderName = HeaderName::from_static("x-robots-tag");
    let mut response = answer(status, &page.0);
    let headers = response.headers_mut();
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    // The link is a secret: it goes nowhere with what the page fetches.
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(ROBOTS, HeaderValue::from_static("noindex"));
    response
}
