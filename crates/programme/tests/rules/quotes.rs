//! Quotes in words, in both languages: quotes.txt holds them fast.

use std::fmt::Write as _;

use purser_programme::{Language, Parts, Payment, Programme, Quote, StoredValuePayment, Today};
use purser_types::Fen;

use crate::basket::{
    DEPARTMENT_STORE, ONLINE_SHOP, PHARMACY, POINTS_CLUB, RESTAURANT, buyer, line, of, on, programme, quoted,
};

const GOLDEN: &str = include_str!("quotes.txt");

fn write(text: &mut String, title: &str, programme: &Programme, quote: &Quote) {
    writeln!(text, "## {title}").unwrap();
    for language in [Language::Chinese, Language::English] {
        quote.explain(programme, language).iter().for_each(|words| writeln!(text, "{words}").unwrap());
        text.push('\n');
    }
}

fn pharmacy(text: &mut String) {
    let pharmacy = programme(PHARMACY);
    let lines = [line("30", &[]), line("6", &["special-price"])];
    let quote = quoted(&pharmacy, &lines, &on("2026-03-09", buyer("ordinary")));
    write(text, "pharmacy: ¥36 on the 9th, ordinary, of which ¥6 special price", &pharmacy, &quote);
    let quote = quoted(&pharmacy, &[line("36", &[])], &on("2026-03-10", buyer("gold")));
    write(text, "pharmacy: ¥36 on the 10th, gold", &pharmacy, &quote);
}

fn department_store(text: &mut String) {
    let store = programme(DEPARTMENT_STORE);
    let mut gold = buyer("gold");
    gold.birthday = Some((3, 8));
    let lines = [line("100", &["counter-promotion"]), line("80", &["special-price"])];
    let payment = Payment { points: 200, ..Payment::default() };
    let quote = store.quote(&of(&lines), &on("2026-03-10", gold), &payment).unwrap();
    write(
        text,
        "department store: gold, counter promotion, special price, birthday, 200 points",
        &store,
        &quote,
    );
}

fn restaurant(text: &mut String) {
    let restaurant = programme(RESTAURANT);
    let held = Parts { principal: Fen(20_000), bonus: Fen(5_000) };
    let stored_value = Some(StoredValuePayment { most: Fen(30_000), held, today: Today::default() });
    let payment = Payment { stored_value, ..Payment::default() };
    let quote = restaurant.quote(&of(&[line("220", &[])]), &on("2026-05-01", buyer("member")), &payment);
    write(text, "restaurant: ¥220 by stored value", &restaurant, &quote.unwrap());
}

fn online_shop(text: &mut String) {
    let shop = programme(ONLINE_SHOP);
    let mut snacks = line("9.99", &[]);
    (snacks.category, snacks.quantity) = ("snacks".into(), 5);
    let lines = [snacks, line("399", &[]), line("5.55", &["flash-sale"])];
    let quote = quoted(&shop, &lines, &on("2026-05-01", buyer("advanced")));
    write(text, "online shop: advanced, snacks, more than ¥400", &shop, &quote);
}

fn points_club(text: &mut String) {
    let club = programme(POINTS_CLUB);
    let mut member = buyer("club");
    member.points = 900;
    let quote = quoted(&club, &[line("300", &[])], &on("2026-05-01", member));
    write(text, "points club: holds 900, buys for ¥300", &club, &quote);
}

#[test]
fn quotes_say_what_they_said() {
    let mut text = String::new();
    pharmacy(&mut text);
    department_store(&mut text);
    restaurant(&mut text);
    online_shop(&mut text);
    points_club(&mut text);
    assert!(text.trim_end() == GOLDEN.trim_end(), "quotes.txt should be:\n{text}");
}
