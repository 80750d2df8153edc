//! Text in lines of so many columns, as a Chinese receipt printer counts them.

use purser_types::steers_display;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// How many columns a text takes. What is wide or narrow elsewhere (such as “ ” and ×) is wide here: Chinese
/// printers have these characters from a Chinese font.
pub(crate) fn width(text: &str) -> usize {
    text.width_cjk()
}

/// All of a text, in lines of at most `room` columns (3 or more), without blanks at their ends: broken after
/// blanks and beside Chinese characters, elsewhere only what is longer than a line. What would steer the
/// display, or a printer, is a question mark.
pub(crate) fn wrap(text: &str, room: usize) -> Vec<String> {
    let text: String = text.chars().map(|c| if steers_display(c) { '?' } else { c }).collect();
    let mut lines = Vec::new();
    let (mut line, mut taken) = (String::new(), 0);
    for piece in pieces(&text) {
        let needed: usize = piece.trim_end().chars().map(columns).sum();
        if taken + needed > room {
            lines.push(std::mem::take(&mut line));
            taken = 0;
        }
        for c in piece.chars() {
            if taken + columns(c) > room {
                lines.push(std::mem::take(&mut line));
                taken = 0;
            }
            if !(line.is_empty() && c.is_whitespace()) {
                line.push(c);
                taken += columns(c);
            }
        }
    }
    lines.push(line);
    lines.iter().map(|line| line.trim_end().to_owned()).filter(|line| !line.is_empty()).collect()
}

/// What stays on one line if it fits.
fn pieces(text: &str) -> Vec<&str> {
    let (mut pieces, mut from) = (Vec::new(), 0);
    for (before, (at, after)) in text.chars().zip(text.char_indices().skip(1)) {
        if may_break(before, after) {
            pieces.push(&text[from..at]);
            from = at;
        }
    }
    pieces.push(&text[from..]);
    pieces
}

fn may_break(before: char, after: char) -> bool {
    if before == ' ' || after == ' ' {
        return after != ' ';
    }
    let is_beside_wide = columns(before) > 1 || columns(after) > 1;
    let joins = |c: char| c.width_cjk() == Some(0);
    let belongs = NEVER_LAST.contains(before) || NEVER_FIRST.contains(after);
    is_beside_wide && !belongs && !joins(before) && !joins(after)
}

/// Opening marks, which no line ends with.
const NEVER_LAST: &str = "（《〈「『【〔［｛“‘￥(*";
/// Closing marks, which no line begins with.
const NEVER_FIRST: &str = "）》〉」』】〕］｝”’，。、；：？！…％℃·)";

/// How many columns a character takes, the same wherever it stands, so that a text of any length is measured
/// once. The two that can widen the character before them count as that column.
fn columns(c: char) -> usize {
    match c {
        '\u{338}' | '\u{fe0f}' => 1,
        _ => c.width_cjk().unwrap_or(0),
    }
}

#[cfg(test)]
mod tests {
    use proptest::{collection::vec, prelude::*, sample::select};

    use super::*;

    /// Any text, most of it of what is hard to measure.
    fn any_text() -> impl Strategy<Value = String> {
        let odd = "感冒灵（）“”’，×é\u{301}\u{fe0f}\u{338}\u{200d}\u{202e}\u{1b}\n\t \u{3000}❤👩⚕1#<=ⵏ⵿ꓹꓼلا\u{17d8}🇨🇳";
        let c = prop_oneof![select(odd.chars().collect::<Vec<_>>()), any::<char>(), select(vec!['a', ' '])];
        vec(c, 0..120).prop_map(|chars| chars.into_iter().collect())
    }

    fn without_blanks(text: &str) -> String {
        text.chars().filter(|c| !c.is_whitespace()).collect()
    }

    #[test]
    fn lines_break_after_words_and_beside_chinese_characters() {
        assert_eq!(wrap("Vitamin C tablets, 100", 10), ["Vitamin C", "tablets,", "100"]);
        assert_eq!(wrap("维生素C片（一百片装）", 10), ["维生素C片", "（一百片", "装）"]);
        assert_eq!(wrap("6901234567892", 10), ["6901234567", "892"]);
        assert_eq!(wrap("a 6901234567892", 10), ["a", "6901234567", "892"]);
        assert_eq!(wrap("九折，九折", 6), ["九折，", "九折"]);
        assert_eq!(wrap("  two  blanks  ", 20), ["two  blanks"]);
        assert_eq!(wrap("感冒灵", 3), ["感", "冒", "灵"]);
        assert_eq!(wrap(" \u{3000} ", 10), [""; 0]);
    }

    #[test]
    fn what_steers_a_printer_is_a_question_mark() {
        assert_eq!(wrap("a\u{1b}@b\u{202e}c\r\n", 10), ["a?@b?c??"]);
    }

    proptest! {
        #[test]
        fn every_line_fits_and_nothing_is_lost(text in any_text(), room in 3..50_usize) {
            let lines = wrap(&text, room);
            for line in &lines {
                prop_assert!(width(line) <= room && line.width() <= room, "{line:?}");
                prop_assert!(!line.is_empty() && line.trim() == line, "{line:?}");
                prop_assert!(!line.contains(steers_display));
            }
            let shown = text.replace(steers_display, "?");
            prop_assert_eq!(without_blanks(&lines.concat()), without_blanks(&shown));
        }
    }
}
