//! Ways in which somebody could gain by the programme, lose by it, or bring a store down with it.

use std::sync::Arc;

use purser_journal::{LineReturned, ReturnFact, SaleFact};
use purser_ledger::Asset;
use purser_programme::{Line, Programme, RuleId};
use purser_replica::{
    Basket, BasketLine, GoodsBack, Outcome, PassSale, Policy, Redemption, Settings, TakeBack, Tenders, TopUp,
    Undertaking, View,
};
use purser_types::{Fen, MemberId, SaleId};

use crate::city::{City, DAY_MS, Store, acquaint, settle, yuan};

const APPAREL: &str = include_str!("../../../../programmes/apparel.toml");
const CAR_SERVICE: &str = include_str!("../../../../programmes/car-service.toml");
const DEPARTMENT_STORE: &str = include_str!("../../../../programmes/department-store.toml");
const POINTS_CLUB: &str = include_str!("../../../../programmes/points-club.toml");
const PHARMACY: &str = include_str!("../../../../programmes/pharmacy.toml");
const RESTAURANT: &str = include_str!("../../../../programmes/restaurant-stored-value.toml");
const ONLINE_SHOP: &str = include_str!("../../../../programmes/online-shop.toml");

fn city_by<const COUNT: usize>(document: &str) -> (City, [Store; COUNT]) {
    let city = City::found();
    let programme = Arc::new(Programme::read(document).unwrap());
    let settings = || Settings { programme: Arc::clone(&programme), policy: Policy::KeepWhereEarned };
    let stores = std::array::from_fn(|number| city.open_for(u32::try_from(number).unwrap(), settings()));
    (city, stores)
}

fn line(category: &str, flags: &[&str], quantity: u32, price: i64) -> BasketLine {
    let flags = flags.iter().map(|flag| (*flag).to_owned()).collect();
    let line =
        Line { article: "a".into(), category: category.into(), flags, quantity, unit_price: Fen(price) };
    BasketLine { name: String::new(), line }
}

fn basket(member: MemberId, check: &str, lines: Vec<BasketLine>, tenders: Tenders) -> Basket {
    Basket {
        member,
        till: "1".into(),
        check: check.into(),
        gross: Fen(lines.iter().map(|line| line.line.gross().0).sum()),
        redemption: Redemption::None,
        lines,
        tenders,
        claimed_of: None,
    }
}

fn sells(store: &mut Store, basket: Basket) -> (SaleId, SaleFact) {
    match store.does(Undertaking::CheckOut(basket)).unwrap().outcome {
        Outcome::Sale(sale, fact) => (sale, *fact),
        other => panic!("{other:?}"),
    }
}

fn back(sale: SaleId, check: &str, goods: GoodsBack) -> Undertaking {
    Undertaking::TakeBack(TakeBack { sale, till: "1".into(), check: check.into(), goods })
}

fn takes(store: &mut Store, undertaking: Undertaking) -> ReturnFact {
    match store.does(undertaking).unwrap().outcome {
        Outcome::Return(fact) => *fact,
        other => panic!("{other:?}"),
    }
}

fn pieces(line: u32, pieces: u32) -> GoodsBack {
    GoodsBack::Lines(vec![LineReturned { line, pieces }])
}

/// What the shop's own discount gives to gold members comes to another sum by lines than by value: together it is
/// what was paid, and the last return is more or less than its own line.
#[test]
fn by_value_and_then_by_lines() {
    let (_city, [mut store]) = city_by(DEPARTMENT_STORE);
    let member = store.register("Wang");
    let lines = vec![line("", &["special-price"], 1, 10_000), line("", &["counter-promotion"], 1, 10_000)];
    let (sale, fact) = sells(&mut store, basket(member, "1", lines, Tenders::default()));
    assert_eq!(fact.price(), Fen(18_000));
    let first = takes(&mut store, back(sale, "2", GoodsBack::Gross(yuan(100))));
    let rest = takes(&mut store, back(sale, "3", pieces(2, 1)));
    assert_eq!((first.refund, rest.refund), (yuan(90), yuan(90)));
    assert_eq!(store.refuses(back(sale, "4", pieces(1, 1))), "return_too_large");
}

