//! What `golden/store.hex` says: every kind of fact that a store writes, every posting and
//! every asset. It audits clean, too.

use purser_journal::{Entry, Fact, Request, RequestId, ReturnFact, SaleFact};
use purser_ledger::{Asset, Lot, Posting};
use purser_types::{
    BusinessDate, CardIssuer, Digest, EntryId, Fen, Hlc, HoldId, MemberId, OfferId, SaleId, StoreNumber,
};

use crate::{
    city::{hub, store},
    golden::chained,
    hub_journal,
};

/// The places at which the store sealed.
pub const SEALED: [u64; 3] = [1, 4, 10];

fn entry(seq: u64) -> EntryId {
    EntryId { replica: store().replica, seq }
}

fn member() -> MemberId {
    MemberId::created_by(entry(2))
}

fn lot(asset: Asset, expires_on: Option<BusinessDate>) -> Lot {
    Lot { member: member(), asset, expires_on }
}

fn points() -> Lot {
    lot(Asset::Points, Some(BusinessDate::end_of_year(2027)))
}

fn refundable() -> Lot {
    lot(Asset::Refundable(SaleId::created_by(entry(4))), None)
}

fn today() -> BusinessDate {
    BusinessDate::from_days(20_717) // 2026-09-21
}

/// The store's journal.
pub fn entries() -> Vec<Entry> {
    let at = |second: u64| Hlc { wall_ms: 1_790_000_100_000 + 1_000 * second, counter: 0 };
    let asked = |key: &[u8]| Some(Request { id: RequestId::of(key), body: RequestId::of(b"body") });
    chained(
        store().replica,
        [
            (at(1), None, vec![Fact::Address("192.0.2.12:7100".to_owned())]),
            (at(2), asked(b"member"), joining()),
            (at(3), None, vec![Fact::Postings(vec![accept()])]),
            (at(4), asked(b"sale"), sale()),
            (at(5), None, vec![Fact::Postings(top_up())]),
            (at(6), asked(b"hold"), vec![Fact::Postings(hold())]),
            (at(7), None, vec![Fact::Postings(settlement())]),
            (Hlc { wall_ms: u64::MAX, counter: u32::MAX }, asked(b"redemption"), redemption()),
            (at(9), asked(b"return"), taking_back()),
            (at(10), None, vec![Fact::Postings(offer()), Fact::Postings(Vec::new())]),
        ],
    )
}

fn joining() -> Vec<Fact> {
    let issuer = CardIssuer { chain_prefix: 6688, store: StoreNumber(12), life: 1 };
    let card = issuer.card(345_678).unwrap();
    let change = (0..40).collect();
    vec![Fact::Profile { member: member(), change }, Fact::CardIssued { member: member(), card }]
}

fn accept() -> Posting {
    Posting::Accept { offer: hub_journal::offer(), lot: Lot::allowance(), amount: 4_000 }
}

fn sale() -> Vec<Fact> {
    let sale = SaleFact {
        member: member(),
        store: StoreNumber(12),
        till: "T1".to_owned(),
        check: "0921-0001".to_owned(),
        date: today(),
        gross: Fen(12_050),
        discount: Fen(0),
        points_earned: 120,
        points_redeemed: 0,
        points_after: 120,
        basket: Some(Digest::of(b"basket")),
        points_advanced: None,
        off: None,
        principal: None,
        bonus: None,
        earns: None,
        awards: None,
        claimed_of: None,
        voucher: None,
    };
    let postings = vec![
        Posting::Credit { lot: points(), amount: 120 },
        Posting::Credit { lot: refundable(), amount: 12_050 },
    ];
    vec![Fact::Sale(Box::new(sale)), Fact::Postings(postings)]
}

fn top_up() -> Vec<Posting> {
    vec![
        Posting::Credit { lot: lot(Asset::WalletPrincipal, None), amount: 1_000_000_000_000 },
        Posting::Credit {
            lot: lot(Asset::WalletBonus, Some(BusinessDate::from_days(i32::MAX - 1))),
            amount: 1,
        },
        Posting::Credit { lot: lot(Asset::Pass(7), Some(today())), amount: 10 },
        Posting::Credit { lot: lot(Asset::Coupon(u32::MAX), None), amount: 2 },
    ]
}

fn hold() -> Vec<Posting> {
    let hold = HoldId::created_by(entry(6));
    let deadline_ms = 1_790_000_400_000;
    vec![
        Posting::Hold { hold, lot: points(), amount: 100, deadline_ms },
        Posting::Hold { hold, lot: lot(Asset::WalletPrincipal, None), amount: 5_000, deadline_ms },
    ]
}

fn settlement() -> Vec<Posting> {
    let hold = HoldId::created_by(entry(6));
    vec![
        Posting::Settle { hold, lot: points(), captured: 60 },
        Posting::Settle { hold, lot: lot(Asset::WalletPrincipal, None), captured: 0 },
    ]
}

fn redemption() -> Vec<Fact> {
    let sale = SaleFact {
        member: member(),
        store: StoreNumber(12),
        till: "T2".to_owned(),
        check: String::new(),
        date: today(),
        gross: Fen(999),
        discount: Fen(900),
        points_earned: 0,
        points_redeemed: 90,
        points_after: -30,
        basket: None,
        points_advanced: None,
        off: None,
        principal: None,
        bonus: None,
        earns: None,
        awards: None,
        claimed_of: None,
        voucher: None,
    };
    let postings = vec![
        Posting::Debit { lot: points(), amount: 60 },
        Posting::Advance { lot: points(), amount: 30 },
        Posting::Debit { lot: lot(Asset::Pass(7), Some(today())), amount: 1 },
    ];
    vec![Fact::Sale(Box::new(sale)), Fact::Postings(postings)]
}

fn taking_back() -> Vec<Fact> {
    let taken_back = ReturnFact {
        sale: SaleId::created_by(entry(4)),
        member: member(),
        store: StoreNumber(12),
        till: "T1".to_owned(),
        check: "0921-R1".to_owned(),
        date: today(),
        gross: Fen(12_050),
        refund: Fen(12_000),
        points_restored: 0,
        points_clawed_back: 120,
        points_after: -150,
        price: None,
        earns: None,
        principal: None,
        bonus: None,
        lines: None,
        awards_back: None,
    };
    let postings = vec![
        Posting::Debit { lot: refundable(), amount: 12_050 },
        Posting::Clawback { lot: points(), amount: 120 },
    ];
    vec![Fact::Return(Box::new(taken_back)), Fact::Postings(postings)]
}

fn offer() -> Vec<Posting> {
    let (offer, to) = (OfferId::created_by(entry(10)), hub().replica);
    vec![Posting::Offer { offer, to, lot: lot(Asset::Coupon(u32::MAX), None), amount: 2 }]
}
