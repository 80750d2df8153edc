//! What a basket costs a member here and now: the programme in force, and what the tables know of the buyer. The
//! same for a quote, which a reader answers, and for a checkout, which the writer decides.

use std::sync::Arc;

use purser_ledger::{Asset, Holding, balance};
use purser_programme::{
    Basket as Goods, Buyer, Occasion, Parts, Payment, Programme, Quote, QuoteRefused, Standing,
    StoredValuePayment,
};
use purser_storage::{AuthorNumber, Database, StorageError};
use purser_types::{BusinessDate, Fen, MemberId, StoreNumber};

use crate::{Refusal, Tenders, holdings::living_holdings, past::Past, person::Person};

/// Where and when baskets are priced, and by which programme.
pub(crate) struct Register<'a> {
    pub(crate) database: &'a Database,
    pub(crate) here: AuthorNumber,
    pub(crate) programme: Arc<Programme>,
    pub(crate) store: StoreNumber,
    pub(crate) date: BusinessDate,
    /// 0 to 23, in the city.
    pub(crate) hour: u32,
}

/// A member as pricing sees one.
pub(crate) struct Customer {
    pub(crate) member: MemberId,
    pub(crate) past: Past,
    pub(crate) standing: Standing,
    pub(crate) points: Vec<Holding>,
    pub(crate) person: Person,
}

/// What is to be priced, beside the goods.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wish<'a> {
    pub(crate) points: i64,
    pub(crate) tenders: &'a Tenders,
    pub(crate) is_claim: bool,
}

impl Register<'_> {
    /// What is known of a member.
    pub(crate) fn customer(&self, member: MemberId, person: Person) -> Result<Customer, StorageError> {
        let past =
            if self.programme.asks_past() { Past::read(self.database, member)? } else { Past::default() };
        let standing = self.programme.standing(&past.history, self.date);
        let points = self.holdings(member, Asset::Points)?;
        Ok(Customer { member, past, standing, points, person })
    }

    /// What a basket costs.
    pub(crate) fn price(
        &self,
        goods: &Goods,
        customer: Option<&Customer>,
        wish: Wish<'_>,
    ) -> Result<Quote, Refusal> {
        let occasion = self.occasion(customer);
        let stored_value = match (wish.tenders.stored_value, customer) {
            (Some(most), Some(customer)) if most > Fen(0) => Some(StoredValuePayment {
                most,
                held: self.stored_value(customer.member)?,
                today: customer.past.stored_on(self.date),
            }),
            (Some(most), None) if most > Fen(0) => return Err(QuoteRefused::NoMember.into()),
            _ => None,
        };
        let payment = Payment {
            passes: wish.tenders.passes.clone(),
            coupons: wish.tenders.coupons.clone(),
            points: wish.points,
            stored_value,
            voucher: wish.tenders.voucher.unwrap_or_default(),
            is_claim: wish.is_claim,
        };
        Ok(self.programme.quote(goods, &occasion, &payment)?)
    }

    /// Here and now.
    pub(crate) fn occasion(&self, customer: Option<&Customer>) -> Occasion {
        let buyer = customer.map(|customer| self.buyer(customer));
        Occasion { date: self.date, hour: self.hour, store: self.store, buyer }
    }

    /// Whether the member has what is to pay, as far as is known here: whether the rights to it are here too, a
    /// checkout finds out.
    pub(crate) fn require_held(&self, customer: &Customer, wish: Wish<'_>) -> Result<(), Refusal> {
        let points = balance(&customer.points, self.date);
        if points < wish.points {
            let (asset, wanted) = (Asset::Points, wish.points);
            return Err(Refusal::BalanceTooSmall { asset, balance: points, wanted });
        }
        let passes = wish.tenders.passes.iter().map(|id| Asset::Pass(id.kind()));
        let pieces: Vec<Asset> =
            passes.chain(wish.tenders.coupons.iter().map(|id| Asset::Coupon(id.kind()))).collect();
        for asset in &pieces {
            let wanted = pieces.iter().filter(|other| *other == asset).count();
            let wanted = i64::try_from(wanted).unwrap_or(i64::MAX);
            let balance = self.held(customer.member, *asset)?;
            if balance < wanted {
                return Err(Refusal::BalanceTooSmall { asset: *asset, balance, wanted });
            }
        }
        Ok(())
    }

    /// What a member holds of stored value.
    pub(crate) fn stored_value(&self, member: MemberId) -> Result<Parts, StorageError> {
        let held = |asset| self.held(member, asset).map(Fen);
        Ok(Parts { principal: held(Asset::WalletPrincipal)?, bonus: held(Asset::WalletBonus)? })
    }

    /// What a member holds of an asset and can spend, as far as is known here; nothing if something is owed.
    pub(crate) fn held(&self, member: MemberId, asset: Asset) -> Result<i64, StorageError> {
        Ok(balance(&self.holdings(member, asset)?, self.date).max(0))
    }

    /// The member's lots.
    pub(crate) fn holdings(&self, member: MemberId, asset: Asset) -> Result<Vec<Holding>, StorageError> {
        living_holdings(self.database, self.here, (member, asset), &self.programme)
    }

    fn buyer(&self, customer: &Customer) -> Buyer {
        Buyer {
            tier: self.programme.tiers[customer.standing.tier].id.clone(),
            birthday: customer.person.birthday,
            orders: customer.past.orders(),
            points: balance(&customer.points, self.date),
        }
    }
}
