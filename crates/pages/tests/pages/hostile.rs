use crate::shop::Shop;

const HOSTILE: [&str; 6] = [
    "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>",
    "'; DROP TABLE members; --",
    "\u{202e}gnaW",
    "😀👨‍👩‍👧‍👦",
    "{{7*7}} %{name} ${x}",
];

#[tokio::test]
async fn whatever_is_typed_is_shown_as_text_or_refused() {
    let shop = Shop::open().await;
    let cashier = shop.browser("li", "cashier").await;
    for (place, text) in HOSTILE.iter().enumerate() {
        let key = format!("h{place}");
        let shown =
            cashier.send("/counter/register", &[("key", &key), ("name", text), ("notes", text)]).await;
        let page = if shown.status == 303 { cashier.get(&shown.location).await } else { shown };
        let found = cashier
            .send_bare(
                "/counter",
                &[("form_key", &cashier.form_key), ("do", "add"), ("new_name", text), ("new_price", "1")],
            )
            .await;
        let searched = cashier.get(&format!("/counter?find={}", percent(text))).await;
        let receipt = cashier.get(&format!("/counter/receipt?till={0}&check={0}", percent(text))).await;
        for page in [page, found, searched, receipt] {
            assert!([200, 303].contains(&page.status), "{text}: {} {}", page.status, page.text);
            for hot in ["<script>alert", "<img src=x", "\u{202e}"] {
                assert!(!page.says(hot), "{text}: {}", page.text);
            }
        }
    }
    assert_eq!(cashier.get("/counter?find=wang").await.status, 200, "the tables are there");
}

#[tokio::test]
async fn forms_of_others_and_great_ones_are_refused() {
    let shop = Shop::open().await;
    let cashier = shop.browser("li", "cashier").await;
    assert_eq!(cashier.send_bare("/counter", &[("do", "add"), ("new_price", "1")]).await.status, 403);
    assert_eq!(cashier.send_bare("/counter/register", &[("form_key", ""), ("name", "x")]).await.status, 403);
    let long = "x".repeat(10 * 1024 * 1024);
    assert_eq!(cashier.send("/counter", &[("new_name", &long)]).await.status, 413);
    let many = vec![("line_name", "x"); 5_000];
    assert_eq!(cashier.send("/counter", &many).await.status, 413);
    assert_eq!(shop.sign_in("li", &"x".repeat(5_000)).await.0.status, 413);
    assert_eq!(cashier.get(&format!("/counter?find={}", "x".repeat(3_000))).await.status, 200);
}

fn percent(text: &str) -> String {
    text.bytes().fold(String::new(), |text, byte| text + &format!("%{byte:02X}"))
}
