//! What comes back when goods come back: in proportion, to what paid, and exactly all of it in the end,
//! however many returns it takes.
//!
//! A return names goods by their [`Worth`]: that of so many pieces of some lines ([`worth_of`]) where the
//! lines are known, or a part of the sale by its gross value ([`Sold::part`]) where they are not. All figures
//! are differences of what has come back in all, so that several returns give what one would.

use purser_types::{Coded, Fen};

use crate::{
    apportion::{part_of_each, share, total},
    quote::{Quote, QuotedLine},
    stored_value::Parts,
};

/// What a sale was paid with and has brought, as far as it can come back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sold {
    /// What all of its goods are worth.
    pub all: Worth,
    /// Points that paid, and for how much.
    pub points: (i64, Fen),
    /// Stored value that paid.
    pub stored_value: Parts,
    /// Money that paid.
    pub money: Fen,
    /// Points that were earned.
    pub earned: i64,
}

/// What some goods of a sale are worth.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Worth {
    /// Before any discount.
    pub gross: Fen,
    /// What was to be paid for them.
    pub price: Fen,
    /// What of the price has earned points, before it was looked at what paid.
    pub earns: Fen,
}

/// One line of a sale.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SoldLine {
    /// How many pieces.
    pub pieces: u32,
    /// What all of them are worth.
    pub worth: Worth,
}

/// What comes back for some goods.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Returned {
    /// What the goods had cost, by whatever was paid.
    pub price: Fen,
    /// What of that had earned points.
    pub earns: Fen,
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
    /// Whether nothing is left: uses of passes, and coupons, are given back with the last of the goods, for
    /// nobody can use half of one.
    pub is_rest: bool,
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

/// What so many pieces of each line are worth, after `before` of each came back already.
///
/// # Errors
/// If more would have come back than were bought.
pub fn worth_of(lines: &[SoldLine], before: &[u32], pieces: &[u32]) -> Result<Worth, NotReturned> {
    let count = |of: &[u32], line: usize| of.get(line).copied().unwrap_or(0);
    if let Some(place) = pieces.iter().skip(lines.len()).position(|pieces| *pieces > 0) {
        return Err(NotReturned::NoLine(lines.len() + place + 1));
    }
    let mut worth = Worth::default();
    for (place, line) in lines.iter().enumerate() {
        let before = count(before, place).min(line.pieces);
        let after = before.saturating_add(count(pieces, place));
        if after > line.pieces {
            return Err(NotReturned::TooMany { line: place + 1, bought: line.pieces, returned: after });
        }
        let up_to = |pieces: u32| line.worth.part(pieces.into(), line.pieces.into());
        worth = worth.and(up_to(after).less(up_to(before)));
    }
    Ok(worth)
}

impl Sold {
    /// A quote that was paid as it says.
    pub fn of(quote: &Quote) -> Self {
        Self {
            all: Worth {
                gross: quote.gross,
                price: quote.total,
                earns: total(quote.lines.iter().map(|line| line.earns)),
            },
            points: quote.points,
            stored_value: quote.stored_value,
            money: quote.money,
            earned: quote.earned.points,
        }
    }

    /// A part of the sale by its gross value, after goods of `before` came back already: in proportion.
    pub fn part(&self, before: Worth, gross: Fen) -> Worth {
        let rest = self.all.less(before);
        Worth { gross, ..rest.part(gross.0.min(rest.gross.0), rest.gross.0) }
    }

    /// What comes back for goods, after others came back already: all that is left with the last of them.
    pub fn returned(&self, before: Worth, now: Worth) -> Returned {
        let after = before.and(now);
        let after = if after.gross >= self.all.gross { self.all } else { after.at_most(self.all) };
        self.up_to(after).less(self.so_far(before))
    }

    /// What has come back so far, once goods of so much have.
    pub fn so_far(&self, before: Worth) -> Returned {
        self.up_to(before.at_most(self.all))
    }

    /// What has come back once goods of so much have.
    fn up_to(&self, worth: Worth) -> Returned {
        let Parts { principal, bonus } = self.stored_value;
        let paid = [self.points.1, principal, bonus, self.money];
        let back = part_of_each(worth.price, &paid);
        let (points_worth, is_all) = (back[0], worth == self.all);
        Returned {
            price: worth.price,
            earns: worth.earns,
            points: share(self.points.0, points_worth.0, self.points.1.0),
            points_worth,
            stored_value: Parts { principal: back[1], bonus: back[2] },
            money: back[3],
            earned: if is_all { self.earned } else { share(self.earned, worth.earns.0, self.all.earns.0) },
            is_rest: is_all,
        }
    }
}

impl SoldLine {
    /// A line of a basket of so many pieces, as it was quoted.
    pub fn of(pieces: u32, line: &QuotedLine) -> Self {
        Self { pieces, worth: Worth { gross: line.gross, price: line.price, earns: line.earns } }
    }
}

impl Worth {
    /// Both together.
    pub fn and(self, other: Worth) -> Worth {
        Worth {
            gross: Fen(self.gross.0.saturating_add(other.gross.0)),
            price: Fen(self.price.0.saturating_add(other.price.0)),
            earns: Fen(self.earns.0.saturating_add(other.earns.0)),
        }
    }

    fn less(self, other: Worth) -> Worth {
        Worth {
            gross: Fen(self.gross.0.saturating_sub(other.gross.0).max(0)),
            price: Fen(self.price.0.saturating_sub(other.price.0).max(0)),
            earns: Fen(self.earns.0.saturating_sub(other.earns.0).max(0)),
        }
    }

    fn at_most(self, all: Worth) -> Worth {
        Worth {
            gross: self.gross.min(all.gross),
            price: self.price.min(all.price),
            earns: self.earns.min(all.earns),
        }
    }

    /// So many of so many parts, the rest of a fen cut.
    fn part(self, of: i64, all: i64) -> Worth {
        let part = |amount: Fen| Fen(share(amount.0, of, all));
        Worth { gross: part(self.gross), price: part(self.price), earns: part(self.earns) }
    }
}

impl Returned {
    fn less(self, before: Returned) -> Returned {
        Returned {
            price: Fen(self.price.0 - before.price.0),
            earns: Fen(self.earns.0 - before.earns.0),
            points: self.points - before.points,
            points_worth: Fen(self.points_worth.0 - before.points_worth.0),
            stored_value: Parts {
                principal: Fen(self.stored_value.principal.0 - before.stored_value.principal.0),
                bonus: Fen(self.stored_value.bonus.0 - before.stored_value.bonus.0),
            },
            money: Fen(self.money.0 - before.money.0),
            earned: self.earned - before.earned,
            is_rest: self.is_rest && !before.is_rest,
        }
    }
}
