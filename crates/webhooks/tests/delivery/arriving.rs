use std::{
    fs,
    time::{Duration, Instant},
};

use data_encoding::BASE64;
use purser_journal::Role;
use purser_replica::Undertaking;
use purser_types::Coded;
use purser_webhooks::{Condition, Secret, Whose};
use ring::hmac;
use serde_json::json;

use crate::{
    receiver::{Delivery, Receiver, SILENCE},
    shop::{NOW_MS, Shop, authority},
};

/// What a receiver does by the specification.
fn is_signed(delivery: &Delivery, secret: &Secret) -> bool {
    let text = secret.text();
    let key = BASE64.decode(text.strip_prefix("whsec_").unwrap().as_bytes()).unwrap();
    let key = hmac::Key::new(hmac::HMAC_SHA256, &key);
    let signed = format!("{}.{}.{}", delivery.id, delivery.timestamp, delivery.body);
    let tag = BASE64.decode(delivery.signature.strip_prefix("v1,").unwrap().as_bytes()).unwrap();
    hmac::verify(&key, signed.as_bytes(), &tag).is_ok()
}

fn kinds(taken: &[Delivery]) -> Vec<String> {
    taken.iter().map(Delivery::kind).collect()
}

fn assert_each_once_in_order(taken: &[Delivery]) {
    let places: Vec<u64> = taken.iter().map(Delivery::seq).collect();
    assert!(places.is_sorted_by(|a, b| a < b), "{places:?}");
}

#[tokio::test]
async fn what_is_done_arrives_signed_and_names_nobody() {
    let (shop, receiver) = (Shop::alone().await, Receiver::up().await);
    shop.register("Before Its Time", "13900139000").await;
    let (id, secret) = shop.add(&receiver.url, &[]);
    let _webhooks = shop.tell();
    let member = shop.register("Wang Xiaoming", "13800138000").await;
    let sale = shop.sell(member, 1, 250).await;
    shop.does(Undertaking::Hold { member, points: 50, lasts_ms: 600_000 }).await;
    shop.take_back(sale, 2, 100).await;
    shop.does(Undertaking::IssueCard { member }).await;

    let taken = receiver.takes(5).await;
    assert_eq!(
        kinds(&taken),
        ["member.registered", "sale.closed", "points.held", "sale.returned", "card.issued"]
    );
    assert_each_once_in_order(&taken);
    let other = shop.add("http://127.0.0.1:1/", &[]).1;
    for delivery in &taken {
        assert!(is_signed(delivery, &secret) && !is_signed(delivery, &other), "{delivery:?}");
        assert_eq!(delivery.timestamp, (NOW_MS / 1_000).to_string());
        for personal in ["Wang", "Xiaoming", "13800138000", "Before"] {
            assert!(!delivery.body.contains(personal), "{personal} in {}", delivery.body);
        }
    }
    let closed = taken[1].json();
    let data = &closed["data"];
    assert_eq!((&data["sale"], &data["member"]), (&json!(sale.to_string()), &json!(member.to_string())));
    assert_eq!(
        (&data["gross"], &data["paid"], &data["points_earned"]),
        (&json!("250.00"), &json!("250.00"), &json!(250))
    );
    assert_eq!((&data["store"], &data["late"]), (&json!(12), &json!(false)));
    assert_eq!(taken[3].json()["data"]["points_clawed_back"], 100);
    let standing = shop.until(&id, |standing| standing.last_delivered_ms == Some(NOW_MS)).await;
    assert_eq!((standing.failures, standing.last_error), (0, None));
    assert_eq!(shop.folder().behind(&[&shop.standing(&id)], &shop.database(), Whose::Own).unwrap(), [0]);
}

