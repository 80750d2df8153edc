//! What `golden/dealings.hex` says: a programme that a hub publishes, and what a store does by it.

use purser_journal::{
    AccountFact, ActFact, AwardMade, CodesFact, DetailLine, Entry, Fact, Gift, GrantFact, HeldAfter,
    LineReturned, PassBackFact, PassSoldFact, ProgrammePaper, Receipt, ReturnFact, RewardFact, SaleDetail,
    SaleFact, SignedProgramme, StaffRole, TakenOff, TopUpBackFact, TopUpFact,
};
use purser_ledger::{Asset, Lot, Posting};
use purser_types::{BusinessDate, Fen, Hlc, MemberId, SaleId, StoreNumber};

use crate::{
    city::{authority, hub, scope, store},
    golden::chained,
};

fn date() -> BusinessDate {
    "2026-09-21".parse().unwrap()
}

fn member() -> MemberId {
    MemberId::from_i64(0x1011_1213_0000_0002).unwrap()
}

fn receipt(check: &str) -> Receipt {
    Receipt { store: store().credential.store, till: "2".to_owned(), check: check.to_owned(), date: date() }
}

/// The hub's journal.
pub fn published() -> Vec<Entry> {
    let hlc = Hlc { wall_ms: 1_790_000_400_000, counter: 0 };
    let document = "version = 3\n".to_owned();
    let paper = ProgrammePaper { scope: scope(), version: 3, in_force_from: date(), document };
    let fact = Fact::Programme(SignedProgramme::sign(&authority(), &paper));
    chained(hub().replica, [(hlc, None, vec![fact])])
}

/// A sale's detail.
pub fn detail() -> SaleDetail {
    let line = DetailLine {
        article: "6901234567892".to_owned(),
        name: "\u{9f99}\u{4e95}\u{8336}".to_owned(),
        category: "tea".to_owned(),
        flags: vec!["special-price".to_owned()],
        quantity: 2,
        unit_price: Fen(5_000),
        price: Fen(9_000),
        earns: Fen(9_000),
        by_passes: vec!["wash-10".to_owned()],
    };
    let taken_off = vec![TakenOff { rule: "member-day".to_owned(), off: Fen(1_000) }];
    let after = vec![HeldAfter { asset: Asset::Pass(0x4a12_77c3), amount: 9, until: Some(date()) }];
    SaleDetail { lines: vec![line], taken_off, cut: Fen(0), tier: "gold".to_owned(), hour: 14, after }
}

fn award() -> AwardMade {
    AwardMade { coupon: "own-brand-500".to_owned(), day: date(), until: date() }
}

fn sale() -> SaleFact {
    SaleFact {
        member: member(),
        store: store().credential.store,
        till: "2".to_owned(),
        check: "A-3".to_owned(),
        date: date(),
        gross: Fen(10_000),
        discount: Fen(500),
        points_earned: 85,
        points_redeemed: 500,
        points_after: 1_085,
        basket: Some(SaleDetail::hash(&detail().to_bytes())),
        points_advanced: None,
        off: Some(Fen(1_000)),
        principal: Some(Fen(6_000)),
        bonus: Some(Fen(600)),
        earns: Some(Fen(8_000)),
        awards: Some(vec![award()]),
        claimed_of: None,
        voucher: Some(Fen(5_000)),
    }
}

fn part_returned(sale: SaleId) -> ReturnFact {
    ReturnFact {
        sale,
        member: member(),
        store: store().credential.store,
        till: "2".to_owned(),
        check: "A-5".to_owned(),
        date: date(),
        gross: Fen(5_000),
        refund: Fen(950),
        points_restored: 250,
        points_clawed_back: 42,
        points_after: 1_293,
        price: Some(Fen(4_500)),
        earns: Some(Fen(4_000)),
        principal: Some(Fen(3_000)),
        bonus: Some(Fen(300)),
        lines: Some(vec![LineReturned { line: 1, pieces: 1 }]),
        awards_back: Some(vec![award()]),
    }
}

fn bearer() -> MemberId {
    let entry = purser_types::EntryId { replica: store().replica, seq: 9 };
    purser_types::CouponCode::derive(&[7; 32], entry, 0).bearer()
}

