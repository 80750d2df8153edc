use axum::{Extension, Router, extract::DefaultBodyLimit, middleware::from_fn_with_state};
use purser_transport::Handle;
use utoipa::OpenApi;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    Callers, MemberPages, allowances,
    api::Api,
    authentication::{Gate, authenticate},
    balances, cards, checkouts, claims, commission, coupon_codes, docs_page, fences, finding, fleet, grants,
    health, history, holds, late, member_links, members, merges, metrics,
    openapi::{self, Document, ServedDocument},
    passes,
    problem::Problem,
    programmes, quotes, receipts, reclaims, returns, rewards, staff, status, top_ups, vouchers,
};

/// The API of a store, for a running node: everything under `/v1` but what only hubs do.
pub fn node_router(handle: Handle, callers: Callers) -> Router {
    router(Api::new(handle, callers, None), node_routes())
}

/// The API of a hub, for a running node: that of a store, and the fleet; and the pages that it serves
/// to members.
pub fn hub_router(handle: Handle, callers: Callers, pages: MemberPages) -> Router {
    router(Api::new(handle, callers, Some(pages)), hub_routes())
}

/// The OpenAPI document of a hub's API, of which a store's is a part, as JSON.
pub fn openapi_json() -> String {
    let (_, document) = documented(hub_routes().merge(open_routes()));
    document.to_pretty_json().unwrap_or_default()
}

const PREFIX: &str = "/v1";
/// A body is at most so long.
const BODY_BYTES_MAX: usize = 64 * 1024;
/// But for a programme.
const PROGRAMME_BYTES_MAX: usize = 200_000;

/// Layers, from the inside out: the token; then, for unknown routes too, the body's limit and
/// observation.
fn router(api: Api, authorised: OpenApiRouter<Api>) -> Router {
    let gate = Gate::new(api.clone(), authorised.get_openapi(), PREFIX);
    let authorised = authorised.route_layer(from_fn_with_state(gate, authenticate));
    let (router, document) = documented(authorised.merge(open_routes()));
    let document = ServedDocument(document.to_json().unwrap_or_default().into());
    let router = router
        .merge(docs_page::routes())
        .fallback(unknown_route)
        .method_not_allowed_fallback(method_not_allowed)
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
        .layer(Extension(document));
    api.observer.clone().watch(router).with_state(api)
}

fn documented(routes: OpenApiRouter<Api>) -> (Router<Api>, utoipa::openapi::OpenApi) {
    let all = OpenApiRouter::with_openapi(Document::openapi()).nest(PREFIX, routes);
    let (router, mut document) = all.split_for_parts();
    openapi::complete(&mut document);
    (router, document)
}

/// What needs no token.
fn open_routes() -> OpenApiRouter<Api> {
    OpenApiRouter::default().routes(routes!(health::show)).routes(routes!(openapi::show))
}

fn node_routes() -> OpenApiRouter<Api> {
    OpenApiRouter::default()
        .routes(routes!(finding::find, members::register))
        .routes(routes!(members::show, members::change))
        .routes(routes!(merges::merge))
        .routes(routes!(balances::show))
        .routes(routes!(history::show))
        .routes(routes!(cards::issue))
        .routes(routes!(cards::show, cards::change))
        .routes(routes!(checkouts::find, checkouts::check_out))
        .routes(routes!(checkouts::show))
        .routes(routes!(quotes::quote))
        .routes(routes!(returns::take_back))
        .routes(routes!(claims::claim))
        .routes(routes!(top_ups::top_up))
        .routes(routes!(top_ups::give_back))
        .routes(routes!(commission::show))
        .routes(routes!(passes::sell))
        .routes(routes!(passes::take_back))
        .routes(routes!(coupon_codes::issue))
        .routes(routes!(coupon_codes::claim))
        .routes(routes!(rewards::redeem))
        .routes(routes!(rewards::stock))
        .routes(routes!(grants::grant))
        .routes(routes!(receipts::print))
        .routes(routes!(programmes::list))
        .routes(routes!(holds::place))
        .routes(routes!(holds::show))
        .routes(routes!(holds::capture))
        .routes(routes!(holds::release))
        .routes(routes!(vouchers::take_up))
        .routes(routes!(staff::list, staff::set))
        .routes(routes!(status::show))
        .routes(routes!(metrics::show))
}

fn hub_routes() -> OpenApiRouter<Api> {
    node_routes()
        .routes(routes!(fleet::show))
        .routes(routes!(fences::fence))
        .routes(routes!(reclaims::reclaim))
        .routes(routes!(late::list))
        .routes(routes!(late::settle))
        .routes(routes!(allowances::grant))
        .routes(routes!(member_links::show))
        .merge(publishing())
}

/// A programme is longer than any other body.
fn publishing() -> OpenApiRouter<Api> {
    let routes = OpenApiRouter::default().routes(routes!(programmes::publish));
    routes.layer(DefaultBodyLimit::max(PROGRAMME_BYTES_MAX))
}

async fn unknown_route() -> Problem {
    Problem::new("unknown_route", "there is no such path: see /v1/openapi.json")
}

async fn method_not_allowed() -> Problem {
    Problem::new("method_not_allowed", "the header Allow names the methods that this path knows")
}