#[tokio::test]
async fn an_endpoint_that_was_away_gets_everything_once_in_order() {
    let (shop, receiver) = (Shop::alone().await, Receiver::up().await);
    let member = shop.register("Wang", "13800138000").await;
    let (id, _) = shop.add(&receiver.url, &["sale"]);
    let webhooks = shop.tell();
    shop.sell(member, 1, 10).await;
    receiver.takes(1).await;
    receiver.set_away(true);
    for check in 2..=5 {
        shop.sell(member, check, 10).await;
    }
    let standing = shop.until(&id, |standing| standing.failures >= 2).await;
    assert!(standing.last_error.unwrap().contains("cannot be reached"));
    assert!(standing.next_attempt_ms.unwrap() > NOW_MS);
    assert_eq!(shop.folder().behind(&[&shop.standing(&id)], &shop.database(), Whose::Own).unwrap(), [4]);

    // The process ends, more is sold, and another begins.
    drop(webhooks);
    for check in 6..=9 {
        shop.sell(member, check, 10).await;
    }
    receiver.set_away(false);
    let _webhooks = shop.tell();
    let taken = receiver.takes(9).await;
    assert_each_once_in_order(&taken);
    assert!(shop.until(&id, |standing| standing.failures == 0).await.last_error.is_none());
}

#[tokio::test]
async fn a_message_that_is_refused_comes_again_under_its_id() {
    let (shop, receiver) = (Shop::alone().await, Receiver::answering(&[500, 302, 404]).await);
    let member = shop.register("Wang", "13800138000").await;
    let (_, secret) = shop.add(&receiver.url, &[]);
    let _webhooks = shop.tell();
    shop.sell(member, 1, 10).await;
    shop.sell(member, 2, 10).await;
    assert_each_once_in_order(&receiver.takes(2).await);
    let came = receiver.came();
    assert_eq!(came.iter().map(|delivery| delivery.status).collect::<Vec<_>>(), [500, 302, 404, 204, 204]);
    assert!(came[..4].iter().all(|delivery| (&delivery.id, &delivery.body) == (&came[0].id, &came[0].body)));
    assert_ne!(came[3].id, came[4].id);
    assert!(came.iter().all(|delivery| is_signed(delivery, &secret)));
}

#[tokio::test]
async fn an_endpoint_that_is_gone_is_told_no_more() {
    let (shop, receiver) = (Shop::alone().await, Receiver::answering(&[410]).await);
    let member = shop.register("Wang", "13800138000").await;
    let (id, _) = shop.add(&receiver.url, &[]);
    let webhooks = shop.tell();
    shop.sell(member, 1, 10).await;
    let standing = shop.until(&id, |standing| standing.condition == Condition::Disabled).await;
    assert!(standing.last_error.unwrap().contains("410"));
    drop(webhooks);
    let _webhooks = shop.tell();
    shop.sell(member, 2, 10).await;
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert_eq!(receiver.came().len(), 1);
}

#[tokio::test]
async fn one_that_never_answers_holds_up_nobody_else() {
    let (shop, slow, quick) =
        (Shop::alone().await, Receiver::answering(&[SILENCE; 100]).await, Receiver::up().await);
    let member = shop.register("Wang", "13800138000").await;
    let (slow_id, _) = shop.add(&slow.url, &[]);
    shop.add(&quick.url, &[]);
    let _webhooks = shop.tell();
    shop.sell(member, 1, 10).await;
    while slow.came().is_empty() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let begun = Instant::now();
    for check in 2..=20 {
        shop.sell(member, check, 10).await;
    }
    assert_each_once_in_order(&quick.takes(20).await);
    // All of them were sold and told while the slow one kept its first messages waiting.
    assert!(slow.came().len() <= 1 + usize::try_from(begun.elapsed().as_millis() / 500).unwrap());
    let standing = shop.until(&slow_id, |standing| standing.failures > 0).await;
    assert!(standing.last_error.unwrap().contains("does not answer within"));
}

