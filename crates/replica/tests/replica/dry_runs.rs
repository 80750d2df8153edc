//! Sales of the past under another version, paid as they were.

use std::sync::Arc;

use purser_programme::{Line, Programme, RuleId};
use purser_replica::{
    Basket, BasketLine, DryRun, Giving, PassSale, Policy, Redemption, Settings, Tenders, TopUp, Undertaking,
};
use purser_types::{Fen, MemberId};

use crate::city::{City, Store, yuan};

const EVERYTHING: &str = include_str!("everything.toml");

fn id(text: &str) -> RuleId {
    text.parse().unwrap()
}

fn line(category: &str, fen: i64) -> BasketLine {
    let line = Line {
        article: "a".into(),
        category: category.into(),
        quantity: 1,
        unit_price: Fen(fen),
        ..Line::default()
    };
    BasketLine { name: String::new(), line }
}

/// Tea and a wash, paid by points, stored value, a pass, a coupon and money.
fn buys(store: &mut Store, member: MemberId, check: &str, points: i64, tenders: Tenders) {
    let lines = vec![line("tea", 20_000), line("wash", 3_500)];
    let basket = Basket {
        member,
        till: "1".into(),
        check: check.into(),
        gross: Fen(23_500),
        redemption: Redemption::Points(points),
        lines,
        tenders,
        claimed_of: None,
    };
    store.does(Undertaking::CheckOut(basket)).unwrap();
}

fn tried(city: &City, document: &str) -> DryRun {
    let days = ("2026-01-01".parse().unwrap(), "2026-12-31".parse().unwrap());
    city.view(0).dry_run(&Programme::read(document).unwrap(), days).unwrap()
}

#[test]
fn sales_are_paid_again_as_they_were() {
    let city = City::found();
    let programme = Arc::new(Programme::read(EVERYTHING).unwrap());
    let mut store = city.open_for(0, Settings { programme, policy: Policy::KeepWhereEarned });
    let member = store.register("Wang");
    let gift = purser_journal::Gift::Coupon { coupon: "ten-off".into(), pieces: 2 };
    let (reason, by) = ("a test".to_owned(), "Zhao".to_owned());
    store.does(Undertaking::Give(Giving { member, gift, reason, by })).unwrap();
    let (till, amount) = ("1".to_owned(), yuan(300));
    let top_up =
        TopUp { member, till, check: "T".into(), amount, issue: None, seller: None, approved_by: None };
    store.does(Undertaking::TopUp(top_up)).unwrap();
    let pass = PassSale { member, till: "1".into(), check: "P".into(), pass: id("wash-5"), seller: None };
    store.does(Undertaking::SellPass(pass)).unwrap();
    buys(&mut store, member, "1", 0, Tenders::default());
    let stored_value = Some(yuan(100));
    let (passes, coupons) = (vec![id("wash-5")], vec![id("ten-off")]);
    buys(&mut store, member, "2", 100, Tenders { stored_value, passes, coupons, voucher: Some(yuan(5)) });

    // The same version makes the same of them.
    let same = tried(&city, EVERYTHING);
    assert_eq!((same.total.sales, same.refused, same.points_refused), (2, 0, 0), "{same:?}");
    assert_eq!((same.total.price.0, same.total.points.0), (same.total.price.1, same.total.points.1));
    assert!(same.members.is_empty(), "{same:?}");
    // A coupon of ¥20 takes ¥10 more off.
    let dear = EVERYTHING
        .replace("gives = { by = \"off\", off = \"10\" }", "gives = { by = \"off\", off = \"20\" }");
    let dear = tried(&city, &dear).total.price;
    assert_eq!(dear.0.0 - dear.1.0, 1_000);
    // Without points as money the second sale is dearer for the member, and counted.
    let no_cash = EVERYTHING.replace("cash = { step = 50, off = \"0.80\", at_most = \"0.5\" }", "");
    assert_eq!(tried(&city, &no_cash).points_refused, 1);
    // Without the pass it cannot be priced.
    let no_pass = EVERYTHING.replace("id = \"wash-5\"", "id = \"wash-6\"");
    let refused = tried(&city, &no_pass);
    assert_eq!((refused.total.sales, refused.refused), (1, 1));
}