#[test]
fn the_last_part_of_a_sale_may_be_worth_more_than_its_share() {
    let (_city, [mut store]) = city_by(CAR_SERVICE);
    let member = store.register("Wang");
    let sale = PassSale { member, till: "1".into(), check: "P".into(), pass: id("wash-10"), seller: None };
    store.does(Undertaking::SellPass(sale)).unwrap();
    let lines = vec![line("", &[], 1, 10_000), line("wash", &[], 2, 3_500)];
    let tenders = Tenders { passes: vec![id("wash-10"); 2], ..Tenders::default() };
    let (sale, fact) = sells(&mut store, basket(member, "1", lines, tenders));
    assert_eq!(fact.price(), yuan(100));
    let first = takes(&mut store, back(sale, "2", GoodsBack::Gross(Fen(2_000))));
    let second = takes(&mut store, back(sale, "3", pieces(2, 2)));
    let rest = takes(&mut store, back(sale, "4", GoodsBack::Gross(Fen(8_000))));
    assert_eq!(first.refund.0 + second.refund.0 + rest.refund.0, 10_000);
}

fn id(text: &str) -> RuleId {
    text.parse().unwrap()
}

/// Each wash comes back with its own use; other goods bring none back.
#[test]
fn uses_of_a_pass_come_back_with_what_they_paid_for() {
    let (_city, [mut store]) = city_by(CAR_SERVICE);
    let member = store.register("Wang");
    let sale = PassSale { member, till: "1".into(), check: "P".into(), pass: id("wash-10"), seller: None };
    store.does(Undertaking::SellPass(sale)).unwrap();
    let lines = vec![line("wash", &[], 3, 3_500), line("", &[], 1, 1_000)];
    let tenders = Tenders { passes: vec![id("wash-10"); 3], ..Tenders::default() };
    let (sale, fact) = sells(&mut store, basket(member, "1", lines, tenders));
    assert_eq!(fact.price(), yuan(10));
    let pass = Asset::Pass(id("wash-10").kind());
    let left = |store: &Store| store.rights(member, pass);
    assert_eq!(left(&store), 7);
    takes(&mut store, back(sale, "2", pieces(2, 1)));
    assert_eq!(left(&store), 7);
    takes(&mut store, back(sale, "3", pieces(1, 1)));
    assert_eq!(left(&store), 8);
    takes(&mut store, back(sale, "4", GoodsBack::Gross(Fen(7_000))));
    assert_eq!(left(&store), 10);
}

#[test]
fn a_telephone_number_is_no_amount() {
    let (_city, [mut store]) = city_by(RESTAURANT);
    let member = store.register("Wang");
    let top_up = TopUp {
        member,
        till: "1".into(),
        check: "1".into(),
        amount: Fen(1_381_234_567_800),
        issue: None,
        seller: None,
        approved_by: None,
    };
    assert_eq!(store.refuses(Undertaking::TopUp(top_up)), "stored_value_capped");
}

/// A voucher goes with the goods that brought it, however much of them is left to keep it.
#[test]
fn nobody_gets_vouchers_by_buying_and_returning() {
    let (_city, [mut store]) = city_by(APPAREL);
    let member = store.register("Wang");
    let coupon = Asset::Coupon(id("own-brand-500").kind());
    let goods = || vec![line("", &["special-price"], 1, 500_000)];
    let (sale, fact) = sells(&mut store, basket(member, "1", goods(), Tenders::default()));
    assert_eq!((fact.awards.map(|awards| awards.len()), store.rights(member, coupon)), (Some(1), 1));
    let part = takes(&mut store, back(sale, "2", GoodsBack::Gross(Fen(499_999))));
    assert_eq!((part.awards_back.map(|awards| awards.len()), store.rights(member, coupon)), (Some(1), 0));
    store.later(DAY_MS);
    // Bought again, on another day: once more, and once only.
    let (sale, fact) = sells(&mut store, basket(member, "3", goods(), Tenders::default()));
    assert_eq!((fact.awards.map(|awards| awards.len()), store.rights(member, coupon)), (Some(1), 1));
    let (_, fact) = sells(&mut store, basket(member, "4", goods(), Tenders::default()));
    assert_eq!((fact.awards, store.rights(member, coupon)), (None, 1));
    // What is left completes the way by itself.
    let whole = takes(&mut store, back(sale, "5", GoodsBack::Gross(yuan(5_000))));
    assert_eq!((whole.awards_back, store.rights(member, coupon)), (None, 1));
}

