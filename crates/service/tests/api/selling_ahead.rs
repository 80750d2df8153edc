//! Limited issues of cards, passes taken back, coupons on paper: at a hub and a store of one city.

use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    city::text,
    scheme::{Scheme, line},
};

const TEA_HOUSE: &str = include_str!("../../../../programmes/tea-house.toml");
const CAR_SERVICE: &str = include_str!("../../../../programmes/car-service.toml");

const SPRING: &str = r#"
[[card_issue]]
id = "spring-500"
name = { zh = "春茶卡", en = "Spring tea card" }
amount = "500"
bonus = "40"
cards = 3

[[coupon]]
id = "leaflet"
name = { zh = "开业券", en = "Opening coupon" }
gives = { by = "off", off = "20" }
valid = { by = "days", days = 30 }
"#;

async fn receipt(scheme: &Scheme, check: &Value) -> String {
    let path = format!("/receipts?till=1&check={}&paper=80&language=en", text(check));
    text(&scheme.store.get(&path).await.expect(200)["text"])
}

#[tokio::test]
async fn of_a_limited_issue_never_more_cards_are_sold_than_there_are() {
    let tea_house = format!("{TEA_HOUSE}{SPRING}");
    let scheme = Scheme::under(&tea_house, "2026-03-10").await;
    let member = scheme.member("Wang Xiaoming").await;
    let card = |amount: &str| json!({"amount": amount, "issue": "spring-500"});
    scheme.posts("/top-ups", &member, card("499.99")).await.problem(422, "out_of_range");
    let none = json!({"amount": "500", "issue": "autumn-500"});
    scheme.posts("/top-ups", &member, none).await.problem(404, "unknown_rule");
    // The rights begin at the hub that has published, and come one by one.
    let sold = scheme.posts("/top-ups", &member, card("500")).await.expect(201);
    assert_eq!(sold["stored_value"], json!({"principal": "500.00", "bonus": "40.00"}));
    assert_eq!(sold["issue"], "spring-500");
    scheme.posts("/top-ups", &member, card("500")).await.expect(201);
    // A later version brings two more, and only those.
    let later = tea_house.replacen("version = 1", "version = 2", 1).replace("cards = 3", "cards = 5");
    scheme.publish(&later).await;
    for _ in 0..3 {
        scheme.posts("/top-ups", &member, card("500")).await.expect(201);
    }
    let sold_out = scheme.posts("/top-ups", &member, card("500")).await.problem(409, "out_of_stock");
    assert_eq!((&sold_out["asset"], &sold_out["here"]), (&json!("stock"), &json!(0)));
    let balances = scheme.balances(&member).await;
    assert_eq!(balances["stored_value"]["principal"], "2500.00", "{balances}");
    // Nobody notes them as delivered.
    let more = json!({"reward": "spring-500", "pieces": 1});
    scheme.hub.post("/stock", more).await.problem(404, "unknown_rule");
}

#[tokio::test]
async fn uses_of_a_pass_that_are_left_are_taken_back_for_their_part() {
    let scheme = Scheme::under(CAR_SERVICE, "2026-03-10").await;
    let member = scheme.member("Wang Xiaoming").await;
    let pass = scheme.posts("/passes", &member, json!({"pass": "wash-10"})).await.expect(201);
    assert_eq!((&pass["price"], &pass["uses"]), (&json!("280.00"), &json!(10)));
    let wash = json!({"article": "w", "category": "wash", "unit_price": "35"});
    for _ in 0..3 {
        scheme.sells(&member, json!({"lines": [wash], "passes": ["wash-10"]})).await;
    }
    let back = |uses: i64| scheme.without_member(&json!({"pass_sale": pass["pass_sale"], "uses": uses}));
    scheme.store.post("/passes/returns", back(8)).await.problem(409, "insufficient_balance");
    scheme.store.post("/passes/returns", back(0)).await.problem(422, "out_of_range");
    scheme.store.post("/passes/returns", back(11)).await.problem(422, "out_of_range");
    let first = back(4);
    let taken = scheme.store.post("/passes/returns", first.clone()).await.expect(201);
    assert_eq!((&taken["refund"], &taken["uses"]), (&json!("112.00"), &json!(4)));
    // The till asks again under another key: it was done.
    let again = scheme.store.post("/passes/returns", first.clone()).await.expect(201);
    assert_eq!(again["refund"], "112.00");
    let printed = receipt(&scheme, &first["check"]).await;
    assert!(printed.contains("112.00") && printed.contains("4 uses taken back"), "{printed}");
    scheme.store.post("/passes/returns", back(4)).await.problem(409, "insufficient_balance");
    let rest = scheme.store.post("/passes/returns", back(3)).await.expect(201);
    assert_eq!(rest["refund"], "84.00");
    assert_eq!(scheme.balances(&member).await["passes"], json!([]));
    // A wash that comes back brings its use back, and that too can be taken back: all of the price, no more.
    let unknown = json!({"pass_sale": "sale_1u3cd5f00000g", "uses": 1});
    let unknown = scheme.without_member(&unknown);
    scheme.store.post("/passes/returns", unknown).await.problem(404, "unknown_sale");
}

