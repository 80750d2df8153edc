//! Goods come back in parts, each part once, and never more than was sold.

use serde_json::Value;

use super::{
    expected::Expected,
    figures::{count, fen, yuan},
    run::Run,
    selling::Sale,
    till::Ask,
};

const PART: &str = "400.00";
const PART_FEN: i64 = 40_000;

pub(super) fn play(run: &mut Run, Sale { answer, .. }: &Sale) -> Option<()> {
    let sale = &answer["sale"];
    let detail = Ask::get(format!("/checkouts/{}", sale.as_str().unwrap_or_default()));
    let whole = Expected::answer(200).with("/returnable/in_all", answer["gross"].clone());
    let before = run.check("return: all of the sale can come back", &detail, &whole)?;
    let gross = fen(&before["returnable"]["in_all"])?;

    let ask = run.take_back(sale, PART);
    let expected = Expected::answer(201).replayed(false).with("/gross", PART);
    let back = run.check("return: a part comes back", &ask, &expected)?;
    run.points += moved(&back);
    let same = Expected::answer(201).replayed(true).same_as(&back);
    run.check("return: the same again brings no more back", &ask, &same);
    run.check_balance("return: its points went once");

    let left = Expected::answer(200).with("/returnable/in_all", yuan(gross - PART_FEN));
    run.check("return: what is left of it is told", &detail, &left);
    let over = run.take_back(sale, &yuan(gross - PART_FEN + 1));
    let too_large = Expected::problem(409, &["return_too_large"]);
    run.check("return: a fen more than is left is refused", &over, &too_large);
    run.check_balance("return: a refusal moves nothing");

    let rest = run.take_back(sale, &yuan(gross - PART_FEN));
    let back = run.check("return: the rest comes back", &rest, &Expected::answer(201).replayed(false))?;
    run.points += moved(&back);
    let nothing = run.take_back(sale, "0.01");
    run.check("return: of what came back nothing comes again", &nothing, &too_large);
    run.check_balance("return: all its points are gone").map(|_| ())
}

/// What a return does to the member's points.
fn moved(back: &Value) -> i64 {
    count(back, "points_restored") - count(back, "points_clawed_back")
}
