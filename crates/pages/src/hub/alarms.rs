//! Alarms in words: those that a replica has noted of itself, and those that this hub has raised about it.

use maud::{Markup, html};
use rust_i18n::t;

use crate::{language::Language, moment::Moment};

/// An alarm as the fleet's pages show it.
pub(crate) struct ShownAlarm {
    pub(crate) at: Moment,
    pub(crate) code: String,
    /// Who has raised it.
    pub(crate) by: String,
    /// Whom it is about, if it is about another replica.
    pub(crate) about: Option<String>,
}

/// A list of them, the latest first.
pub(crate) fn list(alarms: &[ShownAlarm], language: Language) -> Markup {
    let locale = language.locale();
    html! {
        section .card #alarms {
            h2 { (t!("fleet.alarms", locale = locale)) @if !alarms.is_empty() { span .tag .warn { (alarms.len()) } } }
            @if alarms.is_empty() { p .soft { (t!("fleet.no_alarms", locale = locale)) } }
            @else { table {
                thead { tr { th { (t!("audit.when", locale = locale)) } th { (t!("fleet.raised_by", locale = locale)) }
                    th { (t!("fleet.about", locale = locale)) } th { (t!("fleet.alarm", locale = locale)) } } }
                tbody { @for alarm in alarms { tr {
                    td .when { (alarm.at) } td { (alarm.by) }
                    td { @if let Some(about) = &alarm.about { (about) } @else { "—" } }
                    td { (words(&alarm.code, language)) }
                } } }
            } }
        }
    }
}

/// An alarm in words; one of a later version of Purser by its code.
fn words(code: &str, language: Language) -> String {
    let name = code.strip_prefix("alarm_").unwrap_or(code);
    let key = format!("alarm.{name}");
    let words = t!(key.as_str(), locale = language.locale()).into_owned();
    if words.ends_with(&key) { code.to_owned() } else { words }
}
