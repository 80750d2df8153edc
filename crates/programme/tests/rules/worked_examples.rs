//! The worked examples of the specification, figure by figure, under the presets.

use purser_programme::{
    Deal, History, NotRedeemed, Outcome, Parts, Payment, QuoteRefused, StoredValuePayment, Today, TopUp,
    ValueRefused,
};
use purser_types::{EntryId, Fen, Hlc, MemberId, ReplicaId};

use crate::basket::{
    APPAREL, DEPARTMENT_STORE, ONLINE_SHOP, PHARMACY, POINTS_CLUB, RESTAURANT, buyer, day, id, line, of, on,
    programme, quoted,
};

#[test]
fn department_store_discounts_multiply() {
    let store = programme(DEPARTMENT_STORE);
    let quote = quoted(&store, &[line("100", &["counter-promotion"])], &on("2026-03-10", buyer("gold")));
    assert_eq!(quote.total, Fen(7_040));
}

#[test]
fn department_store_points_are_for_each_full_ten_yuan() {
    let store = programme(DEPARTMENT_STORE);
    for (paid, points) in [("500", 50), ("550", 55), ("559", 55)] {
        let quote = quoted(&store, &[line(paid, &[])], &on("2026-03-10", buyer("ordinary")));
        assert_eq!((quote.total, quote.earned.points), (paid.parse().unwrap(), points));
    }
}

#[test]
fn department_store_special_prices_earn_and_get_no_discount() {
    let store = programme(DEPARTMENT_STORE);
    let quote = quoted(&store, &[line("80", &["special-price"])], &on("2026-03-10", buyer("gold")));
    assert_eq!((quote.total, quote.earned.points), (Fen(8_000), 8));
}

#[test]
fn department_store_goods_below_the_floor_get_nothing_more() {
    let store = programme(DEPARTMENT_STORE);
    let lines = [line("100", &["counter-promotion"])];
    let quote = quoted(&store, &lines, &on("2026-03-10", buyer("diamond")));
    // 0.8 × 0.8: the counter's 0.8 is not below the floor, so the tier's comes on top, and no third would.
    assert_eq!(quote.total, Fen(6_400));
}

#[test]
fn pharmacy_member_day_leaves_special_prices_alone() {
    let pharmacy = programme(PHARMACY);
    let lines = [line("30", &[]), line("6", &["special-price"])];
    let quote = quoted(&pharmacy, &lines, &on("2026-03-09", buyer("ordinary")));
    assert_eq!((quote.total, quote.earned.points), (Fen(3_300), 27));
    let prices: Vec<i64> = quote.lines.iter().map(|line| line.price.0).collect();
    assert_eq!(prices, [2_700, 600]);
}

#[test]
fn pharmacy_gold_every_day_and_ordinary_on_member_days() {
    let pharmacy = programme(PHARMACY);
    let quote = |tier, date| quoted(&pharmacy, &[line("36", &[])], &on(date, buyer(tier)));
    let (ordinary, gold) = (quote("ordinary", "2026-03-10"), quote("gold", "2026-03-10"));
    assert_eq!((ordinary.total, ordinary.earned.points), (Fen(3_600), 36));
    assert_eq!((gold.total, gold.earned.points), (Fen(3_240), 32));
    // On a member day gold members get it once.
    let both = quote("gold", "2026-03-09");
    assert_eq!(both.total, Fen(3_240));
    assert!(matches!(&both.steps[1].outcome, Outcome::Beaten(rule) if rule.as_str() == "member-day"));
}

#[test]
fn pharmacy_gifts_at_the_end_of_each_quarter() {
    let pharmacy = programme(PHARMACY);
    let gift = &pharmacy.rewards[0];
    assert_eq!((gift.pieces(250), 250 - gift.pieces(250) * gift.points, gift.worth), (2, 50, Fen(300)));
    assert_eq!(pharmacy.redemption.is_open(day("2026-03-31")), Ok(()));
    assert_eq!(pharmacy.redemption.is_open(day("2026-04-01")), Err(NotRedeemed::Closed(day("2026-04-01"))));
    assert_eq!(pharmacy.redemption.is_open(day("2026-11-15")), Ok(()));
}

#[test]
fn pharmacy_points_of_the_last_day_live_another_year() {
    let pharmacy = programme(PHARMACY);
    let until = |date| {
        let quote = quoted(&pharmacy, &[line("30", &[])], &on(date, buyer("ordinary")));
        quote.earned.until.map(|date| date.to_string())
    };
    assert_eq!(until("2026-12-30").as_deref(), Some("2026-12-31"));
    assert_eq!(until("2026-12-31").as_deref(), Some("2027-12-31"));
}

