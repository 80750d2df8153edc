use std::{
    collections::{BTreeMap, HashMap},
    fs::File,
    io::{BufReader, Read, Seek},
    path::{Path, PathBuf},
};

use chrono::NaiveDateTime;
use flate2::read::MultiGzDecoder;

/// Who bought where and when, in the order of time.
#[derive(Debug, Clone, Default)]
pub struct History {
    /// How many stores there are.
    pub stores: usize,
    /// The baskets of each member, in the order of time.
    pub members: Vec<Vec<Shopping>>,
}

/// One basket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shopping {
    /// When it was paid: milliseconds since 1970.
    pub at_ms: u64,
    /// Where, from 0 on.
    pub store: usize,
    /// What the goods cost, in hundredths.
    pub value: i64,
}

/// Why a history cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum HistoryError {
    /// The file cannot be opened.
    #[error("cannot read {path}: {source} [file_unreadable]", path = .path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        source: std::io::Error,
    },
    /// It is no table, or does not unpack.
    #[error("{path} is not a table: {source} [not_csv]", path = .path.display())]
    NotCsv {
        /// The file.
        path: PathBuf,
        /// What the reader said.
        source: csv::Error,
    },
    /// A column is missing.
    #[error("the header names no column {0:?} [column_missing]")]
    NoColumn(&'static str),
    /// A field is not what its column holds.
    #[error("line {line}, column {column:?}: {text:?} cannot be read [bad_field]")]
    BadField {
        /// The line in the file.
        line: u64,
        /// The column.
        column: &'static str,
        /// What stands there.
        text: String,
    },
    /// There is not one basket.
    #[error("the history holds no basket [no_lines]")]
    Empty,
}

/// The columns of the replay format that are of use here.
const COLUMNS: [&str; 5] = ["transaction_timestamp", "store_id", "household_id", "basket_id", "sales_value"];

/// A basket as its lines build it up.
struct Draft {
    at_ms: u64,
    store: String,
    member: String,
    value: i64,
}

impl History {
    /// Reads a history in the format of the hub's replay, packed by gzip or not.
    ///
    /// # Errors
    /// What stands in the file that cannot be used, and where.
    pub fn read(path: &Path) -> Result<Self, HistoryError> {
        let not_csv = |source| HistoryError::NotCsv { path: path.to_owned(), source };
        let mut reader = csv::Reader::from_reader(unpacked(path)?);
        let header = reader.headers().map_err(not_csv)?.clone();
        let mut places = [0; COLUMNS.len()];
        for (place, column) in places.iter_mut().zip(COLUMNS) {
            let found = header.iter().position(|name| name.trim_matches(['\u{feff}', ' ']) == column);
            *place = found.ok_or(HistoryError::NoColumn(column))?;
        }
        let mut drafts: Vec<Draft> = Vec::new();
        let mut baskets: HashMap<String, usize> = HashMap::new();
        for record in reader.into_records() {
            let record = record.map_err(not_csv)?;
            let field = |column: usize| record.get(places[column]).unwrap_or_default().trim();
            let bad = |column: usize| HistoryError::BadField {
                line: record.position().map_or(0, csv::Position::line),
                column: COLUMNS[column],
                text: field(column).chars().take(40).collect(),
            };
            let at_ms = read_time(field(0)).ok_or_else(|| bad(0))?;
            let value = read_hundredths(field(4)).ok_or_else(|| bad(4))?;
            if let Some(place) = baskets.get(field(3)) {
                let draft = &mut drafts[*place];
                draft.at_ms = draft.at_ms.min(at_ms);
                draft.value = draft.value.saturating_add(value);
            } else {
                baskets.insert(field(3).to_owned(), drafts.len());
                drafts.push(Draft { at_ms, store: field(1).to_owned(), member: field(2).to_owned(), value });
            }
        }
        Self::of(drafts)
    }

