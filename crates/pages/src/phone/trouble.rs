use axum::http::StatusCode;
use purser_replica::Refusal;
use rust_i18n::t;

use crate::language::Language;

/// What went wrong, for a member.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// The link opens nothing.
    UnknownLink,
    /// The form cannot be read.
    Form,
    /// Not a whole number of rewards.
    Steps,
    /// More than the member has elsewhere.
    TooMany,
    /// Rights could not be fetched in time.
    OutOfReach,
    /// Enough codes are open.
    CodesOpen,
    /// Tried too often.
    TooOften,
    /// The store is not there any more.
    NoStore,
    /// The hub cannot now.
    Later,
}

impl Trouble {
    /// What a refusal is to a member.
    pub(crate) fn of(refusal: &Refusal) -> Self {
        match refusal {
            Refusal::Quote(_) => Trouble::Steps,
            Refusal::OutOfRange { .. } | Refusal::RequestReused => Trouble::Form,
            Refusal::BalanceTooSmall { .. } => Trouble::TooMany,
            Refusal::RightsTooFew { .. } => Trouble::OutOfReach,
            Refusal::VouchersOpen(_) => Trouble::CodesOpen,
            Refusal::UnknownReplica(_) => Trouble::NoStore,
            _ => Trouble::Later,
        }
    }

    pub(crate) fn status(self) -> StatusCode {
        match self {
            Trouble::UnknownLink => StatusCode::NOT_FOUND,
            Trouble::TooOften => StatusCode::TOO_MANY_REQUESTS,
            Trouble::Form | Trouble::Steps => StatusCode::UNPROCESSABLE_ENTITY,
            Trouble::Later => StatusCode::SERVICE_UNAVAILABLE,
            Trouble::TooMany | Trouble::OutOfReach | Trouble::CodesOpen | Trouble::NoStore => {
                StatusCode::CONFLICT
            }
        }
    }

    pub(crate) fn words(self, language: Language) -> String {
        let locale = language.locale();
        let words = match self {
            Trouble::UnknownLink => t!("phone.unknown_link", locale = locale),
            Trouble::Form => t!("phone.form", locale = locale),
            Trouble::Steps => t!("phone.steps", locale = locale),
            Trouble::TooMany => t!("phone.too_many", locale = locale),
            Trouble::OutOfReach => t!("phone.out_of_reach", locale = locale),
            Trouble::CodesOpen => t!("phone.codes_open", locale = locale),
            Trouble::TooOften => t!("phone.too_often", locale = locale),
            Trouble::NoStore => t!("phone.no_store", locale = locale),
            Trouble::Later => t!("phone.later", locale = locale),
        };
        words.into_owned()
    }
}
