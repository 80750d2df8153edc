use purser_documents::{CardState, Edit, Field};
use purser_replica::{Basket, GoodsBack, Order, Redemption, TakeBack, Tenders, Undertaking};
use purser_types::{CardNumber, Fen, HoldId, MemberId, SaleId};

use crate::{StoreIndex, World, city::request};

/// A member, and the shops that they go to.
#[derive(Debug, Clone)]
pub struct Member {
    /// Who it is; `None` while they register.
    pub id: MemberId,
    /// The shops, the dearest first.
    pub shops: Vec<u32>,
    /// Their card, once they have one.
    pub card: Option<CardNumber>,
}

/// What members do, drawn as it goes: nothing of it is written down beforehand.
#[derive(Debug, Default)]
pub struct Workload {
    /// Everybody who has registered.
    pub members: Vec<Member>,
    /// Sales that a till was told of.
    pub sales: Vec<(SaleId, Fen)>,
    /// Holds that a till was told of, and where.
    pub holds: Vec<(HoldId, MemberId, StoreIndex)>,
    /// Top-ups that a till was told of.
    pub top_ups: Vec<SaleId>,
    acts: u64,
}

/// One thing that somebody wants at a till.
#[derive(Debug, Clone)]
pub struct Wish {
    /// The machine they ask.
    pub at: StoreIndex,
    /// What they ask for.
    pub order: Order,
    /// Whether points are to be redeemed.
    pub redeems: bool,
}

/// Of 1,000 members so many go to 1, 2, 3 … shops: 2.7 on average, 12 at most, as in a real chain's year.
const SHOPS_PER_MILLE: [u64; 12] = [310, 270, 170, 100, 60, 35, 20, 12, 9, 6, 4, 4];
/// Of 1,000 visits so many go to the dearest shop, so many of the rest to the next, and so on.
const DEAREST_PER_MILLE: u64 = 600;

impl Workload {
    /// The shops of a new member.
    pub fn habits(world: &mut World) -> Vec<u32> {
        let mut left = world.draw(1_000);
        let count = SHOPS_PER_MILLE.iter().position(|share| {
            let here = left < *share;
            left = left.saturating_sub(*share);
            here
        });
        let (first, stores) = (world.layout.hubs, world.layout.stores);
        let home = world.pick(stores);
        let mut shops = vec![home];
        for _ in 0..count.unwrap_or(0).min(stores - 1) {
            // Most go to shops near by; one in five goes anywhere.
            let near =
                if world.draw(5) == 0 { world.pick(stores) } else { (home + 1 + world.pick(8)) % stores };
            if !shops.contains(&near) {
                shops.push(near);
            }
        }
        shops.into_iter().map(|shop| u32::try_from(first + shop).unwrap_or(0)).collect()
    }

    /// Somebody registers at the shop of their habit.
    pub fn registration(&mut self, world: &mut World, shop: u32) -> Option<Wish> {
        self.acts += 1;
        let name = Edit::SetField { field: Field::Name, value: Some(format!("会员 {}", self.acts)) };
        let undertaking = Undertaking::Register { edits: vec![name], with_card: true };
        let key = format!("register {}", self.acts);
        let order = Order { request: Some(request(&key, &key)), undertaking };
        Some(Wish { at: world.machine_of(shop)?, order, redeems: false })
    }

    /// Somebody comes to a shop and wants something.
    pub fn visit(&mut self, world: &mut World, deals_per_mille: u64) -> Option<Wish> {
        self.acts += 1;
        let index = world.pick(self.members.len());
        let member = self.members.get(index)?.clone();
        let shop = shop_of(world, &member);
        let at = world.machine_of(shop)?;
        if deals_per_mille > 0 && world.draw(1_000) < deals_per_mille {
            return Some(self.deal(world, at, member.id));
        }
        let kind = world.draw(100);
        Some(match kind {
            0..8 if !self.sales.is_empty() => self.return_of(world, at),
            8..14 => self.hold(world, at, member.id),
            14..22 if !self.holds.is_empty() => self.end_of_hold(world),
            22..26 => self.edit(at, &member),
            26..28 if member.card.is_some() => self.card(world, at, &member),
            _ => self.purchase(world, at, member.id),
        })
    }

    fn deal(&mut self, world: &mut World, at: StoreIndex, member: MemberId) -> Wish {
        let check = format!("D{at}-{}", self.acts);
        let undertaking = self.dealing(world, member, check.clone());
        let request = request(&format!("deal {check}"), &format!("{undertaking:?}"));
        Wish { at, order: Order { request: Some(request), undertaking }, redeems: false }
    }

