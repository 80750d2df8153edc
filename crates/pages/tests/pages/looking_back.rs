//! What a manager looks at afterwards: the audit trail, exceptions, figures, the line.

use serde_json::json;

use crate::{
    office::registered,
    shop::{Browser, Shop},
};

/// Sells so many pieces at so much, by a receipt of that number.
async fn sold(cashier: &Browser<'_>, member: &str, check: &str, (pieces, price): (&str, &str)) {
    let fields = [
        ("member", member),
        ("check", check),
        ("line_name", "茶"),
        ("line_category", ""),
        ("line_flag", ""),
        ("line_quantity", pieces),
        ("line_price", price),
        ("do", "pay"),
    ];
    let page = cashier.send("/counter", &fields).await;
    // The price is confirmed once it has been shown.
    let shown = page.value_of("shown");
    let done = cashier.send("/counter", &[&fields[..], &[("shown", shown.as_str())]].concat()).await;
    assert_eq!(done.status, 303, "{}", done.text);
}

async fn brought_back(cashier: &Browser<'_>, check: &str, key: &str) {
    let page = cashier.get(&format!("/counter/return?till=counter&check={check}")).await;
    let sale = page.value_of("sale");
    let fields = [("sale", sale.as_str()), ("key", key), ("pieces", "1")];
    // What comes back is confirmed once it has been shown.
    let shown = cashier.send("/counter/return", &fields).await.value_of("shown");
    let back = cashier.send("/counter/return", &[&fields[..], &[("shown", shown.as_str())]].concat()).await;
    assert_eq!(back.status, 303, "{}", back.text);
}

#[tokio::test]
async fn the_audit_trail_says_what_was_acted_on_and_who_that_was() {
    let shop = Shop::open().await;
    let cashier = shop.browser("li", "cashier").await;
    let manager = shop.browser("wu", "manager").await;
    let member = registered(&cashier, &[("name", "王小明")]).await;
    sold(&cashier, &member, "s1", ("3", "400")).await;
    let fields = [("member", member.as_str()), ("do", "save"), ("key", "1"), ("phone", "13800138000")];
    cashier.send("/office/member", &fields).await;
    let page = manager.get("/office/audit").await;
    let named = format!("<a href=\"/office/member?member={member}\">王小明</a>");
    let receipt = "<a href=\"/counter/receipt?till=counter&amp;check=s1\">receipt counter · s1</a>";
    assert!(page.says(&format!("closed a sale · {named} · {receipt} · ¥1,200.00")), "{}", page.text);
    assert!(page.says(&format!("changed a member · {named} · Phone")), "{}", page.text);
    assert!(page.says(">li 李</a> <span class=\"soft mono\">li</span>"), "{}", page.text);
    // Who may not know members sees whom it was by number alone.
    let told = shop.post("/staff", json!({"name": "x", "person": "x", "role": "auditor"})).await;
    assert_eq!(told.0, 422, "auditors are the city's");
    let of_wu = manager.get("/office/audit?by=wu").await;
    assert!(!of_wu.says("closed a sale") && of_wu.says("signed in"), "{}", of_wu.text);
    assert!(manager.get("/office/audit?day=2001-01-01").await.says("Nothing was done"));
    assert!(!manager.get("/office/audit?day=rubbish&before=rubbish&by=%27").await.says("role=\"alert\""));
}

#[tokio::test]
async fn the_audit_trail_goes_back_page_by_page() {
    let shop = Shop::open().await;
    let manager = shop.browser("wu", "manager").await;
    let member = registered(&manager, &[("name", "first")]).await;
    for nth in 0..60 {
        let (key, notes) = (format!("k{nth}"), format!("note {nth}"));
        let fields = [("member", member.as_str()), ("do", "save"), ("key", &key), ("notes", &notes)];
        assert_eq!(manager.send("/office/member", &fields).await.status, 303);
    }
    let page = manager.get("/office/audit").await;
    assert_eq!(page.text.matches("changed a member").count(), 50);
    assert!(!page.says("registered a member"));
    let older = page.text.split("rel=\"next\" href=\"").nth(1).unwrap().split('"').next().unwrap();
    let older = manager.get(&older.replace("&amp;", "&")).await;
    assert_eq!(older.text.matches("changed a member").count(), 10);
    assert!(older.says("registered a member") && !older.says("rel=\"next\""), "{}", older.text);
}

