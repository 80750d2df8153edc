//! The worked examples of the specification, figure by figure, through the API of a running store under the
//! published presets.

use serde_json::{Value, json};

use crate::{
    city::text,
    scheme::{Scheme, line},
};

const PHARMACY: &str = include_str!("../../../../programmes/pharmacy.toml");
const DEPARTMENT_STORE: &str = include_str!("../../../../programmes/department-store.toml");
const RESTAURANT: &str = include_str!("../../../../programmes/restaurant-stored-value.toml");
const ONLINE_SHOP: &str = include_str!("../../../../programmes/online-shop.toml");
const POINTS_CLUB: &str = include_str!("../../../../programmes/points-club.toml");
const APPAREL: &str = include_str!("../../../../programmes/apparel.toml");
const TEA_HOUSE: &str = include_str!("../../../../programmes/tea-house.toml");
const CAR_SERVICE: &str = include_str!("../../../../programmes/car-service.toml");

fn basket(lines: &[Value]) -> Value {
    json!({ "lines": lines })
}

#[tokio::test]
async fn department_store() {
    let scheme = Scheme::under(DEPARTMENT_STORE, "2026-03-10").await;
    let gold = scheme.member("Wang Xiaoming").await;
    scheme.promotes(&gold, "gold").await;
    let sale = scheme.sells(&gold, basket(&[line("100", &["counter-promotion"])])).await;
    assert_eq!((&sale["total"], &sale["programme_version"]), (&json!("70.40"), &json!(1)));
    let ordinary = scheme.member("Li Lei").await;
    for (paid, points) in [("500", 50), ("550", 55), ("559", 55)] {
        let sale = scheme.sells(&ordinary, basket(&[line(paid, &[])])).await;
        assert_eq!((&sale["paid"], &sale["points_earned"]), (&json!(format!("{paid}.00")), &json!(points)));
    }
    let special = scheme.sells(&gold, basket(&[line("80", &["special-price"])])).await;
    assert_eq!((&special["total"], &special["points_earned"]), (&json!("80.00"), &json!(8)));
    scheme.is_as_told("department-store");
}

#[tokio::test]
async fn pharmacy_member_days() {
    let scheme = Scheme::under(PHARMACY, "2026-03-09").await;
    let (ordinary, gold) = (scheme.member("Wang Xiaoming").await, scheme.member("Li Lei").await);
    scheme.promotes(&gold, "gold").await;
    let goods = [line("30", &[]), line("6", &["special-price"])];
    let sale = scheme.sells(&ordinary, basket(&goods)).await;
    assert_eq!((&sale["total"], &sale["points_earned"]), (&json!("33.00"), &json!(27)));
    scheme.on("2026-03-10");
    for (member, total, points) in [(&ordinary, "36.00", 36), (&gold, "32.40", 32)] {
        let sale = scheme.sells(member, basket(&[line("36", &[])])).await;
        assert_eq!((&sale["total"], &sale["points_earned"]), (&json!(total), &json!(points)));
    }
    scheme.is_as_told("pharmacy");
}

#[tokio::test]
async fn pharmacy_gifts_for_points() {
    let scheme = Scheme::under(PHARMACY, "2026-03-10").await;
    let member = scheme.member("Wang Xiaoming").await;
    scheme.sells(&member, basket(&[line("250", &[])])).await;
    assert_eq!(scheme.points(&member).await, 250);
    scheme.store.post("/stock", json!({"reward": "gift-3", "pieces": 10})).await.expect(200);
    scheme.on("2026-04-15");
    let gifts = |pieces: i64| json!({"reward": "gift-3", "pieces": pieces});
    scheme.posts("/rewards", &member, gifts(2)).await.problem(409, "redemption_closed");
    scheme.on("2026-03-20");
    scheme.posts("/rewards", &member, gifts(3)).await.problem(409, "insufficient_balance");
    let given = scheme.posts("/rewards", &member, gifts(2)).await.expect(201);
    assert_eq!((&given["points_redeemed"], &given["points_after"]), (&json!(200), &json!(50)));
    assert_eq!(scheme.points(&member).await, 50);
    // In November it is open again; what the store does not have it does not give.
    scheme.on("2026-11-15");
    scheme.sells(&member, basket(&[line("900", &[])])).await;
    scheme.posts("/rewards", &member, gifts(9)).await.problem(409, "out_of_stock");
    scheme.posts("/rewards", &member, gifts(8)).await.expect(201);
}

