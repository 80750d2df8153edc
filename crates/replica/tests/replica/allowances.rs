//! Points are spent in advance of rights, against what a hub grants; and it is settled.

use std::sync::Arc;

use proptest::prelude::*;
use purser_journal::Fact;
use purser_ledger::{Asset, Lot, Posting};
use purser_programme::{Offline, Programme};
use purser_replica::{Merging, Order, Outcome, Policy, Redemption, Refusal, Reply, Settings, Undertaking};
use purser_types::{Coded, MemberId};

use crate::{
    city::{City, Store, acquaint, assert_equal, basket, book, id_of, settle, tell, yuan},
    forger::{Forger, credit, points_of},
};

impl Store {
    /// A redemption whose hunt for rights was in vain.
    fn redeems_at_last(&mut self, member: MemberId, check: &str, points: i64) -> Result<Reply, Refusal> {
        let basket = basket(member, check, yuan(points / 100), Redemption::Points(points));
        let order = Order { request: None, undertaking: Undertaking::CheckOut(basket) };
        let now = self.now;
        let mut transaction = self.replica.begin(now).unwrap();
        let answer = transaction.execute_at_last(&order);
        let proof = transaction.commit().unwrap();
        answer.map(|reply| reply.release(&proof))
    }

    /// (available, used, lost)
    fn allowance(&self) -> (i64, i64, i64) {
        let standing = self.replica.allowance().unwrap();
        (standing.available, standing.used, standing.unbacked)
    }
}

fn grant(hub: &mut Store, to: u32, points: i64) {
    hub.does(Undertaking::GrantAllowance { to: id_of(to), points }).unwrap();
}

/// A hub and two stores; the second may advance so much; the member's points are at the first.
fn city_with(allowance: i64, points: i64) -> (City, [Store; 3], MemberId) {
    city_by(Programme::basic(), allowance, points)
}

/// The same by another programme.
fn city_by(programme: Programme, allowance: i64, points: i64) -> (City, [Store; 3], MemberId) {
    let (city, programme) = (City::found(), Arc::new(programme));
    let settings = || Settings { programme: Arc::clone(&programme), policy: Policy::KeepWhereEarned };
    let [mut hub, mut one, mut two] = [0, 1, 2].map(|number| city.open_for(number, settings()));
    let member = one.register("Wang");
    one.earns(member, points);
    acquaint(&mut [&mut hub, &mut one, &mut two]);
    if allowance > 0 {
        grant(&mut hub, 2, allowance);
    }
    settle(&mut [&mut hub, &mut one, &mut two]);
    assert_eq!(two.allowance(), (allowance, 0, 0));
    (city, [hub, one, two], member)
}

