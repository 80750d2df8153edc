//! What else is done for a member at the counter: stored value paid in, a pass sold, a reward for points, a card.

use axum::{
    extract::{Query, State},
    response::{IntoResponse, Redirect, Response},
};
use maud::{Markup, html};
use purser_programme::{BonusBand, Programme, Rounding, RuleId};
use purser_replica::{PassSale, Refusal, RewardWish, TopUp, Undertaking};
use purser_types::MemberId;
use rust_i18n::t;
use serde::Deserialize;

use crate::{
    attempt::Attempt,
    counter::{
        basket::{TILL, amount},
        member_panel::Account,
        rewards::{self, Shelf},
    },
    desk::{Desk, Fault},
    fields::{Fields, plain_digits},
    gate::{FORM_KEY, Guest, SentForm},
    line_strip::is_on_line,
    refusals,
    shell::{self, Place, alert},
};

/// For whom.
#[derive(Deserialize)]
pub(crate) struct Asked {
    #[serde(default)]
    member: String,
}

/// What is wrong with what was typed, by its translation.
struct Mistyped(&'static str);

/// The forms for one member.
pub(crate) async fn show(State(desk): State<Desk>, guest: Guest, Query(asked): Query<Asked>) -> Response {
    if let Some(refusal) = guest.unless_serving() {
        return refusal;
    }
    render(&desk, &guest, (&asked.member, &Fields::default()), &Attempt::first()).await
}

/// Does one of them, and shows its receipt.
pub(crate) async fn make(State(desk): State<Desk>, sent: SentForm) -> Response {
    let SentForm { guest, fields } = sent;
    if let Some(refusal) = guest.unless_serving() {
        return refusal;
    }
    let member = fields.get("member").to_owned();
    let check = fields.get("key").to_owned();
    let attempt = match wanted(&guest, &fields) {
        Err(Mistyped(key)) => Attempt::mistyped(t!(key, locale = guest.language.locale())),
        Ok(undertaking) => {
            match desk.carry_out(&guest.session.name, &format!("deal {check}"), undertaking).await {
                Ok(_) => {
                    let receipt = format!("/counter/receipt?till={TILL}&check={check}&member={member}");
                    return Redirect::to(&receipt).into_response();
                }
                Err(fault) => Attempt::after(&fault, &check, guest.language),
            }
        }
    };
    render(&desk, &guest, (&member, &fields), &attempt).await
}

/// Gives a member one more card.
pub(crate) async fn issue_card(State(desk): State<Desk>, sent: SentForm) -> Response {
    let SentForm { guest, fields } = sent;
    if let Some(refusal) = guest.unless_serving() {
        return refusal;
    }
    let text = fields.get("member").to_owned();
    let Ok(member) = text.parse::<MemberId>() else {
        return Redirect::to("/counter").into_response();
    };
    let key = format!("card {}", fields.get("key"));
    match desk.carry_out(&guest.session.name, &key, Undertaking::IssueCard { member }).await {
        Ok(_) => Redirect::to(&format!("/counter?member={member}")).into_response(),
        Err(fault) => {
            let attempt = Attempt::after(&fault, fields.get("key"), guest.language);
            render(&desk, &guest, (&text, &Fields::default()), &attempt).await
        }
    }
}

fn wanted(guest: &Guest, fields: &Fields) -> Result<Undertaking, Mistyped> {
    let (till, check) = (TILL.to_owned(), fields.get("key").to_owned());
    let member: MemberId = fields.get("member").parse().map_err(|_| Mistyped("code.unknown_member"))?;
    let rule = |name| fields.get(name).parse::<RuleId>().map_err(|_| Mistyped("deal.choose"));
    let seller = Some(guest.session.name.clone());
    Ok(match fields.get("do") {
        "top_up" => {
            let issue = Some(fields.get("issue")).filter(|id| !id.is_empty());
            let issue = issue.map(|id| id.parse().map_err(|_| Mistyped("deal.choose"))).transpose()?;
            let amount = amount(fields.get("amount")).ok_or(Mistyped("mistyped.stored_value"))?;
            let may_approve = guest.is_manager() && fields.get("approved") == "on";
            let approved_by = may_approve.then(|| guest.session.name.clone());
            Undertaking::TopUp(TopUp { member, till, check, amount, issue, seller, approved_by })
        }
        "pass" => Undertaking::SellPass(PassSale { member, till, check, pass: rule("pass")?, seller }),
        "reward" => {
            let pieces = match fields.get("pieces") {
                "" => 1,
                text => plain_digits(text).parse().map_err(|_| Mistyped("mistyped.quantity"))?,
            };
            Undertaking::RedeemReward(RewardWish { member, till, check, reward: rule("reward")?, pieces })
        }
        _ => return Err(Mistyped("refusal.malformed")),
    })
}

pub(crate) async fn render(
    desk: &Desk,
    guest: &Guest,
    (member, fields): (&str, &Fields),
    attempt: &Attempt,
) -> Response {
    let locale = guest.language.locale();
    let account = match member.parse() {
        Ok(member) => look(desk, member).await.map(|account| (member, account)),
        Err(_) => return Redirect::to("/counter").into_response(),
    };
    let content = match account {
        Err(fault) => html! {
            (alert(&refusals::words(&fault, guest.language)))
            p { a href="/counter" { (t!("refusal.back", locale = locale)) } }
        },
        Ok((member, (account, shelf))) => {
            let is_on_line = is_on_line(desk).await;
            let (points, here) = account.points();
            let reach = if is_on_line { points } else { here };
            let forms =
                Forms { guest, member, account: &account, shelf: &shelf, reach, fields, key: &attempt.key };
            html! {
                div .counter {
                    div .side { (account.html(guest.language, is_on_line)) }
                    div {
                        @if let Some(trouble) = &attempt.trouble { (alert(trouble)) }
                        (forms.html())
                        p { a .button .second href={ "/counter?member=" (member) } { (t!("deal.to_sale", locale = locale)) } }
                    }
                }
            }
        }
    };
    shell::page(desk, guest, Place::Counter, content).await
}

async fn look(desk: &Desk, member: MemberId) -> Result<(Account, Shelf), Fault> {
    let now_ms = desk.handle.now().wall_ms;
    desk.read(move |reader| {
        let account = Account::read(&mut reader.view, member, now_ms)?;
        let shelf = Shelf::read(&reader.view, account.programme())?;
        Ok::<_, Refusal>((account, shelf))
    })
    .await
}

struct Forms<'a> {
    guest: &'a Guest,
    member: MemberId,
    account: &'a Account,
    shelf: &'a Shelf,
    /// Points that can be had here now.
    reach: i64,
    fields: &'a Fields,
    key: &'a str,
}

