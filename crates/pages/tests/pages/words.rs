//! Whatever the pages say, they say in both languages.

use std::{collections::BTreeSet, fs, path::Path};

/// Every key that stands in the sources, and every one that is put together there, by its beginning.
fn keys_in(folder: &Path, whole: &mut BTreeSet<String>, beginnings: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            keys_in(&path, whole, beginnings);
            continue;
        }
        let text = fs::read_to_string(&path).unwrap();
        let is_format = |place: usize| text[..place].ends_with("forma");
        for (place, call) in text.match_indices("t!(").filter(|(place, _)| !is_format(*place)) {
            let after = text[place + call.len()..].trim_start();
            let key = |text: &str| text.split('"').nth(1).unwrap().to_owned();
            if after.starts_with('"') {
                whole.insert(key(after));
            } else if after.starts_with("format!(") {
                beginnings.insert(key(after).split('{').next().unwrap().to_owned());
            }
        }
    }
}

#[test]
fn every_word_is_there_in_chinese_and_english() {
    let home = Path::new(env!("CARGO_MANIFEST_DIR"));
    let (mut whole, mut beginnings) = (BTreeSet::new(), BTreeSet::new());
    keys_in(&home.join("src"), &mut whole, &mut beginnings);
    assert!(whole.len() > 150 && beginnings.len() > 5, "{} {}", whole.len(), beginnings.len());
    let text = fs::read_to_string(home.join("locales/app.yml")).unwrap();
    let mut known = BTreeSet::new();
    let mut section = "";
    for line in text.lines().filter(|line| !line.trim().is_empty() && !line.starts_with('#')) {
        match line.strip_prefix("  ") {
            None => section = line.trim_end_matches(':'),
            Some(word) => {
                let name = word.split(':').next().unwrap().trim_matches('"');
                assert!(word.contains("{ zh: ") && word.contains(", en: "), "{section}.{name}: {word}");
                known.insert(format!("{section}.{name}"));
            }
        }
    }
    let missing: Vec<&String> = whole.iter().filter(|key| !known.contains(*key)).collect();
    assert!(missing.is_empty(), "no words for {missing:?}");
    for beginning in &beginnings {
        assert!(known.iter().any(|key| key.starts_with(beginning)), "no words for {beginning}…");
    }
}
