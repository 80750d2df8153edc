//! A replica that comes back from an earlier copy of its file stops writing.

use purser_replica::{Alarm, Redemption, Run};
use purser_types::{Coded, MemberId};

use crate::city::{ALL, City, Store, tell, yuan};

/// Store 1 as of its 3rd entry, after the hub has heard of its 5th; and the runs of its journal
/// that the hub could show.
fn copied() -> (City, Store, Store, MemberId) {
    let (city, [mut hub, mut one]) = City::of();
    let member = one.register("Wang");
    one.earns(member, 300);
    one.earns(member, 10);
    drop(one);
    std::fs::copy(city.database(1), city.directory.path().join("backup.db")).unwrap();
    let mut one = city.open(1);
    one.sells(member, yuan(3), 300);
    one.earns(member, 1);
    tell(&one, &mut hub);
    drop(one);
    purser_storage::Database::remove_files(&city.database(1));
    std::fs::copy(city.directory.path().join("backup.db"), city.database(1)).unwrap();
    let one = city.open(1);
    (city, hub, one, member)
}

fn stopped(store: &mut Store, member: MemberId) -> bool {
    let refused = store.buys(member, yuan(3), Redemption::Points(300)).map_err(|refusal| refusal.code());
    store.stopped().is_some() && refused.unwrap_err() == "replica_stopped"
}

#[test]
fn a_peer_that_knows_more_stops_it() {
    let (_city, hub, mut one, member) = copied();
    assert_eq!((hub.known(one.id()), one.known(one.id())), (5, 3));
    one.stop_as_old_copy(hub.id(), 5);
    assert!(stopped(&mut one, member));
    let alarm = Alarm::OwnJournalAhead { peer: hub.id(), known: 5, have: 3 };
    assert_eq!(one.take_alarms(), [alarm]);
    one.stop_as_old_copy(hub.id(), 5);
    assert_eq!(one.take_alarms(), [], "once is enough");
}

#[test]
fn its_own_later_entries_stop_it_for_good() {
    let (city, hub, mut one, member) = copied();
    let ours = hub.run_after(one.id(), 3, ALL).unwrap().unwrap();
    assert_eq!(one.takes_in(ours).unwrap_err().code(), "author_set_aside");
    assert!(stopped(&mut one, member));
    let mut one = one.reopened(&city, 1);
    assert!(stopped(&mut one, member), "also after a restart");
    one.later(1_000);
    one.tick();
    assert_eq!(one.known(one.id()), 3);
}

/// Anybody can say that there is more; only we can have sealed it.
#[test]
fn somebody_elses_word_for_it_in_a_run_is_not_enough() {
    let (_city, hub, mut one, _) = copied();
    let genuine = hub.run_after(one.id(), 0, ALL).unwrap().unwrap();
    let mut seal = genuine.seal;
    seal.seq = 4_000_000;
    let boasting = Run { seal, ..genuine.clone() };
    let fault = one.takes_in(boasting).unwrap_err();
    assert_eq!((fault.code(), fault.blames_sender()), ("seal_forged", true));
    let empty = Run { entries: Vec::new(), ..genuine };
    assert!(one.takes_in(empty).unwrap_err().blames_sender());
    assert_eq!((one.stopped(), one.alarm_codes()), (None, vec![]));
}

/// It wrote on before it met anybody: now there are two histories under one name.
#[test]
fn a_copy_that_wrote_on_is_found_out_on_both_sides() {
    let (_city, mut hub, mut one, member) = copied();
    for points in 1..=4 {
        one.earns(member, points);
    }
    let theirs = one.run_after(one.id(), 5, ALL).unwrap().unwrap();
    assert_eq!(hub.takes_in(theirs).unwrap_err().code(), "journal_forked");
    assert_eq!(hub.alarm_codes(), ["alarm_forked"]);
    let ours = hub.run_after(one.id(), 0, ALL).unwrap().unwrap();
    assert_eq!(one.takes_in(ours).unwrap_err().code(), "author_set_aside");
    assert!(stopped(&mut one, member));
    assert_eq!(one.alarm_codes(), ["alarm_forked"]);
}

#[test]
fn a_fork_of_our_own_heard_of_stops_us() {
    let (_city, _hub, mut one, member) = copied();
    let (now, me) = (one.now, one.id());
    let mut transaction = one.begin(now).unwrap();
    transaction.note_fork(me, 3).unwrap();
    let _proof = transaction.commit().unwrap();
    assert!(stopped(&mut one, member));
}

#[test]
fn what_we_have_ourselves_proves_nothing() {
    let (_city, [mut hub, mut one]) = City::of();
    let member = one.register("Wang");
    one.earns(member, 300);
    tell(&one, &mut hub);
    let ours = hub.run_after(one.id(), 0, ALL).unwrap().unwrap();
    assert_eq!(one.takes_in(ours).unwrap().fresh, 0);
    assert_eq!(one.stopped(), None);
    one.earns(member, 1);
}
