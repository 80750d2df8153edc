use axum::{
    http::{
        HeaderValue, StatusCode,
        header::{CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE},
    },
    response::{IntoResponse, Response},
};
use purser_documents::{EditError, Field};
use purser_ledger::Asset;
use purser_replica::{AdvanceShort, Refusal, ReplicaError, RightsCause};
use purser_storage::StorageError;
use purser_transport::SubmitError;
use purser_types::{Coded, Fen};
use serde::Serialize;
use utoipa::{
    ToSchema,
    openapi::{ObjectBuilder, RefOr, Schema, schema::Type},
};

use crate::{
    amount::Amount,
    cards::state_schema,
    problem_kind::{KINDS, ProblemKind},
};

/// Why there is no answer of the usual kind (RFC 9457).
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Problem {
    /// The kind of problem: `urn:purser:problem:` and the code. It names, it is not for opening.
    #[serde(rename = "type")]
    #[schema(example = "urn:purser:problem:insufficient_rights_here")]
    type_uri: String,
    /// The kind of problem in a few words, the same for every occurrence.
    #[schema(example = "The member has enough, but not at this store now")]
    title: &'static str,
    /// The HTTP status.
    #[schema(example = 409)]
    status: u16,
    /// What happened, and what to do about it. Not for programs: it may become clearer.
    detail: String,
    /// The code.
    #[schema(schema_with = code_schema)]
    code: &'static str,
    // Boxed, so that a problem is small enough to be returned.
    #[serde(flatten)]
    particulars: Box<Particulars>,
}

/// What some kinds of problem say besides.
#[derive(Debug, Default, Serialize, ToSchema)]
pub(crate) struct Particulars {
    /// The field of the body that cannot be accepted, for example `lines[2].amount`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) field: Option<String>,
    /// The scopes of which the token needs one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) scopes: Option<Vec<&'static str>>,
    /// What the figures below are of: `points`, or `refundable` for the goods of a sale.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) asset: Option<&'static str>,
    /// What can be spent at this store now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) here: Option<Quantity>,
    /// What there is in all, as far as this store knows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) balance: Option<Quantity>,
    /// What was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) wanted: Option<Quantity>,
    /// Why the rest could not be had.
    #[schema(schema_with = cause_schema)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) cause: Option<&'static str>,
    /// Why it could not be spent in advance of rights either, where the store was granted an allowance.
    #[schema(schema_with = advance_schema)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) advance: Option<&'static str>,
    /// The state of the card.
    #[schema(schema_with = state_schema)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) state: Option<String>,
}

/// So much of an asset: points as a JSON integer, money as a decimal string.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(untagged)]
pub(crate) enum Quantity {
    /// Points and the like.
    Count(i64),
    /// Money.
    Money(Amount),
}

/// When an overloaded node is worth asking again.
const RETRY_AFTER_S: &str = "1";

impl Problem {
    /// A problem of the kind that `code` names in the table of kinds.
    pub(crate) fn new(code: &str, detail: impl Into<String>) -> Self {
        let Some(kind) = ProblemKind::with_code(code) else {
            // Nothing that an operation can cause: the detail is for the log only.
            tracing::error!(code, detail = detail.into(), "an error that the contract does not know");
            return Self::internal();
        };
        let ProblemKind { code, status, title, .. } = *kind;
        Self {
            type_uri: format!("urn:purser:problem:{code}"),
            title,
            status,
            detail: detail.into(),
            code,
            particulars: Box::default(),
        }
    }

    /// A fault of ours, of which callers learn nothing but that it is one.
    pub(crate) fn internal() -> Self {
        let detail = "the cause is in this node's log, under the x-request-id of this answer";
        Self::new("internal_error", detail)
    }

    /// A field of the body that cannot be accepted.
    pub(crate) fn field(field: impl Into<String>, reason: impl std::fmt::Display) -> Self {
        let field = field.into();
        let mut problem = Self::new("invalid_field", format!("{field}: {reason}"));
        problem.particulars.field = Some(field);
        problem
    }

    /// The same problem, saying more.
    pub(crate) fn with(mut self, particulars: Particulars) -> Self {
        self.particulars = Box::new(particulars);
        self
    }

