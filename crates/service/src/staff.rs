use axum::{Json, extract::State};
use purser_journal::{AccountFact, StaffRole};
use purser_replica::Undertaking;
use purser_types::StoreNumber;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    answer::Answer, api::Api, change::Change, password::Password, problem::Problem, status::Standing,
    token_scope::TokenScope,
};

/// An account by which somebody signs in to the pages of this replica.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AccountRequest {
    /// What its owner types: 1 to 32 of `a` to `z`, `0` to `9`, `.`, `_` and `-`.
    #[schema(example = "li.lei", pattern = "^[a-z0-9._-]{1,32}$")]
    name: String,
    /// Who that is, as others see it.
    #[schema(example = "李雷", min_length = 1, max_length = 100)]
    person: String,
    /// What its owner may do. A store has cashiers and managers of its own; the others are a hub's.
    role: RoleWord,
    /// The password, 10 to 128 characters; one is made up and told once if none is given.
    #[serde(skip_serializing)]
    #[schema(min_length = 10, max_length = 128)]
    password: Option<String>,
    /// Whether it is closed: nobody signs in by it any more.
    #[serde(default)]
    closed: bool,
}

/// What somebody may do.
#[derive(Clone, Copy, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum RoleWord {
    /// Serves at the counter.
    Cashier,
    /// Runs a store.
    Manager,
    /// Runs the chain.
    HeadOffice,
    /// Looks, and changes nothing.
    Auditor,
}

/// An account that was made or changed.
#[derive(Serialize, ToSchema)]
pub(crate) struct AccountSet {
    /// Its name.
    name: String,
    /// The password that was made up, told this once; null if one was given, or the account is closed.
    password: Option<String>,
}

/// The accounts that are good at this replica.
#[derive(Serialize, ToSchema)]
pub(crate) struct Accounts {
    /// By name.
    accounts: Vec<AccountShown>,
}

/// One account.
#[derive(Serialize, ToSchema)]
pub(crate) struct AccountShown {
    /// What its owner types.
    name: String,
    /// Who that is.
    person: String,
    /// What its owner may do.
    role: RoleWord,
    /// The store where it is good; null for every replica of the city.
    store: Option<u32>,
    /// Whether it is closed.
    closed: bool,
}

/// Makes an account for the pages, or changes one: password, role, or that it is closed. At a store it is good there,
/// at a hub at every replica of the city. Sent again under its key it is not done twice, and a password that was made
/// up is not told again.
#[utoipa::path(
    post, path = "/staff", operation_id = "set_account", tag = "operation",
    security(("token" = [TokenScope::Admin])),
    request_body = AccountRequest,
    responses((status = 200, description = "The account is as told.", body = AccountSet)),
)]
pub(crate) async fn set(
    State(api): State<Api>,
    Change { body, request }: Change<AccountRequest>,
) -> Result<Answer<AccountSet>, Problem> {
    let AccountRequest { name, person, role, password, closed } = body;
    let standing = Standing::of(&api).await?;
    let store = Some(standing.credential.store).filter(|store| *store != StoreNumber(0));
    let made_up = match (&password, closed) {
        (None, false) => Some(Password::made_up().map_err(|refused| Problem::field("password", refused))?),
        _ => None,
    };
    let told = made_up.as_ref().map(|password| password.text().to_owned());
    let password = made_up.or(password.map(Password::typed)).filter(|_| !closed);
    let of = name.clone();
    let hashing =
        tokio::task::spawn_blocking(move || password.map(|password| password.verifier(&of)).transpose());
    let verifier = hashing.await.map_err(|_| Problem::internal())?;
    let verifier = verifier.map_err(|refused| Problem::field("password", refused))?;
    let account = AccountFact { store, name: name.clone(), person, role: role.into(), verifier };
    let reply = api.carry_out(request, Undertaking::SetAccount(account)).await?;
    Ok(Answer::done(reply.repeated, AccountSet { name, password: told.filter(|_| !reply.repeated) }))
}

/// Lists the accounts that are good at this replica.
#[utoipa::path(
    get, path = "/staff", operation_id = "list_accounts", tag = "operation",
    security(("token" = [TokenScope::Admin])),
    responses((status = 200, description = "The accounts.", body = Accounts)),
)]
pub(crate) async fn list(State(api): State<Api>) -> Result<Json<Accounts>, Problem> {
    let accounts = api.readers.read(|reader| reader.view.accounts()).await?;
    let shown = accounts.into_iter().map(|row| AccountShown {
        name: row.name,
        person: row.person,
        role: row.role.into(),
        store: row.store.map(|StoreNumber(store)| store),
        closed: row.verifier.is_none(),
    });
    Ok(Json(Accounts { accounts: shown.collect() }))
}

impl From<RoleWord> for StaffRole {
    fn from(word: RoleWord) -> Self {
        match word {
            RoleWord::Cashier => StaffRole::Cashier,
            RoleWord::Manager => StaffRole::Manager,
            RoleWord::HeadOffice => StaffRole::HeadOffice,
            RoleWord::Auditor => StaffRole::Auditor,
        }
    }
}

impl From<StaffRole> for RoleWord {
    fn from(role: StaffRole) -> Self {
        match role {
            StaffRole::Cashier => RoleWord::Cashier,
            StaffRole::Manager => RoleWord::Manager,
            StaffRole::HeadOffice => RoleWord::HeadOffice,
            StaffRole::Auditor => RoleWord::Auditor,
        }
    }
}
