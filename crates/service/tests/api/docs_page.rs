//! The page on which vendors browse the contract.

use reqwest::{Client, Response, redirect::Policy};

use crate::city::{Answer, Shop};

async fn open(shop: &Shop, path: &str) -> Response {
    let client = Client::builder().no_proxy().redirect(Policy::none()).build().unwrap();
    client.get(format!("{}{path}", shop.base)).send().await.unwrap()
}

#[tokio::test]
async fn the_contract_can_be_browsed_without_a_token_and_nothing_comes_from_elsewhere() {
    let shop = Shop::alone().await;
    let moved = open(&shop, "/docs").await;
    assert_eq!((moved.status().as_u16(), &moved.headers()["location"]), (308, &"/docs/".parse().unwrap()));
    let files = [
        ("", "text/html"),
        ("index.css", "text/css"),
        ("swagger-ui.css", "text/css"),
        ("swagger-ui-bundle.js", "text/javascript"),
        ("swagger-ui-standalone-preset.js", "text/javascript"),
        ("swagger-initializer.js", "text/javascript"),
        ("favicon-32x32.png", "image/png"),
    ];
    for (name, kind) in files {
        let file = open(&shop, &format!("/docs/{name}")).await;
        assert_eq!((file.status().as_u16(), &file.headers()["content-type"]), (200, &kind.parse().unwrap()));
        let policy = file.headers()["content-security-policy"].to_str().unwrap();
        assert!(policy.starts_with("default-src 'none'; script-src 'self';"), "{policy}");
        assert!(!policy.contains("unsafe") && !policy.contains("http"), "{policy}");
    }
    let set_up = open(&shop, "/docs/swagger-initializer.js").await.text().await.unwrap();
    assert!(set_up.contains("\"/v1/openapi.json\"") && !set_up.contains("://"), "{set_up}");
}

#[tokio::test]
async fn what_is_no_part_of_the_page_is_a_problem() {
    let shop = Shop::alone().await;
    for path in ["nothing", "../api-token", "..%2fapi-token", "a/b/c"] {
        let request = Client::builder().no_proxy().build().unwrap().get(format!("{}/docs/{path}", shop.base));
        Answer::to(request).await.problem(404, "unknown_route");
    }
}