impl Forms<'_> {
    fn html(&self) -> Markup {
        let programme = self.account.programme();
        html! {
            (self.top_up(programme))
            (self.passes(programme))
            (rewards::form(self.guest, (programme, self.shelf), self.reach, (&self.kept(), self.fields)))
            (self.card())
        }
    }

    /// What every form holds: whose it is, and the number of its receipt, so that it is done once.
    fn kept(&self) -> Markup {
        html! {
            input type="hidden" name=(FORM_KEY) value=(self.guest.session.form_key);
            input type="hidden" name="member" value=(self.member);
            input type="hidden" name="key" value=(self.key);
        }
    }

    fn top_up(&self, programme: &Programme) -> Markup {
        let (locale, language) = (self.guest.language.locale(), self.guest.language);
        let Some(scheme) = &programme.stored_value else { return html! {} };
        let needs_approval = scheme.bonus.iter().any(|band| band.approved);
        html! {
            form .card method="post" action="/counter/deal" {
                h2 { (t!("deal.top_up", locale = locale)) }
                (self.kept())
                div .row {
                    label .wide { (t!("deal.amount", locale = locale))
                        input name="amount" inputmode="decimal" autocomplete="off" required placeholder=(scheme.from)
                            value=(crate::fields::shown(self.fields.get("amount"))) autofocus; }
                    @if !programme.card_issues.is_empty() {
                        label { (t!("deal.issue", locale = locale)) select name="issue" {
                            option value="" { "—" }
                            @for issue in &programme.card_issues {
                                option value=(issue.id) { (language.name(&issue.name)) " ¥" (issue.amount) } } } }
                    }
                    button name="do" value="top_up" { (t!("deal.pay_in", locale = locale)) }
                }
                @if needs_approval && self.guest.is_manager() {
                    label .check { input type="checkbox" name="approved"; span { (t!("deal.approve", locale = locale)) } }
                }
                p .soft { (t!("deal.from", locale = locale, amount = scheme.from))
                    @for band in &scheme.bonus { " · " (band_words(band, locale)) }
                    @if let Some(most) = scheme.most { " · " (t!("deal.most", locale = locale, amount = most)) } }
            }
        }
    }

    fn passes(&self, programme: &Programme) -> Markup {
        let (locale, language) = (self.guest.language.locale(), self.guest.language);
        html! {
            @if !programme.passes.is_empty() {
                form .card method="post" action="/counter/deal" {
                    h2 { (t!("deal.passes", locale = locale)) }
                    (self.kept())
                    div .row {
                        label .wide { (t!("deal.pass", locale = locale)) select name="pass" required {
                            @for pass in &programme.passes { option value=(pass.id) {
                                (language.name(&pass.name)) " · " (language.counted("deal.uses", pass.uses)) " · ¥" (pass.price) } } } }
                        button name="do" value="pass" { (t!("deal.sell", locale = locale)) }
                    }
                }
            }
        }
    }

    fn card(&self) -> Markup {
        let locale = self.guest.language.locale();
        html! {
            form .card method="post" action="/counter/card" {
                h2 { (t!("deal.card", locale = locale)) }
                (self.kept())
                div .row { p .soft .wide { (t!("deal.card_why", locale = locale)) }
                    button .second { (t!("register.card", locale = locale)) } }
            }
        }
    }
}

fn band_words(band: &BonusBand, locale: &str) -> String {
    let bonus = band.share.of(band.from, Rounding::Down);
    let words = t!("deal.band", locale = locale, from = band.from, bonus = bonus);
    if band.approved {
        format!("{words} {}", t!("deal.by_manager", locale = locale))
    } else {
        words.into_owned()
    }
}
