use axum::{extract::State, response::Response};
use maud::html;
use purser_storage::ActRow;
use purser_types::StoreNumber;
use rust_i18n::t;

use crate::{
    desk::Desk,
    gate::Guest,
    moment::Moment,
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
        let at = |act: &ActRow| Moment::of(&reader.view, act.wall_ms);
        Ok::<_, purser_replica::Refusal>(
            acts.iter().map(|(act, store)| (act.clone(), *store, at(act))).collect::<Vec<_>>(),
        )
    });
    let content = match read.await {
        Err(fault) => alert(&refusals::words(&fault, guest.language)),
        Ok(acts) => html! {
            section .card {
                h1 { (t!("place.office_audit", locale = locale)) }
                p .soft { (t!("audit.what", locale = locale)) }
                table {
                    thead { tr {
                        th { (t!("audit.when", locale = locale)) } th { (t!("audit.store", locale = locale)) }
                        th { (t!("audit.who", locale = locale)) } th { (t!("audit.act", locale = locale)) }
                    } }
                    tbody { @for (act, StoreNumber(store), at) in &acts {
                        tr {
                            td .when { (at) }
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
