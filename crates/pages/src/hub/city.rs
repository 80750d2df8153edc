//! The city in pictures: today, this month, store by store.

use std::collections::BTreeMap;

use axum::{extract::State, response::Response};
use maud::{Markup, html};
use purser_replica::{DayFigures, Refusal};
use purser_storage::Figures;
use purser_types::{BusinessDate, StoreNumber};
use rust_i18n::t;

use crate::{
    chart::{self, Bar},
    desk::Desk,
    gate::Guest,
    office::pictures::{DAYS_LOOKED_AT, Period, money, takings},
    refusals,
    shell::{self, Place, alert},
};

/// What the page shows.
struct City {
    today: BusinessDate,
    days: Vec<DayFigures>,
    names: BTreeMap<StoreNumber, String>,
}

/// Stores in the picture; the others are summed up in the last bar.
const STORES_SHOWN: usize = 24;

/// The page.
pub(crate) async fn show(State(desk): State<Desk>, guest: Guest) -> Response {
    if let Some(refusal) = guest.unless_overseeing() {
        return refusal;
    }
    let now_ms = desk.handle.now().wall_ms;
    let read = desk.read(move |reader| {
        let today = reader.view.date_at(now_ms);
        let days = reader.view.figures(today.plus_days(-DAYS_LOOKED_AT), today)?;
        let names = reader.view.stores()?.into_iter().map(|store| (store.store, store.name)).collect();
        Ok::<_, Refusal>(City { today, days, names })
    });
    let locale = guest.language.locale();
    let content = match read.await {
        Err(fault) => alert(&refusals::words(&fault, guest.language)),
        Ok(city) => {
            let period = Period { today: city.today, days: &city.days, language: guest.language };
            html! {
                section .card { h1 { (t!("city.today", locale = locale)) span .tag { (city.today) } } (period.today()) }
                div .two {
                    section .card { h2 { (t!("figures.month", locale = locale)) } (period.month()) }
                    section .card { h2 { (t!("figures.sums", locale = locale)) } (period.month_sums()) }
                }
                section .card { (stores(&period, &city.names)) }
            }
        }
    };
    shell::page(&desk, &guest, Place::City, content).await
}

fn stores(period: &Period<'_>, names: &BTreeMap<StoreNumber, String>) -> Markup {
    let locale = period.language.locale();
    let sums = period.by(|row| row.store);
    let bar = |label: String, value: i64| Bar { label, value, shown: money(value), is_marked: false };
    let label = |store: &StoreNumber| match names.get(store) {
        Some(name) => format!("{} {name}", store.0),
        None => store.0.to_string(),
    };
    let (shown, others) = sums.split_at(sums.len().min(STORES_SHOWN));
    let mut bars: Vec<Bar> =
        shown.iter().map(|(store, figures)| bar(label(store), takings(*figures))).collect();
    if !others.is_empty() {
        let rest = others
            .iter()
            .fold(0_i64, |sum, (_, figures): &(_, Figures)| sum.saturating_add(takings(*figures)));
        bars.push(bar(period.language.counted("city.others", others.len() as u64), rest));
    }
    chart::lying(&t!("city.takings_by_store", locale = locale), &bars)
}
