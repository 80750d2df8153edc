//! Reads a programme rule by rule, so that every mistake is found and none hides another.

use std::ops::Range;

use serde::de::DeserializeOwned;
use toml::{
    Spanned,
    de::{DeTable, DeValue, ValueDeserializer},
};

use crate::faults::{Fault, Faults};

/// A document of which sections are taken one after the other.
pub(crate) struct Reader<'t> {
    /// Where each line begins.
    line_starts: Vec<usize>,
    table: DeTable<'t>,
    faults: Vec<Fault>,
}

/// A rule, and where it stands.
#[derive(Debug, Clone)]
pub(crate) struct At<T> {
    pub(crate) line: usize,
    /// The section, for example `[[tier]]`.
    pub(crate) section: String,
    pub(crate) rule: T,
}

/// A programme has at most so many bytes: it travels in one entry.
const TEXT_BYTES_MAX: usize = 128 * 1024;
/// More rules of a kind than anybody could explain.
const RULES_MAX: usize = 500;
/// So many mistakes are listed.
const FAULTS_MAX: usize = 100;

impl<'t> Reader<'t> {
    pub(crate) fn new(text: &'t str) -> Result<Self, Faults> {
        let refuse =
            |what: &str| Err(Faults(vec![Fault { line: 1, rule: String::new(), what: what.to_owned() }]));
        if text.len() > TEXT_BYTES_MAX {
            return refuse("a programme has at most 256 KiB");
        }
        let (table, errors) = DeTable::parse_recoverable(text);
        let line_ends = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
        let line_starts = [0].into_iter().chain(line_ends.map(|(at, _)| at + 1)).collect();
        let mut reader = Self { line_starts, table: table.into_inner(), faults: Vec::new() };
        for error in errors {
            let line = reader.line(error.span().unwrap_or(0..0));
            reader.fault(line, String::new(), error.message().to_owned());
        }
        // What follows a broken line may mean anything.
        if reader.faults.is_empty() { Ok(reader) } else { Err(reader.into_faults()) }
    }

    /// A section that stands there once, or not at all.
    pub(crate) fn section<T: DeserializeOwned>(&mut self, key: &str) -> Option<At<T>> {
        let (_, value) = self.table.remove_entry(key)?;
        self.read(format!("[{key}]"), value)
    }

    /// The rules of a section `[[key]]`, in their order.
    pub(crate) fn rules<T: DeserializeOwned>(&mut self, key: &str) -> Vec<At<T>> {
        let Some((_, value)) = self.table.remove_entry(key) else { return Vec::new() };
        let line = self.line(value.span());
        let DeValue::Array(rules) = value.into_inner() else {
            self.fault(line, key.to_owned(), format!("write it as [[{key}]]"));
            return Vec::new();
        };
        let section = format!("[[{key}]]");
        if rules.len() > RULES_MAX {
            self.fault(line, section, format!("a programme has at most {RULES_MAX} of them"));
            return Vec::new();
        }
        rules.into_iter().filter_map(|rule| self.read(section.clone(), rule)).collect()
    }

    /// A value at the top that has to be there.
    pub(crate) fn value<T: DeserializeOwned>(&mut self, key: &str) -> Option<At<T>> {
        let Some((_, value)) = self.table.remove_entry(key) else {
            self.fault(1, key.to_owned(), "is missing".to_owned());
            return None;
        };
        self.read(key.to_owned(), value)
    }

    /// Notes a mistake.
    pub(crate) fn fault(&mut self, line: usize, rule: String, what: String) {
        self.faults.push(Fault { line, rule, what });
    }

    /// Everything was taken that is known; what is left is a mistake.
    pub(crate) fn end(mut self) -> Result<(), Faults> {
        for (key, _) in std::mem::take(&mut self.table) {
            let line = self.line(key.span());
            self.fault(line, key.into_inner().into_owned(), "no rule has this name".to_owned());
        }
        if self.faults.is_empty() { Ok(()) } else { Err(self.into_faults()) }
    }

    fn into_faults(mut self) -> Faults {
        self.faults.sort_by_key(|fault| fault.line);
        self.faults.truncate(FAULTS_MAX);
        Faults(self.faults)
    }

    /// One rule. After a mistake in one of its values the others are looked at too.
    fn read<T: DeserializeOwned>(&mut self, section: String, value: Spanned<DeValue<'t>>) -> Option<At<T>> {
        let line = self.line(value.span());
        let mut rest = value;
        let mut taken_out: Vec<String> = Vec::new();
        loop {
            let error = match T::deserialize(ValueDeserializer::from(rest.clone())) {
                Ok(rule) => return taken_out.is_empty().then_some(At { line, section, rule }),
                Err(error) => error,
            };
            let span = error.span().unwrap_or(rest.span());
            let missing = error.message().strip_prefix("missing field `").and_then(|it| it.strip_suffix('`'));
            // What lacks because it was taken out as faulty is no second mistake.
            if missing.is_none_or(|key| !taken_out.iter().any(|taken| taken == key)) {
                let at = if missing.is_some() { line } else { self.line(span.clone()) };
                self.fault(at, section.clone(), error.message().to_owned());
            }
            if missing.is_some() || self.faults.len() >= FAULTS_MAX {
                return None;
            }
            taken_out.push(take_out(&mut rest, &span)?);
        }
    }

    /// The line, from 1, on which a span begins.
    fn line(&self, span: Range<usize>) -> usize {
        self.line_starts.partition_point(|start| *start <= span.start)
    }
}

/// Takes the value out of a table in which a span lies; its key, if there is one.
fn take_out(table: &mut Spanned<DeValue<'_>>, span: &Range<usize>) -> Option<String> {
    let whole = table.span();
    let DeValue::Table(entries) = table.get_mut() else { return None };
    let holds = |of: Range<usize>| of.start <= span.start && span.end <= of.end && of != whole;
    let found = entries.iter().find(|(key, value)| holds(key.span()) || holds(value.span()));
    let key = found.map(|(key, _)| key.get_ref().to_string())?;
    entries.remove(key.as_str()).map(|_| key)
}
