//! Members who wait for somebody: values to settle, and people who seem to be registered twice.

use axum::{
    extract::{Query, State},
    response::Response,
};
use maud::{Markup, html};
use purser_replica::Refusal;
use purser_storage::MemberRow;
use purser_types::MemberId;
use rust_i18n::t;
use serde::Deserialize;

use crate::{
    counter::finder::{found, masked_phone},
    desk::Desk,
    fields::shown,
    gate::Guest,
    language::Language,
    refusals,
    shell::{self, Place, alert},
};

/// Whom to look for.
#[derive(Deserialize)]
pub(crate) struct Asked {
    #[serde(default)]
    find: String,
}

/// Members and phone numbers that the page lists.
const SHOWN: u32 = 50;

/// The page.
pub(crate) async fn show(State(desk): State<Desk>, guest: Guest, Query(asked): Query<Asked>) -> Response {
    if let Some(refusal) = guest.unless_serving() {
        return refusal;
    }
    let find = asked.find.clone();
    let read = desk.read(move |reader| {
        let view = &mut reader.view;
        let found = found(view, &find)?;
        Ok::<_, Refusal>((found, view.conflicted(MemberId::CHAIN, SHOWN)?, view.alike(SHOWN)?))
    });
    let content = match read.await {
        Err(fault) => alert(&refusals::words(&fault, guest.language)),
        Ok((found, conflicted, alike)) => html! {
            (search(&asked.find, &found, guest.language))
            div .two {
                (waiting("conflicts", &conflicted, guest.language))
                (doubles(&alike, guest.language))
            }
        },
    };
    shell::page(&desk, &guest, Place::Members, content).await
}

fn search(text: &str, found: &[MemberRow], language: Language) -> Markup {
    let locale = language.locale();
    html! {
        section .card {
            h1 { (t!("place.office_members", locale = locale)) }
            form method="get" action="/office/members" role="search" {
                div .row {
                    label .wide { (t!("find.label", locale = locale))
                        input name="find" value=(shown(text)) autocomplete="off" enterkeyhint="search" data-scan
                            placeholder=(t!("find.hint", locale = locale)) autofocus; }
                    button { (t!("find.go", locale = locale)) }
                }
            }
            @if !text.is_empty() && found.is_empty() { p .soft role="status" { (t!("find.nobody", locale = locale)) } }
            (rows(found, language))
        }
    }
}

fn waiting(key: &str, members: &[MemberRow], language: Language) -> Markup {
    let locale = language.locale();
    html! {
        section .card {
            h2 { (t!(format!("members.{key}"), locale = locale)) span .tag { (members.len()) } }
            p .soft { (t!(format!("members.{key}_what"), locale = locale)) }
            @if members.is_empty() { p .good { (t!("members.none", locale = locale)) } }
            (rows(members, language))
        }
    }
}

fn doubles(alike: &[Vec<MemberRow>], language: Language) -> Markup {
    let locale = language.locale();
    html! {
        section .card {
            h2 { (t!("members.alike", locale = locale)) span .tag { (alike.len()) } }
            p .soft { (t!("members.alike_what", locale = locale)) }
            @if alike.is_empty() { p .good { (t!("members.none", locale = locale)) } }
            @for group in alike {
                @if let Some(first) = group.first() { h3 { (masked_phone(&first.phone)) } }
                (rows(group, language))
            }
        }
    }
}

/// Members as links to what is known of them.
pub(crate) fn rows(members: &[MemberRow], language: Language) -> Markup {
    let locale = language.locale();
    html! {
        ul .found { @for row in members {
            li { a href={ "/office/member?member=" (row.member) } {
                span .name { @if row.name.is_empty() { (t!("member.unnamed", locale = locale)) } @else { (row.name) } }
                span .soft { (masked_phone(&row.phone)) }
                @if row.conflicts > 0 { span .tag .warn { (t!("member.conflicts", locale = locale)) } }
            } }
        } }
    }
}
