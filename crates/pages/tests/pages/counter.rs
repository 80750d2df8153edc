use serde_json::json;

use crate::shop::{Browser, Shop, Shown};

async fn registered(cashier: &Browser<'_>, fields: &[(&str, &str)]) -> String {
    let form = cashier.get("/counter/register").await;
    let key = form.value_of("key");
    let fields = [&[("key", key.as_str()), ("card", "on")], fields].concat();
    let shown = cashier.send("/counter/register", &fields).await;
    assert_eq!(shown.status, 303, "{}", shown.text);
    let again = cashier.send("/counter/register", &fields).await;
    assert_eq!(again.location, shown.location, "sent twice, somebody is registered once");
    shown.location.split("member=").nth(1).unwrap().to_owned()
}

const TEA: [(&str, &str); 5] = [
    ("line_name", "龙井茶"),
    ("line_category", ""),
    ("line_flag", ""),
    ("line_quantity", "2"),
    ("line_price", "150.00"),
];

async fn pays(cashier: &Browser<'_>, member: &str, check: &str, more: &[(&str, &str)]) -> Shown {
    let fields = [&[("member", member), ("check", check)], &TEA[..], more].concat();
    cashier.send("/counter", &fields).await
}

#[tokio::test]
async fn a_customer_is_found_served_and_given_a_receipt() {
    let shop = Shop::open().await;
    let cashier = shop.browser("li", "cashier").await;
    let member = registered(&cashier, &[("name", "王小明"), ("phone", "13800138000")]).await;
    for text in ["wxm", "王小", "8000", "13800138000", "138 0013 8000", "W"] {
        let found = cashier.get(&format!("/counter?find={text}")).await;
        assert_eq!(found.location, format!("/counter?member={member}"), "{text}");
    }
    assert!(cashier.get("/counter?find=0000").await.says("Nobody found"));
    // Whoever has scanned goods already keeps them.
    let scanned = [&TEA[..], &[("do", "find"), ("find", "wxm")]].concat();
    let scanned = cashier.send("/counter", &scanned).await;
    assert!(
        scanned.says("王小明") && scanned.says("300.00") && scanned.says("Earns 300 points"),
        "{}",
        scanned.text
    );
    assert!(!scanned.says("Nobody found"), "{}", scanned.text);
    registered(&cashier, &[("name", "王晓敏")]).await;
    let two = cashier.send("/counter", &[&TEA[..], &[("do", "find"), ("find", "wxm")]].concat()).await;
    assert!(two.says("王小明") && two.says("王晓敏") && two.says("300.00"), "{}", two.text);
    let chosen = cashier.send("/counter", &[&TEA[..], &[("choose", member.as_str())]].concat()).await;
    assert!(chosen.says("138****8000") && chosen.says("300.00"), "{}", chosen.text);
    let page = cashier.get(&format!("/counter?member={member}")).await;
    assert!(page.says("王小明") && page.says("138****8000") && !page.says("13800138000"), "{}", page.text);
    let check = page.value_of("check");

    // Scanned, with its price.
    let added = [
        ("member", member.as_str()),
        ("check", &check),
        ("do", "add"),
        ("new_name", "龙井茶"),
        ("new_price", "150"),
        ("new_quantity", "2"),
    ];
    let added = cashier.send("/counter", &added).await;
    assert!(added.says("龙井茶") && added.says("300.00") && added.says("Earns 300 points"), "{}", added.text);
    let paid = pays(&cashier, &member, &check, &[("shown", "300.00"), ("do", "pay")]).await;
    assert_eq!(paid.location, format!("/counter/receipt?till=counter&check={check}"));
    // The button was hit twice.
    let again = pays(&cashier, &member, &check, &[("shown", "300.00"), ("do", "pay")]).await;
    assert_eq!(again.location, paid.location);
    let receipt = cashier.get(&paid.location).await;
    assert!(
        receipt.says("Points earned") && receipt.says("300.00") && receipt.says("Spring Road 泉城路"),
        "{}",
        receipt.text
    );
    assert!(cashier.get(&format!("/counter?member={member}")).await.says("<strong>300</strong>"));

    // Points pay, in steps.
    let wrong = pays(&cashier, &member, "next1", &[("points", "150"), ("do", "pay")]).await;
    assert!(
        wrong.status == 200 && wrong.says("Points go in whole steps") && wrong.says("龙井茶"),
        "{}",
        wrong.text
    );
    let too_many = [("points", "400"), ("shown", "296.00"), ("do", "pay")];
    let too_many = pays(&cashier, &member, "next1", &too_many).await;
    assert!(too_many.says("400 wanted, the member has 300"), "{}", too_many.text);
    let quoted = pays(&cashier, &member, "next1", &[("points", "200"), ("do", "quote")]).await;
    assert!(quoted.says("¥298.00"), "{}", quoted.text);
    // What was not shown is not paid.
    let unseen =
        pays(&cashier, &member, "next1", &[("points", "200"), ("shown", "300.00"), ("do", "pay")]).await;
    assert!(unseen.status == 200 && unseen.says("To pay is ¥298.00 now"), "{}", unseen.text);
    let seen = [("points", "200"), ("shown", "298.00"), ("do", "pay")];
    assert_eq!(pays(&cashier, &member, "next1", &seen).await.status, 303);

    let manager = shop.browser("wu", "manager").await;
    let audit = manager.get("/office/audit").await;
    assert!(
        audit.says("closed a sale") && audit.says("registered a member") && audit.says(">li 李</a>"),
        "{}",
        audit.text
    );
}

