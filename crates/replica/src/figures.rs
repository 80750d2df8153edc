//! What was done, in figures by day, store and person: for today's and this month's pictures, without reading journals.

use purser_journal::{Entry, Fact};
use purser_storage::{AuthorNumber, Figures, FiguresKey, StorageError};
use purser_types::{BusinessDate, Fen, MemberId, StoreNumber};

use crate::{View, state::State};

/// The figures of one store on one day by one person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DayFigures {
    /// The day of business.
    pub date: BusinessDate,
    /// The store; 0 for what hubs did.
    pub store: StoreNumber,
    /// The account of who did it; empty if nobody was signed in.
    pub by: String,
    /// The figures.
    pub figures: Figures,
}

impl State {
    /// Adds what an entry says to its day's figures.
    pub(crate) fn fold_figures(&mut self, entry: &Entry, author: AuthorNumber) -> Result<(), StorageError> {
        let by = entry.facts.iter().find_map(|fact| match fact {
            Fact::Act(act) => Some(act.by.clone()),
            _ => None,
        });
        let written = self.zone.date_at(entry.hlc.wall_ms);
        for fact in &entry.facts {
            if let Some((date, figures)) = figures_of(fact, entry, written) {
                let key = FiguresKey { date, author, by: by.clone().unwrap_or_default() };
                self.cache.add_figures(&self.database, key, figures)?;
            }
        }
        Ok(())
    }
}

/// What a fact adds to which day.
fn figures_of(fact: &Fact, entry: &Entry, written: BusinessDate) -> Option<(BusinessDate, Figures)> {
    let part = |amount: Option<Fen>| amount.unwrap_or_default().0;
    let less = |amount: Fen| amount.0.saturating_neg();
    Some(match fact {
        // A receipt that is claimed later was sold and paid before.
        Fact::Sale(sale) if sale.claimed_of.is_some() => {
            (sale.date, Figures { points_earned: sale.points_earned, ..Figures::default() })
        }
        Fact::Sale(sale) => {
            let figures = Figures {
                sales: 1,
                gross_fen: sale.gross.0,
                off_fen: part(sale.off),
                discount_fen: sale.discount.0,
                stored_value_fen: part(sale.principal).saturating_add(part(sale.bonus)),
                taken_fen: sale.money().0,
                points_earned: sale.points_earned,
                points_redeemed: sale.points_redeemed,
                ..Figures::default()
            };
            (sale.date, figures)
        }
        Fact::Return(back) => {
            let taken_fen = less(back.refund);
            (back.date, Figures { returns: 1, returned_fen: back.gross.0, taken_fen, ..Figures::default() })
        }
        Fact::TopUp(top_up) => {
            (top_up.receipt.date, Figures { topped_up_fen: top_up.principal.0, ..Figures::default() })
        }
        Fact::TopUpBack(back) => {
            (back.receipt.date, Figures { topped_up_fen: less(back.principal), ..Figures::default() })
        }
        Fact::PassSold(sold) => {
            (sold.receipt.date, Figures { passes_fen: sold.price.0, ..Figures::default() })
        }
        Fact::PassBack(back) => {
            (back.receipt.date, Figures { passes_fen: less(back.price), ..Figures::default() })
        }
        Fact::Reward(reward) => {
            let figures =
                Figures { rewards: reward.pieces, points_redeemed: reward.points, ..Figures::default() };
            (reward.receipt.date, figures)
        }
        Fact::Profile { member, .. } if *member == MemberId::created_by(entry.id()) => {
            (written, Figures { members: 1, ..Figures::default() })
        }
        _ => return None,
    })
}

impl View {
    /// The figures of all days from `first` to `last`, both included, day by day.
    ///
    /// # Errors
    /// Whatever the database reports.
    pub fn figures(
        &mut self,
        first: BusinessDate,
        last: BusinessDate,
    ) -> Result<Vec<DayFigures>, StorageError> {
        let mut days = Vec::new();
        for (key, figures) in self.database().figures_between(first, last)? {
            let replica = self.author_named(key.author)?;
            let store = replica.map(|replica| self.store_of(replica)).transpose()?;
            let (date, store) = (key.date, store.unwrap_or(StoreNumber(0)));
            days.push(DayFigures { date, store, by: key.by, figures });
        }
        Ok(days)
    }

    /// The sums over all days and replicas. Scans.
    ///
    /// # Errors
    /// Whatever the database reports.
    pub fn figures_of_all(&self) -> Result<Figures, StorageError> {
        let (first, last) = (BusinessDate::from_days(i32::MIN), BusinessDate::from_days(i32::MAX));
        let days = self.database().figures_between(first, last)?;
        Ok(days.into_iter().fold(Figures::default(), |mut sum, (_, figures)| {
            sum += figures;
            sum
        }))
    }
}
