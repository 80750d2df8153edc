//! A sale is quoted and closed, and comes about once however often it is asked for.

use serde_json::{Value, json};

use super::{expected::Expected, figures::count, run::Run, till::Ask};

/// The sale that the script goes on with: the request, and the answer.
pub(super) struct Sale {
    pub(super) ask: Ask,
    pub(super) answer: Value,
}

const GROSS: &str = "1000.00";

pub(super) fn play(run: &mut Run) -> Option<Sale> {
    let basket = json!({"member": run.member, "gross": GROSS});
    let quote = Ask { key: None, ..Ask::post("/quote", "", basket) };
    let quote = run.check("sale: it is quoted", &quote, &Expected::answer(200).with("/gross", GROSS))?;
    let ask = run.sale(GROSS);
    let mut expected = Expected::answer(201).replayed(false).with("/member", run.member.as_str());
    for figure in ["total", "paid", "points_earned"] {
        expected = expected.with(&format!("/{figure}"), quote[figure].clone());
    }
    let expected = expected.with("/points_after", run.points + count(&quote, "points_earned"));
    let answer = run.check("sale: it is closed as it was quoted", &ask, &expected)?;
    run.points += count(&answer, "points_earned");
    run.check_balance("sale: its points are there");
    Some(Sale { ask, answer })
}
