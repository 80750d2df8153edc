//! What members do beside buying for money and points: stored value, passes, coupons.

use purser_journal::Gift;
use purser_programme::{Line, RuleId};
use purser_replica::{
    Basket, BasketLine, Giving, Outcome, PassSale, Redemption, Tenders, TopUp, TopUpReturn, Undertaking,
};
use purser_types::{Fen, MemberId};

use crate::{Marks, World, workload::Workload};

impl Workload {
    /// Something that is done by the programme for a member, under this receipt number.
    pub(crate) fn dealing(&mut self, world: &mut World, member: MemberId, check: String) -> Undertaking {
        let till = || "1".to_owned();
        let yuan =
            |world: &mut World, most: u64| Fen(i64::try_from(1_000 + world.draw(most)).unwrap_or(1_000));
        match world.draw(12) {
            0..3 => {
                let (amount, approved_by) = (yuan(world, 20_000), None);
                let seller = Some(format!("S{}", world.draw(3)));
                Undertaking::TopUp(TopUp {
                    member,
                    till: till(),
                    check,
                    amount,
                    issue: None,
                    seller,
                    approved_by,
                })
            }
            3 if !self.top_ups.is_empty() => {
                let top_up = self.top_ups[world.pick(self.top_ups.len())];
                let amount = yuan(world, 5_000);
                Undertaking::TakeTopUpBack(TopUpReturn { top_up, till: till(), check, amount })
            }
            4 => {
                let pass = id("wash-5");
                Undertaking::SellPass(PassSale { member, till: till(), check, pass, seller: None })
            }
            5 => {
                let gift = Gift::Coupon { coupon: "five-off".to_owned(), pieces: 2 };
                let (reason, by) = ("a simulation".to_owned(), "nobody".to_owned());
                Undertaking::Give(Giving { member, gift, reason, by })
            }
            _ => Undertaking::CheckOut(paid_otherwise(world, member, check)),
        }
    }
}

/// A wash and something else, paid by whatever there may be.
fn paid_otherwise(world: &mut World, member: MemberId, check: String) -> Basket {
    let other = Fen(i64::try_from(100 + world.draw(20_000)).unwrap_or(100));
    let lines = vec![line("wash", Fen(3_500)), line("", other)];
    let some = |wanted: bool, id: RuleId| if wanted { vec![id] } else { Vec::new() };
    let stored_value = (world.draw(3) > 0).then_some(Fen(other.0 / 2));
    let passes = some(world.draw(2) == 0, id("wash-5"));
    let coupons = some(world.draw(3) == 0, id("five-off"));
    Basket {
        member,
        till: "1".into(),
        check,
        gross: Fen(3_500 + other.0),
        redemption: Redemption::None,
        lines,
        tenders: Tenders { stored_value, passes, coupons, voucher: None },
        claimed_of: None,
    }
}

fn line(category: &str, unit_price: Fen) -> BasketLine {
    let category = category.to_owned();
    let line = Line { article: "a".into(), category, quantity: 1, unit_price, ..Line::default() };
    BasketLine { name: "洗车".into(), line }
}

fn id(text: &str) -> RuleId {
    match text.parse() {
        Ok(id) => id,
        Err(error) => unreachable!("{error}"),
    }
}

/// What an answer shows to have been reached.
pub(crate) fn mark(marks: &mut Marks, outcome: &Outcome) {
    match outcome {
        Outcome::TopUp(..) => marks.note("topped_up"),
        Outcome::TopUpBack(_) => marks.note("top_up_returned"),
        Outcome::PassSold(..) => marks.note("pass_sold"),
        Outcome::Sale(_, fact) if fact.basket.is_some() => {
            let is_stored = fact.principal.is_some() || fact.bonus.is_some();
            marks.note(if is_stored { "stored_value_spent" } else { "sold_by_lines" });
        }
        _ => {}
    }
}
