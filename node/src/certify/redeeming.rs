//! Points are redeemed at the till, and never more than there are.

use serde_json::{Value, json};

use super::{expected::Expected, figures::count, run::Run, till::Ask};

/// What programmes usually redeem in steps of.
const STEPS: [i64; 7] = [100, 10, 1, 50, 200, 500, 1000];
const GROSS: &str = "500.00";

pub(super) fn play(run: &mut Run) -> Option<()> {
    let Some((points, quote)) = redeemable(run) else {
        run.report
            .warn("the programme redeems no points at the till now, or the member has too few: not tried");
        return None;
    };
    let ask = run.sale(GROSS).saying("redeem_points", points);
    let mut expected = Expected::answer(201).replayed(false).with("/points_redeemed", points);
    for figure in ["discount", "paid", "points_earned"] {
        expected = expected.with(&format!("/{figure}"), quote[figure].clone());
    }
    let after = run.points - points + count(&quote, "points_earned");
    let sold = run.check("redeem: points pay as quoted", &ask, &expected.with("/points_after", after))?;
    run.points = after;
    let same = Expected::answer(201).replayed(true).same_as(&sold);
    run.check("redeem: the same again redeems no more", &ask, &same);
    run.check_balance("redeem: the points are gone once");

    // So many steps that it is more than the member has, and goods enough to redeem them on.
    let too_many = points * ((run.points / points) + 2);
    let ask = run.sale("90000000.00").saying("redeem_points", too_many);
    let short = Expected::problem(409, &["insufficient_balance", "insufficient_rights_here"]);
    run.check("redeem: more points than there are are refused", &ask, &short);
    run.check_balance("redeem: a refusal moves nothing");
    by_hold(run, points, &quote)
}

/// The same points, set aside before the sale is closed.
fn by_hold(run: &mut Run, points: i64, quote: &Value) -> Option<()> {
    if run.points < points {
        run.report.warn("the member has too few points left to set any aside for a sale: not tried");
        return None;
    }
    let hold = run.hold(points);
    let placed = run.check("redeem: points are set aside for a sale", &hold, &Expected::answer(201))?;
    (run.points, run.held) = (run.points - points, run.held + points);
    let ask = run.sale(GROSS).saying("hold", placed["hold"].clone());
    let expected = Expected::answer(201).replayed(false).with("/points_redeemed", points);
    let expected = expected.with("/discount", quote["discount"].clone());
    let sold = run.check("redeem: they pay for it", &ask, &expected)?;
    (run.points, run.held) = (run.points + count(&sold, "points_earned"), run.held - points);
    let same = Expected::answer(201).replayed(true).same_as(&sold);
    run.check("redeem: the same again spends them no more", &ask, &same);
    run.check_balance("redeem: they are spent once").map(|_| ())
}

/// A number of points that the programme redeems and the member has, and the quote that says so.
fn redeemable(run: &mut Run) -> Option<(i64, Value)> {
    STEPS.into_iter().filter(|points| *points <= run.points).find_map(|points| {
        let basket = json!({"member": run.member, "gross": GROSS, "redeem_points": points});
        let quote = run.till.send(&Ask { key: None, ..Ask::post("/quote", "", basket) }).ok()?;
        (quote.status == 200).then_some((points, quote.body))
    })
}
