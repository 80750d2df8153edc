use std::collections::{BTreeMap, BTreeSet};

use purser_documents::{Edit, Field};
use purser_ledger::Asset;
use purser_replica::{Basket, Order, Outcome, Redemption, Refusal, Reply, TakeBack, Undertaking};
use purser_sync::Ticket;
use purser_types::{EntryId, Fen, MemberId, SaleId};

use crate::{StoreIndex, World, city::request};

/// How long a till waits for an answer: longer than rights are asked for.
const TILL_PATIENCE_MS: u64 = 5_000;

/// Members who shop about, and the plain account of what they were told.
pub struct Shoppers {
    members: Vec<MemberId>,
    /// What tills wait for: at which store, and what they would ask again.
    open: Vec<(Ticket, StoreIndex, Order)>,
    sales: Vec<(SaleId, MemberId, Fen)>,
    /// Entries that tills were told of.
    told: BTreeSet<EntryId>,
    visits: u64,
    /// What tills were told, by member.
    pub accounts: BTreeMap<MemberId, Account>,
    /// Sales that wanted to redeem points.
    pub wishes: u64,
    /// Of these, refused because the rights were elsewhere.
    pub refused_for_rights: u64,
}

/// What a member's points must come to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Account {
    /// Points earned by sales that were confirmed.
    pub earned: i64,
    /// Points redeemed by sales that were confirmed.
    pub redeemed: i64,
    /// Points given back by returns that were confirmed.
    pub restored: i64,
    /// Points taken back by returns that were confirmed.
    pub clawed_back: i64,
}

impl Account {
    /// What must be left.
    pub fn balance(&self) -> i64 {
        self.earned - self.redeemed + self.restored - self.clawed_back
    }
}

impl Shoppers {
    /// Registers `count` members at different stores, known everywhere before they shop.
    ///
    /// # Panics
    /// If a registration is refused.
    pub fn register(world: &mut World, count: usize) -> Self {
        let mut members = Vec::new();
        for index in 0..count {
            let store = 1 + index % world.stores();
            let name = Edit::SetField { field: Field::Name, value: Some(format!("Member {index}")) };
            let undertaking = Undertaking::Register { edits: vec![name], with_card: true };
            let ticket = world.submit(store, Order { request: None, undertaking });
            match world.take_answer(ticket) {
                Some(Ok(Reply { outcome: Outcome::Member(member, _), .. })) => members.push(member),
                other => panic!("a registration failed: {other:?}"),
            }
        }
        world.settle();
        Self {
            members,
            open: Vec::new(),
            sales: Vec::new(),
            told: BTreeSet::new(),
            visits: 0,
            accounts: BTreeMap::new(),
            wishes: 0,
            refused_for_rights: 0,
        }
    }

    /// Somebody does something at some store.
    pub fn visit(&mut self, world: &mut World) {
        let store = 1 + pick(world, world.stores());
        let member = self.members[pick(world, self.members.len())];
        self.visits += 1;
        let wants_back = world.draw(12) == 0 && !self.sales.is_empty();
        let order = if wants_back { self.bring_back(world) } else { self.buy(world, store, member) };
        // A till whose answer is late asks again, word for word.
        let times = if world.draw(10) == 0 { 2 } else { 1 };
        for _ in 0..times {
            self.open.push((world.submit(store, order.clone()), store, order.clone()));
        }
        self.collect(world);
    }

    /// Takes note of the answers that have come.
    pub fn collect(&mut self, world: &mut World) {
        for (ticket, store, order) in std::mem::take(&mut self.open) {
            match world.take_answer(ticket) {
                None => self.open.push((ticket, store, order)),
                Some(Ok(reply)) => self.note(&reply),
                Some(Err(Refusal::RightsTooFew { .. })) => self.refused_for_rights += 1,
                Some(Err(_)) => {}
            }
        }
    }

    /// Tills whose store died over their order ask again, word for word, until all have an answer.
    /// Every store has to be up.
    pub fn ask_again(&mut self, world: &mut World) {
        self.collect(world);
        for (_, store, order) in std::mem::take(&mut self.open) {
            self.open.push((world.submit(store, order.clone()), store, order));
        }
        world.run_for(TILL_PATIENCE_MS);
        self.collect(world);
    }

    /// Whether every till has its answer.
    pub fn all_answered(&self) -> bool {
        self.open.is_empty()
    }

    /// What is left of a member's points at a store, by its own ledger.
    ///
    /// # Panics
    /// If the store's database cannot be read.
    pub fn balance_at(world: &World, store: StoreIndex, member: MemberId) -> i64 {
        let replica = world.engine(store).replica();
        match replica.balance(member, Asset::Points, world.now()) {
            Ok(balance) => balance,
            Err(error) => panic!("store {store} cannot be read: {error}"),
        }
    }

    fn buy(&mut self, world: &mut World, store: StoreIndex, member: MemberId) -> Order {
        let gross = Fen(i64::try_from(100 + world.draw(40_000)).unwrap_or(0));
        let redeem = if world.draw(3) == 0 { 100 * (1 + world.draw(4)) } else { 0 };
        let redeem = i64::try_from(redeem).unwrap_or(0).min(gross.whole_yuan() * 100);
        let redemption = if redeem > 0 { Redemption::Points(redeem) } else { Redemption::None };
        self.wishes += u64::from(redeem > 0);
        let check = format!("S{store}-{}", self.visits);
        let key = format!("buy {check}");
        let basket = Basket { member, till: "1".into(), check, gross, redemption, lines: None };
        let body = format!("{basket:?}");
        Order { request: Some(request(&key, &body)), undertaking: Undertaking::CheckOut(basket) }
    }

    fn bring_back(&self, world: &mut World) -> Order {
        let (sale, _, gross) = self.sales[pick(world, self.sales.len())];
        let part = 1 + world.draw(gross.0.unsigned_abs().max(1));
        let gross = Fen(i64::try_from(part).unwrap_or(1));
        let check = format!("R-{}", self.visits);
        let request = request(&format!("return {check}"), &format!("{sale} {gross}"));
        let undertaking = Undertaking::TakeBack(TakeBack { sale, till: "1".into(), check, gross });
        Order { request: Some(request), undertaking }
    }

    /// Counts what a till was told. It may be told twice.
    fn note(&mut self, reply: &Reply) {
        if !self.told.insert(reply.entry) {
            return;
        }
        match &reply.outcome {
            Outcome::Sale(sale, fact) => {
                let account = self.accounts.entry(fact.member).or_default();
                account.earned += fact.points_earned;
                account.redeemed += fact.points_redeemed;
                self.sales.push((*sale, fact.member, fact.gross));
            }
            Outcome::Return(fact) => {
                let account = self.accounts.entry(fact.member).or_default();
                account.restored += fact.points_restored;
                account.clawed_back += fact.points_clawed_back;
            }
            _ => {}
        }
    }
}

fn pick(world: &mut World, bound: usize) -> usize {
    usize::try_from(world.draw(bound as u64)).unwrap_or(0)
}