#[tokio::test]
async fn pharmacy_points_of_the_last_day() {
    let scheme = Scheme::under(PHARMACY, "2026-12-30").await;
    let member = scheme.member("Wang Xiaoming").await;
    scheme.sells(&member, basket(&[line("30", &[])])).await;
    scheme.on("2026-12-31");
    scheme.sells(&member, basket(&[line("40", &[])])).await;
    let lots = scheme.balances(&member).await["points"]["lots"].clone();
    let lot = |place: usize| (text(&lots[place]["expires_on"]), lots[place]["balance"].clone());
    assert_eq!((lot(0), lot(1)), (("2026-12-31".into(), json!(30)), ("2027-12-31".into(), json!(40))));
    scheme.on("2027-01-01");
    assert_eq!(scheme.points(&member).await, 40);
    scheme.on("2028-01-01");
    assert_eq!(scheme.points(&member).await, 0);
}

#[tokio::test]
async fn apparel_tiers_and_the_voucher() {
    let scheme = Scheme::under(APPAREL, "2026-02-01").await;
    let (at_once, in_two) = (scheme.member("Wang Xiaoming").await, scheme.member("Li Lei").await);
    let ordinary = scheme.tier(&at_once).await;
    assert_eq!(scheme.tier(&in_two).await, ordinary);
    let sale = scheme.sells(&at_once, basket(&[line("1000", &[])])).await;
    assert_eq!((&sale["total"], scheme.tier(&at_once).await.as_str()), (&json!("1000.00"), "silver"));
    // Three purchases of ¥2,999 together, none of ¥1,000, then ¥1 within half a year.
    for price in ["999.99", "999.99", "999.02"] {
        scheme.sells(&in_two, basket(&[line(price, &[])])).await;
        assert_eq!(scheme.tier(&in_two).await, ordinary);
    }
    scheme.on("2026-07-20");
    scheme.sells(&in_two, basket(&[line("1", &[])])).await;
    assert_eq!(scheme.tier(&in_two).await, "silver");
    // ¥5,000 in a year: once. A twentieth is off for silver members.
    let sale = scheme.sells(&at_once, basket(&[line("4210", &[])])).await;
    assert_eq!((&sale["total"], &sale["awards"]), (&json!("3999.50"), &json!([])));
    let fifth = scheme.sells(&at_once, basket(&[line("1", &[])])).await;
    assert_eq!((&fifth["total"], &fifth["awards"]), (&json!("0.95"), &json!(["own-brand-500"])));
    assert_eq!(scheme.sells(&at_once, basket(&[line("3000", &[])])).await["awards"], json!([]));
    let coupons = scheme.balances(&at_once).await["coupons"].clone();
    assert_eq!((&coupons[0]["id"], &coupons[0]["balance"]), (&json!("own-brand-500"), &json!(1)));
    let own_brand = json!({
        "lines": [{"article": "7", "unit_price": "800", "flags": ["own-brand", "new-season"]}],
        "coupons": ["own-brand-500"],
    });
    let used = scheme.sells(&at_once, own_brand.clone()).await;
    assert_eq!(used["taken_off"], "616.00", "¥80 for ¥500, a twentieth of the rest, ¥500: {used}");
    scheme.posts("/checkouts", &at_once, own_brand).await.problem(409, "insufficient_balance");
    scheme.is_as_told("apparel");
}

