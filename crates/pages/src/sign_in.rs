use axum::{
    Form,
    extract::{Query, State, rejection::FormRejection},
    http::{HeaderMap, HeaderValue, StatusCode, header::SET_COOKIE},
    response::{IntoResponse, Redirect, Response},
};
use maud::{Markup, html};
use purser_service::Password;
use purser_storage::AccountRow;
use rust_i18n::t;
use serde::Deserialize;
use tokio::sync::Semaphore;

use crate::{
    cookie::cookie,
    desk::Desk,
    fields::shown,
    gate::SentForm,
    language::{self, Language},
    session,
    shell::{self, alert},
};

/// What somebody types.
#[derive(Deserialize)]
pub(crate) struct Typed {
    name: String,
    password: String,
}

/// Which language.
#[derive(Deserialize)]
pub(crate) struct Chosen {
    to: String,
}

/// Checking a password takes 19 MiB and a good part of a core: one at a time, so that tills do not feel it.
static CHECKING: Semaphore = Semaphore::const_new(1);

/// So many wait for that; whoever comes then has to try again.
static WAITING: Semaphore = Semaphore::const_new(20);

/// Longer is no name and no password.
const TYPED_BYTES_MAX: usize = 512;

/// Why somebody is asked.
#[derive(Deserialize)]
pub(crate) struct Why {
    why: Option<String>,
}

/// Asks who it is.
pub(crate) async fn show(
    State(desk): State<Desk>,
    headers: HeaderMap,
    Query(Why { why }): Query<Why>,
) -> Response {
    let language = Language::of(&headers);
    let has_ended = why.is_some_and(|why| why == "ended");
    let told = html! { @if has_ended { p .note-now role="status" { (t!("sign_in.ended", locale = language.locale())) } } };
    ask(&desk, language, StatusCode::OK, "", &told)
}

/// Lets somebody in, or says why not.
pub(crate) async fn enter(
    State(desk): State<Desk>,
    headers: HeaderMap,
    form: Result<Form<Typed>, FormRejection>,
) -> Response {
    let language = Language::of(&headers);
    let locale = language.locale();
    let Ok(Form(Typed { name, password })) = form else {
        return shell::refusal(language, StatusCode::UNPROCESSABLE_ENTITY);
    };
    let name = name.trim().to_lowercase();
    if name.len() > TYPED_BYTES_MAX || password.len() > TYPED_BYTES_MAX {
        return shell::refusal(language, StatusCode::PAYLOAD_TOO_LARGE);
    }
    // Who guesses many at once waits for each before the next is looked at.
    let Ok(_place) = WAITING.try_acquire() else {
        return shell::refusal(language, StatusCode::SERVICE_UNAVAILABLE);
    };
    let Ok(one) = CHECKING.acquire().await else {
        return shell::refusal(language, StatusCode::SERVICE_UNAVAILABLE);
    };
    let now_ms = desk.handle.now().monotonic_ms;
    let wait_s = desk.throttle.wait_ms(&name, now_ms).div_ceil(1_000);
    if wait_s > 0 {
        let words = t!("sign_in.too_often", locale = locale, seconds = wait_s);
        return ask(&desk, language, StatusCode::TOO_MANY_REQUESTS, &name, &alert(&words));
    }
    let account = match look_up(&desk, &name, password).await {
        Ok(account) => account,
        Err(status) => return shell::refusal(language, status),
    };
    let Some(account) = account else {
        let is_worth_a_note = desk.throttle.wrong(&name, now_ms);
        drop(one);
        if is_worth_a_note {
            desk.note(&name, "sign_in_refused", "").await;
        }
        let wrong = alert(&t!("sign_in.wrong", locale = locale));
        return ask(&desk, language, StatusCode::UNAUTHORIZED, &name, &wrong);
    };
    desk.throttle.right(&name);
    drop(one);
    if !desk.has_work_for(account.role) {
        return shell::refusal(language, StatusCode::FORBIDDEN);
    }
    let Some(token) = desk.sessions.begin(account, now_ms) else {
        return shell::refusal(language, StatusCode::SERVICE_UNAVAILABLE);
    };
    desk.note(&name, "sign_in", "").await;
    let kept = format!("{}={token}; Path=/; HttpOnly; SameSite=Strict", session::COOKIE);
    (set_cookie(&kept), Redirect::to("/")).into_response()
}

/// Ends a session.
pub(crate) async fn leave(State(desk): State<Desk>, headers: HeaderMap, sent: SentForm) -> Response {
    if let Some(token) = cookie(&headers, session::COOKIE) {
        desk.sessions.end(token);
    }
    desk.note(&sent.guest.session.name, "sign_out", "").await;
    let gone = format!("{}=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0", session::COOKIE);
    (set_cookie(&gone), Redirect::to("/sign-in")).into_response()
}

/// Keeps a language.
pub(crate) async fn choose_language(headers: HeaderMap, Query(Chosen { to }): Query<Chosen>) -> Response {
    let language = Language::named(&to).unwrap_or(Language::Chinese);
    let kept = format!("{}={}; Path=/; SameSite=Lax; Max-Age=31536000", language::COOKIE, language.locale());
    // Back to where the link was, on this very site.
    let from = headers.get("referer").and_then(|value| value.to_str().ok()).unwrap_or_default();
    let path = from.splitn(4, '/').nth(3).unwrap_or_default().trim_start_matches(['/', '\\']);
    let path = format!("/{path}");
    (set_cookie(&kept), Redirect::to(&path)).into_response()
}

/// The account, if the password is right.
async fn look_up(desk: &Desk, name: &str, password: String) -> Result<Option<AccountRow>, StatusCode> {
    let of = name.to_owned();
    let known = desk.read(move |reader| reader.view.account(&of)).await;
    let known = known.map_err(|_| StatusCode::SERVICE_UNAVAILABLE)?;
    let checking = tokio::task::spawn_blocking(move || {
        let verifier = known.as_ref().and_then(|account| account.verifier.as_deref());
        let is_right = Password::typed(password).is_right(verifier);
        known.filter(|_| is_right)
    });
    checking.await.map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)
}

fn ask(desk: &Desk, language: Language, status: StatusCode, name: &str, told: &Markup) -> Response {
    let locale = language.locale();
    let title = t!("sign_in.title", locale = locale);
    let content = html! {
        form .card .sign-in method="post" action="/sign-in" {
            h1 { (title) }
            p .soft { (desk.credential.scope.chain) " · " (desk.credential.name) }
            (told)
            label { (t!("sign_in.name", locale = locale))
                input name="name" value=(shown(name)) autocomplete="username" autocapitalize="none" required autofocus[name.is_empty()]; }
            label { (t!("sign_in.password", locale = locale))
                input name="password" type="password" autocomplete="current-password" required autofocus[!name.is_empty()]; }
            button type="submit" { (title) }
        }
    };
    shell::bare(language, status, &title, &content)
}

fn set_cookie(text: &str) -> HeaderMap {
    let mut headers = HeaderMap::new();
    if let Ok(value) = HeaderValue::from_str(text) {
        headers.insert(SET_COOKIE, value);
    }
    headers
}
