use serde_json::{Value, json};

use crate::{
    keruyun_till::{KeruyunTill, reversal, verification},
    shop::Shop,
};

/// A noodle shop with stored value, whose points pay as they are.
const PROGRAMME: &str = r#"
name = { zh = "面馆会员章程", en = "Noodle shop members" }
version = 1
in_force_from = "2026-01-01"
time_zone = "Asia/Shanghai"

[[tier]]
id = "guest"
name = { zh = "会员", en = "Guest" }

[stored_value]
from = "100"
bonus = [{ from = "100", share = "0.1" }]
spends = "principal_first"

[earning]
per = "1"
bands = [{ points = "1" }]
not_paid_by = ["bonus"]

[expiry]
by = "months"
months = 12

[redemption]
cash = { step = 100, off = "1" }
"#;

/// A member with ¥100 of stored value, ¥10 more as a bonus, and 1,000 points.
async fn noodle_shop() -> (Shop, String, KeruyunTill) {
    let shop = Shop::open().await;
    shop.publish(PROGRAMME).await;
    let (member, _) = shop.member("Wang Xiaoming", "13800138000").await;
    shop.sell(&member, 1_000).await;
    shop.post("/top-ups", json!({"member": member, "till": "1", "check": "top-up", "amount": "100.00"}))
        .await;
    let till = KeruyunTill::at(&shop).await;
    (shop, member, till)
}

/// Stored value in fen, and points.
async fn assets(till: &KeruyunTill, member: &str) -> (i64, i64) {
    let told = till.done("member", json!({"queryType": "MEMBER_ID", "queryValue": member})).await;
    let of = |mapping: &str| {
        let all = told["balanceAssetList"].as_array().unwrap();
        all.iter().find(|it| it["assetMappingId"] == mapping).map_or(0, |it| it["balance"].as_i64().unwrap())
    };
    (of("am-stored"), of("am-points"))
}

#[tokio::test]
async fn a_day_in_keruyuns_shape() {
    let (_shop, member, till) = noodle_shop().await;
    let asked = json!({"queryType": "MOBILE", "queryValue": "13800138000", "assetMappingId": "am-stored"});
    let told = till.done("member", asked).await;
    assert_eq!(
        (&told["memberBasic"]["memberId"], &told["memberBasic"]["name"]),
        (&json!(member), &json!("Wang Xiaoming"))
    );
    let stored = &told["balanceAssetList"][0];
    let parts = [&stored["realBalance"], &stored["giftBalance"], &stored["availableBalance"]];
    assert_eq!(parts, [&json!(10_000), &json!(1_000), &json!(11_000)]);
    assert_eq!(told["balanceAssetList"].as_array().unwrap().len(), 1);

    stored_value(&till, &member).await;
    points(&till, &member).await;

    let (_, before) = assets(&till, &member).await;
    let order = |state: &str| json!({"kryTransOrderNo": "o1", "thirdMemberId": member, "state": state, "paidAmount": 4_250});
    for _ in 0..2 {
        assert_eq!(till.done("order", order("FINISHED")).await["points"], 42);
        assert_eq!(assets(&till, &member).await.1, before + 42);
    }
    for _ in 0..2 {
        till.done("order", order("REFUNDED")).await;
        assert_eq!(assets(&till, &member).await.1, before);
    }
}

async fn stored_value(till: &KeruyunTill, member: &str) {
    let (_, points) = assets(till, member).await;
    let paid = verification(member, "b1", "p1", ("am-stored", 3_000, 0));
    let done = till.done("verify", paid.clone()).await;
    assert_eq!(till.done("verify", paid).await, done, "the same bizId");
    let other = verification(member, "b2", "p1", ("am-stored", 3_000, 0));
    assert_eq!(till.done("verify", other).await, done, "another bizId, the same payment");
    assert_eq!(assets(till, member).await, (8_000, points + 30));
    assert_eq!(till.result(member, "p1", "VERIFY").await, (true, 3_000));
    assert_eq!(till.result(member, "p1", "REVERSE_VERIFY").await, (false, 0));
    assert_eq!(till.result(member, "p-never", "VERIFY").await, (false, 0));

    let back = reversal(member, "b3", "p1", "r1", 1_000);
    let done = till.done("reverse", back.clone()).await;
    assert_eq!(till.done("reverse", back).await, done);
    assert_eq!(assets(till, member).await, (9_000, points + 20));
    assert_eq!(till.result(member, "p1", "REVERSE_VERIFY").await, (true, 1_000));
    let (code, why) = till.call("reverse", reversal(member, "b4", "p1", "r2", 2_001)).await;
    assert!(code == 3_000 && why.as_str().unwrap().contains("[return_too_large]"), "{why}");
    till.done("reverse", reversal(member, "b5", "p1", "r3", 2_000)).await;
    assert_eq!(assets(till, member).await, (11_000, points));
}

