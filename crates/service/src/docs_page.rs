//! The OpenAPI document as a page to browse and to try out: Swagger UI, from the program itself. Needs no
//! token, for the document holds no secret; who tries a call out gives the page theirs, which it forgets
//! when it is closed.

use std::sync::{Arc, LazyLock};

use axum::{
    Router,
    extract::Path,
    http::{
        HeaderValue,
        header::{CONTENT_ENCODING, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY},
    },
    response::{IntoResponse, Redirect, Response},
    routing::get,
};
use utoipa_swagger_ui::{Config, SwaggerFile};

use crate::{api::Api, problem::Problem};

/// The page, and what it is made of.
pub(crate) fn routes() -> Router<Api> {
    Router::new()
        // What the page loads it names relative to itself.
        .route("/docs", get(async || Redirect::permanent("/docs/")))
        .route("/docs/", get(async || file("index.html")))
        .route("/docs/{*file}", get(async |Path(name): Path<String>| file(&name)))
}

/// Nothing comes from or goes to elsewhere, and nothing runs or is styled but by its own files. Its icons are drawn in
/// the stylesheet, hence `data:`.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
                      connect-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'";

/// The validator would be a stranger's, to whom every document were sent.
static CONFIG: LazyLock<Arc<Config<'static>>> = LazyLock::new(|| {
    let config = Config::from("/v1/openapi.json").use_base_layout().validator_url("none");
    let config = config.deep_linking(true).filter(true).doc_expansion("list");
    Arc::new(config.default_models_expand_depth(0))
});

fn file(name: &str) -> Response {
    match utoipa_swagger_ui::serve(name, Arc::clone(&CONFIG)) {
        Ok(Some(file)) => answer(file),
        Ok(None) => Problem::new("unknown_route", "there is no such page: see /docs/").into_response(),
        Err(error) => {
            tracing::error!(%error, name, "the page of the API cannot be made");
            Problem::internal().into_response()
        }
    }
}

fn answer(file: SwaggerFile<'static>) -> Response {
    let headers = [
        (CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY)),
        (REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    ];
    let kind = HeaderValue::from_str(&file.content_type);
    let mut response = (headers, file.bytes).into_response();
    if let Ok(kind) = kind {
        response.headers_mut().insert(CONTENT_TYPE, kind);
    }
    if file.gzpipped {
        response.headers_mut().insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    response
}
