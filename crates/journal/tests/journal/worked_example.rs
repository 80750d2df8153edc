//! The worked examples of docs/format.md are the golden files' bytes: a block fenced by
//! "```hex <file> <section>" holds hexadecimal digits, and after a `;` what they mean.

use std::{fs, path::Path};

use crate::golden_file::{GoldenFile, from_hex};

#[test]
fn the_document_shows_the_golden_bytes() {
    let document = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/format.md");
    let document = fs::read_to_string(document).unwrap();
    let golden = concat!("crates/", env!("CARGO_PKG_NAME"), "/tests/golden/").replace("purser-", "");
    let mut examples = 0;
    for block in document.split("```hex ").skip(1) {
        let block = block.split("```").next().unwrap();
        let (title, lines) = block.split_once('\n').unwrap();
        let (file, section) = title.split_once(' ').unwrap();
        let Some(file) = file.strip_prefix(&golden) else { continue };
        let digits: Vec<&str> = lines.lines().map(|line| line.split(';').next().unwrap()).collect();
        assert_eq!(from_hex(&digits.concat()), GoldenFile::read(file).section(section), "{title}");
        examples += 1;
    }
    assert!(examples > 0, "docs/format.md shows none of {golden}");
}
