use serde_json::{Value, json};

use crate::{
    shop::Shop,
    toast_till::{ToastTill, check, reversal, search, token},
};

#[tokio::test]
async fn a_day_in_toasts_shape() {
    let shop = Shop::open().await;
    let (member, card) = shop.member("Wang Xiaoming", "13800138000").await;
    shop.sell(&member, 1_000).await;
    let till = ToastTill::at(&shop).await;

    for criteria in
        [json!({"phone": "138-0013-8000"}), json!({"phone": "8000"}), json!({"firstName": "Wang"})]
    {
        let found = till.accepted("LOYALTY_SEARCH", "g-search", &search(&criteria)).await;
        assert_eq!(found["searchResponse"]["accounts"][0]["identifier"], member);
        assert_eq!(found["searchResponse"]["accounts"][0]["lastName"], "Wang Xiaoming");
    }
    let inquired = till.accepted("LOYALTY_INQUIRE", "g-inquire", &check(&card, "c1", 50.0, &[])).await;
    let response = &inquired["checkResponse"];
    assert_eq!(response["accountInfo"]["identifier"], member);
    assert_eq!(response["accountInfo"]["pointsBalance"], "1000");
    assert_eq!(response["userMessage"], "You will earn 50 points with this check.");
    let offer =
        |place: usize| (&response["offers"][place]["applicable"], &response["offers"][place]["amount"]);
    assert_eq!(offer(0), (&json!(true), &json!(1.0)));
    assert_eq!(offer(2), (&json!(false), &Value::Null));

    let redeem = check(&member, "c1", 49.0, &[100]);
    let redeemed = till.accepted("LOYALTY_REDEEM", "g1", &redeem).await;
    let echoed = &redeemed["checkResponse"]["redemptions"][0];
    assert_eq!(
        (&echoed["identifier"], &echoed["appliedDiscountGuid"]),
        (&json!("points-100"), &json!("discount-100"))
    );
    assert_eq!(
        till.accepted("LOYALTY_REDEEM", "g1", &redeem).await,
        redeemed,
        "asked again with the same id"
    );
    assert_eq!(shop.points(&member).await, (900, 100));

    let accrued = till.accepted("LOYALTY_ACCRUE", "g2", &redeem).await;
    let text = "You have earned 50 points and redeemed 100; you have 950 now.";
    assert_eq!(accrued["checkResponse"]["userMessage"], text);
    for id in ["g2", "g3", "g4"] {
        assert_eq!(till.accepted("LOYALTY_ACCRUE", id, &redeem).await, accrued, "again, also with other ids");
    }
    assert_eq!(shop.points(&member).await, (950, 0));
    let other = check(&member, "c1", 99.0, &[100]);
    assert_eq!(till.refused("LOYALTY_ACCRUE", "g5", &other).await, (400, "ERROR".to_owned()));

    reversed(&shop, &till, &member).await;
    // The check is closed once more, by another amount.
    let again = check(&member, "c1", 20.0, &[]);
    let closed = till.accepted("LOYALTY_ACCRUE", "g6", &again).await;
    assert_eq!(till.accepted("LOYALTY_ACCRUE", "g7", &again).await, closed);
    assert_eq!(shop.points(&member).await, (1_020, 0));
    // What was taken back is only told again.
    assert_eq!(till.accepted("LOYALTY_ACCRUE", "g2", &redeem).await, accrued);
    assert_eq!(shop.points(&member).await, (1_020, 0));
}

/// Undoes the first check, as often as a till may ask for it.
async fn reversed(shop: &Shop, till: &ToastTill, member: &str) {
    let early = till.refused("LOYALTY_REVERSE", "r1", &reversal(member, "g1")).await;
    assert_eq!(early, (400, "ERROR_TRANSACTION_CANNOT_BE_REVERSED".to_owned()));
    // Under its own id, and by the id of each repetition.
    for (id, of) in [("r2", "g2"), ("r2", "g2"), ("r3", "g3"), ("r4", "g2")] {
        till.accepted("LOYALTY_REVERSE", id, &reversal(member, of)).await;
        assert_eq!(shop.points(member).await, (1_000, 0));
    }
    till.accepted("LOYALTY_REVERSE", "r1", &reversal(member, "g1")).await;
    assert_eq!(shop.points(member).await, (1_000, 0));
}

