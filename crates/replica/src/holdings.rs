use std::collections::BTreeMap;

use purser_ledger::{Asset, Holding, Lot};
use purser_programme::{Expiry, Programme};
use purser_storage::{AuthorNumber, Database, StorageError};
use purser_types::mutant::{Mutant, is_on};
use purser_types::{BusinessDate, MemberId};

use crate::past::Past;

/// What is known of a person's lots of one asset, by whatever member, but the member's own first: the rights of `here`,
/// and what all replicas together own.
pub(crate) fn holdings(
    database: &Database,
    here: AuthorNumber,
    member: MemberId,
    asset: Asset,
) -> Result<Vec<Holding>, StorageError> {
    let mut lots: BTreeMap<Lot, Holding> = BTreeMap::new();
    for row in database.shares(member, asset)? {
        let holding = entry(&mut lots, row.lot);
        if row.author == here {
            holding.available_here = row.share.available;
        }
        let owned = row.share.available.saturating_add(row.share.held);
        holding.balance = holding.balance.saturating_add(owned);
        // A hold of a replica that was put out will never be captured.
        let held = if row.is_fenced || is_on(Mutant::ForgetsHolds) { 0 } else { row.share.held };
        holding.held = holding.held.saturating_add(held);
    }
    for row in database.offers_unsettled(member, asset)? {
        let on_its_way = row.offered.map_or(0, |(_, amount)| amount);
        let holding = entry(&mut lots, row.lot);
        let in_flight = on_its_way.saturating_sub(row.accepted.unwrap_or(0));
        holding.balance = holding.balance.saturating_add(in_flight);
    }
    let mut lots: Vec<Holding> = lots.into_values().collect();
    lots.sort_by_key(|holding| holding.lot.member != member);
    Ok(lots)
}

/// The same with the days until which the programme lets points live.
pub(crate) fn living_holdings(
    database: &Database,
    here: AuthorNumber,
    (member, asset): (MemberId, Asset),
    programme: &Programme,
) -> Result<Vec<Holding>, StorageError> {
    let mut lots = holdings(database, here, member, asset)?;
    if asset == Asset::Points && !lots.is_empty() {
        let life = PointsLife::read(database, member, programme)?;
        for holding in &mut lots {
            holding.until = life.last_day(holding.lot);
        }
    }
    Ok(lots)
}

/// Until when a member's points live: where they end for want of purchases, each purchase gives them more time.
pub(crate) struct PointsLife {
    expiry: Expiry,
    /// The days of purchases, where they matter.
    purchases: Vec<BusinessDate>,
}

impl PointsLife {
    pub(crate) fn read(
        database: &Database,
        member: MemberId,
        programme: &Programme,
    ) -> Result<Self, StorageError> {
        let expiry = programme.expiry;
        let purchases = match expiry {
            Expiry::Idle { .. } => Past::read(database, member)?.purchases,
            _ => Vec::new(),
        };
        Ok(Self { expiry, purchases })
    }

    /// The last day of a lot.
    pub(crate) fn last_day(&self, lot: Lot) -> Option<BusinessDate> {
        lot.expires_on.map(|last| self.expiry.prolonged(last, &self.purchases))
    }

    /// Whether a lot can be spent on a day.
    pub(crate) fn lives(&self, lot: Lot, today: BusinessDate) -> bool {
        self.last_day(lot).is_none_or(|last| today <= last)
    }
}

fn entry(lots: &mut BTreeMap<Lot, Holding>, lot: Lot) -> &mut Holding {
    lots.entry(lot).or_insert(Holding::none(lot))
}
