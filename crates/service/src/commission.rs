#![allow(unused_qualifications)] // in what utoipa makes of `params(…)`

use std::collections::BTreeMap;

use axum::{Json, extract::State};
use purser_programme::{Earnings, RuleId};
use purser_types::BusinessDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::{
    amount::Amount,
    api::Api,
    problem::Problem,
    request_parts::{QueryOf, malformed_query},
    text::Text,
    token_scope::TokenScope,
};

/// Which period, and who is what.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct CommissionQuery {
    /// The first day.
    #[param(value_type = String, format = Date, example = "2026-08-01")]
    from: Text<BusinessDate>,
    /// The last day.
    #[param(value_type = String, format = Date, example = "2026-08-31")]
    until: Text<BusinessDate>,
    /// The roles of those who have a target: `person:role`, with `,` between.
    #[param(
        example = "Li:manager,Wu:waiter",
        pattern = "^([^:,]+:[a-z0-9-]{1,40}(,[^:,]+:[a-z0-9-]{1,40})*)?$"
    )]
    roles: Option<String>,
}

/// What staff get for a period.
#[derive(Serialize, ToSchema)]
pub(crate) struct CommissionAnswer {
    /// By person.
    people: Vec<PersonEarnings>,
}

/// What one person gets.
#[derive(Serialize, ToSchema)]
pub(crate) struct PersonEarnings {
    /// The shop's own name or number of the person.
    person: String,
    /// What counts as sold: top-ups, refills of members whom this person sold the first one included.
    sold: Amount,
    /// The share of it.
    share: Amount,
    /// For a first card.
    first_card: Amount,
    /// For having sold most.
    best_seller: Amount,
    /// For the target.
    appraisal: Amount,
    /// All of it.
    sum: Amount,
}

/// Reckons what staff get for stored value that they sold in a period, by the programme in force at its end and
/// what is known here: ask a hub for the whole city. What was given back since counts as never sold.
#[utoipa::path(
    get, path = "/commission", operation_id = "show_commission", tag = "operation",
    security(("token" = [TokenScope::Read])),
    params(CommissionQuery),
    responses((status = 200, description = "Who gets what.", body = CommissionAnswer)),
)]
pub(crate) async fn show(
    State(api): State<Api>,
    QueryOf(query): QueryOf<CommissionQuery>,
) -> Result<Json<CommissionAnswer>, Problem> {
    let CommissionQuery { from: Text(from), until: Text(until), roles } = query;
    if from > until {
        return Err(malformed_query("until: it is before `from`"));
    }
    let roles = read_roles(roles.as_deref().unwrap_or_default())?;
    let people = api.readers.read(move |reader| reader.view.commission((from, until), &roles)).await?;
    Ok(Json(CommissionAnswer { people: people.into_iter().map(PersonEarnings::of).collect() }))
}

fn read_roles(text: &str) -> Result<BTreeMap<String, RuleId>, Problem> {
    let role = |pair: &str| {
        let (person, role) = pair.split_once(':').filter(|(person, _)| !person.is_empty())?;
        Some((person.to_owned(), role.parse().ok()?))
    };
    if text.is_empty() {
        return Ok(BTreeMap::new());
    }
    let roles: Option<BTreeMap<_, _>> = text.split(',').map(role).collect();
    roles.ok_or_else(|| malformed_query("roles: `person:role`, with `,` between"))
}

impl PersonEarnings {
    fn of((person, earnings): (String, Earnings)) -> Self {
        Self {
            person,
            sold: Amount(earnings.sold),
            share: Amount(earnings.share),
            first_card: Amount(earnings.first_card),
            best_seller: Amount(earnings.best_seller),
            appraisal: Amount(earnings.appraisal),
            sum: Amount(earnings.sum()),
        }
    }
}
