//! The page that a hub serves to a member: what is there, and points to carry to a store. The
//! unguessable link is all that opens it, so a form needs no other proof of where it came from.

use axum::{
    Form, Router,
    extract::{Path, Query, State, rejection::FormRejection},
    http::{
        HeaderMap, HeaderName, StatusCode,
        header::{
            ACCEPT_LANGUAGE, CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, LOCATION, REFERRER_POLICY,
        },
    },
    response::{IntoResponse, Response},
    routing::{get, post},
};
use purser_journal::{Request, RequestId};
use purser_ledger::{Asset, Holding};
use purser_replica::{OpenOffer, Order, Refusal, StoreView, Undertaking};
use purser_transport::SubmitError;
use purser_types::{MemberId, StoreNumber};
use serde::Deserialize;

use crate::{
    api::Api,
    page_html::{Code, Page, masked, refusal},
    page_link::MemberPages,
    page_words::{Language, Trouble},
    problem::Problem,
    readers::Reader,
};

/// The pages, which need no token but the link's own.
pub(crate) fn routes() -> Router<Api> {
    Router::new()
        .route("/m/style.css", get(style))
        .route("/m/{link}", get(show))
        .route("/m/{link}/carry", post(carry))
}

/// Codes shown at once.
const CODES_SHOWN: usize = 6;

/// Nothing runs on the page, and nothing comes from or goes to elsewhere.
const POLICY: &str =
    "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

#[derive(Deserialize)]
struct Chosen {
    lang: Option<String>,
}

#[derive(Deserialize)]
struct CarryForm {
    store: u32,
    points: i64,
    form: String,
}

/// Whose page, and in which language.
struct Visit {
    pages: MemberPages,
    member: MemberId,
    language: Language,
    path: String,
}

impl Visit {
    fn of(api: &Api, link: &str, chosen: Option<&str>, headers: &HeaderMap) -> Result<Self, Box<Response>> {
        let accepted = headers.get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
        let language = Language::choose(chosen, accepted);
        let found = api.pages.clone().and_then(|pages| Some((pages.member_of(link)?, pages)));
        let Some((member, pages)) = found else {
            let page = refusal(language, Trouble::UnknownLink);
            return Err(Box::new(html(StatusCode::NOT_FOUND, page)));
        };
        if !pages.may_ask(member, api.handle.now().wall_ms) {
            let page = refusal(language, Trouble::TooOften);
            return Err(Box::new(html(StatusCode::TOO_MANY_REQUESTS, page)));
        }
        // Not as it was asked for: what stands on the page comes from here alone.
        let path = format!("/m/{}", pages.token_of(member));
        Ok(Self { pages, member, language, path })
    }
}

async fn style() -> Response {
    ([(CONTENT_TYPE, "text/css; charset=utf-8")], include_str!("page_style.css")).into_response()
}

async fn show(
    State(api): State<Api>,
    Path(link): Path<String>,
    Query(Chosen { lang }): Query<Chosen>,
    headers: HeaderMap,
) -> Response {
    match Visit::of(&api, &link, lang.as_deref(), &headers) {
        Ok(visit) => render(&api, &visit, None).await,
        Err(response) => *response,
    }
}

async fn carry(
    State(api): State<Api>,
    Path(link): Path<String>,
    Query(Chosen { lang }): Query<Chosen>,
    headers: HeaderMap,
    form: Result<Form<CarryForm>, FormRejection>,
) -> Response {
    let visit = match Visit::of(&api, &link, lang.as_deref(), &headers) {
        Ok(visit) => visit,
        Err(response) => return *response,
    };
    match send(&api, &visit, form.ok()).await {
        Ok(()) => {
            let location = format!("{}?lang={}", visit.path, visit.language.query());
            (StatusCode::SEE_OTHER, [(LOCATION, location)]).into_response()
        }
        Err(trouble) => render(&api, &visit, Some(trouble)).await,
    }
}

/// Sets the points on their way.
async fn send(api: &Api, visit: &Visit, form: Option<Form<CarryForm>>) -> Result<(), Trouble> {
    let Form(CarryForm { store, points, form }) = form.ok_or(Trouble::Form)?;
    if !visit.pages.may_carry(visit.member, api.handle.now().wall_ms) {
        return Err(Trouble::TooOften);
    }
    let stores = api.readers.read(|reader| reader.view.stores()).await.map_err(|_| Trouble::Later)?;
    let to = stores.iter().find(|it| it.store == StoreNumber(store)).ok_or(Trouble::NoStore)?;
    let member = visit.member;
    let id = RequestId::of(format!("member page {member} {form}").as_bytes());
    let body = RequestId::of(format!("carry {points} to {store}").as_bytes());
    let undertaking = Undertaking::Carry { to: to.replica, member, points };
    let order = Order { request: Some(Request { id, body }), undertaking };
    match api.handle.submit(order).await {
        Ok(_) => Ok(()),
        Err(SubmitError::Refused(refusal)) => Err(trouble(&refusal)),
        Err(_) => Err(Trouble::Later),
    }
}

