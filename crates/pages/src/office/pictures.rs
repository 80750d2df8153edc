//! Today and this month in pictures: what the shop's own page and the hub's page of the city have in common.

use maud::{Markup, html};
use purser_replica::DayFigures;
use purser_storage::Figures;
use purser_types::{BusinessDate, Fen};
use rust_i18n::t;

use crate::{
    chart::{self, Bar},
    language::Language,
};

/// Days that are looked at: this month and enough before it to compare with.
pub(crate) const DAYS_LOOKED_AT: i32 = 62;

/// The figures of some days and some stores.
pub(crate) struct Period<'a> {
    pub(crate) today: BusinessDate,
    pub(crate) days: &'a [DayFigures],
    pub(crate) language: Language,
}

impl Period<'_> {
    /// Tiles for today, beside the same day of the week before.
    pub(crate) fn today(&self) -> Markup {
        let (now, then) = (self.on(self.today), self.on(self.today.plus_days(-7)));
        html! { dl .tiles {
            (self.tile("sales", now.sales, then.sales))
            (self.money_tile("takings", takings(now), takings(then)))
            (self.tile("members", now.members, then.members))
            (self.tile("points_earned", now.points_earned, then.points_earned))
            (self.tile("points_redeemed", now.points_redeemed, then.points_redeemed))
            (self.money_tile("topped_up", now.topped_up_fen, then.topped_up_fen))
        } }
    }

    /// The month so far, day by day.
    pub(crate) fn month(&self) -> Markup {
        let locale = self.language.locale();
        let first = self.first_of_month();
        let days: Vec<(BusinessDate, Figures)> = (0..=30)
            .map(|day| first.plus_days(day))
            .take_while(|day| *day <= self.today.end_of_month())
            .map(|day| (day, self.on(day)))
            .collect();
        let bars = |value: fn(Figures) -> i64, shown: fn(i64) -> String| -> Vec<Bar> {
            let bar = |(day, figures): &(BusinessDate, Figures)| {
                let value = value(*figures);
                Bar {
                    label: day.day().to_string(),
                    value,
                    shown: shown(value),
                    is_marked: *day == self.today,
                }
            };
            days.iter().map(bar).collect()
        };
        html! {
            (chart::upright(&t!("figures.takings_by_day", locale = locale), &bars(takings, money)))
            div .pair {
                (chart::upright(&t!("figures.earned_by_day", locale = locale), &bars(|it| it.points_earned, plain)))
                (chart::upright(&t!("figures.redeemed_by_day", locale = locale), &bars(|it| it.points_redeemed, plain)))
            }
        }
    }

    /// The month so far, in figures.
    pub(crate) fn month_sums(&self) -> Markup {
        let locale = self.language.locale();
        let sum = self.sum(|row| row.date >= self.first_of_month());
        let line = |key: &str, value: String| {
            html! { div { dt { (t!(format!("figures.{key}"), locale = locale)) } dd .figure { (value) } } }
        };
        html! { dl .sums {
            (line("sales", plain(sum.sales)))
            (line("goods", money(sum.gross_fen)))
            (line("off", money(sum.off_fen)))
            (line("points_off", money(sum.discount_fen)))
            (line("stored_value_paid", money(sum.stored_value_fen)))
            (line("takings", money(takings(sum))))
            (line("topped_up", money(sum.topped_up_fen)))
            (line("passes_sold", money(sum.passes_fen)))
            (line("returns", plain(sum.returns)))
            (line("returned", money(sum.returned_fen)))
            (line("rewards", plain(sum.rewards)))
            (line("members", plain(sum.members)))
        } }
    }

    /// What of the month falls to each store or person, the greatest first.
    pub(crate) fn by<K: Ord + Clone>(&self, key: impl Fn(&DayFigures) -> K) -> Vec<(K, Figures)> {
        let first = self.first_of_month();
        let mut sums = std::collections::BTreeMap::<K, Figures>::new();
        for row in self.days.iter().filter(|row| row.date >= first) {
            *sums.entry(key(row)).or_default() += row.figures;
        }
        let mut sums: Vec<(K, Figures)> = sums.into_iter().collect();
        sums.sort_by_key(|(_, figures)| std::cmp::Reverse(takings(*figures)));
        sums
    }

    fn first_of_month(&self) -> BusinessDate {
        self.today.plus_days(1 - i32::try_from(self.today.day()).unwrap_or(1))
    }

    fn on(&self, day: BusinessDate) -> Figures {
        self.sum(|row| row.date == day)
    }

    fn sum(&self, is_in: impl Fn(&DayFigures) -> bool) -> Figures {
        let mut sum = Figures::default();
        self.days.iter().filter(|row| is_in(row)).for_each(|row| sum += row.figures);
        sum
    }

    fn tile(&self, key: &str, now: i64, then: i64) -> Markup {
        self.tile_of(key, &plain(now), &plain(then))
    }

    fn money_tile(&self, key: &str, now: i64, then: i64) -> Markup {
        self.tile_of(key, &money(now), &money(then))
    }

    fn tile_of(&self, key: &str, now: &str, then: &str) -> Markup {
        let locale = self.language.locale();
        html! { div .tile {
            dt { (t!(format!("figures.{key}"), locale = locale)) }
            dd { strong { (now) } span .soft { (t!("figures.week_before", locale = locale, figure = then)) } }
        } }
    }
}

/// What was taken for goods in money, less what was given back.
pub(crate) fn takings(figures: Figures) -> i64 {
    figures.taken_fen
}

pub(crate) fn money(fen: i64) -> String {
    let text = Fen(fen).to_string();
    match text.split_once('.') {
        Some((yuan, rest)) => format!("¥{}.{rest}", grouped(yuan)),
        None => format!("¥{}", grouped(&text)),
    }
}

pub(crate) fn plain(figure: i64) -> String {
    grouped(&figure.to_string())
}

/// Digits in groups of three.
fn grouped(digits: &str) -> String {
    let (sign, digits) = digits.split_at(usize::from(digits.starts_with('-')));
    let mut text = sign.to_owned();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_read_in_groups_of_three() {
        assert_eq!(money(199_872_650), "¥1,998,726.50");
        assert_eq!((money(-100_000), money(5)), ("¥-1,000.00".to_owned(), "¥0.05".to_owned()));
        assert_eq!(
            (plain(0), plain(999), plain(-1_234_567)),
            ("0".into(), "999".into(), "-1,234,567".into())
        );
    }
}
