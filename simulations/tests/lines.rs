//! What the line can do to a city, and what must be true all the same.

#![allow(clippy::unwrap_used, reason = "a test that panics has failed")]

use purser_documents::{Edit, Field};
use purser_replica::{Basket, Order, Outcome, Policy, Redemption, Undertaking, verify};
use purser_simulations::{Faults, Shoppers, World};
use purser_types::{Coded, Digest, Fen};

const CALM: Faults = Faults::NONE;
const ROUGH: Faults = Faults { doubled_per_mille: 80, broken_per_mille: 30, delay_most_ms: 800, ..CALM };

fn shop(world: &mut World, shoppers: &mut Shoppers, visits: usize, outages: bool) {
    for _ in 0..visits {
        shoppers.visit(world);
        let pause_ms = world.draw(400);
        world.run_for(pause_ms);
        if outages && world.draw(8) == 0 {
            let store = 1 + usize::try_from(world.draw(world.stores() as u64)).unwrap();
            let up = world.draw(2) == 0;
            world.set_line(store, up);
        }
    }
    world.run_for(5_000);
    shoppers.collect(world);
}

/// All replicas equal, every balance what the tills were told, nobody below zero but by returns.
fn check(world: &World, shoppers: &Shoppers) {
    let digests: Vec<Digest> =
        (0..=world.stores()).map(|store| world.engine(store).replica().digest().unwrap()).collect();
    assert!(digests.windows(2).all(|pair| pair[0] == pair[1]), "{digests:?}");
    for (member, account) in &shoppers.accounts {
        assert_eq!(Shoppers::balance_at(world, 0, *member), account.balance(), "{member}: {account:?}");
        assert!(account.balance() >= -account.clawed_back);
    }
    assert_eq!(world.alarms(), []);
    for store in 0..=u32::try_from(world.stores()).unwrap() {
        let scratch = world.city.directory().join("scratch.db");
        let verified = verify(&world.city.database(store), &scratch).unwrap();
        assert_eq!(verified.findings, [], "store {store}");
    }
}

fn run(policy: Policy, faults: Faults, outages: bool, seed: u64) -> (Digest, u64) {
    let mut world = World::new(4, policy, faults, seed);
    let mut shoppers = Shoppers::register(&mut world, 8);
    shop(&mut world, &mut shoppers, 150, outages);
    world.calm();
    world.settle();
    shoppers.collect(&mut world);
    check(&world, &shoppers);
    (world.engine(0).replica().digest().unwrap(), shoppers.refused_for_rights)
}

#[test]
fn while_the_line_is_up_no_redemption_is_refused_for_want_of_rights() {
    for policy in Policy::ALL {
        let (_, refused) = run(policy, CALM, false, 1);
        assert_eq!(refused, 0, "{policy}");
    }
}

#[test]
fn a_rough_line_with_outages_loses_and_doubles_nothing() {
    for seed in 1..=4 {
        run(Policy::Habit, ROUGH, true, seed);
    }
}

/// Nothing is lost with a commit that failed: whoever sent it hears so, and sends again.
#[test]
fn a_hub_that_cannot_write_for_a_while_catches_up() {
    let mut world = World::new(2, Policy::KeepWhereEarned, CALM, 3);
    let mut shoppers = Shoppers::register(&mut world, 4);
    let busy = rusqlite::Connection::open(world.city.database(0)).unwrap();
    busy.execute_batch("BEGIN IMMEDIATE").unwrap();
    shoppers.visit(&mut world);
    world.run_for(50);
    busy.execute_batch("ROLLBACK").unwrap();
    world.settle();
    shoppers.collect(&mut world);
    check(&world, &shoppers);
}

#[test]
fn a_quiet_link_keeps_a_lease_and_a_line_that_is_cut_ends_it() {
    const DAYS_40_MS: u64 = 40 * 86_400_000;
    let mut world = World::new(1, Policy::KeepWhereEarned, CALM, 5);
    let answer = |world: &mut World, undertaking| {
        let ticket = world.submit(1, Order { request: None, undertaking });
        world.run_for(3_000);
        world.take_answer(ticket).unwrap()
    };
    let name = Edit::SetField { field: Field::Name, value: Some("李伟".to_owned()) };
    let register = Undertaking::Register { edits: vec![name], with_card: false };
    let Outcome::Member(member, _) = answer(&mut world, register).unwrap().outcome else {
        panic!("no member")
    };
    let buy = |check: &str, points| {
        let (till, check, redemption) = ("1".to_owned(), check.to_owned(), Redemption::Points(points));
        Undertaking::CheckOut(Basket { member, till, check, gross: Fen(50_000), redemption, lines: None })
    };
    answer(&mut world, buy("1", 0)).unwrap();
    world.run_for(DAYS_40_MS);
    answer(&mut world, buy("2", 100)).unwrap();
    world.set_line(1, false);
    world.run_for(DAYS_40_MS);
    assert_eq!(answer(&mut world, buy("3", 100)).unwrap_err().code(), "lease_ended");
    answer(&mut world, buy("4", 0)).unwrap();
    world.set_line(1, true);
    world.settle();
    answer(&mut world, buy("5", 100)).unwrap();
}

#[test]
fn the_same_seed_gives_the_same_city() {
    assert_eq!(run(Policy::Habit, ROUGH, true, 9), run(Policy::Habit, ROUGH, true, 9));
}
