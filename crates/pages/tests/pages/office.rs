//! The back office: who sees what, members and their cards, staff.

use crate::shop::{Browser, Shop};

const OFFICE: [&str; 6] =
    ["/office", "/office/exceptions", "/office/staff", "/office/sync", "/office/settings", "/office/audit"];

async fn registered(cashier: &Browser<'_>, fields: &[(&str, &str)]) -> String {
    let key = cashier.get("/counter/register").await.value_of("key");
    let fields = [&[("key", key.as_str()), ("card", "on")], fields].concat();
    let shown = cashier.send("/counter/register", &fields).await;
    shown.location.split("member=").nth(1).unwrap().to_owned()
}

#[tokio::test]
async fn the_office_is_for_who_runs_the_store() {
    let shop = Shop::open().await;
    let cashier = shop.browser("li", "cashier").await;
    let manager = shop.browser("wu", "manager").await;
    for path in OFFICE {
        assert_eq!((cashier.get(path).await.status, manager.get(path).await.status), (403, 200), "{path}");
        assert_eq!(shop.get(path).await.location, "/sign-in", "{path}");
    }
    for path in ["/fleet", "/programmes", "/late", "/city"] {
        assert_eq!(manager.get(path).await.status, 404, "{path} is a hub's");
    }
    let named = [("name", "x"), ("person", "x"), ("role", "manager"), ("do", "set"), ("key", "k")];
    assert_eq!(cashier.send("/office/staff", &named).await.status, 403);
}

#[tokio::test]
async fn who_serves_sees_no_papers_and_makes_cards_only_safer() {
    let shop = Shop::open().await;
    let cashier = shop.browser("li", "cashier").await;
    let manager = shop.browser("wu", "manager").await;
    let member = registered(&cashier, &[("name", "王小明"), ("phone", "13800138000")]).await;
    let path = format!("/office/member?member={member}");
    let card = manager.get(&path).await.value_of("card");
    let saved = [
        ("member", member.as_str()),
        ("do", "save"),
        ("key", "1"),
        ("id_number", "370102199003078888"),
        ("address", "解放路 1 号"),
    ];
    assert_eq!(manager.send("/office/member", &saved).await.status, 303);
    let shown = manager.get(&path).await;
    assert!(shown.says("370102199003078888") && shown.says("解放路 1 号"), "{}", shown.text);
    let hidden = cashier.get(&path).await;
    assert!(
        !hidden.says("370102199003078888") && !hidden.says("解放路") && hidden.says("13800138000"),
        "{}",
        hidden.text
    );
    // Nor can they change what they do not see.
    let forged = [("member", member.as_str()), ("do", "save"), ("key", "2"), ("id_number", "1")];
    assert_eq!(cashier.send("/office/member", &forged).await.status, 303);
    assert!(manager.get(&path).await.says("370102199003078888"));
    let settle =
        [("member", member.as_str()), ("do", "settle"), ("key", "3"), ("field", "id_number"), ("value", "1")];
    assert_eq!(cashier.send("/office/member", &settle).await.status, 403);

    let state = |who: &'static str, to: &'static str, key: &'static str| {
        let (browser, member, card) =
            (if who == "li" { &cashier } else { &manager }, member.clone(), card.clone());
        async move {
            let fields = [("member", member.as_str()), ("card", &card), ("do", to), ("key", key)];
            browser.send("/office/member", &fields).await.status
        }
    };
    assert_eq!(state("li", "lost", "4").await, 303);
    assert!(cashier.get(&path).await.says(">lost<"));
    assert_eq!(state("li", "active", "5").await, 403);
    assert_eq!(state("wu", "active", "6").await, 303);
    assert_eq!(state("li", "cancelled", "7").await, 403);
    assert_eq!(state("li", "replace", "8").await, 303);
    let replaced = cashier.get(&path).await;
    assert!(replaced.says(">replaced<") && replaced.says(">active<"), "{}", replaced.text);
    // A card of somebody else is not this member's to change.
    let other = registered(&cashier, &[("name", "李")]).await;
    let fields = [("member", other.as_str()), ("card", &card), ("do", "lost"), ("key", "9")];
    assert_eq!(cashier.send("/office/member", &fields).await.status, 403);
}