fn advanced(reply: &Reply) -> Option<i64> {
    match &reply.outcome {
        Outcome::Sale(_, sale) => sale.points_advanced,
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_is_advanced_is_settled_when_the_rights_come() {
    let (city, [mut hub, mut one, mut two], member) = city_with(1_000, 800);
    two.earns(member, 100);
    let reply = two.redeems_at_last(member, "1", 500).unwrap();
    assert_eq!(advanced(&reply), Some(400));
    // The sale earned 5 points that expire on the same day, and they settle it as far as they go.
    assert_eq!((two.points(member), two.allowance()), (405, (605, 395, 0)));
    assert_eq!(
        city.view(2).balance(member, Asset::Points, "2026-03-02".parse().unwrap()).unwrap().advanced,
        395
    );

    // Whoever holds the rights gives them up as soon as it hears of it.
    settle(&mut [&mut hub, &mut one, &mut two]);
    assert_eq!(two.allowance(), (1_000, 0, 0));
    assert_eq!((one.here(member), two.here(member), hub.points(member)), (405, 0, 405));
    assert_equal(&[&hub, &one, &two]);
    let heads: Vec<_> = [&hub, &one, &two].map(|store| store.me().head.seq).to_vec();
    for store in [&mut hub, &mut one, &mut two] {
        store.commit();
    }
    assert_eq!(heads, [&hub, &one, &two].map(|store| store.me().head.seq), "and then it is quiet");
    book(&city, 0).check_conservation().unwrap();
    city.assert_sound(&[0, 1, 2]);
}

#[test]
fn without_an_allowance_nothing_is_advanced() {
    let (_city, [_, _, mut two], member) = city_with(0, 800);
    let refused = two.redeems_at_last(member, "1", 500).unwrap_err();
    assert!(matches!(refused, Refusal::RightsTooFew { advance: None, here: 0, .. }), "{refused:?}");
    let (_city, [_, _, mut two], member) = city_with(1_000, 800);
    assert_eq!(
        two.buys(member, yuan(5), Redemption::Points(500)).unwrap_err().code(),
        "insufficient_rights_here"
    );
}

#[test]
fn no_more_on_a_day_than_the_programme_says() {
    let offline = Offline { advance_per_day: Some(300), ..Offline::default() };
    let programme = Programme { offline, ..Programme::basic() };
    let (_city, [_hub, _one, mut two], member) = city_by(programme, 1_000, 800);
    two.redeems_at_last(member, "1", 200).unwrap();
    let refused = two.redeems_at_last(member, "2", 200).unwrap_err();
    let Refusal::RightsTooFew { advance, .. } = refused else { panic!("{refused:?}") };
    assert_eq!(advance.map(purser_replica::AdvanceShort::name), Some("day_limit"));
    two.redeems_at_last(member, "3", 100).unwrap();
    two.later(crate::city::DAY_MS);
    two.redeems_at_last(member, "4", 200).unwrap();
}

#[test]
fn no_more_than_the_member_has_the_limit_and_the_allowance() {
    let (_city, [mut hub, mut one, mut two], member) = city_with(2_500, 5_000);
    let other = one.register("Li");
    one.earns(other, 5_000);
    settle(&mut [&mut hub, &mut one, &mut two]);
    let short = |refused: Refusal| match refused {
        Refusal::RightsTooFew { advance, .. } => advance.map(purser_replica::AdvanceShort::name),
        other => panic!("{other:?}"),
    };
    assert_eq!(two.redeems_at_last(member, "1", 5_100).unwrap_err().code(), "insufficient_balance");
    assert_eq!(short(two.redeems_at_last(member, "2", 2_100).unwrap_err()), Some("member_limit"));
    two.redeems_at_last(member, "3", 2_000).unwrap();
    assert_eq!(short(two.redeems_at_last(member, "4", 100).unwrap_err()), Some("member_limit"));
    assert_eq!(short(two.redeems_at_last(other, "5", 600).unwrap_err()), Some("used_up"));
    two.redeems_at_last(other, "6", 500).unwrap();
    assert_eq!(two.allowance(), (25, 2_475, 0));
}

#[test]
fn points_spent_twice_are_shown_as_lost_and_repaid_by_the_next_earnings_anywhere() {
    let (city, [mut hub, mut one, mut two], member) = city_with(1_000, 300);
    // Cut off from each other, both stores give the same 300 points away.
    two.redeems_at_last(member, "1", 300).unwrap();
    one.buys(member, yuan(3), Redemption::Points(300)).unwrap();
    settle(&mut [&mut hub, &mut one, &mut two]);
    // Each sale earned 3 points, which repay at once as far as they go.
    for store in [&hub, &one, &two] {
        assert_eq!((store.points(member), store.allowance().2), (-294, 294));
    }
    assert_eq!(two.allowance(), (706, 294, 294));
    city.assert_sound(&[0, 1, 2]);

    let mut two = two.reopened(&city, 2);
    hub.earns(member, 200);
    settle(&mut [&mut hub, &mut one, &mut two]);
    assert_eq!((two.allowance(), two.points(member)), ((906, 94, 94), -94));
    one.earns(member, 150);
    settle(&mut [&mut hub, &mut one, &mut two]);
    assert_eq!((two.allowance(), one.here(member), one.points(member)), ((1_000, 0, 0), 56, 56));
    assert_equal(&[&hub, &one, &two]);
    book(&city, 2).check_conservation().unwrap();
    city.assert_sound(&[0, 1, 2]);
    one.rebuild().unwrap();
    assert_equal(&[&hub, &one, &two]);
}

#[test]
fn a_lot_that_expires_later_covers_one_that_was_spent_twice() {
    let (city, [mut hub, mut one, mut two], member) = city_with(1_000, 300);
    two.redeems_at_last(member, "1", 300).unwrap();
    one.buys(member, yuan(3), Redemption::Points(300)).unwrap();
    settle(&mut [&mut hub, &mut one, &mut two]);
    // A year later what is earned expires later.
    for store in [&mut hub, &mut one, &mut two] {
        store.later(330 * crate::city::DAY_MS);
        let now = store.now;
        store.note_hub_met(now);
    }
    one.earns(member, 400);
    settle(&mut [&mut hub, &mut one, &mut two]);
    assert_eq!((two.allowance(), one.points(member)), ((1_000, 0, 0), 106));
    assert_equal(&[&hub, &one, &two]);
    book(&city, 0).check_conservation().unwrap();
    city.assert_sound(&[0, 1, 2]);
    let today = one.now.wall_ms;
    let mut view = city.view(2);
    let history = view.history(member, None, 20).unwrap();
    let cover = history.iter().find(|line| line.changes.len() == 2 && line.author == two.id()).unwrap();
    assert_eq!(cover.changes.iter().map(|(_, change)| change).sum::<i64>(), 0);
    assert!(view.date_at(today) > "2027-01-01".parse().unwrap());
}

#[test]
fn rights_on_their_way_to_who_owes_are_not_given_again() {
    let (_city, [mut hub, mut one, mut two], member) = city_with(1_000, 800);
    two.redeems_at_last(member, "1", 300).unwrap();
    tell(&two, &mut one);
    assert_eq!(one.here(member), 800 - 297);
    one.earns(member, 10);
    assert_eq!(one.here(member), 810 - 297, "the rest is on its way");
    settle(&mut [&mut hub, &mut one, &mut two]);
    assert_eq!((two.allowance(), two.here(member)), ((1_000, 0, 0), 0));
}

/// Rights to the lot itself are somewhere and will come: later points are not used up for it.
#[test]
fn other_points_cover_only_what_nobody_holds_rights_for() {
    let (_city, [mut hub, mut one, mut two], member) = city_with(1_000, 800);
    two.redeems_at_last(member, "1", 300).unwrap();
    let now_next_year = |store: &mut Store| {
        store.later(330 * crate::city::DAY_MS);
        let now = store.now;
        store.note_hub_met(now);
    };
    now_next_year(&mut two);
    two.earns(member, 100);
    assert_eq!((two.allowance(), two.here(member)), ((703, 297, 0), 100 - 297));
    now_next_year(&mut one);
    settle(&mut [&mut hub, &mut one, &mut two]);
    assert_eq!((two.allowance(), two.here(member)), ((1_000, 0, 0), 100));
}

#[test]
fn points_that_repay_are_given_once() {
    let (_city, [mut hub, mut one, mut two], member) = city_with(1_000, 300);
    two.redeems_at_last(member, "1", 300).unwrap();
    one.buys(member, yuan(3), Redemption::Points(300)).unwrap();
    settle(&mut [&mut hub, &mut one, &mut two]);
    assert_eq!(two.allowance(), (706, 294, 294));
    hub.later(330 * crate::city::DAY_MS);
    let now = hub.now;
    hub.note_hub_met(now);
    hub.earns(member, 500);
    assert_eq!(hub.here(member), 500 - 294);
    hub.earns(member, 10);
    assert_eq!(hub.here(member), 510 - 294, "the rest is on its way");
    settle(&mut [&mut hub, &mut one, &mut two]);
    assert_eq!((two.allowance(), two.points(member)), ((1_000, 0, 0), 216));
}

#[test]
fn a_return_of_what_was_advanced_settles_it() {
    let (city, [mut hub, mut one, mut two], member) = city_with(1_000, 300);
    let reply = two.redeems_at_last(member, "1", 300).unwrap();
    let Outcome::Sale(sale, _) = reply.outcome else { panic!() };
    two.takes_back(sale, yuan(3)).unwrap();
    assert_eq!(two.allowance(), (1_000, 0, 0));
    settle(&mut [&mut hub, &mut one, &mut two]);
    assert_eq!((two.points(member), one.here(member)), (300, 300));
    city.assert_sound(&[0, 1, 2]);
}

#[test]
fn only_hubs_grant_and_only_to_stores() {
    let (_city, [mut hub, mut one, mut two], _) = city_with(0, 100);
    let to = |to, points| Undertaking::GrantAllowance { to: id_of(to), points };
    assert_eq!(one.refuses(to(2, 100)), "not_a_hub");
    assert_eq!(hub.refuses(to(0, 100)), "unknown_replica");
    assert_eq!(hub.refuses(to(9, 100)), "unknown_replica");
    assert_eq!(hub.refuses(to(2, 0)), "out_of_range");
    let lend =
        Undertaking::Lend { to: id_of(1), member: MemberId::CHAIN, asset: Asset::Allowance, amount: 5 };
    grant(&mut hub, 2, 100);
    settle(&mut [&mut hub, &mut one, &mut two]);
    assert_eq!(two.refuses(lend), "nothing_to_lend");
    hub.does(Undertaking::Fence { replica: id_of(1), reason: "lost".into() }).unwrap();
    assert_eq!(hub.refuses(to(1, 100)), "unknown_replica");
}

#[test]
fn a_store_that_grants_itself_an_allowance_is_set_aside() {
    let (city, [mut hub, ..], member) = city_with(0, 100);
    let mut forger = Forger::enrolled(&city, 7);
    forger.posts(vec![credit(Lot::allowance(), 1_000)]);
    forger.posts(vec![Posting::Advance { lot: points_of(member), amount: 100 }]);
    let intake = hub.takes_in(forger.journal()).unwrap();
    assert_eq!((intake.known, hub.alarm_codes()), (0, vec!["alarm_unsound"]));
    let mut spender = Forger::enrolled(&city, 8);
    spender.writes(vec![Fact::Postings(vec![Posting::Advance { lot: points_of(member), amount: 100 }])]);
    assert_eq!(hub.takes_in(spender.journal()).unwrap().known, 0, "an advance that nothing covers");
    assert_eq!(hub.points(member), 100);
}

/// A database that a version before wrote, which did not remember what is advanced.
#[test]
fn an_older_database_is_folded_anew() {
    let (city, [mut hub, mut one, mut two], member) = city_with(1_000, 300);
    two.redeems_at_last(member, "1", 300).unwrap();
    let digest = two.digest();
    drop(two);
    let older = rusqlite::Connection::open(city.database(2)).unwrap();
    older
        .execute_batch(
            "DROP TABLE figures; DROP TABLE merges; DROP INDEX members_conflicted;
CREATE TABLE sale_sums (
    author          INTEGER PRIMARY KEY,
    sales           INTEGER NOT NULL,
    gross_fen       INTEGER NOT NULL,
    discount_fen    INTEGER NOT NULL,
    points_earned   INTEGER NOT NULL,
    points_redeemed INTEGER NOT NULL
) STRICT;
             DROP TABLE details; DROP TABLE programmes; DROP TABLE top_ups; DROP TABLE accounts; DROP TABLE acts;
             DROP INDEX members_by_initials; ALTER TABLE members DROP COLUMN initials; ALTER TABLE movements RENAME COLUMN kind TO is_sale;
             DROP INDEX shares_owed; DROP INDEX shares_advanced; ALTER TABLE shares DROP COLUMN advanced; PRAGMA user_version = 1",
        )
        .unwrap();
    drop(older);
    city.assert_sound(&[2]);
    two = city.open(2);
    assert_eq!((two.digest(), two.allowance()), (digest, (703, 297, 0)));
    settle(&mut [&mut hub, &mut one, &mut two]);
    assert_eq!(two.allowance(), (1_000, 0, 0));
    city.assert_sound(&[0, 1, 2]);
}

/// A store that is lost for good with an advance open: what it used is gone, and not used again.
#[test]
fn what_a_lost_store_has_used_of_its_allowance_does_not_come_back() {
    let (city, [mut hub, mut one, mut two], member) = city_with(1_000, 300);
    two.redeems_at_last(member, "1", 300).unwrap();
    tell(&two, &mut hub);
    hub.does(Undertaking::Fence { replica: id_of(2), reason: "burnt down".into() }).unwrap();
    hub.later(32 * crate::city::DAY_MS);
    hub.does(Undertaking::Reclaim { replica: id_of(2) }).unwrap();
    assert_eq!(hub.rights(MemberId::CHAIN, Asset::Allowance), 703);
    settle(&mut [&mut hub, &mut one]);
    assert_equal(&[&hub, &one]);
    assert_eq!((one.points(member), one.allowance().2), (3, 0), "its points are still held against the debt");
    book(&city, 0).check_conservation().unwrap();
    city.assert_sound(&[0, 1]);
}

/// What happens in a city whose stores cannot see each other most of the time.
#[derive(Debug, Clone)]
enum Step {
    Redeem { at: usize, member: usize, steps: i64 },
    Earn { at: usize, member: usize, points: i64 },
    Tell { from: usize, to: usize },
    Reopen { at: usize },
}

fn step() -> impl Strategy<Value = Step> {
    let (at, member) = (|| 0..3_usize, || 0..6_usize);
    prop_oneof![
        5 => (at(), member(), 1..9_i64).prop_map(|(at, member, steps)| Step::Redeem { at, member, steps }),
        2 => (at(), member(), 1..400_i64).prop_map(|(at, member, points)| Step::Earn { at, member, points }),
        3 => (at(), at()).prop_map(|(from, to)| Step::Tell { from, to }),
        1 => at().prop_map(|at| Step::Reopen { at }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { max_shrink_iters: 64, ..ProptestConfig::with_cases(24) })]

    /// Many members at once, at stores that know nothing of each other: whatever they do, no
    /// more is lost than was granted, and the city comes to rest with everything settled that can be.
    #[test]
    fn never_more_is_lost_than_was_granted(steps in prop::collection::vec(step(), 1..60)) {
        const GRANTED: [i64; 2] = [700, 1_500];
        let (city, [mut hub, mut one, mut two]) = City::of();
        let members: Vec<MemberId> = (0..6).map(|number| one.register(&format!("M{number}"))).collect();
        for member in &members {
            one.earns(*member, 500);
        }
        acquaint(&mut [&mut hub, &mut one, &mut two]);
        grant(&mut hub, 1, GRANTED[0]);
        grant(&mut hub, 2, GRANTED[1]);
        settle(&mut [&mut hub, &mut one, &mut two]);
        let mut stores = vec![hub, one, two];
        for (number, step) in steps.iter().enumerate() {
            match *step {
                Step::Redeem { at, member, steps } => {
                    let _refused = stores[at].redeems_at_last(members[member], &format!("r{number}"), steps * 100);
                }
                Step::Earn { at, member, points } => drop(stores[at].earns(members[member], points)),
                Step::Tell { from, to } if from != to => {
                    let [from, to] = stores.get_disjoint_mut([from, to]).unwrap();
                    tell(from, to);
                }
                Step::Tell { .. } => {}
                Step::Reopen { at } => {
                    let store = stores.remove(at).reopened(&city, u32::try_from(at).unwrap());
                    stores.insert(at, store);
                }
            }
        }
        let [hub, one, two] = stores.get_disjoint_mut([0, 1, 2]).unwrap();
        settle(&mut [hub, one, two]);
        assert_equal(&[hub, one, two]);
        let (_, _, lost) = hub.allowance();
        prop_assert!(lost <= GRANTED.iter().sum(), "{lost} lost");
        let owed: i64 = members.iter().map(|member| hub.points(*member).min(0)).sum();
        prop_assert!(-owed <= lost, "{owed} owed, {lost} lost");
        // What is not lost is settled.
        let used: i64 = [one.allowance().1, two.allowance().1].iter().sum();
        prop_assert_eq!(used, lost);
        prop_assert!(hub.alarm_codes().is_empty() && one.alarm_codes().is_empty() && two.alarm_codes().is_empty());
        book(&city, 0).check_conservation().unwrap();
        city.assert_sound(&[0, 1, 2]);
    }
}

/// What one name owes is settled by what the other has, as soon as they are one person.
#[test]
fn a_merge_settles_what_the_other_name_owes() {
    let (city, [mut hub, mut one, mut two], member) = city_with(1_000, 500);
    two.redeems_at_last(member, "a", 500).unwrap();
    one.does(Undertaking::CheckOut(basket(member, "b", yuan(5), Redemption::Points(500)))).unwrap();
    let other = two.register("Wang Xiaoming");
    two.earns(other, 2_000);
    settle(&mut [&mut hub, &mut one, &mut two]);
    assert!(two.allowance().1 > 400, "{:?}", two.allowance());
    let (reason, by) = ("the same phone".to_owned(), "wu".to_owned());
    one.does(Undertaking::Merge(Merging { member, into: Some(other), reason, by })).unwrap();
    settle(&mut [&mut hub, &mut one, &mut two]);
    assert_eq!(two.allowance(), (1_000, 0, 0));
    assert_equal(&[&hub, &one, &two]);
    city.assert_sound(&[0, 1, 2]);
}
