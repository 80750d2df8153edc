//! Journals arrive late, twice, overlapping, in any order: the end is the same. What is not a
//! journal changes nothing.

use std::{collections::BTreeMap, sync::LazyLock};

use proptest::prelude::*;
use purser_documents::{CardState, Field};
use purser_journal::{Credential, Fact, Head, Seal, SignedCredential};
use purser_replica::{Alarm, IntakeFault, Run, RunLimit, Undertaking};
use purser_types::{Coded, Digest, MemberId, Scope};

use crate::{
    city::{ALL, City, Store, acquaint, assert_equal, authority, id_of, key_of, settle, tell, yuan},
    forger::{Forger, credit, nobodys_hash, points_of},
};

fn refusal(store: &mut Store, run: Run) -> (&'static str, bool) {
    let fault = store.takes_in(run).unwrap_err();
    (fault.code(), fault.blames_sender())
}

/// A store with a journal of some length, one seal an entry.
fn writer(city: &City) -> (Store, MemberId) {
    let mut store = city.open(1);
    let member = store.register("Wang");
    for points in 1..8 {
        store.earns(member, points);
    }
    (store, member)
}

#[test]
fn a_journal_with_a_gap_waits_for_the_gap() {
    let city = City::found();
    let (one, member) = writer(&city);
    let mut two = city.open(2);
    let limit = RunLimit { entries: 3, ..ALL };
    let [first, second, third] =
        [0, 3, 6].map(|after| one.run_after(one.id(), after, limit).unwrap().unwrap());
    assert_eq!(refusal(&mut two, second.clone()), ("journal_gap", false));
    two.takes_in(first.clone()).unwrap();
    assert_eq!(refusal(&mut two, third.clone()), ("journal_gap", false));
    two.takes_in(second).unwrap();
    assert_eq!(two.takes_in(first).unwrap().fresh, 0);
    assert_eq!(two.takes_in(third).unwrap().known, 8);
    assert_eq!((two.points(member), two.digest()), (28, one.digest()));
}

#[test]
fn runs_may_overlap_and_come_again() {
    let city = City::found();
    let (one, _) = writer(&city);
    let mut two = city.open(2);
    let run = |after, entries| one.run_after(one.id(), after, RunLimit { entries, ..ALL }).unwrap().unwrap();
    let taken = [run(0, 4), run(2, 4), run(0, 7), run(6, 2), run(0, 8)].map(|run| two.takes_in(run).unwrap());
    assert_eq!(taken.map(|intake| intake.fresh), [4, 2, 1, 1, 0]);
    assert_eq!(two.digest(), one.digest());
}

/// Bytes of an entry, its seal, the name on it, the credential: whatever is touched, nothing is taken.
#[test]
fn a_run_that_was_touched_is_refused_and_its_sender_blamed() {
    let city = City::found();
    let (one, _) = writer(&city);
    let mut two = city.open(2);
    let good = one.run_for(&two, one.id()).unwrap();
    let before = two.digest();
    for (entry, byte) in [(0, 20), (3, 60), (7, 90)] {
        let mut run = good.clone();
        run.entries[entry][byte] ^= 1;
        let (code, blamed) = refusal(&mut two, run);
        assert!(blamed, "{code}");
    }
    let cut = Run { entries: good.entries[..7].to_vec(), ..good.clone() };
    assert_eq!(refusal(&mut two, cut), ("seal_forged", true));
    let mut swapped = good.clone();
    swapped.entries.swap(2, 3);
    assert_eq!(refusal(&mut two, swapped), ("entry_out_of_place", true));
    let head = one.me().head;
    let seal = Seal::sign(&key_of(3), &city.charter.scope, one.id(), head);
    assert_eq!(refusal(&mut two, Run { seal, ..good.clone() }), ("seal_forged", true));
    assert_eq!(refusal(&mut two, Run { entries: Vec::new(), ..good.clone() }), ("seal_forged", true));
    let long = vec![0; 300 * 1024];
    assert_eq!(refusal(&mut two, Run { entries: vec![long], ..good.clone() }), ("malformed_bytes", true));
    assert_eq!((two.digest(), two.alarm_codes()), (before, vec![]));
    assert_eq!(two.takes_in(good).unwrap().fresh, 8);
}

