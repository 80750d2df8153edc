use axum::{
    extract::{Request, State},
    http::{HeaderMap, header::AUTHORIZATION},
    middleware::Next,
    response::{IntoResponse, Response},
};

use crate::{api::Api, problem::Problem};

/// Lets through who shows the token. Runs before a body is read.
pub(crate) async fn authenticate(State(api): State<Api>, request: Request, next: Next) -> Response {
    let admitted = shown(request.headers()).is_some_and(|shown| api.token.admits(shown));
    if !admitted {
        let detail = "send `Authorization: Bearer` and the token from this node's file `api-token`";
        return Problem::new("unauthorised", detail).into_response();
    }
    next.run(request).await
}

/// The token that a request shows; none if it shows several.
fn shown(headers: &HeaderMap) -> Option<&[u8]> {
    let mut values = headers.get_all(AUTHORIZATION).into_iter();
    let (value, None) = (values.next()?.as_bytes(), values.next()) else { return None };
    let (scheme, token) = value.split_at_checked("Bearer ".len())?;
    scheme.eq_ignore_ascii_case(b"Bearer ").then(|| token.trim_ascii())
}
