//! The pages of a hub: the fleet, programmes, what cannot be undone.

use serde_json::json;

use crate::shop::Shop;

const TEA_HOUSE: &str = include_str!("../../../../tests/browser/programme.toml");
const SNACK_WEEK: &str = r#"
[[discount]]
id = "snacks"
name = { zh = "点心七折", en = "Snack week" }
goods = { categories = ["snack"] }
gives = { by = "ratio", ratio = "0.7" }
group = "house"
"#;

/// A form that tries a programme on the sales of some days.
fn tries<'a>(text: &'a str, from: &'a str, until: &'a str) -> [(&'a str, &'a str); 5] {
    [("text", text), ("do", "try"), ("from", from), ("until", until), ("key", "2")]
}

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
    let mut head = hub.browser("zhao", "head_office").await;
    let wrong = TEA_HOUSE.replace("per = \"10\"", "per = \"0\"").replace("step = 50", "step = fifty");
    let faults = head.send("/programmes", &[("text", &wrong), ("do", "check"), ("key", "1")]).await;
    assert!(faults.says("mistake") && faults.says("line "), "{}", faults.text);
    let wrong = TEA_HOUSE.replace("version = 1", "version = \"one\"");
    head.language = "zh";
    let faults = head.send("/programmes", &[("text", &wrong), ("do", "check"), ("key", "1")]).await;
    assert!(faults.says("这个值不对：应为整数") && !faults.says("u32"), "{}", faults.text);
    head.language = "en";
    let hot = head.send("/programmes", &[("text", "<script>alert(1)</script>"), ("do", "check")]).await;
    assert!(hot.status == 200 && !hot.says("<script>alert"), "{}", hot.text);

    let sound = head.send("/programmes", &[("text", TEA_HOUSE), ("do", "check"), ("key", "1")]).await;
    assert!(sound.says("No mistake found") && sound.says("Breeze tea house"), "{}", sound.text);
    assert!(!sound.says("value=\"publish\""), "not tried yet: {}", sound.text);
    let wide = tries(TEA_HOUSE, "2020-01-01", "2026-11-23");
    assert!(head.send("/programmes", &wide).await.says("at most 100 days"));
    let days = tries(TEA_HOUSE, "2026-11-01", "2026-11-23");
    let tried = head.send("/programmes", &days).await;
    assert!(tried.says("There are no sales to try it on"), "{}", tried.text);
    let stamp = tried.value_of("tried");
    let publish = [("text", TEA_HOUSE), ("do", "publish"), ("key", "4"), ("tried", stamp.as_str())];
    let unsure = head.send("/programmes", &publish).await;
    assert!(unsure.says("Tick that you are sure first"), "{}", unsure.text);
    let sure = [&publish[..], &[("sure", "on")]].concat();
    let published = head.send("/programmes", &sure).await;
    assert_eq!((published.status, published.location.as_str()), (303, "/programmes?published=1"));
    assert!(head.get(&published.location).await.says("Version 1 is published"));
    assert!(head.get("/programmes").await.says("in force"));
    assert!(!head.get("/programmes?published=7").await.says("is published"));
    let again = head.send("/programmes", &sure).await;
    assert_eq!(again.location, published.location, "sent twice, published once");
    let long = "x".repeat(2 * 1024 * 1024);
    assert_eq!(head.send("/programmes", &[("text", &long), ("do", "check")]).await.status, 413);
}

#[tokio::test]
async fn nothing_is_published_that_was_not_tried_as_it_is() {
    let hub = Shop::hub().await;
    let head = hub.browser("zhao", "head_office").await;
    let other = hub.browser("qian", "head_office").await;
    let tried = head.send("/programmes", &tries(TEA_HOUSE, "2026-11-01", "2026-11-23")).await;
    let stamp = tried.value_of("tried");
    let changed = TEA_HOUSE.replace("step = 50", "step = 60");
    let made_up = "0".repeat(stamp.len());
    for (browser, text, stamp) in [
        (&head, changed.as_str(), stamp.as_str()),
        (&head, TEA_HOUSE, made_up.as_str()),
        (&head, TEA_HOUSE, ""),
        (&other, TEA_HOUSE, stamp.as_str()),
    ] {
        let fields = [("text", text), ("do", "publish"), ("key", "1"), ("sure", "on"), ("tried", stamp)];
        let refused = browser.send("/programmes", &fields).await;
        assert!(refused.says("This text was not tried yet"), "{}", refused.text);
    }
    assert_eq!(hub.ask("/programmes").await["in_force"], 0);
}

#[tokio::test]
async fn a_version_that_is_taken_is_told_at_once_and_a_trial_is_shown_in_pictures() {
    let (store, hub) = Shop::tea_house().await;
    let head = hub.browser("zhao", "head_office").await;
    for what in ["check", "try"] {
        let taken = head.send("/programmes", &[("text", TEA_HOUSE), ("do", what), ("key", "1")]).await;
        assert!(taken.says("the next is version = 2") && !taken.says("No mistake"), "{}", taken.text);
        assert!(!taken.says("value=\"publish\""), "{}", taken.text);
    }
    let (_, member) = store.post("/members", json!({"profile": {"name": "陆羽"}})).await;
    let sale = json!({"member": member["member"], "till": "1", "check": "1",
                      "lines": [{"name": "绿豆糕", "category": "snack", "quantity": 1, "unit_price": "2000"}]});
    let (status, sold) = store.post("/checkouts", sale).await;
    assert_eq!(status, 201, "{sold}");
    let path = format!("/members/{}/balances", member["member"].as_str().unwrap());
    hub.until(&path, |told| told["points"]["balance"].as_i64().is_some_and(|points| points > 0)).await;
    let next = TEA_HOUSE.replace("version = 1", "version = 2") + SNACK_WEEK;
    let page = head.get("/programmes").await;
    let (from, until) = (page.value_of("from"), page.value_of("until"));
    let elsewhere = head.send("/programmes", &tries(&next, "2020-01-01", "2020-01-31")).await;
    assert!(
        elsewhere.says("choose other days") && !elsewhere.says("value=\"publish\""),
        "{}",
        elsewhere.text
    );
    let tried = head.send("/programmes", &tries(&next, &from, &until)).await;
    for words in
        ["1 sale priced anew", "¥2,000.00", "¥1,400.00", "−¥600.00", "<figure class=\"chart\"", "陆羽"]
    {
        assert!(tried.says(words), "{words}: {}", tried.text);
    }
    let place = |words: &str| tried.text.find(words).unwrap();
    assert!(place("<textarea") < place("id=\"trial\""), "the form stays in sight");
    assert!(tried.says("value=\"publish\""));
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
