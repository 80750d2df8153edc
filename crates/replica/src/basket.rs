use purser_journal::LineReturned;
use purser_programme::{Line, RuleId};
use purser_types::{BusinessDate, Fen, HoldId, MemberId, SaleId};

/// A sale to close.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Basket {
    /// The buyer.
    pub member: MemberId,
    /// The till.
    pub till: String,
    /// The till's number of the receipt, unique for the till.
    pub check: String,
    /// The value of the goods: that of the lines, if there are any.
    pub gross: Fen,
    /// Points to use.
    pub redemption: Redemption,
    /// The lines; without any, the whole of it is one that the programme knows nothing of.
    pub lines: Vec<BasketLine>,
    /// What else pays.
    pub tenders: Tenders,
    /// The day of the receipt, if it was paid without a card and its points are claimed now.
    pub claimed_of: Option<BusinessDate>,
}

/// One line of a basket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BasketLine {
    /// What the article is called on the receipt.
    pub name: String,
    /// What the programme asks about.
    pub line: Line,
}

/// What pays for a basket beside points and money.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tenders {
    /// Stored value: so much, or all that is left to pay if that is less.
    pub stored_value: Option<Fen>,
    /// What of the money is paid by vouchers of others: so much, or all of it if that is less.
    pub voucher: Option<Fen>,
    /// Uses of these passes, one for each time that one stands here.
    pub passes: Vec<RuleId>,
    /// These coupons, one for each time that one stands here.
    pub coupons: Vec<RuleId>,
}

/// Points to use in a sale.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Redemption {
    /// None.
    None,
    /// So many, drawn now.
    Points(i64),
    /// All that a hold set aside before.
    Hold(HoldId),
}

/// Goods to take back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TakeBack {
    /// The sale.
    pub sale: SaleId,
    /// The till that takes them back.
    pub till: String,
    /// That till's number of the return receipt, unique for the till.
    pub check: String,
    /// What comes back.
    pub goods: GoodsBack,
}

/// What comes back of a sale.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GoodsBack {
    /// Goods of so much gross value: in proportion.
    Gross(Fen),
    /// Pieces of these lines: where the lines are known, at the store that sold them and at hubs.
    Lines(Vec<LineReturned>),
}

impl Basket {
    /// Whether anything that a member holds is spent.
    pub fn spends(&self) -> bool {
        let Tenders { stored_value, passes, coupons, voucher: _ } = &self.tenders;
        self.redemption.spends() || stored_value.is_some() || !passes.is_empty() || !coupons.is_empty()
    }

    /// What the programme prices.
    pub(crate) fn goods(&self) -> purser_programme::Basket {
        let lines: Vec<Line> = self.lines.iter().map(|line| line.line.clone()).collect();
        let whole = || vec![Line { quantity: 1, unit_price: self.gross, ..Line::default() }];
        purser_programme::Basket { lines: if lines.is_empty() { whole() } else { lines } }
    }
}

impl Redemption {
    /// Whether any points are used.
    pub fn spends(self) -> bool {
        !matches!(self, Redemption::None | Redemption::Points(0))
    }
}
