//! Who may come in: every page but the one for signing in asks here first.

use axum::{
    Form,
    extract::{FromRequest, FromRequestParts, Request},
    http::{StatusCode, request::Parts},
    response::{IntoResponse, Redirect, Response},
};
use purser_journal::StaffRole;
use subtle::ConstantTimeEq;

use crate::{
    cookie::cookie, desk::Desk, fields::Fields, language::Language, session, session::Session, shell,
};

/// Somebody who is signed in, and may do what the page is for.
#[derive(Debug, Clone)]
pub(crate) struct Guest {
    pub(crate) session: Session,
    pub(crate) language: Language,
}

/// The same with a form that this very session was shown.
pub(crate) struct SentForm {
    pub(crate) guest: Guest,
    pub(crate) fields: Fields,
}

/// The field of every form that shows whose it is.
pub(crate) const FORM_KEY: &str = "form_key";

/// What a page asks for by itself, whether anybody is there or not.
const LIVE: [&str; 2] = ["/line", "/fleet/live"];

/// Fields of a form: a basket of 500 lines has six for each.
const FIELDS_MAX: usize = 4_000;

impl FromRequestParts<Desk> for Guest {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, desk: &Desk) -> Result<Self, Response> {
        let language = Language::of(&parts.headers);
        let is_live = LIVE.contains(&parts.uri.path());
        let away = || {
            if is_live {
                StatusCode::UNAUTHORIZED.into_response()
            } else {
                Redirect::to("/sign-in?why=ended").into_response()
            }
        };
        let now_ms = desk.handle.now().monotonic_ms;
        let Some(token) = cookie(&parts.headers, session::COOKIE) else {
            return Err(if is_live { away() } else { Redirect::to("/sign-in").into_response() });
        };
        let found =
            if is_live { desk.sessions.peek(token, now_ms) } else { desk.sessions.find(token, now_ms) };
        let (session, account) = found.ok_or_else(away)?;
        // An account that was changed or closed meanwhile, anywhere in the city, ends its sessions.
        let name = account.name.clone();
        let known = desk.read(move |reader| reader.view.account(&name)).await;
        if known.is_ok_and(|known| known.as_ref() == Some(&account)) {
            return Ok(Self { session, language });
        }
        desk.sessions.end(token);
        Err(away())
    }
}

impl FromRequest<Desk> for SentForm {
    type Rejection = Response;

    async fn from_request(request: Request, desk: &Desk) -> Result<Self, Response> {
        let (mut parts, body) = request.into_parts();
        let guest = Guest::from_request_parts(&mut parts, desk).await?;
        let request = Request::from_parts(parts, body);
        let form = Form::<Vec<(String, String)>>::from_request(request, desk).await;
        let refused = |status| shell::refusal(guest.language, status);
        let Form(pairs) = form.map_err(|rejection| refused(rejection.status()))?;
        if pairs.len() > FIELDS_MAX {
            return Err(refused(StatusCode::PAYLOAD_TOO_LARGE));
        }
        let fields = Fields::of(pairs);
        let is_ours = fields.get(FORM_KEY).as_bytes().ct_eq(guest.session.form_key.as_bytes());
        if !bool::from(is_ours) {
            return Err(refused(StatusCode::FORBIDDEN));
        }
        Ok(Self { guest, fields })
    }
}

impl Guest {
    /// What is said to who may not serve customers.
    pub(crate) fn unless_serving(&self) -> Option<Response> {
        self.unless(&[StaffRole::Cashier, StaffRole::Manager])
    }

    /// What is said to who may not see what others did.
    pub(crate) fn unless_auditing(&self) -> Option<Response> {
        self.unless(&[StaffRole::Manager, StaffRole::HeadOffice, StaffRole::Auditor])
    }

    /// What is said to who does not run the chain, or look at it.
    pub(crate) fn unless_overseeing(&self) -> Option<Response> {
        self.unless(&[StaffRole::HeadOffice, StaffRole::Auditor])
    }

    /// What is said to who may not change what the whole city goes by.
    pub(crate) fn unless_heading(&self) -> Option<Response> {
        self.unless(&[StaffRole::HeadOffice])
    }

    /// What is said to who may not say who works here.
    pub(crate) fn unless_leading(&self) -> Option<Response> {
        self.unless(&[StaffRole::Manager, StaffRole::HeadOffice])
    }

    pub(crate) fn leads(&self) -> bool {
        self.unless_leading().is_none()
    }

    pub(crate) fn is_manager(&self) -> bool {
        self.session.role == StaffRole::Manager
    }

    fn unless(&self, roles: &[StaffRole]) -> Option<Response> {
        let may = roles.contains(&self.session.role);
        (!may).then(|| shell::refusal(self.language, StatusCode::FORBIDDEN))
    }
}
