//! Today and this month at this store, in pictures.

use std::collections::BTreeMap;

use axum::{extract::State, response::Response};
use maud::{Markup, html};
use purser_replica::{DayFigures, Refusal};
use purser_storage::Figures;
use purser_types::BusinessDate;
use rust_i18n::t;

use crate::{
    chart::{self, Bar},
    desk::{Desk, Fault},
    gate::Guest,
    language::Language,
    office::pictures::{DAYS_LOOKED_AT, Period, money, takings},
    refusals,
    shell::{self, Place, alert},
};

/// All that the page shows.
pub(crate) struct Figured {
    pub(crate) today: BusinessDate,
    pub(crate) days: Vec<DayFigures>,
    /// Who the accounts belong to.
    pub(crate) people: BTreeMap<String, String>,
}

/// The page.
pub(crate) async fn show(State(desk): State<Desk>, guest: Guest) -> Response {
    if let Some(refusal) = guest.unless_auditing() {
        return refusal;
    }
    let content = match look(&desk).await {
        Err(fault) => alert(&refusals::words(&fault, guest.language)),
        Ok(figured) => render(&figured, guest.language),
    };
    shell::page(&desk, &guest, Place::Today, content).await
}

/// The figures of this store, of this month and some time before.
pub(crate) async fn look(desk: &Desk) -> Result<Figured, Fault> {
    let (now_ms, store) = (desk.handle.now().wall_ms, desk.credential.store);
    desk.read(move |reader| {
        let today = reader.view.date_at(now_ms);
        let mut days = reader.view.figures(today.plus_days(-DAYS_LOOKED_AT), today)?;
        days.retain(|row| row.store == store);
        let accounts = reader.view.accounts()?;
        let people = accounts.into_iter().map(|row| (row.name, row.person)).collect();
        Ok::<_, Refusal>(Figured { today, days, people })
    })
    .await
}

fn render(figured: &Figured, language: Language) -> Markup {
    let locale = language.locale();
    let period = Period { today: figured.today, days: &figured.days, language };
    html! {
        section .card { h1 { (t!("figures.today", locale = locale)) span .tag { (figured.today) } } (period.today()) }
        div .two {
            section .card { h2 { (t!("figures.month", locale = locale)) } (period.month()) }
            div {
                section .card { h2 { (t!("figures.sums", locale = locale)) } (period.month_sums()) }
                section .card { (staff(&period, &figured.people)) }
            }
        }
    }
}

fn staff(period: &Period<'_>, people: &BTreeMap<String, String>) -> Markup {
    let locale = period.language.locale();
    let bar = |(by, figures): (String, Figures)| {
        let label = person(&by, people, period.language);
        let value = takings(figures);
        Bar { label, value, shown: money(value), is_marked: false }
    };
    let bars: Vec<Bar> =
        period.by(|row| row.by.clone()).into_iter().filter(|(_, it)| it.sales > 0).map(bar).collect();
    chart::lying(&t!("figures.takings_by_person", locale = locale), &bars)
}

/// Who an account belongs to, or that it was a till.
pub(crate) fn person(by: &str, people: &BTreeMap<String, String>, language: Language) -> String {
    match people.get(by) {
        _ if by.is_empty() => t!("figures.till", locale = language.locale()).into_owned(),
        Some(person) => person.clone(),
        None => by.to_owned(),
    }
}