#[tokio::test]
async fn offers_are_let_go_and_taken_again() {
    let shop = Shop::open().await;
    let (member, _) = shop.member("Wang Xiaoming", "13800138000").await;
    shop.sell(&member, 1_000).await;
    let till = ToastTill::at(&shop).await;

    let both = check(&member, "c1", 47.0, &[100, 200]);
    till.accepted("LOYALTY_REDEEM", "g1", &both).await;
    assert_eq!(shop.points(&member).await, (700, 300));
    let second = till.accepted("LOYALTY_REDEEM", "g2", &check(&member, "c1", 49.0, &[100])).await;
    assert!(second["checkResponse"]["rejectedRedemptions"][0]["message"].is_string(), "one at a time");
    let mut part = reversal(&member, "g1");
    part["reverseTransactionInformation"]["redemptions"] = json!([{"identifier": "points-100"}]);
    let refused = till.refused("LOYALTY_REVERSE", "r0", &part).await;
    assert_eq!(refused, (400, "ERROR_TRANSACTION_CANNOT_BE_REVERSED".to_owned()));
    for _ in 0..2 {
        till.accepted("LOYALTY_REVERSE", "r1", &reversal(&member, "g1")).await;
        assert_eq!(shop.points(&member).await, (1_000, 0));
    }
    till.accepted("LOYALTY_REDEEM", "g2", &check(&member, "c1", 49.0, &[100])).await;
    till.accepted("LOYALTY_ACCRUE", "g3", &check(&member, "c1", 49.0, &[100])).await;
    assert_eq!(shop.points(&member).await, (950, 0));
}

#[tokio::test]
async fn what_cannot_be_redeemed_is_rejected_and_moves_nothing() {
    let shop = Shop::open().await;
    let (member, _) = shop.member("Wang Xiaoming", "13800138000").await;
    shop.sell(&member, 150).await;
    let till = ToastTill::at(&shop).await;
    let mut changed = check(&member, "c1", 49.0, &[100]);
    changed["checkTransactionInformation"]["redemptions"][0]["amount"] = json!(7.5);
    let mut unknown = check(&member, "c1", 49.0, &[100]);
    unknown["checkTransactionInformation"]["redemptions"][0]["identifier"] = json!("free-lunch");
    for (body, words) in [
        (check(&member, "c1", 48.0, &[200]), "insufficient"),
        (changed, "1.00"),
        (unknown, "offer"),
        (check(&member, "c1", 48.0, &[100, 100]), ""),
    ] {
        for kind in ["LOYALTY_INQUIRE", "LOYALTY_REDEEM"] {
            let answer = till.accepted(kind, "g1", &body).await;
            let rejected = &answer["checkResponse"]["rejectedRedemptions"][0];
            let message = rejected["message"].as_str().unwrap();
            assert!(!message.is_empty() && (words == "insufficient" || message.contains(words)), "{message}");
            assert_eq!(
                rejected["redemption"]["appliedDiscountGuid"].as_str().map(|it| &it[..9]),
                Some("discount-")
            );
        }
    }
    assert_eq!(shop.points(&member).await, (150, 0));
}

