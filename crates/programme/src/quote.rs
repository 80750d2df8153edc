use purser_types::{BusinessDate, Coded, Fen};

use crate::{
    apportion::{share, total},
    basket::{AMOUNT_FEN_MAX, Basket, Line, Occasion},
    coupon::{Coupon, Pass},
    earning::{Amount, Tender, times},
    label::RuleId,
    pricing::{Outcome, Pricing, Step},
    programme::Programme,
    ratio::Ratio,
    redemption::NotRedeemed,
    stored_value::{Parts, Today, ValueRefused},
};

/// How a basket is to be paid, beside money.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Payment {
    /// Uses of these passes, one for each time that one stands here.
    pub passes: Vec<RuleId>,
    /// These coupons, one for each time that one stands here.
    pub coupons: Vec<RuleId>,
    /// So many points.
    pub points: i64,
    /// Stored value, if it pays: as much of the rest as this says.
    pub stored_value: Option<StoredValuePayment>,
    /// What of the money is paid by vouchers of others: so much, or all of it if that is less.
    pub voucher: Fen,
    /// Whether it was paid before, without a card, and is claimed now: nothing comes off any more.
    pub is_claim: bool,
}

/// Stored value that pays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StoredValuePayment {
    /// So much, or all that is left to pay if that is less.
    pub most: Fen,
    /// What the member holds.
    pub held: Parts,
    /// What the member has done with it today.
    pub today: Today,
}

/// What a basket costs, and everything that explains it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quote {
    /// The version of the programme.
    pub version: u32,
    /// Each line of the basket.
    pub lines: Vec<QuotedLine>,
    /// Before any discount.
    pub gross: Fen,
    /// Every discount of the programme, and what came of it.
    pub steps: Vec<Step>,
    /// What was cut to come to whole coins.
    pub cut: Fen,
    /// What is to be paid, by whatever.
    pub total: Fen,
    /// Passes that were used, and coupons.
    pub used: Vec<RuleId>,
    /// Points that pay, and for how much.
    pub points: (i64, Fen),
    /// Stored value that pays.
    pub stored_value: Parts,
    /// What is left to pay in money.
    pub money: Fen,
    /// What of that vouchers of others pay.
    pub voucher: Fen,
    /// What is earned.
    pub earned: Earned,
}

/// One line of a quote. The lines' prices add up to the total.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QuotedLine {
    /// Before any discount.
    pub gross: Fen,
    /// After all of them.
    pub price: Fen,
    /// What of it earns, before it is looked at what pays.
    pub earns: Fen,
}

/// What a basket earns, and why so much.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Earned {
    /// Points.
    pub points: i64,
    /// Of this amount.
    pub of: Fen,
    /// So many times as many as on other occasions.
    pub times: Ratio,
    /// Their last day, if one is set.
    pub until: Option<BusinessDate>,
}

/// Why a basket has no price.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum QuoteRefused {
    /// Too many lines.
    #[error("a basket has at most {} lines", Basket::LINES_MAX)]
    TooLong,
    /// A line that cannot be.
    #[error("line {0}: a quantity from 1, and a price from 0 to ¥10000000000 for all of it")]
    Line(usize),
    /// Goods of which the programme knows nothing.
    #[error("line {line}: the programme has no category or flag `{name}`")]
    UnknownGoods {
        /// Which line, from 1.
        line: usize,
        /// What it names.
        name: String,
    },
    /// Points, stored value, passes or coupons without a member.
    #[error("only members pay with points, stored value, passes or coupons: show a card")]
    NoMember,
    /// A pass or coupon that the programme does not have.
    #[error("the programme has no pass or coupon `{0}`")]
    UnknownCoupon(RuleId),
    /// More of them than a basket takes.
    #[error("a basket takes at most {USED_MAX} passes and coupons")]
    TooManyCoupons,
    /// A pass or coupon of which nothing comes here and now.
    #[error("`{rule}` takes nothing off this basket: {}", outcome.reason())]
    CouponUseless {
        /// Which one.
        rule: RuleId,
        /// What came of it.
        outcome: Outcome,
    },
    /// The programme has no stored value.
    #[error("the programme has no stored value")]
    NoStoredValue,
    /// Points that cannot pay.
    #[error(transparent)]
    Points(#[from] NotRedeemed),
    /// Stored value that cannot pay.
    #[error(transparent)]
    StoredValue(#[from] ValueRefused),
}

impl Coded for QuoteRefused {
    fn code(&self) -> &'static str {
        match self {
            QuoteRefused::TooLong => "basket_too_long",
            QuoteRefused::Line(_) => "basket_line_invalid",
            QuoteRefused::UnknownGoods { .. } => "goods_unknown",
            QuoteRefused::NoMember => "member_missing",
            QuoteRefused::UnknownCoupon(_) => "coupon_unknown",
            QuoteRefused::TooManyCoupons => "coupons_too_many",
            QuoteRefused::CouponUseless { .. } => "coupon_not_applicable",
            QuoteRefused::NoStoredValue => "stored_value_missing",
            QuoteRefused::Points(fault) => fault.code(),
            QuoteRefused::StoredValue(fault) => fault.code(),
        }
    }
}

