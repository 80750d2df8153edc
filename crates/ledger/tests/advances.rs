//! Random lives of stores that spend in advance of rights, many members at once: whatever they do
//! and in whatever order their journals arrive, no more is lost than was granted.

#![allow(clippy::unwrap_used, reason = "a test that panics has failed")]

use std::collections::BTreeMap;

use proptest::prelude::*;
use purser_ledger::{Asset, Book, Lot, Posting, Rows};
use purser_types::{BusinessDate, EntryId, HoldId, MemberId, OfferId, ReplicaId};

/// Replica 0 is the hub.
const REPLICAS: u8 = 4;
const LOTS: u8 = 12;

fn replica(index: u8) -> ReplicaId {
    ReplicaId([index + 1; 16])
}

fn lot(index: u8) -> Lot {
    let member = MemberId::from_i64(i64::from(index / 2) + 1).unwrap();
    let expires_on = index.is_multiple_of(2).then(|| BusinessDate::end_of_year(2027));
    Lot { member, asset: Asset::Points, expires_on }
}

#[derive(Debug, Clone)]
enum Wish {
    Grant {
        to: u8,
        amount: i64,
    },
    Earn {
        at: u8,
        lot: u8,
        amount: i64,
    },
    /// What is here, and the rest in advance, whatever is known of others.
    Spend {
        at: u8,
        lot: u8,
        amount: i64,
    },
    Advance {
        at: u8,
        lot: u8,
        amount: i64,
    },
    Hold {
        at: u8,
        lot: u8,
        amount: i64,
    },
    Settle {
        at: u8,
        hold: usize,
        captured: i64,
    },
    Give {
        from: u8,
        to: u8,
        lot: u8,
        amount: i64,
    },
    TakeUp {
        offer: usize,
    },
    Cover {
        at: u8,
        from: u8,
        to: u8,
    },
    Deliver {
        from: u8,
        to: u8,
        entries: usize,
    },
}

fn wish() -> impl Strategy<Value = Wish> {
    let (at, lots, amount) = (|| 0..REPLICAS, || 0..LOTS, || 1..150_i64);
    prop_oneof![
        2 => (1..REPLICAS, amount()).prop_map(|(to, amount)| Wish::Grant { to, amount }),
        3 => (at(), lots(), amount()).prop_map(|(at, lot, amount)| Wish::Earn { at, lot, amount }),
        6 => (at(), lots(), amount()).prop_map(|(at, lot, amount)| Wish::Spend { at, lot, amount }),
        2 => (at(), lots(), amount()).prop_map(|(at, lot, amount)| Wish::Advance { at, lot, amount }),
        1 => (at(), lots(), amount()).prop_map(|(at, lot, amount)| Wish::Hold { at, lot, amount }),
        1 => (at(), 0..8_usize, 0..150_i64)
            .prop_map(|(at, hold, captured)| Wish::Settle { at, hold, captured }),
        3 => (at(), at(), lots(), amount())
            .prop_map(|(from, to, lot, amount)| Wish::Give { from, to, lot, amount }),
        4 => (0..8_usize).prop_map(|offer| Wish::TakeUp { offer }),
        2 => (at(), lots(), lots()).prop_map(|(at, from, to)| Wish::Cover { at, from, to }),
        3 => (at(), at(), 1..6_usize).prop_map(|(from, to, entries)| Wish::Deliver { from, to, entries }),
    ]
}

/// Every replica's journal and its own book; and what really happened, in one pot for each lot.
#[derive(Default)]
struct City {
    journals: Vec<Vec<Posting>>,
    books: Vec<Book>,
    known: BTreeMap<(u8, u8), usize>,
    granted: i64,
    owned: BTreeMap<Lot, i64>,
    holds: Vec<(u8, HoldId, Lot, i64)>,
    offers: Vec<(u8, OfferId, Lot, i64)>,
}

