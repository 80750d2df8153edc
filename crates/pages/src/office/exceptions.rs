//! What somebody who runs a store should look at: goods taken back, gifts, bonuses by approval, steep discounts, wrong
//! passwords.

use axum::{extract::State, response::Response};
use maud::html;
use purser_journal::{Entry, Fact};
use purser_replica::Refusal;
use purser_types::{Fen, MemberId};
use rust_i18n::t;

use crate::{
    desk::Desk,
    gate::Guest,
    moment::Moment,
    refusals,
    shell::{self, Place, alert},
};

/// Something to look at.
struct Exception {
    when: Moment,
    kind: &'static str,
    member: Option<MemberId>,
    amount: Option<Fen>,
    /// What was said of it: a receipt's number, a reason.
    about: String,
    by: String,
}

/// So far back, in milliseconds: 31 days.
const BACK_MS: u64 = 31 * 86_400_000;
/// Entries of a journal that are looked at, and exceptions that are shown.
const ENTRIES_MAX: u64 = 20_000;
const SHOWN: usize = 300;
/// A sale of so much or more of which over a half was taken off.
const STEEP_FROM: Fen = Fen(10_000);

/// The page.
pub(crate) async fn show(State(desk): State<Desk>, guest: Guest) -> Response {
    if let Some(refusal) = guest.unless_auditing() {
        return refusal;
    }
    let locale = guest.language.locale();
    let from_ms = desk.handle.now().wall_ms.saturating_sub(BACK_MS);
    let read = desk.read(move |reader| {
        let view = &mut reader.view;
        let entries = view.written_here(from_ms, ENTRIES_MAX)?;
        let at = |entry: &Entry| Moment::of(view, entry.hlc.wall_ms);
        let exceptions = entries.iter().filter_map(|entry| exception(entry, at(entry))).take(SHOWN);
        Ok::<_, Refusal>(exceptions.collect::<Vec<_>>())
    });
    let content = match read.await {
        Err(fault) => alert(&refusals::words(&fault, guest.language)),
        Ok(exceptions) => html! {
            section .card {
                h1 { (t!("place.office_exceptions", locale = locale)) span .tag { (exceptions.len()) } }
                p .soft { (t!("exception.what", locale = locale)) }
                @if exceptions.is_empty() { p .good { (t!("members.none", locale = locale)) } }
                @else {
                    table {
                        thead { tr { th { (t!("audit.when", locale = locale)) } th { (t!("audit.act", locale = locale)) }
                            th .figure { (t!("deal.amount", locale = locale)) } th { (t!("exception.about", locale = locale)) } th { (t!("audit.who", locale = locale)) } } }
                        tbody { @for it in &exceptions { tr {
                            td .when { (it.when) }
                            td { (t!(format!("exception.{}", it.kind), locale = locale)) }
                            td .figure { @if let Some(amount) = it.amount { "¥" (amount) } }
                            td { (it.about) @if let (Some(member), None) = (it.member, guest.unless_serving()) {
                                " " a href={ "/office/member?member=" (member) } { (t!("exception.member", locale = locale)) } } }
                            td { (it.by) }
                        } } }
                    }
                }
            }
        },
    };
    shell::page(&desk, &guest, Place::Exceptions, content).await
}

fn exception(entry: &Entry, when: Moment) -> Option<Exception> {
    let act = entry.facts.iter().find_map(|fact| match fact {
        Fact::Act(act) => Some(act),
        _ => None,
    });
    let by = act.map(|act| act.by.clone()).unwrap_or_default();
    let of = |kind, member, amount, about: &str| {
        Some(Exception { when, kind, member, amount, about: about.to_owned(), by: by.clone() })
    };
    let of_fact = |fact: &Fact| match fact {
        Fact::Return(back) => of("return", Some(back.member), Some(back.gross), &back.check),
        Fact::TopUpBack(back) => {
            of("top_up_back", Some(back.member), Some(back.principal), &back.receipt.check)
        }
        Fact::PassBack(back) => of("pass_back", Some(back.member), Some(back.price), &back.receipt.check),
        Fact::Grant(grant) => {
            of("grant", Some(grant.member), None, &format!("{} ({})", grant.reason, grant.by))
        }
        Fact::TopUp(top_up) => {
            let approved_by = top_up.approved_by.as_ref()?;
            of("approved", Some(top_up.member), Some(top_up.principal), approved_by)
        }
        Fact::Sale(sale) => {
            let off = Fen(sale.off.unwrap_or_default().0.saturating_add(sale.discount.0));
            let is_steep = sale.gross >= STEEP_FROM && off.0 > sale.gross.0 / 2;
            let is_advanced = sale.points_advanced.unwrap_or(0) > 0;
            match (is_steep, is_advanced, sale.claimed_of) {
                (true, _, _) => of("steep", Some(sale.member), Some(off), &sale.check),
                (_, true, _) => of("advanced", Some(sale.member), Some(sale.gross), &sale.check),
                (_, _, Some(day)) => of("claimed", Some(sale.member), Some(sale.gross), &day.to_string()),
                _ => None,
            }
        }
        Fact::Codes(codes) => of("codes", None, None, &format!("{} ({})", codes.reason, codes.by)),
        Fact::Merge(merge) => {
            of("merge", Some(merge.member), None, &format!("{} ({})", merge.reason, merge.by))
        }
        Fact::Account(account) => of("account", None, None, &account.name),
        _ => None,
    };
    entry.facts.iter().find_map(of_fact).or_else(|| {
        let act = act.filter(|act| act.act == "sign_in_refused")?;
        of("sign_in_refused", None, None, &act.about)
    })
}
