#![allow(unused_qualifications)] // in what utoipa makes of `params(…)`

use axum::{Json, extract::State};
use purser_programme::{Language, Paper};
use purser_replica::View;
use serde::{Deserialize, Serialize};
use utoipa::{
    IntoParams, ToSchema,
    openapi::{ObjectBuilder, RefOr, Schema, schema::Type},
};

use crate::{api::Api, printing::printed, problem::Problem, request_parts::QueryOf, token_scope::TokenScope};

/// Which receipt, and how it is printed.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct PrintQuery {
    /// The till.
    till: String,
    /// The till's number of the receipt.
    check: String,
    /// The width of the paper in millimetres: 58 or 80; 58, if nothing is said.
    #[param(schema_with = paper_schema)]
    paper: Option<u32>,
    /// The language; Chinese, if nothing is said.
    #[param(inline)]
    language: Option<PrintLanguage>,
}

/// In which words.
#[derive(Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum PrintLanguage {
    /// Chinese.
    Zh,
    /// English.
    En,
}

/// A receipt as text for a printer.
#[derive(Serialize, ToSchema)]
pub(crate) struct PrintedReceipt {
    /// The lines, each with its end, none wider than the paper: 32 columns on 58 mm, 48 on 80 mm. A Chinese
    /// character takes two.
    text: String,
}

/// Prints what a till of this store did under a check number: a sale, a return, a top-up, a pass sold or a reward;
/// with what the member has afterwards. When stored value paid, it is also the slip that the customer signs.
#[utoipa::path(
    get, path = "/receipts", operation_id = "print_receipt", tag = "sales",
    security(("token" = [TokenScope::Till]), ("token" = [TokenScope::Read])),
    params(PrintQuery),
    responses((status = 200, description = "The receipt.", body = PrintedReceipt)),
)]
pub(crate) async fn print(
    State(api): State<Api>,
    QueryOf(query): QueryOf<PrintQuery>,
) -> Result<Json<PrintedReceipt>, Problem> {
    let PrintQuery { till, check, paper, language } = query;
    let paper = match paper {
        None | Some(58) => Paper::Mm58,
        Some(80) => Paper::Mm80,
        Some(_) => return Err(Problem::new("malformed_query", "paper: 58 or 80")),
    };
    let language = match language {
        None | Some(PrintLanguage::Zh) => Language::Chinese,
        Some(PrintLanguage::En) => Language::English,
    };
    let now_ms = api.handle.now().wall_ms;
    let text = api.readers.read(move |reader| {
        let text = print_text(&mut reader.view, (&till, &check), now_ms, (paper, language))?;
        text.ok_or_else(|| {
            let detail = format!("till {till} has done nothing under check number {check} at this store");
            Problem::new("unknown_check", detail)
        })
    });
    Ok(Json(PrintedReceipt { text: text.await? }))
}

/// What a till of this store did under a check number, as text for a printer; `None` if it did nothing that has a
/// receipt, or it cannot be read.
pub fn receipt_text(
    view: &mut View,
    (till, check): (&str, &str),
    now_ms: u64,
    (paper, language): (Paper, Language),
) -> Option<String> {
    print_text(view, (till, check), now_ms, (paper, language)).ok().flatten()
}

fn print_text(
    view: &mut View,
    (till, check): (&str, &str),
    now_ms: u64,
    (paper, language): (Paper, Language),
) -> Result<Option<String>, Problem> {
    let Some(entry) = view.check(till, check)? else { return Ok(None) };
    let receipt = printed(view, &entry, now_ms, language)?;
    Ok(receipt.map(|receipt| receipt.text(paper, language)))
}

fn paper_schema() -> RefOr<Schema> {
    let schema = ObjectBuilder::new().schema_type(Type::Integer).enum_values(Some([58, 80]));
    schema.description(Some("The width of the paper in millimetres; 58, if nothing is said.")).build().into()
}
