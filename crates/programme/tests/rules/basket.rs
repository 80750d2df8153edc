//! Baskets and buyers for the tests.

use std::collections::BTreeSet;

use purser_programme::{Basket, Buyer, Line, Occasion, Payment, Programme, Quote, RuleId};
use purser_types::{BusinessDate, Fen, StoreNumber};

pub const PHARMACY: &str = include_str!("../../../../programmes/pharmacy.toml");
pub const DEPARTMENT_STORE: &str = include_str!("../../../../programmes/department-store.toml");
pub const RESTAURANT: &str = include_str!("../../../../programmes/restaurant-stored-value.toml");
pub const ONLINE_SHOP: &str = include_str!("../../../../programmes/online-shop.toml");
pub const POINTS_CLUB: &str = include_str!("../../../../programmes/points-club.toml");
pub const APPAREL: &str = include_str!("../../../../programmes/apparel.toml");
pub const TEA_HOUSE: &str = include_str!("../../../../programmes/tea-house.toml");
pub const CAR_SERVICE: &str = include_str!("../../../../programmes/car-service.toml");
pub const PRESETS: [&str; 8] =
    [PHARMACY, DEPARTMENT_STORE, RESTAURANT, ONLINE_SHOP, POINTS_CLUB, APPAREL, TEA_HOUSE, CAR_SERVICE];

pub fn programme(text: &str) -> Programme {
    Programme::read(text).unwrap_or_else(|faults| panic!("{faults}"))
}

pub fn day(text: &str) -> BusinessDate {
    text.parse().unwrap()
}

pub fn id(text: &str) -> RuleId {
    text.to_owned().try_into().unwrap()
}

pub fn line(price: &str, flags: &[&str]) -> Line {
    let flags: BTreeSet<String> = flags.iter().map(|flag| (*flag).to_owned()).collect();
    let unit_price: Fen = price.parse().unwrap();
    Line { article: "6901234567892".into(), category: String::new(), flags, quantity: 1, unit_price }
}

pub fn of(lines: &[Line]) -> Basket {
    Basket { lines: lines.to_vec() }
}

pub fn buyer(tier: &str) -> Buyer {
    Buyer { tier: id(tier), birthday: None, orders: 3, points: 0 }
}

pub fn on(date: &str, buyer: Buyer) -> Occasion {
    Occasion { date: day(date), hour: 12, store: StoreNumber(1), buyer: Some(buyer) }
}

/// Paid in money.
pub fn quoted(programme: &Programme, lines: &[Line], occasion: &Occasion) -> Quote {
    programme.quote(&of(lines), occasion, &Payment::default()).unwrap()
}
