//! The member's page in the back office: what is typed and saved, cards and what cannot be undone, what the member has.

use crate::{
    office::registered,
    shop::{Browser, Shop, Shown},
};

async fn send(who: &Browser<'_>, member: &str, fields: &[(&str, &str)]) -> Shown {
    who.send("/office/member", &[&[("member", member)], fields].concat()).await
}

#[tokio::test]
async fn a_profile_says_that_it_is_saved_and_keeps_what_was_typed_if_not() {
    let shop = Shop::open().await;
    let cashier = shop.browser("li", "cashier").await;
    let member = registered(&cashier, &[("name", "王小明"), ("phone", "13800138000")]).await;
    let saved = send(&cashier, &member, &[("do", "save"), ("key", "1"), ("notes", "likes green tea")]).await;
    assert_eq!(saved.location, format!("/office/member?member={member}&done=saved"));
    assert!(cashier.get(&saved.location).await.says("role=\"status\">Saved.<"));
    let typed = [
        ("do", "save"),
        ("key", "2"),
        ("was_phone", "13800138000"),
        ("phone", "12x"),
        ("was_notes", "likes green tea"),
        ("notes", "hates <b>coffee</b>"),
    ];
    let refused = send(&cashier, &member, &typed).await;
    assert!(refused.says("Phone was not saved: 5 to 15 digits"), "{}", refused.text);
    assert!(refused.says("value=\"12x\"") && refused.says("hates &lt;b&gt;coffee"), "{}", refused.text);
    assert_eq!(refused.value_of("was_phone"), "13800138000", "and what it stands against");
    let day = [("do", "save"), ("key", "3"), ("birth_date", "28.2.1990")];
    assert!(send(&cashier, &member, &day).await.says("Date of birth was not saved: A day is written like"));
    assert!(cashier.get(&format!("/office/member?member={member}")).await.says("likes green tea"));
    let none = send(&cashier, &member, &[("do", "save"), ("key", "4")]).await;
    assert!(cashier.get(&none.location).await.says("Nothing was changed"));
    let nameless =
        send(&cashier, &member, &[("do", "save"), ("key", "5"), ("was_name", "王小明"), ("name", "")]).await;
    assert!(cashier.get(&nameless.location).await.says("The member has no name now"));
    let unknown = cashier.get(&format!("/office/member?member={member}&done=<b>")).await;
    assert!(unknown.status == 200 && !unknown.says("role=\"status\">Saved"), "{}", unknown.text);
}

#[tokio::test]
async fn digits_of_a_chinese_keyboard_are_digits() {
    let shop = Shop::open().await;
    let cashier = shop.browser("li", "cashier").await;
    let member = registered(&cashier, &[("name", "王小明")]).await;
    let fields = [
        ("do", "save"),
        ("key", "1"),
        ("phone", "１３８００１３８０００"),
        ("birth_date", "１９９０－０２－２８"),
    ];
    assert_eq!(send(&cashier, &member, &fields).await.status, 303);
    let page = cashier.get(&format!("/office/member?member={member}")).await;
    assert!(page.says("value=\"13800138000\"") && page.says("value=\"1990-02-28\""), "{}", page.text);
}

#[tokio::test]
async fn a_card_shows_its_whole_number_and_is_ended_only_when_that_is_said_twice() {
    let shop = Shop::open().await;
    let manager = shop.browser("wu", "manager").await;
    let member = registered(&manager, &[("name", "王小明")]).await;
    let path = format!("/office/member?member={member}");
    let page = manager.get(&path).await;
    let card = page.value_of("card");
    let groups = [&card[..4], &card[4..8], &card[8..12], &card[12..16], &card[16..]];
    let shown = format!("<span>{}</span>", groups.join("</span><span>"));
    assert!(card.len() == 17 && page.says(&shown), "{}", page.text);
    assert!(page.says("Cancel this card for good") && !page.says(">Cancel<"), "{}", page.text);
    assert!(page.says("Member number") && page.says(&member), "{}", page.text);
    for (act, key) in [("cancelled", "1"), ("replace", "2")] {
        let fields = [("card", card.as_str()), ("do", act), ("key", key)];
        assert!(send(&manager, &member, &fields).await.says("Tick that you are sure first"), "{act}");
        assert!(manager.get(&path).await.says(">active<"), "{act}: nothing was done");
    }
    let replaced =
        send(&manager, &member, &[("card", &card), ("do", "replace"), ("key", "3"), ("sure", "on")]).await;
    let page = manager.get(&replaced.location).await;
    assert!(
        page.says("a new one is issued") && page.says(">replaced<") && page.says(">active<"),
        "{}",
        page.text
    );
    let again = [("card", card.as_str()), ("do", "cancelled"), ("key", "4"), ("sure", "on")];
    assert!(send(&manager, &member, &again).await.says("This card is not in use"));
    // What has happened is said of each, not that something has.
    assert!(page.says(&format!("card …{}: replaced", &card[13..])), "{}", page.text);
    assert!(page.says("Registered · Name"), "{}", page.text);
    assert!(!page.says("Profile or card"), "{}", page.text);
}

#[tokio::test]
async fn what_a_member_has_is_there() {
    let (shop, _hub) = Shop::tea_house().await;
    let manager = shop.browser("wu", "manager").await;
    let member = registered(&manager, &[("name", "王小明")]).await;
    let top_up = [("member", member.as_str()), ("do", "top_up"), ("key", "t1"), ("amount", "1500")];
    let done = manager.send("/counter/deal", &top_up).await;
    assert_eq!(done.status, 303, "{}", done.text);
    let page = manager.get(&format!("/office/member?member={member}")).await;
    let has = page.text.split("id=\"holdings\"").nth(1).unwrap().split("</section>").next().unwrap();
    for words in ["Tier", "Points", "Stored value", "¥1,"] {
        assert!(has.contains(words), "{words}: {has}");
    }
    assert!(page.says("Top-up ¥1,500.00"), "{}", page.text);
    let pass = [("member", member.as_str()), ("do", "pass"), ("key", "p1"), ("pass", "ten-seats")];
    assert_eq!(manager.send("/counter/deal", &pass).await.status, 303);
    let page = manager.get(&format!("/office/member?member={member}")).await;
    assert!(page.says("Passes · Ten seats") && page.says("× 10"), "{}", page.text);
    // What the programme calls it, others see too.
    assert!(manager.get("/office/audit").await.says("¥580.00 · Ten seats"));
}
