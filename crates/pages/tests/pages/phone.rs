//! The page on which a member carries points to a store, and the till there.

use std::time::Duration;

use reqwest::Response;
use serde_json::{Value, json};

use crate::{scanner::scan, shop::Shop};

/// A member's phone.
struct Phone<'h> {
    hub: &'h Shop,
    path: String,
}

impl<'h> Phone<'h> {
    async fn of(hub: &'h Shop, member: &str) -> Self {
        let page = hub.ask(&format!("/members/{member}/page")).await;
        Self { hub, path: page["path"].as_str().unwrap().to_owned() }
    }

    async fn get(&self, query: &str) -> Response {
        let request = self.hub.client.get(format!("{}{}{query}", self.hub.base, self.path));
        request.header("accept-language", "en").send().await.unwrap()
    }

    async fn page(&self) -> String {
        let response = self.get("").await;
        assert_eq!(response.status(), 200);
        response.text().await.unwrap()
    }

    async fn carry(&self, form: &str) -> Response {
        let request = self.hub.client.post(format!("{}{}/carry", self.hub.base, self.path));
        let request = request.header("accept-language", "en");
        let request = request.header("content-type", "application/x-www-form-urlencoded");
        request.body(form.to_owned()).send().await.unwrap()
    }
}

/// A tea house with its hub, where a member has so many points, all at the hub.
async fn tea_house_with_points(points: u32) -> (Shop, Shop, String) {
    let (store, hub) = Shop::tea_house().await;
    let member = hub.post("/members", json!({"profile": {"name": "Wang Xiaoming"}, "card": false})).await.1;
    let member = member["member"].as_str().unwrap().to_owned();
    let sale = json!({"member": member, "till": "1", "check": "1", "gross": format!("{}.00", points * 10)});
    let (status, answer) = hub.post("/checkouts", sale).await;
    assert_eq!(status, 201, "{answer}");
    store.until(&format!("/members/{member}/balances"), |it| it["points"]["balance"] == points).await;
    (store, hub, member)
}

async fn redeem(store: &Shop, member: &str, check: &str) -> (u16, Value) {
    let sale =
        json!({"member": member, "till": "1", "check": check, "gross": "500.00", "redeem_points": 300});
    store.post("/checkouts", sale).await
}

async fn show(shop: &Shop, voucher: &str) -> (u16, Value) {
    let (status, answer) = shop.post("/vouchers", json!({ "voucher": voucher })).await;
    (status, if status == 200 { answer } else { answer["code"].clone() })
}

#[tokio::test]
async fn points_are_carried_by_phone_to_a_store_that_is_cut_off() {
    let (store, hub, member) = tea_house_with_points(500).await;
    store.node.set_line(false);
    store.until("/status", |status| status["on_line"] == false).await;
    let phone = Phone::of(&hub, &member).await;
    let page = phone.page().await;
    assert!(page.contains("<strong>500</strong>") && page.contains("Spring Road 泉城路"), "{page}");
    assert!(
        !page.contains("Xiaoming") && page.contains("500 of them expire on 20") && scan(&page).is_empty()
    );
    assert!(page.contains("multiples of 40") && page.contains("max=\"480\" step=\"40\""), "{page}");
    let form = page.split("name=\"form\" value=\"").nth(1).unwrap().split('"').next().unwrap();
    // A double tap sends one.
    for _ in 0..2 {
        let sent = phone.carry(&format!("store=12&points=３２０&form={form}")).await;
        assert_eq!(sent.status(), 303, "{}", sent.text().await.unwrap());
    }
    let page = phone.page().await;
    let codes = scan(&page);
    assert_eq!(codes.len(), 1);
    assert!(page.contains(&format!(">{}</p>", codes[0])) && page.contains("Good until 20"), "{page}");
    assert!(page.contains("320 points · Spring Road 泉城路"), "{page}");

    assert_eq!(redeem(&store, &member, "2").await.1["code"], "insufficient_rights_here");
    let (status, taken) = show(&store, &format!(" {}\r\n", codes[0].to_lowercase())).await;
    assert_eq!((status, &taken["member"], &taken["points"]), (200, &json!(member), &json!(320)));
    assert_eq!(show(&store, &codes[0]).await, (409, json!("voucher_used")));
    assert_eq!(show(&hub, &codes[0]).await, (409, json!("voucher_for_another_store")));
    let (whole, end) = codes[0].split_at(codes[0].len() - 20);
    let other = if end.starts_with('A') { 'B' } else { 'A' };
    assert_eq!(show(&store, &format!("{whole}{other}{}", &end[1..])).await, (422, json!("voucher_forged")));
    assert_eq!(show(&store, "6901234567892").await, (422, json!("voucher_malformed")));
    let (status, sold) = redeem(&store, &member, "2").await;
    assert_eq!(status, 201, "{sold}");

    store.node.set_line(true);
    let left = sold["points_after"].clone();
    hub.until(&format!("/members/{member}/balances"), |it| it["points"]["balance"] == left).await;
    store.until("/status", |it| it["on_line"] == true && it["links"][0]["behind"] == 0).await;
    assert_eq!(show(&store, &codes[0]).await, (409, json!("voucher_used")));
    assert!(scan(&phone.page().await).is_empty(), "what was taken up is not shown any more");
    for shop in [&hub, &store] {
        assert_eq!(shop.ask("/status").await["alarms"], json!([]));
    }
}

