//! `purser-node certify` against a real node, and against middleware that makes the usual mistakes.

#![allow(clippy::unwrap_used)] // clippy.toml allows it in tests, but not in what tests share

mod proxy;
mod shop;

use std::{collections::BTreeSet, path::Path, process::Output};

use tokio::process::Command;

use proxy::{Fault, proxy};
use shop::Shop;

/// What came of a run.
struct Verdict {
    passed: bool,
    text: String,
}

impl Verdict {
    /// The checks that failed.
    fn failed(&self) -> BTreeSet<&str> {
        let lines = self.text.lines().filter_map(|line| line.strip_prefix("FAIL  "));
        lines.map(|line| line.rsplit_once(": ").map_or(line, |(name, _)| name)).collect()
    }

    /// Whether a check of this name failed.
    fn blames(&self, name: &str) -> bool {
        self.text.lines().any(|line| line.starts_with(&format!("FAIL  {name}: ")))
    }
}

async fn certify(base: &str, token_file: &Path, more: &[&str]) -> Verdict {
    let mut command = Command::new(env!("CARGO_BIN_EXE_purser-node"));
    let command = command.args(["certify", base, "--token-file", token_file.to_str().unwrap()]).args(more);
    let Output { status, stdout, stderr } = command.output().await.unwrap();
    let text = String::from_utf8(stdout).unwrap();
    assert!(!text.contains(std::fs::read_to_string(token_file).unwrap().trim()), "the token is told");
    Verdict { passed: status.success(), text: text + &String::from_utf8(stderr).unwrap() }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_passes_everything_also_with_a_member_who_is_there() {
    let shop = Shop::open().await;
    let verdict = certify(&shop.base, &shop.token_file, &[]).await;
    assert!(verdict.passed && verdict.failed().is_empty(), "{}", verdict.text);
    assert!(
        verdict.text.contains("latency: the longest") && verdict.text.contains("p95"),
        "{}",
        verdict.text
    );
    assert!(!verdict.text.contains("not tried"), "{}", verdict.text);

    let card = shop.member().await;
    let base = format!("{}/v1", shop.base);
    let verdict = certify(&base, &shop.token_file, &["--member-card", &card]).await;
    assert!(verdict.passed && verdict.failed().is_empty(), "{}", verdict.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn middleware_that_changes_nothing_passes_too() {
    let shop = Shop::open().await;
    let verdict = certify(&proxy(&shop.base, Fault::None).await, &shop.token_file, &[]).await;
    assert!(verdict.passed && verdict.failed().is_empty(), "{}", verdict.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn middleware_that_answers_duplicates_afresh_is_found_out() {
    let shop = Shop::open().await;
    let verdict = certify(&proxy(&shop.base, Fault::AnswersAfresh).await, &shop.token_file, &[]).await;
    assert!(!verdict.passed, "{}", verdict.text);
    for name in [
        "member: the same registration again is the same member",
        "duplicate: the same again is answered alike",
        "duplicate: the balance moved once",
        "duplicate: the key with another body is refused",
        "check number: another sale under it is refused",
        "two at once: one is carried out, the other is told the same",
        "hold: the same again sets no more aside",
        "release: the same again frees no more",
    ] {
        assert!(verdict.blames(name), "{name}: {}", verdict.text);
    }
    assert!(!verdict.blames("find: by phone"), "{}", verdict.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn middleware_that_drops_the_key_is_found_out_at_the_first_change() {
    let shop = Shop::open().await;
    let verdict = certify(&proxy(&shop.base, Fault::DropsKeys).await, &shop.token_file, &[]).await;
    assert!(!verdict.passed, "{}", verdict.text);
    assert!(verdict.blames("member: one is registered with a card"), "{}", verdict.text);
    assert!(verdict.text.contains("idempotency_key_missing"), "{}", verdict.text);
    assert!(verdict.text.contains("there is no member to sell to"), "{}", verdict.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn middleware_that_says_yes_to_what_was_refused_is_found_out() {
    let shop = Shop::open().await;
    let verdict = certify(&proxy(&shop.base, Fault::SaysYes).await, &shop.token_file, &[]).await;
    assert!(!verdict.passed, "{}", verdict.text);
    for name in [
        "reach: a wrong token is refused",
        "redeem: more points than there are are refused",
        "return: a fen more than is left is refused",
        "amount: \"1e3\" is refused",
    ] {
        assert!(verdict.blames(name), "{name}: {}", verdict.text);
    }
    assert!(!verdict.blames("duplicate: the same again is answered alike"), "{}", verdict.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn middleware_that_fails_and_is_slow_is_found_out() {
    let shop = Shop::open().await;
    let verdict = certify(&proxy(&shop.base, Fault::BreaksAtRefusals).await, &shop.token_file, &[]).await;
    assert!(!verdict.passed && verdict.blames("amount: \"-1\" is refused"), "{}", verdict.text);
    assert!(verdict.text.contains("5xx"), "{}", verdict.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_and_no_token_are_told_in_a_line() {
    let shop = Shop::open().await;
    let verdict = certify("http://127.0.0.1:1", &shop.token_file, &[]).await;
    assert!(!verdict.passed && verdict.text.contains("the API was not reached"), "{}", verdict.text);
    let verdict = certify("ftp://127.0.0.1", &shop.token_file, &[]).await;
    assert!(!verdict.passed && verdict.text.contains("[url_unusable]"), "{}", verdict.text);
}