#[tokio::test]
async fn restaurant_stored_value() {
    let scheme = Scheme::under(RESTAURANT, "2026-05-01").await;
    let member = scheme.member("Wang Xiaoming").await;
    let top_up = json!({"amount": "5000", "seller": "Li"});
    let topped_up = scheme.posts("/top-ups", &member, top_up).await.expect(201);
    assert_eq!(topped_up["stored_value"], json!({"principal": "5000.00", "bonus": "500.00"}));
    let pays = |price: &str| json!({"lines": [line(price, &[])], "stored_value": price});
    scheme.posts("/checkouts", &member, pays("2500")).await.problem(409, "stored_value_same_day");
    scheme.quotes(&member, pays("2500")).await.problem(409, "stored_value_same_day");
    let sale = scheme.sells(&member, pays("2499.99")).await;
    assert_eq!(sale["stored_value"], json!({"principal": "2499.99", "bonus": "0.00"}));
    assert_eq!(sale["paid"], "0.00");
    let held = scheme.balances(&member).await["stored_value"].clone();
    assert_eq!((&held["principal"], &held["bonus"]), (&json!("2500.01"), &json!("500.00")));
    // The day is full; the next is not, and principal goes first.
    scheme.posts("/checkouts", &member, pays("1")).await.problem(409, "stored_value_same_day");
    scheme.on("2026-05-02");
    let sale = scheme.sells(&member, pays("2600")).await;
    assert_eq!(sale["stored_value"], json!({"principal": "2500.01", "bonus": "99.99"}));
    // What comes back goes to what paid.
    let back = json!({"sale": sale["sale"], "till": "1", "check": "R-1", "gross": "2600"});
    let back = scheme.store.post("/returns", back).await.expect(201);
    assert_eq!(back["stored_value"], sale["stored_value"]);
    assert_eq!(back["refund"], "0.00");
    // A first card of ¥5,000, by a seller whose target is ¥50,000.
    let query = "/commission?from=2026-05-01&until=2026-05-31&roles=Li:manager";
    let li = scheme.hub_knows(query, |answer| answer["people"][0].clone()).await;
    assert_eq!(
        (&li["share"], &li["first_card"], &li["appraisal"]),
        (&json!("50.00"), &json!("100.00"), &json!("50.00"))
    );
    let back = json!({"top_up": topped_up["top_up"], "amount": "10"});
    let back = scheme.without_member(&back);
    scheme.store.post("/top-ups/returns", back).await.problem(409, "stored_value_no_cash_out");
    let too_small = json!({"amount": "4999.99"});
    scheme.posts("/top-ups", &member, too_small).await.problem(422, "top_up_too_small");
    scheme.is_as_told("restaurant");
}

#[tokio::test]
async fn online_shop_the_fifth_order() {
    let scheme = Scheme::under(ONLINE_SHOP, "2026-05-01").await;
    let member = scheme.member("Wang Xiaoming").await;
    let mut totals = Vec::new();
    for order in 1..=6 {
        let sale = scheme.sells(&member, basket(&[line("100", &[])])).await;
        totals.push(text(&sale["total"]));
        assert_eq!(scheme.tier(&member).await == "advanced", order >= 5, "{order}");
    }
    assert_eq!(&totals[1..], ["100.00", "100.00", "100.00", "100.00", "90.00"]);
    scheme.is_as_told("online-shop");
}

#[tokio::test]
async fn points_club_staged_ratio() {
    let scheme = Scheme::under(POINTS_CLUB, "2026-05-01").await;
    let member = scheme.member("Wang Xiaoming").await;
    // 100 for joining.
    let first = scheme.sells(&member, basket(&[line("800", &[])])).await;
    assert_eq!(first["points_after"], 900);
    let second = scheme.sells(&member, basket(&[line("300", &[])])).await;
    assert_eq!((&second["points_earned"], &second["points_after"]), (&json!(340), &json!(1_240)));
    scheme.is_as_told("points-club");
}

#[tokio::test]
async fn car_service_passes() {
    let scheme = Scheme::under(CAR_SERVICE, "2026-05-01").await;
    let member = scheme.member("Wang Xiaoming").await;
    let pass = scheme.posts("/passes", &member, json!({"pass": "wash-10"})).await.expect(201);
    assert_eq!(pass["uses"], 10);
    let wash = json!({"category": "wash", "name": "洗车", "unit_price": "35"});
    let used = scheme.sells(&member, json!({"lines": [wash], "passes": ["wash-10"]})).await;
    assert_eq!(used["total"], "0.00");
    let left = |balances: &Value| balances["passes"][0]["balance"].clone();
    assert_eq!(left(&scheme.balances(&member).await), 9);
    // Undone.
    let back =
        json!({"sale": used["sale"], "till": "1", "check": "R-1", "lines": [{"line": 1, "pieces": 1}]});
    scheme.store.post("/returns", back).await.expect(201);
    assert_eq!(left(&scheme.balances(&member).await), 10);
    scheme.is_as_told("car-service");
}

