//! Points set aside: captured, released, run out; once.

use purser_ledger::Asset;
use purser_replica::{Order, Redemption, Undertaking};
use purser_types::{Coded, Fen, HoldId, MemberId};

use crate::city::{City, Store, settle, yuan};

const MINUTE_MS: u64 = 60_000;

fn capture(store: &mut Store, hold: HoldId, points: Option<i64>) -> Result<(), &'static str> {
    store.does(Undertaking::Capture { hold, points }).map(|_| ()).map_err(|refusal| refusal.code())
}

fn release(store: &mut Store, hold: HoldId) -> Result<(), &'static str> {
    store.does(Undertaking::Release { hold }).map(|_| ()).map_err(|refusal| refusal.code())
}

fn held(store: &Store, city: &City, member: MemberId) -> i64 {
    let today = store.zone().date_at(store.now.wall_ms);
    city.view(0).balance(member, Asset::Points, today).unwrap().held
}

fn with_points(points: i64) -> (City, Store, MemberId) {
    let (city, [mut store]) = City::of();
    let member = store.register("Wang");
    store.earns(member, points);
    (city, store, member)
}

#[test]
fn all_of_a_hold_a_part_of_it_or_nothing() {
    let (city, mut store, member) = with_points(900);
    let holds = [300, 300, 300].map(|points| store.holds(member, points, MINUTE_MS));
    assert_eq!((store.points(member), held(&store, &city, member)), (0, 900));
    assert_eq!(capture(&mut store, holds[0], None), Ok(()));
    assert_eq!((store.points(member), held(&store, &city, member)), (0, 600));
    assert_eq!(capture(&mut store, holds[1], Some(100)), Ok(()));
    assert_eq!((store.points(member), held(&store, &city, member)), (200, 300));
    assert_eq!(release(&mut store, holds[2]), Ok(()));
    assert_eq!((store.points(member), held(&store, &city, member)), (500, 0));
    for hold in holds {
        assert_eq!(capture(&mut store, hold, None), Err("hold_settled"));
        assert_eq!(release(&mut store, hold), Err("hold_settled"));
    }
    assert_eq!(store.points(member), 500);
}

#[test]
fn figures_that_cannot_be() {
    let (_city, mut store, member) = with_points(900);
    for (points, lasts_ms) in
        [(0, MINUTE_MS), (-1, MINUTE_MS), (i64::MAX, MINUTE_MS), (1, 999), (1, 86_400_001), (1, u64::MAX)]
    {
        assert_eq!(store.refuses(Undertaking::Hold { member, points, lasts_ms }), "out_of_range");
    }
    let more = Undertaking::Hold { member, points: 901, lasts_ms: MINUTE_MS };
    assert_eq!(store.refuses(more), "insufficient_balance");
    let hold = store.holds(member, 900, MINUTE_MS);
    for points in [0, -1, 901, i64::MAX, i64::MIN] {
        assert_eq!(capture(&mut store, hold, Some(points)), Err("out_of_range"));
    }
    let unknown = HoldId::from_i64(4711).unwrap();
    assert_eq!(capture(&mut store, unknown, None), Err("unknown_hold"));
}

#[test]
fn what_is_held_cannot_be_spent_besides() {
    let (_city, mut store, member) = with_points(500);
    store.holds(member, 300, MINUTE_MS);
    assert_eq!(
        store.buys(member, yuan(9), Redemption::Points(300)).unwrap_err().code(),
        "insufficient_balance"
    );
    store.sells(member, yuan(2), 200);
}

#[test]
fn a_hold_that_ran_out_is_released_once() {
    let (city, mut store, member) = with_points(500);
    let hold = store.holds(member, 500, MINUTE_MS);
    assert_eq!(store.next_deadline_ms().unwrap(), Some(store.now.wall_ms + MINUTE_MS));
    store.later(MINUTE_MS - 1);
    store.tick();
    assert_eq!(held(&store, &city, member), 500);
    store.later(1);
    assert_eq!(capture(&mut store, hold, None), Err("hold_expired"));
    let before = store.me().head.seq;
    store.tick();
    store.tick();
    assert_eq!((store.points(member), store.me().head.seq), (500, before + 1));
    assert_eq!(store.next_deadline_ms().unwrap(), None);
    assert_eq!(capture(&mut store, hold, None), Err("hold_expired"));
    let bought = store.buys(member, yuan(9), Redemption::Hold(hold));
    assert_eq!(bought.unwrap_err().code(), "hold_expired");
    assert_eq!(release(&mut store, hold), Err("hold_settled"));
}

