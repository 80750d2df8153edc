//! Whether there is an API, and whether it keeps strangers out.

use serde_json::Value;

use super::{
    expected::Expected,
    run::Run,
    till::{Ask, Shown},
};

/// What the script uses.
const PATHS: [&str; 10] = [
    "/v1/members",
    "/v1/members/{id}/balances",
    "/v1/cards/{number}",
    "/v1/quote",
    "/v1/checkouts",
    "/v1/checkouts/{id}",
    "/v1/holds",
    "/v1/holds/{id}/capture",
    "/v1/holds/{id}/release",
    "/v1/returns",
];

pub(super) fn play(run: &mut Run) -> Option<()> {
    let open = |path: &str| Ask { token: Shown::None, ..Ask::get(path) };
    let ready = Expected::answer(200).with("/ready", true);
    run.check("reach: the API is ready", &open("/health"), &ready)?;
    let document = run.check("reach: it describes itself", &open("/openapi.json"), &Expected::answer(200))?;
    let missing = |path: &&&str| !document["paths"][**path].is_object();
    let expected =
        PATHS.iter().find(missing).map(|path| Expected::answer(200).with(&pointer(path), "described"));
    if let Some(expected) = expected {
        run.check("reach: it describes what the script uses", &open("/openapi.json"), &expected)?;
    }
    for (name, token) in
        [("reach: a wrong token is refused", Shown::Wrong), ("reach: no token is refused", Shown::None)]
    {
        let ask = Ask { token, ..Ask::get("/members?limit=1") };
        run.check(name, &ask, &Expected::problem(401, &["unauthorised"]));
    }
    let listed: Option<Value> =
        run.check("reach: the own token is good", &Ask::get("/members?limit=1"), &Expected::answer(200));
    listed.map(|_| ())
}

/// Where the OpenAPI document describes a path (RFC 6901 writes `/` as `~1`).
fn pointer(path: &str) -> String {
    format!("/paths/{}", path.replace('/', "~1"))
}
