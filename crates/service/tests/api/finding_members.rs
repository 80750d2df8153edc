use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::city::{Shop, text};

/// All members that a query finds, page by page; no page is longer than `limit`.
async fn walk(shop: &Shop, query: &str, limit: usize) -> Vec<Value> {
    let mut found = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = shop.get(&format!("/members?limit={limit}{query}{cursor}")).await.expect(200);
        let members = page["members"].as_array().unwrap();
        assert!(members.len() <= limit);
        found.extend(members.iter().cloned());
        match page["next"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return found,
        }
    }
}

#[tokio::test]
async fn pages_hold_every_member_exactly_once() {
    let shop = Shop::alone().await;
    let mut all = BTreeSet::new();
    for number in 0..45 {
        // Names that many share, and phones that end alike.
        let name = format!("{} {:02}", ["Wang", "Li", "Lin"][number % 3], number / 9);
        let phone = format!("1380013{:04}", 8_000 + number % 3);
        let body = json!({"profile": {"name": name, "phone": phone}});
        all.insert(text(&shop.post("/members", body).await.expect(201)["member"]));
    }
    let ids = |members: &[Value]| members.iter().map(|member| text(&member["member"])).collect::<Vec<_>>();
    for limit in [1, 7, 45, 200] {
        let found = ids(&walk(&shop, "", limit).await);
        assert_eq!(found.len(), 45);
        assert!(found.is_sorted() && found.iter().cloned().collect::<BTreeSet<_>>() == all);
    }
    for (query, count) in [
        ("&name=Li", 30),
        ("&name=Lin", 15),
        ("&name=Wang%2004", 3),
        ("&name=li", 0),
        ("&phone=13800138001", 15),
        ("&phone_end=8002", 15),
        ("&phone_end=1234", 0),
    ] {
        let found = walk(&shop, query, 4).await;
        assert_eq!(ids(&found).into_iter().collect::<BTreeSet<_>>().len(), count, "{query}");
        assert_eq!(found.len(), count, "{query}");
        assert!(found.is_sorted_by_key(|member| text(&member["name"])) || !query.contains("name"));
    }
}

#[tokio::test]
async fn a_cursor_goes_with_its_query() {
    let shop = Shop::alone().await;
    for name in ["Li Lei", "Li Ming", "Liu Bei"] {
        shop.member(name).await;
    }
    let page = shop.get("/members?name=Li&limit=1").await.expect(200);
    let next = text(&page["next"]);
    shop.get(&format!("/members?name=Liu&cursor={next}")).await.problem(400, "malformed_cursor");
    shop.get(&format!("/members?cursor={next}")).await.problem(400, "malformed_cursor");
    let rest = shop.get(&format!("/members?name=Li&cursor={next}")).await.expect(200);
    assert_eq!(rest["members"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn a_card_finds_its_holder_in_whatever_state() {
    let shop = Shop::alone().await;
    let (member, card) = shop.member("Wang").await;
    shop.patch(&format!("/cards/{card}"), json!({"state": "frozen"})).await.expect(200);
    let found = shop.get(&format!("/members?card={card}")).await.expect(200);
    assert_eq!((&found["members"][0]["member"], &found["next"]), (&json!(member), &json!(null)));
    let none = shop.get("/members?card=66880012013456786").await.expect(200);
    assert_eq!(none["members"], json!([]));
}