#[tokio::test]
async fn at_the_hub_no_name_of_a_member_is_told_and_no_store_is_called_nought() {
    let (store, hub) = Shop::tea_house().await;
    let head = hub.browser("zhao", "head_office").await;
    let cashier = store.browser("li", "cashier").await;
    let member = registered(&cashier, &[("name", "王小明")]).await;
    sold(&cashier, &member, "s1", ("1", "400")).await;
    let replica = store.ask("/status").await["replica"].as_str().unwrap().to_owned();
    let allow = [("replica", replica.as_str()), ("do", "allow"), ("points", "500"), ("key", "a1")];
    assert_eq!(head.send("/fleet/store", &allow).await.status, 303);
    hub.until(&format!("/members/{member}/balances"), |told| told["points"]["balance"] != 0).await;
    let page = head.get("/office/audit").await;
    assert!(page.says("granted an allowance · 500 points · 12 Spring Road 泉城路"), "{}", page.text);
    assert!(page.says(&member) && !page.says("王小明") && !page.says("/office/member?"), "{}", page.text);
    assert!(page.says(">li 李</a>") && page.says("receipt counter · s1"), "{}", page.text);
    assert!(!page.says("<td>0</td>") && page.says("<td>Hub</td>"), "{}", page.text);
    assert!(!page.says("/counter/receipt"), "it is the store's");
}

#[tokio::test]
async fn exceptions_lead_to_what_they_are_of_and_are_ticked_off() {
    let shop = Shop::open().await;
    let cashier = shop.browser("li", "cashier").await;
    let manager = shop.browser("wu", "manager").await;
    let member = registered(&cashier, &[("name", "王小明")]).await;
    sold(&cashier, &member, "s1", ("2", "400")).await;
    sold(&cashier, &member, "s2", ("2", "12")).await;
    brought_back(&cashier, "s1", "b1").await;
    brought_back(&cashier, "s2", "b2").await;
    let page = manager.get("/office/exceptions").await;
    assert!(page.says("check=b1\">receipt counter · b1</a>") && page.says("¥400.00"), "{}", page.text);
    assert!(
        page.says(&format!("member={member}\">王小明</a>")) && page.says("<td>li 李</td>"),
        "{}",
        page.text
    );
    assert!(page.says("Small returns <strong class=\"figure\">1</strong>"), "{}", page.text);
    assert!(!page.says("check=b2"), "small ones are asked for: {}", page.text);
    let small = manager.get("/office/exceptions?kind=small_return").await;
    assert!(small.says("check=b2") && !small.says("check=b1"), "{}", small.text);

    let entry = small.value_of("entry");
    let tick = [("entry", entry.as_str()), ("kind", "small_return")];
    assert_eq!(cashier.send("/office/exceptions", &tick).await.status, 403, "a manager decides");
    let ticked = manager.send("/office/exceptions", &tick).await;
    assert_eq!(ticked.location, "/office/exceptions?kind=small_return&seen=");
    assert!(!manager.get(&ticked.location).await.says("check=b2"), "it was seen");
    let all = manager.get("/office/exceptions?kind=small_return&seen=1").await;
    assert!(all.says("check=b2") && all.says(">seen<"), "{}", all.text);
    for wrong in ["", "x", "00000000000000000000000000000000/1", "<script>"] {
        let refused = manager.send("/office/exceptions", &[("entry", wrong)]).await;
        assert!(refused.says("There is no such entry"), "{wrong}: {}", refused.text);
    }
    assert!(manager.get("/office/audit").await.says("ticked off an exception"));
}

#[tokio::test]
async fn the_sums_of_the_month_add_up_for_whoever_reads_them() {
    let shop = Shop::open().await;
    let cashier = shop.browser("li", "cashier").await;
    let manager = shop.browser("wu", "manager").await;
    let member = registered(&cashier, &[("name", "王小明")]).await;
    sold(&cashier, &member, "s1", ("2", "1500")).await;
    brought_back(&cashier, "s1", "b1").await;
    let page = manager.get("/office").await;
    for words in ["Money given back", "-¥1,500.00", "Goods returned (before discounts)", "¥3,000.00"] {
        assert!(page.says(words), "{words}: {}", page.text);
    }
    assert!(!page.says("¥-"), "{}", page.text);
}

#[tokio::test]
async fn an_outage_is_shown_while_it_goes_on() {
    let (store, _hub) = Shop::tea_house().await;
    let manager = store.browser("wu", "manager").await;
    assert!(manager.get("/office/sync").await.says("None so far"));
    store.node.set_line(false);
    store.until("/status", |status| status["on_line"] == false).await;
    let page = manager.get("/office/sync").await;
    assert!(page.says("Off line now") && !page.says("None so far"), "{}", page.text);
    let hub = Shop::open().await;
    let manager = hub.browser("wu", "manager").await;
    assert!(
        manager.get("/office/sync").await.says("None so far"),
        "where there never was a hub none is missed"
    );
}
