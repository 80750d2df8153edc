use purser_types::steers_display;

/// What X.509 allows for the name of an organisation (RFC 5280, appendix A.1).
const CHARS_MAX: usize = 64;

/// Whether a chain, a city, a shop or a hub may be called so: names stand in lists, logs and
/// terminals of people who have not chosen them.
pub(crate) fn is_name(text: &str) -> bool {
    (1..=CHARS_MAX).contains(&text.chars().count())
        && !text.trim().is_empty()
        && !text.chars().any(steers_display)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_short_and_show_as_they_are() {
        let long = "长".repeat(64);
        for name in ["泉城路 Spring Road", "7", long.as_str()] {
            assert!(is_name(name), "{name}");
        }
        let too_long = "长".repeat(65);
        for name in ["", " ", "two\nlines", "red \u{1b}[31m", "a\u{202e}b", too_long.as_str()] {
            assert!(!is_name(name), "{name:?}");
        }
    }
}