    /// The problem that an error is.
    pub(crate) fn of(error: &dyn Coded) -> Self {
        Self::new(error.code(), error.to_string())
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        let problem = Self::of(&refusal);
        match refusal {
            Refusal::OutOfRange { what, .. } => {
                problem.with(Particulars { field: Some(what.to_owned()), ..Particulars::default() })
            }
            Refusal::Profile(EditError::Invalid { what, .. }) => {
                // Fields of the profile are one level down in every body.
                let is_field = what.parse::<Field>().is_ok();
                let field = if is_field { format!("profile.{what}") } else { what.to_owned() };
                problem.with(Particulars { field: Some(field), ..Particulars::default() })
            }
            Refusal::OutOfStock { here, wanted } => problem.with(Particulars {
                asset: Some(Asset::Stock(0).kind_name()),
                here: Some(Quantity::Count(here)),
                wanted: Some(Quantity::Count(wanted)),
                ..Particulars::default()
            }),
            Refusal::CardVoid { state, .. } => {
                problem.with(Particulars { state: Some(state.to_string()), ..Particulars::default() })
            }
            Refusal::BalanceTooSmall { asset, balance, wanted } => problem.with(Particulars {
                asset: Some(asset.kind_name()),
                balance: Some(Quantity::of(asset, balance)),
                wanted: Some(Quantity::of(asset, wanted)),
                ..Particulars::default()
            }),
            Refusal::RightsTooFew { asset, cause, here, balance, wanted, advance, .. } => {
                let [here, balance, wanted] = [here, balance, wanted].map(|n| Quantity::of(asset, n));
                let detail = format!(
                    "only {here} of {balance} can be had at this store now ({cause}): \
                     use up to {here}, or try again later"
                );
                let (here, balance, wanted) = (Some(here), Some(balance), Some(wanted));
                let (asset, cause) = (Some(asset.kind_name()), Some(cause.name()));
                let advance = advance.map(AdvanceShort::name);
                let particulars =
                    Particulars { asset, here, balance, wanted, cause, advance, ..Particulars::default() };
                Self { detail, ..problem }.with(particulars)
            }
            Refusal::ReturnTooLarge { left, wanted } => problem.with(Particulars {
                asset: Some("refundable"),
                balance: Some(Quantity::Money(Amount(left))),
                wanted: Some(Quantity::Money(Amount(wanted))),
                ..Particulars::default()
            }),
            _ => problem,
        }
    }
}

impl From<SubmitError> for Problem {
    fn from(error: SubmitError) -> Self {
        match error {
            SubmitError::Refused(refusal) => refusal.into(),
            error => Self::of(&error),
        }
    }
}

impl From<StorageError> for Problem {
    fn from(error: StorageError) -> Self {
        Self::of(&error)
    }
}

impl From<ReplicaError> for Problem {
    fn from(error: ReplicaError) -> Self {
        Self::of(&error)
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        if self.status >= 500 {
            tracing::warn!(code = self.code, detail = self.detail, "a problem of ours");
        }
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let body = serde_json::to_vec(&self).unwrap_or_default();
        let mut response = (status, body).into_response();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(PROBLEM_JSON));
        match self.code {
            "unauthorised" => {
                headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"purser\""));
            }
            "overloaded" => {
                headers.insert(RETRY_AFTER, HeaderValue::from_static(RETRY_AFTER_S));
            }
            _ => {}
        }
        response
    }
}

/// The media type of problems.
pub(crate) const PROBLEM_JSON: &str = "application/problem+json";

impl Quantity {
    fn of(asset: Asset, amount: i64) -> Self {
        match asset {
            Asset::WalletPrincipal | Asset::WalletBonus | Asset::Refundable(_) => {
                Quantity::Money(Amount(Fen(amount)))
            }
            Asset::Points | Asset::Pass(_) | Asset::Coupon(_) | Asset::Allowance | Asset::Stock(_) => {
                Quantity::Count(amount)
            }
        }
    }
}

impl std::fmt::Display for Quantity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Quantity::Count(count) => count.fmt(f),
            Quantity::Money(Amount(fen)) => write!(f, "¥{fen}"),
        }
    }
}

fn code_schema() -> RefOr<Schema> {
    let codes = KINDS.iter().map(|kind| kind.code);
    let schema = ObjectBuilder::new().schema_type(Type::String).enum_values(Some(codes));
    schema.description(Some("What programs branch on. Stable from version to version.")).build().into()
}

fn advance_schema() -> RefOr<Schema> {
    let reasons =
        [AdvanceShort::MemberLimit, AdvanceShort::DayLimit, AdvanceShort::UsedUp].map(AdvanceShort::name);
    let schema = ObjectBuilder::new().schema_type(Type::String).enum_values(Some(reasons));
    let description =
        "Why it could not be spent in advance of rights either, where the store was granted an allowance.";
    schema.description(Some(description)).build().into()
}

fn cause_schema() -> RefOr<Schema> {
    use RightsCause::{HolderOffLine, NoAnswer, NotAsked, OffLine};
    let causes = [NotAsked, OffLine, HolderOffLine, NoAnswer].map(RightsCause::name);
    let schema = ObjectBuilder::new().schema_type(Type::String).enum_values(Some(causes));
    schema.description(Some("Why the rest could not be had.")).build().into()
}