#[tokio::test]
async fn every_fault_has_the_vendors_name() {
    let shop = Shop::open().await;
    let (member, _) = shop.member("Wang Xiaoming", "13800138000").await;
    let (other, _) = shop.member("Li Lei", "13900139000").await;
    let mut till = ToastTill::at(&shop).await;
    till.accepted("LOYALTY_ACCRUE", "g1", &check(&member, "c1", 10.0, &[])).await;
    let stranger = "mbr_7vvvvvvvvvvvu";
    let mut lies = search(&json!({"phone": "13800138000"}));
    lies["toastTransactionType"] = json!("LOYALTY_REDEEM");
    let odd = |amount: Value| {
        let mut body = check(&member, "c2", 1.0, &[]);
        body["checkTransactionInformation"]["check"]["amount"] = amount;
        body
    };
    let invalid = "ERROR_INVALID_INPUT_PROPERTIES";
    for (kind, id, body, status, name) in [
        ("LOYALTY_SEARCH", "g", search(&json!({"phone": "10000000001"})), 404, "ERROR_ACCOUNT_INVALID"),
        ("LOYALTY_INQUIRE", "g", check(stranger, "c2", 1.0, &[]), 404, "ERROR_ACCOUNT_INVALID"),
        ("LOYALTY_ACCRUE", "g", check("../status", "c2", 1.0, &[]), 404, "ERROR_ACCOUNT_INVALID"),
        ("LOYALTY_REVERSE", "g", reversal(&member, "never"), 400, "ERROR_TRANSACTION_DOES_NOT_EXIST"),
        ("LOYALTY_REVERSE", "g", reversal(&other, "g1"), 400, "ERROR_ACCOUNT_INVALID"),
        ("LOYALTY_ACCRUE", "g1", check(&other, "c1", 10.0, &[]), 400, "ERROR_ACCOUNT_INVALID"),
        ("LOYALTY_TRANSFER", "g", json!({}), 400, "ERROR_INVALID_TOAST_TRANSACTION_TYPE"),
        ("LOYALTY_SEARCH", "g", search(&json!({})), 400, invalid),
        ("LOYALTY_SEARCH", "g", lies, 400, invalid),
        ("LOYALTY_REDEEM", "g", search(&json!({"phone": "1"})), 400, invalid),
        ("LOYALTY_ACCRUE", "g", odd(json!(-1)), 400, invalid),
        ("LOYALTY_ACCRUE", "g", odd(json!(1.005)), 400, invalid),
        ("LOYALTY_ACCRUE", "g", odd(json!("1.00")), 400, invalid),
        ("LOYALTY_ACCRUE", "no id", check(&member, "c2", 1.0, &[]), 400, invalid),
        ("LOYALTY_ACCRUE", "g", check(&member, "c/2", 1.0, &[]), 400, invalid),
    ] {
        assert_eq!(till.refused(kind, id, &body).await, (status, name.to_owned()), "{kind} {body}");
    }
    till.restaurant = "another".to_owned();
    let found = search(&json!({"phone": "13800138000"}));
    assert_eq!(till.refused("LOYALTY_SEARCH", "g", &found).await.1, "ERROR_INVALID_RESTAURANT");
    let unsigned = token(3_600).rsplit_once('.').unwrap().0.to_owned();
    for token in [token(-3_600), unsigned + ".", String::new()] {
        till.token = token;
        assert_eq!(
            till.refused("LOYALTY_SEARCH", "g", &found).await,
            (400, "ERROR_INVALID_TOKEN".to_owned())
        );
    }
    assert_eq!(shop.points(&member).await, (10, 0));
}

#[tokio::test]
async fn lost_answers_are_asked_for_again_by_toasts_rules() {
    let shop = Shop::open().await;
    let (member, _) = shop.member("Wang Xiaoming", "13800138000").await;
    shop.sell(&member, 1_000).await;
    let till = ToastTill::at(&shop).await;
    let body = check(&member, "c1", 49.0, &[100]);
    let failed = (500, "ERROR".to_owned());

    till.line.loses_answers(true);
    assert_eq!(till.refused("LOYALTY_REDEEM", "g1", &body).await, failed);
    till.line.loses_answers(false);
    till.accepted("LOYALTY_REDEEM", "g1", &body).await;
    assert_eq!(shop.points(&member).await, (900, 100));

    // The redemption is asked for once more on the way, and that answer gets lost already.
    till.line.loses_answers(true);
    assert_eq!(till.refused("LOYALTY_ACCRUE", "g2", &body).await, failed);
    till.line.loses_answers(false);
    // Another life of the adapter, another id of the transaction.
    let till = ToastTill::at(&shop).await;
    till.accepted("LOYALTY_ACCRUE", "g3", &body).await;
    assert_eq!(shop.points(&member).await, (950, 0));

    let plain = check(&member, "c2", 30.0, &[]);
    till.line.loses_answers(true);
    assert_eq!(till.refused("LOYALTY_ACCRUE", "g4", &plain).await, failed);
    assert_eq!(shop.points(&member).await, (980, 0), "done, and nobody was told");
    till.line.loses_answers(false);
    till.accepted("LOYALTY_ACCRUE", "g5", &plain).await;
    assert_eq!(shop.points(&member).await, (980, 0));

    till.line.loses_answers(true);
    assert_eq!(till.refused("LOYALTY_REVERSE", "r1", &reversal(&member, "g4")).await, failed);
    till.line.loses_answers(false);
    let till = ToastTill::at(&shop).await;
    till.accepted("LOYALTY_REVERSE", "r1", &reversal(&member, "g4")).await;
    till.accepted("LOYALTY_REVERSE", "r2", &reversal(&member, "g5")).await;
    assert_eq!(shop.points(&member).await, (950, 0));
}