#[test]
fn restaurant_half_of_a_top_up_is_for_other_days() {
    let restaurant = programme(RESTAURANT);
    let scheme = restaurant.stored_value.as_ref().unwrap();
    let held = scheme.top_up(Fen(500_000), false, Fen(0)).unwrap();
    assert_eq!(held.bonus, Fen(50_000));
    let today = Today { topped_up: Fen(500_000), spent: Fen(0) };
    let pay = |price: &str| {
        let most = price.parse().unwrap();
        let stored_value = Some(StoredValuePayment { most, held, today });
        let payment = Payment { stored_value, ..Payment::default() };
        restaurant.quote(&of(&[line(price, &[])]), &on("2026-05-01", buyer("member")), &payment)
    };
    let refused = pay("2500").unwrap_err();
    assert!(matches!(refused, QuoteRefused::StoredValue(ValueRefused::SameDay { .. })), "{refused}");
    let accepted = pay("2499.99").unwrap();
    assert_eq!(
        (accepted.stored_value, accepted.money),
        (Parts { principal: Fen(249_999), bonus: Fen(0) }, Fen(0))
    );
}

#[test]
fn restaurant_stored_value_gets_no_other_discount() {
    let restaurant = programme(RESTAURANT);
    let mut guest = buyer("member");
    guest.birthday = Some((5, 1));
    let occasion = on("2026-05-01", guest);
    assert_eq!(quoted(&restaurant, &[line("100", &[])], &occasion).total, Fen(9_000));
    let held = Parts { principal: Fen(50_000), bonus: Fen(0) };
    let stored_value = Some(StoredValuePayment { most: held.principal, held, today: Today::default() });
    let payment = Payment { stored_value, ..Payment::default() };
    let quote = restaurant.quote(&of(&[line("100", &[])]), &occasion, &payment).unwrap();
    assert_eq!((quote.total, quote.steps[0].outcome.clone()), (Fen(10_000), Outcome::StoredValue));
}

#[test]
fn apparel_5000_in_a_year_brings_one_voucher() {
    let apparel = programme(APPAREL);
    let deal = |(seq, (date, yuan)): (u64, (&str, i64))| Deal {
        date: day(date),
        at: (Hlc { wall_ms: seq, counter: 0 }, EntryId { replica: ReplicaId([1; 16]), seq }),
        paid: Fen(yuan * 100),
        points: yuan,
    };
    let deals = [("2026-03-01", 4_999), ("2026-04-01", 1), ("2026-12-31", 9_000), ("2027-01-01", 5_000)];
    let history = History { deals: (1..).zip(deals).map(deal).collect(), grants: [].into() };
    let voucher = |date| (id("own-brand-500"), day(date));
    assert_eq!(apparel.awarded(&history), [voucher("2026-04-01"), voucher("2027-01-01")]);
}

#[test]
fn restaurant_first_card_of_a_seller_with_a_target() {
    let restaurant = programme(RESTAURANT);
    let top_up = TopUp {
        date: day("2026-05-01"),
        at: (Hlc { wall_ms: 0, counter: 0 }, EntryId { replica: ReplicaId([1; 16]), seq: 1 }),
        member: MemberId::from_i64(5).unwrap(),
        seller: "Li".into(),
        amount: Fen(500_000),
    };
    let roles = [("Li".to_owned(), id("manager"))].into();
    let month = (day("2026-05-01"), day("2026-05-31"));
    let li = &restaurant.commission.settle(&[top_up].into(), month, &roles)["Li"];
    assert_eq!((li.share, li.first_card, li.appraisal), (Fen(5_000), Fen(10_000), Fen(5_000)));
}

#[test]
fn online_shop_advanced_members_pay_ninety_percent() {
    let shop = programme(ONLINE_SHOP);
    let sixth = quoted(&shop, &[line("100", &[])], &on("2026-05-01", buyer("advanced")));
    assert_eq!(sixth.total, Fen(9_000));
}

#[test]
fn points_club_earns_more_for_who_holds_more() {
    let club = programme(POINTS_CLUB);
    for (held, paid, points) in [(900, "300", 340), (0, "100", 100), (4_999, "2", 2), (5_000, "100", 150)] {
        let mut member = buyer("club");
        member.points = held;
        let quote = quoted(&club, &[line(paid, &[])], &on("2026-05-01", member));
        assert_eq!(quote.earned.points, points, "{held} {paid}");
    }
}
