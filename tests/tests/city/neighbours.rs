//! The hub is away.

use super::{
    till::Till,
    town::{Town, alarms, eventually, points, register, status},
};

#[test]
fn without_a_hub_stores_find_each_other_and_lend_each_other_rights() {
    let mut town = Town::found(3);
    let member = register(&town.stores[0], "王秀英");
    Till::at(&town.stores[0], "1").sell(&member, 400);
    town.settle();
    town.hub.kill().unwrap();

    let gone = eventually("the stores notice that the hub is gone", || {
        town.stores.iter().all(|store| status(store)["on_line"] == false)
    });
    let linked = eventually("every store is linked to another", || {
        town.stores.iter().all(|store| !status(store)["links"].as_array().unwrap().is_empty())
    });
    println!("without a hub after {gone:?}, linked among themselves {linked:?} later");

    // A sale reaches the others, and rights go where they are wanted, without the hub.
    Till::at(&town.stores[0], "2").sell(&member, 30);
    eventually("the sale is known at the other stores", || {
        town.stores.iter().all(|store| points(store, &member).balance == 430)
    });
    let mut till = Till::at(&town.stores[1], "1");
    let mut served = None;
    eventually("the store gets rights from its neighbour", || {
        let answer = till.redeem(&member, 3, 300);
        if !answer.is_success() {
            assert_eq!(answer.code(), Some("insufficient_rights_here"), "{}", answer.body);
        }
        served = Some(answer).filter(purser_demo::Answer::is_success);
        served.is_some()
    });
    let served = served.unwrap();
    println!("served from store to store in {:?}", served.took);
    assert_eq!(served.body["points_after"], 133);
    town.settle();

    town.hub.start().unwrap();
    println!("with the hub again, agreed after {:?}", town.settle());
    town.assert_balance(&member, 133);
    for process in town.processes() {
        assert_eq!(alarms(process), Vec::<String>::new(), "{}", process.name());
    }
    town.audit();
}
