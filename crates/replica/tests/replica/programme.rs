//! Lives under a programme with a rule of every kind, after which all replicas agree on everything; and sales
//! that are taken back as if they had never been.

use std::{collections::BTreeMap, sync::Arc};

use proptest::prelude::*;
use purser_documents::Field;
use purser_journal::{Gift, LineReturned};
use purser_ledger::{Asset, Lot};
use purser_programme::{Line, Programme, RuleId};
use purser_replica::{
    Basket, BasketLine, Giving, GoodsBack, Merging, Outcome, PassSale, Policy, Redemption, RewardWish,
    Settings, TakeBack, Tenders, TopUp, TopUpReturn, Undertaking, Wanted,
};
use purser_types::{Fen, MemberId, SaleId};

use crate::city::{City, DAY_MS, Store, assert_equal, book, field, settle, tell};

const EVERYTHING: &str = include_str!("everything.toml");
const THE_REST: &str = include_str!("the_rest.toml");

/// A city that sells by a programme, without having published it: what is tried here is what it brings.
fn city_by(document: &str) -> (City, [Store; 3]) {
    let city = City::found();
    let programme = Arc::new(Programme::read(document).unwrap());
    let settings = || Settings { programme: Arc::clone(&programme), policy: Policy::KeepWhereEarned };
    let stores = std::array::from_fn(|number| city.open_for(u32::try_from(number).unwrap(), settings()));
    (city, stores)
}

fn id(text: &str) -> RuleId {
    text.parse().unwrap()
}

fn line((category, flag, quantity, fen): (usize, usize, u32, i64)) -> BasketLine {
    let category = ["", "tea", "wash"][category].to_owned();
    let flags = [None, Some("special-price"), Some("promoted")][flag];
    let flags = flags.into_iter().map(str::to_owned).collect();
    let line = Line { article: "a".into(), category, flags, quantity, unit_price: Fen(fen) };
    BasketLine { name: String::new(), line }
}

fn any_line() -> impl Strategy<Value = BasketLine> {
    (0..3_usize, 0..3_usize, 1..4_u32, prop_oneof![1..500_i64, 1..60_000_i64]).prop_map(line)
}

/// A basket, and how somebody would like to pay for it.
#[derive(Debug, Clone)]
struct Wish {
    lines: Vec<BasketLine>,
    points: i64,
    stored_value: Option<i64>,
    passes: usize,
    coupons: usize,
}

fn any_wish() -> impl Strategy<Value = Wish> {
    let lines = prop::collection::vec(any_line(), 1..5);
    (lines, 0..4_i64, prop::option::of(1..60_000_i64), 0..2_usize, 0..2_usize).prop_map(
        |(lines, fifties, stored_value, passes, coupons)| Wish {
            lines,
            points: fifties * 50,
            stored_value,
            passes,
            coupons,
        },
    )
}

impl Wish {
    fn basket(&self, member: MemberId, check: String) -> Basket {
        let tenders = Tenders {
            voucher: None,
            stored_value: self.stored_value.map(Fen),
            passes: vec![id("wash-5"); self.passes],
            coupons: vec![id("ten-off"); self.coupons],
        };
        Basket {
            member,
            till: "1".into(),
            check,
            gross: Fen(self.lines.iter().map(|line| line.line.gross().0).sum()),
            redemption: Redemption::Points(self.points),
            lines: self.lines.clone(),
            tenders,
            claimed_of: None,
        }
    }

    /// With less and less of what stands in the way, until it is sold.
    fn sold(&self, store: &mut Store, member: MemberId, number: usize) -> Option<SaleId> {
        let mut wish = self.clone();
        for attempt in 0..5 {
            let basket = wish.basket(member, format!("S{number}-{attempt}"));
            if let Ok(reply) = store.does(Undertaking::CheckOut(basket)) {
                let Outcome::Sale(sale, _) = reply.outcome else { panic!("{reply:?}") };
                return Some(sale);
            }
            match attempt {
                0 => wish.coupons = 0,
                1 => wish.passes = 0,
                2 => wish.points = 0,
                _ => wish.stored_value = None,
            }
        }
        None
    }
}

