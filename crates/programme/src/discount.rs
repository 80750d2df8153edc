use purser_types::Fen;
use serde::Deserialize;

use crate::{
    apportion::{apportion, share, total},
    basket::{AMOUNT_FEN_MAX, Line},
    goods::{Catalogue, Goods},
    label::{Label, RuleId},
    ratio::{Ratio, Rounding},
    when::When,
};

/// A rule that makes goods cheaper. Rules are applied in their order, each to what the ones before have
/// left of the price.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Discount {
    /// What it is called in rules and entries.
    pub id: RuleId,
    /// What members call it.
    pub name: Label,
    /// When.
    #[serde(default)]
    pub when: When,
    /// Which goods.
    #[serde(default)]
    pub goods: Goods,
    /// What it gives.
    pub gives: Gives,
    /// Of the rules of one group only the one that takes off most is applied.
    pub group: Option<RuleId>,
    /// It takes no more than this off a basket.
    pub at_most: Option<Fen>,
    /// Its goods have to come to so much before it takes anything off.
    pub full: Option<Fen>,
}

/// What a discount gives.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(tag = "by", rename_all = "snake_case", deny_unknown_fields)]
pub enum Gives {
    /// This share of the price is paid: 0.88 is 88 折.
    Ratio {
        /// The share.
        ratio: Ratio,
    },
    /// So much is paid for each piece, if that is less.
    Price {
        /// The price.
        price: Fen,
    },
    /// So much off if the goods together come to so much (满减).
    SpendAndSave {
        /// What they have to come to.
        full: Fen,
        /// What comes off.
        off: Fen,
        /// Whether it comes off as often as it is full.
        #[serde(default)]
        repeats: bool,
    },
    /// So much off its goods together, or all that they cost if that is less.
    Off {
        /// What comes off.
        off: Fen,
    },
    /// So many pieces cost nothing, the dearest first.
    Free {
        /// How many.
        pieces: u32,
    },
    /// Of so many pieces the cheapest cost nothing (买赠).
    BuyAndGet {
        /// How many are paid for.
        buy: u32,
        /// How many come with them.
        get: u32,
    },
}

/// Why a discount that is in force takes nothing off.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NothingOff {
    /// None of its goods are in the basket.
    NoGoods,
    /// They are too cheap already: the scheme's floor.
    BelowFloor,
    /// So much more would have to be bought.
    NotFull(Fen),
    /// So many more pieces would have to be bought.
    TooFew(u32),
    /// The price is as low without it.
    AsCheap,
}

impl NothingOff {
    /// A stable name.
    pub fn name(&self) -> &'static str {
        match self {
            NothingOff::NoGoods => "other_goods",
            NothingOff::BelowFloor => "below_floor",
            NothingOff::NotFull(_) => "not_full",
            NothingOff::TooFew(_) => "too_few",
            NothingOff::AsCheap => "as_cheap",
        }
    }
}

impl Discount {
    /// What it takes off each line, given what is left of the lines' prices; `open` are those that may
    /// still get something.
    pub(crate) fn off(
        &self,
        lines: &[Line],
        prices: &[Fen],
        open: &[bool],
        rounding: Rounding,
    ) -> Result<Vec<Fen>, NothingOff> {
        let covered: Vec<bool> = lines.iter().map(|line| self.goods.cover(line)).collect();
        if !covered.contains(&true) {
            return Err(NothingOff::NoGoods);
        }
        let counts = |place: usize| covered[place] && open[place];
        let left: Vec<Fen> =
            (0..lines.len()).map(|place| if counts(place) { prices[place] } else { Fen(0) }).collect();
        if !(0..lines.len()).any(counts) {
            return Err(NothingOff::BelowFloor);
        }
        let sum = total(left.iter().copied());
        if let Some(full) = self.full.filter(|full| sum < *full) {
            return Err(NothingOff::NotFull(Fen(full.0 - sum.0)));
        }
        let off = self.gives.off(lines, &left, rounding)?;
        let off = match self.at_most.filter(|most| total(off.iter().copied()) > *most) {
            Some(most) => apportion(most, &off),
            None => off,
        };
        if total(off.iter().copied()).0 == 0 { Err(NothingOff::AsCheap) } else { Ok(off) }
    }

