//! The page on which a member carries points to a store, and the till there; and allowances.

use reqwest::{Client, Method, Response, redirect::Policy};
use serde_json::{Value, json};

use crate::{
    city::{Shop, text},
    fleet::{linked, until},
    scanner::scan,
};

/// A member's phone.
struct Phone {
    client: Client,
    url: String,
}

impl Phone {
    async fn of(hub: &Shop, member: &str) -> Self {
        let page = hub.get(&format!("/members/{member}/page")).await.expect(200);
        let client = Client::builder().no_proxy().redirect(Policy::none()).build().unwrap();
        Self { client, url: format!("{}{}", hub.base, text(&page["path"])) }
    }

    async fn get(&self, query: &str) -> Response {
        self.client.get(format!("{}{query}", self.url)).header("Accept-Language", "en").send().await.unwrap()
    }

    async fn page(&self) -> String {
        let response = self.get("").await;
        assert_eq!(response.status(), 200);
        response.text().await.unwrap()
    }

    async fn carry(&self, form: &str) -> Response {
        let request = self.client.post(format!("{}/carry", self.url)).header("Accept-Language", "en");
        let request = request.header("Content-Type", "application/x-www-form-urlencoded");
        request.body(form.to_owned()).send().await.unwrap()
    }
}

/// A member with so many points, all at the hub.
async fn member_at_hub(hub: &Shop, store: &Shop, points: u32) -> String {
    let (member, _) = hub.member("Wang Xiaoming").await;
    let sale = json!({"member": member, "till": "1", "check": "1", "gross": format!("{points}.00")});
    hub.post("/checkouts", sale).await.expect(201);
    until(store, &format!("/members/{member}/balances"), |it| it["points"]["balance"] == points).await;
    member
}

async fn cut(store: &Shop) {
    store.node.set_line(false);
    until(store, "/status", |status| status["on_line"] == false).await;
}

fn redeem(member: &str, check: &str, points: i64) -> Value {
    json!({"member": member, "till": "1", "check": check, "gross": "10.00", "redeem_points": points})
}

#[tokio::test]
async fn points_are_carried_by_phone_to_a_store_that_is_cut_off() {
    let (hub, store) = linked().await;
    let member = member_at_hub(&hub, &store, 500).await;
    cut(&store).await;
    let phone = Phone::of(&hub, &member).await;
    let page = phone.page().await;
    assert!(page.contains("<strong>500</strong>") && page.contains("Shop 12") && !page.contains("Xiaoming"));
    assert!(page.contains("500 of them expire on 2027-12-31") && scan(&page).is_empty());
    let form = page.split("name=\"form\" value=\"").nth(1).unwrap().split('"').next().unwrap();
    // A double tap sends one.
    for _ in 0..2 {
        let sent = phone.carry(&format!("store=12&points=300&form={form}")).await;
        assert_eq!(sent.status(), 303, "{}", sent.text().await.unwrap());
    }
    let page = phone.page().await;
    let codes = scan(&page);
    assert_eq!(codes.len(), 1);
    assert!(page.contains(&format!("<p class=\"text\">{}</p>", codes[0])));
    assert!(page.contains("300 points · Shop 12") && page.contains("Good until 2026-08-02 09:20"));

    store.post("/checkouts", redeem(&member, "2", 300)).await.problem(409, "insufficient_rights_here");
    let shown = json!({ "voucher": format!(" {}\r\n", codes[0].to_lowercase()) });
    let key = store.fresh_key();
    let taken = store.change(Method::POST, "/vouchers", &key, shown.clone()).await.expect(200);
    assert_eq!((&taken["member"], &taken["points"]), (&json!(member), &json!(300)));
    let again = store.change(Method::POST, "/vouchers", &key, shown.clone()).await;
    assert!(again.replayed && again.body == taken);
    store.post("/vouchers", shown.clone()).await.problem(409, "voucher_used");
    hub.post("/vouchers", shown.clone()).await.problem(409, "voucher_for_another_store");
    let (whole, end) = codes[0].split_at(codes[0].len() - 20);
    let altered = format!(
        "{whole}{}",
        if end.starts_with('A') { end.replacen('A', "B", 1) } else { format!("A{}", &end[1..]) }
    );
    store.post("/vouchers", json!({ "voucher": altered })).await.problem(422, "voucher_forged");
    store.post("/vouchers", json!({ "voucher": "6901234567892" })).await.problem(422, "voucher_malformed");
    store.post("/checkouts", redeem(&member, "2", 300)).await.expect(201);

    store.node.set_line(true);
    let balance = format!("/members/{member}/balances");
    until(&hub, &balance, |it| it["points"]["balance"] == 210).await;
    until(&store, "/status", |status| status["on_line"] == true && status["links"][0]["behind"] == 0).await;
    store.post("/vouchers", shown).await.problem(409, "voucher_used");
    assert!(scan(&phone.page().await).is_empty(), "what was taken up is not shown any more");
    for shop in [&hub, &store] {
        assert_eq!(shop.get("/status").await.expect(200)["alarms"], json!([]));
    }
}