fn trouble(refusal: &Refusal) -> Trouble {
    match refusal {
        Refusal::Quote(_) => Trouble::Steps,
        Refusal::OutOfRange { .. } | Refusal::RequestReused => Trouble::Form,
        Refusal::BalanceTooSmall { .. } => Trouble::TooMany,
        Refusal::RightsTooFew { .. } => Trouble::OutOfReach,
        Refusal::VouchersOpen(_) => Trouble::CodesOpen,
        Refusal::UnknownReplica(_) => Trouble::NoStore,
        _ => Trouble::Later,
    }
}

/// What the database says of a member.
struct Account {
    name: String,
    balance: i64,
    next: Option<(i64, Option<String>)>,
    stores: Vec<StoreView>,
    open: Vec<OpenOffer>,
    /// Day and time of the end of codes that are shown now.
    until: (String, (u32, u32)),
}

impl Account {
    fn read(reader: &mut Reader, member: MemberId, now_ms: u64, until_ms: u64) -> Result<Self, Problem> {
        let view = &mut reader.view;
        let today = view.date_at(now_ms);
        let points = view.balance(member, Asset::Points, today)?;
        let live = |holding: &&Holding| holding.is_live(today) && holding.unheld() > 0;
        let next = points.lots.iter().find(live);
        let name = view.member(member)?.map_or_else(String::new, |row| masked(&row.name));
        Ok(Self {
            name,
            balance: points.balance,
            next: next.map(|lot| (lot.unheld(), lot.until.map(|date| date.to_string()))),
            stores: view.stores()?,
            open: view.open_offers(member)?,
            until: (view.date_at(until_ms).to_string(), view.time_of_day(until_ms)),
        })
    }
}

async fn render(api: &Api, visit: &Visit, trouble: Option<Trouble>) -> Response {
    let status = match trouble {
        None => StatusCode::OK,
        Some(Trouble::TooOften) => StatusCode::TOO_MANY_REQUESTS,
        Some(Trouble::Form | Trouble::Steps) => StatusCode::UNPROCESSABLE_ENTITY,
        Some(Trouble::Later) => StatusCode::SERVICE_UNAVAILABLE,
        Some(_) => StatusCode::CONFLICT,
    };
    match page(api, visit, trouble).await {
        Ok(text) => html(status, text),
        Err(_) => html(StatusCode::SERVICE_UNAVAILABLE, refusal(visit.language, Trouble::Later)),
    }
}

async fn page(api: &Api, visit: &Visit, trouble: Option<Trouble>) -> Result<String, Problem> {
    let (member, now_ms) = (visit.member, api.handle.now().wall_ms);
    let until_ms = now_ms.saturating_add(visit.pages.voucher_ms());
    let account = api.readers.read(move |reader| Account::read(reader, member, now_ms, until_ms)).await?;
    let open: Vec<OpenOffer> = account.open.into_iter().take(CODES_SHOWN).collect();
    let offers: Vec<_> = open.iter().map(|line| (line.offer, line.to)).collect();
    // Between two turns of the engine: the key with which the hub signs is nowhere else.
    let signed = api.handle.inspect(move |engine| {
        let vouchers = offers.into_iter().map(|offer| engine.replica().voucher(offer, member, until_ms));
        let chain = engine.replica().charter().scope.chain.clone();
        vouchers.collect::<Result<Vec<_>, _>>().map(|vouchers| (chain, vouchers))
    });
    let (chain, vouchers) = signed.await??;
    let named = |to| account.stores.iter().find(|store| store.replica == to).map(|it| it.name.clone());
    let codes = open.iter().zip(vouchers).filter_map(|(line, voucher)| {
        let (store, text) = (named(line.to)?, voucher?.to_string());
        Some(Code { store, points: line.points, until: account.until.clone(), text })
    });
    let page = Page {
        language: visit.language,
        path: &visit.path,
        chain: &chain,
        name: account.name,
        balance: account.balance,
        next: account.next,
        codes: codes.collect(),
        stores: account.stores.iter().map(|store| (store.store.0, store.name.clone())).collect(),
        form: fresh_name()?,
        trouble,
    };
    Ok(page.html())
}

fn fresh_name() -> Result<String, Problem> {
    let mut bytes = [0; 15];
    getrandom::fill(&mut bytes).map_err(|_| Problem::internal())?;
    Ok(data_encoding::BASE32_DNSSEC.encode(&bytes))
}

fn html(status: StatusCode, text: String) -> Response {
    const ROBOTS: HeaderName = HeaderName::from_static("x-robots-tag");
    let headers = [
        (CONTENT_TYPE, "text/html; charset=utf-8"),
        (CACHE_CONTROL, "no-store"),
        (CONTENT_SECURITY_POLICY, POLICY),
        // The link is a secret: it goes nowhere with what the page fetches.
        (REFERRER_POLICY, "no-referrer"),
        (ROBOTS, "noindex"),
    ];
    (status, headers, text).into_response()
}