/// What a late claim completes, it brings: it is not left to the next purchase, which may come back.
#[test]
fn a_claim_brings_what_it_completes_of_later_purchases() {
    let voucher = r#"
        [[coupon]]
        id = "second"
        name = { zh = "二单券", en = "Second order" }
        gives = { by = "off", off = "10" }
        valid = { by = "days", days = 60 }

        [[award]]
        coupon = "second"
        way = { by = "orders", from = 2 }
    "#;
    let (_city, [mut store]) = city_by(&format!("{POINTS_CLUB}{voucher}"));
    let member = store.register("Wang");
    let coupon = Asset::Coupon(id("second").kind());
    let goods = || vec![line("", &[], 1, 10_000)];
    let earlier = store.zone().date_at(store.now.wall_ms);
    store.later(3 * DAY_MS);
    sells(&mut store, basket(member, "1", goods(), Tenders::default()));
    let mut claim = basket(member, "0", Vec::new(), Tenders::default());
    (claim.gross, claim.claimed_of) = (yuan(50), Some(earlier));
    let (_, claimed) = sells(&mut store, claim);
    assert_eq!((claimed.awards.map(|awards| awards.len()), store.rights(member, coupon)), (Some(1), 1));
    let (sale, fact) = sells(&mut store, basket(member, "2", goods(), Tenders::default()));
    assert_eq!(fact.awards, None);
    takes(&mut store, back(sale, "3", GoodsBack::Gross(yuan(100))));
    assert_eq!(store.rights(member, coupon), 1);
}

#[test]
fn points_are_not_set_aside_for_another_season() {
    let (_city, [mut store]) = city_by(PHARMACY);
    let member = store.register("Wang");
    sells(&mut store, basket(member, "1", vec![line("", &[], 1, 30_000)], Tenders::default()));
    let hold = Undertaking::Hold { member, points: 200, lasts_ms: 60_000 };
    store.does(hold.clone()).unwrap();
    store.later(40 * DAY_MS);
    assert_eq!(store.refuses(hold), "redemption_closed");
}

#[test]
fn what_costs_nothing_makes_nobody_advanced() {
    let (city, [mut store]) = city_by(ONLINE_SHOP);
    let member = store.register("Wang");
    for check in 0..6 {
        let free =
            Basket { gross: Fen(0), ..basket(member, &check.to_string(), Vec::new(), Tenders::default()) };
        sells(&mut store, free);
    }
    let mut view = View::open(&city.database(0)).unwrap();
    view.sells_by(Arc::new(Programme::read(ONLINE_SHOP).unwrap()));
    let standing = view.standing(member, store.now.wall_ms).unwrap();
    assert_eq!((standing.standing.tier, standing.orders), (0, 0));
}

/// The rights to what is left of a sale can come ahead of what tells what came back before.
#[test]
fn nothing_is_returned_before_it_is_known_what_came_back() {
    let (_city, [mut hub, mut one, mut two]) = city_by(DEPARTMENT_STORE);
    acquaint(&mut [&mut hub, &mut one, &mut two]);
    let member = one.register("Wang");
    let lines = vec![line("", &["special-price"], 1, 10_000), line("", &["counter-promotion"], 1, 10_000)];
    let (sale, _) = sells(&mut one, basket(member, "1", lines, Tenders::default()));
    settle(&mut [&mut hub, &mut one, &mut two]);
    takes(&mut one, back(sale, "2", pieces(1, 1)));
    let lend =
        |to: &Store| Undertaking::Lend { to: to.id(), member, asset: Asset::Refundable(sale), amount: 1 };
    one.does(lend(&hub)).unwrap();
    let known = one.run_for(&hub, one.id()).unwrap();
    hub.takes_in(known).unwrap();
    hub.commit();
    let on = hub.does(lend(&two)).unwrap();
    assert_eq!(on.lent(), 10_000);
    let hubs = hub.run_for(&two, hub.id()).unwrap();
    two.takes_in(hubs).unwrap();
    two.commit();
    assert_eq!(two.rights(member, Asset::Refundable(sale)), 10_000);
    assert_eq!(two.refuses(back(sale, "3", GoodsBack::Gross(yuan(100)))), "returns_on_the_way");
    settle(&mut [&mut hub, &mut one, &mut two]);
    assert_eq!(takes(&mut two, back(sale, "3", GoodsBack::Gross(yuan(100)))).refund, yuan(80));
}