#[test]
fn a_hold_that_was_used_is_settled_and_not_run_out() {
    let (_city, mut store, member) = with_points(500);
    let hold = store.holds(member, 500, MINUTE_MS);
    assert_eq!(capture(&mut store, hold, Some(1)), Ok(()));
    store.later(MINUTE_MS);
    assert_eq!(capture(&mut store, hold, None), Err("hold_settled"));
}

#[test]
fn releasing_what_has_just_run_out_is_granted() {
    let (_city, mut store, member) = with_points(500);
    let hold = store.holds(member, 500, MINUTE_MS);
    store.later(MINUTE_MS);
    assert_eq!(release(&mut store, hold), Ok(()));
    let before = store.me().head.seq;
    store.tick();
    assert_eq!((store.points(member), store.me().head.seq), (500, before));
}

#[test]
fn more_holds_than_one_entry_releases() {
    let (_city, mut store, member) = with_points(500);
    let now = store.now;
    let mut transaction = store.begin(now).unwrap();
    for _ in 0..130 {
        let undertaking = Undertaking::Hold { member, points: 1, lasts_ms: 1_000 };
        let _ = transaction.execute(&Order { request: None, undertaking }).unwrap();
    }
    let _proof = transaction.commit().unwrap();
    store.later(1_000);
    store.tick();
    assert_eq!(store.points(member), 470);
    assert!(store.next_deadline_ms().unwrap().is_some_and(|at_ms| at_ms <= store.now.wall_ms));
    store.tick();
    assert_eq!(store.points(member), 500);
}

#[test]
fn a_hold_survives_a_restart_and_is_captured_after_it() {
    let (city, mut store, member) = with_points(500);
    let hold = store.holds(member, 400, MINUTE_MS);
    let mut store = store.reopened(&city, 0);
    assert_eq!((store.points(member), held(&store, &city, member)), (100, 400));
    assert_eq!(capture(&mut store, hold, Some(300)), Ok(()));
    let store = store.reopened(&city, 0);
    assert_eq!((store.points(member), held(&store, &city, member)), (200, 0));
}

#[test]
fn a_hold_pays_in_a_checkout() {
    let (city, mut store, member) = with_points(500);
    let other = store.register("Li");
    let odd = store.holds(member, 150, MINUTE_MS);
    let hold = store.holds(member, 300, MINUTE_MS);
    let buys = |store: &mut Store, member, hold| {
        store.buys(member, Fen(1_000), Redemption::Hold(hold)).map_err(|refusal| refusal.code())
    };
    assert_eq!(buys(&mut store, other, hold).unwrap_err(), "hold_of_another_member");
    assert_eq!(buys(&mut store, member, odd).unwrap_err(), "redemption_not_in_steps");
    buys(&mut store, member, hold).unwrap();
    assert_eq!((store.points(member), held(&store, &city, member)), (60, 150));
    assert_eq!(buys(&mut store, member, hold).unwrap_err(), "hold_settled");
    assert_eq!(release(&mut store, odd), Ok(()));
    assert_eq!(store.points(member), 210);
}

#[test]
fn a_hold_of_another_store_is_theirs() {
    let (_city, [mut hub, mut store]) = City::of();
    let member = store.register("Wang");
    store.earns(member, 500);
    let hold = store.holds(member, 500, MINUTE_MS);
    settle(&mut [&mut hub, &mut store]);
    assert_eq!(capture(&mut hub, hold, None), Err("hold_elsewhere"));
    assert_eq!(release(&mut hub, hold), Err("hold_elsewhere"));
    hub.later(2 * MINUTE_MS);
    hub.tick();
    assert_eq!((hub.me().head.seq, hub.points(member)), (0, 0));
}

#[test]
fn a_capture_spends_what_expires_first() {
    let (_city, mut store, member) = with_points(300);
    store.later(305 * crate::city::DAY_MS);
    store.earns(member, 300);
    let hold = store.holds(member, 500, MINUTE_MS);
    assert_eq!(capture(&mut store, hold, Some(350)), Ok(()));
    assert_eq!(store.points(member), 250);
    store.later(365 * crate::city::DAY_MS); // the first 300 would be gone now
    assert_eq!(store.points(member), 250);
}