/// What somebody does at a store; numbers choose among members and sales.
#[derive(Debug, Clone)]
enum Deed {
    Register,
    Buy(usize, Wish),
    TopUp(usize, i64),
    TopUpBack(usize, i64),
    Pass(usize),
    Return(usize, Back),
    Give(usize, u8),
    Stock(i64),
    Reward(usize),
    Claim(usize, i64, u64),
    Merge(usize, usize),
    Split(usize),
    Wait(u64),
}

#[derive(Debug, Clone)]
enum Back {
    Gross(i64),
    Line(u32, u32),
    Rest,
}

fn any_back() -> impl Strategy<Value = Back> {
    prop_oneof![
        (1..40_000_i64).prop_map(Back::Gross),
        (1..5_u32, 1..4_u32).prop_map(|(line, pieces)| Back::Line(line, pieces)),
        Just(Back::Rest),
    ]
}

fn any_deed() -> impl Strategy<Value = Deed> {
    let which = || 0..6_usize;
    prop_oneof![
        2 => Just(Deed::Register),
        8 => (which(), any_wish()).prop_map(|(member, wish)| Deed::Buy(member, wish)),
        3 => (which(), 10_000..90_000_i64).prop_map(|(member, fen)| Deed::TopUp(member, fen)),
        1 => (which(), 1..90_000_i64).prop_map(|(top_up, fen)| Deed::TopUpBack(top_up, fen)),
        2 => which().prop_map(Deed::Pass),
        4 => (which(), any_back()).prop_map(|(sale, back)| Deed::Return(sale, back)),
        2 => (which(), any::<u8>()).prop_map(|(member, what)| Deed::Give(member, what)),
        1 => (1..9_i64).prop_map(Deed::Stock),
        1 => which().prop_map(Deed::Reward),
        1 => (which(), 1..50_000_i64, 0..10_u64).prop_map(|(member, fen, days)| Deed::Claim(member, fen, days)),
        1 => (which(), which()).prop_map(|(member, into)| Deed::Merge(member, into)),
        1 => which().prop_map(Deed::Split),
        2 => prop_oneof![1..3_u64, 5..20_u64].prop_map(|days| Deed::Wait(days * DAY_MS)),
    ]
}

#[derive(Default)]
struct Made {
    members: Vec<MemberId>,
    sales: Vec<SaleId>,
    top_ups: Vec<SaleId>,
    deeds: usize,
}

fn pick<T: Copy>(made: &[T], which: usize) -> Option<T> {
    made.get(which % made.len().max(1)).copied()
}