#[tokio::test]
async fn a_page_runs_nothing_and_says_what_is_wrong_in_two_languages() {
    let (hub, store) = linked().await;
    let member = member_at_hub(&hub, &store, 250).await;
    let phone = Phone::of(&hub, &member).await;
    let response = phone.get("?lang=zh").await;
    let headers = response.headers().clone();
    let policy = headers["content-security-policy"].to_str().unwrap();
    assert!(policy.starts_with("default-src 'none'") && !policy.contains("unsafe"), "{policy}");
    assert_eq!(
        (headers["referrer-policy"].as_bytes(), headers["cache-control"].as_bytes()),
        (&b"no-referrer"[..], &b"no-store"[..])
    );
    assert_eq!(headers["x-frame-options"], "DENY");
    let page = response.text().await.unwrap();
    assert!(page.contains("我的积分") && page.contains("lang=\"zh-CN\"") && !page.contains("<script"));
    for (form, status, says) in [
        ("store=12&points=150&form=a", 422, "in hundreds"),
        ("store=12&points=900&form=b", 409, "too few points"),
        ("store=99&points=100&form=c", 409, "cannot be chosen"),
        ("store=12&points=many&form=d", 422, "Choose a store"),
        ("", 422, "Choose a store"),
    ] {
        let refused = phone.carry(form).await;
        assert_eq!(refused.status().as_u16(), status, "{form}");
        assert!(refused.text().await.unwrap().contains(says), "{form}");
    }
    for _ in 0..10 {
        phone.carry("store=12&points=900&form=x").await;
    }
    assert_eq!(phone.carry("store=12&points=100&form=y").await.status(), 429);
    let (other, _) = hub.member("Li Na").await;
    let other = Phone::of(&hub, &other).await;
    let mut asked = 0;
    while phone.get("").await.status() == 200 {
        asked += 1;
    }
    assert!((200..300).contains(&asked), "{asked}");
    assert_eq!((phone.get("").await.status().as_u16(), other.get("").await.status().as_u16()), (429, 200));

    let link = phone.url.rsplit('/').next().unwrap().to_owned();
    let (_, proof) = link.split_once('-').unwrap();
    let guessed = link.replace(proof, &"0".repeat(proof.len()));
    for wrong in [guessed.as_str(), "x", "style.cs"] {
        let stranger = Phone { client: phone.client.clone(), url: format!("{}/m/{wrong}", hub.base) };
        assert_eq!(
            (stranger.get("").await.status(), stranger.carry("store=12&points=100&form=z").await.status()),
            (404.try_into().unwrap(), 404.try_into().unwrap())
        );
    }
    let style = phone.client.get(format!("{}/m/style.css", hub.base)).send().await.unwrap();
    assert_eq!(style.headers()["content-type"], "text/css; charset=utf-8");
    let at_store = phone.client.get(format!("{}/m/{link}", store.base)).send().await.unwrap();
    assert_eq!(at_store.status(), 404, "stores serve no pages");
    let nobody = hub.get("/members/mbr_00000000000g0/page").await;
    assert!([400, 404].contains(&nobody.status), "{}", nobody.body);
}

#[tokio::test]
async fn an_allowance_serves_whom_the_line_leaves_alone() {
    let (hub, store) = linked().await;
    let member = member_at_hub(&hub, &store, 900).await;
    hub.post("/allowance", json!({"store": 12, "points": 1_000})).await.expect(200);
    hub.post("/allowance", json!({"store": 13, "points": 1_000})).await.problem(404, "unknown_store");
    hub.post("/allowance", json!({"store": 12, "points": 0})).await.problem(422, "out_of_range");
    let granted = |status: &Value| status["allowance"] == json!({"available": 1_000, "used": 0});
    until(&store, "/status", granted).await;
    cut(&store).await;
    let served = store.post("/checkouts", redeem(&member, "1", 800)).await.expect(201);
    assert_eq!((&served["points_advanced"], &served["points_after"]), (&json!(800), &json!(110)));
    let balances = store.get(&format!("/members/{member}/balances")).await.expect(200);
    // The sale's own ten points have settled that much.
    assert_eq!((&balances["points"]["advanced"], &balances["points"]["balance"]), (&json!(790), &json!(110)));
    assert_eq!(store.get("/status").await.expect(200)["allowance"], json!({"available": 210, "used": 790}));
    let metrics = store.request(Method::GET, "/metrics").send().await.unwrap().text().await.unwrap();
    assert!(
        metrics.contains("purser_allowance_used_points 790") && metrics.contains("purser_unbacked_points 0")
    );

    // Meanwhile the same points are spent at the hub.
    hub.post("/checkouts", redeem(&member, "7", 900)).await.expect(201);
    store.post("/checkouts", redeem(&member, "9", 200)).await.problem(409, "insufficient_balance");
    store.node.set_line(true);
    let lost = until(&hub, "/status", |status| status["points_unbacked"] == 780).await;
    assert_eq!(lost["allowance"], json!({"available": 0, "used": 0}));
    let settled = json!({"available": 220, "used": 780});
    until(&hub, "/fleet", |fleet| fleet["replicas"][1]["allowance"] == settled).await;
    let path = format!("/members/{member}/balances");
    until(&store, &path, |it| it["points"]["balance"] == -780).await;
    let sale = json!({"member": member, "till": "1", "check": "8", "gross": "800.00"});
    hub.post("/checkouts", sale).await.expect(201);
    until(&store, "/status", granted).await;
    until(&hub, "/status", |status| status["points_unbacked"] == 0).await;
    until(&hub, &path, |it| it["points"]["balance"] == 20 && it["points"]["advanced"] == 0).await;
}
