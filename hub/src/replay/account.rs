//! The plain account: what members have earned and spent, summed up straight from the file,
//! without stores, rights or replicas. What the city says is checked against it.

use std::{
    collections::{BTreeMap, HashMap},
    path::Path,
};

use serde::Deserialize;

use super::{replay_error::ReplayError, table::unpacked};

/// Sums over the file, and the points of each household.
#[derive(Debug, Default)]
pub(crate) struct Account {
    /// Baskets.
    pub(crate) baskets: u64,
    /// Their value in hundredths.
    pub(crate) gross: i64,
    /// Points earned by all of them.
    pub(crate) earned: i64,
    /// By household: what each visit earned, in the order of time.
    pub(crate) visits: BTreeMap<String, Vec<i64>>,
}

/// Points spent, as a till was told: by household, with the visit (from 1) at which it was.
pub(crate) type Spent = BTreeMap<String, Vec<(usize, i64)>>;

#[derive(Deserialize)]
struct Line {
    transaction_timestamp: String,
    household_id: String,
    basket_id: String,
    sales_value: String,
}

struct Basket {
    at: String,
    household: String,
    value: i64,
}

impl Account {
    /// Sums up the first `limit` baskets of a file that was read before without complaint.
    pub(crate) fn of(path: &Path, rate: i64, limit: Option<usize>) -> Result<Self, ReplayError> {
        let mut account = Self::default();
        for basket in baskets(path)?.into_iter().take(limit.unwrap_or(usize::MAX)) {
            let points = basket.value / 100 * rate;
            account.baskets += 1;
            account.gross += basket.value;
            account.earned += points;
            account.visits.entry(basket.household).or_default().push(points);
        }
        Ok(account)
    }

    /// What a household has earned and not spent.
    pub(crate) fn balance(&self, household: &str, spent: &Spent) -> i64 {
        let earned: i64 = self.visits.get(household).into_iter().flatten().sum();
        let spent: i64 = spent.get(household).into_iter().flatten().map(|(_, points)| points).sum();
        earned - spent
    }

    /// Points that were spent before they were earned: for each household the most that it was
    /// ahead at any visit.
    pub(crate) fn overspent(&self, spent: &Spent) -> i64 {
        let most_ahead = spent.iter().map(|(household, spent)| {
            let visits = self.visits.get(household).map_or(&[][..], Vec::as_slice);
            let mut spent_so_far = 0;
            let ahead = spent.iter().map(|(visit, points)| {
                spent_so_far += points;
                let earned_before: i64 = visits.iter().take(visit - 1).sum();
                spent_so_far - earned_before
            });
            ahead.max().unwrap_or(0).max(0)
        });
        most_ahead.sum()
    }
}

/// Baskets by time; those of one moment as they stand in the file.
fn baskets(path: &Path) -> Result<Vec<Basket>, ReplayError> {
    let mut baskets: Vec<Basket> = Vec::new();
    let mut places: HashMap<String, usize> = HashMap::new();
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(unpacked(path)?);
    for line in reader.deserialize() {
        let line: Line = line.map_err(|error| ReplayError::NotCsv {
            path: path.to_owned(),
            line: error.position().map(csv::Position::line),
            reason: error.to_string(),
        })?;
        let at = line.transaction_timestamp.replace('T', " ").trim_end_matches('Z').to_owned();
        let value = hundredths(&line.sales_value);
        if let Some(place) = places.get(&line.basket_id) {
            let basket = &mut baskets[*place];
            basket.value += value;
            basket.at = at.min(std::mem::take(&mut basket.at));
        } else {
            places.insert(line.basket_id, baskets.len());
            baskets.push(Basket { at, household: line.household_id, value });
        }
    }
    baskets.sort_by(|one, other| one.at.cmp(&other.at));
    Ok(baskets)
}

/// `12.5` is 1,250. What is none counts nothing: the history was read before.
fn hundredths(text: &str) -> i64 {
    let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
    let digits = format!("{whole}{:0<2}", decimals.trim_end_matches('0'));
    digits.parse().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_spent_before_they_are_earned_are_overspent() {
        let visits = BTreeMap::from([("a".to_owned(), vec![150, 0, 200]), ("b".to_owned(), vec![500])]);
        let account = Account { visits, ..Account::default() };
        let spent = |spent: &[(usize, i64)]| Spent::from([("a".to_owned(), spent.to_vec())]);
        assert_eq!(account.overspent(&spent(&[(2, 100)])), 0);
        assert_eq!(account.overspent(&spent(&[(1, 100)])), 100);
        assert_eq!(account.overspent(&spent(&[(2, 100), (3, 100)])), 50);
        assert_eq!(account.balance("a", &spent(&[(2, 100)])), 250);
        assert_eq!(account.balance("b", &spent(&[(2, 100)])), 500);
    }

    #[test]
    fn amounts_in_hundredths() {
        let read = ["1.5", "2.49", "3", "4.100", "-0.01", "0.0"].map(hundredths);
        assert_eq!(read, [150, 249, 300, 410, -1, 0]);
    }
}
