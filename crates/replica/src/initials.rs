use pinyin::ToPinyin;

/// More letters than anybody types to find somebody.
const LETTERS_MAX: usize = 16;

/// Family names that are read otherwise than the word.
const FAMILY_NAMES: [(char, char); 12] = [
    ('曾', 'z'),
    ('单', 's'),
    ('解', 'x'),
    ('仇', 'q'),
    ('区', 'o'),
    ('查', 'z'),
    ('翟', 'z'),
    ('尉', 'y'),
    ('乐', 'y'),
    ('朴', 'p'),
    ('缪', 'm'),
    ('覃', 'q'),
];

/// The letters by which a name is typed in short: of each Chinese character the first of its pinyin, of each other
/// word the first letter. `wxm` for 王小明, `wx` for Wang Xiaoming.
pub(crate) fn initials(name: &str) -> String {
    let mut initials = String::new();
    let mut is_in_word = false;
    for (letter, pinyin) in name.chars().zip(name.to_pinyin()) {
        let family = FAMILY_NAMES.iter().find(|(name, _)| initials.is_empty() && *name == letter);
        let first = match pinyin {
            Some(_) if family.is_some() => family.map(|(_, read)| *read),
            Some(pinyin) => pinyin.first_letter().chars().next(),
            None if letter.is_alphanumeric() && !is_in_word => letter.to_lowercase().next(),
            None => None,
        };
        is_in_word = pinyin.is_none() && letter.is_alphanumeric();
        initials.extend(first.filter(char::is_ascii_alphanumeric));
        if initials.len() >= LETTERS_MAX {
            break;
        }
    }
    initials
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_both_kinds_have_initials() {
        for (name, expected) in [
            ("王小明", "wxm"),
            ("Wang Xiaoming", "wx"),
            ("欧阳 Anna", "oya"),
            ("O'Neil", "on"),
            ("", ""),
            ("😀", ""),
            ("曾国藩", "zgf"),
        ] {
            assert_eq!(initials(name), expected, "{name}");
        }
        assert_eq!(initials(&"王".repeat(60)).len(), LETTERS_MAX);
    }
}
