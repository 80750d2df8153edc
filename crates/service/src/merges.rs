use axum::extract::State;
use purser_replica::{Merging, Undertaking};
use purser_types::MemberId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    answer::Answer, api::Api, change::Change, problem::Problem, request_parts::PathId, spelling, text::Text,
    token_scope::TokenScope,
};

/// Who a member is.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct MergeRequest {
    /// Who that is; null if the member is nobody else after all.
    #[schema(value_type = Option<spelling::MemberId>)]
    into: Option<Text<MemberId>>,
    /// Why, for those who look later: 1 to 500 bytes.
    #[schema(min_length = 1, max_length = 500, example = "the same phone number, asked at the counter")]
    reason: String,
    /// Who says so: 1 to 100 bytes.
    #[schema(min_length = 1, max_length = 100, example = "Wu Min")]
    by: String,
}

/// A member who was put together with another, or taken apart.
#[derive(Serialize, ToSchema)]
pub(crate) struct Merged {
    /// The member.
    #[schema(value_type = spelling::MemberId)]
    member: Text<MemberId>,
    /// Who that is.
    #[schema(value_type = Option<spelling::MemberId>)]
    into: Option<Text<MemberId>>,
}

/// Says that two members are the same person who was registered twice, or are not after all. Nothing moves: both ids
/// and all cards go on, and points, stored value and purchases count together as long as it stands.
#[utoipa::path(
    post, path = "/members/{id}/merge", operation_id = "merge_member", tag = "members",
    security(("token" = [TokenScope::Members])),
    params(("id" = spelling::MemberId, Path, description = "Who was registered once too often.")),
    request_body = MergeRequest,
    responses((status = 200, description = "It is noted.", body = Merged)),
)]
pub(crate) async fn merge(
    State(api): State<Api>,
    PathId(member): PathId<MemberId>,
    Change { body, request }: Change<MergeRequest>,
) -> Result<Answer<Merged>, Problem> {
    let MergeRequest { into, reason, by } = body;
    let merging = Merging { member, into: into.as_ref().map(|Text(into)| *into), reason, by };
    let reply = api.carry_out(request, Undertaking::Merge(merging)).await?;
    Ok(Answer::done(reply.repeated, Merged { member: Text(member), into }))
}
