//! What each of the staff did this month, and the accounts by which they sign in.

use axum::{extract::State, response::Response};
use maud::{Markup, html};
use purser_journal::{AccountFact, Role, StaffRole};
use purser_replica::Undertaking;
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
        pictures::{Period, money, takings},
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

/// The page.
pub(crate) async fn show(State(desk): State<Desk>, guest: Guest) -> Response {
    if let Some(refusal) = guest.unless_auditing() {
        return refusal;
    }
    render(&desk, &guest, None, None).await
}

/// Makes an account, changes it or closes it.
pub(crate) async fn change(State(desk): State<Desk>, sent: SentForm) -> Response {
    let SentForm { guest, fields } = sent;
    if let Some(refusal) = guest.unless_leading() {
        return refusal;
    }
    match set(&desk, &guest, &fields).await {
        Ok(told) => render(&desk, &guest, told, None).await,
        Err(trouble) => render(&desk, &guest, None, Some(&trouble)).await,
    }
}

/// The password that was made up, if one was.
async fn set(desk: &Desk, guest: &Guest, fields: &Fields) -> Result<Option<Told>, String> {
    let locale = guest.language.locale();
    let unavailable = || t!("refusal.unavailable", locale = locale).into_owned();
    let name = fields.get("name").to_lowercase();
    let person = fields.get("person").to_owned();
    let role = StaffRole::named(fields.get("role"))
        .filter(|role| desk.roles_given().contains(role))
        .ok_or_else(|| t!("staff.role_wrong", locale = locale).into_owned())?;
    let is_closed = fields.get("do") == "close";
    if is_closed && name == guest.session.name {
        return Err(t!("staff.own", locale = locale).into_owned());
    }
    let made_up = (!is_closed).then(Password::made_up).transpose().map_err(|_| unavailable())?;
    let password = made_up.as_ref().map(|password| password.text().to_owned());
    let of = name.clone();
    // Hashing takes 19 MiB and a good part of a core.
    let hashing =
        tokio::task::spawn_blocking(move || made_up.map(|made_up| made_up.verifier(&of)).transpose());
    let verifier = hashing.await.map_err(|_| unavailable())?.map_err(|_| unavailable())?;
    let store = Some(desk.credential.store).filter(|_| desk.credential.role == Role::Store);
    let account = AccountFact { store, name: name.clone(), person, role, verifier };
    let key = format!("account {}", fields.get("key"));
    let set = desk.carry_out(&guest.session.name, &key, Undertaking::SetAccount(account)).await;
    let reply = set.map_err(|fault| refusals::words(&fault, guest.language))?;
    Ok(password.filter(|_| !reply.repeated).map(|password| Told { name, password }))
}

async fn render(desk: &Desk, guest: &Guest, told: Option<Told>, trouble: Option<&str>) -> Response {
    let locale = guest.language.locale();
    let content = match read(desk).await {
        Err(fault) => alert(&refusals::words(&fault, guest.language)),
        Ok((figured, accounts)) => html! {
            @if let Some(trouble) = trouble { (alert(trouble)) }
            @if let Some(Told { name, password }) = &told {
                p .told role="status" { (t!("staff.told", locale = locale, name = name)) " " strong .mono { (password) } }
            }
            @match desk.credential.role {
                Role::Store => (figures(&figured, guest.language)),
                Role::Hub => section .card {
                    h1 { (t!("place.office_staff", locale = locale)) }
                    p .soft { (t!("fleet.staff_here", locale = locale)) }
                },
            }
            (list(desk, guest, &accounts))
            @if guest.leads() { (form(desk, guest)) }
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
    html! {
        section .card {
            h1 { (t!("staff.month", locale = locale)) }
            @if rows.is_empty() { p .soft { (t!("staff.nothing_yet", locale = locale)) } }
            @else {
                table {
                    thead { tr { th { (t!("audit.who", locale = locale)) } (head("sales")) (head("takings")) (head("average"))
                        (head("topped_up")) (head("members")) (head("returns")) } }
                    tbody { @for (by, it) in &rows { tr {
                        td { (person(by, &figured.people, language)) }
                        td .figure { (it.sales) } td .figure { (money(takings(*it))) } td .figure { (average(*it)) }
                        td .figure { (money(it.topped_up_fen)) } td .figure { (it.members) } td .figure { (it.returns) }
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
    html! {
        section .card {
            h2 { (t!("staff.accounts", locale = locale)) }
            table {
                thead { tr { th { (t!("sign_in.name", locale = locale)) } th { (t!("audit.who", locale = locale)) }
                    th { (t!("staff.role", locale = locale)) } th { (t!("staff.where", locale = locale)) } th { span .hidden { (t!("staff.change", locale = locale)) } } } }
                tbody { @for account in accounts { tr {
                    td .mono { (account.name) }
                    td { (account.person) }
                    td { (role_words(account.role, locale)) @if account.verifier.is_none() { span .tag .warn { (t!("staff.closed", locale = locale)) } } }
                    td { @match account.store { Some(StoreNumber(store)) => { (store) } None => { (t!("staff.city", locale = locale)) } } }
                    td .figure { @if guest.leads() && is_own(account) { (row_acts(guest, account)) } }
                } } }
            }
        }
    }
}

fn row_acts(guest: &Guest, account: &AccountRow) -> Markup {
    let locale = guest.language.locale();
    html! {
        form .row .end method="post" action="/office/staff" {
            input type="hidden" name=(FORM_KEY) value=(guest.session.form_key);
            input type="hidden" name="key" value=(random().unwrap_or_default());
            input type="hidden" name="name" value=(account.name);
            input type="hidden" name="person" value=(account.person);
            input type="hidden" name="role" value=(account.role.name());
            button .quiet name="do" value="set" { (t!("staff.new_password", locale = locale)) }
            @if account.verifier.is_some() && account.name != guest.session.name {
                button .quiet name="do" value="close" { (t!("staff.close", locale = locale)) } }
        }
    }
}

fn form(desk: &Desk, guest: &Guest) -> Markup {
    let locale = guest.language.locale();
    html! {
        form .card method="post" action="/office/staff" {
            h2 { (t!("staff.new", locale = locale)) }
            input type="hidden" name=(FORM_KEY) value=(guest.session.form_key);
            input type="hidden" name="key" value=(random().unwrap_or_default());
            div .row {
                label { (t!("sign_in.name", locale = locale)) input name="name" required maxlength="32" pattern="[a-z0-9._\\-]+" autocomplete="off" value=(shown("")); }
                label .wide { (t!("audit.who", locale = locale)) input name="person" required maxlength="60" autocomplete="off"; }
                label { (t!("staff.role", locale = locale)) select name="role" {
                    @for role in desk.roles_given() { option value=(role.name()) { (role_words(*role, locale)) } } } }
                button name="do" value="set" { (t!("staff.make", locale = locale)) }
            }
            p .soft { (t!("staff.password_once", locale = locale)) }
        }
    }
}

fn role_words(role: StaffRole, locale: &str) -> String {
    t!(format!("role.{}", role.name()), locale = locale).into_owned()
}
