use axum::{Json, extract::State};
use data_encoding::BASE64;
use purser_journal::{SignedProgramme, from_cbor};
use purser_replica::Undertaking;
use purser_types::BusinessDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    answer::Answer, api::Api, change::Change, problem::Problem, quotes::Name, text::Text,
    token_scope::TokenScope,
};

/// The programmes that are known here.
#[derive(Serialize, ToSchema)]
pub(crate) struct Programmes {
    /// The version that sales are priced by today; 0 is what is sold by until one is published.
    in_force: u32,
    /// The versions, the latest first.
    versions: Vec<ProgrammeVersion>,
}

/// A version of the programme.
#[derive(Serialize, ToSchema)]
pub(crate) struct ProgrammeVersion {
    /// Which.
    #[serde(rename = "version")]
    number: u32,
    /// What it is called.
    name: Name,
    /// The first day on which it is in force.
    #[schema(value_type = String, format = Date, example = "2026-08-01")]
    in_force_from: Text<BusinessDate>,
}

/// A version to publish.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ProgrammeRequest {
    /// The programme as head office has signed it: CBOR (docs/format.md, programme), in base64.
    #[schema(max_length = 180_000)]
    signed: String,
}

/// A version that was published.
#[derive(Serialize, ToSchema)]
pub(crate) struct Published {
    /// Which.
    version: u32,
    /// The first day on which it is in force.
    #[schema(value_type = String, format = Date, example = "2026-08-01")]
    in_force_from: Text<BusinessDate>,
}

/// Shows the versions of the programme that are known here.
#[utoipa::path(
    get, path = "/programmes", operation_id = "list_programmes", tag = "operation",
    security(("token" = [TokenScope::Operation]), ("token" = [TokenScope::Till])),
    responses((status = 200, description = "The versions.", body = Programmes)),
)]
pub(crate) async fn list(State(api): State<Api>) -> Result<Json<Programmes>, Problem> {
    let wall_ms = api.handle.now().wall_ms;
    let programmes = api.readers.read(move |reader| {
        let today = reader.view.date_at(wall_ms);
        let in_force = reader.view.programme_on(today)?.version;
        let versions = reader.view.programmes()?.into_iter().map(|programme| ProgrammeVersion {
            number: programme.version,
            name: Name::of(&programme.name),
            in_force_from: Text(programme.in_force_from),
        });
        Ok::<_, Problem>(Programmes { in_force, versions: versions.collect() })
    });
    Ok(Json(programmes.await?))
}

/// Publishes a version of the programme that head office has signed, for the whole city: stores sell by it from
/// its first day on, as soon as they have it. Hubs only.
#[utoipa::path(
    post, path = "/programmes", operation_id = "publish_programme", tag = "fleet",
    security(("token" = [TokenScope::Admin])),
    request_body = ProgrammeRequest,
    responses((status = 200, description = "It is on its way to the stores.", body = Published)),
)]
pub(crate) async fn publish(
    State(api): State<Api>,
    Change { body, request }: Change<ProgrammeRequest>,
) -> Result<Answer<Published>, Problem> {
    let malformed = |reason: &str| Problem::field("signed", reason);
    let bytes = BASE64.decode(body.signed.as_bytes()).map_err(|_| malformed("this is no base64"))?;
    let signed: SignedProgramme =
        from_cbor("programme", &bytes).map_err(|_| malformed("this is no signed programme"))?;
    let paper = signed.claims().map_err(|_| malformed("this is no signed programme"))?;
    let reply = api.carry_out(request, Undertaking::Publish(Box::new(signed))).await?;
    let (version, in_force_from) = (paper.version, Text(paper.in_force_from));
    Ok(Answer::done(reply.repeated, Published { version, in_force_from }))
}
