#![allow(unused_qualifications)] // in what utoipa makes of `params(…)`

use axum::{Json, extract::State};
use purser_replica::View;
use purser_storage::{MemberRow, StorageError};
use purser_types::{CardNumber, MemberId};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::{
    api::Api,
    cursor::{Cursor, malformed, take},
    problem::Problem,
    request_parts::{QueryOf, malformed_query, page_limit},
    spelling,
    text::Text,
    token_scope::TokenScope,
};

/// By what to find members: by one of the first four, or all.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct FindQuery {
    /// The number of a card that they hold, in whatever state it is.
    #[param(value_type = Option<spelling::CardNumber>)]
    card: Option<Text<CardNumber>>,
    /// The phone number.
    phone: Option<String>,
    /// The last four digits of the phone number.
    #[param(pattern = "^[0-9]{4}$")]
    phone_end: Option<String>,
    /// The beginning of the name.
    #[param(min_length = 1, max_length = 64)]
    name: Option<String>,
    /// Where to go on: `next` of the page before.
    cursor: Option<String>,
    /// How many at most on a page, 50 if not given.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u32>,
}

/// One page of members.
#[derive(Serialize, ToSchema)]
pub(crate) struct MemberPage {
    /// The members: by name if a name was asked for, in the order of their ids otherwise.
    members: Vec<MemberSummary>,
    /// The cursor of the next page; null on the last one.
    next: Option<String>,
}

/// What members are told apart by.
#[derive(Serialize, ToSchema)]
pub(crate) struct MemberSummary {
    /// The member's id.
    #[schema(value_type = spelling::MemberId)]
    member: Text<MemberId>,
    /// The name, empty if none is given.
    name: String,
    /// The phone number, empty if none is given.
    phone: String,
    /// How many fields of the profile have concurrent values that nobody has settled.
    conflicts: u32,
}

/// What is looked for.
enum Key {
    Card(CardNumber),
    Phone(String),
    PhoneEnd(String),
    Name(String),
    All,
}

/// Finds members by card, phone or name; without any of these, lists all of them. Answered
/// from this store's own database, line or no line.
#[utoipa::path(
    get, path = "/members", operation_id = "find_members", tag = "members",
    security(("token" = [TokenScope::Till]), ("token" = [TokenScope::Read])),
    params(FindQuery),
    responses((status = 200, description = "The members found; none is no error.", body = MemberPage)),
)]
pub(crate) async fn find(
    State(api): State<Api>,
    QueryOf(query): QueryOf<FindQuery>,
) -> Result<Json<MemberPage>, Problem> {
    let (cursor, limit) = (query.cursor.clone(), page_limit(query.limit)?);
    let key = Key::of(query)?;
    let page = api.readers.read(move |reader| key.page(&reader.view, cursor.as_deref(), limit)).await?;
    Ok(Json(page))
}

impl Key {
    fn of(query: FindQuery) -> Result<Self, Problem> {
        let FindQuery { card, phone, phone_end, name, .. } = query;
        match (card, phone, phone_end, name) {
            (None, None, None, None) => Ok(Key::All),
            (Some(Text(card)), None, None, None) => Ok(Key::Card(card)),
            (None, Some(phone), None, None) => Ok(Key::Phone(phone)),
            (None, None, Some(end), None) => {
                if end.len() != 4 || !end.bytes().all(|byte| byte.is_ascii_digit()) {
                    return Err(malformed_query("phone_end: four digits are wanted"));
                }
                Ok(Key::PhoneEnd(end))
            }
            (None, None, None, Some(name)) => {
                if !(1..=64).contains(&name.chars().count()) {
                    return Err(malformed_query("name: 1 to 64 characters are wanted"));
                }
                Ok(Key::Name(name))
            }
            _ => {
                Err(malformed_query("only one of card, phone, phone_end and name can be looked for at once"))
            }
        }
    }

    fn page(&self, view: &View, cursor: Option<&str>, limit: u32) -> Result<MemberPage, Problem> {
        let query = self.query();
        let cursors = Cursor::of(&query);
        let after = cursor.map(|text| Place::read(&cursors.read(text)?)).transpose()?;
        // One more than wanted tells whether there is another page.
        let mut rows = self.rows(view, after.as_ref(), limit + 1)?;
        let more = rows.len() > limit as usize;
        rows.truncate(limit as usize);
        let last = rows.last().filter(|_| more);
        let next = last.map(|row| cursors.write(&Place::after(row).bytes()));
        Ok(MemberPage { members: rows.into_iter().map(MemberSummary::of).collect(), next })
    }

    fn rows(&self, view: &View, after: Option<&Place>, limit: u32) -> Result<Vec<MemberRow>, StorageError> {
        let member = after.map_or(MemberId::CHAIN, |place| place.member);
        match self {
            Key::Card(card) => match view.card(*card)? {
                Some(row) => Ok(view.member(row.member)?.into_iter().collect()),
                None => Ok(Vec::new()),
            },
            Key::Phone(phone) => view.by_phone(phone, member, limit),
            Key::PhoneEnd(end) => view.by_phone_end(end, member, limit),
            Key::Name(beginning) => {
                let after = after.map(|place| (place.name.as_str(), place.member));
                view.by_name(beginning, after, limit)
            }
            Key::All => view.members(member, limit),
        }
    }

    fn query(&self) -> [&str; 2] {
        match self {
            // A card has one holder, so there is never a second page.
            Key::Card(_) => ["card", ""],
            Key::Phone(phone) => ["phone", phone],
            Key::PhoneEnd(end) => ["phone_end", end],
            Key::Name(name) => ["name", name],
            Key::All => ["all", ""],
        }
    }
}

/// The last member of a page.
struct Place {
    member: MemberId,
    name: String,
}

impl Place {
    fn after(row: &MemberRow) -> Self {
        Self { member: row.member, name: row.name.clone() }
    }

    fn bytes(&self) -> Vec<u8> {
        let mut bytes = self.member.as_i64().to_be_bytes().to_vec();
        bytes.extend(self.name.as_bytes());
        bytes
    }

    fn read(bytes: &[u8]) -> Result<Self, Problem> {
        let mut rest = bytes;
        let member = MemberId::from_i64(i64::from_be_bytes(take(&mut rest)?)).ok_or_else(malformed)?;
        let name = String::from_utf8(rest.to_vec()).map_err(|_| malformed())?;
        Ok(Self { member, name })
    }
}

impl MemberSummary {
    fn of(row: MemberRow) -> Self {
        let MemberRow { member, name, phone, conflicts, .. } = row;
        Self { member: Text(member), name, phone, conflicts }
    }
}