async fn points(till: &KeruyunTill, member: &str) {
    let (stored, before) = assets(till, member).await;
    let paid = verification(member, "b10", "p10", ("am-points", 200, 200));
    till.done("verify", paid.clone()).await;
    till.done("verify", paid).await;
    // This scheme's points earn points.
    assert_eq!(assets(till, member).await, (stored, before - 200 + 2));
    till.done("reverse", reversal(member, "b11", "p10", "r10", 200)).await;
    assert_eq!(assets(till, member).await, (stored, before));
}

#[tokio::test]
async fn what_is_refused_has_the_vendors_code_and_moves_nothing() {
    let (_shop, member, mut till) = noodle_shop().await;
    let before = assets(&till, &member).await;
    let mut two = verification(&member, "b", "p", ("am-stored", 100, 0));
    let one = two["memberAssetsVerificationList"][0].clone();
    two["memberAssetsVerificationList"] = json!([one, one]);
    let mut elsewhere = verification(&member, "b", "p", ("am-stored", 100, 0));
    elsewhere["kryShopId"] = json!("another");
    let pays = |asset| verification(&member, "b", "p", asset);
    let cases: Vec<(&str, Value, &str)> = vec![
        ("member", json!({"queryType": "MOBILE", "queryValue": "10000000001"}), "no such member"),
        ("member", json!({"queryType": "MEMBER_ID", "queryValue": "mbr_7vvvvvvvvvvvu"}), "[unknown_member]"),
        ("member", json!({"queryType": "FACE", "queryValue": "x"}), "unknown variant"),
        ("verify", pays(("am-stored", 11_001, 0)), "[stored_value_short]"),
        ("verify", pays(("am-points", 5_000_000, 5_000_000)), "[insufficient_balance]"),
        ("verify", pays(("am-points", 150, 150)), "[redemption_not_in_steps]"),
        ("verify", pays(("am-points", 300, 200)), "pays for"),
        ("verify", pays(("am-gold", 100, 0)), "no such asset"),
        ("verify", pays(("am-stored", -1, 0)), "no amount"),
        ("verify", two, "one asset"),
        ("verify", elsewhere, "another shop"),
        ("reverse", reversal(&member, "b", "never", "r", 100), "nothing was paid"),
        (
            "order",
            json!({"kryTransOrderNo": "o/1", "thirdMemberId": member, "state": "FINISHED", "paidAmount": 1}),
            "letters",
        ),
    ];
    for (endpoint, body, words) in cases {
        let (code, why) = till.call(endpoint, body.clone()).await;
        assert!(code == 3_000 && why.as_str().unwrap().contains(words), "{endpoint} {body}: {code} {why}");
    }
    assert_eq!(assets(&till, &member).await, before);

    till.age_s = 301;
    let asked = json!({"queryType": "MEMBER_ID", "queryValue": member});
    let (code, why) = till.call("member", asked.clone()).await;
    assert!(code == 3_000 && why.as_str().unwrap().contains("timestamp"), "{why}");
    (till.age_s, till.token) = (0, "a guess".to_owned());
    let (code, why) = till.call("member", asked).await;
    assert!(code == 3_000 && why.as_str().unwrap().contains("signature"), "{why}");
}

#[tokio::test]
async fn what_is_not_answered_in_time_is_asked_after() {
    let (_shop, member, till) = noodle_shop().await;
    let (stored, _) = assets(&till, &member).await;
    let paid = verification(&member, "b1", "p1", ("am-stored", 3_000, 0));
    till.line.loses_answers(true);
    assert_eq!(till.call("verify", paid.clone()).await.0, 3_001);
    assert_eq!(till.result(&member, "p1", "VERIFY").await, (true, 3_000), "asked after, and it was done");
    assert_eq!(till.result(&member, "p2", "VERIFY").await, (false, 0));
    till.line.loses_answers(false);
    till.done("verify", paid).await;
    assert_eq!(assets(&till, &member).await.0, stored - 3_000);

    let back = reversal(&member, "b2", "p1", "r1", 3_000);
    till.line.loses_answers(true);
    assert_eq!(till.call("reverse", back.clone()).await.0, 3_001);
    assert_eq!(till.result(&member, "p1", "REVERSE_VERIFY").await, (true, 3_000));
    till.line.loses_answers(false);
    till.done("reverse", back).await;
    assert_eq!(assets(&till, &member).await.0, stored);
}
