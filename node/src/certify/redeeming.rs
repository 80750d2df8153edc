//! Points are redeemed at the till, and never more than there are.

use serde_json::json;

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
    let refused = ["insufficient_balance", "insufficient_rights_here", "redemption_exceeds_goods"];
    let ask = run.sale("90000000.00").saying("redeem_points", too_many);
    run.check("redeem: more points than there are are refused", &ask, &Expected::problem(409, &refused[..2]));
    run.check_balance("redeem: a refusal moves nothing").map(|_| ())
}

/// A number of points that the programme redeems and the member has, and the quote that says so.
fn redeemable(run: &mut Run) -> Option<(i64, serde_json::Value)> {
    STEPS.into_iter().filter(|points| *points <= run.points).find_map(|points| {
        let basket = json!({"member": run.member, "gross": GROSS, "redeem_points": points});
        let quote = run.till.send(&Ask { key: None, ..Ask::post("/quote", "", basket) }).ok()?;
        (quote.status == 200).then_some((points, quote.body))
    })
}
