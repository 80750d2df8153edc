//! A programme as somebody might write it: it is refused with its mistakes, or prices a basket.
#![no_main]

use libfuzzer_sys::fuzz_target;
use purser_programme::{Basket, Buyer, History, Line, Occasion, Payment, Programme};
use purser_types::{BusinessDate, Fen, StoreNumber};

fuzz_target!(|text: &str| {
    let Ok(programme) = Programme::read(text) else { return };
    let date = BusinessDate::from_days(20_500);
    let tier = programme.tiers[programme.standing(&History::default(), date).tier].id.clone();
    let buyer = Buyer { tier, birthday: Some((2, 29)), orders: 0, points: 1_000 };
    let occasion = Occasion { date, hour: 12, store: StoreNumber(1), buyer: Some(buyer) };
    let line = |fen, quantity| Line { quantity, unit_price: Fen(fen), ..Line::default() };
    let basket = Basket { lines: vec![line(19_999, 1), line(1, 3), line(i64::MAX, 2)] };
    if let Ok(quote) = programme.quote(&basket, &occasion, &Payment::default()) {
        let sum: i64 = quote.lines.iter().map(|line| line.price.0).sum();
        assert_eq!(sum, quote.total.0);
        assert!(quote.total.0 >= 0 && quote.total <= quote.gross && quote.earned.points >= 0);
    }
});
