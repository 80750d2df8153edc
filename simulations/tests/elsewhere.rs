//! Cases on which other systems end wrong, by the figures known of them, played here.

#![allow(clippy::unwrap_used, reason = "a test that panics has failed")]

use purser_documents::{Edit, Field};
use purser_ledger::Asset;
use purser_replica::{Basket, Order, Outcome, Policy, Redemption, Tenders, Undertaking};
use purser_simulations::{Faults, Layout, World};
use purser_sync::Engine;
use purser_types::{Coded, Digest, Fen, MemberId};

const A: usize = 1;
const B: usize = 2;

/// A hub and two stores, and a member who has earned 1,000 points at the first.
fn city() -> (World, MemberId) {
    let layout = Layout { hubs: 1, stores: 2, policy: Policy::KeepWhereEarned, gather_ms: 20 };
    let mut world = World::found(layout, 1);
    let name = Edit::SetField { field: Field::Name, value: Some("王芳".to_owned()) };
    let register = Undertaking::Register { edits: vec![name], with_card: false };
    let Ok(Outcome::Member(member, _)) = answer(&mut world, A, register) else { panic!("no member") };
    assert_eq!(buy(&mut world, A, member, 100_000, 0), Ok(()));
    world.settle();
    assert_eq!(points(&world, member), [1_000; 3]);
    (world, member)
}

fn answer(world: &mut World, at: usize, undertaking: Undertaking) -> Result<Outcome, &'static str> {
    let ticket = world.submit(at, Order { request: None, undertaking });
    world.run_for(3_000);
    world.take_answer(ticket).unwrap().map(|reply| reply.outcome).map_err(|refusal| refusal.code())
}

/// A purchase of so many fen on which so many points are redeemed.
fn buy(world: &mut World, at: usize, member: MemberId, fen: i64, points: i64) -> Result<(), &'static str> {
    let check = format!("{}", world.now().monotonic_ms);
    let redemption = Redemption::Points(points);
    let basket = Basket {
        member,
        till: "1".into(),
        check,
        gross: Fen(fen),
        redemption,
        lines: Vec::new(),
        tenders: Tenders::default(),
        claimed_of: None,
    };
    answer(world, at, Undertaking::CheckOut(basket)).map(drop)
}

/// What every machine in service says the member has.
fn points(world: &World, member: MemberId) -> Vec<i64> {
    let replicas = (0..world.machines().len()).filter_map(|at| world.engine(at)).map(Engine::replica);
    replicas.map(|replica| replica.balance(member, Asset::Points, world.now()).unwrap()).collect()
}

fn assert_equal(world: &World) {
    let in_service = (0..world.machines().len()).filter_map(|at| world.engine(at)).map(Engine::replica);
    let digests: Vec<Digest> = in_service.map(|replica| replica.digest().unwrap()).collect();
    assert!(digests.windows(2).all(|pair| pair[0] == pair[1]), "{digests:?}");
    assert_eq!(world.oracle.violations(), []);
}

/// A bounded counter elsewhere: A has 10; apart, A spends 10 while B spends 6 of A's. Both end at −6.
#[test]
fn rights_that_are_given_away_while_they_are_spent_end_at_zero_not_below() {
    let (mut world, member) = city();
    world.set_line(A, false);
    assert_eq!(buy(&mut world, A, member, 1_000, 1_000), Ok(()));
    assert_eq!(buy(&mut world, B, member, 600, 600), Err("insufficient_rights_here"));
    world.set_line(A, true);
    world.settle();
    assert_eq!(buy(&mut world, B, member, 600, 600), Err("insufficient_balance"));
    // 10 yuan of goods have earned 10 points.
    assert_eq!(points(&world, member), [10; 3]);
    assert_equal(&world);
}

/// A merging counter elsewhere: 100 points, −60 at A, −60 and −20 at B apart. Both end at 20, and 140 of
/// 100 are spent.
#[test]
fn of_100_points_no_140_are_spent_by_two_that_do_not_see_each_other() {
    let (mut world, member) = city();
    world.set_line(A, false);
    world.set_line(B, false);
    assert_eq!(buy(&mut world, A, member, 600, 600), Ok(()));
    assert_eq!(buy(&mut world, B, member, 600, 600), Err("insufficient_rights_here"));
    assert_eq!(buy(&mut world, B, member, 200, 200), Err("insufficient_rights_here"));
    world.set_line(A, true);
    world.set_line(B, true);
    world.settle();
    assert_eq!(buy(&mut world, B, member, 200, 200), Ok(()));
    assert_eq!(buy(&mut world, B, member, 600, 600), Err("insufficient_balance"));
    world.settle();
    assert_eq!(points(&world, member), [1_000 - 600 + 6 - 200 + 2; 3]);
    assert_equal(&world);
}

/// Elsewhere one decrement that is delivered twice counts twice.
#[test]
fn what_is_delivered_twice_counts_once() {
    let (mut world, member) = city();
    world.set_faults(Faults { doubled_per_mille: 1_000, delay_most_ms: 100, ..Faults::NONE });
    assert_eq!(buy(&mut world, A, member, 300, 300), Ok(()));
    assert_eq!(buy(&mut world, B, member, 300, 300), Ok(()));
    world.settle();
    assert!(world.marks.of("frame_doubled") > 10);
    assert_eq!(points(&world, member), [1_000 - 600 + 6; 3]);
    assert_equal(&world);
}

/// Elsewhere a store whose disk image is put back diverges for ever, and both sides report that
/// nothing is needed.
#[test]
fn a_disk_image_that_is_put_back_is_found_out_and_the_others_go_on() {
    let (mut world, member) = city();
    let image = world.back_up(A).unwrap();
    assert_eq!(buy(&mut world, A, member, 400, 400), Ok(()));
    world.settle();
    world.restore(A, &image, true);
    world.settle();
    assert_eq!(buy(&mut world, A, member, 400, 400), Err("replica_stopped"));
    assert!(world.alarms().iter().any(|(at, alarm)| *at == A && alarm.code() == "alarm_own_journal_ahead"));
    assert_eq!(buy(&mut world, B, member, 10_000, 0), Ok(()));
    world.settle();
    assert_eq!(points(&world, member)[0], 1_000 - 400 + 4 + 100);
    // The shop gets a new replica, without any rights.
    world.calm();
    world.settle();
    assert!(world.marks.of("replaced") > 0);
    assert_equal(&world);
}
