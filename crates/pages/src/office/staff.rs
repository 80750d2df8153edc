//! What each of the staff did this month, and the accounts by which they sign in.

use axum::{extract::State, response::Response};
use maud::{Markup, html};
use purser_journal::{Role, StaffRole};
use purser_replica::{AccountChange, Refusal, Undertaking};
use purser_service::Password;
use purser_storage::{AccountRow, Figures};
use purser_types::StoreNumber;
use rust_i18n::t;

use crate::{
    desk::{Desk, Fault},
    fields::{Fields, shown},
    gate::{FORM_KEY, Guest, SentForm},
    language::Language,
    office::{
        pictures::{Period, money, plain, takings},
        today::{Figured, look, person},
    },
    refusals,
    session::random,
    shell::{self, Place, alert},
};

/// A password that was made up, told once.
struct Told {
    name: String,
    password: String,
}

/// What became of a form.
enum Outcome {
    /// It was shown for the first time.
    None,
    /// It was done, and somebody may have a password now.
    Done(Option<Told>),
    /// It was not, for this reason: what was typed stands there again.
    Refused(String, Fields),
}

/// The page.
pub(crate) async fn show(State(desk): State<Desk>, guest: Guest) -> Response {
    if let Some(refusal) = guest.unless_auditing() {
        return refusal;
    }
    render(&desk, &guest, &Outcome::None).await
}

/// Makes an account, gives it a password or a role, or closes it.
pub(crate) async fn change(State(desk): State<Desk>, sent: SentForm) -> Response {
    let SentForm { guest, fields } = sent;
    if let Some(refusal) = guest.unless_leading() {
        return refusal;
    }
    let outcome = match act(&desk, &guest, &fields).await {
        Ok(told) => Outcome::Done(told),
        Err(trouble) => Outcome::Refused(trouble, fields),
    };
    render(&desk, &guest, &outcome).await
}

/// The password that was made up, if one was.
async fn act(desk: &Desk, guest: &Guest, fields: &Fields) -> Result<Option<Told>, String> {
    let locale = guest.language.locale();
    let words = |key: &str| t!(key, locale = locale).into_owned();
    let name = fields.get("name").to_lowercase();
    let role = || {
        let role = StaffRole::named(fields.get("role")).filter(|role| desk.roles_given().contains(role));
        role.ok_or_else(|| words("staff.role_wrong"))
    };
    let mut told = None;
    let change = match fields.get("do") {
        "create" => {
            let (person, role) = (fields.get("person").to_owned(), role()?);
            let (password, verifier) = password_for(&name, guest.language).await?;
            told = Some(Told { name: name.clone(), password });
            AccountChange::Open { name, person, role, verifier }
        }
        "password" => {
            let (password, verifier) = password_for(&name, guest.language).await?;
            told = Some(Told { name: name.clone(), password });
            AccountChange::SetPassword { name, verifier }
        }
        "role" => AccountChange::SetRole { name, role: role()? },
        "close" => AccountChange::Close { name },
        _ => return Err(words("refusal.malformed")),
    };
    let key = format!("account {}", fields.get("key"));
    let done = desk.carry_out(&guest.session.name, &key, Undertaking::ChangeAccount(change)).await;
    let reply = done.map_err(|fault| trouble(&fault, guest.language))?;
    Ok(told.filter(|_| !reply.repeated))
}

/// A password and what it is checked against.
async fn password_for(name: &str, language: Language) -> Result<(String, String), String> {
    let unavailable = || t!("refusal.unavailable", locale = language.locale()).into_owned();
    let made_up = Password::made_up().map_err(|_| unavailable())?;
    let (password, of) = (made_up.text().to_owned(), name.to_owned());
    // Hashing takes 19 MiB and a good part of a core.
    let hashing = tokio::task::spawn_blocking(move || made_up.verifier(&of));
    let verifier = hashing.await.map_err(|_| unavailable())?.map_err(|_| unavailable())?;
    Ok((password, verifier))
}

