//! Points are set aside, spent, set free, and free by themselves once their time is up; each hold ends once.

use std::{thread::sleep, time::Duration};

use serde_json::{Value, json};

use super::{expected::Expected, run::Run, till::Ask};

/// The shortest hold there is.
const LASTS_SECONDS: u32 = 1;
const UNTIL_IT_IS_OVER: Duration = Duration::from_millis(1_800);

const POINTS: i64 = 3;

pub(super) fn play(run: &mut Run) -> Option<()> {
    let too_many = run.hold(run.points + 1);
    let short =
        Expected::problem(409, &["insufficient_balance", "insufficient_rights_here", "redemption_closed"]);
    run.check("hold: more points than there are are refused", &too_many, &short);
    run.check_balance("hold: a refusal sets nothing aside");
    if run.points < POINTS {
        run.report.warn("the member has too few points to set any aside: not tried");
        return None;
    }
    captured(run)?;
    released(run)?;
    expired(run)
}

/// Sets points aside; what they are from then on.
fn place(run: &mut Run, name: &str, ask: &Ask) -> Option<Value> {
    let placed = run.check(name, ask, &Expected::answer(201).replayed(false).with("/points", POINTS))?;
    (run.points, run.held) = (run.points - POINTS, run.held + POINTS);
    Some(placed)
}

fn end(run: &mut Run, hold: &Value, how: &str, body: Value) -> Ask {
    let key = run.fresh();
    Ask::post(format!("/holds/{}/{how}", hold["hold"].as_str().unwrap_or_default()), &key, body)
}

fn captured(run: &mut Run) -> Option<()> {
    let ask = run.hold(POINTS);
    let hold = place(run, "hold: points are set aside", &ask)?;
    let same = Expected::answer(201).replayed(true).same_as(&hold);
    run.check("hold: the same again sets no more aside", &ask, &same);
    run.check_balance("hold: what is set aside is not in the balance");

    let capture = end(run, &hold, "capture", json!({"points": 1}));
    let spent = Expected::answer(200).replayed(false).with("/captured", 1);
    let done = run.check("capture: part of it is spent", &capture, &spent)?;
    (run.points, run.held) = (run.points + POINTS - 1, run.held - POINTS);
    let same = Expected::answer(200).replayed(true).same_as(&done);
    run.check("capture: the same again spends no more", &capture, &same);
    let settled = Expected::problem(409, &["hold_settled"]);
    let again = end(run, &hold, "capture", json!({}));
    run.check("capture: what has ended is not captured again", &again, &settled);
    let release = end(run, &hold, "release", json!({}));
    run.check("capture: what has ended is not released", &release, &settled);
    run.check_balance("capture: the rest is free").map(|_| ())
}

fn released(run: &mut Run) -> Option<()> {
    let ask = run.hold(POINTS);
    let hold = place(run, "release: points are set aside", &ask)?;
    let release = end(run, &hold, "release", json!({}));
    let done = Expected::answer(200).replayed(false).with("/captured", 0);
    let done = run.check("release: they are free again", &release, &done)?;
    (run.points, run.held) = (run.points + POINTS, run.held - POINTS);
    let same = Expected::answer(200).replayed(true).same_as(&done);
    run.check("release: the same again frees no more", &release, &same);
    let again = end(run, &hold, "release", json!({}));
    run.check("release: twice is refused", &again, &Expected::problem(409, &["hold_settled"]));
    run.check_balance("release: the balance is what it was").map(|_| ())
}

fn expired(run: &mut Run) -> Option<()> {
    let ask = run.hold(POINTS).saying("lasts_seconds", LASTS_SECONDS);
    let hold = place(run, "expiry: points are set aside for a second", &ask)?;
    sleep(UNTIL_IT_IS_OVER);
    let capture = end(run, &hold, "capture", json!({}));
    let over = Expected::problem(409, &["hold_expired"]);
    run.check("expiry: a hold that has run out is not captured", &capture, &over);
    let shown = Ask::get(format!("/holds/{}", hold["hold"].as_str().unwrap_or_default()));
    // A hold that is still told to be open has not set its points free.
    run.check("expiry: it is told", &shown, &Expected::answer(200).with("/state", "expired"))?;
    (run.points, run.held) = (run.points + POINTS, run.held - POINTS);
    run.check_balance("expiry: the points are free").map(|_| ())
}
