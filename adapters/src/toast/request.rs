use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::{Map, Value};

use crate::money::Money;

use super::reply::{Refusal, Status};

/// What is asked.
pub(super) enum Transaction {
    Search(SearchCriteria),
    Inquire(CheckInformation),
    Redeem(CheckInformation),
    Accrue(CheckInformation),
    Reverse(ReverseInformation),
}

/// The body, as much of it as is used.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Body {
    toast_transaction_type: Option<String>,
    search_transaction_information: Option<SearchInformation>,
    check_transaction_information: Option<CheckInformation>,
    reverse_transaction_information: Option<ReverseInformation>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct SearchInformation {
    search_criteria: SearchCriteria,
}

/// By what to find members; one at least is said.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct SearchCriteria {
    pub(super) first_name: Option<String>,
    pub(super) last_name: Option<String>,
    pub(super) phone: Option<String>,
}

/// A check, whose it is, and what is redeemed on it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct CheckInformation {
    pub(super) loyalty_identifier: String,
    pub(super) check: Check,
    #[serde(default, deserialize_with = "list")]
    pub(super) redemptions: Vec<Redemption>,
}

/// A check.
#[derive(Deserialize)]
pub(super) struct Check {
    pub(super) guid: String,
    /// What the goods cost after all discounts, before tax.
    pub(super) amount: Money,
}

/// An offer that is applied to a check. What else the till says of it goes back as it came.
#[derive(Clone, Deserialize, Serialize)]
pub(super) struct Redemption {
    pub(super) identifier: String,
    pub(super) amount: Option<Money>,
    #[serde(flatten)]
    pub(super) rest: Map<String, Value>,
}

/// What is to be undone.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ReverseInformation {
    pub(super) loyalty_identifier: String,
    pub(super) transaction_id: String,
    #[serde(default, deserialize_with = "list")]
    pub(super) redemptions: Vec<Redemption>,
}

/// Ids of checks and transactions become parts of check numbers and keys.
const ID_CHARACTERS_MAX: usize = 36;

impl Transaction {
    /// Reads what is asked from the header that says of which type it is, and the body.
    pub(super) fn read(kind: &str, body: &[u8]) -> Result<Self, Refusal> {
        let read: Body = serde_json::from_slice(body).map_err(|error| invalid(&error.to_string()))?;
        if read.toast_transaction_type.is_some_and(|it| it != kind) {
            return Err(invalid("the header and the body tell of different types"));
        }
        let check = read.check_transaction_information;
        match kind {
            "LOYALTY_SEARCH" => Ok(Self::Search(said(read.search_transaction_information)?.search_criteria)),
            "LOYALTY_INQUIRE" => Ok(Self::Inquire(sound(said(check)?)?)),
            "LOYALTY_REDEEM" => Ok(Self::Redeem(sound(said(check)?)?)),
            "LOYALTY_ACCRUE" => Ok(Self::Accrue(sound(said(check)?)?)),
            "LOYALTY_REVERSE" => Ok(Self::Reverse(said(read.reverse_transaction_information)?)),
            _ => Err(Refusal::because(Status::ErrorInvalidToastTransactionType, "this type is not served")),
        }
    }
}

/// The id of the transaction itself.
pub(super) fn transaction_id(id: &str) -> Result<&str, Refusal> {
    if is_id(id) {
        Ok(id)
    } else {
        Err(invalid("Toast-Transaction-GUID has 1 to 36 letters, digits and dashes"))
    }
}

fn sound(information: CheckInformation) -> Result<CheckInformation, Refusal> {
    if is_id(&information.check.guid) {
        Ok(information)
    } else {
        Err(invalid("a check's guid has 1 to 36 letters, digits and dashes"))
    }
}

fn is_id(text: &str) -> bool {
    let whole = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    whole && (1..=ID_CHARACTERS_MAX).contains(&text.len())
}

fn said<T>(information: Option<T>) -> Result<T, Refusal> {
    information.ok_or_else(|| invalid("the information for this type is missing"))
}

fn invalid(why: &str) -> Refusal {
    Refusal::because(Status::ErrorInvalidInputProperties, why)
}

/// A list that may be `null`.
fn list<'de, D: serde::Deserializer<'de>, T: DeserializeOwned>(deserializer: D) -> Result<Vec<T>, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}
