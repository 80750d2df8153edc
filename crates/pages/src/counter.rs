//! The counter: find a member, put a basket together, see what it costs and why, sell it.

pub(crate) mod basket;
pub(crate) mod dealings;
pub(crate) mod finder;
pub(crate) mod member_panel;
pub(crate) mod receipt;
pub(crate) mod registration;
pub(crate) mod returns;
pub(crate) mod rewards;
pub(crate) mod sale_panel;

use axum::{
    extract::{Query, State},
    response::{IntoResponse, Redirect, Response},
};
use maud::{Markup, html};
use purser_programme::QuoteRefused;
use purser_replica::{Quoted, Refusal, Undertaking};
use purser_storage::MemberRow;
use purser_types::{CardNumber, Fen, MemberId};
use rust_i18n::t;
use serde::Deserialize;

use crate::{
    counter::{
        basket::{Mistyped, TILL, TillBasket},
        member_panel::Account,
        sale_panel::Sale,
    },
    desk::{Desk, Fault},
    fields::Fields,
    gate::{Guest, SentForm},
    language::Language,
    line_strip, refusals,
    shell::{self, Place},
};

/// Whom to look for, or to serve.
#[derive(Deserialize)]
pub(crate) struct Asked {
    #[serde(default)]
    find: String,
    #[serde(default)]
    member: String,
}

/// What the page shows, read at once.
struct Shown {
    found: Vec<MemberRow>,
    /// Why the card that was looked for is not served.
    void: Option<Refusal>,
    account: Option<Account>,
    quoted: Option<Quoted>,
    programme: std::sync::Arc<purser_programme::Programme>,
    /// Why it cannot be paid as somebody wants; the price is then that for money alone.
    trouble: Option<Refusal>,
    is_on_line: bool,
}

/// The counter, for somebody found or for nobody yet. A text that means one member alone goes straight to them.
pub(crate) async fn show(State(desk): State<Desk>, guest: Guest, Query(asked): Query<Asked>) -> Response {
    if let Some(refusal) = guest.unless_serving() {
        return refusal;
    }
    let basket = TillBasket::begun(asked.member.parse().ok());
    let find = asked.find.clone();
    match look(&desk, &basket, find.clone()).await {
        Ok(shown) => {
            if let ([only], None) = (shown.found.as_slice(), &shown.account) {
                return Redirect::to(&format!("/counter?member={}", only.member)).into_response();
            }
            render(&desk, &guest, &basket, &shown, (&find, &Fields::default(), None)).await
        }
        Err(fault) => broken(&desk, &guest, &fault).await,
    }
}

/// The basket changes, is priced, or is sold.
pub(crate) async fn change(State(desk): State<Desk>, sent: SentForm) -> Response {
    let SentForm { guest, fields } = sent;
    if let Some(refusal) = guest.unless_serving() {
        return refusal;
    }
    let (mut basket, mistyped) = TillBasket::read(&fields);
    // A member's card is no article, wherever it is scanned.
    let card = fields.get("new_name").parse::<CardNumber>().ok();
    let card = card.filter(|_| fields.get("new_price").is_empty());
    let mistyped = mistyped.filter(|_| card.is_none());
    // What stands typed stays typed, where it cannot be read or a page is only shown anew.
    let stays = mistyped.is_some() || fields.get("do") == "keep";
    let typed = if stays { &fields } else { &Fields::default() };
    let mut find = match (fields.get("do"), card) {
        ("find", _) => fields.get("find").to_owned(),
        (_, Some(_)) => fields.get("new_name").to_owned(),
        _ => String::new(),
    };
    let mut trouble = mistyped.map(|what| mistyped_words(what, guest.language));
    if let (None, "pay", Some(member)) = (&trouble, fields.get("do"), basket.member) {
        match sell(&desk, &guest, &basket, (member, fields.get("shown"))).await {
            Ok(None) => {
                return Redirect::to(&format!("/counter/receipt?till={TILL}&check={}", basket.check))
                    .into_response();
            }
            Ok(Some(price)) => {
                let words = t!("sale.price_now", locale = guest.language.locale(), price = price);
                trouble = Some(words.into_owned());
            }
            Err(fault) => trouble = Some(refusals::words(&fault, guest.language)),
        }
    }
    let mut looked = look(&desk, &basket, find.clone()).await;
    // A text that means one member alone is theirs.
    let only =
        looked.as_ref().ok().and_then(|shown| <&[MemberRow; 1]>::try_from(shown.found.as_slice()).ok());
    if let Some([only]) = only {
        basket = TillBasket { member: Some(only.member), ..basket };
        find.clear();
        looked = look(&desk, &basket, String::new()).await;
    }
    match looked {
        Ok(shown) => render(&desk, &guest, &basket, &shown, (&find, typed, trouble)).await,
        Err(fault) => broken(&desk, &guest, &fault).await,
    }
}

