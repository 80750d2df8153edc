//! Top-ups, passes, rewards and returns at the counter.

use crate::shop::{Browser, Shop};

async fn registered(cashier: &Browser<'_>, name: &str) -> String {
    let key = cashier.get("/counter/register").await.value_of("key");
    let shown = cashier.send("/counter/register", &[("key", &key), ("card", "on"), ("name", name)]).await;
    shown.location.split("member=").nth(1).unwrap().to_owned()
}

/// Sells goods of ¥900, which earn 90 points, under a receipt's number.
async fn sold(cashier: &Browser<'_>, member: &str, check: &str) {
    let fields = [
        ("member", member),
        ("check", check),
        ("line_name", "明前龙井 100g"),
        ("line_category", "tea"),
        ("line_flag", "gift-box"),
        ("line_quantity", "3"),
        ("line_price", "300"),
        ("shown", "900.00"),
        ("do", "pay"),
    ];
    let paid = cashier.send("/counter", &fields).await;
    assert_eq!(paid.status, 303, "{}", paid.text);
}

#[tokio::test]
async fn stored_value_a_pass_and_a_reward() {
    let (shop, _hub) = Shop::tea_house().await;
    let cashier = shop.browser("li", "cashier").await;
    let member = registered(&cashier, "王小明").await;
    let page = cashier.get(&format!("/counter/deal?member={member}")).await;
    assert!(
        page.says("¥2000.00 brings ¥200.00 more") && page.says("Ten seats · 10 uses · ¥580.00"),
        "{}",
        page.text
    );
    assert!(!page.says("name=\"approved\""), "a cashier approves nothing");

    let deal = |fields: Vec<(&'static str, &'static str)>, key: &'static str| {
        let fields = [vec![("key", key)], fields].concat();
        let member = member.clone();
        let cashier = &cashier;
        async move {
            let fields = [&[("member", member.as_str())], fields.as_slice()].concat();
            cashier.send("/counter/deal", &fields).await
        }
    };
    let little = deal(vec![("do", "top_up"), ("amount", "100")], "t0").await;
    assert!(little.says("Less than is taken at once"), "{}", little.text);
    // A cashier who says that the manager has approved gets what needs no approval.
    let paid_in = deal(vec![("do", "top_up"), ("amount", "5,000"), ("approved", "on")], "t1").await;
    assert_eq!(paid_in.status, 303, "{}", paid_in.text);
    let again = deal(vec![("do", "top_up"), ("amount", "5,000"), ("approved", "on")], "t1").await;
    assert_eq!(again.location, paid_in.location, "sent twice, paid in once");
    let receipt = cashier.get(&paid_in.location).await;
    assert!(receipt.says("5000.00") && receipt.says("500.00"), "{}", receipt.text);
    assert!(cashier.get(&format!("/counter?member={member}")).await.says("¥5500.00"));

    let pass = deal(vec![("do", "pass"), ("pass", "ten-seats")], "p1").await;
    assert_eq!(pass.status, 303, "{}", pass.text);
    assert!(cashier.get(&format!("/counter?member={member}")).await.says("× 10"));

    sold(&cashier, &member, "s1").await;
    let none = deal(vec![("do", "reward"), ("reward", "tea-tin")], "r0").await;
    assert!(none.says("There are none left here"), "nobody has delivered any: {}", none.text);
    assert!(none.says("0 left") && none.says("value=\"tea-tin\" required disabled"), "{}", none.text);
    let delivered = [("member", member.as_str()), ("reward", "tea-tin"), ("pieces", "５"), ("key", "d1")];
    assert_eq!(cashier.send("/counter/stock", &delivered).await.status, 403);
    let manager = shop.browser("zhao", "manager").await;
    for _ in 0..2 {
        assert_eq!(manager.send("/counter/stock", &delivered).await.status, 303);
    }
    let page = cashier.get(&format!("/counter/deal?member={member}")).await;
    assert!(page.says("5 left") && !page.says("Rewards delivered"), "{}", page.text);
    let reward = deal(vec![("do", "reward"), ("reward", "tea-tin")], "r1").await;
    assert_eq!(reward.status, 303, "{}", reward.text);
    assert!(cashier.get(&format!("/counter?member={member}")).await.says("<strong>30</strong>"));
    let unknown = deal(vec![("do", "reward"), ("reward", "<script>")], "r2").await;
    assert!(unknown.says("Choose one first") && !unknown.says("<script>"), "{}", unknown.text);

    let manager = shop.browser("wu", "manager").await;
    let page = manager.get(&format!("/counter/deal?member={member}")).await;
    assert!(page.says("name=\"approved\""), "{}", page.text);
}

