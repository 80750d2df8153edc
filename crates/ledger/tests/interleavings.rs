//! Random lives of a city of replicas, checked against a plain oracle: whatever the order in
//! which journals arrive, nothing is overspent, everything is conserved, all end equal.

#![allow(clippy::unwrap_used, reason = "a test that panics has failed")]

use std::collections::BTreeMap;

use proptest::prelude::*;
use purser_ledger::{Asset, Book, LedgerFault, Lot, OfferState, Posting, Rows};
use purser_types::{BusinessDate, EntryId, HoldId, MemberId, OfferId, ReplicaId};

const REPLICAS: u8 = 4;

fn replica(index: u8) -> ReplicaId {
    ReplicaId([index + 1; 16])
}

fn lot(index: u8) -> Lot {
    let member = MemberId::from_i64(i64::from(index % 3) + 1).unwrap();
    let expires_on = index.is_multiple_of(2).then(|| BusinessDate::end_of_year(2027));
    Lot { member, asset: Asset::Points, expires_on }
}

/// What somebody at a store tries to do. Most tries are refused for want of rights.
#[derive(Debug, Clone)]
enum Wish {
    Earn { at: u8, lot: u8, amount: i64 },
    Spend { at: u8, lot: u8, amount: i64 },
    Hold { at: u8, lot: u8, amount: i64 },
    Settle { at: u8, hold: usize, captured: i64 },
    Give { from: u8, to: u8, lot: u8, amount: i64 },
    TakeUp { at: u8, offer: usize },
    Return { at: u8, lot: u8, amount: i64 },
    Deliver { from: u8, to: u8, entries: usize },
}

fn wish() -> impl Strategy<Value = Wish> {
    let at = || 0..REPLICAS;
    let lots = || 0..6_u8;
    let amount = || 1..120_i64;
    prop_oneof![
        3 => (at(), lots(), amount()).prop_map(|(at, lot, amount)| Wish::Earn { at, lot, amount }),
        4 => (at(), lots(), amount()).prop_map(|(at, lot, amount)| Wish::Spend { at, lot, amount }),
        2 => (at(), lots(), amount()).prop_map(|(at, lot, amount)| Wish::Hold { at, lot, amount }),
        2 => (at(), 0..20_usize, 0..120_i64)
            .prop_map(|(at, hold, captured)| Wish::Settle { at, hold, captured }),
        3 => (at(), at(), lots(), amount())
            .prop_map(|(from, to, lot, amount)| Wish::Give { from, to, lot, amount }),
        3 => (at(), 0..20_usize).prop_map(|(at, offer)| Wish::TakeUp { at, offer }),
        1 => (at(), lots(), amount()).prop_map(|(at, lot, amount)| Wish::Return { at, lot, amount }),
        4 => (at(), at(), 1..5_usize).prop_map(|(from, to, entries)| Wish::Deliver { from, to, entries }),
    ]
}

/// A city: each replica's journal, and each replica's book of what reached it.
struct City {
    journals: Vec<Vec<Posting>>,
    books: Vec<Book>,
    /// How far replica `to` knows the journal of `from`.
    known: BTreeMap<(u8, u8), usize>,
    oracle: Oracle,
}

/// What really happened, kept in the plainest way: one global pot for each lot.
#[derive(Default)]
struct Oracle {
    owned: BTreeMap<Lot, i64>,
    holds: Vec<(u8, HoldId, Lot, i64)>,
    offers: Vec<(u8, OfferId, Lot, i64)>,
}

impl City {
    fn new() -> Self {
        let count = usize::from(REPLICAS);
        City {
            journals: vec![Vec::new(); count],
            books: vec![Book::default(); count],
            known: BTreeMap::new(),
            oracle: Oracle::default(),
        }
    }

    fn next(&self, at: u8) -> EntryId {
        EntryId { replica: replica(at), seq: self.journals[usize::from(at)].len() as u64 + 1 }
    }

    /// Writes a posting at `at` if its own book allows it.
    fn post(&mut self, at: u8, posting: Posting) -> Result<(), LedgerFault> {
        let entry = self.next(at);
        self.books[usize::from(at)].fold(entry, &posting)?;
        self.journals[usize::from(at)].push(posting);
        Ok(())
    }