#[tokio::test]
async fn endpoints_come_and_go_while_it_runs() {
    let (shop, receiver) = (Shop::alone().await, Receiver::up().await);
    let member = shop.register("Wang", "13800138000").await;
    let _webhooks = shop.tell();
    let (id, _) = shop.add(&receiver.url, &["sale.closed"]);
    let sale = shop.sell(member, 1, 10).await;
    shop.take_back(sale, 2, 5).await;
    assert_eq!(kinds(&receiver.takes(1).await), ["sale.closed"]);
    shop.folder().remove(&id).unwrap();
    tokio::time::sleep(Duration::from_millis(200)).await;
    shop.sell(member, 3, 10).await;
    tokio::time::sleep(Duration::from_millis(200)).await;
    receiver.takes(1).await;
}

#[tokio::test]
async fn a_hub_tells_what_its_stores_write() {
    let authority = authority();
    let hub = Shop::start(&authority, Role::Hub, 0, Vec::new()).await;
    let at = vec![hub.node.address().to_string()];
    let (one, two) = (
        Shop::start(&authority, Role::Store, 12, at.clone()).await,
        Shop::start(&authority, Role::Store, 13, at).await,
    );
    let receiver = Receiver::up().await;
    hub.add_of(&receiver.url, &["sale", "member"], Whose::All);
    let (first, second) =
        (one.register("Wang", "13800138000").await, two.register("Li", "13900139000").await);
    for check in 1..=5 {
        one.sell(first, check, 10).await;
        two.sell(second, check, 10).await;
    }
    let _webhooks = hub.tell_of(Whose::All);
    let taken = receiver.takes(12).await;
    for store in [12, 13] {
        let of = taken.iter().filter(|delivery| delivery.json()["data"]["store"] == store);
        let of: Vec<Delivery> = of.cloned().collect();
        assert_eq!(of.len(), 6, "{store}");
        assert_each_once_in_order(&of);
    }
}

#[tokio::test]
async fn a_journal_that_was_begun_anew_is_told_again_and_ids_tell_what_is_known() {
    let (shop, receiver) = (Shop::alone().await, Receiver::up().await);
    let (id, _) = shop.add(&receiver.url, &[]);
    let webhooks = shop.tell();
    let member = shop.register("Wang", "13800138000").await;
    shop.sell(member, 1, 10).await;
    let first = receiver.takes(2).await;
    drop(webhooks);
    // As if another entry had stood there.
    let path = shop.path().join(format!("webhooks/{id}.standing.toml"));
    let kept = fs::read_to_string(&path).unwrap();
    let at = kept.find("hash = \"").unwrap() + "hash = \"".len();
    fs::write(&path, format!("{}{}{}", &kept[..at], "0".repeat(64), &kept[at + 64..])).unwrap();
    let _webhooks = shop.tell();
    shop.sell(member, 2, 10).await;
    let taken = receiver.takes(5).await;
    let ids = |taken: &[Delivery]| taken.iter().map(|delivery| delivery.id.clone()).collect::<Vec<_>>();
    assert_eq!(ids(&taken[2..4]), ids(&first));
    assert_each_once_in_order(&taken[2..]);
}

#[tokio::test]
async fn who_knows_not_what_was_told_tells_nothing_and_says_so() {
    let (shop, receiver, other) = (Shop::alone().await, Receiver::up().await, Receiver::up().await);
    let member = shop.register("Wang", "13800138000").await;
    let (id, _) = shop.add(&receiver.url, &[]);
    shop.add(&other.url, &[]);
    fs::write(shop.path().join(format!("webhooks/{id}.standing.toml")), "condition = \"act").unwrap();
    let _webhooks = shop.tell();
    shop.sell(member, 1, 10).await;
    other.takes(1).await;
    assert!(receiver.came().is_empty());
    let endpoint = shop.folder().endpoint(&id).unwrap();
    assert_eq!(shop.folder().standing(&endpoint).unwrap_err().code(), "webhook_damaged");
}
