use axum::{extract::State, response::Response};
use maud::html;
use purser_storage::ActRow;
use purser_types::StoreNumber;
use rust_i18n::t;

use crate::{
    desk::Desk,
    gate::Guest,
    refusals,
    shell::{self, Place, alert},
};

/// Acts on one page.
const SHOWN: u32 = 200;

/// Who did what, the latest first.
pub(crate) async fn show(State(desk): State<Desk>, guest: Guest) -> Response {
    if let Some(refusal) = guest.unless_auditing() {
        return refusal;
    }
    let locale = guest.language.locale();
    let read = desk.read(|reader| {
        let acts = reader.view.acts(None, SHOWN)?;
        let day_and_time =
            |act: &ActRow| (reader.view.date_at(act.wall_ms), reader.view.time_of_day(act.wall_ms));
        Ok::<_, purser_replica::Refusal>(
            acts.iter().map(|(act, store)| (act.clone(), *store, day_and_time(act))).collect::<Vec<_>>(),
        )
    });
    let content = match read.await {
        Err(fault) => alert(&refusals::words(&fault, guest.language)),
        Ok(acts) => html! {
            section .card {
                h1 { (t!("place.audit", locale = locale)) }
                p .soft { (t!("audit.what", locale = locale)) }
                table {
                    thead { tr {
                        th { (t!("audit.when", locale = locale)) } th { (t!("audit.store", locale = locale)) }
                        th { (t!("audit.who", locale = locale)) } th { (t!("audit.act", locale = locale)) }
                    } }
                    tbody { @for (act, StoreNumber(store), (day, (hour, minute))) in &acts {
                        tr {
                            td { (day) " " (format!("{hour:02}:{minute:02}")) }
                            td { (store) }
                            td { (act.by) }
                            td { (act_words(&act.act, locale)) @if !act.about.is_empty() { " · " (act.about) } }
                        }
                    } }
                }
            }
        },
    };
    shell::page(&desk, &guest, Place::Audit, content).await
}

fn act_words(act: &str, locale: &str) -> String {
    let key = format!("act.{act}");
    let words = t!(key.as_str(), locale = locale).into_owned();
    if words.ends_with(&key) { act.to_owned() } else { words }
}