fn gifts() -> Vec<Fact> {
    let gifts = [
        Gift::Tier { tier: "gold".to_owned(), until: Some(date()) },
        Gift::Activity { activity: "check-in".to_owned(), points: 5 },
        Gift::Coupon { coupon: "own-brand-500".to_owned(), pieces: 2 },
        Gift::PassUses { pass: "wash-10".to_owned(), uses: 3, from: MemberId::CHAIN },
        Gift::Code { coupon: "own-brand-500".to_owned(), bearer: bearer() },
    ];
    let (reason, by) = ("invited".to_owned(), "Zhao Min".to_owned());
    let grant =
        |gift| GrantFact { member: member(), date: date(), gift, reason: reason.clone(), by: by.clone() };
    gifts.map(grant).map(Fact::Grant).into()
}

/// The store's journal.
pub fn entries() -> Vec<Entry> {
    let hlc = |counter| Hlc { wall_ms: 1_790_000_500_000, counter };
    let top_up = TopUpFact {
        member: member(),
        receipt: receipt("A-1"),
        principal: Fen(500_000),
        bonus: Fen(50_000),
        seller: Some("Li".to_owned()),
        approved_by: None,
        issue: Some("spring-500".to_owned()),
    };
    let pass = PassSoldFact {
        member: member(),
        receipt: receipt("A-2"),
        pass: "wash-10".to_owned(),
        uses: 10,
        price: Fen(30_000),
        seller: None,
    };
    let reward = RewardFact {
        member: member(),
        receipt: receipt("A-4"),
        reward: "gift-3".to_owned(),
        pieces: 2,
        points: 200,
        points_after: 50,
    };
    let wallet = Lot { member: member(), asset: Asset::WalletPrincipal, expires_on: None };
    let back = TopUpBackFact {
        member: member(),
        receipt: receipt("A-6"),
        top_up: SaleId::created_by(purser_types::EntryId { replica: store().replica, seq: 1 }),
        principal: Fen(10_000),
        bonus: Fen(1_000),
    };
    let pass_back = PassBackFact {
        member: member(),
        receipt: receipt("A-7"),
        pass_sale: SaleId::created_by(purser_types::EntryId { replica: store().replica, seq: 2 }),
        pass: "wash-10".to_owned(),
        uses: 4,
        price: Fen(12_000),
    };
    let codes = CodesFact {
        date: date(),
        coupon: "own-brand-500".to_owned(),
        proofs: vec![7; 16],
        until: date(),
        reason: "leaflet".to_owned(),
        by: "Zhao Min".to_owned(),
    };
    let lot = Lot { member: bearer(), asset: Asset::Coupon(0x0102_0304), expires_on: Some(date()) };
    let code = Posting::Credit { lot, amount: 1 };
    let stock = Posting::Credit { lot: Lot::stock(0x0102_0304), amount: 20 };
    let sale_id = SaleId::created_by(purser_types::EntryId { replica: store().replica, seq: 3 });
    chained(
        store().replica,
        [
            (
                hlc(0),
                None,
                vec![
                    Fact::TopUp(top_up),
                    Fact::Postings(vec![Posting::Credit { lot: wallet, amount: 500_000 }]),
                ],
            ),
            (hlc(1), None, vec![Fact::PassSold(pass), Fact::Postings(vec![stock])]),
            (hlc(2), None, vec![Fact::Sale(Box::new(sale()))]),
            (hlc(3), None, vec![Fact::Reward(reward)]),
            (hlc(4), None, vec![Fact::Return(Box::new(part_returned(sale_id)))]),
            (hlc(5), None, gifts()),
            (hlc(6), None, vec![Fact::TopUpBack(back)]),
            (hlc(7), None, vec![Fact::PassBack(pass_back)]),
            (hlc(8), None, vec![Fact::Codes(codes), Fact::Postings(vec![code])]),
            (hlc(9), None, staff()),
        ],
    )
}

/// An account of the store, one of the city that is closed, and who made them.
fn staff() -> Vec<Fact> {
    let account = |store, name: &str, role, verifier: Option<&str>| {
        let (name, person) = (name.to_owned(), "李雷".to_owned());
        Fact::Account(AccountFact { store, name, person, role, verifier: verifier.map(str::to_owned) })
    };
    let act = ActFact { by: "zhao".to_owned(), act: "set_account".to_owned(), about: String::new() };
    vec![
        account(
            Some(StoreNumber(12)),
            "li",
            StaffRole::Cashier,
            Some("$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA"),
        ),
        account(None, "audit", StaffRole::Auditor, None),
        Fact::Act(act),
    ]
}