/// Who asks again under the same check number is told what was done, but not if the question itself is none.
#[tokio::test]
async fn a_seller_without_a_name_is_refused_also_when_it_was_done() {
    let scheme = Scheme::under(CAR_SERVICE, "2026-03-10").await;
    let member = scheme.member("Wang Xiaoming").await;
    for (path, what) in [("/passes", json!({"pass": "wash-10"})), ("/top-ups", json!({"amount": "1000.00"}))]
    {
        let mut body = scheme.receipt(&member, &what);
        scheme.store.post(path, body.clone()).await.expect(201);
        body["seller"] = json!("");
        scheme.store.post(path, body).await.problem(422, "out_of_range");
    }
}

#[tokio::test]
async fn a_scheme_that_gives_nothing_back_takes_no_pass_back() {
    let strict = CAR_SERVICE.replacen("uses = 10\n", "uses = 10\nno_cash_out = true\n", 1);
    assert!(strict.contains("no_cash_out"));
    let scheme = Scheme::under(&strict, "2026-03-10").await;
    let member = scheme.member("Wang Xiaoming").await;
    let pass = scheme.posts("/passes", &member, json!({"pass": "wash-10"})).await.expect(201);
    let back = scheme.without_member(&json!({"pass_sale": pass["pass_sale"], "uses": 1}));
    scheme.store.post("/passes/returns", back).await.problem(409, "stored_value_no_cash_out");
}

#[tokio::test]
async fn a_coupon_on_paper_is_claimed_once_by_who_shows_its_code() {
    let scheme = Scheme::under(&format!("{TEA_HOUSE}{SPRING}"), "2026-03-10").await;
    let (wang, li) = (scheme.member("Wang Xiaoming").await, scheme.member("Li Lei").await);
    let issue = |coupon: &str, pieces: i64| json!({"coupon": coupon, "pieces": pieces, "until": "2026-05-31", "reason": "leaflets", "by": "Zhao Min"});
    scheme.hub.post("/coupon-codes", issue("no-such", 5)).await.problem(404, "unknown_rule");
    scheme.hub.post("/coupon-codes", issue("leaflet", 501)).await.problem(422, "out_of_range");
    let issued = scheme.hub.post("/coupon-codes", issue("leaflet", 500)).await.expect(201);
    let codes: Vec<String> = issued["codes"].as_array().unwrap().iter().map(text).collect();
    assert_eq!((codes.len(), &issued["until"]), (500, &json!("2026-05-31")));

    let claim = |member: &str, code: &str| json!({"member": member, "code": code});
    let claims = |member: &str, code: &str| scheme.store.post("/coupon-codes/claims", claim(member, code));
    // Typed as people type, at a store that may have heard of it only now.
    let typed = codes[0].to_lowercase().replace('-', " ");
    let mut claimed = claims(&wang, &typed).await;
    for _ in 0..200 {
        if claimed.status != 404 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        claimed = claims(&wang, &typed).await;
    }
    assert_eq!(claimed.expect(201), json!({"member": wang, "coupon": "leaflet"}));
    claims(&li, &codes[0]).await.problem(409, "code_used");
    claims(&li, "0000-0000-0000-0000").await.problem(404, "unknown_code");
    let malformed = claims(&li, "MY-SECRET").await.problem(422, "invalid_field");
    assert!(!malformed.to_string().contains("SECRET"), "{malformed}");

    let held = scheme.balances(&wang).await["coupons"].clone();
    assert_eq!((&held[0]["balance"], &held[0]["expires_on"]), (&json!(1), &json!("2026-05-31")), "{held}");
    let sale = scheme.sells(&wang, json!({"lines": [line("100", &[])], "coupons": ["leaflet"]})).await;
    assert_eq!(sale["total"], "80.00");
    scheme.on("2026-06-01");
    claims(&li, &codes[1]).await.problem(409, "code_expired");
}

#[tokio::test]
async fn the_same_request_for_codes_again_says_the_same_codes() {
    let scheme = Scheme::under(&format!("{TEA_HOUSE}{SPRING}"), "2026-03-10").await;
    let body = json!({"coupon": "leaflet", "pieces": 3, "reason": "leaflets", "by": "Zhao Min"});
    let issues = |key: &'static str| scheme.store.change(Method::POST, "/coupon-codes", key, body.clone());
    let first = issues("codes-1").await.expect(201);
    let again = issues("codes-1").await.expect(201);
    assert_eq!(first["codes"], again["codes"]);
    assert_eq!(first["until"], "2026-04-08");
    let others = issues("codes-2").await.expect(201);
    assert_ne!(first["codes"], others["codes"]);
}