impl City {
    fn new() -> Self {
        let count = usize::from(REPLICAS);
        City { journals: vec![Vec::new(); count], books: vec![Book::default(); count], ..City::default() }
    }

    fn next(&self, at: u8) -> EntryId {
        EntryId { replica: replica(at), seq: self.journals[usize::from(at)].len() as u64 + 1 }
    }

    fn posts(&mut self, at: u8, posting: Posting) -> bool {
        let entry = self.next(at);
        let before = self.books[usize::from(at)].clone();
        let stands = self.books[usize::from(at)].fold(entry, &posting).is_ok();
        if stands {
            self.journals[usize::from(at)].push(posting);
        } else {
            assert_eq!(self.books[usize::from(at)], before, "what is refused changes nothing");
        }
        stands
    }

    fn owns(&mut self, lot: Lot, change: i64) {
        *self.owned.entry(lot).or_default() += change;
    }

    fn available(&self, at: u8, lot: Lot) -> i64 {
        self.books[usize::from(at)].share_of(replica(at), lot).available
    }

    fn try_wish(&mut self, wish: &Wish) {
        match *wish {
            Wish::Grant { to, amount } => {
                assert!(self.posts(0, Posting::Credit { lot: Lot::allowance(), amount }));
                self.granted += amount;
                self.give(0, to, Lot::allowance(), amount);
            }
            Wish::Earn { at, lot: l, amount } => {
                assert!(self.posts(at, Posting::Credit { lot: lot(l), amount }));
                self.owns(lot(l), amount);
            }
            Wish::Spend { at, lot: l, amount } => {
                let here = self.available(at, lot(l)).clamp(0, amount);
                if here > 0 && self.posts(at, Posting::Debit { lot: lot(l), amount: here }) {
                    self.owns(lot(l), -here);
                }
                self.advance(at, lot(l), amount - here);
            }
            Wish::Advance { at, lot: l, amount } => self.advance(at, lot(l), amount),
            Wish::Hold { at, lot: l, amount } => {
                let hold = HoldId::created_by(self.next(at));
                if self.posts(at, Posting::Hold { hold, lot: lot(l), amount, deadline_ms: 9 }) {
                    self.holds.push((at, hold, lot(l), amount));
                }
            }
            Wish::Settle { at, hold, captured } => {
                let Some(&(holder, hold_id, lot, amount)) = self.holds.get(hold) else { return };
                if holder == at && captured <= amount {
                    assert!(self.posts(at, Posting::Settle { hold: hold_id, lot, captured }));
                    self.holds.remove(hold);
                    self.owns(lot, -captured);
                }
            }
            Wish::Give { from, to, lot: l, amount } if from != to => self.give(from, to, lot(l), amount),
            Wish::Give { .. } => {}
            Wish::TakeUp { offer } => {
                if offer < self.offers.len() {
                    let (to, offer, lot, amount) = self.offers.remove(offer);
                    // By voucher: ahead of the giver's journal or after it.
                    assert!(self.posts(to, Posting::Accept { offer, lot, amount }));
                    assert!(!self.posts(to, Posting::Accept { offer, lot, amount }));
                }
            }
            Wish::Cover { at, from, to } => {
                let owed = self.books[usize::from(at)].share_of(replica(at), lot(to)).advanced;
                let amount = self.available(at, lot(from)).min(owed);
                if from != to && amount > 0 {
                    assert!(self.posts(at, Posting::Debit { lot: lot(from), amount }));
                    assert!(self.posts(at, Posting::Credit { lot: lot(to), amount }));
                    self.owns(lot(from), -amount);
                    self.owns(lot(to), amount);
                }
            }
            Wish::Deliver { from, to, entries } => self.deliver(from, to, entries),
        }
    }

    fn advance(&mut self, at: u8, lot: Lot, amount: i64) {
        if amount > 0 && self.posts(at, Posting::Advance { lot, amount }) {
            self.owns(lot, -amount);
        }
    }

