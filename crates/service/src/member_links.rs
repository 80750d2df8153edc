use axum::{Json, extract::State};
use purser_replica::Refusal;
use purser_types::MemberId;
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    api::Api, problem::Problem, request_parts::PathId, spelling, text::Text, token_scope::TokenScope,
};

/// Where a member finds their page.
#[derive(Serialize, ToSchema)]
pub(crate) struct MemberLink {
    /// The member.
    #[schema(value_type = spelling::MemberId)]
    member: Text<MemberId>,
    /// The path of the page at this hub: put the address at which the hub is reached by phones
    /// in front. Whoever has it can carry the member's points to stores: give it to the member only.
    #[schema(example = "/m/1u3cd5f00000c-3q5kx2m7p4n6r8t0v2w4y6z8a1")]
    path: String,
}

/// Tells where the member finds the page on which to carry points to a store. Hubs only. Always
/// the same, until the hub's file `member-pages.key` is removed: then all links are new.
#[utoipa::path(
    get, path = "/members/{id}/page", operation_id = "show_page", tag = "members",
    security(("token" = [TokenScope::Members])),
    params(("id" = spelling::MemberId, Path, description = "The member's id.")),
    responses((status = 200, description = "Where it is.", body = MemberLink)),
)]
pub(crate) async fn show(
    State(api): State<Api>,
    PathId(member): PathId<MemberId>,
) -> Result<Json<MemberLink>, Problem> {
    let pages = api.pages.clone().ok_or_else(Problem::internal)?;
    let known = api.readers.read(move |reader| reader.view.member(member)).await?;
    if known.is_none() {
        return Err(Refusal::UnknownMember(member).into());
    }
    let path = format!("/m/{}", pages.token_of(member));
    Ok(Json(MemberLink { member: Text(member), path }))
}
