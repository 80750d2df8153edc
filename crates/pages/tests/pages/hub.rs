//! The pages of a hub: the fleet, programmes, what cannot be undone.

use crate::shop::Shop;

const PAGES: [&str; 6] = ["/fleet", "/city", "/programmes", "/late", "/office/staff", "/office/audit"];

#[tokio::test]
async fn head_office_changes_and_an_auditor_looks() {
    let hub = Shop::hub().await;
    let head = hub.browser("zhao", "head_office").await;
    let auditor = hub.browser("sun", "auditor").await;
    for path in PAGES {
        assert_eq!((head.get(path).await.status, auditor.get(path).await.status), (200, 200), "{path}");
        assert_eq!(hub.get(path).await.location, "/sign-in", "{path}");
    }
    for path in ["/fleet/store", "/programmes", "/late", "/office/staff"] {
        assert_eq!(auditor.send(path, &[("do", "check")]).await.status, 403, "{path}");
    }
    let password = hub.account("qian", "manager").await;
    // Who runs a store does not run the chain, and gives nobody here a role.
    let (shown, cookie) = hub.sign_in("qian", &password).await;
    assert_eq!((shown.status, cookie.as_str()), (403, ""));
}

#[tokio::test]
async fn a_programme_is_checked_tried_and_published() {
    let hub = Shop::hub().await;
    let head = hub.browser("zhao", "head_office").await;
    let text = include_str!("../../../../tests/browser/programme.toml");
    let wrong = text.replace("per = \"10\"", "per = \"0\"").replace("step = 50", "step = fifty");
    let faults = head.send("/programmes", &[("text", &wrong), ("do", "check"), ("key", "1")]).await;
    assert!(faults.says("mistake") && faults.says("line "), "{}", faults.text);
    let hot = head.send("/programmes", &[("text", "<script>alert(1)</script>"), ("do", "check")]).await;
    assert!(hot.status == 200 && !hot.says("<script>alert"), "{}", hot.text);

    let sound = head.send("/programmes", &[("text", text), ("do", "check"), ("key", "1")]).await;
    assert!(sound.says("No mistake found") && sound.says("Breeze tea house"), "{}", sound.text);
    let days = [("text", text), ("do", "try"), ("from", "2026-11-01"), ("until", "2026-11-23"), ("key", "2")];
    assert!(head.send("/programmes", &days).await.says("0 sales priced anew"));
    let wide = [("text", text), ("do", "try"), ("from", "2020-01-01"), ("until", "2026-11-23"), ("key", "3")];
    assert!(head.send("/programmes", &wide).await.says("at most 100 days"));
    let unsure = head.send("/programmes", &[("text", text), ("do", "publish"), ("key", "4")]).await;
    assert!(unsure.says("Tick that you are sure first"), "{}", unsure.text);
    let sure = [("text", text), ("do", "publish"), ("sure", "on"), ("key", "4")];
    assert!(head.send("/programmes", &sure).await.says("Version 1 is published"));
    assert!(head.get("/programmes").await.says("in force"));
    let again = [("text", text), ("do", "publish"), ("sure", "on"), ("key", "5")];
    assert!(!head.send("/programmes", &again).await.says("mistake"));
    let long = "x".repeat(2 * 1024 * 1024);
    assert_eq!(head.send("/programmes", &[("text", &long), ("do", "check")]).await.status, 413);
}

#[tokio::test]
async fn what_cannot_be_undone_is_said_twice() {
    let hub = Shop::hub().await;
    let head = hub.browser("zhao", "head_office").await;
    let replica = "0f8a3c5e7b9d1f2a4c6e8091a2b3c4d5";
    let fence = [("replica", replica), ("do", "fence"), ("reason", "stolen"), ("key", "1")];
    let unsure = head.send("/fleet/store", &fence).await;
    assert!(!unsure.says("put out"), "{}", unsure.text);
    let sure = [&fence[..], &[("sure", "on")]].concat();
    let unknown = head.send("/fleet/store", &sure).await;
    assert!(unknown.says("no such replica"), "{}", unknown.text);
    assert_eq!(head.get("/fleet/store?replica=<script>").await.location, "/fleet");
    let fleet = head.get("/fleet").await;
    assert!(fleet.says("Head office 总部") && fleet.says("data-live=\"/fleet/live\""), "{}", fleet.text);
    assert_eq!(head.send("/late", &[("do", "accept"), ("seq", "1")]).await.status, 200);
}