/// Why an account is not as wanted: which field it is, if it is one.
fn trouble(fault: &Fault, language: Language) -> String {
    let locale = language.locale();
    match fault {
        Fault::Refused(Refusal::OutOfRange { what: "name", .. }) => t!("staff.name_wrong", locale = locale),
        Fault::Refused(Refusal::OutOfRange { what: "person", .. }) => {
            t!("staff.person_wrong", locale = locale)
        }
        _ => refusals::words(fault, language).into(),
    }
    .into_owned()
}

async fn render(desk: &Desk, guest: &Guest, outcome: &Outcome) -> Response {
    let locale = guest.language.locale();
    let content = match read(desk).await {
        Err(fault) => alert(&refusals::words(&fault, guest.language)),
        Ok((figured, accounts)) => html! {
            @match outcome {
                Outcome::None => {}
                Outcome::Refused(trouble, _) => (alert(trouble)),
                Outcome::Done(None) => p .told role="status" { (t!("staff.done", locale = locale)) },
                Outcome::Done(Some(Told { name, password })) => {
                    p .told role="status" { (t!("staff.told", locale = locale, name = name)) " " strong .mono { (password) } }
                }
            }
            @match desk.credential.role {
                Role::Store => (figures(&figured, guest.language)),
                Role::Hub => section .card {
                    h1 { (t!("place.office_staff", locale = locale)) }
                    p .soft { (t!("fleet.staff_here", locale = locale)) }
                },
            }
            (list(desk, guest, &accounts))
            @if guest.leads() { (form(desk, guest, outcome)) }
        },
    };
    shell::page(desk, guest, Place::Staff, content).await
}

async fn read(desk: &Desk) -> Result<(Figured, Vec<AccountRow>), Fault> {
    let figured = look(desk).await?;
    Ok((figured, desk.read(|reader| reader.view.accounts()).await?))
}

fn figures(figured: &Figured, language: Language) -> Markup {
    let locale = language.locale();
    let period = Period { today: figured.today, days: &figured.days, language };
    let rows = period.by(|row| row.by.clone());
    let head = |key: &str| html! { th .figure { (t!(format!("figures.{key}"), locale = locale)) } };
    let cell = |key: &str, value: &str| html! { td .figure data-label=(t!(format!("figures.{key}"), locale = locale)) { (value) } };
    html! {
        section .card {
            h1 { (t!("staff.month", locale = locale)) }
            @if rows.is_empty() { p .soft { (t!("staff.nothing_yet", locale = locale)) } }
            @else {
                table .stacked {
                    thead { tr { th { (t!("staff.person", locale = locale)) } (head("sales")) (head("takings")) (head("average"))
                        (head("topped_up")) (head("members")) (head("returns")) } }
                    tbody { @for (by, it) in &rows { tr {
                        td { (person(by, &figured.people, language)) }
                        (cell("sales", &plain(it.sales))) (cell("takings", &money(takings(*it)))) (cell("average", &average(*it)))
                        (cell("topped_up", &money(it.topped_up_fen))) (cell("members", &plain(it.members))) (cell("returns", &plain(it.returns)))
                    } } }
                }
            }
        }
    }
}

fn average(figures: Figures) -> String {
    if figures.sales == 0 { "—".to_owned() } else { money(takings(figures) / figures.sales) }
}

