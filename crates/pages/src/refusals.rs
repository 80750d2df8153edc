//! Why something was not done, for the people at the counter.

use purser_ledger::Asset;
use purser_replica::Refusal;
use purser_types::{Coded, Fen};
use rust_i18n::t;

use crate::{desk::Fault, language::Language};

/// A fault in words: those of the language if there are any for its code, else what the program says itself.
pub(crate) fn words(fault: &Fault, language: Language) -> String {
    let locale = language.locale();
    match fault {
        Fault::Refused(refusal) => of_refusal(refusal, language),
        Fault::Read(_) | Fault::Unavailable(_) => t!("refusal.unavailable", locale = locale).into_owned(),
    }
}

/// The same of a refusal.
pub(crate) fn of_refusal(refusal: &Refusal, language: Language) -> String {
    let locale = language.locale();
    match refusal {
        Refusal::RightsTooFew { asset, here, balance, wanted, cause, .. } => {
            let key = match here {
                0 => "code.insufficient_rights_none",
                _ => "code.insufficient_rights_here",
            };
            let [here, balance, wanted] = [here, balance, wanted].map(|amount| quantity(*asset, *amount));
            let cause = t!(format!("cause.{}", cause.name()), locale = locale).into_owned();
            t!(key, locale = locale, here = here, balance = balance, wanted = wanted, cause = cause)
                .into_owned()
        }
        Refusal::BalanceTooSmall { asset, balance, wanted, .. } => {
            let [balance, wanted] = [balance, wanted].map(|amount| quantity(*asset, *amount));
            t!("code.insufficient_balance", locale = locale, balance = balance, wanted = wanted).into_owned()
        }
        _ => {
            let key = format!("code.{}", refusal.code());
            let words = t!(key.as_str(), locale = locale).into_owned();
            // What has no translation says what the program says, better than a code; of a database it is for operators.
            match refusal {
                _ if !words.ends_with(&key) => words,
                Refusal::Storage(_) => t!("refusal.unavailable", locale = locale).into_owned(),
                _ => refusal.to_string(),
            }
        }
    }
}

/// So much of something: money as money.
fn quantity(asset: Asset, amount: i64) -> String {
    match asset {
        Asset::WalletPrincipal | Asset::WalletBonus | Asset::Refundable(_) => format!("¥{}", Fen(amount)),
        _ => amount.to_string(),
    }
}