#[tokio::test]
async fn people_registered_twice_are_listed() {
    let shop = Shop::open().await;
    let cashier = shop.browser("li", "cashier").await;
    let first = registered(&cashier, &[("name", "王小明"), ("phone", "13800138000")]).await;
    assert!(!cashier.get("/office/members").await.says(&first));
    // Whoever types the number again is asked whether that is somebody else.
    let again = [("name", "王晓明"), ("phone", "１３８００１３８０００"), ("key", "k9")];
    let asked = cashier.send("/counter/register", &again).await;
    assert!(asked.status == 200 && asked.says(&first) && asked.says("is a member already"), "{}", asked.text);
    let second =
        registered(&cashier, &[("name", "王晓明"), ("phone", "１３８００１３８０００"), ("anyway", "on")])
            .await;
    let page = cashier.get("/office/members").await;
    assert!(page.says(&first) && page.says(&second) && page.says("138****8000"), "{}", page.text);
    let path = format!("/office/member?member={first}");
    assert!(cashier.get(&path).await.says(&second));

    let merge = [("member", first.as_str()), ("other", &second), ("do", "merge"), ("key", "m1")];
    assert_eq!(cashier.send("/office/member", &merge).await.status, 403, "a manager decides");
    let manager = shop.browser("wu", "manager").await;
    assert!(manager.get(&path).await.says("王晓明 is the same person"));
    assert_eq!(manager.send("/office/member", &merge).await.status, 303);
    assert!(!manager.get("/office/members").await.says(&second), "it is settled");
    assert!(manager.get(&path).await.says("王晓明 is somebody else"));
    // Found by either name, they are one.
    for text in ["wxm", "王晓明", "8000"] {
        let found = cashier.get(&format!("/counter?find={text}")).await;
        assert_eq!(found.location, format!("/counter?member={first}"), "{text}");
    }
    let split = [("member", first.as_str()), ("other", &second), ("do", "split"), ("key", "m2")];
    assert_eq!(manager.send("/office/member", &split).await.status, 303);
    assert!(manager.get("/office/members").await.says(&second));
    assert!(manager.get("/office/audit").await.says("put two members together"));
}

#[tokio::test]
async fn a_manager_says_who_works_here() {
    let shop = Shop::open().await;
    let manager = shop.browser("wu", "manager").await;
    let form = |name: &'static str, role: &'static str, doing: &'static str, key: &'static str| {
        let manager = &manager;
        async move {
            let fields = [("name", name), ("person", "陈静"), ("role", role), ("do", doing), ("key", key)];
            manager.send("/office/staff", &fields).await
        }
    };
    let made = form("chen", "cashier", "set", "a1").await;
    let password = made.text.split("class=\"mono\">").nth(1).unwrap().split('<').next().unwrap().to_owned();
    assert!(made.says("told this once") && password.len() >= 12, "{}", made.text);
    assert_eq!(shop.sign_in("chen", &password).await.0.status, 303);
    assert!(!form("chen", "cashier", "set", "a1").await.says(&password), "told once");
    for role in ["head_office", "auditor", "", "root"] {
        assert!(form("boss", role, "set", "a2").await.says("not given here"), "{role}");
    }
    assert!(form("x'; drop table accounts", "cashier", "set", "a3").await.says("role=\"alert\""));
    assert_eq!(form("chen", "cashier", "close", "a4").await.status, 200);
    assert_eq!(shop.sign_in("chen", &password).await.0.status, 401);
    assert!(form("wu", "manager", "close", "a5").await.says("Nobody closes their own"));
    assert!(manager.get("/office/audit").await.says("set an account"));
}

#[tokio::test]
async fn figures_are_of_this_store_and_by_who_did_it() {
    let shop = Shop::open().await;
    let cashier = shop.browser("li", "cashier").await;
    let member = registered(&cashier, &[("name", "王小明")]).await;
    let fields = [
        ("member", member.as_str()),
        ("check", "s1"),
        ("line_name", "茶"),
        ("line_category", ""),
        ("line_flag", ""),
        ("line_quantity", "3"),
        ("line_price", "1200"),
        ("shown", "3600.00"),
        ("do", "pay"),
    ];
    assert_eq!(cashier.send("/counter", &fields).await.status, 303);
    let manager = shop.browser("wu", "manager").await;
    let page = manager.get("/office").await;
    assert!(
        page.says("<strong>¥3,600.00</strong>") && page.says("li 李") && page.says("<svg"),
        "{}",
        page.text
    );
    assert!(manager.get("/office/staff").await.says("¥3,600.00"));
    assert!(manager.get("/office/sync").await.says("Days of redeeming"));
    assert!(manager.get("/office/settings").await.says("Spring Road 泉城路"));
}

#[tokio::test]
async fn a_form_changes_what_was_changed_in_it_and_nothing_else() {
    let shop = Shop::open().await;
    let cashier = shop.browser("li", "cashier").await;
    let member = registered(&cashier, &[("name", "Wang"), ("phone", "13800138000")]).await;
    let form = |fields: &[(&'static str, &'static str)]| {
        let fields = [&[("do", "save")], fields].concat();
        let (cashier, member) = (&cashier, member.clone());
        async move {
            cashier
                .send("/office/member", &[&[("member", member.as_str())], fields.as_slice()].concat())
                .await
        }
    };
    let newer = [("key", "1"), ("was_phone", "13800138000"), ("phone", "13911112222")];
    assert_eq!(form(&newer).await.status, 303);
    // Sent later, but filled in before: the phone was not touched in it.
    let older = [
        ("key", "2"),
        ("was_phone", "13800138000"),
        ("phone", "13800138000"),
        ("was_name", "Wang"),
        ("name", "Wang Wei"),
        ("was_notes", ""),
        ("notes", "likes green tea\r\nnever calls"),
    ];
    assert_eq!(form(&older).await.status, 303);
    let page = cashier.get(&format!("/office/member?member={member}")).await;
    assert!(
        page.says("13911112222") && page.says("Wang Wei") && page.says("likes green tea\nnever calls"),
        "{}",
        page.text
    );
}
