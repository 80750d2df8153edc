//! What depends on who somebody is, when, and what they did before: joining, birthdays, referral, late claims, a
//! version whose day has not come, commission after money was given back.

use serde_json::{Value, json};

use crate::{
    city::text,
    scheme::{Scheme, line},
};

const PHARMACY: &str = include_str!("../../../../programmes/pharmacy.toml");
const RESTAURANT: &str = include_str!("../../../../programmes/restaurant-stored-value.toml");
const POINTS_CLUB: &str = include_str!("../../../../programmes/points-club.toml");

async fn person(scheme: &Scheme, profile: Value) -> String {
    let registered =
        scheme.store.post("/members", json!({"profile": profile, "card": true})).await.expect(201);
    text(&registered["member"])
}

fn goods(price: &str) -> Value {
    json!({"lines": [line(price, &[])]})
}

#[tokio::test]
async fn joining_and_birthdays_bring_points() {
    let scheme = Scheme::under(POINTS_CLUB, "2026-03-08").await;
    let march = json!({"name": "Wang Xiaoming", "birth_date": "1990-03-20"});
    let (march, other) = (person(&scheme, march).await, scheme.member("Li Lei").await);
    assert_eq!((scheme.points(&march).await, scheme.points(&other).await), (100, 100), "for joining");
    let birthday =
        |member: &str| json!({"member": member, "activity": "birthday", "reason": "card", "by": "Li"});
    let given = scheme.store.post("/grants", birthday(&march)).await.expect(201);
    assert_eq!(given["points"], 50, "{given}");
    scheme.store.post("/grants", birthday(&march)).await.problem(409, "activity_done");
    scheme.store.post("/grants", birthday(&other)).await.problem(409, "activity_not_now");
    scheme.on("2027-04-01");
    scheme.store.post("/grants", birthday(&march)).await.problem(409, "activity_not_now");
    scheme.on("2027-03-01");
    scheme.store.post("/grants", birthday(&march)).await.expect(201);
}

#[tokio::test]
async fn a_birthday_takes_something_off() {
    let scheme = Scheme::under(RESTAURANT, "2026-03-20").await;
    let member = person(&scheme, json!({"name": "Wang Xiaoming", "birth_date": "1990-03-20"})).await;
    assert_eq!(scheme.sells(&member, goods("100")).await["total"], "90.00");
    scheme.on("2026-03-21");
    let quote = scheme.quotes(&member, goods("100")).await.expect(200);
    assert_eq!((&quote["total"], &quote["steps"][0]["outcome"]), (&json!("100.00"), &json!("birthday_only")));
}

#[tokio::test]
async fn who_brings_a_member_gets_points_and_loses_them_with_the_goods() {
    let scheme = Scheme::under(POINTS_CLUB, "2026-03-08").await;
    let referrer = scheme.member("Wang Xiaoming").await;
    let brought = person(&scheme, json!({"name": "Li Lei", "referrer": referrer})).await;
    let first = scheme.sells(&brought, goods("1000")).await;
    assert_eq!(
        scheme.points(&referrer).await,
        100 + 200 + 50,
        "200 for the first purchase, a twentieth of it"
    );
    scheme.sells(&brought, goods("100")).await;
    assert_eq!(scheme.points(&referrer).await, 355);
    let back = json!({"sale": first["sale"], "till": "1", "check": "R-1", "gross": "1000"});
    scheme.store.post("/returns", back).await.expect(201);
    assert_eq!(scheme.points(&referrer).await, 105, "what the returned purchase had brought goes");
    scheme.on("2026-06-07");
    scheme.sells(&brought, goods("1000")).await;
    assert_eq!(scheme.points(&referrer).await, 105, "90 days are over");
}

#[tokio::test]
async fn a_receipt_without_card_is_claimed_once_and_in_time() {
    let scheme = Scheme::under(POINTS_CLUB, "2026-03-10").await;
    let (member, other) = (scheme.member("Wang Xiaoming").await, scheme.member("Li Lei").await);
    let claim = |member: &str, check: &str, date: &str| json!({"member": member, "till": "1", "check": check, "date": date, "lines": [line("80", &[])]});
    let claimed = scheme.store.post("/claims", claim(&member, "77", "2026-03-03")).await.expect(201);
    assert_eq!((&claimed["points_earned"], &claimed["total"]), (&json!(80), &json!("80.00")));
    scheme.store.post("/claims", claim(&other, "77", "2026-03-03")).await.problem(409, "check_number_reused");
    scheme.store.post("/claims", claim(&member, "78", "2026-03-02")).await.problem(409, "claim_closed");
    scheme.store.post("/claims", claim(&member, "78", "2026-03-11")).await.problem(409, "claim_closed");
    let sold = scheme.receipt(&other, &goods("30"));
    scheme.store.post("/checkouts", sold.clone()).await.expect(201);
    let sold = claim(&member, &text(&sold["check"]), "2026-03-10");
    scheme.store.post("/claims", sold).await.problem(409, "check_number_reused");
    assert_eq!(scheme.points(&member).await, 180);
}