/// Sells the basket, unless it costs something else than was shown: then says what.
async fn sell(
    desk: &Desk,
    guest: &Guest,
    basket: &TillBasket,
    (member, shown): (MemberId, &str),
) -> Result<Option<Fen>, Fault> {
    let (now_ms, wanted, check) = (desk.handle.now().wall_ms, basket.wanted(), basket.check.clone());
    let priced = desk.read(move |reader| {
        // Sold already, it is sold no second time; what paid for it may not be there any more.
        let is_sold = reader.view.check(TILL, &check)?.is_some();
        Ok::<_, Refusal>(if is_sold { None } else { Some(reader.view.quote(&wanted, now_ms)?.quote.money) })
    });
    let changed = priced.await?.filter(|price| shown.parse() != Ok(*price));
    if changed.is_some() {
        return Ok(changed);
    }
    let key = format!("sale {}", basket.check);
    let sale = Undertaking::CheckOut(basket.sale(member));
    desk.carry_out(&guest.session.name, &key, sale).await.map(|_| None)
}

async fn look(desk: &Desk, basket: &TillBasket, find: String) -> Result<Shown, Fault> {
    let now_ms = desk.handle.now().wall_ms;
    let (basket, is_on_line) = (basket.clone(), line_strip::is_on_line(desk).await);
    desk.read(move |reader| {
        let view = &mut reader.view;
        let void = finder::void(view, &find)?;
        let found = if void.is_some() { Vec::new() } else { finder::found(view, &find)? };
        let account = basket.member.map(|member| Account::read(view, member, now_ms)).transpose()?;
        let is_empty = basket.lines.is_empty();
        let (quoted, trouble) = match (!is_empty).then(|| view.quote(&basket.wanted(), now_ms)) {
            None => (None, None),
            Some(Ok(quoted)) => (Some(quoted), None),
            Some(Err(refusal)) => (view.quote(&basket.wanted_for_money(), now_ms).ok(), Some(refusal)),
        };
        let programme = view.programme_on(view.date_at(now_ms))?;
        Ok::<_, Refusal>(Shown { found, void, account, quoted, programme, trouble, is_on_line })
    })
    .await
}

async fn render(
    desk: &Desk,
    guest: &Guest,
    basket: &TillBasket,
    shown: &Shown,
    (find, typed, trouble): (&str, &Fields, Option<String>),
) -> Response {
    let language = guest.language;
    let words = |refusal: &Option<Refusal>| refusal.as_ref().map(|it| refusal_words(it, shown, language));
    let trouble = trouble.or(words(&shown.trouble));
    let sale = Sale {
        language,
        form_key: &guest.session.form_key,
        basket,
        programme: &shown.programme,
        account: shown.account.as_ref(),
        quoted: shown.quoted.as_ref(),
        typed,
        trouble: trouble.as_deref(),
        is_payable: shown.trouble.is_none(),
        is_on_line: shown.is_on_line,
    };
    let content: Markup = html! {
        div .counter {
            div .side {
                (finder::panel(guest, (find, words(&shown.void)), &shown.found, basket))
                @match &shown.account {
                    Some(account) => { (account.html(language, shown.is_on_line)) }
                    None => { section .card .soft { p { (t!("member.nobody_yet", locale = language.locale())) } } }
                }
            }
            (sale.html())
        }
    };
    shell::page(desk, guest, Place::Counter, content).await
}

async fn broken(desk: &Desk, guest: &Guest, fault: &Fault) -> Response {
    let words = refusals::words(fault, guest.language);
    let content = html! { (shell::alert(&words)) p { a href="/counter" { (t!("refusal.back", locale = guest.language.locale())) } } };
    shell::page(desk, guest, Place::Counter, content).await
}

/// A refusal in words; of a coupon why nothing came off, in the scheme's own.
fn refusal_words(refusal: &Refusal, shown: &Shown, language: Language) -> String {
    match refusal {
        Refusal::Quote(QuoteRefused::CouponUseless { rule, outcome }) => {
            let why = shown.programme.why_not(rule, outcome, language.of_receipts());
            t!("sale.useless", locale = language.locale(), why = why).into_owned()
        }
        _ => refusals::of_refusal(refusal, language),
    }
}

fn mistyped_words(what: Mistyped, language: Language) -> String {
    let locale = language.locale();
    match what {
        Mistyped::Price => t!("mistyped.price", locale = locale),
        Mistyped::Quantity => t!("mistyped.quantity", locale = locale),
        Mistyped::Name => t!("mistyped.name", locale = locale),
        Mistyped::Points => t!("mistyped.points", locale = locale),
        Mistyped::StoredValue => t!("mistyped.stored_value", locale = locale),
    }
    .into_owned()
}
