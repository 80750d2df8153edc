//! A member is registered, or taken as they are, and found in every way that tills find members.

use purser_types::CardNumber;
use serde_json::{Value, json};

use super::{expected::Expected, figures::count, report::Story, run::Run, till::Ask};

pub(super) fn play(run: &mut Run, card: Option<CardNumber>) -> Option<()> {
    match card {
        Some(card) => {
            run.card = card.to_string();
            let shown = run.check("member: the card is known", &card_of(run), &Expected::answer(200))?;
            run.member = text(&shown, "member")?;
        }
        None => register(run)?,
    }
    find(run);
    let unknown = Expected::problem(404, &["unknown_member"]);
    run.check("member: an unknown one is told apart", &Ask::get("/members/mbr_7vvvvvvvvvvvu"), &unknown);
    let malformed = Expected::problem(400, &["malformed_path"]);
    run.check("member: what is no id is told apart", &Ask::get("/members/mbr_0000000000000"), &malformed);

    let balances = Ask::get(format!("/members/{}/balances", run.member));
    let balances = run.check("member: what they have is told", &balances, &Expected::answer(200))?;
    run.points = count(&balances["points"], "balance");
    run.held = count(&balances["points"], "held");
    Some(())
}

fn register(run: &mut Run) -> Option<()> {
    let key = run.fresh();
    // Eleven digits, as a phone number of the mainland has.
    let digits: String = key.bytes().filter(u8::is_ascii_digit).chain(*b"12345678").map(char::from).collect();
    let phone = format!("139{}", &digits[..8]);
    let body = json!({"profile": {"name": "Certified Till", "phone": phone}, "card": true});
    let ask = Ask::post("/members", &key, body);
    let expected = Expected::answer(201).replayed(false);
    let registered = run.check("member: one is registered with a card", &ask, &expected)?;
    (run.member, run.card) = (text(&registered, "member")?, text(&registered, "card")?);
    let again = Expected::answer(201).replayed(true).same_as(&registered);
    run.check("member: the same registration again is the same member", &ask, &again);
    Some(())
}

fn find(run: &mut Run) {
    let (card, shown) = (card_of(run), Expected::answer(200).with("/member", run.member.as_str()));
    run.check("find: by card", &card, &shown.clone().with("/state", "active"));
    let profile = run.check("find: by id", &Ask::get(format!("/members/{}", run.member)), &shown);
    let one = Expected::answer(200).with("/members/0/member", run.member.as_str());
    run.check("find: by card among members", &Ask::get(format!("/members?card={}", run.card)), &one);
    let phone =
        profile.as_ref().and_then(|it| it["profile"]["phone"].as_str()).unwrap_or_default().to_owned();
    if phone.len() < 4 || !phone.bytes().all(|byte| byte.is_ascii_digit()) {
        return run.report.warn("the member has no phone number of digits: not looked for by it");
    }
    let found = run.check(
        "find: by phone",
        &Ask::get(format!("/members?phone={phone}&limit=200")),
        &Expected::answer(200),
    );
    among(run, "find: by phone, the member is among them", found.as_ref());
    let path = format!("/members?phone_end={}&limit=200", &phone[phone.len() - 4..]);
    let found = run.check("find: by the last four digits", &Ask::get(path), &Expected::answer(200));
    among(run, "find: by the last four digits, the member is among them", found.as_ref());
    let nobody = Expected::answer(200).with("/members", json!([]));
    run.check("find: nobody is no error", &Ask::get("/members?phone=10000000001"), &nobody);
}

/// Several people may have these digits: the member has to be one of them.
fn among(run: &mut Run, name: &str, found: Option<&Value>) {
    let Some(members) = found.and_then(|it| it["members"].as_array()) else { return };
    if members.iter().any(|it| it["member"] == run.member.as_str()) {
        run.report.pass(name, format_args!("{} found", members.len()));
    } else {
        let came = Value::Array(members.clone());
        let story = Story {
            fault: "the member is not among them",
            sent: &"the request above",
            expected: &run.member,
            came: &came,
        };
        run.report.fail(name, &story);
    }
}

fn text(body: &Value, field: &str) -> Option<String> {
    body[field].as_str().map(str::to_owned)
}

fn card_of(run: &Run) -> Ask {
    Ask::get(format!("/cards/{}", run.card))
}
