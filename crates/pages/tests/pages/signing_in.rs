use serde_json::json;

use crate::shop::Shop;

#[tokio::test]
async fn nobody_comes_in_without_signing_in() {
    let shop = Shop::open().await;
    for path in ["/", "/counter", "/counter/register", "/counter/receipt?check=1", "/office/audit"] {
        let shown = shop.get(path).await;
        assert_eq!((shown.status, shown.location.as_str()), (303, "/sign-in"), "{path}");
    }
    assert_eq!(shop.get("/line").await.status, 401, "what a page asks for by itself learns why");
    let password = shop.account("li", "cashier").await;
    for (name, password) in [("li", "wrong password"), ("nobody", password.as_str()), ("", ""), ("LI ", "")] {
        let (shown, cookie) = shop.sign_in(name, password).await;
        assert_eq!((shown.status, cookie.as_str()), (401, ""), "{name}");
        assert!(!password.is_empty() && !shown.says(password) || password.is_empty(), "{}", shown.text);
    }
    let (shown, cookie) = shop.sign_in(" Li ", &password).await;
    assert_eq!(shown.status, 303);
    assert!(cookie.starts_with("purser="), "{cookie}");
}

#[tokio::test]
async fn who_guesses_has_to_wait_and_is_noted() {
    let shop = Shop::open().await;
    let password = shop.account("li", "cashier").await;
    for _ in 0..5 {
        assert_eq!(shop.sign_in("li", "wrong password").await.0.status, 401);
    }
    assert_eq!(shop.sign_in("li", &password).await.0.status, 429, "not even with the right one");
    let manager = shop.browser("wu", "manager").await;
    let audit = manager.get("/office/audit").await;
    assert!(audit.says("gave wrong passwords") && audit.says("signed in"), "{}", audit.text);
    assert!(!audit.says(&password) && !audit.says("wrong password\u{0}"));
}

#[tokio::test]
async fn an_account_that_is_closed_ends_its_sessions() {
    let shop = Shop::open().await;
    let cashier = shop.browser("li", "cashier").await;
    assert_eq!(cashier.get("/counter").await.status, 200);
    let closed = json!({"name": "li", "person": "李", "role": "cashier", "closed": true});
    assert_eq!(shop.post("/staff", closed).await.0, 200);
    let shown = cashier.get("/counter").await;
    assert_eq!((shown.status, shown.location.as_str()), (303, "/sign-in?why=ended"));
    assert!(cashier.get(&shown.location).await.says("Your session has ended"));
    assert_eq!(cashier.get("/line").await.status, 401);
}

#[tokio::test]
async fn everybody_sees_what_is_theirs() {
    let shop = Shop::open().await;
    let cashier = shop.browser("li", "cashier").await;
    assert_eq!(cashier.get("/office/audit").await.status, 403);
    let manager = shop.browser("wu", "manager").await;
    assert_eq!((manager.get("/office/audit").await.status, manager.get("/counter").await.status), (200, 200));
    // A store has no accounts of the chain's: whoever steals its machine lets nobody in elsewhere.
    for role in ["head_office", "auditor"] {
        let (status, answer) = shop.post("/staff", json!({"name": "x", "person": "x", "role": role})).await;
        assert_eq!((status, &answer["code"]), (422, &json!("out_of_range")), "{answer}");
    }
    for name in ["", "Li Lei", "a\u{202e}b", "x'; drop table accounts; --"] {
        let (status, _) = shop.post("/staff", json!({"name": name, "person": "x", "role": "cashier"})).await;
        assert_eq!(status, 422, "{name}");
    }
    let short = json!({"name": "x", "person": "x", "role": "cashier", "password": "short"});
    assert_eq!(shop.post("/staff", short).await.0, 422);
}

#[tokio::test]
async fn who_leaves_is_out() {
    let shop = Shop::open().await;
    let cashier = shop.browser("li", "cashier").await;
    assert_eq!(cashier.send_bare("/sign-out", &[("form_key", "another")]).await.status, 403);
    assert_eq!(cashier.get("/counter").await.status, 200, "no other site signs anybody out");
    assert_eq!(cashier.send("/sign-out", &[]).await.location, "/sign-in");
    assert_eq!(cashier.get("/counter").await.status, 303);
}

#[tokio::test]
async fn who_guesses_many_at_once_waits_as_well() {
    let shop = Shop::open().await;
    shop.account("li", "cashier").await;
    let guesses = futures_util::future::join_all((0..12).map(|_| shop.sign_in("li", "wrong password")));
    let answers: Vec<u16> = guesses.await.into_iter().map(|(shown, _)| shown.status).collect();
    assert_eq!(answers.iter().filter(|status| **status == 401).count(), 5, "{answers:?}");
}

#[tokio::test]
async fn the_language_leads_to_no_other_site() {
    let shop = Shop::open().await;
    for from in ["http://evil.example//evil.example/x", "http://evil.example/\\evil.example", "//", ""] {
        let location = shop.language_from(from).await;
        assert!(
            location.starts_with('/') && !location.starts_with("//") && !location.contains('\\'),
            "{location}"
        );
    }
}