impl Made {
    /// Most deeds are refused for some good reason; that is part of life.
    fn does(&mut self, store: &mut Store, deed: &Deed) -> Option<()> {
        self.deeds += 1;
        let (number, till) = (self.deeds, || "1".to_owned());
        let check = format!("D{number}");
        let member = |which: usize| pick(&self.members, which);
        match deed.clone() {
            Deed::Register => {
                let edits = vec![field(Field::Name, "Wang"), field(Field::BirthDate, "1990-03-08")];
                let reply = store.does(Undertaking::Register { edits, with_card: false }).unwrap();
                let Outcome::Member(member, _) = reply.outcome else { panic!("{reply:?}") };
                self.members.push(member);
            }
            Deed::Buy(which, wish) => self.sales.extend(wish.sold(store, member(which)?, number)),
            Deed::TopUp(which, fen) => {
                let (member, amount) = (member(which)?, Fen(fen));
                let (seller, approved_by) = (Some("Li".to_owned()), None);
                let top_up = TopUp { member, till: till(), check, amount, issue: None, seller, approved_by };
                let reply = store.does(Undertaking::TopUp(top_up)).ok()?;
                let Outcome::TopUp(top_up, _) = reply.outcome else { panic!("{reply:?}") };
                self.top_ups.push(top_up);
            }
            Deed::TopUpBack(which, fen) => {
                let (top_up, amount) = (pick(&self.top_ups, which)?, Fen(fen));
                let back = TopUpReturn { top_up, till: till(), check, amount };
                let _ = store.does(Undertaking::TakeTopUpBack(back));
            }
            Deed::Pass(which) => {
                let (member, pass) = (member(which)?, id("wash-5"));
                let sale = PassSale { member, till: till(), check, pass, seller: None };
                let _ = store.does(Undertaking::SellPass(sale));
            }
            Deed::Return(which, back) => drop(returns(store, pick(&self.sales, which)?, &back, check)),
            Deed::Give(which, what) => {
                let gift = match what % 4 {
                    0 => Gift::Tier { tier: "gold".into(), until: None },
                    1 => Gift::Coupon { coupon: "ten-off".into(), pieces: 2 },
                    _ => Gift::Activity { activity: "check-in".into(), points: 0 },
                };
                let (reason, by) = ("a test".to_owned(), "Zhao".to_owned());
                let _ = store.does(Undertaking::Give(Giving { member: member(which)?, gift, reason, by }));
            }
            Deed::Stock(pieces) => {
                let _ = store.does(Undertaking::Stock { reward: id("cup"), pieces });
            }
            Deed::Reward(which) => {
                let (member, reward) = (member(which)?, id("cup"));
                let wish = RewardWish { member, till: till(), check, reward, pieces: 1 };
                let _ = store.does(Undertaking::RedeemReward(wish));
            }
            Deed::Claim(which, fen, days) => {
                let day = store.zone().date_at(store.now.wall_ms.saturating_sub(days * DAY_MS));
                let basket = Basket {
                    member: member(which)?,
                    till: till(),
                    check,
                    gross: Fen(fen),
                    redemption: Redemption::None,
                    lines: Vec::new(),
                    tenders: Tenders::default(),
                    claimed_of: Some(day),
                };
                let _ = store.does(Undertaking::CheckOut(basket));
            }
            Deed::Merge(which, into) => merges(store, member(which)?, member(into)),
            Deed::Split(which) => merges(store, member(which)?, None),
            Deed::Wait(ms) => store.later(ms),
        }
        Some(())
    }
}

fn merges(store: &mut Store, member: MemberId, into: Option<MemberId>) {
    let (reason, by) = ("a test".to_owned(), "Zhao".to_owned());
    let _ = store.does(Undertaking::Merge(Merging { member, into, reason, by }));
}

fn returns(store: &mut Store, sale: SaleId, back: &Back, check: String) -> Option<Fen> {
    let goods = match *back {
        Back::Gross(fen) => GoodsBack::Gross(Fen(fen)),
        Back::Line(line, pieces) => GoodsBack::Lines(vec![LineReturned { line, pieces }]),
        Back::Rest => GoodsBack::Gross(left_of(store, sale)),
    };
    let back = TakeBack { sale, till: "1".into(), check, goods };
    match store.does(Undertaking::TakeBack(back)).ok()?.outcome {
        Outcome::Return(fact) => Some(fact.gross),
        other => panic!("{other:?}"),
    }
}

