//! What the line can do to a city, and what must be true all the same.

#![allow(clippy::unwrap_used, reason = "a test that panics has failed")]

use purser_documents::{Edit, Field};
use purser_replica::{Basket, Order, Outcome, Policy, Redemption, Tenders, Undertaking};
use purser_simulations::{Layout, Scenario, World};
use purser_types::{Coded, Fen, MemberId};

const DAYS_40_MS: u64 = 40 * 86_400_000;

fn city(stores: usize, policy: Policy) -> World {
    World::found(Layout { hubs: 1, stores, policy, gather_ms: 20 }, 5)
}

fn answer(world: &mut World, at: usize, undertaking: Undertaking) -> Result<Outcome, &'static str> {
    let ticket = world.submit(at, Order { request: None, undertaking });
    world.run_for(3_000);
    world.take_answer(ticket).unwrap().map(|reply| reply.outcome).map_err(|refusal| refusal.code())
}

fn register(world: &mut World, at: usize) -> MemberId {
    let name = Edit::SetField { field: Field::Name, value: Some("李伟".to_owned()) };
    match answer(world, at, Undertaking::Register { edits: vec![name], with_card: false }) {
        Ok(Outcome::Member(member, _)) => member,
        other => panic!("{other:?}"),
    }
}

fn buy(member: MemberId, check: &str, points: i64) -> Undertaking {
    let (till, check, redemption) = ("1".to_owned(), check.to_owned(), Redemption::Points(points));
    Undertaking::CheckOut(Basket {
        member,
        till,
        check,
        gross: Fen(50_000),
        redemption,
        lines: Vec::new(),
        tenders: Tenders::default(),
        claimed_of: None,
    })
}

#[test]
fn while_the_line_is_up_no_redemption_is_refused_for_want_of_rights() {
    for policy in Policy::ALL {
        let verdict = Scenario { policy, ..Scenario::calm(4, 150) }.play(1);
        assert_eq!((verdict.refused, verdict.violations), (0, Vec::new()), "{policy}");
        assert!(verdict.wishes > 30);
    }
}

#[test]
fn a_quiet_link_keeps_a_lease_and_a_line_that_is_cut_ends_it() {
    let mut world = city(1, Policy::KeepWhereEarned);
    let member = register(&mut world, 1);
    answer(&mut world, 1, buy(member, "1", 0)).unwrap();
    world.run_for(DAYS_40_MS);
    answer(&mut world, 1, buy(member, "2", 100)).unwrap();
    world.set_line(1, false);
    world.run_for(DAYS_40_MS);
    assert_eq!(answer(&mut world, 1, buy(member, "3", 100)).unwrap_err(), "lease_ended");
    answer(&mut world, 1, buy(member, "4", 0)).unwrap();
    world.set_line(1, true);
    world.settle();
    answer(&mut world, 1, buy(member, "5", 100)).unwrap();
}