/// What was topped up goes back to who paid it in.
#[tokio::test]
async fn tea_house_gives_a_top_up_back() {
    let scheme = Scheme::under(TEA_HOUSE, "2026-05-01").await;
    let member = scheme.member("Wang Xiaoming").await;
    let topped_up = json!({"amount": "2000", "seller": "Li"});
    let topped_up = scheme.posts("/top-ups", &member, topped_up).await.expect(201);
    assert_eq!(topped_up["stored_value"], json!({"principal": "2000.00", "bonus": "200.00"}));
    let back = |amount: &str| json!({"top_up": topped_up["top_up"], "amount": amount});
    let first = scheme.store.post("/top-ups/returns", scheme.without_member(&back("500"))).await.expect(201);
    assert_eq!(first["stored_value"], json!({"principal": "500.00", "bonus": "50.00"}));
    let too_much = scheme.without_member(&back("1500.01"));
    scheme.store.post("/top-ups/returns", too_much).await.problem(409, "return_too_large");
    // What is spent is not there to be given back.
    let seat = json!({"category": "seat", "unit_price": "1100"});
    scheme.sells(&member, json!({"lines": [seat], "stored_value": "1100"})).await;
    let rest = scheme.without_member(&back("1500"));
    scheme.store.post("/top-ups/returns", rest).await.problem(409, "insufficient_balance");
    let some = scheme.store.post("/top-ups/returns", scheme.without_member(&back("500"))).await.expect(201);
    assert_eq!(some["stored_value"], json!({"principal": "500.00", "bonus": "50.00"}));
    assert_eq!(scheme.balances(&member).await["stored_value"], Value::Null);
    scheme.is_as_told("tea-house");
}

#[tokio::test]
async fn tea_house_sells_by_its_programme() {
    let scheme = Scheme::under(TEA_HOUSE, "2026-05-01").await;
    let member = scheme.member("Wang Xiaoming").await;
    scheme.posts("/passes", &member, json!({"pass": "ten-seats"})).await.expect(201);
    let seat = json!({"category": "seat", "unit_price": "68"});
    let used = scheme.sells(&member, json!({"lines": [seat], "passes": ["ten-seats"]})).await;
    assert_eq!(used["total"], "0.00");
    // Some of it goes to somebody of the family.
    let wife = scheme.member("Han Meimei").await;
    let hands_over = |uses: i64| json!({"member": wife, "pass": "ten-seats", "uses": uses, "from": member, "reason": "family", "by": "Li"});
    scheme.store.post("/grants", hands_over(10)).await.problem(409, "insufficient_balance");
    scheme.store.post("/grants", hands_over(4)).await.expect(201);
    for (member, uses) in [(&member, 5), (&wife, 4)] {
        assert_eq!(scheme.balances(member).await["passes"][0]["balance"], uses);
    }
}
/// Points are good for more than what lies in the store: coupons, a tier, entry to something.
#[tokio::test]
async fn rewards_of_every_kind() {
    let rewards = r#"
[[reward]]
id = "ten-off"
name = { zh = "十元券", en = "\u00a510 off" }
points = 50
worth = "10"
gives = { by = "coupon", coupon = "off-10" }

[[reward]]
id = "golden"
name = { zh = "金卡", en = "Gold" }
points = 60
worth = "0"
gives = { by = "tier", tier = "gold" }

[[reward]]
id = "tasting"
name = { zh = "品鉴会", en = "Tasting" }
points = 30
worth = "20"
gives = { by = "entry" }

[[coupon]]
id = "off-10"
name = { zh = "十元券", en = "\u00a510 off" }
gives = { by = "off", off = "10" }
valid = { by = "days", days = 30 }
"#;
    let scheme = Scheme::under(&format!("{PHARMACY}{rewards}"), "2026-03-10").await;
    let member = scheme.member("Wang Xiaoming").await;
    scheme.sells(&member, basket(&[line("200", &[])])).await;
    let wants = |reward: &str, pieces: i64| json!({"reward": reward, "pieces": pieces});
    scheme.posts("/rewards", &member, wants("ten-off", 2)).await.expect(201);
    scheme.posts("/rewards", &member, wants("golden", 2)).await.problem(422, "out_of_range");
    scheme.posts("/rewards", &member, wants("golden", 1)).await.expect(201);
    let tasting = scheme.posts("/rewards", &member, wants("tasting", 1)).await.expect(201);
    assert_eq!(tasting["points_after"], 10);
    assert_eq!(scheme.tier(&member).await, "gold");
    let sale = scheme.sells(&member, json!({"lines": [line("100", &[])], "coupons": ["off-10"]})).await;
    assert_eq!(sale["total"], "80.00");
    scheme.store.post("/stock", json!({"reward": "tasting", "pieces": 1})).await.problem(404, "unknown_rule");
}