    fn try_wish(&mut self, wish: &Wish) {
        match *wish {
            Wish::Earn { at, lot: l, amount } => {
                self.post(at, Posting::Credit { lot: lot(l), amount }).unwrap();
                *self.oracle.owned.entry(lot(l)).or_default() += amount;
            }
            Wish::Spend { at, lot: l, amount } => {
                if self.post(at, Posting::Debit { lot: lot(l), amount }).is_ok() {
                    *self.oracle.owned.entry(lot(l)).or_default() -= amount;
                }
            }
            Wish::Return { at, lot: l, amount } => {
                self.post(at, Posting::Clawback { lot: lot(l), amount }).unwrap();
                *self.oracle.owned.entry(lot(l)).or_default() -= amount;
            }
            Wish::Hold { at, lot: l, amount } => {
                let hold = HoldId::created_by(self.next(at));
                if self.post(at, Posting::Hold { hold, lot: lot(l), amount, deadline_ms: 9 }).is_ok() {
                    self.oracle.holds.push((at, hold, lot(l), amount));
                }
            }
            Wish::Settle { at, hold, captured } => self.settle(at, hold, captured),
            Wish::Give { from, to, lot: l, amount } => {
                let offer = OfferId::created_by(self.next(from));
                let posting = Posting::Offer { offer, to: replica(to), lot: lot(l), amount };
                if self.post(from, posting).is_ok() {
                    self.oracle.offers.push((to, offer, lot(l), amount));
                }
            }
            Wish::TakeUp { at, offer } => self.take_up(at, offer),
            Wish::Deliver { from, to, entries } => self.deliver(from, to, entries),
        }
    }

    fn settle(&mut self, at: u8, index: usize, captured: i64) {
        let Some(&(holder, hold, lot, amount)) = self.oracle.holds.get(index) else { return };
        let settled = self.post(at, Posting::Settle { hold, lot, captured });
        let may = holder == at && captured <= amount;
        assert_eq!(settled.is_ok(), may, "{settled:?}");
        if may {
            self.oracle.holds.remove(index);
            *self.oracle.owned.entry(lot).or_default() -= captured;
        }
    }

    fn take_up(&mut self, at: u8, index: usize) {
        let Some(&(to, offer, lot, amount)) = self.oracle.offers.get(index) else { return };
        let line = self.books[usize::from(at)].offer(offer, lot, replica(at)).unwrap();
        if to == at && line.offered.is_some() {
            assert_eq!(line.state(), OfferState::InFlight);
            self.post(at, Posting::Accept { offer, lot, amount }).unwrap();
            assert_eq!(
                self.post(at, Posting::Accept { offer, lot, amount }),
                Err(LedgerFault::AcceptRepeated(offer))
            );
            self.oracle.offers.remove(index);
        }
    }

    fn deliver(&mut self, from: u8, to: u8, entries: usize) {
        if from == to {
            return;
        }
        let known = self.known.entry((from, to)).or_default();
        for posting in self.journals[usize::from(from)].iter().skip(*known).take(entries) {
            *known += 1;
            let entry = EntryId { replica: replica(from), seq: *known as u64 };
            self.books[usize::from(to)].fold(entry, posting).unwrap();
        }
    }

