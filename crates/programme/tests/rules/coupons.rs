//! Coupons and passes: what they take off, and when they do not.

use purser_programme::{
    Basket, Line, Occasion, Outcome, Payment, Quote, QuoteRefused, Sold, SoldLine, Worth, worth_of,
};
use purser_types::{Coded, Fen};

use crate::basket::{APPAREL, CAR_SERVICE, TEA_HOUSE, buyer, day, id, line, of, on, programme};

fn quote(
    text: &str,
    basket: &Basket,
    occasion: &Occasion,
    passes: &[&str],
    coupons: &[&str],
) -> Result<Quote, QuoteRefused> {
    let ids = |ids: &[&str]| ids.iter().copied().map(id).collect();
    let payment = Payment { passes: ids(passes), coupons: ids(coupons), ..Payment::default() };
    programme(text).quote(basket, occasion, &payment)
}

fn pieces(category: &str, price: &str, quantity: u32) -> Line {
    Line { category: category.into(), quantity, ..line(price, &[]) }
}

#[test]
fn apparel_a_voucher_of_500_for_own_brand_goods() {
    let today = on("2026-06-01", buyer("ordinary"));
    let own = line("699", &["own-brand", "new-season"]);
    let quoted =
        quote(APPAREL, &of(&[own, line("100", &["new-season"])]), &today, &[], &["own-brand-500"]).unwrap();
    // ¥80 off ¥799, split over both; then ¥500 off what is left of the own brand.
    assert_eq!(quoted.total, Fen(79_900 - 8_000 - 50_000));
    assert_eq!((quoted.used.as_slice(), quoted.earned.points), (&[id("own-brand-500")][..], 219));
    let others = quote(APPAREL, &of(&[line("900", &[])]), &today, &[], &["own-brand-500"]).unwrap_err();
    assert_eq!(others.code(), "coupon_not_applicable");
    assert!(others.to_string().contains("none of its goods"), "{others}");
    // It is good for ¥500 however little the goods cost.
    let little =
        quote(APPAREL, &of(&[line("500", &["own-brand"])]), &today, &[], &["own-brand-500"]).unwrap();
    assert_eq!(little.total, Fen(0));
    let twice = quote(APPAREL, &of(&[line("699", &["own-brand"])]), &today, &[], &["own-brand-500"; 2]);
    assert!(twice.unwrap_err().to_string().contains("below the floor"));
    let apparel = programme(APPAREL);
    assert_eq!(apparel.awards[0].coupon, id("own-brand-500"));
    assert_eq!(apparel.coupons[0].valid.last_day(day("2026-06-01")), day("2026-11-30"));
}

#[test]
fn a_use_of_a_pass_pays_for_one_piece_before_everything_else() {
    let today = on("2026-06-01", buyer("gold"));
    let basket = of(&[pieces("wash", "35", 2), pieces("maintenance", "500", 1)]);
    let once = quote(CAR_SERVICE, &basket, &today, &["wash-10"], &[]).unwrap();
    assert_eq!(once.total, Fen(3_500 + 42_500));
    let twice = quote(CAR_SERVICE, &basket, &today, &["wash-10", "wash-10", "care-4"], &[]).unwrap();
    assert_eq!((twice.total, twice.earned.points, twice.used.len()), (Fen(0), 0, 3));
    assert!(matches!(twice.steps[3].outcome, Outcome::Nothing(_)));
    let thrice = quote(CAR_SERVICE, &basket, &today, &["wash-10"; 3], &[]).unwrap_err();
    assert!(matches!(thrice, QuoteRefused::CouponUseless { .. }), "{thrice}");
    // What a pass has paid does not count towards a saving.
    let both = quote(CAR_SERVICE, &basket, &today, &["care-4"], &["maintenance-100"]).unwrap_err();
    assert_eq!(both.code(), "coupon_not_applicable");
}

#[test]
fn what_was_used_comes_back_with_the_last_of_the_goods() {
    let basket = of(&[pieces("wash", "35", 2), pieces("maintenance", "500", 1)]);
    let today = on("2026-06-01", buyer("owner"));
    let quoted = quote(CAR_SERVICE, &basket, &today, &["wash-10"], &["maintenance-100"]).unwrap();
    assert_eq!(quoted.total, Fen(3_500 + 40_000));
    let lines: Vec<SoldLine> =
        [2, 1].into_iter().zip(&quoted.lines).map(|(pieces, line)| SoldLine::of(pieces, line)).collect();
    let sold = Sold::of(&quoted);
    let first = worth_of(&lines, &[], &[0, 1]).unwrap();
    let back = sold.returned(Worth::default(), first);
    assert_eq!((back.money, back.is_rest), (Fen(40_000), false));
    let rest = sold.returned(first, worth_of(&lines, &[0, 1], &[2]).unwrap());
    assert_eq!((rest.money, rest.is_rest), (Fen(3_500), true));
}

#[test]
fn nobody_uses_what_there_is_not_or_without_a_card() {
    let basket = of(&[pieces("seat", "68", 1)]);
    let afternoon = on("2026-06-01", buyer("guest"));
    let refused = quote(TEA_HOUSE, &basket, &afternoon, &["fifty-seats"], &[]).unwrap_err();
    assert_eq!(refused.code(), "coupon_unknown");
    let nobody = Occasion { buyer: None, ..afternoon.clone() };
    assert_eq!(quote(TEA_HOUSE, &basket, &nobody, &["ten-seats"], &[]).unwrap_err(), QuoteRefused::NoMember);
    let many = vec!["ten-seats"; 51];
    assert_eq!(quote(TEA_HOUSE, &basket, &afternoon, &many, &[]).unwrap_err().code(), "coupons_too_many");
}
