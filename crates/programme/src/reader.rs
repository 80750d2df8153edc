//! Reads a programme rule by rule, so that every mistake is found and none hides another.

use std::ops::Range;

use purser_types::steers_display;
use serde::de::DeserializeOwned;
use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use crate::{
    faults::{Fault, FaultKind, Faults},
    gaps::{Gapped, Unreadable},
    label::RuleId,
};

/// A document of which sections are taken one after the other.
pub(crate) struct Reader<'t> {
    /// Where each line begins.
    line_starts: Vec<usize>,
    table: DeTable<'t>,
    faults: Vec<Fault>,
    /// Rules that could not be read: section, and id if that can.
    unread: Vec<(String, Option<RuleId>)>,
}

/// A rule, and where it stands.
#[derive(Debug, Clone)]
pub(crate) struct At<T> {
    pub(crate) line: usize,
    /// The section, and what the rule calls itself: `[[tier]] silver`.
    pub(crate) section: String,
    pub(crate) rule: T,
}

/// A programme has at most so many bytes: it travels in one entry.
pub(crate) const TEXT_BYTES_MAX: usize = 128 * 1024;
/// More rules of a kind than anybody could explain.
const RULES_MAX: usize = 500;
/// So many mistakes are listed.
const FAULTS_MAX: usize = 100;
/// The section that lists names that other rules use.
const CATALOGUE: &str = "[goods]";

impl<'t> Reader<'t> {
    pub(crate) fn new(text: &'t str) -> Result<Self, Faults> {
        if text.len() > TEXT_BYTES_MAX {
            let what = format!("a programme has at most {} KiB", TEXT_BYTES_MAX / 1024);
            return Err(Faults(vec![Fault { kind: FaultKind::TooMuch, line: 1, rule: String::new(), what }]));
        }
        let (table, errors) = DeTable::parse_recoverable(text);
        let line_ends = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
        let line_starts = [0].into_iter().chain(line_ends.map(|(at, _)| at + 1)).collect();
        let mut reader =
            Self { line_starts, table: table.into_inner(), faults: Vec::new(), unread: Vec::new() };
        for error in errors {
            let line = reader.line(error.span().unwrap_or(0..0));
            reader.fault(FaultKind::NotToml, line, String::new(), error.message().to_owned());
        }
        // What follows a broken line may mean anything.
        if reader.faults.is_empty() { Ok(reader) } else { Err(reader.into_faults()) }
    }

    /// A section that stands there once, or not at all.
    pub(crate) fn section<T: DeserializeOwned>(&mut self, key: &str) -> Option<At<T>> {
        let (_, value) = self.table.remove_entry(key)?;
        self.read(&format!("[{key}]"), value)
    }

    /// The rules of a section `[[key]]`, in their order.
    pub(crate) fn rules<T: DeserializeOwned>(&mut self, key: &str) -> Vec<At<T>> {
        let Some((_, value)) = self.table.remove_entry(key) else { return Vec::new() };
        let line = self.line(value.span());
        let DeValue::Array(rules) = value.into_inner() else {
            self.fault(FaultKind::Unreadable, line, key.to_owned(), format!("write it as [[{key}]]"));
            return Vec::new();
        };
        let section = format!("[[{key}]]");
        if rules.len() > RULES_MAX {
            self.fault(
                FaultKind::TooMuch,
                line,
                section,
                format!("a programme has at most {RULES_MAX} of them"),
            );
            return Vec::new();
        }
        rules.into_iter().filter_map(|rule| self.read(&section, rule)).collect()
    }

    /// A value at the top that has to be there.
    pub(crate) fn value<T: DeserializeOwned>(&mut self, key: &str) -> Option<At<T>> {
        let Some((_, value)) = self.table.remove_entry(key) else {
            self.fault(FaultKind::Missing, 1, key.to_owned(), "is missing".to_owned());
            return None;
        };
        self.read(key, value)
    }

    /// Notes a mistake.
    pub(crate) fn fault(&mut self, kind: FaultKind, line: usize, rule: String, what: String) {
        // Names come from the document, and messages go to a terminal.
        let clean = |text: String| text.replace(steers_display, "\u{fffd}");
        self.faults.push(Fault { kind, line, rule: clean(rule), what: clean(what) });
    }

    /// Everything was taken that is known; what is left is a mistake.
    pub(crate) fn end(mut self) -> Result<(), Faults> {
        for (key, _) in std::mem::take(&mut self.table) {
            let line = self.line(key.span());
            self.fault(
                FaultKind::UnknownName,
                line,
                key.into_inner().into_owned(),
                "no rule has this name".to_owned(),
            );
        }
        if self.faults.is_empty() { Ok(()) } else { Err(self.into_faults()) }
    }

    fn into_faults(mut self) -> Faults {
        self.faults.sort_by_key(|fault| fault.line);
        if self.faults.len() > FAULTS_MAX {
            self.faults.truncate(FAULTS_MAX);
            let (line, what) = (self.faults[FAULTS_MAX - 1].line, "and more after these: mend these first");
            self.faults.push(Fault {
                kind: FaultKind::More,
                line,
                rule: String::new(),
                what: what.to_owned(),
            });
        }
        Faults(self.faults)
    }

    /// One rule. After a mistake in one of its values the others are looked at too, and what can be read is there to
    /// be checked, but for lists with gaps: those say something else.
    fn read<T: DeserializeOwned>(&mut self, section: &str, value: Spanned<DeValue<'t>>) -> Option<At<T>> {
        let (line, id) = (self.line(value.span()), id_of(&value));
        let is_list_of_names = section == CATALOGUE;
        let section = id.as_ref().map_or(section.to_owned(), |id| format!("{section} {id}"));
        let mut rule = Gapped::of(value);
        loop {
            let error = match rule.read() {
                Ok(read) if !rule.in_list || is_list_of_names => {
                    return Some(At { line, section, rule: read });
                }
                Ok(_) => break,
                Err(error) => error,
            };
            let (mistake, is_something_left) = rule.take_out::<T>(&error);
            if let Some(Unreadable { span, what }) = mistake {
                let at = span.map_or(line, |span| self.line(span));
                self.fault(FaultKind::of_unreadable(&what), at, section.clone(), what);
            }
            if !is_something_left || self.faults.len() > FAULTS_MAX {
                break;
            }
        }
        self.unread.push((section, id));
        None
    }

    /// The ids of rules of a section that could not be read: whoever names them is not wrong.
    pub(crate) fn unread_ids(&self, key: &str) -> impl Iterator<Item = &RuleId> {
        let section = format!("[[{key}]]");
        self.unread.iter().filter(move |(of, _)| of.starts_with(&section)).filter_map(|(_, id)| id.as_ref())
    }

    /// Whether something of a section could not be read.
    pub(crate) fn is_unread(&self, key: &str) -> bool {
        let section = format!("[{key}]");
        self.unread.iter().any(|(of, _)| of.contains(&section))
    }

    /// The line, from 1, on which a span begins.
    fn line(&self, span: Range<usize>) -> usize {
        self.line_starts.partition_point(|start| *start <= span.start)
    }
}

/// What a rule calls itself, if it can be read.
fn id_of(rule: &Spanned<DeValue<'_>>) -> Option<RuleId> {
    let DeValue::Table(table) = rule.get_ref() else { return None };
    let (_, id) = table.iter().find(|(key, _)| *key.get_ref() == "id")?;
    id.get_ref().as_str()?.parse().ok()
}
