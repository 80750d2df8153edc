//! What cannot be accepted is refused with the code that the contract names, and leaves no trace.

use reqwest::Method;
use serde_json::{Value, json};

use super::{
    expected::Expected,
    raw,
    run::Run,
    till::{Ask, Body},
};

pub(super) fn play(run: &mut Run) -> Option<()> {
    amounts(run);
    bodies(run);
    headers(run);
    strangers(run);
    oversized(run);
    run.check_balance("refused: nothing of all that has moved anything").map(|_| ())
}

/// Money is a decimal string in yuan with at most two places, and nothing else.
fn amounts(run: &mut Run) {
    let wrong = [
        json!("1e3"),
        json!("-1"),
        json!("-0"),
        json!("+1"),
        json!(" 1"),
        json!("1."),
        json!(".5"),
        json!("1.001"),
        json!("1,000"),
        json!("١٢"),
        json!("NaN"),
        json!(""),
        json!(12),
        json!(12.5),
        json!(true),
        json!(["1.00"]),
        json!("99999999999999999999"),
    ];
    let refused = Expected::problem(422, &["invalid_field"]).with("/field", "gross");
    for amount in wrong {
        let ask = run.sale("1.00").saying("gross", amount.clone());
        run.check(&format!("amount: {amount} is refused"), &ask, &refused);
    }
    let ask = run.sale("10000000000.01");
    run.check(
        "amount: what no receipt can hold is refused",
        &ask,
        &Expected::problem(422, &["out_of_range"]),
    );
}

fn bodies(run: &mut Run) {
    for text in ["{", "sale", "{'till':'1'}", "\u{feff}{}", "{\"till\":"] {
        let ask = Ask { body: Some(Body::Raw("application/json", text.into())), ..run.sale("1.00") };
        let refused = Expected::problem(400, &["malformed_json"]);
        run.check(&format!("body: {text:?} is refused"), &ask, &refused);
    }
    let wrong = [
        ("till", Value::Null, "till"),
        ("till", json!(1), "till"),
        ("redeem_points", json!("100"), "redeem_points"),
        ("redeem_points", json!(-1), "redeem_points"),
        ("redeem_points", json!(1.5), "redeem_points"),
        ("lines", json!({}), "lines"),
        ("member", json!("mbr_nobody"), "member"),
        ("gros", json!("1.00"), "gros"),
    ];
    for (field, value, named) in wrong {
        let ask = run.sale("1.00").saying(field, value.clone());
        let refused = Expected::problem(422, &["invalid_field"]).with("/field", named);
        run.check(&format!("body: {field} = {value} is refused"), &ask, &refused);
    }
}

fn headers(run: &mut Run) {
    let without = Ask { key: None, ..run.sale("1.00") };
    let missing = Expected::problem(400, &["idempotency_key_missing"]);
    run.check("header: no Idempotency-Key is refused", &without, &missing);
    let long = run.sale("1.00").under(&"k".repeat(129));
    let malformed = Expected::problem(400, &["idempotency_key_malformed"]);
    run.check("header: an Idempotency-Key of 129 characters is refused", &long, &malformed);
    let body = Some(Body::Raw("text/plain", b"till=1".to_vec()));
    let text = Ask { body, ..run.sale("1.00") };
    let unsupported = Expected::problem(415, &["unsupported_media_type"]);
    run.check("header: another media type is refused", &text, &unsupported);
}

fn strangers(run: &mut Run) {
    let key = run.fresh();
    let nobodys = Ask::post("/holds/hold_7vvvvvvvvvvvu/release", &key, json!({}));
    run.check("stranger: no such hold", &nobodys, &Expected::problem(404, &["unknown_hold"]));
    let sale = Ask::get("/checkouts/sale_7vvvvvvvvvvvu");
    run.check("stranger: no such sale", &sale, &Expected::problem(404, &["unknown_sale"]));
    let malformed = Expected::problem(400, &["malformed_path"]);
    let card = Ask::get("/cards/1234");
    run.check("stranger: what is no card is told apart", &card, &malformed);
    let check = Ask::get("/checkouts?till=certify&check=never-sold");
    run.check("stranger: no such check", &check, &Expected::problem(404, &["unknown_check"]));
    let route = Ask::get("/points-for-free");
    run.check("stranger: no such path", &route, &Expected::problem(404, &["unknown_route"]));
    let method = Ask { method: Method::DELETE, ..Ask::get("/checkouts") };
    let refused = Expected::problem(405, &["method_not_allowed"]);
    run.check("stranger: no such method", &method, &refused);
    let query = Ask::get("/members?limit=none");
    run.check("stranger: no such query", &query, &Expected::problem(400, &["malformed_query"]));
}

/// Ten megabytes where 64 KiB are the most.
fn oversized(run: &mut Run) {
    const BODY_BYTES: usize = 10 << 20;
    let ask = run.sale("1.00");
    let came = raw::send_large(&run.till, &ask, BODY_BYTES);
    let refused = Expected::problem(413, &["body_too_large"]);
    run.judge("body: 10 MB are refused", &ask.saying("check", "…and 10 MB more"), &refused, came);
}