#[tokio::test]
async fn a_version_is_sold_by_from_its_day_on() {
    let scheme = Scheme::under(PHARMACY, "2026-03-10").await;
    let member = scheme.member("Wang Xiaoming").await;
    let later = PHARMACY.replacen("version = 1", "version = 2", 1).replace("2026-01-01", "2026-03-12");
    let later = later.replace("days = [9, 19, 29]", "days = [10, 12]");
    scheme.publish(&later).await;
    for (day, version, total) in
        [("2026-03-10", 1, "36.00"), ("2026-03-11", 1, "36.00"), ("2026-03-12", 2, "32.40")]
    {
        scheme.on(day);
        let sale = scheme.sells(&member, goods("36")).await;
        assert_eq!((&sale["programme_version"], &sale["total"]), (&json!(version), &json!(total)), "{day}");
    }
}

#[tokio::test]
async fn commission_goes_with_what_is_given_back_and_refills_to_who_sold_first() {
    let gives_back = RESTAURANT.replace("no_cash_out = true", "no_cash_out = false");
    let scheme = Scheme::under(&gives_back, "2026-05-01").await;
    let member = scheme.member("Wang Xiaoming").await;
    let sold_by = |seller: &str| json!({"amount": "5000", "seller": seller});
    let first = scheme.posts("/top-ups", &member, sold_by("Li")).await.expect(201);
    scheme.on("2026-05-02");
    scheme.posts("/top-ups", &member, sold_by("Wu")).await.expect(201);
    let earned = |sold: &'static str| {
        let query = "/commission?from=2026-05-01&until=2026-05-31";
        let scheme = &scheme;
        async move {
            let told = |answer: &Value| {
                let li = answer["people"].as_array().unwrap().iter().find(|it| it["person"] == "Li")?.clone();
                (li["sold"] == sold).then_some(li)
            };
            scheme.hub_knows(query, |answer| told(answer).unwrap_or_default()).await
        }
    };
    let li = earned("10000.00").await;
    assert_eq!((&li["share"], &li["first_card"]), (&json!("100.00"), &json!("100.00")));
    let back = json!({"top_up": first["top_up"], "amount": "3000"});
    scheme.store.post("/top-ups/returns", scheme.without_member(&back)).await.expect(201);
    assert_eq!(earned("7000.00").await["share"], "70.00");
}

#[tokio::test]
async fn what_an_outside_voucher_pays_may_earn_nothing() {
    let scheme = POINTS_CLUB.replacen("[earning]\n", "[earning]\nnot_paid_by = [\"voucher\"]\n", 1);
    let scheme = Scheme::under(&scheme, "2026-03-10").await;
    let member = scheme.member("Wang Xiaoming").await;
    let sale = json!({"lines": [line("100", &[])], "voucher": "30"});
    let sale = scheme.sells(&member, sale).await;
    assert_eq!(
        (&sale["paid"], &sale["voucher"], &sale["points_earned"]),
        (&json!("100.00"), &json!("30.00"), &json!(70))
    );
    let more = scheme.sells(&member, json!({"lines": [line("20", &[])], "voucher": "50"})).await;
    assert_eq!(
        (&more["voucher"], &more["points_earned"]),
        (&json!("20.00"), &json!(0)),
        "no more than there is to pay"
    );
}

#[tokio::test]
async fn a_scheme_without_loss_reporting_reports_no_card_lost() {
    let scheme =
        RESTAURANT.replace("no_cash_out = true", "no_loss_reporting = true\ninvoice_at_top_up = true");
    let scheme = Scheme::under(&scheme, "2026-03-10").await;
    let (member, card) = scheme.store.member("Wang Xiaoming").await;
    let path = format!("/cards/{card}");
    scheme.store.patch(&path, json!({"state": "lost"})).await.problem(409, "no_loss_reporting");
    scheme.store.patch(&path, json!({"state": "frozen"})).await.expect(200);
    let topped_up = scheme.posts("/top-ups", &member, json!({"amount": "5000"})).await.expect(201);
    let receipt = format!("/receipts?till=1&check={}&paper=58&language=en", text(&topped_up["check"]));
    let printed = text(&scheme.store.get(&receipt).await.expect(200)["text"]);
    assert!(printed.contains("Invoice: for ¥5000.00"), "{printed}");
}
