//! What pricing a basket costs, beside the plain sum of its lines and beside a millisecond, of which a till
//! should notice nothing: `cargo bench -p purser-simulations --bench pricing`.

use std::{
    hint::black_box,
    time::{Duration, Instant},
};

use purser_programme::{Basket, Buyer, Deal, History, Language, Line, Occasion, Payment, Programme};
use purser_types::{EntryId, Fen, Hlc, ReplicaId, StoreNumber};

const PRESETS: [(&str, &str); 8] = [
    ("apparel", include_str!("../../programmes/apparel.toml")),
    ("tea-house", include_str!("../../programmes/tea-house.toml")),
    ("car-service", include_str!("../../programmes/car-service.toml")),
    ("pharmacy", include_str!("../../programmes/pharmacy.toml")),
    ("department-store", include_str!("../../programmes/department-store.toml")),
    ("restaurant-stored-value", include_str!("../../programmes/restaurant-stored-value.toml")),
    ("online-shop", include_str!("../../programmes/online-shop.toml")),
    ("points-club", include_str!("../../programmes/points-club.toml")),
];
const LINES: usize = 30;
const ROUNDS: u32 = 20_000;
/// Ten years of two purchases a week.
const DEALS: u64 = 1_040;

fn main() {
    println!("{LINES} lines, {ROUNDS} times each; one sum of the lines' prices is 1\n");
    println!(
        "{:<26} {:>10} {:>8} {:>16} {:>12} {:>14}",
        "", "a quote", "sums", "of a millisecond", "in words", "tier of 10 years"
    );
    for (name, text) in PRESETS {
        let programme = Programme::read(text).expect("a sound preset");
        let basket = basket(&programme);
        let occasion = occasion(&programme);
        let quote = || programme.quote(&basket, &occasion, &Payment::default()).expect("a price");
        let sum =
            time(|| basket.lines.iter().fold(0_i64, |sum, line| sum.wrapping_add(black_box(line).gross().0)));
        let quoted = time(quote);
        let words = time(|| quote().explain(&programme, Language::Chinese));
        let history = history(&programme, &occasion);
        let standing = time(|| programme.standing(&history, occasion.date));
        println!(
            "{name:<26} {:>10} {:>8} {:>16} {:>12} {:>14}",
            format!("{quoted:.1?}"),
            quoted.as_nanos() / sum.as_nanos().max(1),
            format!("1/{}", 1_000_000 / quoted.as_nanos().max(1)),
            format!("{:.1?}", words.saturating_sub(quoted)),
            format!("{standing:.1?}"),
        );
    }
}

fn time<T>(mut work: impl FnMut() -> T) -> Duration {
    let began = Instant::now();
    (0..ROUNDS).for_each(|_| drop(black_box(work())));
    began.elapsed() / ROUNDS
}

fn basket(programme: &Programme) -> Basket {
    let categories: Vec<&String> = programme.goods.categories.iter().collect();
    let flags: Vec<&String> = programme.goods.flags.iter().collect();
    let line = |place: usize| Line {
        article: format!("69{place:011}"),
        category: categories
            .get(place % categories.len().max(1))
            .map_or_else(String::new, |it| (*it).clone()),
        flags: flags.get(place % 4).map(|flag| (*flag).clone()).into_iter().collect(),
        quantity: 1 + u32::try_from(place % 3).unwrap_or(0),
        unit_price: Fen(1_999 + 700 * i64::try_from(place).unwrap_or(0)),
    };
    Basket { lines: (0..LINES).map(line).collect() }
}

fn occasion(programme: &Programme) -> Occasion {
    let tier = programme.tiers.last().expect("a tier").id.clone();
    let buyer = Buyer { tier, birthday: Some((3, 9)), orders: 12, points: 4_900 };
    let date = programme.in_force_from.plus_days(67);
    Occasion { date, hour: 12, store: StoreNumber(1), buyer: Some(buyer) }
}

fn history(programme: &Programme, occasion: &Occasion) -> History {
    let first = programme.in_force_from;
    let deal = |number: u64| Deal {
        date: first.plus_days(i32::try_from(number * 7 / 2).unwrap_or(0) - 3_650).min(occasion.date),
        at: (Hlc { wall_ms: number, counter: 0 }, EntryId { replica: ReplicaId([1; 16]), seq: number + 1 }),
        paid: Fen(10_000 + i64::try_from(number).unwrap_or(0)),
        points: 100,
    };
    History { deals: (0..DEALS).map(deal).collect(), ..History::default() }
}