    /// What is wrong with it.
    pub(crate) fn faults(&self, catalogue: &Catalogue, tiers: &[RuleId]) -> Vec<String> {
        let mut faults = [self.goods.faults(catalogue), self.when.faults(tiers)].concat();
        let fault = match &self.gives {
            Gives::Ratio { ratio } if *ratio >= Ratio::ONE => {
                Some("`ratio` is below 1, or nothing comes off")
            }
            Gives::Price { price } if price.0 < 0 => Some("`price` is not below zero"),
            Gives::SpendAndSave { full, off, .. } if off.0 < 1 || off > full => {
                Some("`off` is above zero and at most `full`")
            }
            Gives::Off { off } if off.0 < 1 => Some("`off` is above zero"),
            Gives::Free { pieces } if !(1..=1_000).contains(pieces) => Some("`pieces` is from 1 to 1000"),
            Gives::BuyAndGet { buy, get } if *buy < 1 || *get < 1 || *buy > 1_000 || *get > 1_000 => {
                Some("`buy` and `get` are from 1 to 1000")
            }
            _ => None,
        };
        faults.extend(fault.map(str::to_owned));
        if self.at_most.is_some_and(|most| most.0 < 1) {
            faults.push("`at_most` is above zero, or nothing comes off".to_owned());
        }
        if self.full.is_some_and(|full| full.0 < 1) {
            faults.push("`full` is above zero".to_owned());
        }
        let (Gives::Price { price: amount }
        | Gives::SpendAndSave { full: amount, .. }
        | Gives::Off { off: amount }) = self.gives
        else {
            return faults;
        };
        if [Some(amount), self.full, self.at_most]
            .into_iter()
            .flatten()
            .any(|amount| amount.0 > AMOUNT_FEN_MAX)
        {
            faults.push(format!("no basket comes to more than ¥{}", Fen(AMOUNT_FEN_MAX)));
        }
        faults
    }
}

impl Gives {
    /// `left` is zero where a line does not count.
    fn off(&self, lines: &[Line], left: &[Fen], rounding: Rounding) -> Result<Vec<Fen>, NothingOff> {
        match *self {
            Gives::Ratio { ratio } => {
                Ok(left.iter().map(|price| Fen(price.0 - ratio.of(*price, rounding).0)).collect())
            }
            Gives::Price { price } => {
                let all = |line: &Line| price.0.saturating_mul(line.quantity.into());
                let each = lines.iter().zip(left);
                Ok(each.map(|(line, left)| Fen((left.0 - all(line)).max(0))).collect())
            }
            Gives::SpendAndSave { full, off, repeats } => {
                let sum = total(left.iter().copied());
                let times = if repeats { sum.0 / full.0 } else { i64::from(sum >= full) };
                if times == 0 {
                    return Err(NothingOff::NotFull(Fen(full.0 - sum.0)));
                }
                Ok(apportion(Fen(off.0.saturating_mul(times)), left))
            }
            Gives::Off { off } => Ok(apportion(off.min(total(left.iter().copied())), left)),
            Gives::Free { pieces } => {
                let dearest = by_price(lines, left).into_iter().rev();
                Ok(price_of(lines, left, dearest, pieces.into()))
            }
            Gives::BuyAndGet { buy, get } => {
                let order = by_price(lines, left);
                let pieces: u64 = order.iter().map(|place| u64::from(lines[*place].quantity)).sum();
                let each = u64::from(buy) + u64::from(get);
                match pieces / each * u64::from(get) {
                    0 => Err(NothingOff::TooFew(u32::try_from(each - pieces).unwrap_or(u32::MAX))),
                    free => Ok(price_of(lines, left, order.into_iter(), free)),
                }
            }
        }
    }
}

/// The lines that count, by the price of one piece, compared without dividing: the cheapest first.
fn by_price(lines: &[Line], left: &[Fen]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..lines.len()).filter(|place| left[*place].0 > 0).collect();
    order.sort_by(|one, other| {
        let cross = |a: usize, b: usize| i128::from(left[a].0) * i128::from(lines[b].quantity);
        cross(*one, *other).cmp(&cross(*other, *one))
    });
    order
}

/// What so many pieces cost of the lines in this order, the rest of a fen cut.
fn price_of(lines: &[Line], left: &[Fen], order: impl Iterator<Item = usize>, mut pieces: u64) -> Vec<Fen> {
    let mut prices = vec![Fen(0); lines.len()];
    for place in order {
        let taken = pieces.min(lines[place].quantity.into());
        pieces -= taken;
        let taken = i64::try_from(taken).unwrap_or(0);
        prices[place] = Fen(share(left[place].0, taken, lines[place].quantity.into()));
    }
    prices
}