#[test]
fn a_journal_of_another_chain_does_not_fit() {
    let city = City::found();
    let mut elsewhere = Forger::enrolled(&city, 1);
    elsewhere.scope = Scope { chain: "Lotus".into(), ..city.charter.scope.clone() };
    elsewhere.writes(vec![]);
    let mut two = city.open(2);
    assert_eq!(refusal(&mut two, elsewhere.journal()), ("seal_forged", true));
    // Not even where the beginning is taken over: seals are of one chain too.
    elsewhere.scope = city.charter.scope.clone();
    elsewhere.entries.clear();
    elsewhere.writes(vec![]);
    elsewhere.scope = Scope { city: "Ningbo".into(), ..city.charter.scope.clone() };
    assert_eq!(refusal(&mut two, elsewhere.journal()), ("seal_forged", true));
    assert_eq!(two.author(id_of(1)).unwrap().quarantine, None);
}

#[test]
fn nobody_writes_under_another_name() {
    let city = City::found();
    let mut two = city.open(2);
    let mut forger = Forger::enrolled(&city, 3);
    forger.writes(vec![]);
    let honest = forger.journal();
    let as_store_1 = Run { author: id_of(1), ..honest.clone() };
    assert_eq!(refusal(&mut two, as_store_1), ("credential_forged", true));
    let plain = city.plain_credential(3);
    let self_signed = SignedCredential::issue(&key_of(3), &plain);
    assert_eq!(
        refusal(&mut two, Run { credential: Some(self_signed), ..honest.clone() }),
        ("credential_forged", true)
    );
    let scope = Scope { city: "Ningbo".into(), ..city.charter.scope.clone() };
    let foreign = SignedCredential::issue(&authority(), &Credential { scope, ..plain });
    assert_eq!(
        refusal(&mut two, Run { credential: Some(foreign), ..honest.clone() }),
        ("credential_foreign_scope", true)
    );
    // Entries of one author in a run of another.
    let mut one = Forger::enrolled(&city, 1);
    one.writes(vec![]);
    assert_eq!(refusal(&mut two, Run { credential: None, ..honest.clone() }), ("author_unknown", true));
    let smuggled = Run { entries: one.entries.clone(), ..honest.clone() };
    assert_eq!(refusal(&mut two, smuggled), ("entry_out_of_place", true));
    assert!(two.author(id_of(1)).is_none());
    two.takes_in(honest.clone()).unwrap();
    // Who is known needs no introduction.
    two.takes_in(Run { credential: None, ..honest }).unwrap();
}

/// Without its author's seal, another history is nothing but a lie of whoever sends it.
#[test]
fn a_made_up_fork_blames_its_sender_and_nobody_else() {
    let city = City::found();
    let (mut one, member) = writer(&city);
    let mut two = city.open(2);
    tell(&one, &mut two);
    let mut liar = Forger::enrolled(&city, 1);
    liar.key = key_of(3);
    for _ in 0..8 {
        liar.writes(vec![Fact::Address("a:1".into())]);
    }
    liar.writes(vec![]);
    assert_eq!(refusal(&mut two, liar.run(9, 9)), ("seal_forged", true));
    let genuine_seal = one.run_after(one.id(), 0, ALL).unwrap().unwrap().seal;
    let mut torn = liar.run(9, 9);
    torn.seal = Seal { seq: 9, ..genuine_seal };
    assert_eq!(refusal(&mut two, torn), ("seal_forged", true));
    assert_eq!((two.author(one.id()).unwrap().quarantine.clone(), two.alarm_codes()), (None, vec![]));
    one.earns(member, 72);
    tell(&one, &mut two);
    assert_eq!(two.points(member), 100);
}

