//! A store opens when the city has long been at work.

use std::time::Instant;

use super::{
    till::Till,
    town::{Points, Town, eventually, points, register, sales},
};

const MEMBERS: usize = 120;

#[test]
fn a_store_that_joins_late_learns_everything_and_sells() {
    let mut town = Town::found(2);
    let mut tills = [0, 1].map(|store| Till::at(&town.stores[store], "1"));
    let members: Vec<String> = (0..MEMBERS)
        .map(|number| {
            let member = register(&town.stores[number % 2], &format!("Member {number}"));
            tills[number % 2].sell(&member, 100 + i64::try_from(number).unwrap());
            member
        })
        .collect();
    town.settle();

    let began = Instant::now();
    let late = town.add_store(3, "New Street").unwrap();
    println!("invited, joined and started after {:?}", began.elapsed());
    town.settle();
    println!("knows all of {MEMBERS} members after {:?}", began.elapsed());
    let newcomer = &town.stores[late];
    assert_eq!(sales(newcomer), sales(&town.hub));
    for (number, member) in members.iter().enumerate() {
        let balance = 100 + i64::try_from(number).unwrap();
        assert_eq!(points(newcomer, member), Points { balance, here: 0 });
    }

    let mut till = Till::at(newcomer, "1");
    assert_eq!(till.sell(&members[7], 50).body["points_after"], 157);
    eventually("points that were earned elsewhere can be redeemed", || {
        till.redeem(&members[8], 1, 100).is_success()
    });
    let own = register(newcomer, "First of the newcomer");
    town.settle();
    town.assert_balance(&members[7], 157);
    town.assert_balance(&members[8], 9);
    town.assert_balance(&own, 0);
    town.audit();
}
