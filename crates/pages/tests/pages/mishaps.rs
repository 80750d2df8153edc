//! What goes wrong at a counter every day: mistypings, cards in the wrong field, what does not fit, what is not here.

use serde_json::json;

use crate::shop::{Browser, Shop, Shown};

const SEAT: [(&str, &str); 5] = [
    ("line_name", "茶位"),
    ("line_category", "seat"),
    ("line_flag", ""),
    ("line_quantity", "2"),
    ("line_price", "58"),
];

async fn priced(cashier: &Browser<'_>, member: &str, more: &[(&str, &str)]) -> Shown {
    let fields = [&[("member", member), ("check", "m1")], &SEAT[..], more].concat();
    cashier.send("/counter", &fields).await
}

/// A tea house with a member, and the number of the member's card.
async fn served() -> (Shop, Shop, String, String) {
    let (shop, hub) = Shop::tea_house().await;
    let profile = json!({"profile": {"name": "王小明", "phone": "13800138000"}, "card": true});
    let member = shop.post("/members", profile).await.1;
    let text = |name: &str| member[name].as_str().unwrap().to_owned();
    let (member, card) = (text("member"), text("card"));
    let top_up = json!({"member": member, "till": "1", "check": "t", "amount": "1000"});
    assert_eq!(shop.post("/top-ups", top_up).await.0, 201);
    (shop, hub, member, card)
}

#[tokio::test]
async fn what_is_mistyped_leaves_the_rest() {
    let (shop, _hub, member, card) = served().await;
    let cashier = shop.browser("li", "cashier").await;
    let sale = json!({"member": member, "till": "1", "check": "s", "gross": "1000.00"});
    assert_eq!(shop.post("/checkouts", sale).await.0, 201);
    let mistyped = [("stored_value", "16"), ("points", "5o"), ("do", "quote")];
    let page = priced(&cashier, &member, &mistyped).await;
    assert!(
        page.says("value=\"5o\"") && page.says("value=\"16.00\"") || page.says("value=\"16\""),
        "{}",
        page.text
    );
    assert!(page.says("¥100.00") && page.says("role=\"alert\""), "116 less 16: {}", page.text);
    // A page that is shown anew keeps what stands typed.
    let page = priced(&cashier, &member, &[("do", "keep"), ("new_name", "明前")]).await;
    assert!(page.says("value=\"明前\"") && !page.says("role=\"alert\""), "{}", page.text);
    let page = priced(&cashier, &member, &[("do", "clear")]).await;
    assert!(!page.says("茶位") && page.says("王小明"), "{}", page.text);
    assert_ne!(page.value_of("check"), "m1");
    // A card is no article, and phones are typed by every keyboard.
    let found = priced(&cashier, "", &[("do", "add"), ("new_name", &card)]).await;
    assert!(
        found.says("138****8000") && found.says("茶位") && !found.says("role=\"alert\""),
        "{}",
        found.text
    );
    for text in ["１３８００１３８０００", "８０００"] {
        let found = cashier.get(&format!("/counter?find={text}")).await;
        assert_eq!(found.location, format!("/counter?member={member}"), "{text}");
    }
    let state = json!({"state": "lost"});
    let path = format!("{}/v1/cards/{card}", shop.base);
    let changed =
        shop.client.patch(path).bearer_auth(shop.token()).header("Idempotency-Key", "c").json(&state);
    assert_eq!(changed.send().await.unwrap().status(), 200);
    let lost = priced(&cashier, "", &[("do", "add"), ("new_name", &card)]).await;
    assert!(lost.says("lost") && !lost.says("Nobody found"), "{}", lost.text);
}

#[tokio::test]
async fn what_does_not_fit_is_told_with_the_price_without_it() {
    let (shop, _hub, member, _) = served().await;
    let cashier = shop.browser("li", "cashier").await;
    let coupon = json!({"member": member, "coupon": "welcome", "pieces": 1, "reason": "a test", "by": "li"});
    let (status, answer) = shop.post("/grants", coupon).await;
    assert_eq!(status, 201, "{answer}");
    let small =
        [("line_name", "绿豆糕"), ("line_category", "snack"), ("line_flag", ""), ("line_quantity", "1")];
    let small = [&small[..], &[("line_price", "40"), ("member", &member), ("coupon", "welcome")]].concat();
    let page = cashier.send("/counter", &[&small[..], &[("do", "quote")]].concat()).await;
    assert!(page.says("Welcome coupon: ¥60.00 short of it"), "{}", page.text);
    assert!(page.says("<dd>¥40.00</dd>") && page.says("To pay without them"), "{}", page.text);
    let fits = priced(&cashier, &member, &[("coupon", "welcome"), ("do", "quote")]).await;
    assert!(fits.says("<dd>¥96.00</dd>") && !fits.says("role=\"alert\""), "{}", fits.text);
    // A pass pays as often as is typed.
    let pass = [("member", member.as_str()), ("do", "pass"), ("pass", "ten-seats"), ("key", "p1")];
    assert_eq!(cashier.send("/counter/deal", &pass).await.status, 303);
    let two = [("pass_id", "ten-seats"), ("pass_pieces", "２"), ("do", "quote")];
    let page = priced(&cashier, &member, &two).await;
    assert!(page.says("<dd>¥0.00</dd>") && page.says("Ten seats (10 there)"), "{}", page.text);
    let many = [("pass_id", "ten-seats"), ("pass_pieces", "3"), ("do", "quote")];
    let page = priced(&cashier, &member, &many).await;
    assert!(page.says("role=\"alert\"") && page.says("To pay without them"), "{}", page.text);
    assert!(page.says("<dd>¥116.00</dd>") && !page.says("name=\"shown\""), "{}", page.text);
    let pay = page.text.split("data-pay").next().unwrap().rsplit("<button").next().unwrap().to_owned();
    assert!(pay.contains("disabled"), "{pay}");
}

#[tokio::test]
async fn what_is_elsewhere_is_on_request_while_the_line_is_up() {
    let (shop, hub, member, _) = served().await;
    let cashier = shop.browser("li", "cashier").await;
    let sale = json!({"member": member, "till": "1", "check": "s", "gross": "1000.00"});
    assert_eq!(hub.post("/checkouts", sale).await.0, 201);
    shop.until(&format!("/members/{member}/balances"), |it| it["points"]["balance"] == 100).await;
    let page = priced(&cashier, &member, &[("points", "100"), ("do", "quote")]).await;
    assert!(
        page.says("the rest at once over the line") && page.says("option value=\"100\""),
        "{}",
        page.text
    );
    assert!(!page.says("will be refused"), "{}", page.text);
    shop.node.set_line(false);
    shop.until("/status", |status| status["on_line"] == false).await;
    let page = priced(&cashier, &member, &[("points", "100"), ("do", "quote")]).await;
    assert!(page.says("off line: only 0 here") && page.says("only 0 can be used here now"), "{}", page.text);
    assert!(!page.says("option value=\"100\""), "{}", page.text);
    let paid = priced(&cashier, &member, &[("points", "100"), ("shown", "66.00"), ("do", "pay")]).await;
    assert!(paid.says("none of it can be had here now (this store is off line"), "{}", paid.text);
}