    /// A purchase of a given value, with what can be redeemed on it if `redeems`.
    pub fn purchase_of(&mut self, at: StoreIndex, member: MemberId, gross: Fen, points: i64) -> Wish {
        self.acts += 1;
        let redemption = if points > 0 { Redemption::Points(points) } else { Redemption::None };
        let check = format!("S{at}-{}", self.acts);
        let basket = Basket {
            member,
            till: "1".into(),
            check,
            gross,
            redemption,
            lines: Vec::new(),
            tenders: Tenders::default(),
            claimed_of: None,
        };
        let (key, body) = (format!("buy {}", basket.check), format!("{basket:?}"));
        let order = Order { request: Some(request(&key, &body)), undertaking: Undertaking::CheckOut(basket) };
        Wish { at, order, redeems: points > 0 }
    }

    fn purchase(&mut self, world: &mut World, at: StoreIndex, member: MemberId) -> Wish {
        let gross = Fen(i64::try_from(100 + world.draw(40_000)).unwrap_or(0));
        if world.draw(3) != 0 {
            return self.purchase_of(at, member, gross, 0);
        }
        if world.draw(4) == 0 {
            // All that the till shows, to the last reward.
            let points = world.points_shown(at, member) / 100 * 100;
            return self.purchase_of(at, member, Fen(gross.0.max(points)), points);
        }
        let points = i64::try_from(100 * (1 + world.draw(4))).unwrap_or(0).min(gross.whole_yuan() * 100);
        self.purchase_of(at, member, gross, points)
    }

    fn return_of(&mut self, world: &mut World, at: StoreIndex) -> Wish {
        let (sale, gross) = self.sales[world.pick(self.sales.len())];
        let part = 1 + world.draw(gross.0.unsigned_abs());
        let gross = Fen(i64::try_from(part).unwrap_or(1));
        let check = format!("R{at}-{}", self.acts);
        let request = request(&format!("return {check}"), &format!("{sale} {gross}"));
        let undertaking =
            Undertaking::TakeBack(TakeBack { sale, till: "1".into(), check, goods: GoodsBack::Gross(gross) });
        Wish { at, order: Order { request: Some(request), undertaking }, redeems: false }
    }

    fn hold(&mut self, world: &mut World, at: StoreIndex, member: MemberId) -> Wish {
        let points = i64::try_from(100 * (1 + world.draw(3))).unwrap_or(100);
        // Some run out while their capture is under way.
        let lasts_ms = if world.draw(2) == 0 { 3_600_000 } else { 1_000 + world.draw(60_000) };
        let key = format!("hold {at} {}", self.acts);
        let undertaking = Undertaking::Hold { member, points, lasts_ms };
        Wish { at, order: Order { request: Some(request(&key, &key)), undertaking }, redeems: true }
    }

    fn end_of_hold(&mut self, world: &mut World) -> Wish {
        let index = world.pick(self.holds.len());
        let (hold, member, at) = self.holds.swap_remove(index);
        let key = format!("end {at} {}", self.acts);
        let undertaking = match world.draw(3) {
            0 => Undertaking::Release { hold },
            1 => Undertaking::Capture { hold, points: None },
            _ => {
                let (till, check) = ("1".to_owned(), format!("S{at}-{}", self.acts));
                let redemption = Redemption::Hold(hold);
                let gross = Fen(80_000);
                Undertaking::CheckOut(Basket {
                    member,
                    till,
                    check,
                    gross,
                    redemption,
                    lines: Vec::new(),
                    tenders: Tenders::default(),
                    claimed_of: None,
                })
            }
        };
        Wish { at, order: Order { request: Some(request(&key, &key)), undertaking }, redeems: false }
    }

    fn edit(&mut self, at: StoreIndex, member: &Member) -> Wish {
        let value = Some(format!("138{:08}", self.acts));
        let edits = vec![Edit::SetField { field: Field::Phone, value }];
        let key = format!("edit {at} {}", self.acts);
        let undertaking = Undertaking::EditProfile { member: member.id, edits };
        Wish { at, order: Order { request: Some(request(&key, &key)), undertaking }, redeems: false }
    }

    fn card(&mut self, world: &mut World, at: StoreIndex, member: &Member) -> Wish {
        let key = format!("card {at} {}", self.acts);
        let undertaking = match (member.card, world.draw(2)) {
            (Some(card), 0) => Undertaking::ChangeCard { card, state: CardState::Lost },
            _ => Undertaking::IssueCard { member: member.id },
        };
        Wish { at, order: Order { request: Some(request(&key, &key)), undertaking }, redeems: false }
    }
}

/// Where a member goes this time: mostly to the dearest shop.
fn shop_of(world: &mut World, member: &Member) -> u32 {
    let mut shops = member.shops.iter();
    let mut shop = shops.next().copied().unwrap_or(0);
    for next in shops {
        if world.draw(1_000) < DEAREST_PER_MILLE {
            break;
        }
        shop = *next;
    }
    shop
}
