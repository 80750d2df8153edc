//! What somebody at a browser is told where there is nothing: a page. Programs are told as ever.

use axum::{
    Router,
    extract::Request,
    http::{
        HeaderMap, Method, StatusCode,
        header::{ACCEPT, CONTENT_TYPE},
    },
    middleware::{Next, from_fn},
    response::Response,
};

use crate::{language::Language, shell};

/// The API and the pages at one address. A path that neither knows is a page to whoever asks for one, but for paths of
/// the API.
pub fn beside(api: Router, pages: Router) -> Router {
    api.merge(pages).layer(from_fn(page_for_people))
}

async fn page_for_people(request: Request, next: Next) -> Response {
    let is_for_people = matches!(*request.method(), Method::GET | Method::HEAD)
        && !request.uri().path().starts_with("/v1/")
        && wants_page(request.headers());
    let language = Language::of(request.headers());
    let response = next.run(request).await;
    let is_nothing = matches!(response.status(), StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED);
    if is_for_people && is_nothing && !is_page(&response) {
        return shell::refusal(language, StatusCode::NOT_FOUND);
    }
    response
}

/// Browsers name pages ahead of everything else that they take.
fn wants_page(headers: &HeaderMap) -> bool {
    let accepted = headers.get(ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let first = accepted.split(',').next().unwrap_or_default();
    first.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("text/html")
}

fn is_page(response: &Response) -> bool {
    let kind = response.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    kind.is_some_and(|kind| kind.starts_with("text/html"))
}