#[tokio::test]
async fn a_page_runs_nothing_and_says_what_is_wrong_in_two_languages() {
    let (store, hub, member) = tea_house_with_points(250).await;
    let phone = Phone::of(&hub, &member).await;
    let response = phone.get("?lang=zh").await;
    let headers = response.headers().clone();
    let policy = headers["content-security-policy"].to_str().unwrap();
    assert!(policy.starts_with("default-src 'none'") && !policy.contains("script"), "{policy}");
    assert!(policy.contains("frame-ancestors 'none'") && !policy.contains("unsafe"), "{policy}");
    assert_eq!(headers["referrer-policy"], "no-referrer");
    assert_eq!(headers["cache-control"], "no-store");
    let page = response.text().await.unwrap();
    assert!(page.contains("我的积分") && page.contains("lang=\"zh-CN\"") && !page.contains("<script"));
    for (form, status, says) in [
        ("store=12&points=130&form=a", 422, "whole steps"),
        ("store=12&points=880&form=b", 409, "too few points"),
        ("store=99&points=120&form=c", 409, "cannot be chosen"),
        ("store=12&points=many&form=d", 422, "Choose a store"),
        ("", 422, "Choose a store"),
    ] {
        let refused = phone.carry(form).await;
        assert_eq!(refused.status().as_u16(), status, "{form}");
        assert!(refused.text().await.unwrap().contains(says), "{form}");
    }
    for _ in 0..10 {
        phone.carry("store=12&points=880&form=x").await;
    }
    assert_eq!(phone.carry("store=12&points=120&form=y").await.status(), 429);
    let other = hub.post("/members", json!({"profile": {"name": "<b>Li</b>"}, "card": false})).await.1;
    let other = Phone::of(&hub, other["member"].as_str().unwrap()).await;
    assert!(other.page().await.contains("<p>&lt;＊＊</p>"), "no name becomes markup");
    let mut asked = 0;
    while phone.get("").await.status() == 200 {
        asked += 1;
        tokio::time::sleep(Duration::from_micros(1)).await;
    }
    assert!((200..300).contains(&asked), "{asked}");
    assert_eq!((phone.get("").await.status().as_u16(), other.get("").await.status().as_u16()), (429, 200));

    let link = phone.path.rsplit('/').next().unwrap().to_owned();
    let (_, proof) = link.split_once('-').unwrap();
    let guessed = link.replace(proof, &"0".repeat(proof.len()));
    for wrong in [guessed.as_str(), "x", "style.cs"] {
        let stranger = Phone { hub: &hub, path: format!("/m/{wrong}") };
        let (seen, sent) = (stranger.get("").await, stranger.carry("store=12&points=120&form=z").await);
        assert_eq!((seen.status().as_u16(), sent.status().as_u16()), (404, 404));
    }
    assert_eq!(store.get(&format!("/m/{link}")).await.status, 404, "stores serve no such pages");
    let nobody = hub.ask("/members/mbr_00000000000g0/page").await;
    assert!([400, 404].contains(&nobody["status"].as_i64().unwrap()), "{nobody}");
}