#[test]
fn an_author_of_two_histories_is_set_aside_and_the_others_go_on() {
    let city = City::found();
    let (mut hub, mut two) = (city.open(0), city.open(2));
    let mut forger = Forger::enrolled(&city, 1);
    forger.writes(vec![]);
    let mut other = forger.clone();
    forger.writes(vec![Fact::Address("a:1".into())]);
    other.writes(vec![Fact::Address("b:2".into())]);
    other.writes(vec![]);
    two.takes_in(forger.journal()).unwrap();
    let fault = two.takes_in(other.run(3, 3)).unwrap_err();
    assert!(matches!(fault, IntakeFault::Forked { seq: 3, .. }), "{fault}");
    assert!(!fault.blames_sender());
    assert_eq!(two.take_alarms(), [Alarm::Forked { author: forger.id, seq: 3 }]);
    forger.writes(vec![]);
    assert_eq!(refusal(&mut two, forger.run(3, 3)), ("author_set_aside", false));
    let mut two = two.reopened(&city, 2);
    assert_eq!(refusal(&mut two, forger.run(3, 3)), ("author_set_aside", false), "also after a restart");
    let member = hub.register("Wang");
    hub.earns(member, 30);
    tell(&hub, &mut two);
    assert_eq!(two.points(member), 30);
}

#[test]
fn a_fork_heard_of_sets_the_author_aside_once() {
    let city = City::found();
    let (one, _) = writer(&city);
    let mut two = city.open(2);
    tell(&one, &mut two);
    let now = two.now;
    let mut transaction = two.begin(now).unwrap();
    transaction.note_fork(one.id(), 5).unwrap();
    transaction.note_fork(one.id(), 5).unwrap();
    transaction.note_fork(id_of(99), 5).unwrap();
    let _proof = transaction.commit().unwrap();
    assert_eq!(two.take_alarms(), [Alarm::Forked { author: one.id(), seq: 5 }]);
}

#[test]
fn facts_of_a_later_version_are_kept_relayed_and_folded_around() {
    let city = City::found();
    let mut hub = city.open(0);
    let member = hub.register("Wang");
    let mut later = Forger::enrolled(&city, 1);
    let unknown = Fact::Unknown { number: 400, body: purser_journal::to_cbor(&vec![1_u8, 2, 3]) };
    let earned = Fact::Postings(vec![credit(points_of(member), 70)]);
    later.writes(vec![unknown.clone(), earned, unknown]);
    hub.takes_in(later.journal()).unwrap();
    assert_eq!((hub.points(member), hub.alarm_codes()), (70, vec![]));
    let mut two = city.open(2);
    settle(&mut [&mut hub, &mut two]);
    assert_eq!(two.run_after(later.id, 0, ALL).unwrap().unwrap().entries, later.entries);
    assert_equal(&[&hub, &two]);
}

#[test]
fn a_clock_far_off_does_not_break_ours() {
    let city = City::found();
    let mut two = city.open(2);
    let member = two.register("Wang");
    let mut forger = Forger::enrolled(&city, 1);
    forger.hlc.counter = u32::MAX;
    forger.writes(vec![]);
    forger.hlc.wall_ms += 30_000;
    forger.writes(vec![]);
    forger.hlc.wall_ms = u64::MAX;
    forger.writes(vec![Fact::Postings(vec![credit(points_of(member), 70)])]);
    for seq in 1..=3 {
        two.takes_in(forger.run(seq, seq)).unwrap();
        two.earns(member, 10);
    }
    assert_eq!(two.points(member), 100);
    assert_eq!(city.view(2).history(member, None, 10).unwrap().len(), 5);
}

/// A journal with all its seals, to be cut into runs.
struct Journal {
    whole: Run,
    seals: BTreeMap<u64, Seal>,
}

impl Journal {
    fn of(store: &Store) -> Self {
        let whole = store.run_after(store.id(), 0, ALL).unwrap().unwrap();
        let one = RunLimit { entries: 1, ..ALL };
        let seal = |after| store.run_after(store.id(), after, one).unwrap().unwrap().seal;
        let seals = (0..whole.seal.seq).map(seal).map(|seal| (seal.seq, seal)).collect();
        Self { whole, seals }
    }

