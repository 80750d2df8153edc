//! A store that has met no hub for longer than its lease.

use purser_replica::{Now, Redemption, Undertaking};
use purser_types::{Coded, MemberId};

use crate::city::{City, Store, id_of, settle, yuan};

const DAY_MS: u64 = 86_400_000;

/// A store with a member who has 1,000 points, and a sale of theirs.
fn store() -> (City, Store, MemberId, purser_types::SaleId) {
    let (city, [mut hub, mut store]) = City::of();
    let member = store.register("Wang");
    store.earns(member, 1_000);
    let sale = store.sells(member, yuan(20), 0);
    settle(&mut [&mut hub, &mut store]);
    (city, store, member, sale)
}

fn redeems(store: &mut Store, member: MemberId) -> Result<(), &'static str> {
    let redeemed = store.buys(member, yuan(10), Redemption::Points(100));
    redeemed.map(drop).map_err(|refusal| refusal.code())
}

#[test]
fn after_its_lease_a_store_goes_on_selling_and_spends_no_rights() {
    let (_city, mut store, member, sale) = store();
    let hold = store.holds(member, 100, DAY_MS);
    let lease_ms = store.lease().unwrap().ends_ms() - store.now.wall_ms;
    assert!(lease_ms.abs_diff(purser_replica::LEASE_MS) < DAY_MS);
    store.later(lease_ms - 1_000);
    assert_eq!(redeems(&mut store, member), Ok(()));
    store.later(2_000);
    assert_eq!(redeems(&mut store, member), Err("lease_ended"));
    let lend = Undertaking::Lend { to: id_of(0), member, asset: purser_ledger::Asset::Points, amount: 1 };
    assert_eq!(store.refuses(lend), "lease_ended");
    assert_eq!(store.refuses(Undertaking::Hold { member, points: 1, lasts_ms: DAY_MS }), "lease_ended");
    assert_eq!(store.refuses(Undertaking::Capture { hold, points: None }), "lease_ended");
    assert_eq!(store.takes_back(sale, yuan(1)).unwrap_err().code(), "lease_ended");
    store.buys(member, yuan(5), Redemption::None).unwrap();

    let now = store.now;
    store.note_hub_met(now);
    assert_eq!(redeems(&mut store, member), Ok(()));
}

#[test]
fn a_meeting_is_remembered_over_a_restart_and_the_clock_cannot_be_turned_back() {
    let (city, mut store, member, _) = store();
    store.later(20 * DAY_MS);
    let met: Now = store.now;
    store.note_hub_met(met);
    assert_eq!(redeems(&mut store, member), Ok(()));
    let mut store = store.reopened(&city, 1);
    assert_eq!(store.lease().unwrap().met_hub_ms, met.wall_ms);
    store.now = Now { wall_ms: met.wall_ms - 2 * DAY_MS, ..met };
    assert_eq!(redeems(&mut store, member), Err("lease_ended"));
    let now = store.now;
    store.note_hub_met(now);
    assert_eq!(redeems(&mut store, member), Ok(()), "a hub was met by the clock as it is now");
}

#[test]
fn a_hub_that_is_alone_has_nobody_to_meet() {
    let (city, [mut hub, mut store]) = City::of();
    let member = hub.register("Wang");
    hub.earns(member, 300);
    settle(&mut [&mut hub, &mut store]);
    assert_eq!(hub.lease(), None);
    hub.later(400 * DAY_MS);
    assert_eq!(redeems(&mut hub, member), Ok(()));

    // With another hub there is somebody who may put this one out.
    hub.does(Undertaking::Enrol { credential: city.credential(1000), invitation: [9; 16] }).unwrap();
    assert_eq!(redeems(&mut hub, member), Err("lease_ended"));
    hub.does(Undertaking::Fence { replica: id_of(1000), reason: "burnt down".into() }).unwrap();
    assert_eq!(hub.lease(), None);
    assert_eq!(redeems(&mut hub, member), Ok(()));
}

/// Set back by 20 hours every 20 hours, the clock never shows the end of the lease.
#[test]
fn a_clock_that_is_set_back_again_and_again_gains_no_lease() {
    let (city, mut store, member, _) = store();
    let met = store.now;
    store.note_hub_met(met);
    let mut served_days = 0;
    for day in 0..40_u64 {
        if day % 5 == 0 {
            store = store.reopened(&city, 1);
        }
        store.now =
            Now { wall_ms: met.wall_ms + day * 60_000, monotonic_ms: met.monotonic_ms + day * DAY_MS };
        store.earns(member, 1_000);
        store.later(20 * 3_600_000);
        served_days += u32::from(redeems(&mut store, member).is_ok());
    }
    assert!(served_days <= 2, "{served_days} days");
}

#[test]
fn a_hub_whose_clock_most_others_doubt_takes_nothing_back() {
    let (_city, [mut hub, mut store]) = City::of();
    let member = store.register("Wang");
    store.earns(member, 300);
    settle(&mut [&mut hub, &mut store]);
    let gone = store.id();
    hub.does(Undertaking::Fence { replica: gone, reason: "burnt down".into() }).unwrap();
    hub.later(purser_replica::LEASE_MS + DAY_MS);
    let (off, near) = (40 * DAY_MS.cast_signed(), 1_000);
    for (ahead, doubted) in [
        (vec![-off], true),
        (vec![off, near], true),
        (vec![-off, -off, near], true),
        (vec![-off, near, near], false),
        (vec![], false),
    ] {
        hub.set_peers_ahead(ahead);
        let result = hub.does(Undertaking::Reclaim { replica: gone });
        let code = result.err().map(|refusal| refusal.code());
        assert_eq!(code == Some("clock_doubtful"), doubted, "{code:?}");
    }
}
