use purser_replica::{Order, Outcome, Redemption, Refusal, Reply, Undertaking};
use purser_sync::Ticket;
use purser_types::Fen;

use crate::{
    StoreIndex, World, city::request, dealings::mark, workload::Member, workload::Wish, workload::Workload,
};

/// How long a till waits for an answer: longer than rights are asked for.
const PATIENCE_MS: u64 = 5_000;
/// One till in so many asks twice, word for word; one in so many asks again under another key; one in so
/// many uses its key for something else.
const ASKED_TWICE: u64 = 10;
const KEY_CHANGED: u64 = 25;
const KEY_REUSED: u64 = 40;

/// What tills have asked and not been answered, and what they heard.
#[derive(Default)]
pub struct Tills {
    /// What members do.
    pub workload: Workload,
    open: Vec<Open>,
    /// Wishes to redeem points.
    pub wishes: u64,
    /// Of these, refused because the rights were elsewhere.
    pub refused_for_rights: u64,
}

struct Open {
    ticket: Ticket,
    at: StoreIndex,
    order: Order,
    /// Who registers.
    shops: Vec<u32>,
    /// Whether it repeats what is asked already.
    is_repeated: bool,
}

impl Tills {
    /// Registers `count` members, known everywhere before they shop.
    pub fn register(world: &mut World, count: usize) -> Self {
        let mut tills = Self::default();
        for _ in 0..count {
            tills.join(world);
        }
        world.settle();
        tills.collect(world);
        tills
    }

    /// Somebody becomes a member.
    pub fn join(&mut self, world: &mut World) {
        let shops = Workload::habits(world);
        self.join_at(world, shops);
    }

    /// Somebody who goes to these shops becomes a member at the first.
    pub fn join_at(&mut self, world: &mut World, shops: Vec<u32>) {
        if let Some(wish) = self.workload.registration(world, shops[0]) {
            self.ask(world, wish.at, wish.order, shops, false);
        }
    }

    /// Somebody does something at some shop.
    pub fn visit(&mut self, world: &mut World, deals_per_mille: u64) {
        if let Some(wish) = self.workload.visit(world, deals_per_mille) {
            self.serve(world, wish);
        }
    }

    /// A member buys something, and redeems all that the till shows if wanted.
    pub fn buy(&mut self, world: &mut World, member: usize, shop: u32, gross: Fen, redeems: bool) {
        let Some((member, at)) = self.workload.members.get(member).zip(world.machine_of(shop)) else {
            return;
        };
        let id = member.id;
        let most = gross.whole_yuan() * 100;
        let points = if redeems { world.points_shown(at, id).min(most) / 100 * 100 } else { 0 };
        let wish = self.workload.purchase_of(at, id, gross, points);
        self.serve(world, wish);
    }

    /// A till asks for what a member wishes, perhaps twice.
    pub fn serve(&mut self, world: &mut World, wish: Wish) {
        self.wishes += u64::from(wish.redeems);
        let Wish { at, order, .. } = wish;
        self.ask(world, at, order.clone(), Vec::new(), false);
        if world.draw(ASKED_TWICE) == 0 {
            self.ask(world, at, order.clone(), Vec::new(), true);
        }
        if world.draw(KEY_CHANGED) == 0 {
            self.ask_anew(world, at, &order);
        }
        if world.draw(KEY_REUSED) == 0 {
            self.reuse_key(world, at, &order);
        }
        self.collect(world);
    }

    /// Takes note of the answers that have come.
    pub fn collect(&mut self, world: &mut World) {
        for open in std::mem::take(&mut self.open) {
            match world.take_answer(open.ticket) {
                None => self.open.push(open),
                Some(Ok(reply)) => {
                    mark(&mut world.marks, &reply.outcome);
                    self.hear(&open, &reply);
                }
                Some(Err(Refusal::RightsTooFew { .. })) => {
                    self.refused_for_rights += u64::from(!open.is_repeated);
                }
                Some(Err(_)) => {}
            }
        }
        // A till whose machine is not there any more asks nobody.
        self.open.retain(|open| !world.machines()[open.at].is_gone);
    }

    /// Tills whose machine died over their order ask again, word for word.
    pub fn ask_again(&mut self, world: &mut World) {
        self.collect(world);
        for Open { at, order, shops, is_repeated, .. } in std::mem::take(&mut self.open) {
            self.ask(world, at, order, shops, is_repeated);
        }
        world.run_for(PATIENCE_MS);
        self.collect(world);
    }

    /// Whether every till has its answer.
    pub fn all_answered(&self) -> bool {
        self.open.is_empty()
    }

    fn ask(&mut self, world: &mut World, at: StoreIndex, order: Order, shops: Vec<u32>, is_repeated: bool) {
        let ticket = world.submit(at, order.clone());
        self.open.push(Open { ticket, at, order, shops, is_repeated });
    }

    /// The same basket and receipt number under another key: some tills do that when an answer is late.
    fn ask_anew(&mut self, world: &mut World, at: StoreIndex, order: &Order) {
        if let (Some(_), Undertaking::CheckOut(basket)) = (order.request, &order.undertaking) {
            let key = format!("again {}", basket.check);
            world.marks.note("key_changed");
            let request = Some(request(&key, &format!("{basket:?}")));
            let order = Order { request, undertaking: order.undertaking.clone() };
            self.ask(world, at, order, Vec::new(), true);
        }
    }

    /// The same key with another body: one of the two must be refused.
    fn reuse_key(&mut self, world: &mut World, at: StoreIndex, order: &Order) {
        let (Some(first), Undertaking::CheckOut(basket)) = (order.request, &order.undertaking) else {
            return;
        };
        let mut other = basket.clone();
        other.gross = Fen(other.gross.0 + 1);
        other.redemption = Redemption::None;
        let body = request("", &format!("{other:?}")).body;
        let request = Some(purser_journal::Request { id: first.id, body });
        world.marks.note("key_reused");
        self.ask(world, at, Order { request, undertaking: Undertaking::CheckOut(other) }, Vec::new(), true);
    }

    fn hear(&mut self, open: &Open, reply: &Reply) {
        if reply.repeated {
            return;
        }
        match &reply.outcome {
            Outcome::Sale(sale, fact) => self.workload.sales.push((*sale, fact.gross)),
            Outcome::TopUp(top_up, _) => self.workload.top_ups.push(*top_up),
            Outcome::Held { hold, .. } => {
                if let Undertaking::Hold { member, .. } = open.order.undertaking {
                    self.workload.holds.push((*hold, member, open.at));
                }
            }
            Outcome::Member(id, card) if !open.shops.is_empty() => {
                self.workload.members.push(Member { id: *id, shops: open.shops.clone(), card: *card });
            }
            _ => {}
        }
    }
}