/// What may still be returned of a sale by this store.
fn left_of(store: &Store, sale: SaleId) -> Fen {
    let mut view = purser_replica::View::open(&store.path).unwrap();
    let member = view.sale(sale).map_or(MemberId::CHAIN, |(fact, _)| fact.member);
    Fen(view.refundable(member, sale).map_or(0, |(_, here)| here))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    /// Who has the same entries says the same of tiers and prices, whatever order they came in.
    #[test]
    fn everybody_agrees_on_tiers_and_prices(
        document in prop::sample::select(vec![EVERYTHING, THE_REST]),
        deeds in prop::collection::vec((0..3_usize, any_deed(), any::<bool>()), 20..60),
        wish in any_wish(),
    ) {
        let (city, mut stores) = city_by(document);
        let mut made = Made::default();
        for (at, deed, tells) in &deeds {
            made.does(&mut stores[*at], deed);
            if *tells {
                let [hub, one, two] = &mut stores;
                let (from, to) = if *at == 0 { (&*hub, one) } else { (&*one, two) };
                tell(from, to);
            }
        }
        let [hub, one, two] = &mut stores;
        settle(&mut [hub, one, two]);
        assert_equal(&[hub, one, two]);
        let now_ms = [&*hub, &*one, &*two].map(|store| store.now.wall_ms).into_iter().max().unwrap();
        // A newcomer has everything at once, and in another order.
        let mut late = city.open_for(3, Settings {
            programme: Arc::new(Programme::read(document).unwrap()),
            policy: Policy::KeepWhereEarned,
        });
        for from in [&*two, &*hub, &*one] {
            tell(from, &mut late);
        }
        prop_assert_eq!(late.digest(), hub.digest());
        for member in &made.members {
            let told: Vec<String> = [0, 1, 2, 3].into_iter().map(|number| said_of((&city, document), number, *member, &wish, now_ms)).collect();
            prop_assert!(told.iter().all(|of| *of == told[0]), "{member}: {told:#?}");
        }
        drop(late);
        city.assert_sound(&[0, 1, 2, 3]);
        let books = book(&city, 0);
        prop_assert_eq!(books.check_conservation(), Ok(()));
    }

    /// A sale that comes back, by lines, by value, at once or bit by bit, leaves the member as before.
    #[test]
    fn what_comes_back_altogether_was_never_sold(
        before in prop::collection::vec(any_deed(), 6..16),
        wish in any_wish(),
        backs in prop::collection::vec(any_back(), 0..5),
    ) {
        let (city, [mut store, _, _]) = city_by(EVERYTHING);
        let mut made = Made::default();
        made.does(&mut store, &Deed::Register);
        for deed in before.iter().chain([&Deed::TopUp(0, 60_000), &Deed::Pass(0)]) {
            made.does(&mut store, &match deed {
                Deed::Register => Deed::Give(0, 1),
                other => other.clone(),
            });
        }
        let member = made.members[0];
        let (owned, now_ms) = (owned(&store, member), store.now.wall_ms);
        let said = said_of((&city, EVERYTHING), 0, member, &wish, now_ms);
        let Some(sale) = wish.sold(&mut store, member, 1_000) else { return Ok(()) };
        for (place, back) in backs.iter().chain([&Back::Rest]).enumerate() {
            if left_of(&store, sale).0 > 0 {
                returns(&mut store, sale, back, format!("B{place}"));
            }
        }
        prop_assert_eq!(left_of(&store, sale), Fen(0));
        prop_assert_eq!(self::owned(&store, member), owned);
        prop_assert_eq!(said_of((&city, EVERYTHING), 0, member, &wish, now_ms), said);
    }
}

/// Everything that a member owns, lot by lot.
fn owned(store: &Store, member: MemberId) -> BTreeMap<Lot, i64> {
    let database = purser_storage::Database::open_reader(&store.path).unwrap();
    let kinds = |id: &str| id.parse::<RuleId>().unwrap().kind();
    let assets = [
        Asset::Points,
        Asset::WalletPrincipal,
        Asset::WalletBonus,
        Asset::Pass(kinds("wash-5")),
        Asset::Coupon(kinds("ten-off")),
    ];
    let rows = assets.into_iter().flat_map(|asset| database.shares(member, asset).unwrap());
    let lots = rows.map(|row| (row.lot, row.share.available + row.share.held));
    lots.filter(|(_, amount)| *amount != 0).collect()
}

/// What a replica says of a member's tier, and of what a basket would cost.
fn said_of(
    (city, document): (&City, &str),
    number: u32,
    member: MemberId,
    wish: &Wish,
    now_ms: u64,
) -> String {
    let mut view = purser_replica::View::open(&city.database(number)).unwrap();
    view.sells_by(Arc::new(Programme::read(document).unwrap()));
    let goods = purser_programme::Basket { lines: wish.lines.iter().map(|line| line.line.clone()).collect() };
    let standing = view.standing(member, now_ms).map(|it| (it.standing, it.orders));
    let (kin, today) = (view.kin(member).unwrap(), view.date_at(now_ms));
    let points = view.balance(member, Asset::Points, today).unwrap().balance;
    let quote = |points, tenders| {
        let wanted = Wanted { goods: goods.clone(), member: Some(member), points, tenders };
        view.quote(&wanted, now_ms).map(|quoted| quoted.quote).map_err(|refusal| refusal.to_string())
    };
    let mut quote = quote;
    let tenders = wish.basket(member, "x".into()).tenders;
    format!(
        "{kin:?} {points} {standing:?} {:?} {:?}",
        quote(0, Tenders::default()),
        quote(wish.points, tenders)
    )
}
