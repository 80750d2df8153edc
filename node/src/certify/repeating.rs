//! Answers get lost: whoever asks again is told the same, and everything is done once.

use std::thread;

use serde_json::Value;

use super::{
    expected::Expected,
    figures::count,
    raw::{Drop, send_and_drop},
    report::Story,
    run::Run,
    selling::Sale,
    till::{Ask, Came},
};

pub(super) fn play(run: &mut Run, sale: &Sale) -> Option<()> {
    repeated(run, sale);
    interrupted(run, Drop::AtOnce, "time-out: dropped at once");
    interrupted(run, Drop::Unread, "time-out: answered, and the answer not read");
    at_once(run)
}

fn repeated(run: &mut Run, Sale { ask, answer }: &Sale) {
    let same = Expected::answer(201).replayed(true).same_as(answer);
    run.check("duplicate: the same again is answered alike", ask, &same);
    run.check_balance("duplicate: the balance moved once");

    let other = ask.saying("gross", "1000.01");
    let reused = Expected::problem(422, &["idempotency_key_reused"]);
    run.check("duplicate: the key with another body is refused", &other, &reused);
    let key = run.fresh();
    run.check("check number: the same sale under another key is the same sale", &ask.under(&key), &same);
    let key = run.fresh();
    let taken = Expected::problem(409, &["check_number_reused"]);
    run.check("check number: another sale under it is refused", &other.under(&key), &taken);
    run.check_balance("check number: nothing moved");

    let field = |name: &str| match &ask.body {
        Some(super::till::Body::Json(body)) => body[name].as_str().unwrap_or_default().to_owned(),
        _ => String::new(),
    };
    let path = format!("/checkouts?till={}&check={}", field("till"), field("check"));
    let found = Expected::answer(200).with("/sale", answer["sale"].clone());
    run.check("check number: the sale is found by it", &Ask::get(path), &found);
}

/// A till that gives up waiting, and asks again under the same key.
fn interrupted(run: &mut Run, drop: Drop, name: &str) {
    let ask = run.sale("10.00");
    if let Err(fault) = send_and_drop(&run.till, &ask, drop) {
        let story = Story { fault: &fault, sent: &ask, expected: &"that it can be sent", came: &"nothing" };
        return run.report.fail(name, &story);
    }
    let mut expected = Expected::answer(201);
    if drop == Drop::Unread {
        expected = expected.replayed(true);
    }
    let again = run.check(&format!("{name}, then asked again"), &ask, &expected);
    if let Some(answer) = again {
        run.points += count(&answer, "points_earned");
        let same = Expected::answer(201).replayed(true).same_as(&answer);
        run.check(&format!("{name}, and once more"), &ask, &same);
        run.check_balance(&format!("{name}, done once"));
    }
}

/// Two requests that are the same, at the same time.
fn at_once(run: &mut Run) -> Option<()> {
    let ask = run.sale("20.00");
    let till = &run.till;
    let came: Vec<Came> = thread::scope(|scope| {
        let both = [scope.spawn(|| till.send(&ask)), scope.spawn(|| till.send(&ask))];
        both.map(|one| one.join().unwrap_or_else(|_| Err("the till panicked".to_owned()))).into()
    });
    let mut bodies: Vec<(bool, Value)> = Vec::new();
    for came in came {
        let replayed = came.as_ref().is_ok_and(|reply| reply.replayed);
        let body = run.judge("two at once: each is answered", &ask, &Expected::answer(201), came)?;
        bodies.push((replayed, body));
    }
    run.points += count(&bodies[0].1, "points_earned");
    let name = "two at once: one is carried out, the other is told the same";
    if bodies[0].1 == bodies[1].1 && bodies[0].0 != bodies[1].0 {
        run.report.pass(name, "equal bodies, one of them replayed");
    } else {
        let came =
            format!("{} replayed: {}; {} replayed: {}", bodies[0].1, bodies[0].0, bodies[1].1, bodies[1].0);
        let expected = "equal bodies, one of them with idempotency-replayed: true";
        let story =
            Story { fault: "they were carried out apart", sent: &ask, expected: &expected, came: &came };
        run.report.fail(name, &story);
    }
    run.check_balance("two at once: the balance moved once").map(|_| ())
}
