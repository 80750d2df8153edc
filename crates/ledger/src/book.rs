use std::{collections::BTreeMap, convert::Infallible};

use purser_types::{EntryId, HoldId, OfferId, ReplicaId};

use crate::{Asset, FoldError, HoldLine, LedgerFault, Lot, OfferLine, Posting, Rows, Share, Totals, fold};

/// The ledger in memory: for audits, for tests and as the oracle of simulations.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Book {
    shares: BTreeMap<(Lot, ReplicaId), Share>,
    holds: BTreeMap<(HoldId, Lot), HoldLine>,
    offers: BTreeMap<(OfferId, Lot, ReplicaId), OfferLine>,
    totals: BTreeMap<(ReplicaId, u8), Totals>,
}

impl Book {
    /// Folds one posting; see [`fold`].
    ///
    /// # Errors
    /// The fault of a posting that cannot stand; the book is unchanged then.
    pub fn fold(&mut self, entry: EntryId, posting: &Posting) -> Result<(), LedgerFault> {
        fold(self, entry, posting).map_err(|error| match error {
            FoldError::Fault(fault) => fault,
            FoldError::Rows(never) => match never {},
        })
    }

    /// Audits the journal of one author by itself, in one pass: what its shares are, if
    /// every posting can stand.
    ///
    /// # Errors
    /// The first entry with a posting that cannot stand, and why.
    pub fn audit<'p>(
        journal: impl IntoIterator<Item = (EntryId, &'p [Posting])>,
    ) -> Result<Book, (EntryId, LedgerFault)> {
        let mut book = Book::default();
        for (entry, postings) in journal {
            for posting in postings {
                book.fold(entry, posting).map_err(|fault| (entry, fault))?;
            }
        }
        Ok(book)
    }

    /// The share of `owner` in `lot`.
    pub fn share_of(&self, owner: ReplicaId, lot: Lot) -> Share {
        self.shares.get(&(lot, owner)).copied().unwrap_or(Share::NONE)
    }

    /// All shares, by lot and owner.
    pub fn shares(&self) -> impl Iterator<Item = (Lot, ReplicaId, Share)> {
        self.shares.iter().map(|(&(lot, owner), &share)| (lot, owner, share))
    }

    /// The line of a hold on `lot`.
    pub fn hold_line(&self, hold: HoldId, lot: Lot) -> Option<HoldLine> {
        self.holds.get(&(hold, lot)).copied()
    }

    /// What everyone together still owns of `lot`: available, held and on its way.
    pub fn balance(&self, lot: Lot) -> i128 {
        let shares = self.shares.range((lot, ReplicaId([0; 16]))..).take_while(|((of, _), _)| *of == lot);
        let owned: i128 = shares.map(|(_, share)| i128::from(share.available) + i128::from(share.held)).sum();
        owned + self.in_flight(|of| of == lot)
    }

    /// Checks conservation for every kind of asset, over all authors folded so far.
    ///
    /// # Errors
    /// The kinds that are not conserved (as [`Asset::as_key`] numbers them), and by how much.
    pub fn check_conservation(&self) -> Result<(), Vec<(u8, i128)>> {
        let mut sums: BTreeMap<u8, Totals> = BTreeMap::new();
        for (&(_, kind), totals) in &self.totals {
            *sums.entry(kind).or_default() += *totals;
        }
        let wrong = sums.into_iter().filter_map(|(kind, sum)| {
            let of_kind = |lot: Lot| lot.asset.as_key().0 == kind;
            let shares = self.shares.iter().filter(|((lot, _), _)| of_kind(*lot));
            let owned: i128 = shares.map(|(_, s)| i128::from(s.available) + i128::from(s.held)).sum();
            let issued = i128::from(sum.credited) - i128::from(sum.debited) - i128::from(sum.clawed_back);
            let gap = issued - owned - self.in_flight(of_kind);
            (gap != 0).then_some((kind, gap))
        });
        let wrong: Vec<_> = wrong.collect();
        if wrong.is_empty() { Ok(()) } else { Err(wrong) }
    }

    /// Rights given and not yet taken up, less those taken up ahead of the giver's journal.
    fn in_flight(&self, of: impl Fn(Lot) -> bool) -> i128 {
        let lines = self.offers.iter().filter(|((_, lot, _), _)| of(*lot));
        lines
            .map(|(_, line)| {
                let offered = line.offered.map_or(0, |(_, amount)| amount);
                i128::from(offered) - i128::from(line.accepted.unwrap_or(0))
            })
            .sum()
    }
}

impl Rows for Book {
    type Error = Infallible;

    fn share(&mut self, owner: ReplicaId, lot: Lot) -> Result<Share, Infallible> {
        Ok(self.share_of(owner, lot))
    }

    fn set_share(&mut self, owner: ReplicaId, lot: Lot, share: Share) -> Result<(), Infallible> {
        self.shares.insert((lot, owner), share);
        Ok(())
    }

    fn hold(&mut self, hold: HoldId, lot: Lot) -> Result<Option<HoldLine>, Infallible> {
        Ok(self.hold_line(hold, lot))
    }

    fn set_hold(&mut self, hold: HoldId, lot: Lot, line: HoldLine) -> Result<(), Infallible> {
        self.holds.insert((hold, lot), line);
        Ok(())
    }

    fn offer(&mut self, offer: OfferId, lot: Lot, receiver: ReplicaId) -> Result<OfferLine, Infallible> {
        Ok(self.offers.get(&(offer, lot, receiver)).copied().unwrap_or_default())
    }

    fn set_offer(
        &mut self,
        offer: OfferId,
        lot: Lot,
        receiver: ReplicaId,
        line: OfferLine,
    ) -> Result<(), Infallible> {
        self.offers.insert((offer, lot, receiver), line);
        Ok(())
    }

    fn totals(&mut self, owner: ReplicaId, asset: Asset) -> Result<Totals, Infallible> {
        Ok(self.totals.get(&(owner, asset.as_key().0)).copied().unwrap_or_default())
    }

    fn set_totals(&mut self, owner: ReplicaId, asset: Asset, totals: Totals) -> Result<(), Infallible> {
        self.totals.insert((owner, asset.as_key().0), totals);
        Ok(())
    }
}
