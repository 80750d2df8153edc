//! Accounts: making one, a new password, another role and closing are four acts, each with its rules, whoever sends
//! the form.

use crate::shop::{Browser, Shop, Shown};

async fn act(who: &Browser<'_>, doing: &str, name: &str, role: &str, key: &str) -> Shown {
    let fields = [("do", doing), ("name", name), ("person", "陈静"), ("role", role), ("key", key)];
    who.send("/office/staff", &fields).await
}

/// The password that a page tells.
fn told(page: &Shown) -> String {
    assert!(page.says("told this once"), "{}", page.text);
    page.text.split("class=\"mono\">").nth(1).unwrap().split('<').next().unwrap().to_owned()
}

#[tokio::test]
async fn a_manager_says_who_works_here() {
    let shop = Shop::open().await;
    let manager = shop.browser("wu", "manager").await;
    let password = told(&act(&manager, "create", "chen", "cashier", "a1").await);
    assert!(password.len() >= 12);
    assert_eq!(shop.sign_in("chen", &password).await.0.status, 303);
    assert!(!act(&manager, "create", "chen", "cashier", "a1").await.says(&password), "told once");
    for role in ["head_office", "auditor", "", "root"] {
        assert!(act(&manager, "create", "boss", role, "a2").await.says("not given here"), "{role}");
    }
    let hot = act(&manager, "create", "x'; drop table accounts", "cashier", "a3").await;
    assert!(hot.says("A login is of lower-case letters") && hot.says("value=\"x'; drop"), "{}", hot.text);
    let newer = told(&act(&manager, "password", "chen", "", "a4").await);
    assert_eq!(shop.sign_in("chen", &password).await.0.status, 401);
    let (shown, cookie) = shop.sign_in("chen", &newer).await;
    assert_eq!(shown.status, 303);
    assert!(act(&manager, "close", "chen", "", "a5").await.says("Saved."));
    assert_eq!(shop.sign_in("chen", &newer).await.0.status, 401);
    let request = shop.client.get(format!("{}/counter", shop.base)).header("cookie", cookie);
    let away = request.send().await.unwrap().headers()["location"].to_str().unwrap().to_owned();
    assert!(away.starts_with("/sign-in"), "thrown out: {away}");
    let again = told(&act(&manager, "password", "chen", "", "a6").await);
    assert_eq!(shop.sign_in("chen", &again).await.0.status, 303, "open again");
    let audit = manager.get("/office/audit").await;
    for words in ["made an account", "set a password", "closed an account"] {
        assert!(audit.says(&format!("{words} · <span class=\"mono\">chen</span>")), "{}", audit.text);
    }
}

#[tokio::test]
async fn a_new_account_takes_over_nobodys() {
    let shop = Shop::open().await;
    let password = shop.account("li", "cashier").await;
    let manager = shop.browser("wu", "manager").await;
    for (name, key) in [("li", "1"), ("wu", "2"), ("LI", "3")] {
        let refused = act(&manager, "create", name, "cashier", key).await;
        assert!(
            refused.says("Somebody has this login") && !refused.says("told this once"),
            "{}",
            refused.text
        );
        // Nothing has to be typed again.
        assert!(refused.says("value=\"陈静\""), "{}", refused.text);
    }
    assert_eq!(shop.sign_in("li", &password).await.0.status, 303, "the password is as it was");
    assert_eq!(manager.get("/office/staff").await.status, 200, "and so is one's own account");
    assert!(act(&manager, "set", "li", "manager", "4").await.says("role=\"alert\""), "no act does it all");
}

#[tokio::test]
async fn nobody_demotes_or_closes_themselves_by_whatever_form() {
    let shop = Shop::open().await;
    let manager = shop.browser("wu", "manager").await;
    shop.account("li", "cashier").await;
    let page = manager.get("/office/staff").await;
    assert!(!page.says("Role of wu") && page.says("Role of li"), "{}", page.text);
    assert_eq!(page.text.matches("value=\"close\"").count(), 1, "of li alone: {}", page.text);
    assert!(act(&manager, "role", "wu", "cashier", "1").await.says("Nobody closes their own account"));
    assert!(act(&manager, "close", "wu", "", "2").await.says("Nobody closes their own account"));
    assert!(act(&manager, "close", "nobody", "", "3").await.says("There is no such account"));
    assert!(act(&manager, "role", "li", "manager", "4").await.says("Saved."));
    assert!(manager.get("/office/staff").await.says("<option value=\"manager\" selected>"));
}

#[tokio::test]
async fn the_last_manager_of_a_store_stays_one() {
    let (store, hub) = Shop::tea_house().await;
    let password = hub.account("zhao", "head_office").await;
    store.until("/staff", |told| told["accounts"].as_array().unwrap().len() == 1).await;
    let head = store.enter("zhao", &password).await;
    store.account("wu", "manager").await;
    assert!(act(&head, "role", "wu", "cashier", "1").await.says("the last manager of the store"));
    assert!(act(&head, "close", "wu", "", "2").await.says("the last manager of the store"));
    told(&act(&head, "create", "qin", "manager", "3").await);
    assert!(act(&head, "close", "wu", "", "4").await.says("Saved."));
    // An account of the city is the hub's to change, and its name nobody else's.
    assert!(act(&head, "create", "zhao", "cashier", "5").await.says("Somebody has this login"));
    let at_hub = hub.enter("zhao", &password).await;
    assert!(act(&at_hub, "role", "zhao", "auditor", "6").await.says("Nobody closes their own account"));
}
