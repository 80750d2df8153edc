use axum::http::{HeaderMap, header::ACCEPT_LANGUAGE};
use purser_programme::Label;
use rust_i18n::t;

use crate::cookie::cookie;

/// The language of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Language {
    Chinese,
    English,
}

/// Keeps the choice.
pub(crate) const COOKIE: &str = "lang";

impl Language {
    /// The language chosen by hand, or else the first that the browser asks for and that is spoken here.
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        let accepted = headers.get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let chosen = cookie(headers, COOKIE).and_then(Self::named);
        chosen.or_else(|| accepted.split(',').find_map(Self::named)).unwrap_or(Language::Chinese)
    }

    /// The language that a tag such as `zh-CN` names.
    pub(crate) fn named(tag: &str) -> Option<Self> {
        let tag = tag.trim().to_ascii_lowercase();
        match tag.get(..2) {
            Some("zh") => Some(Language::Chinese),
            Some("en") => Some(Language::English),
            _ => None,
        }
    }

    /// What translations are filed under.
    pub(crate) fn locale(self) -> &'static str {
        match self {
            Language::Chinese => "zh",
            Language::English => "en",
        }
    }

    /// What documents say of themselves.
    pub(crate) fn tag(self) -> &'static str {
        match self {
            Language::Chinese => "zh-CN",
            Language::English => "en",
        }
    }

    /// The other one, and what it calls itself.
    pub(crate) fn other(self) -> (Self, &'static str) {
        match self {
            Language::Chinese => (Language::English, "English"),
            Language::English => (Language::Chinese, "中文"),
        }
    }

    /// The same for receipts and quotes.
    pub(crate) fn of_receipts(self) -> purser_programme::Language {
        match self {
            Language::Chinese => purser_programme::Language::Chinese,
            Language::English => purser_programme::Language::English,
        }
    }

    /// So many of something, in words: one of them is said apart, under `KEY_one`.
    pub(crate) fn counted(self, key: &str, count: impl Into<i128>) -> String {
        let count = count.into();
        let key = if count == 1 { format!("{key}_one") } else { key.to_owned() };
        t!(key.as_str(), locale = self.locale(), count = count).into_owned()
    }

    /// What stands between the parts of a list.
    pub(crate) fn comma(self) -> &'static str {
        match self {
            Language::Chinese => "、",
            Language::English => ", ",
        }
    }

    /// What a programme calls something.
    pub(crate) fn name(self, label: &Label) -> String {
        self.of_receipts().name(label)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_language_is_the_one_chosen_or_the_browsers() {
        let of = |chosen: &str, accepted: &str| {
            let mut headers = HeaderMap::new();
            headers.insert("cookie", format!("lang={chosen}; x=y").parse().unwrap());
            headers.insert(ACCEPT_LANGUAGE, accepted.parse().unwrap());
            Language::of(&headers)
        };
        assert_eq!(of("en", "zh-CN,zh;q=0.9"), Language::English);
        assert_eq!(of("", "fr, en-GB;q=0.8"), Language::English);
        assert_eq!(of("xx", "fr"), Language::Chinese);
    }
}
