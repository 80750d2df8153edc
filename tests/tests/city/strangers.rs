//! A replica of another chain knocks.

use std::fs;

use super::{
    till::Till,
    town::{Town, eventually, register, status},
};

#[test]
fn a_store_of_another_chain_is_refused_and_nothing_of_it_is_taken() {
    let ours = Town::found(1);
    let mut theirs = Town::found(1);
    let member = register(&theirs.stores[0], "Somebody else's");
    Till::at(&theirs.stores[0], "1").sell(&member, 100);
    theirs.settle();
    ours.settle();
    let before = ours.hub.digest().unwrap();

    // Their store is told that its hub is where ours is, and its neighbours are ours.
    let our_hub = ours.hub.link().unwrap().to_string();
    theirs.stores[0].stop().unwrap();
    let redirect = |config: &mut toml::Table| {
        let link = config["link"].as_table_mut().unwrap();
        link.insert("hubs".to_owned(), vec![our_hub.clone()].into());
    };
    theirs.stores[0].configure(redirect).unwrap();
    theirs.stores[0].start().unwrap();

    eventually("our hub turns it away", || {
        let log = fs::read_to_string(ours.hub.log()).unwrap();
        log.lines().any(|line| line.contains("not let in") && line.contains("handshake_failed"))
    });
    assert_eq!(status(&theirs.stores[0])["on_line"], false);
    assert_eq!(ours.hub.digest().unwrap(), before);
    let found = ours.hub.api().unwrap().get(&format!("/v1/members/{member}")).unwrap();
    assert_eq!(found.code(), Some("unknown_member"), "{}", found.body);
    let fleet = ours.hub.api().unwrap().get("/v1/fleet").unwrap();
    assert_eq!(fleet.body["replicas"].as_array().unwrap().len(), 2, "{}", fleet.body);
    // It is refused, and works on by itself.
    Till::at(&theirs.stores[0], "1b").sell(&member, 1);
}
