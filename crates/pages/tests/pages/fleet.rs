//! The fleet at the hub: what each store runs and holds, what is wrong with it, since when it is gone.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use purser_replica::{Order, Undertaking};
use purser_transport::Clock;
use serde_json::{Value, json};

use crate::shop::{Browser, Shop, Shown, now_ms};

/// The page once it says that: what a store writes takes its time.
async fn once(browser: &Browser<'_>, path: &str, words: &str) -> Shown {
    for _ in 0..500 {
        let shown = browser.get(path).await;
        if shown.says(words) {
            return shown;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("no `{words}` within 10 s: {}", browser.get(path).await.text);
}

async fn note(store: &Shop, act: &'static str, about: &str) {
    let undertaking = Undertaking::Note { by: String::new(), act, about: about.to_owned() };
    store.node.handle().submit(Order { request: None, undertaking }).await.unwrap();
}

/// The page of the only store.
fn page_of_store(fleet: &Shown) -> String {
    let row = fleet.text.split("<tr>").find(|row| row.contains("Spring Road")).unwrap();
    row.split("href=\"").nth(1).unwrap().split(['"', '#']).next().unwrap().to_owned()
}

#[tokio::test]
async fn each_store_shows_what_it_runs_and_what_is_wrong_with_it() {
    let (store, hub) = Shop::tea_house().await;
    let mut head = hub.browser("zhao", "head_office").await;
    let fleet = once(&head, "/fleet", "Spring Road").await;
    let own = env!("CARGO_PKG_VERSION");
    assert!(fleet.says(own) && fleet.says("unknown") && !fleet.says("not the hub"), "{}", fleet.text);
    for (act, about) in [
        ("started", "0.0.8"),
        ("started", "0.0.9"),
        ("alarm", "alarm_clock_skew"),
        ("alarm", "alarm_of_times_to_come"),
    ] {
        note(&store, act, about).await;
    }
    let fleet = once(&head, "/fleet", "#alarms\">2</a>").await;
    assert!(fleet.says("0.0.9") && fleet.says("not the hub") && !fleet.says("0.0.8"), "{}", fleet.text);
    let page = head.get(&page_of_store(&fleet)).await;
    assert!(page.says("clocks differ") && !page.says("alarm_clock_skew"), "{}", page.text);
    assert!(page.says("alarm_of_times_to_come"), "what has no words yet is named: {}", page.text);
    head.language = "zh";
    let page = head.get(&page_of_store(&fleet)).await;
    assert!(page.says("时钟相差太多") && page.says("与总部不同"), "{}", page.text);
    let fleet = head.get("/fleet").await;
    assert!(fleet.says("<th>副本</th>") && fleet.says("总部</span>"), "{}", fleet.text);
}

#[tokio::test]
async fn points_to_spend_are_never_below_zero_and_what_is_owed_stands_apart() {
    let hub = Shop::hub().await;
    let store = Shop::beside(&hub).await;
    let (_, member) = store.post("/members", json!({"profile": {"name": "王小明"}})).await;
    let member = &member["member"];
    let sell = async |check: &str, gross: &str, points: u32| {
        let sale =
            json!({"member": member, "till": "1", "check": check, "gross": gross, "redeem_points": points});
        let (status, sold) = store.post("/checkouts", sale).await;
        assert_eq!(status, 201, "{sold}");
        sold["sale"].clone()
    };
    let first = sell("1", "148", 0).await;
    sell("2", "1", 100).await;
    let head = hub.browser("zhao", "head_office").await;
    let back = json!({"sale": first, "till": "1", "check": "3", "gross": "148"});
    let (status, taken) = store.post("/returns", back).await;
    assert_eq!(status, 201, "{taken}");
    // The member has -99 points: whoever holds what of them by now, somebody owes that.
    let fleet = once(&head, "/fleet", "<span class=\"owed\">owes ").await;
    assert!(!fleet.says("<td class=\"figure\">-"), "{}", fleet.text);
    let page = once(&head, &page_of_store(&fleet), "Points owed").await;
    assert!(!page.says("Points to spend</dt><dd class=\"figure\">-"), "{}", page.text);
}

#[tokio::test]
async fn who_is_out_is_sent_nothing() {
    let hub = Shop::hub().await;
    let _store = Shop::beside(&hub).await;
    let head = hub.browser("zhao", "head_office").await;
    let fleet = once(&head, "/fleet", "1 of 1 stores on line").await;
    let page = page_of_store(&fleet);
    let replica = page.split('=').nth(1).unwrap();
    let fence = [("replica", replica), ("do", "fence"), ("reason", "stolen"), ("key", "1"), ("sure", "on")];
    assert_eq!(head.send("/fleet/store", &fence).await.status, 303);
    let other = Shop::further(&hub).await;
    let (_, member) = other.post("/members", json!({"profile": {"name": "王小明"}})).await;
    let path = format!("/members/{}", member["member"].as_str().unwrap());
    hub.until(&path, |known| known["member"] == member["member"]).await;
    let lacks_alone = |status: &Value| {
        let links = status["links"].as_array().unwrap().iter();
        let short: Vec<&Value> = links.filter(|link| link["behind"] != 0).map(|link| &link["peer"]).collect();
        short == [replica]
    };
    hub.until("/status", lacks_alone).await;
    let fleet = once(&head, "/fleet", "Canal").await;
    assert!(!fleet.says("to send</span>") && fleet.says("put out"), "{}", fleet.text);
}

#[tokio::test]
async fn a_store_that_is_gone_says_since_when() {
    const TEN_MINUTES_MS: u64 = 600_000;
    let wall_ms = Arc::new(AtomicU64::new(now_ms() + TEN_MINUTES_MS));
    let hub = Shop::hub_by(Clock::set_by(Arc::clone(&wall_ms))).await;
    let store = Shop::beside(&hub).await;
    let head = hub.browser("zhao", "head_office").await;
    let fleet = once(&head, "/fleet", "#alarms\">1</a>").await;
    assert!(fleet.says("1 of 1 stores on line"), "{}", fleet.text);
    for page in [&fleet, &head.get(&page_of_store(&fleet)).await] {
        assert!(page.says("clocks differ") && !page.says("alarm_"), "the hub's own alarm: {}", page.text);
    }
    // It was linked all the time, though it has written nothing.
    wall_ms.fetch_add(TEN_MINUTES_MS, Ordering::Relaxed);
    store.node.stop().await;
    let fleet = once(&head, "/fleet", "off line").await;
    assert!(fleet.says("(just now)") && fleet.says("<td class=\"figure\">unknown</td>"), "{}", fleet.text);
    assert!(!fleet.says("0 s ago") && !fleet.says(">?<"), "{}", fleet.text);
    wall_ms.fetch_add(TEN_MINUTES_MS, Ordering::Relaxed);
    assert!(head.get("/fleet").await.says("(10 min ago)"));
}

#[tokio::test]
async fn the_staff_page_of_a_hub_does_not_say_that_nothing_was_sold() {
    let hub = Shop::hub().await;
    let head = hub.browser("zhao", "head_office").await;
    let page = head.get("/office/staff").await;
    assert!(!page.says("Nothing this month yet") && page.says("Each store makes"), "{}", page.text);
}

#[tokio::test]
async fn a_path_that_is_not_there_is_a_page_to_people_and_a_problem_to_programs() {
    let hub = Shop::hub().await;
    let ask = async |path: &str, accept: &str| {
        let request = hub.client.get(format!("{}{path}", hub.base)).header("accept", accept);
        let answer = request.header("accept-language", "en").send().await.unwrap();
        let kind = answer.headers()["content-type"].to_str().unwrap().to_owned();
        (answer.status().as_u16(), kind, answer.text().await.unwrap())
    };
    let browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
    for path in ["/nope", "/office/", "/office", "/counter"] {
        let (status, kind, text) = ask(path, browser).await;
        assert_eq!((status, kind.as_str()), (404, "text/html; charset=utf-8"), "{path}");
        assert!(text.contains("There is no such page"), "{text}");
        for accept in ["*/*", "application/json", "application/json, text/html"] {
            let (status, kind, _) = ask(path, accept).await;
            assert_eq!((status, kind.as_str()), (404, "application/problem+json"), "{path} {accept}");
        }
    }
    // By the address of a form nobody sees anything either; below /v1 everything is for programs.
    assert_eq!(ask("/sign-out", browser).await.0, 404);
    assert_eq!(ask("/v1/nope", browser).await.1, "application/problem+json");
}
