//! Finding a member by whatever is at hand: a scanned card, a phone number or its end, a name, initials in pinyin.

use maud::{Markup, html};
use purser_documents::CardState;
use purser_replica::{Refusal, View};
use purser_storage::MemberRow;
use purser_types::{CardNumber, MemberId};
use rust_i18n::t;

use crate::{
    counter::basket::TillBasket,
    fields::{plain_digits, shown},
    gate::{FORM_KEY, Guest},
    shell::alert,
};

/// Members that are shown at once: who has more has to say more.
pub(crate) const SHOWN: u32 = 20;
/// Nobody types more to find somebody.
const CHARS_MAX: usize = 64;

/// The people that a text may mean, the likeliest first: who was registered twice and merged is one.
pub(crate) fn found(view: &View, text: &str) -> Result<Vec<MemberRow>, Refusal> {
    people(view, rows(view, text)?)
}

fn people(view: &View, rows: Vec<MemberRow>) -> Result<Vec<MemberRow>, Refusal> {
    let mut people: Vec<MemberRow> = Vec::new();
    for row in rows {
        let person = view.person(row.member)?;
        if people.iter().any(|known| known.member == person) {
            continue;
        }
        let of_person = if person == row.member { None } else { view.member(person)? };
        people.push(of_person.unwrap_or(row));
    }
    Ok(people)
}

/// The people with a phone number: who was registered twice and merged is one.
pub(crate) fn found_by_phone(view: &View, phone: &str) -> Result<Vec<MemberRow>, Refusal> {
    people(view, view.by_phone(phone, MemberId::CHAIN, SHOWN)?)
}

/// Why a card that was scanned is not served: it is not in use.
pub(crate) fn void(view: &View, text: &str) -> Result<Option<Refusal>, Refusal> {
    let Ok(card) = text.trim().parse::<CardNumber>() else { return Ok(None) };
    // A state of a later version lets no card be used either.
    let state = view.card(card)?.map(|row| row.state.parse().unwrap_or(CardState::Frozen));
    let state = state.filter(|state| *state != CardState::Active);
    Ok(state.map(|state| Refusal::CardVoid { card, state }))
}

fn rows(view: &View, text: &str) -> Result<Vec<MemberRow>, Refusal> {
    let text = plain_digits(text.trim());
    let text = text.as_str();
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
    let mut add = |others: Vec<MemberRow>| {
        for row in others {
            if !found.iter().any(|known| known.member == row.member) {
                found.push(row);
            }
        }
    };
    let written = capitalised(text);
    if written != text {
        add(view.by_name(&written, None, SHOWN)?);
    }
    if text.is_ascii() {
        let letters: String = text.chars().filter(char::is_ascii_alphanumeric).collect();
        add(view.by_initials(&letters.to_ascii_lowercase(), None, SHOWN)?);
    }
    found.truncate(SHOWN as usize);
    Ok(found)
}

/// A name as it is mostly written: `Wang Xiaoming` for `wang xiaoming`.
fn capitalised(text: &str) -> String {
    let word = |word: &str| {
        let mut chars = word.chars();
        chars.next().into_iter().flat_map(char::to_uppercase).chain(chars).collect::<String>()
    };
    text.split_whitespace().map(word).collect::<Vec<_>>().join(" ")
}

/// Where to type, and who was found. What is in the basket stays there, whoever it is for.
pub(crate) fn panel(
    guest: &Guest,
    (text, void): (&str, Option<String>),
    found: &[MemberRow],
    basket: &TillBasket,
) -> Markup {
    let locale = guest.language.locale();
    html! {
        section .card #finder {
            form method="post" action="/counter" role="search" data-live-form {
                input type="hidden" name=(FORM_KEY) value=(guest.session.form_key);
                (basket.kept())
                label for="find" { (t!("find.label", locale = locale)) }
                div .row {
                    input #find name="find" value=(shown(text)) autocomplete="off" enterkeyhint="search" data-scan
                        placeholder=(t!("find.hint", locale = locale)) aria-keyshortcuts="F2" autofocus[basket.member.is_none()];
                    button name="do" value="find" { (t!("find.go", locale = locale)) }
                }
            @if let Some(void) = &void { (alert(void)) }
            @else if !text.is_empty() && found.is_empty() {
                p .soft role="status" { (t!("find.nobody", locale = locale)) " "
                    a href="/counter/register" { (t!("place.counter_register", locale = locale)) } }
            }
            @if !found.is_empty() {
                ul .found {
                    @for row in found {
                        li { button name="choose" value=(row.member) {
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
    fn names_are_found_as_people_type_them() {
        assert_eq!(capitalised("wang  xiaoming"), "Wang Xiaoming");
        assert_eq!(
            (capitalised("élodie"), capitalised("王小明")),
            ("Élodie".to_owned(), "王小明".to_owned())
        );
        assert_eq!(capitalised(""), "");
    }

    #[test]
    fn a_phone_number_is_masked_in_the_middle() {
        assert_eq!(masked_phone("13800138000"), "138****8000");
        assert_eq!(masked_phone("8000"), "8000");
        assert_eq!(masked_phone(""), "");
    }
}
