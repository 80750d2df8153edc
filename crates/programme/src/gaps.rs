//! What is taken out of a rule because it cannot be read, so that the rest of it can.

use std::ops::Range;

use serde::de::DeserializeOwned;
use toml::{
    Spanned,
    de::{DeValue, Error, ValueDeserializer},
};

/// A rule with gaps.
pub(crate) struct Gapped<'t> {
    rest: Spanned<DeValue<'t>>,
    /// Keys that were taken out, with where their table begins.
    keys: Vec<(usize, String)>,
    /// Whether something was taken out of a list.
    pub(crate) in_list: bool,
}

/// A mistake that keeps a rule from being read.
pub(crate) struct Unreadable {
    /// Where it stands, if anything shows it.
    pub(crate) span: Option<Range<usize>>,
    /// What is wrong.
    pub(crate) what: String,
}

/// Of more keys or items than these the others are not tried one by one.
const TRIED_MAX: usize = 32;

impl<'t> Gapped<'t> {
    pub(crate) fn of(rule: Spanned<DeValue<'t>>) -> Self {
        Self { rest: rule, keys: Vec::new(), in_list: false }
    }

    /// The rule, if what is left can be read.
    pub(crate) fn read<T: DeserializeOwned>(&self) -> Result<T, Error> {
        T::deserialize(ValueDeserializer::from(self.rest.clone()))
    }

    /// Takes out what an error is about; the mistake, unless it only lacks what was taken out before. `Err` if
    /// nothing is left of the rule then.
    pub(crate) fn take_out<T: DeserializeOwned>(&mut self, error: &Error) -> (Option<Unreadable>, bool) {
        let span = error.span().unwrap_or(self.rest.span());
        let missing = error.message().strip_prefix("missing field `").and_then(|it| it.strip_suffix('`'));
        if let Some(key) = missing {
            let span = self.item::<T>(error.message(), &span).unwrap_or(span);
            let is_known = self.keys.iter().any(|(start, taken)| *start == span.start && taken == key);
            let what = error.message().to_owned();
            let mistake =
                (!is_known).then_some(Unreadable { span: error.span().map(|_| span.clone()), what });
            return (mistake, span != self.rest.span() && self.take(&span));
        }
        let span = self.culprit::<T>(error.message(), &span).unwrap_or(span);
        let mistake = Unreadable { span: Some(span.clone()), what: error.message().to_owned() };
        (Some(mistake), self.take(&span))
    }

    /// Some errors stand for a whole list, or for all of a table that is told apart by a key `by`: the innermost value
    /// that gives the same error alone, or without which there is another error, or none.
    fn culprit<T: DeserializeOwned>(&self, message: &str, span: &Range<usize>) -> Option<Range<usize>> {
        let mut rest = self.rest.clone();
        let found = match found_at(&mut rest, span)? {
            DeValue::Table(table) => {
                let keys =
                    table.iter().map(|(key, _)| key).filter(|key| *key.get_ref() != "by").take(TRIED_MAX);
                let mut keys = keys.map(|key| (key.get_ref().to_string(), key.span()));
                let is_it = |(key, _): &(String, Range<usize>)| {
                    let error = self.error_with::<T>(span, |value| {
                        if let DeValue::Table(table) = value {
                            table.remove(key.as_str());
                        }
                    });
                    error.as_deref() != Some(message)
                };
                keys.find(|key| is_it(key))?.1
            }
            DeValue::Array(_) => self.item::<T>(message, span)?,
            _ => return None,
        };
        Some(self.culprit::<T>(message, &found).unwrap_or(found))
    }

    /// The first item of a list that gives the same error alone.
    fn item<T: DeserializeOwned>(&self, message: &str, span: &Range<usize>) -> Option<Range<usize>> {
        let mut rest = self.rest.clone();
        let DeValue::Array(items) = found_at(&mut rest, span)? else { return None };
        let mut items = items.iter().map(Spanned::span).take(TRIED_MAX);
        items.find(|item| {
            let error = self.error_with::<T>(span, |value| {
                if let DeValue::Array(all) = value {
                    *all = all.iter().filter(|it| it.span() == *item).cloned().collect();
                }
            });
            error.as_deref() == Some(message)
        })
    }

    /// The error that is left once what stands there is changed.
    fn error_with<T: DeserializeOwned>(
        &self,
        span: &Range<usize>,
        change: impl FnOnce(&mut DeValue<'t>),
    ) -> Option<String> {
        let mut rest = self.rest.clone();
        change(found_at(&mut rest, span)?);
        let error = T::deserialize(ValueDeserializer::from(rest)).err()?;
        Some(error.message().to_owned())
    }

    fn take(&mut self, span: &Range<usize>) -> bool {
        let Self { rest, keys, in_list } = self;
        take(rest, span, keys, in_list)
    }
}

/// The value that stands exactly there.
fn found_at<'v, 't>(value: &'v mut Spanned<DeValue<'t>>, span: &Range<usize>) -> Option<&'v mut DeValue<'t>> {
    if value.span() == *span {
        return Some(value.get_mut());
    }
    match value.get_mut() {
        DeValue::Table(table) => table.iter_mut().find_map(|(_, value)| found_at(value, span)),
        DeValue::Array(items) => items.iter_mut().find_map(|item| found_at(item, span)),
        _ => None,
    }
}

/// Takes out the innermost key or item that stands there. Tables with a header of their own lie outside the span of
/// what they belong to, so all are looked through.
fn take(
    value: &mut Spanned<DeValue<'_>>,
    span: &Range<usize>,
    keys: &mut Vec<(usize, String)>,
    in_list: &mut bool,
) -> bool {
    let start = value.span().start;
    let holds = |of: Range<usize>| of.start <= span.start && span.end <= of.end;
    match value.get_mut() {
        DeValue::Table(table) => {
            for (_, value) in table.iter_mut().filter(|(_, value)| value.span() != *span) {
                if take(value, span, keys, in_list) {
                    return true;
                }
            }
            let found = table.iter().find(|(key, value)| holds(key.span()) || holds(value.span()));
            let Some(key) = found.map(|(key, _)| key.get_ref().to_string()) else { return false };
            table.remove(key.as_str());
            keys.push((start, key));
            true
        }
        DeValue::Array(items) => {
            for item in items.iter_mut().filter(|item| item.span() != *span) {
                if take(item, span, keys, in_list) {
                    return true;
                }
            }
            let before = items.len();
            *items = items.iter().filter(|item| !holds(item.span())).cloned().collect();
            *in_list |= items.len() < before;
            items.len() < before
        }
        _ => false,
    }
}
