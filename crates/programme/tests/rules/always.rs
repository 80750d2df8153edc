//! What is so for every basket under every preset.

use proptest::{collection::vec, prelude::*, sample::select};
use purser_programme::{
    Basket, Buyer, Line, Occasion, Outcome, Parts, Payment, Programme, Quote, RuleId, StoredValuePayment,
    Today,
};
use purser_types::{Fen, StoreNumber};

use crate::basket::{POINTS_CLUB, PRESETS, day, programme};

fn any_line(of: &Programme) -> impl Strategy<Value = Line> + use<> {
    let or_none = |names: Vec<String>| names.into_iter().chain([String::new()]).collect::<Vec<_>>();
    let categories = or_none(of.goods.categories.iter().cloned().collect());
    let flags = or_none(of.goods.flags.iter().cloned().collect());
    let price = prop_oneof![Just(0), 1..200_i64, 1..100_000_i64, 1..10_000_000_i64];
    (select(categories), select(flags), 1..20_u32, price).prop_map(|(category, flag, quantity, price)| Line {
        article: "a".into(),
        category,
        flags: Some(flag).filter(|flag| !flag.is_empty()).into_iter().collect(),
        quantity,
        unit_price: Fen(price),
    })
}

fn any_occasion(of: &Programme) -> impl Strategy<Value = Occasion> + use<> {
    let tiers: Vec<_> = of.tiers.iter().map(|tier| tier.id.clone()).collect();
    let buyer = (select(tiers), prop::option::of((1..13_u32, 1..30_u32)), 0..10_u64, 0..20_000_i64)
        .prop_map(|(tier, birthday, orders, points)| Buyer { tier, birthday, orders, points });
    (0..800_i32, 0..24_u32, prop::option::weighted(0.9, buyer)).prop_map(|(days, hour, buyer)| Occasion {
        date: day("2026-01-01").plus_days(days),
        hour,
        store: StoreNumber(1),
        buyer,
    })
}

/// A preset, a basket, an occasion.
fn any_sale() -> impl Strategy<Value = (Programme, Basket, Occasion)> {
    select(PRESETS.to_vec()).prop_map(programme).prop_flat_map(|programme| {
        let lines = vec(any_line(&programme), 0..12);
        let occasion = any_occasion(&programme);
        (Just(programme), lines.prop_map(|lines| Basket { lines }), occasion)
    })
}

fn check(quote: &Quote) -> Result<(), TestCaseError> {
    let sum = |amounts: &mut dyn Iterator<Item = Fen>| amounts.map(|amount| amount.0).sum::<i64>();
    prop_assert_eq!(sum(&mut quote.lines.iter().map(|line| line.price)), quote.total.0);
    prop_assert_eq!(sum(&mut quote.lines.iter().map(|line| line.gross)), quote.gross.0);
    prop_assert!(quote.lines.iter().all(|line| line.price.0 >= 0 && line.price <= line.gross));
    let off: i64 = quote.steps.iter().map(|step| step.outcome.sum().0).sum();
    prop_assert_eq!(quote.gross.0 - off - quote.cut.0, quote.total.0);
    let paid = quote.points.1.0 + quote.stored_value.sum().0 + quote.money.0;
    prop_assert_eq!(paid, quote.total.0);
    let parts = [quote.points.1, quote.stored_value.principal, quote.stored_value.bonus, quote.money];
    prop_assert!(parts.iter().all(|part| part.0 >= 0), "{quote:?}");
    prop_assert!(quote.earned.points >= 0 && quote.earned.of.0 >= 0);
    for step in &quote.steps {
        if let Outcome::Off(off) = &step.outcome {
            prop_assert!(off.len() == quote.lines.len() && off.iter().all(|off| off.0 >= 0));
        }
    }
    Ok(())
}

