//! The mistakes in a programme, in the reader's language as far as their kinds say; what a rule itself finds wrong is
//! told in its own words below.

use maud::{Markup, html};
use purser_programme::{Fault, FaultKind, Faults};
use rust_i18n::t;

use crate::{language::Language, shell::alert};

/// All of them, by line.
pub(crate) fn list(faults: &Faults, language: Language) -> Markup {
    html! {
        section .card .mistakes {
            (alert(&language.counted("programmes.faults", faults.0.len() as u64)))
            ul { @for fault in &faults.0 { li { (mistake(fault, language)) } } }
        }
    }
}

fn mistake(fault: &Fault, language: Language) -> Markup {
    let locale = language.locale();
    let kind = t!(format!("programmes.fault_{}", fault.kind.code()), locale = locale);
    let expected = expected(&fault.what).map(|key| t!(format!("programmes.expected_{key}"), locale = locale));
    html! {
        strong { (t!("programmes.line", locale = locale, line = fault.line)) }
        @if !fault.rule.is_empty() { " " span .mono { (fault.rule) } }
        " " (kind)
        @match (fault.kind, expected) {
            (FaultKind::Missing | FaultKind::UnknownName, _) => (named(fault, language)),
            (FaultKind::Unreadable, Some(expected)) => { (t!("programmes.colon", locale = locale)) (expected) }
            (FaultKind::IdTaken | FaultKind::More, _) => {}
            _ => { br; span .mono .soft lang="en" { (fault.what) } }
        }
    }
}

/// What is missing or unknown, and what could stand there instead: the names that the message quotes.
fn named(fault: &Fault, language: Language) -> Markup {
    let mut names = fault.what.split('`').skip(1).step_by(2);
    let (name, others) = (names.next(), names.collect::<Vec<_>>());
    html! {
        @if let Some(name) = name { " " span .mono { (name) } }
        @if !others.is_empty() {
            (t!("programmes.known_names", locale = language.locale())) span .mono { (others.join(" ")) } }
    }
}

/// What should have stood there, of what serde says of a value of another type.
fn expected(what: &str) -> Option<&'static str> {
    let (_, expected) = what.rsplit_once("expected ")?;
    let is_integer = |text: &str| {
        text.strip_prefix(['u', 'i']).is_some_and(|bits| bits.bytes().all(|byte| byte.is_ascii_digit()))
    };
    match expected {
        "usize" => Some("integer"),
        text if is_integer(text) => Some("integer"),
        "a string" => Some("text"),
        "a boolean" => Some("boolean"),
        "a sequence" => Some("list"),
        "a map" => Some("table"),
        text if text.starts_with("struct ") => Some("table"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mistakes_are_told_in_both_languages() {
        let text = "version = \"x\"\nin_force_from = \"2026-01-01\"\ntime_zone = \"Asia/Shanghai\"\n[offline]\nx = 1\n[earnings]\n";
        let faults = purser_programme::Programme::read(text).unwrap_err();
        let [chinese, english] =
            [Language::Chinese, Language::English].map(|language| list(&faults, language).into_string());
        for words in ["第 1 行", "应为整数", "缺少", "没有这个名称", "earnings", "可用的有"]
        {
            assert!(chinese.contains(words), "{words}: {chinese}");
        }
        for words in ["line 1", "a whole number", "missing", "no such name", "those that there are"] {
            assert!(english.contains(words), "{words}: {english}");
        }
        assert!(!chinese.contains("expected") && !english.contains("u32"), "{chinese} {english}");
    }

    #[test]
    fn every_kind_of_mistake_has_words() {
        for kind in FaultKind::ALL {
            let key = format!("programmes.fault_{}", kind.code());
            assert!(!t!(key.as_str(), locale = "zh").ends_with(&key), "{key}");
        }
    }
}
