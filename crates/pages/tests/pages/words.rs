//! Whatever the pages say, they say in both languages.

use std::{collections::BTreeSet, fs, path::Path};

/// Every key that stands in the sources, of counts also that of one, and every one that is put together there, by its beginning.
fn keys_in(folder: &Path, whole: &mut BTreeSet<String>, beginnings: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            keys_in(&path, whole, beginnings);
            continue;
        }
        let text = fs::read_to_string(&path).unwrap();
        let is_format = |place: usize| text[..place].ends_with("forma");
        let key = |text: &str| text.split('"').nth(1).unwrap().to_owned();
        for (place, _) in text.match_indices(".counted(\"") {
            let key = key(&text[place..]);
            whole.extend([format!("{key}_one"), key]);
        }
        for (place, _) in text.match_indices("istyped(\"") {
            whole.insert(key(&text[place..]));
        }
        for (place, call) in text.match_indices("t!(").filter(|(place, _)| !is_format(*place)) {
            let after = text[place + call.len()..].trim_start();
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
    let silent: Vec<String> =
        alarms().into_iter().filter(|name| !known.contains(&format!("alarm.{name}"))).collect();
    assert!(silent.is_empty(), "alarms without words: {silent:?}");
    let unsaid: Vec<String> =
        codes().into_iter().filter(|code| !known.contains(&format!("code.{code}"))).collect();
    assert_eq!(unsaid, NEVER_MET, "refusals without words");
}

/// Codes that no page can be refused with: of requests that only programs send, and of what breaks down, which people
/// are told of as one.
const NEVER_MET: [&str; 31] = [
    "malformed_path",
    "malformed_query",
    "malformed_cursor",
    "malformed_body",
    "malformed_json",
    "idempotency_key_missing",
    "idempotency_key_malformed",
    "unauthorised",
    "scope_missing",
    "unknown_route",
    "unknown_check",
    "unknown_hold",
    "unknown_store",
    "method_not_allowed",
    "hold_elsewhere",
    "hold_settled",
    "hold_of_another_member",
    "body_too_large",
    "unsupported_media_type",
    "invalid_field",
    "voucher_malformed",
    "voucher_forged",
    "internal_error",
    "storage_device_failed",
    "storage_corrupt",
    "storage_implausible",
    "storage_error",
    "overloaded",
    "shutting_down",
    "not_ready",
    "timed_out",
];

/// What every alarm is called that a replica can raise.
fn alarms() -> Vec<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../replica/src/alarm.rs");
    let text = fs::read_to_string(path).unwrap();
    let names = text.split("=> \"alarm_").skip(1).map(|rest| rest.split('"').next().unwrap().to_owned());
    let names: Vec<String> = names.collect();
    assert!(names.len() > 10, "{names:?}");
    names
}

/// Every code of the API, by its description.
fn codes() -> Vec<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/openapi.json");
    let described: serde_json::Value = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    let codes = described["components"]["schemas"]["Problem"]["allOf"][1]["properties"]["code"]["enum"]
        .as_array()
        .unwrap();
    codes.iter().map(|code| code.as_str().unwrap().to_owned()).collect()
}
