//! Rewards for points: what can be had, what lies here of it, and what was delivered.

use std::collections::BTreeMap;

use axum::{
    extract::State,
    response::{IntoResponse, Redirect, Response},
};
use maud::{Markup, html};
use purser_programme::{Programme, Reward, RewardGives, RuleId};
use purser_replica::{Refusal, Undertaking, View};
use rust_i18n::t;

use crate::{
    attempt::Attempt,
    counter::dealings,
    desk::Desk,
    fields::{Fields, plain_digits, shown},
    gate::{Guest, SentForm},
};

/// Pieces of rewards that lie in this store.
pub(crate) struct Shelf(BTreeMap<RuleId, i64>);

impl Shelf {
    pub(crate) fn read(view: &View, programme: &Programme) -> Result<Self, Refusal> {
        let stocked = programme.rewards.iter().filter(|reward| is_stocked(reward));
        let pieces = stocked.map(|reward| Ok((reward.id.clone(), view.stock(&reward.id)?)));
        pieces.collect::<Result<_, Refusal>>().map(Self)
    }

    fn has(&self, reward: &Reward) -> bool {
        self.0.get(&reward.id).is_none_or(|pieces| *pieces > 0)
    }
}

fn is_stocked(reward: &Reward) -> bool {
    reward.gives == RewardGives::Piece {}
}

/// Notes what was delivered, or taken away.
pub(crate) async fn note_stock(State(desk): State<Desk>, sent: SentForm) -> Response {
    let SentForm { guest, fields } = sent;
    if let Some(refusal) = guest.unless_leading() {
        return refusal;
    }
    let language = guest.language;
    let member = fields.get("member").to_owned();
    let pieces = plain_digits(fields.get("pieces")).parse::<i64>().ok();
    let attempt = match fields.get("reward").parse::<RuleId>().ok().zip(pieces) {
        None => Attempt::mistyped(t!("deal.choose", locale = language.locale())),
        Some((reward, pieces)) => {
            let key = format!("stock {}", fields.get("key"));
            match desk.carry_out(&guest.session.name, &key, Undertaking::Stock { reward, pieces }).await {
                Ok(_) => {
                    return Redirect::to(&format!("/counter/deal?member={member}")).into_response();
                }
                Err(fault) => Attempt::after(&fault, fields.get("key"), language),
            }
        }
    };
    dealings::render(&desk, &guest, (&member, &fields), &attempt).await
}

/// The form for a member who has so many points within reach.
pub(crate) fn form(
    guest: &Guest,
    (programme, shelf): (&Programme, &Shelf),
    reach: i64,
    (kept, typed): (&Markup, &Fields),
) -> Markup {
    let (language, locale) = (guest.language, guest.language.locale());
    let can = |reward: &Reward| reward.points <= reach && shelf.has(reward);
    let is_redeeming = typed.get("do") == "reward";
    html! {
        @if !programme.rewards.is_empty() {
            form .card method="post" action="/counter/deal" {
                h2 { (t!("deal.rewards", locale = locale)) }
                (kept)
                input type="hidden" name="do" value="reward";
                ul .rewards {
                    @for reward in &programme.rewards {
                        li { label .check {
                            input type="radio" name="reward" value=(reward.id) required disabled[!can(reward)]
                                checked[is_redeeming && typed.get("reward") == reward.id.as_str()];
                            span { (language.name(&reward.name))
                                @if let Some(pieces) = shelf.0.get(&reward.id) { span .tag .warn[*pieces == 0] { (language.counted("deal.left", *pieces)) } } }
                            span .soft .figure { (language.counted("deal.points", reward.points)) }
                        } }
                    }
                }
                div .row .end {
                    label .short { (t!("sale.quantity", locale = locale)) input name="pieces" inputmode="numeric" placeholder="1" autocomplete="off"
                        value=[is_redeeming.then(|| shown(typed.get("pieces")))]; }
                    button disabled[!programme.rewards.iter().any(can)] { (t!("deal.redeem", locale = locale)) }
                }
                @if !programme.rewards.iter().any(can) { p .soft { (t!("deal.no_points", locale = locale, here = reach)) } }
            }
            @if guest.leads() && !shelf.0.is_empty() { (stock_form(guest, programme, kept)) }
        }
    }
}

fn stock_form(guest: &Guest, programme: &Programme, kept: &Markup) -> Markup {
    let locale = guest.language.locale();
    html! {
        form .card method="post" action="/counter/stock" {
            h2 { (t!("deal.stock", locale = locale)) }
            (kept)
            div .row {
                label .wide { (t!("deal.reward", locale = locale)) select name="reward" {
                    @for reward in programme.rewards.iter().filter(|reward| is_stocked(reward)) {
                        option value=(reward.id) { (guest.language.name(&reward.name)) } } } }
                label .short { (t!("deal.delivered", locale = locale)) input name="pieces" inputmode="numeric" required autocomplete="off"; }
                button .second { (t!("deal.note", locale = locale)) }
            }
            p .soft { (t!("deal.stock_what", locale = locale)) }
        }
    }
}
