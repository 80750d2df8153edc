use std::{
    fs::File,
    io::{BufReader, Read, Seek},
    path::{Path, PathBuf},
};

use csv::StringRecord;
use flate2::read::MultiGzDecoder;

use super::replay_error::ReplayError;

/// A CSV file, packed by gzip or not, of which some columns are wanted: found by the header,
/// in any order, others passed over.
pub(crate) struct Table<const N: usize> {
    path: PathBuf,
    names: [&'static str; N],
    places: [usize; N],
    reader: csv::Reader<Box<dyn Read>>,
    record: StringRecord,
}

/// One line of a table.
pub(crate) struct Line<'t, const N: usize> {
    table: &'t Table<N>,
    /// Its number in the file, from 1.
    pub(crate) number: u64,
}

impl<const N: usize> Table<N> {
    /// Opens `path` and finds the columns `names`.
    pub(crate) fn open(path: &Path, names: [&'static str; N]) -> Result<Self, ReplayError> {
        let mut reader = csv::Reader::from_reader(unpacked(path)?);
        let header = reader.headers().map_err(|error| malformed(path, &error))?;
        if header.iter().all(str::is_empty) {
            return Err(ReplayError::Empty(path.to_owned()));
        }
        let mut places = [0; N];
        for (place, column) in places.iter_mut().zip(names) {
            let found = header.iter().position(|name| name.trim_matches(['\u{feff}', ' ']) == column);
            *place = found.ok_or_else(|| ReplayError::NoColumn { path: path.to_owned(), column })?;
        }
        Ok(Self { path: path.to_owned(), names, places, reader, record: StringRecord::new() })
    }

    /// The next line, `None` after the last.
    pub(crate) fn next_line(&mut self) -> Result<Option<Line<'_, N>>, ReplayError> {
        match self.reader.read_record(&mut self.record) {
            Ok(true) => {
                let number = self.record.position().map_or(0, csv::Position::line);
                Ok(Some(Line { table: self, number }))
            }
            Ok(false) => Ok(None),
            Err(error) => Err(malformed(&self.path, &error)),
        }
    }
}

impl<const N: usize> Line<'_, N> {
    /// The text of a wanted column.
    pub(crate) fn text(&self, column: usize) -> &str {
        self.table.record.get(self.table.places[column]).unwrap_or_default().trim()
    }

    /// The text of a wanted column, read by `read`; `wanted` says what it should be.
    pub(crate) fn read<T>(
        &self,
        column: usize,
        wanted: &str,
        read: impl FnOnce(&str) -> Option<T>,
    ) -> Result<T, ReplayError> {
        let text = self.text(column);
        read(text).ok_or_else(|| {
            let shown: String = text.chars().take(40).collect();
            self.blame(column, format!("{shown:?} is not {wanted}"))
        })
    }

    /// An error about this line.
    pub(crate) fn blame(&self, column: usize, reason: String) -> ReplayError {
        let (path, line) = (self.table.path.clone(), self.number);
        ReplayError::BadField { path, line, column: self.table.names[column], reason }
    }
}

/// The bytes of a file, unpacked if it is a gzip file by its name or by its first bytes.
pub(crate) fn unpacked(path: &Path) -> Result<Box<dyn Read>, ReplayError> {
    let unreadable = |source| ReplayError::Unreadable { path: path.to_owned(), source };
    let mut file = File::open(path).map_err(unreadable)?;
    let mut first = Vec::new();
    file.by_ref().take(2).read_to_end(&mut first).map_err(unreadable)?;
    file.rewind().map_err(unreadable)?;
    let by_name = path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("gz"));
    let file = BufReader::new(file);
    if first.is_empty() {
        return Err(ReplayError::Empty(path.to_owned()));
    }
    Ok(if by_name || first == [0x1f, 0x8b] { Box::new(MultiGzDecoder::new(file)) } else { Box::new(file) })
}

fn malformed(path: &Path, error: &csv::Error) -> ReplayError {
    let line = error.position().map(csv::Position::line);
    let reason = match error.kind() {
        csv::ErrorKind::Io(source) => source.to_string(),
        csv::ErrorKind::Utf8 { .. } => "it is not UTF-8".to_owned(),
        csv::ErrorKind::UnequalLengths { expected_len, len, .. } => {
            format!("{len} fields, the header has {expected_len}")
        }
        _ => error.to_string(),
    };
    ReplayError::NotCsv { path: path.to_owned(), line, reason }
}
