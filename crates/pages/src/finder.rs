//! Finding a member by whatever is at hand: a scanned card, a phone number or its end, a name, initials in pinyin.

use maud::{Markup, html};
use purser_replica::{Refusal, View};
use purser_storage::MemberRow;
use purser_types::{CardNumber, MemberId};
use rust_i18n::t;

use crate::{fields::shown, language::Language};

/// Members that are shown at once: who has more has to say more.
pub(crate) const SHOWN: u32 = 20;
/// Nobody types more to find somebody.
const CHARS_MAX: usize = 64;

/// The members that a text may mean, the likeliest first.
pub(crate) fn found(view: &View, text: &str) -> Result<Vec<MemberRow>, Refusal> {
    let text = text.trim();
    if text.is_empty() || text.chars().count() > CHARS_MAX {
        return Ok(Vec::new());
    }
    if let Ok(card) = text.parse::<CardNumber>() {
        let member = view.card(card)?.map(|row| row.member);
        return Ok(member.map(|member| view.member(member)).transpose()?.flatten().into_iter().collect());
    }
    let digits: String = text.chars().filter(|c| !matches!(c, ' ' | '-')).collect();
    if digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'+') {
        return Ok(match digits.len() {
            4 => view.by_phone_end(&digits, MemberId::CHAIN, SHOWN)?,
            _ => view.by_phone(&digits, MemberId::CHAIN, SHOWN)?,
        });
    }
    let mut found = view.by_name(text, None, SHOWN)?;
    if text.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        let others = view.by_initials(&text.to_ascii_lowercase(), None, SHOWN)?;
        found.extend(
            others
                .into_iter()
                .filter(|row| !found.iter().any(|known| known.member == row.member))
                .collect::<Vec<_>>(),
        );
    }
    found.truncate(SHOWN as usize);
    Ok(found)
}

/// Where to type, and who was found.
pub(crate) fn panel(language: Language, text: &str, found: &[MemberRow]) -> Markup {
    let locale = language.locale();
    html! {
        section .card #finder {
            form method="get" action="/counter" role="search" data-live-form {
                label for="find" { (t!("find.label", locale = locale)) }
                div .row {
                    input #find name="find" value=(shown(text)) autocomplete="off" enterkeyhint="search" data-scan
                        placeholder=(t!("find.hint", locale = locale)) aria-keyshortcuts="F2";
                    button type="submit" { (t!("find.go", locale = locale)) }
                }
            }
            @if !text.is_empty() && found.is_empty() {
                p .soft role="status" { (t!("find.nobody", locale = locale)) " "
                    a href="/counter/register" { (t!("place.register", locale = locale)) } }
            }
            @if !found.is_empty() {
                ul .found {
                    @for row in found {
                        li { a href={ "/counter?member=" (row.member) } {
                            span .name { @if row.name.is_empty() { (t!("member.unnamed", locale = locale)) } @else { (row.name) } }
                            span .soft { (masked_phone(&row.phone)) }
                            @if row.conflicts > 0 { span .tag .warn { (t!("member.conflicts", locale = locale)) } }
                        } }
                    }
                }
                @if found.len() == SHOWN as usize { p .soft { (t!("find.more", locale = locale)) } }
            }
        }
    }
}

/// A phone number as a bystander may read it.
pub(crate) fn masked_phone(phone: &str) -> String {
    let count = phone.chars().count();
    if count < 7 {
        return phone.to_owned();
    }
    let shown = |place: usize| place < 3 || place + 4 >= count;
    phone.chars().enumerate().map(|(place, c)| if shown(place) { c } else { '*' }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_phone_number_is_masked_in_the_middle() {
        assert_eq!(masked_phone("13800138000"), "138****8000");
        assert_eq!(masked_phone("8000"), "8000");
        assert_eq!(masked_phone(""), "");
    }
}
