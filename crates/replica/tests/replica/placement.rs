//! Rights go where the policy wants them: with the checkout, and from others who hear of it.

use purser_journal::{Entry, Fact};
use purser_ledger::Posting;
use purser_replica::{Policy, Redemption, Refusal};
use purser_storage::Database;
use purser_types::MemberId;

use crate::city::{City, Store, acquaint, assert_equal, book, id_of, settle, yuan};

/// A hub and so many stores, on line, where rewards are spread.
fn on_line<const COUNT: usize>() -> (City, [Store; COUNT]) {
    let city = City::found();
    let mut stores: [Store; COUNT] =
        std::array::from_fn(|number| city.open_with(u32::try_from(number).unwrap(), Policy::Spread));
    acquaint(&mut stores.each_mut());
    for store in &mut stores[1..] {
        store.set_hub(Some(id_of(0)));
    }
    (city, stores)
}

/// Each of the stores in turn sells to the member, a minute apart, all hearing of it.
fn visits<const COUNT: usize>(stores: &mut [Store; COUNT], member: MemberId, at: &[usize]) {
    for store in at {
        for store in stores.iter_mut() {
            store.later(60_000);
        }
        stores[*store].earns(member, 1);
        settle(&mut stores.each_mut());
    }
}

fn here<const COUNT: usize>(stores: &[Store; COUNT], member: MemberId) -> [i64; COUNT] {
    std::array::from_fn(|number| stores[number].here(member))
}

/// The receivers of the offers in the last entry of a store's own journal.
fn last_receivers(city: &City, number: u32, store: &Store) -> Vec<(u32, i64)> {
    let database = Database::open_reader(&city.database(number)).unwrap();
    let author = database.authors().unwrap().into_iter().find(|author| author.replica == store.id()).unwrap();
    let seq = store.me().head.seq;
    let bytes = database.entries(author.number, seq, seq).unwrap().remove(0);
    let facts = Entry::from_bytes(&bytes).unwrap().facts;
    let postings = facts.into_iter().flat_map(|fact| match fact {
        Fact::Postings(postings) => postings,
        _ => Vec::new(),
    });
    let offers = postings.filter_map(|posting| match posting {
        Posting::Offer { to, amount, .. } => Some(((0..9).find(|n| id_of(*n) == to).unwrap(), amount)),
        _ => None,
    });
    offers.collect()
}

#[test]
fn one_checkout_offers_to_several_stores_and_each_takes_up_its_own() {
    let (city, mut stores) = on_line::<5>();
    let member = stores[1].register("Wang");
    settle(&mut stores.each_mut());
    visits(&mut stores, member, &[4, 3, 2, 1, 1]);
    assert_eq!(stores[0].points(member), 5);
    stores[1].earns(member, 365);
    assert_eq!(last_receivers(&city, 1, &stores[1]), [(2, 99), (3, 99), (4, 69)]);
    settle(&mut stores.each_mut());
    assert_eq!(here(&stores, member), [0, 100, 100, 100, 70]);
    assert!(stores.iter().all(|store| store.points(member) == 370));
    // The hub had a reward to lend of each, and all agree, row by row.
    assert_eq!(stores[3].lends(1, member, 100), 100);
    settle(&mut stores.each_mut());
    assert_eq!(here(&stores, member), [0, 200, 100, 0, 70]);
    assert_equal(&stores.each_ref());
    assert_eq!(book(&city, 0).check_conservation(), Ok(()));
    drop(stores);
    city.assert_sound(&[0, 1, 2, 3, 4]);
}

#[test]
fn what_others_hold_follows_the_member() {
    let (city, mut stores) = on_line::<4>();
    let member = stores[1].register("Wang");
    settle(&mut stores.each_mut());
    visits(&mut stores, member, &[3, 1]);
    stores[1].earns(member, 120);
    settle(&mut stores.each_mut());
    assert_eq!(here(&stores, member), [0, 121, 0, 1]);
    visits(&mut stores, member, &[2, 2]);
    assert_eq!(here(&stores, member), [0, 23, 100, 1], "the reward moved, small change did not");
    // A store without a line keeps what it has, until the next visit that it hears of on line.
    stores[2].set_hub(None);
    visits(&mut stores, member, &[3, 3, 3]);
    assert_eq!(here(&stores, member), [0, 0, 100, 27], "what others can spare");
    stores[2].set_hub(Some(id_of(0)));
    visits(&mut stores, member, &[3]);
    assert_eq!(here(&stores, member), [0, 0, 28, 100]);
    assert_eq!(book(&city, 0).check_conservation(), Ok(()));
    drop(stores);
    city.assert_sound(&[0, 1, 2, 3]);
}

#[test]
fn rights_do_not_follow_to_a_store_that_was_put_out() {
    let (_city, mut stores) = on_line::<3>();
    let member = stores[1].register("Wang");
    settle(&mut stores.each_mut());
    visits(&mut stores, member, &[2, 2]);
    let fence = purser_replica::Undertaking::Fence { replica: id_of(2), reason: "stolen".into() };
    stores[0].does(fence).unwrap();
    settle(&mut stores.each_mut());
    stores[1].earns(member, 150);
    settle(&mut stores.each_mut());
    assert_eq!(stores[1].here(member), 150);
}

#[test]
fn a_baskets_own_points_stand_in_for_rights_that_are_elsewhere() {
    let (city, [mut hub, mut one, mut two]) = City::of::<3>();
    acquaint(&mut [&mut hub, &mut one, &mut two]);
    let member = one.register("Wang");
    one.earns(member, 150);
    settle(&mut [&mut hub, &mut one, &mut two]);
    // Too little is earned; then enough, and nobody asks anybody.
    let refused = two.buys(member, yuan(99), Redemption::Points(100)).unwrap_err();
    assert!(matches!(refused, Refusal::RightsTooFew { here: 0, balance: 150, .. }), "{refused}");
    let sale = two.sells(member, yuan(130), 100);
    assert_eq!((two.here(member), two.points(member)), (30, 180));
    // A basket never pays for itself: the balance of before must suffice.
    let refused = two.buys(member, yuan(500), Redemption::Points(200)).unwrap_err();
    assert!(matches!(refused, Refusal::BalanceTooSmall { balance: 180, .. }), "{refused}");
    settle(&mut [&mut hub, &mut one, &mut two]);
    assert_eq!((one.here(member), hub.points(member)), (150, 180));
    // A return undoes both.
    two.takes_back(sale, yuan(130)).unwrap();
    assert_eq!((two.here(member), two.points(member)), (0, 150));
    settle(&mut [&mut hub, &mut one, &mut two]);
    assert_equal(&[&hub, &one, &two]);
    assert_eq!(book(&city, 0).check_conservation(), Ok(()));
}
