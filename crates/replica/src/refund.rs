//! What would come back for goods, asked ahead of taking them.

use purser_programme::Returned;
use purser_types::{Fen, SaleId};

use crate::{
    GoodsBack, Refusal, View,
    past::Past,
    taking_back::{sold, worth_of_goods},
};

impl View {
    /// What would come back for goods of a sale, by what is known here.
    ///
    /// # Errors
    /// [`Refusal::UnknownSale`], [`Refusal::LinesElsewhere`], what cannot come back, or whatever the database reports.
    pub fn refund(&mut self, sale: SaleId, goods: &GoodsBack) -> Result<Returned, Refusal> {
        let (fact, _) = self.sale(sale)?;
        let (sold, mut so_far) = (sold(&fact), Past::read(self.database(), fact.member)?.returned_of(sale));
        let (left, _) = self.refundable(fact.member, sale)?;
        let all = sold.all.gross.0;
        so_far.worth.gross = Fen(so_far.worth.gross.0.max(all.saturating_sub(left)).min(all));
        let now = worth_of_goods((sale, goods), &sold, &so_far, self.sale_detail(sale)?.as_ref())?;
        if now.gross.0 > left {
            return Err(Refusal::ReturnTooLarge { left: Fen(left), wanted: now.gross });
        }
        Ok(sold.returned(so_far.worth, now))
    }

    /// The pieces of each line of a sale that have come back, by its place; those that were not named by lines apart.
    ///
    /// # Errors
    /// Whatever the database reports.
    pub fn pieces_back(&mut self, sale: SaleId) -> Result<Vec<u32>, Refusal> {
        let (fact, _) = self.sale(sale)?;
        Ok(Past::read(self.database(), fact.member)?.returned_of(sale).pieces)
    }
}
