//! What comes back when goods come back: in proportion, to what paid, and exactly all of it in the end,
//! however many returns it takes.

use purser_types::{Coded, Fen};

use crate::{
    apportion::{part_of_each, share, total},
    label::RuleId,
    quote::Quote,
    stored_value::Parts,
};

/// What a sale was paid with and has brought, as far as it can come back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sold {
    /// Its lines.
    pub lines: Vec<SoldLine>,
    /// Points that paid, and for how much.
    pub points: (i64, Fen),
    /// Stored value that paid.
    pub stored_value: Parts,
    /// Money that paid.
    pub money: Fen,
    /// Points that were earned.
    pub earned: i64,
    /// Passes that were used, and coupons.
    pub used: Vec<RuleId>,
}

/// One line of a sale.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SoldLine {
    /// How many pieces.
    pub pieces: u32,
    /// What was paid for all of them.
    pub price: Fen,
    /// What of it has earned points, before it was looked at what paid.
    pub earns: Fen,
}

/// What comes back for some goods.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Returned {
    /// What the goods had cost, by whatever was paid.
    pub price: Fen,
    /// Points that are given back.
    pub points: i64,
    /// What these points had paid.
    pub points_worth: Fen,
    /// Stored value that is given back.
    pub stored_value: Parts,
    /// Money that is given back.
    pub money: Fen,
    /// Points that were earned and are taken back.
    pub earned: i64,
    /// Uses of passes, and coupons, that are given back: all of them with the last of the goods, for nobody can
    /// use half of one.
    pub used: Vec<RuleId>,
}

/// Why goods cannot be taken back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotReturned {
    /// The sale has no such line.
    #[error("the sale has no line {0}")]
    NoLine(usize),
    /// More than were bought.
    #[error("line {line}: {bought} were bought and {returned} of them would have come back")]
    TooMany {
        /// Which line, from 1.
        line: usize,
        /// Pieces bought.
        bought: u32,
        /// Pieces that would have come back in all.
        returned: u32,
    },
}

impl Coded for NotReturned {
    fn code(&self) -> &'static str {
        match self {
            NotReturned::NoLine(_) => "return_line_unknown",
            NotReturned::TooMany { .. } => "return_too_large",
        }
    }
}

impl Sold {
    /// A quote that was paid as it says; `quantities` are the basket's.
    pub fn of(quote: &Quote, quantities: &[u32]) -> Self {
        let lines = quantities.iter().zip(&quote.lines);
        let lines =
            lines.map(|(pieces, line)| SoldLine { pieces: *pieces, price: line.price, earns: line.earns });
        Self {
            lines: lines.collect(),
            points: quote.points,
            stored_value: quote.stored_value,
            money: quote.money,
            earned: quote.earned.points,
            used: quote.used.clone(),
        }
    }

    /// What comes back for `pieces` of each line, after `before` of each came back already.
    ///
    /// # Errors
    /// If more would have come back than were bought.
    pub fn returned(&self, before: &[u32], pieces: &[u32]) -> Result<Returned, NotReturned> {
        let count = |of: &[u32], line: usize| of.get(line).copied().unwrap_or(0);
        let lines = before.len().max(pieces.len());
        let after: Vec<u32> =
            (0..lines).map(|line| count(before, line).saturating_add(count(pieces, line))).collect();
        Ok(self.up_to(&after)?.less(&self.up_to(before)?))
    }

    /// What has come back once so many pieces of each line have.
    fn up_to(&self, pieces: &[u32]) -> Result<Returned, NotReturned> {
        let (mut price, mut earns) = (Fen(0), Fen(0));
        for (line, returned) in pieces.iter().copied().enumerate() {
            let sold = self.lines.get(line).ok_or(NotReturned::NoLine(line + 1))?;
            let bought = sold.pieces;
            if returned > bought {
                return Err(NotReturned::TooMany { line: line + 1, bought, returned });
            }
            price.0 += share(sold.price.0, returned.into(), bought.into());
            earns.0 += share(sold.earns.0, returned.into(), bought.into());
        }
        let Parts { principal, bonus } = self.stored_value;
        let paid = [self.points.1, principal, bonus, self.money];
        let back = part_of_each(price, &paid);
        let (points_worth, is_all) = (back[0], self.is_all(pieces));
        let all_earns = total(self.lines.iter().map(|line| line.earns));
        Ok(Returned {
            price,
            points: share(self.points.0, points_worth.0, self.points.1.0),
            points_worth,
            stored_value: Parts { principal: back[1], bonus: back[2] },
            money: back[3],
            earned: if is_all { self.earned } else { share(self.earned, earns.0, all_earns.0) },
            used: if is_all { self.used.clone() } else { Vec::new() },
        })
    }

    /// Whether so many pieces of each line are all of them.
    fn is_all(&self, pieces: &[u32]) -> bool {
        let returned = pieces.iter().copied().chain(std::iter::repeat(0));
        self.lines.iter().zip(returned).all(|(line, returned)| returned == line.pieces)
    }
}

impl Returned {
    fn less(self, before: &Returned) -> Returned {
        Returned {
            price: Fen(self.price.0 - before.price.0),
            points: self.points - before.points,
            points_worth: Fen(self.points_worth.0 - before.points_worth.0),
            stored_value: Parts {
                principal: Fen(self.stored_value.principal.0 - before.stored_value.principal.0),
                bonus: Fen(self.stored_value.bonus.0 - before.stored_value.bonus.0),
            },
            money: Fen(self.money.0 - before.money.0),
            earned: self.earned - before.earned,
            used: if before.used.is_empty() { self.used } else { Vec::new() },
        }
    }
}
