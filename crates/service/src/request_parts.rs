use std::{fmt::Display, str::FromStr};

use axum::{
    extract::{FromRequestParts, Path, Query},
    http::request::Parts,
};
use serde::de::DeserializeOwned;

use crate::problem::Problem;

/// The one id in a path.
pub(crate) struct PathId<T>(pub(crate) T);

impl<S: Send + Sync, T: FromStr<Err: Display>> FromRequestParts<S> for PathId<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let malformed = |reason: String| Problem::new("malformed_path", reason);
        let path = Path::<String>::from_request_parts(parts, state).await;
        let Path(text) = path.map_err(|rejection| malformed(rejection.body_text()))?;
        text.parse().map(Self).map_err(|error: T::Err| malformed(error.to_string()))
    }
}

/// The parameters of a query.
pub(crate) struct QueryOf<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for QueryOf<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let query = Query::<T>::from_request_parts(parts, state).await;
        let Query(query) = query.map_err(|rejection| malformed_query(rejection.body_text()))?;
        Ok(Self(query))
    }
}

/// The problem of a query that cannot be read or asks for too much at once.
pub(crate) fn malformed_query(reason: impl Into<String>) -> Problem {
    Problem::new("malformed_query", reason)
}

/// How many rows a page may have.
pub(crate) fn page_limit(wanted: Option<u32>) -> Result<u32, Problem> {
    let limit = wanted.unwrap_or(PAGE_DEFAULT);
    if !(1..=PAGE_MAX).contains(&limit) {
        return Err(malformed_query(format!("limit: {limit} is not within 1 to {PAGE_MAX}")));
    }
    Ok(limit)
}

const PAGE_DEFAULT: u32 = 50;
const PAGE_MAX: u32 = 200;