fn list(desk: &Desk, guest: &Guest, accounts: &[AccountRow]) -> Markup {
    let locale = guest.language.locale();
    let is_own = |account: &AccountRow| match desk.credential.role {
        Role::Store => account.store == Some(desk.credential.store),
        Role::Hub => account.store.is_none(),
    };
    let label = |key: &str| t!(key, locale = locale).into_owned();
    html! {
        section .card {
            h2 { (label("staff.accounts")) }
            table .stacked .accounts {
                thead { tr { th { (label("staff.login")) } th { (label("staff.person")) } th { (label("staff.role")) }
                    th { (label("staff.where")) } @if guest.leads() { th { span .hidden { (label("staff.change")) } } } } }
                tbody { @for account in accounts {
                    @let may_change = guest.leads() && is_own(account);
                    @let is_open = account.verifier.is_some();
                    @let is_other = account.name != guest.session.name;
                    tr {
                        td .mono data-label=(label("staff.login")) { (account.name) }
                        td data-label=(label("staff.person")) { (account.person) }
                        td data-label=(label("staff.role")) {
                            @if may_change && is_open && is_other { (role_form(desk, guest, account)) }
                            @else { span { (role_words(account.role, locale)) @if !is_open { " " span .tag .warn { (label("staff.closed")) } } } }
                        }
                        td data-label=(label("staff.where")) { @match account.store { Some(StoreNumber(store)) => (store), None => (label("staff.city")) } }
                        @if guest.leads() { td { @if may_change { (row_acts(guest, account, is_open, is_other)) } } }
                    }
                } }
            }
        }
    }
}

fn kept(guest: &Guest, account: &AccountRow) -> Markup {
    html! {
        input type="hidden" name=(FORM_KEY) value=(guest.session.form_key);
        input type="hidden" name="key" value=(random().unwrap_or_default());
        input type="hidden" name="name" value=(account.name);
    }
}

fn role_form(desk: &Desk, guest: &Guest, account: &AccountRow) -> Markup {
    let locale = guest.language.locale();
    html! {
        form .row .role method="post" action="/office/staff" {
            (kept(guest, account))
            select name="role" aria-label=(t!("staff.role_of", locale = locale, name = account.name)) { (role_options(desk, account.role, locale)) }
            button .quiet name="do" value="role" { (t!("staff.set_role", locale = locale)) }
        }
    }
}

fn role_options(desk: &Desk, chosen: StaffRole, locale: &str) -> Markup {
    html! { @for role in desk.roles_given() { option value=(role.name()) selected[*role == chosen] { (role_words(*role, locale)) } } }
}

fn row_acts(guest: &Guest, account: &AccountRow, is_open: bool, is_other: bool) -> Markup {
    let locale = guest.language.locale();
    let password = if is_open { "staff.new_password" } else { "staff.reopen" };
    html! {
        form .row .end method="post" action="/office/staff" {
            (kept(guest, account))
            button .quiet name="do" value="password" { (t!(password, locale = locale)) }
            @if is_open && is_other { button .quiet name="do" value="close" { (t!("staff.close", locale = locale)) } }
        }
    }
}

fn form(desk: &Desk, guest: &Guest, outcome: &Outcome) -> Markup {
    let locale = guest.language.locale();
    let nothing = Fields::default();
    let typed = match outcome {
        Outcome::Refused(_, fields) if fields.get("do") == "create" => fields,
        _ => &nothing,
    };
    let chosen = StaffRole::named(typed.get("role")).unwrap_or(StaffRole::Cashier);
    html! {
        form .card method="post" action="/office/staff" {
            h2 { (t!("staff.new", locale = locale)) }
            input type="hidden" name=(FORM_KEY) value=(guest.session.form_key);
            input type="hidden" name="key" value=(random().unwrap_or_default());
            div .row {
                label .wide { (t!("staff.login", locale = locale)) input name="name" required maxlength="32" pattern="[a-z0-9._\\-]+" title=(t!("staff.name_hint", locale = locale))
                    autocapitalize="none" spellcheck="false" autocomplete="off" value=(shown(typed.get("name"))); }
                label .wide { (t!("staff.person", locale = locale)) input name="person" required maxlength="60" autocomplete="off" value=(shown(typed.get("person"))); }
                label { (t!("staff.role", locale = locale)) select name="role" { (role_options(desk, chosen, locale)) } }
                button name="do" value="create" { (t!("staff.make", locale = locale)) }
            }
            p .soft { (t!("staff.name_hint", locale = locale)) }
            p .soft { (t!("staff.password_once", locale = locale)) }
        }
    }
}

fn role_words(role: StaffRole, locale: &str) -> String {
    t!(format!("role.{}", role.name()), locale = locale).into_owned()
}