    fn deliver_everything(&mut self, order: impl Iterator<Item = (u8, u8)>) {
        for (from, to) in order {
            self.deliver(from, to, usize::MAX);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn any_interleaving_is_safe_and_converges(wishes in prop::collection::vec(wish(), 1..120)) {
        let mut city = City::new();
        for wish in &wishes {
            city.try_wish(wish);
            for book in &city.books {
                prop_assert_eq!(book.check_conservation(), Ok(()));
            }
        }
        let pairs: Vec<_> = (0..REPLICAS).flat_map(|a| (0..REPLICAS).map(move |b| (a, b))).collect();
        city.deliver_everything(pairs.into_iter().rev());
        for book in &city.books {
            prop_assert_eq!(book, &city.books[0]);
            for (&lot, &owned) in &city.oracle.owned {
                prop_assert_eq!(book.balance(lot), i128::from(owned));
            }
        }
    }

    #[test]
    fn without_returns_no_share_and_no_balance_is_ever_below_zero(
        wishes in prop::collection::vec(wish(), 1..120)
    ) {
        let mut city = City::new();
        for wish in wishes.iter().filter(|wish| !matches!(wish, Wish::Return { .. })) {
            city.try_wish(wish);
            prop_assert!(city.oracle.owned.values().all(|owned| *owned >= 0));
            let shares = city.books.iter().flat_map(Book::shares);
            for (_, _, share) in shares {
                prop_assert!(share.available >= 0 && share.held >= 0);
            }
        }
    }

    #[test]
    fn one_journal_can_be_audited_by_itself(wishes in prop::collection::vec(wish(), 1..80)) {
        let mut city = City::new();
        for wish in &wishes {
            city.try_wish(wish);
        }
        for at in 0..REPLICAS {
            let journal = &city.journals[usize::from(at)];
            let numbered = (1..).zip(journal.chunks(1));
            let entries = numbered.map(|(seq, postings)| (EntryId { replica: replica(at), seq }, postings));
            let audited = Book::audit(entries).unwrap();
            for (lot, owner, share) in audited.shares() {
                prop_assert_eq!(owner, replica(at));
                prop_assert_eq!(share, city.books[usize::from(at)].share_of(owner, lot));
            }
        }
    }
}

#[test]
fn a_forged_acceptance_stands_out_whichever_journal_comes_first() {
    let (giver, taker, thief) = (replica(0), replica(1), replica(2));
    let offer = OfferId::created_by(EntryId { replica: giver, seq: 2 });
    let earned = (EntryId { replica: giver, seq: 1 }, Posting::Credit { lot: lot(0), amount: 50 });
    let given =
        (EntryId { replica: giver, seq: 2 }, Posting::Offer { offer, to: taker, lot: lot(0), amount: 50 });
    let more = (EntryId { replica: taker, seq: 1 }, Posting::Accept { offer, lot: lot(0), amount: 51 });
    let stolen = (EntryId { replica: thief, seq: 1 }, Posting::Accept { offer, lot: lot(0), amount: 50 });
    for order in [[&earned, &given, &more, &stolen], [&stolen, &more, &earned, &given]] {
        let mut book = Book::default();
        for (entry, posting) in order {
            book.fold(*entry, posting).unwrap();
        }
        assert_eq!(book.offer(offer, lot(0), taker).unwrap().state(), OfferState::Forged);
        assert_eq!(book.offer(offer, lot(0), thief).unwrap().state(), OfferState::AcceptedAhead);
    }
}

#[test]
fn an_advance_takes_the_share_below_zero_up_to_the_allowance() {
    let mut book = Book::default();
    let entry = |seq| EntryId { replica: replica(0), seq };
    let advance = Posting::Advance { lot: lot(0), amount: 60 };
    assert!(matches!(book.fold(entry(1), &advance), Err(LedgerFault::Overspent { .. })));
    book.fold(entry(1), &Posting::Credit { lot: Lot::allowance(), amount: 100 }).unwrap();
    book.fold(entry(2), &advance).unwrap();
    assert_eq!(book.share_of(replica(0), lot(0)).available, -60);
    let before = book.clone();
    assert!(matches!(book.fold(entry(3), &advance), Err(LedgerFault::Overspent { .. })));
    assert_eq!(book, before);
    assert_eq!(book.check_conservation(), Ok(()));
}

#[test]
fn absurd_amounts_are_faults_and_change_nothing() {
    let entry = EntryId { replica: replica(0), seq: 1 };
    for amount in [0, -1, i64::MIN, i64::MAX, purser_ledger::AMOUNT_MAX + 1] {
        let postings = [
            Posting::Credit { lot: lot(0), amount },
            Posting::Debit { lot: lot(0), amount },
            Posting::Clawback { lot: lot(0), amount },
            Posting::Accept { offer: OfferId::created_by(entry), lot: lot(0), amount },
        ];
        for posting in postings {
            let mut book = Book::default();
            assert_eq!(book.fold(entry, &posting), Err(LedgerFault::AmountOutOfRange(amount)));
            assert_eq!(book, Book::default());
        }
    }
}

/// The case on which Antidote's bounded counter ends at −6 (shared figures in docs/performance.md):
/// A earns 10 and gives 6 to B; apart, A tries to spend 10 and B takes the 6 and spends them.
#[test]
fn rights_given_away_cannot_be_spent_by_the_giver() {
    let mut city = City::new();
    city.try_wish(&Wish::Earn { at: 0, lot: 0, amount: 10 });
    city.try_wish(&Wish::Give { from: 0, to: 1, lot: 0, amount: 6 });
    let spend = city.post(0, Posting::Debit { lot: lot(0), amount: 10 });
    assert!(matches!(spend, Err(LedgerFault::Overspent { available: 4, .. })));
    city.deliver(0, 1, usize::MAX);
    city.try_wish(&Wish::TakeUp { at: 1, offer: 0 });
    city.try_wish(&Wish::Spend { at: 1, lot: 0, amount: 6 });
    city.deliver(1, 0, usize::MAX);
    assert_eq!(city.books[0].balance(lot(0)), 4);
    assert_eq!(city.books[0], city.books[1]);
}

#[test]
fn nothing_of_a_sale_can_be_had_before_its_entry() {
    let sale = |seq| purser_types::SaleId::created_by(EntryId { replica: replica(0), seq });
    let part = |seq| Lot { asset: Asset::Refundable(sale(seq)), expires_on: None, ..lot(1) };
    let entry = EntryId { replica: replica(0), seq: 5 };
    let mut book = Book::default();
    for posting in [
        Posting::Credit { lot: part(6), amount: 100 },
        Posting::Clawback { lot: part(6), amount: 100 },
        Posting::Accept { offer: OfferId::created_by(entry), lot: part(6), amount: 100 },
    ] {
        assert_eq!(book.fold(entry, &posting), Err(LedgerFault::ForeignId));
    }
    book.fold(entry, &Posting::Credit { lot: part(5), amount: 100 }).unwrap();
}