/// A scheme that earns, goods that do, and a tier.
fn any_earning() -> impl Strategy<Value = (Programme, String, RuleId)> {
    let staged = POINTS_CLUB.replace("by = \"points_held\"", "by = \"part_of_amount\"");
    let fixed = "name = { zh = \"定额\", en = \"Fixed\" }\nversion = 1\nin_force_from = \"2026-01-01\"\n\
                 time_zone = \"Asia/Shanghai\"\n[[tier]]\nid = \"a\"\nname = { zh = \"卡\", en = \"A\" }\n\
                 [earning]\nper = \"1\"\nbands = [{ fixed = 5 }, { from = 100, fixed = 20 }]\n";
    let schemes = PRESETS.iter().copied().chain([staged.as_str(), fixed]).map(programme);
    let mut choices = Vec::new();
    for scheme in schemes {
        let Some(earning) = &scheme.earning else { continue };
        let of = |category: &String| Line { category: category.clone(), ..Line::default() };
        let categories = scheme.goods.categories.iter().cloned().chain([String::new()]);
        for category in categories.filter(|category| earning.goods.cover(&of(category))) {
            choices
                .extend(scheme.tiers.iter().map(|tier| (scheme.clone(), category.clone(), tier.id.clone())));
        }
    }
    select(choices)
}

proptest! {
    #[test]
    fn lines_add_up_and_nobody_pays_less_than_nothing((programme, basket, occasion) in any_sale()) {
        check(&programme.quote(&basket, &occasion, &Payment::default()).unwrap())?;
    }

    /// Whatever pays, it pays the total, and refuses what it cannot.
    #[test]
    fn points_and_stored_value_pay_the_total(
        (programme, basket, occasion) in any_sale(),
        points in prop_oneof![Just(0), 1..5_000_i64],
        most in 0..1_000_000_i64,
        (principal, bonus) in (0..1_000_000_i64, 0..100_000_i64),
        (topped_up, spent) in (0..1_000_000_i64, 0..100_000_i64),
        (passes, coupons) in (0..3_usize, 0..3_usize),
    ) {
        let held = Parts { principal: Fen(principal), bonus: Fen(bonus) };
        let today = Today { topped_up: Fen(topped_up), spent: Fen(spent) };
        let stored_value = programme.stored_value.as_ref().map(|_| StoredValuePayment { most: Fen(most), held, today });
        let passes = programme.passes.iter().map(|pass| pass.id.clone()).cycle().take(passes);
        let coupons = programme.coupons.iter().map(|coupon| coupon.id.clone()).cycle().take(coupons);
        let (passes, coupons) = (passes.collect(), coupons.collect());
        let payment = Payment { passes, coupons, points, stored_value, is_claim: false, ..Payment::default() };
        if let Ok(quote) = programme.quote(&basket, &occasion, &payment) {
            check(&quote)?;
            prop_assert!(quote.stored_value.principal <= held.principal && quote.stored_value.bonus <= held.bonus);
        }
    }

    /// Of two amounts under one rule the larger earns no less.
    #[test]
    fn who_pays_more_earns_no_less(
        (programme, category, tier) in any_earning(),
        (less, more) in (0..5_000_000_i64, 0..5_000_000_i64),
        occasion_seed in any::<u16>(),
        points in 0..20_000_i64,
    ) {
        let date = day("2026-01-01").plus_days(i32::from(occasion_seed % 800));
        let buyer = Buyer { tier, birthday: Some((3, 8)), orders: 2, points };
        let occasion = Occasion { date, hour: 12, store: StoreNumber(1), buyer: Some(buyer) };
        let earned = |amount: i64| {
            let category = category.clone();
            let line = Line { quantity: 1, unit_price: Fen(amount), category, ..Line::default() };
            let quote = programme.quote(&Basket { lines: vec![line] }, &occasion, &Payment::default()).unwrap();
            (quote.earned.of, quote.earned.points)
        };
        let ((of_less, less), (of_more, more)) = (earned(less), earned(more));
        prop_assert!((of_less <= of_more) == (less <= more) || less == more);
    }
}