#[tokio::test]
async fn both_languages_say_the_same() {
    let shop = Shop::open().await;
    let mut cashier = shop.browser("li", "cashier").await;
    let member = registered(&cashier, &[("name", "Wang Xiaoming")]).await;
    assert!(cashier.get("/counter").await.says("Find a member"));
    cashier.language = "zh-CN";
    let page = cashier.get("/counter").await;
    assert!(
        page.says("查找会员") && page.says("lang=\"zh-CN\"") && !page.says("Find a member"),
        "{}",
        page.text
    );
    let wrong = pays(&cashier, &member, "z1", &[("points", "150"), ("do", "pay")]).await;
    assert!(wrong.says("积分须按整数倍使用"), "{}", wrong.text);
    cashier.cookie += "; lang=en";
    assert!(cashier.get("/counter").await.says("Find a member"), "chosen by hand");
    let chosen = cashier.get("/language?to=zh").await;
    assert_eq!((chosen.status, chosen.location.as_str()), (303, "/"));
}

#[tokio::test]
async fn a_scheme_shows_what_it_has() {
    let shop = Shop::open().await;
    let cashier = shop.browser("li", "cashier").await;
    let member = registered(&cashier, &[("name", "Wang"), ("birth_date", "1990-03-08")]).await;
    // The basic programme has no stored value, and says nothing of it.
    let page = pays(&cashier, &member, "s1", &[("do", "quote")]).await;
    assert!(!page.says("Stored value") && page.says("Take payment"), "{}", page.text);
    let (status, _) =
        shop.post("/top-ups", json!({"member": member, "till": "1", "check": "t", "amount": "5"})).await;
    assert_eq!(status, 422);
    let value = pays(&cashier, &member, "s1", &[("stored_value", "10"), ("do", "quote")]).await;
    assert!(value.says("role=\"alert\""), "{}", value.text);
}

#[tokio::test]
async fn a_card_that_is_not_in_use_is_not_served() {
    let shop = Shop::open().await;
    let cashier = shop.browser("li", "cashier").await;
    let member = registered(&cashier, &[("name", "Wang")]).await;
    let card = cashier.get(&format!("/office/member?member={member}")).await.value_of("card");
    assert!(cashier.get(&format!("/counter?find={card}")).await.location.ends_with(&member));
    let lost = [("member", member.as_str()), ("card", &card), ("do", "lost"), ("key", "l1")];
    assert_eq!(cashier.send("/office/member", &lost).await.status, 303);
    let scanned = cashier.get(&format!("/counter?find={card}")).await;
    assert!(scanned.status == 200 && scanned.says("This card is not in use"), "{}", scanned.text);
    assert!(cashier.get(&format!("/counter?member={member}")).await.says(">lost<"));
}

#[tokio::test]
async fn what_stands_typed_is_paid_for() {
    let shop = Shop::open().await;
    let cashier = shop.browser("li", "cashier").await;
    let member = registered(&cashier, &[("name", "Wang")]).await;
    let typed = [("shown", "300.00"), ("new_name", "second"), ("new_price", "９９"), ("do", "pay")];
    let page = pays(&cashier, &member, "t1", &typed).await;
    assert!(page.status == 200 && page.says("¥399.00"), "{}", page.text);
}
