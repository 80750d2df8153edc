//! What a basket would cost and how a member stands, for whoever asks before anything is done.

use std::sync::Arc;

use purser_ledger::Asset;
use purser_programme::{Basket as Goods, Programme, Quote, RuleId, Standing};
use purser_types::MemberId;

use crate::{
    Refusal, Tenders, View,
    pricing::{Customer, Register, Wish},
};

/// What somebody wants to know the price of.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// The goods.
    pub goods: Goods,
    /// The buyer, if there is a card.
    pub member: Option<MemberId>,
    /// Points to use.
    pub points: i64,
    /// What else is to pay.
    pub tenders: Tenders,
}

/// A quote, with the programme that gave it.
#[derive(Debug, Clone)]
pub struct Quoted {
    /// The programme.
    pub programme: Arc<Programme>,
    /// What it says.
    pub quote: Quote,
    /// The buyer's tier.
    pub tier: Option<RuleId>,
}

/// How a member stands under the programme in force.
#[derive(Debug, Clone)]
pub struct MemberStanding {
    /// The programme.
    pub programme: Arc<Programme>,
    /// The tier, and how long it lasts.
    pub standing: Standing,
    /// Purchases that were not given back altogether, if the programme asks about them.
    pub orders: u64,
}

impl View {
    /// What a basket would cost here at that time.
    ///
    /// # Errors
    /// Why it has no price, or whatever the database reports.
    pub fn quote(&mut self, wanted: &Wanted, wall_ms: u64) -> Result<Quoted, Refusal> {
        let programme = self.programme_on(self.date_at(wall_ms))?;
        let customer = match wanted.member {
            Some(member) => Some(self.customer(member, &programme, wall_ms)?),
            None => None,
        };
        let register = self.register(&programme, wall_ms)?;
        let wish = Wish { points: wanted.points, tenders: &wanted.tenders, is_claim: false };
        let quote = register.price(&wanted.goods, customer.as_ref(), wish)?;
        if let Some(customer) = &customer {
            register.require_held(customer, wish)?;
        }
        let tier = customer.map(|customer| programme.tiers[customer.standing.tier].id.clone());
        Ok(Quoted { programme, quote, tier })
    }

    /// How a member stands at that time.
    ///
    /// # Errors
    /// [`Refusal::UnknownMember`], or whatever the database reports.
    pub fn standing(&mut self, member: MemberId, wall_ms: u64) -> Result<MemberStanding, Refusal> {
        let programme = self.programme_on(self.date_at(wall_ms))?;
        let Customer { standing, past, .. } = self.customer(member, &programme, wall_ms)?;
        Ok(MemberStanding { programme, standing, orders: past.orders() })
    }

    /// What a member holds of every asset that programmes have named, but for points, as far as is known here:
    /// in all, and at this store.
    ///
    /// # Errors
    /// [`Refusal::UnknownMember`], or whatever the database reports.
    pub fn holds(&mut self, member: MemberId, wall_ms: u64) -> Result<Vec<(Asset, crate::Balance)>, Refusal> {
        let mut assets = vec![Asset::WalletPrincipal, Asset::WalletBonus];
        for programme in self.programmes()? {
            let passes = programme.passes.iter().map(|pass| Asset::Pass(pass.id.kind()));
            assets.extend(passes.chain(programme.coupons.iter().map(|it| Asset::Coupon(it.id.kind()))));
        }
        assets.sort_unstable();
        assets.dedup();
        let today = self.date_at(wall_ms);
        let mut held = Vec::new();
        for asset in assets {
            let balance = self.balance(member, asset, today)?;
            if balance.balance != 0 || balance.held != 0 {
                held.push((asset, balance));
            }
        }
        Ok(held)
    }

    fn customer(
        &mut self,
        member: MemberId,
        programme: &Arc<Programme>,
        wall_ms: u64,
    ) -> Result<Customer, Refusal> {
        if !self.database().has_member(member)? {
            return Err(Refusal::UnknownMember(member));
        }
        let person = self.person_of(member, programme)?;
        Ok(self.register(programme, wall_ms)?.customer(member, person)?)
    }

    fn register(&mut self, programme: &Arc<Programme>, wall_ms: u64) -> Result<Register<'_>, Refusal> {
        let (date, programme) = (self.date_at(wall_ms), Arc::clone(programme));
        let store = self.store_of(self.me())?;
        let hour = self.time_of_day(wall_ms).0;
        Ok(Register { database: &self.database, here: self.my_number, programme, store, date, hour })
    }
}
