use purser_types::steers_display;

/// What somebody has typed, as it is shown to them again.
pub(crate) fn shown(text: &str) -> String {
    text.chars().filter(|c| !steers_display(*c)).collect()
}

/// Digits as they are computed with, of those that a Chinese keyboard types too.
pub(crate) fn plain_digits(text: &str) -> String {
    let plain = |c: char| match c {
        '０'..='９' => char::from_digit(u32::from(c) - u32::from('０'), 10).unwrap_or(c),
        '．' | '。' => '.',
        _ => c,
    };
    text.chars().map(plain).collect()
}

/// A text as a value within an address.
pub(crate) fn in_query(text: &str) -> String {
    let byte = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' => char::from(byte).to_string(),
        _ => format!("%{byte:02X}"),
    };
    text.bytes().map(byte).collect()
}

/// The fields of a form, in their order: a name may come several times.
#[derive(Debug, Clone, Default)]
pub(crate) struct Fields(Vec<(String, String)>);

impl Fields {
    pub(crate) fn of(pairs: Vec<(String, String)>) -> Self {
        // Browsers send the lines of a text with both of their ends.
        Self(pairs.into_iter().map(|(name, value)| (name, value.replace("\r\n", "\n"))).collect())
    }

    /// The first value of a name, without blanks around it; empty if there is none.
    pub(crate) fn get(&self, name: &str) -> &str {
        self.0.iter().find(|(of, _)| of == name).map_or("", |(_, value)| value.trim())
    }

    /// Whether there is such a field.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(of, _)| of == name)
    }

    /// All values of a name.
    pub(crate) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(of, _)| of == name).map(|(_, value)| value.trim())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_in_an_address_is_one_value() {
        assert_eq!(in_query("a&b=c d+#/小"), "a%26b%3Dc%20d%2B%23%2F%E5%B0%8F");
        assert_eq!(in_query("li.lei_2-x"), "li.lei_2-x");
    }
}
