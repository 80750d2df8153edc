//! Random lives of a city, after which every derived table is folded anew: row by row the same,
//! also at a replica that received everything in another order.

use proptest::prelude::*;
use purser_documents::{CardState, Field};
use purser_replica::{Redemption, Undertaking};
use purser_storage::Database;
use purser_types::{CardNumber, Digest, Fen, HoldId, MemberId, SaleId};

use crate::city::{City, Store, assert_equal, book, field, settle, tell, yuan};

/// What somebody does at a store; numbers choose among members, sales and holds.
#[derive(Debug, Clone)]
enum Deed {
    Register(bool),
    Edit(usize, u8),
    LoseCard(usize),
    Buy(usize, i64, i64),
    Return(usize, i64),
    Hold(usize, i64),
    Capture(usize, Option<i64>),
    Release(usize),
    Lend(usize, u32, i64),
    Announce(u16),
    Wait(u64),
    Rebuild,
}

fn deed() -> impl Strategy<Value = Deed> {
    let which = || 0..8_usize;
    prop_oneof![
        2 => any::<bool>().prop_map(Deed::Register),
        3 => (which(), any::<u8>()).prop_map(|(member, text)| Deed::Edit(member, text)),
        1 => which().prop_map(Deed::LoseCard),
        8 => (which(), 0..90_000_i64, 0..3_i64).prop_map(|(member, fen, hundreds)| Deed::Buy(member, fen, hundreds)),
        3 => (which(), 1..30_000_i64).prop_map(|(sale, fen)| Deed::Return(sale, fen)),
        3 => (which(), 1..300_i64).prop_map(|(member, points)| Deed::Hold(member, points)),
        2 => (which(), prop::option::of(1..300_i64)).prop_map(|(hold, points)| Deed::Capture(hold, points)),
        1 => which().prop_map(Deed::Release),
        3 => (which(), 0..3_u32, 1..500_i64).prop_map(|(member, to, points)| Deed::Lend(member, to, points)),
        1 => any::<u16>().prop_map(Deed::Announce),
        1 => (1..90_000_u64).prop_map(Deed::Wait),
        1 => Just(Deed::Rebuild),
    ]
}

/// What was made so far, to be chosen from.
#[derive(Default)]
struct Made {
    members: Vec<MemberId>,
    cards: Vec<CardNumber>,
    sales: Vec<SaleId>,
    holds: Vec<HoldId>,
}

fn pick<T: Copy>(made: &[T], which: usize) -> Option<T> {
    made.get(which % made.len().max(1)).copied()
}

impl Made {
    /// Most deeds are refused for some good reason; that is part of life.
    fn does(&mut self, store: &mut Store, deed: &Deed) -> Option<()> {
        let member = |which| pick(&self.members, which);
        match *deed {
            Deed::Register(with_card) => {
                let (member, card) = store.register_with_card("Wang", with_card);
                self.members.push(member);
                self.cards.extend(card);
            }
            Deed::Edit(which, text) => {
                let edits = vec![field(Field::Name, &format!("Member {text}"))];
                let _ = store.does(Undertaking::EditProfile { member: member(which)?, edits });
            }
            Deed::LoseCard(which) => {
                let card = pick(&self.cards, which)?;
                let _ = store.does(Undertaking::ChangeCard { card, state: CardState::Lost });
            }
            Deed::Buy(which, fen, hundreds) => {
                let redemption = Redemption::Points(hundreds * 100);
                let bought = store.buys(member(which)?, Fen(fen), redemption);
                self.sales.extend(bought.ok().map(|reply| SaleId::created_by(reply.entry)));
            }
            Deed::Return(which, fen) => drop(store.takes_back(pick(&self.sales, which)?, Fen(fen))),
            Deed::Hold(which, points) => {
                let held = store.does(Undertaking::Hold { member: member(which)?, points, lasts_ms: 20_000 });
                self.holds.extend(held.ok().map(|reply| HoldId::created_by(reply.entry)));
            }
            Deed::Capture(which, points) => {
                let _ = store.does(Undertaking::Capture { hold: pick(&self.holds, which)?, points });
            }
            Deed::Release(which) => {
                let _ = store.does(Undertaking::Release { hold: pick(&self.holds, which)? });
            }
            Deed::Lend(which, to, amount) => {
                let (to, member) = (crate::city::id_of(to), member(which)?);
                let asset = purser_ledger::Asset::Points;
                let _ = store.does(Undertaking::Lend { to, member, asset, amount });
            }
            Deed::Announce(port) => {
                let _ = store.does(Undertaking::Announce { address: format!("10.0.0.1:{port}") });
            }
            Deed::Wait(ms) => {
                store.later(ms);
                store.tick();
            }
            Deed::Rebuild => store.rebuild().unwrap(),
        }
        Some(())
    }
}

fn derived(store: &Store) -> Vec<(&'static str, Digest)> {
    Database::open_reader(&store.path).unwrap().derived_fingerprint().unwrap()
}

fn check(city: &City, number: u32, store: &mut Store) {
    let before = derived(store);
    store.rebuild().unwrap();
    assert_eq!(derived(store), before, "store {number}");
    city.assert_sound(&[number]);
    book(city, number).check_conservation().unwrap();
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]

    #[test]
    fn tables_folded_anew_are_the_same(
        deeds in prop::collection::vec((0..3_usize, deed(), 0..9_usize), 10..70),
    ) {
        let (city, mut stores) = City::of::<3>();
        let mut made = Made::default();
        for (at, deed, told) in &deeds {
            let _ = made.does(&mut stores[*at], deed);
            if let (from, to, true) = (told / 3, told % 3, told / 3 != told % 3) {
                let [from, to] = stores.get_disjoint_mut([from, to]).unwrap();
                tell(from, to);
            }
        }
        let [hub, one, two] = &mut stores;
        settle(&mut [hub, one, two]);
        let mut late = city.open(9);
        tell(&stores[1], &mut late);
        assert_equal(&[&stores[0], &stores[1], &stores[2], &late]);
        for (number, store) in [0, 1, 2].into_iter().zip(&mut stores) {
            check(&city, number, store);
        }
        check(&city, 9, &mut late);
        assert_equal(&[&stores[0], &late]);
    }
}

/// After folding anew, a replica goes on where it was.
#[test]
fn a_rebuilt_replica_goes_on() {
    let (city, [mut hub, mut one]) = City::of();
    let member = one.register("Wang");
    let sale = one.earns(member, 500);
    let hold = one.holds(member, 100, 60_000);
    hub.register("Li");
    settle(&mut [&mut hub, &mut one]);
    one.lends(0, member, 100);
    one.rebuild().unwrap();
    assert_eq!((one.points(member), one.here(member)), (400, 300));
    one.does(Undertaking::Capture { hold, points: None }).unwrap();
    one.takes_back(sale, yuan(100)).unwrap();
    hub.rebuild().unwrap();
    settle(&mut [&mut hub, &mut one]);
    assert_equal(&[&hub, &one]);
    assert_eq!(hub.points(member), 300);
    check(&city, 0, &mut hub);
    check(&city, 1, &mut one);
}
