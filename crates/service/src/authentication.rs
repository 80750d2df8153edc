use std::{collections::HashMap, sync::Arc};

use axum::{
    extract::{MatchedPath, Request, State},
    http::{HeaderMap, Method, header::AUTHORIZATION},
    middleware::Next,
    response::{IntoResponse, Response},
};
use utoipa::openapi::{OpenApi, path::Operation};

use crate::{
    api::Api,
    problem::{Particulars, Problem},
    token_scope::TokenScope,
};

/// Who guards the routes: knows the callers, and what each operation wants of them.
#[derive(Clone)]
pub(crate) struct Gate {
    api: Api,
    wanted: Arc<HashMap<(Method, String), Vec<TokenScope>>>,
}

impl Gate {
    /// The gate of the routes that are described there, under `prefix`. What the document says is what is
    /// kept: an operation that named no scope would be the owner's alone.
    pub(crate) fn new(api: Api, document: &OpenApi, prefix: &str) -> Self {
        let items = document.paths.paths.iter();
        let operations = items.flat_map(|(path, item)| {
            let of = [(Method::GET, &item.get), (Method::POST, &item.post), (Method::PATCH, &item.patch)];
            let path = format!("{prefix}{path}");
            of.into_iter().filter_map(move |(method, operation)| {
                Some(((method, path.clone()), scopes_of(operation.as_ref()?)))
            })
        });
        Self { api, wanted: Arc::new(operations.collect()) }
    }

    fn wanted_by(&self, request: &Request) -> &[TokenScope] {
        let path = request.extensions().get::<MatchedPath>().map_or("", MatchedPath::as_str).to_owned();
        // The router answers HEAD as GET.
        let method = if request.method() == Method::HEAD { &Method::GET } else { request.method() };
        self.wanted.get(&(method.clone(), path)).map_or(&[], Vec::as_slice)
    }
}

/// The scopes of which an operation wants one.
fn scopes_of(operation: &Operation) -> Vec<TokenScope> {
    let requirements = serde_json::to_value(&operation.security).unwrap_or_default();
    let requirements = requirements.as_array().into_iter().flatten();
    let names = requirements.flat_map(|requirement| requirement["token"].as_array().into_iter().flatten());
    names.filter_map(|name| name.as_str()?.parse().ok()).collect()
}

/// Lets through who shows a token that is good for the operation. Runs before a body is read.
pub(crate) async fn authenticate(State(gate): State<Gate>, mut request: Request, next: Next) -> Response {
    let caller = match shown(request.headers()) {
        Some(shown) => gate.api.callers.showing(shown).await,
        None => None,
    };
    let Some(caller) = caller else {
        let detail = "send `Authorization: Bearer` and a token: the one in this node's file `api-token`, or one \
                      that `token create` has told";
        return Problem::new("unauthorised", detail).into_response();
    };
    let wanted = gate.wanted_by(&request);
    if !caller.may(wanted) {
        return beyond_its_scope(wanted).into_response();
    }
    request.extensions_mut().insert(caller);
    next.run(request).await
}

fn beyond_its_scope(wanted: &[TokenScope]) -> Problem {
    let names: Vec<&'static str> = wanted.iter().map(|scope| scope.name()).collect();
    let detail =
        format!("this wants a token with the scope {}: make one with `token create`", names.join(" or "));
    Problem::new("scope_missing", detail).with(Particulars { scopes: Some(names), ..Particulars::default() })
}

/// The token that a request shows; none if it shows several.
fn shown(headers: &HeaderMap) -> Option<&[u8]> {
    let mut values = headers.get_all(AUTHORIZATION).into_iter();
    let (value, None) = (values.next()?.as_bytes(), values.next()) else { return None };
    let (scheme, token) = value.split_at_checked("Bearer ".len())?;
    scheme.eq_ignore_ascii_case(b"Bearer ").then(|| token.trim_ascii())
}