impl Programme {
    /// What a basket costs on an occasion, paid in a way.
    ///
    /// # Errors
    /// Why it has no price, or cannot be paid so.
    pub fn quote(
        &self,
        basket: &Basket,
        occasion: &Occasion,
        payment: &Payment,
    ) -> Result<Quote, QuoteRefused> {
        self.check_basket(basket)?;
        let used = [payment.passes.as_slice(), payment.coupons.as_slice()].concat();
        let pays = payment.points != 0 || payment.stored_value.is_some() || !used.is_empty();
        if pays && occasion.buyer.is_none() {
            return Err(QuoteRefused::NoMember);
        }
        if used.len() > USED_MAX {
            return Err(QuoteRefused::TooManyCoupons);
        }
        let pricing = self.priced(basket, occasion, payment)?;
        let (prices, steps, cut) = (pricing.prices, pricing.steps, pricing.cut);
        let to_pay = total(prices.iter().copied());
        let off = self.redemption.off(payment.points, to_pay, occasion.date)?;
        let rest = Fen(to_pay.0 - off.0);
        let parts = self.by_stored_value(payment.stored_value, rest)?;
        let money = Fen(rest.0 - parts.sum().0);
        let voucher = payment.voucher.clamp(Fen(0), money);
        let lines: Vec<QuotedLine> = basket
            .lines
            .iter()
            .zip(&prices)
            .enumerate()
            .map(|(place, (line, price))| QuotedLine {
                gross: line.gross(),
                price: *price,
                earns: self.earns(line, *price, || taken(&steps, &used, place)),
            })
            .collect();
        let earned = self.earned(&lines, occasion, (off, parts, money, voucher));
        Ok(Quote {
            version: self.version,
            gross: total(lines.iter().map(|line| line.gross)),
            lines,
            steps,
            cut,
            total: to_pay,
            used,
            points: (payment.points, off),
            stored_value: parts,
            money,
            voucher,
            earned,
        })
    }

