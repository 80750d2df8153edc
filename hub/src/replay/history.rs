use std::{
    collections::{BTreeSet, HashMap},
    path::Path,
};

use purser_types::{Fen, StoreNumber};
use rust_decimal::Decimal;

use super::{moment, replay_error::ReplayError, table::Table};

/// A purchase history: baskets in the order of time.
#[derive(Debug)]
pub(crate) struct History {
    /// The stores that the baskets name, in the order of their numbers.
    pub(crate) stores: Vec<StoreNumber>,
    /// All stores of the file, those beyond the limit included.
    pub(crate) stores_known: BTreeSet<StoreNumber>,
    /// The households, in the order in which they first come.
    pub(crate) households: Vec<String>,
    /// The baskets.
    pub(crate) baskets: Vec<Basket>,
}

/// One basket.
#[derive(Debug, Clone)]
pub(crate) struct Basket {
    /// Its name in the file, which becomes the receipt's number.
    pub(crate) id: String,
    /// When it was paid: milliseconds since 1970.
    pub(crate) at_ms: u64,
    /// Where: a place in [`History::stores`].
    pub(crate) store: usize,
    /// By whom: a place in [`History::households`].
    pub(crate) household: usize,
    /// What the goods cost.
    pub(crate) value: Fen,
}

/// A basket as the lines of the file build it up.
struct Draft {
    id: String,
    line: u64,
    at_ms: u64,
    store: StoreNumber,
    household: String,
    value: Fen,
}

const COLUMNS: [&str; 5] = ["transaction_timestamp", "store_id", "household_id", "basket_id", "sales_value"];
const AT: usize = 0;
const STORE: usize = 1;
const HOUSEHOLD: usize = 2;
const BASKET: usize = 3;
const VALUE: usize = 4;

/// What the ledger takes as the value of one sale, in hundredths.
const VALUE_MAX: i64 = 1_000_000_000_000;

impl History {
    /// Reads the lines of `path` and groups them to baskets; keeps the first `limit` of them.
    pub(crate) fn read(path: &Path, limit: Option<usize>) -> Result<Self, ReplayError> {
        let mut drafts = read_drafts(path)?;
        drafts.sort_by_key(|draft| (draft.at_ms, draft.line));
        let stores_known = drafts.iter().map(|draft| draft.store).collect();
        drafts.truncate(limit.unwrap_or(usize::MAX));
        let (Some(first), Some(last)) = (drafts.first(), drafts.last()) else {
            return Err(ReplayError::NoLines(path.to_owned()));
        };
        let first_year = moment::year(first.at_ms);
        if moment::year(last.at_ms) > first_year + 1 {
            return Err(ReplayError::TooLong { path: path.to_owned(), first_year });
        }
        let stores: BTreeSet<StoreNumber> = drafts.iter().map(|draft| draft.store).collect();
        let stores: Vec<StoreNumber> = stores.into_iter().collect();
        let mut households = Vec::new();
        let mut places = HashMap::new();
        let mut baskets = Vec::new();
        for Draft { id, at_ms, store, household, value, .. } in drafts {
            let household = *places.entry(household).or_insert_with_key(|name| {
                households.push(name.clone());
                households.len() - 1
            });
            let store = stores.partition_point(|known| *known < store);
            baskets.push(Basket { id, at_ms, store, household, value });
        }
        Ok(Self { stores, stores_known, households, baskets })
    }

    /// When the first basket was paid.
    pub(crate) fn begins_ms(&self) -> u64 {
        self.baskets.first().map_or(0, |basket| basket.at_ms)
    }

    /// When the last basket was paid.
    pub(crate) fn ends_ms(&self) -> u64 {
        self.baskets.last().map_or(0, |basket| basket.at_ms)
    }
}

fn read_drafts(path: &Path) -> Result<Vec<Draft>, ReplayError> {
    let mut table = Table::open(path, COLUMNS)?;
    let mut drafts: Vec<Draft> = Vec::new();
    let mut places: HashMap<String, usize> = HashMap::new();
    while let Some(line) = table.next_line()? {
        let at_ms = line.read(AT, moment::WANTED, moment::read)?;
        let store = line.read(STORE, "a store number from 1 to 4294967295", store_number)?;
        let household = line.read(HOUSEHOLD, "1 to 64 characters", |text| short(text, 64))?;
        let id = line.read(BASKET, "1 to 48 printable ASCII characters", receipt_number)?;
        let value = line.read(VALUE, "an amount with at most two decimals, such as 12.50", amount)?;
        let Some(place) = places.get(&id) else {
            places.insert(id.clone(), drafts.len());
            drafts.push(Draft { id, line: line.number, at_ms, store, household, value });
            continue;
        };
        let draft = &mut drafts[*place];
        if draft.store != store {
            let reason = format!("basket {id} is of store {} by line {}", draft.store, draft.line);
            return Err(line.blame(STORE, reason));
        }
        if draft.household != household {
            let reason = format!("basket {id} is of household {} by line {}", draft.household, draft.line);
            return Err(line.blame(HOUSEHOLD, reason));
        }
        draft.at_ms = draft.at_ms.min(at_ms);
        draft.value = Fen(draft.value.0.saturating_add(value.0));
    }
    let implausible = drafts.iter().find(|draft| !(0..=VALUE_MAX).contains(&draft.value.0));
    if let Some(Draft { id, line, value, .. }) = implausible {
        let (path, column) = (path.to_owned(), COLUMNS[VALUE]);
        let reason = format!("basket {id} comes to {value}: 0 to {} is a sale", Fen(VALUE_MAX));
        return Err(ReplayError::BadField { path, line: *line, column, reason });
    }
    Ok(drafts)
}

/// The number of a shop: 0 is the hub's.
pub(crate) fn store_number(text: &str) -> Option<StoreNumber> {
    text.parse().ok().filter(|number| *number > 0).map(StoreNumber)
}

fn short(text: &str, most: usize) -> Option<String> {
    (1..=most).contains(&text.chars().count()).then(|| text.to_owned())
}

fn receipt_number(text: &str) -> Option<String> {
    short(text, 48).filter(|text| text.bytes().all(|byte| byte.is_ascii_graphic()))
}

/// An amount in hundredths, exactly: `1.5`, `2.49`, `3`, `4.100`.
fn amount(text: &str) -> Option<Fen> {
    let amount = Decimal::from_str_exact(text).ok()?;
    let hundredths = amount.checked_mul(Decimal::ONE_HUNDRED)?.normalize();
    let hundredths = (hundredths.scale() == 0).then(|| i64::try_from(hundredths).ok()).flatten()?;
    (-VALUE_MAX..=VALUE_MAX).contains(&hundredths).then_some(Fen(hundredths))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_exact() {
        let read = ["1.5", "2.49", "3", "4.100", "-0.01"].map(amount);
        assert_eq!(read, [150, 249, 300, 410, -1].map(|fen| Some(Fen(fen))));
        for text in ["", "1.005", "ten", "1,5", "99999999999999"] {
            assert_eq!(amount(text), None, "{text}");
        }
    }
}
