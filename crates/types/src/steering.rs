/// Whether a character changes how the text around it is shown instead of showing something
/// itself: control characters (so also the escapes of terminals), breaks of lines and paragraphs,
/// and what sets the direction of writing (Unicode, UAX 9). With one of these a name can pass for
/// another, or write over the lines of a list.
pub fn steers_display(c: char) -> bool {
    let breaks = matches!(c, '\u{2028}' | '\u{2029}');
    let turns =
        matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    c.is_control() || breaks || turns
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_can_be_seen_steers_nothing() {
        for c in "泉城路 Spring Road é ‘7’ שלום 👩‍⚕️".chars() {
            assert!(!steers_display(c), "{c:?}");
        }
        for c in "\n\r\t\0\u{1b}\u{7f}\u{85}\u{9b}\u{200e}\u{2028}\u{202e}\u{2066}\u{2069}".chars() {
            assert!(steers_display(c), "{c:?}");
        }
    }
}
