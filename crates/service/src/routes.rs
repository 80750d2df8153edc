use axum::{
    Extension, Router,
    extract::DefaultBodyLimit,
    middleware::{from_fn, from_fn_with_state},
};
use purser_transport::Handle;
use tower_http::catch_panic::CatchPanicLayer;
use utoipa::OpenApi;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    ApiToken,
    api::Api,
    authentication::authenticate,
    balances, cards, checkouts, fences, finding, fleet, health, history, holds, members, metrics,
    observation::{caught, observe},
    openapi::{self, Document, ServedDocument},
    problem::Problem,
    returns, status,
};

/// A body is at most so long.
const BODY_BYTES_MAX: usize = 64 * 1024;
const PREFIX: &str = "/v1";

/// The API of a store: everything under `/v1` but what only hubs do.
pub fn node_router(handle: Handle, token: ApiToken) -> Router {
    router(Api::new(handle, token), OpenApiRouter::default())
}

/// The API of a hub: that of a store, and the fleet.
pub fn hub_router(handle: Handle, token: ApiToken) -> Router {
    router(Api::new(handle, token), hub_routes())
}

/// The OpenAPI document of a hub's API, which contains a store's, as JSON.
pub fn openapi_json() -> String {
    let (_, mut document) = all_routes(hub_routes(), open_routes()).split_for_parts();
    openapi::complete(&mut document);
    document.to_pretty_json().unwrap_or_default()
}

fn router(api: Api, extras: OpenApiRouter<Api>) -> Router {
    let authenticated = authorised_routes().merge(extras).route_layer(from_fn_with_state(api.clone(), authenticate));
    let (router, mut document) = nest(authenticated.merge(open_routes())).split_for_parts();
    openapi::complete(&mut document);
    let document = ServedDocument(document.to_json().unwrap_or_default().into());
    router
        .fallback(unknown_route)
        .method_not_allowed_fallback(method_not_allowed)
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
        .layer(Extension(document))
        .layer(CatchPanicLayer::custom(caught))
        .layer(from_fn_with_state(api.clone(), observe))
        .with_state(api)
}