    fn of(mut drafts: Vec<Draft>) -> Result<Self, HistoryError> {
        if drafts.is_empty() {
            return Err(HistoryError::Empty);
        }
        drafts.sort_by_key(|draft| draft.at_ms);
        let mut stores: BTreeMap<String, usize> = BTreeMap::new();
        let mut members: BTreeMap<String, Vec<Shopping>> = BTreeMap::new();
        for Draft { at_ms, store, member, value } in drafts {
            let next = stores.len();
            let store = *stores.entry(store).or_insert(next);
            members.entry(member).or_default().push(Shopping { at_ms, store, value });
        }
        Ok(Self { stores: stores.len(), members: members.into_values().collect() })
    }

    /// How many baskets there are.
    pub fn baskets(&self) -> usize {
        self.members.iter().map(Vec::len).sum()
    }

    /// The first midnight before the first basket, and the number of days from there on in which
    /// there are baskets.
    pub fn span(&self) -> (u64, u64) {
        let times = || self.members.iter().flatten().map(|shopping| shopping.at_ms / DAY_MS);
        let first = times().min().unwrap_or(0);
        (first * DAY_MS, times().max().unwrap_or(0) - first + 1)
    }
}

/// A day, in milliseconds.
pub(super) const DAY_MS: u64 = 24 * 3_600_000;

fn unpacked(path: &Path) -> Result<Box<dyn Read>, HistoryError> {
    let unreadable = |source| HistoryError::Unreadable { path: path.to_owned(), source };
    let mut file = File::open(path).map_err(unreadable)?;
    let mut first = Vec::new();
    file.by_ref().take(2).read_to_end(&mut first).map_err(unreadable)?;
    file.rewind().map_err(unreadable)?;
    let file = BufReader::new(file);
    Ok(if first == [0x1f, 0x8b] { Box::new(MultiGzDecoder::new(file)) } else { Box::new(file) })
}

/// Milliseconds since 1970 of a time in UTC.
fn read_time(text: &str) -> Option<u64> {
    let text = text.strip_suffix('Z').unwrap_or(text);
    let formats = ["%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%dT%H:%M:%S%.f"];
    let time = formats.iter().find_map(|format| NaiveDateTime::parse_from_str(text, format).ok())?;
    u64::try_from(time.and_utc().timestamp_millis()).ok()
}

/// An amount of at most ten thousand million, in hundredths, exactly: `1.5`, `2.49`, `3`, `-0.10`.
fn read_hundredths(text: &str) -> Option<i64> {
    let (sign, digits) = text.strip_prefix('-').map_or((1, text), |digits| (-1, digits));
    let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
    let part = part.trim_end_matches('0');
    let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || whole.len() > 10 || part.len() > 2 || !is_number(whole) || !is_number(part) {
        return None;
    }
    let hundredths: i64 = format!("{part:0<2}").parse().ok()?;
    Some(sign * (whole.parse::<i64>().ok()? * 100 + hundredths))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_and_times_are_exact() {
        let amounts = ["1.5", "2.49", "3", "4.100", "-0.01"].map(read_hundredths);
        assert_eq!(amounts, [150, 249, 300, 410, -1].map(Some));
        for text in ["", ".", "1.005", "ten", "1,5", "99999999999"] {
            assert_eq!(read_hundredths(text), None, "{text}");
        }
        assert_eq!(read_time("2017-01-01 12:30:27"), Some(1_483_273_827_000));
        assert_eq!(read_time("2017-01-01T12:30:27Z"), Some(1_483_273_827_000));
        assert_eq!(read_time("1969-01-01 00:00:00"), None);
    }

    #[test]
    fn lines_become_baskets_of_members() {
        let file = tempfile::NamedTempFile::new().expect("room for a file");
        let lines = "transaction_timestamp,store_id,household_id,basket_id,sales_value\n\
                     2017-01-02 10:00:00,7,42,b,1.50\n\
                     2017-01-01 10:00:00,9,42,a,2\n\
                     2017-01-02 10:00:00,7,42,b,0.75\n";
        std::fs::write(file.path(), lines).expect("room for a file");
        let history = History::read(file.path()).expect("a history");
        assert_eq!((history.stores, history.baskets(), history.span().1), (2, 2, 2));
        let shoppings: Vec<_> = history.members[0].iter().map(|it| (it.store, it.value)).collect();
        assert_eq!(shoppings, [(0, 200), (1, 225)]);
    }
}