    /// About so many entries after so many.
    fn run(&self, after: usize, entries: usize) -> Run {
        let after = after % self.whole.entries.len();
        let aim = after.saturating_add(entries).min(self.whole.entries.len());
        let (last, seal) = self.seals.range(aim as u64..).next().unwrap();
        let entries = self.whole.entries[after..usize::try_from(*last).unwrap()].to_vec();
        Run { first_seq: after as u64 + 1, entries, seal: *seal, ..self.whole.clone() }
    }
}

/// Three journals that know each other, with edits, offers, holds and returns, and the digest
/// of whoever knows them.
static JOURNALS: LazyLock<([Journal; 3], Digest)> = LazyLock::new(|| {
    let (_city, [mut hub, mut one, mut two]) = City::of();
    acquaint(&mut [&mut hub, &mut one, &mut two]);
    let (wang, card) = one.register_with_card("Wang", true);
    let sale = one.earns(wang, 500);
    settle(&mut [&mut hub, &mut one, &mut two]);
    let edit = |store: &mut Store, field, text: &str| {
        let edits = vec![crate::city::field(field, text)];
        store.does(Undertaking::EditProfile { member: wang, edits }).unwrap();
    };
    edit(&mut hub, Field::Name, "Wang Li");
    edit(&mut two, Field::Name, "Wang Lin");
    two.does(Undertaking::ChangeCard { card: card.unwrap(), state: CardState::Lost }).unwrap();
    one.lends(2, wang, 300);
    one.lends(0, wang, 100);
    settle(&mut [&mut hub, &mut one, &mut two]);
    edit(&mut one, Field::Phone, "13800138000");
    two.sells(wang, yuan(2), 200);
    two.holds(wang, 50, 60_000);
    one.takes_back(sale, yuan(100)).unwrap();
    hub.lends(1, wang, 50);
    settle(&mut [&mut hub, &mut one, &mut two]);
    assert_equal(&[&hub, &one, &two]);
    ([&hub, &one, &two].map(Journal::of), two.digest())
});

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    /// Whatever arrives in whatever order, alone or together: once all is there, all is equal.
    #[test]
    fn any_order_of_journals_gives_the_same(
        deliveries in prop::collection::vec((0..3_usize, any::<usize>(), 1..6_usize, any::<bool>()), 0..40),
        last in Just([0, 1, 2]).prop_shuffle(),
    ) {
        let (journals, digest) = &*JOURNALS;
        let city = City::found();
        let mut reader = city.open(9);
        let rest = last.into_iter().map(|author| (author, 0, usize::MAX, false));
        let mut together = Vec::new();
        for (author, after, entries, wait) in deliveries.into_iter().chain(rest) {
            together.push(journals[author].run(after, entries));
            if wait {
                continue;
            }
            let now = reader.now;
            let mut transaction = reader.begin(now).unwrap();
            together.drain(..).for_each(|run| drop(transaction.take_in(run, id_of(0))));
            let _proof = transaction.commit().unwrap();
        }
        prop_assert_eq!(reader.digest(), *digest);
        prop_assert_eq!(reader.alarm_codes(), Vec::<&str>::new());
    }
}

#[test]
fn the_hash_of_an_entry_is_told_or_unknown() {
    let city = City::found();
    let (one, _) = writer(&city);
    let head = one.me().head;
    assert_eq!(one.hash_at(one.id(), 8).unwrap(), Some(head.hash));
    assert_eq!(one.hash_at(one.id(), 9).unwrap(), None);
    assert_eq!(one.hash_at(one.id(), 0).unwrap(), Some(Head::genesis(&city.charter.scope, one.id()).hash));
    assert_eq!(one.hash_at(id_of(5), 0).unwrap(), None);
    assert_ne!(one.hash_at(one.id(), 7).unwrap(), Some(nobodys_hash()));
}
