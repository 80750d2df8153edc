use axum::{
    http::header::CONTENT_TYPE,
    response::{IntoResponse, Response},
};
use utoipa::{
    OpenApi, ToSchema,
    openapi::{
        Content, HttpMethod, ObjectBuilder, Ref, RefOr, Required, Schema,
        header::Header,
        path::{Operation, Parameter, ParameterBuilder, ParameterIn, PathItem},
        response::{Response as Described, ResponseBuilder},
        schema::Type,
        security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme},
    },
};

use crate::{
    problem::{PROBLEM_JSON, Problem},
    problem_kind::{OperationTraits, ProblemKind},
};

/// What the document says before any route is added.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Purser",
        description = "The membership scheme of a chain of shops, served by the shop's own machine: nothing \
            waits for the network but a redemption whose rights are elsewhere, and that for 2 s at most.\n\n\
            Every POST and PATCH but a quote carries an `Idempotency-Key`. When an answer gets lost, send the same request \
            with the same key again: it is carried out once, and the answer is the same, with \
            `Idempotency-Replayed: true`.\n\n\
            Money is a decimal string (`\"12.50\"`), points are JSON integers. Unknown fields are refused. \
            Errors are `application/problem+json` (RFC 9457); branch on `code`. 400: cannot be read; 422: can \
            be read and cannot be accepted; 409: not as things stand now.",
    ),
    security(("token" = [])),
    components(schemas(Problem)),
    tags(
        (name = "members", description = "Members: finding, profiles, balances, history."),
        (name = "cards", description = "Cards of members."),
        (name = "sales", description = "Sales and returns."),
        (name = "holds", description = "Points set aside."),
        (name = "operation", description = "How the node is."),
        (name = "fleet", description = "The replicas of the city. Hubs only."),
    ),
)]
pub(crate) struct Document;

/// The contract as this node serves it. Needs no token.
#[utoipa::path(
    get, path = "/openapi.json", operation_id = "openapi", tag = "operation", security(()),
    responses((
        status = 200,
        description = "The OpenAPI document.",
        content_type = "application/json",
        body = std::collections::HashMap<String, serde_json::Value>,
    )),
)]
pub(crate) async fn show(document: axum::Extension<ServedDocument>) -> Response {
    ([(CONTENT_TYPE, "application/json")], document.0.0).into_response()
}

/// The text of the document, made once.
#[derive(Clone)]
pub(crate) struct ServedDocument(pub(crate) axum::body::Bytes);

/// Adds what all operations have in common, and the problems that each may answer with.
pub(crate) fn complete(document: &mut utoipa::openapi::OpenApi) {
    let scheme = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .description(Some(
            "The token in the node's file `api-token`, good for everything, or one that `token create` has told: each \
             operation names the scopes of which it wants one.",
        ))
        .build();
    let components = document.components.get_or_insert_default();
    components.add_security_scheme("token", SecurityScheme::Http(scheme));
    for item in document.paths.paths.values_mut() {
        for (operation, changing) in operations(item) {
            complete_operation(operation, changing);
        }
    }
}

/// The one POST that changes nothing.
const QUESTION: &str = "quote";
/// Those of which nothing has to be said: no body is as good as an empty object.
const WITHOUT_WORDS: [&str; 3] = ["issue_card", "capture_hold", "release_hold"];

/// The operations of a path, and whether they have a body.
fn operations(item: &mut PathItem) -> impl Iterator<Item = (&mut Operation, bool)> {
    let PathItem { get, post, patch, .. } = item;
    let all = [(get, HttpMethod::Get), (post, HttpMethod::Post), (patch, HttpMethod::Patch)];
    all.into_iter().filter_map(|(operation, method)| Some((operation.as_mut()?, method != HttpMethod::Get)))
}

fn complete_operation(operation: &mut Operation, changing: bool) {
    let id = operation.operation_id.clone().unwrap_or_default();
    let has_body = changing;
    let changing = changing && id != QUESTION;
    let traits = OperationTraits { id: &id, authorised: !is_open(operation), has_body, changing };
    if let Some(RefOr::T(body)) = &mut operation.request_body
        && WITHOUT_WORDS.contains(&id.as_str())
    {
        body.required = Some(Required::False);
    }
    if changing {
        operation.parameters.get_or_insert_default().push(RefOr::T(idempotency_key()));
    }
    for response in operation.responses.responses.values_mut() {
        if let RefOr::T(response) = response {
            response.headers.insert("x-request-id".to_owned(), RefOr::T(request_id()));
            if changing {
                response.headers.insert("idempotency-replayed".to_owned(), RefOr::T(replayed()));
            }
        }
    }
    for (status, kinds) in ProblemKind::of_operation(&traits) {
        operation.responses.responses.insert(status.to_string(), RefOr::T(problems(&kinds)));
    }
}

/// Whether it needs no token.
fn is_open(operation: &Operation) -> bool {
    operation.security.as_ref().is_some_and(|either| either.contains(&SecurityRequirement::default()))
}

fn idempotency_key() -> Parameter {
    let schema = ObjectBuilder::new()
        .schema_type(Type::String)
        .min_length(Some(1))
        .max_length(Some(128))
        // Blanks around the value of a header are not part of it.
        .pattern(Some("^[!-~]([ -~]*[!-~])?$"));
    ParameterBuilder::new()
        .name("Idempotency-Key")
        .parameter_in(ParameterIn::Header)
        .required(Required::True)
        .description(Some("Names the request: fresh for a new one, the same for a repetition."))
        .schema(Some(schema))
        .build()
}

fn request_id() -> Header {
    described_header("Names this request in the node's log.")
}

fn replayed() -> Header {
    described_header("`true` if this repeats the answer to an earlier request; absent otherwise.")
}

fn described_header(description: &str) -> Header {
    let mut header = Header::new(RefOr::<Schema>::from(ObjectBuilder::new().schema_type(Type::String)));
    header.description = Some(description.to_owned());
    header
}

fn problems(kinds: &[&ProblemKind]) -> Described {
    let lines: Vec<String> = kinds.iter().map(|kind| format!("`{}`: {}.", kind.code, kind.title)).collect();
    let content = Content::new(Some(Ref::from_schema_name(Problem::name())));
    ResponseBuilder::new()
        .description(lines.join(" "))
        .header("x-request-id", request_id())
        .content(PROBLEM_JSON, content)
        .build()
}