#[tokio::test]
async fn goods_come_back_by_their_receipt_and_only_once() {
    let (shop, _hub) = Shop::tea_house().await;
    let cashier = shop.browser("li", "cashier").await;
    let member = registered(&cashier, "王小明").await;
    sold(&cashier, &member, "s1").await;
    assert!(cashier.get("/counter/return?till=counter&check=s9").await.says("no such receipt"));
    let purchases = cashier.get(&format!("/counter/return?member={member}")).await;
    let sale =
        purchases.text.split("/counter/return?sale=").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let page = cashier.get("/counter/return?till=counter&check=s1").await;
    assert!(page.says(&sale) && page.says("明前龙井 100g") && page.says("goods of ¥900.00"), "{}", page.text);

    let take = async |pieces: &str, key: &str, shown: &str| {
        let fields = [("sale", sale.as_str()), ("key", key), ("pieces", pieces), ("shown", shown)];
        cashier.send("/counter/return", &fields).await
    };
    let back = async |pieces: &str, key: &str| {
        let told = take(pieces, key, "").await;
        if told.status == 200 && !told.says("role=\"alert\"") {
            take(pieces, key, &told.value_of("shown")).await
        } else {
            told
        }
    };
    assert!(back("0", "b0").await.says("Say what comes back"));
    assert!(back("x", "b0").await.says("Say what comes back"));
    // What comes back is shown first: 300 of 900 in money, 30 of the 90 points taken.
    let told = take("1", "b1", "").await;
    assert!(told.status == 200 && told.says("Money to give back") && told.says("¥300.00"), "{}", told.text);
    assert!(told.says("<dd class=\"figure\">-30</dd>") && told.says("value=\"1\""), "{}", told.text);
    assert_eq!(take("1", "b1", "30000 0 0 0 29").await.status, 200, "something else was shown");
    let one = back("1", "b1").await;
    assert_eq!(
        (one.status, take("1", "b1", &told.value_of("shown")).await.location),
        (303, one.location.clone())
    );
    assert!(cashier.get(&one.location).await.says("300.00"));
    assert!(cashier.get(&format!("/counter?member={member}")).await.says("<strong>60</strong>"));
    let more = back("3", "b2").await;
    assert!(more.status == 200 && more.says("role=\"alert\""), "{}", more.text);
    assert_eq!(back("2", "b3").await.status, 303);
    assert!(cashier.get(&format!("/counter/return?sale={sale}")).await.says("goods of ¥0.00"));
    // The code on the receipt opens it, whatever was typed for a till.
    let receipt = cashier.get("/counter/receipt?till=counter&check=s1").await;
    assert_eq!(crate::scanner::scan(&receipt.text), std::slice::from_ref(&sale));
    let by_code = cashier.get(&format!("/counter/return?till=9&check={sale}")).await;
    assert!(by_code.says("明前龙井 100g") && by_code.says("goods of ¥0.00"), "{}", by_code.text);
    assert!(by_code.says("<td class=\"figure\">3</td>"), "three came back before");
    let manager = shop.browser("wu", "manager").await;
    let exceptions = manager.get("/office/exceptions").await;
    assert!(exceptions.says("Goods back") && exceptions.says("<td>li 李</td>"), "{}", exceptions.text);
}