    fn give(&mut self, from: u8, to: u8, lot: Lot, amount: i64) {
        let offer = OfferId::created_by(self.next(from));
        if self.posts(from, Posting::Offer { offer, to: replica(to), lot, amount }) {
            self.offers.push((to, offer, lot, amount));
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

    /// What was spent and nobody owned.
    fn lost(&self) -> i64 {
        self.owned.values().map(|owned| owned.min(&0).abs()).sum()
    }
}

/// What is advanced is what is used of the allowance, and no more than what lacks.
fn check_shares(book: &Book) {
    for at in 0..REPLICAS {
        let mut advanced = 0;
        for (lot, _, share) in book.shares().filter(|(_, owner, _)| *owner == replica(at)) {
            assert!((0..=share.available.min(0).abs()).contains(&share.advanced), "{lot:?}: {share:?}");
            // Without returns nothing else takes a share below zero.
            assert!(share.held >= 0 && -share.advanced == share.available.min(0), "{lot:?}: {share:?}");
            advanced += share.advanced;
        }
        let allowance = book.share_of(replica(at), Lot::allowance());
        assert_eq!(allowance.held, advanced);
        assert!(allowance.available >= 0);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn never_more_is_lost_than_was_granted(wishes in prop::collection::vec(wish(), 1..150)) {
        let mut city = City::new();
        for wish in &wishes {
            city.try_wish(wish);
            prop_assert!(city.lost() <= city.granted, "{} lost of {}", city.lost(), city.granted);
            for (book, at) in city.books.iter().zip(0..) {
                check_shares(book);
                prop_assert_eq!(book.check_conservation(), Ok(()), "{}", at);
            }
        }
        let pairs: Vec<_> = (0..REPLICAS).flat_map(|a| (0..REPLICAS).map(move |b| (a, b))).collect();
        for (from, to) in pairs.into_iter().rev() {
            city.deliver(from, to, usize::MAX);
        }
        for book in &city.books {
            prop_assert_eq!(book, &city.books[0]);
            for (&lot, &owned) in &city.owned {
                prop_assert_eq!(book.balance(lot), i128::from(owned));
            }
        }
    }

    #[test]
    fn a_journal_with_advances_can_be_audited_by_itself(wishes in prop::collection::vec(wish(), 1..80)) {
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
                prop_assert_eq!(share, city.books[usize::from(at)].share_of(owner, lot));
            }
        }
    }
}

#[test]
fn whatever_comes_in_settles_what_was_advanced_and_frees_the_allowance() {
    let entry = |seq| EntryId { replica: replica(1), seq };
    let mut book = Book::default();
    book.fold(entry(1), &Posting::Credit { lot: Lot::allowance(), amount: 100 }).unwrap();
    book.fold(entry(2), &Posting::Advance { lot: lot(0), amount: 80 }).unwrap();
    let used = |book: &mut Book| {
        (book.share_of(replica(1), lot(0)).advanced, book.share(replica(1), Lot::allowance()).unwrap().held)
    };
    assert_eq!(used(&mut book), (80, 80));
    // A claw-back makes the member owe more, and not the store.
    book.fold(entry(3), &Posting::Clawback { lot: lot(0), amount: 30 }).unwrap();
    assert_eq!(used(&mut book), (80, 80));
    book.fold(entry(4), &Posting::Credit { lot: lot(0), amount: 50 }).unwrap();
    assert_eq!((used(&mut book), book.share_of(replica(1), lot(0)).available), ((60, 60), -60));
    let offer = OfferId::created_by(EntryId { replica: replica(0), seq: 1 });
    book.fold(entry(5), &Posting::Accept { offer, lot: lot(0), amount: 100 }).unwrap();
    assert_eq!((used(&mut book), book.share_of(replica(1), lot(0)).available), ((0, 0), 40));
    assert_eq!(book.share_of(replica(1), Lot::allowance()).available, 100);
}