    /// Every price after passes, discounts, coupons and the cut to whole coins.
    fn priced<'p>(
        &'p self,
        basket: &'p Basket,
        occasion: &Occasion,
        payment: &Payment,
    ) -> Result<Pricing<'p>, QuoteRefused> {
        let mut pricing = Pricing::of(self, basket);
        for id in &payment.passes {
            let pass = self.passes.iter().find(|pass| pass.id == *id);
            let rule = pass.map(Pass::discount).ok_or_else(|| QuoteRefused::UnknownCoupon(id.clone()))?;
            pricing.use_pass(&rule, occasion).map_err(|outcome| useless(id, outcome))?;
        }
        let by_stored_value = payment.stored_value.is_some_and(|payment| payment.most.0 > 0);
        let is_alone = by_stored_value && self.stored_value.as_ref().is_some_and(|it| it.no_other_discount);
        let instead = match (payment.is_claim, is_alone) {
            (true, _) => Some(Outcome::PaidBefore),
            (false, true) => Some(Outcome::StoredValue),
            (false, false) => None,
        };
        pricing.discount(occasion, instead.as_ref());
        for id in &payment.coupons {
            let coupon = self.coupons.iter().find(|coupon| coupon.id == *id);
            if is_alone {
                return Err(useless(id, Outcome::StoredValue));
            }
            let rule = coupon.map(Coupon::discount).ok_or_else(|| QuoteRefused::UnknownCoupon(id.clone()))?;
            pricing.use_coupon(&rule, occasion).map_err(|outcome| useless(id, outcome))?;
        }
        if !payment.is_claim {
            pricing.cut_total();
        }
        Ok(pricing)
    }

    fn check_basket(&self, basket: &Basket) -> Result<(), QuoteRefused> {
        if basket.lines.len() > Basket::LINES_MAX {
            return Err(QuoteRefused::TooLong);
        }
        for (line, number) in basket.lines.iter().zip(1..) {
            let gross = i128::from(line.unit_price.0) * i128::from(line.quantity);
            if line.quantity == 0 || !(0..=i128::from(AMOUNT_FEN_MAX)).contains(&gross) {
                return Err(QuoteRefused::Line(number));
            }
            if let Some(name) = self.unknown_name(line) {
                return Err(QuoteRefused::UnknownGoods { line: number, name: name.to_owned() });
            }
        }
        Ok(())
    }

    fn unknown_name<'l>(&self, line: &'l Line) -> Option<&'l str> {
        let category =
            Some(&line.category).filter(|it| !it.is_empty() && !self.goods.categories.contains(*it));
        let flag = || line.flags.iter().find(|flag| !self.goods.flags.contains(*flag));
        category.or_else(flag).map(String::as_str)
    }

    fn by_stored_value(&self, payment: Option<StoredValuePayment>, rest: Fen) -> Result<Parts, QuoteRefused> {
        let Some(StoredValuePayment { most, held, today }) = payment else { return Ok(Parts::default()) };
        let scheme = self.stored_value.as_ref().ok_or(QuoteRefused::NoStoredValue)?;
        Ok(scheme.spend(most.min(rest), held, today)?)
    }

    fn earned(
        &self,
        lines: &[QuotedLine],
        occasion: &Occasion,
        (points, parts, money, voucher): (Fen, Parts, Fen, Fen),
    ) -> Earned {
        let times = times(&self.multipliers, occasion);
        let until = self.expiry.last_day(occasion.date);
        let Some((earning, buyer)) = self.earning.as_ref().zip(occasion.buyer.as_ref()) else {
            return Earned { points: 0, of: Fen(0), times, until };
        };
        let tenders = [
            (Tender::Points, points),
            (Tender::Principal, parts.principal),
            (Tender::Bonus, parts.bonus),
            (Tender::Voucher, voucher),
            (Tender::Money, Fen(money.0 - voucher.0)),
        ];
        let counts = |tender: &(Tender, Fen)| !earning.not_paid_by.contains(&tender.0);
        let paid = total(tenders.iter().map(|(_, amount)| *amount));
        let counted = total(tenders.iter().filter(|tender| counts(tender)).map(|(_, amount)| *amount));
        let of = part(total(lines.iter().map(|line| line.earns)), counted, paid);
        let points = if of.0 > 0 { earning.points(of, buyer.points, times) } else { 0 };
        Earned { points, of, times, until }
    }

    /// What of a line earns: what it costs, or would without any discount, less what passes and coupons have
    /// taken off.
    fn earns(&self, line: &Line, price: Fen, taken: impl FnOnce() -> Fen) -> Fen {
        match &self.earning {
            Some(earning) if earning.goods.cover(line) => match earning.of {
                Amount::Net => price,
                Amount::Gross => Fen(line.gross().0 - taken().0),
            },
            _ => Fen(0),
        }
    }
}

/// What passes and coupons have taken off a line.
fn taken(steps: &[Step], used: &[RuleId], line: usize) -> Fen {
    total(steps.iter().filter(|step| used.contains(&step.rule)).map(|step| step.outcome.off(line)))
}

/// A basket takes at most so many passes and coupons.
const USED_MAX: usize = 50;

fn useless(rule: &RuleId, outcome: Outcome) -> QuoteRefused {
    QuoteRefused::CouponUseless { rule: rule.clone(), outcome }
}

/// `amount` as far as it was paid by what counts.
fn part(amount: Fen, counted: Fen, paid: Fen) -> Fen {
    if counted == paid {
        return amount;
    }
    Fen(share(amount.0, counted.0, paid.0))
}
