//! Points that members carry, and points that stores may spend in advance.

use purser_journal::SignedVoucher;
use purser_replica::{Order, Outcome, Reply, Undertaking};
use purser_sync::Ticket;
use purser_types::{Coded, MemberId, OfferId};

use crate::{StoreIndex, World, city::request};

/// How long a voucher is good for.
const GOOD_MS: u64 = 24 * 3_600_000;
const GRANTED_POINTS: i64 = 500;

/// A voucher on a member's telephone.
#[derive(Debug, Clone)]
pub(crate) struct Carried {
    pub(crate) to: StoreIndex,
    pub(crate) voucher: SignedVoucher,
    shown: u64,
}

impl World {
    /// A member asks the hub for points to carry to a store; vouchers got earlier are shown somewhere,
    /// most of them where they belong.
    pub(crate) fn carry(&mut self, store: StoreIndex) {
        self.show_vouchers();
        let Some(member) = self.oracle.some_member_with_points() else { return };
        let hub = self.registrar();
        let to = self.machines[store].who.replica();
        let points = i64::try_from(100 * (1 + self.draw(3))).unwrap_or(100);
        let undertaking = Undertaking::Carry { to, member, points };
        let ticket = self.submit(hub, Order { request: None, undertaking });
        self.run_for(3_000);
        self.keep_voucher(hub, store, member, ticket);
    }

    fn keep_voucher(&mut self, hub: StoreIndex, to: StoreIndex, member: MemberId, ticket: Ticket) {
        let Some(Ok(Reply { entry, outcome: Outcome::Lent { .. }, .. })) = self.take_answer(ticket) else {
            return;
        };
        let until_ms = self.now.wall_ms + GOOD_MS;
        let offer = (OfferId::created_by(entry), self.machines[to].who.replica());
        let Some(engine) = self.machines[hub].engine.as_ref() else { return };
        if let Ok(Some(voucher)) = engine.replica().voucher(offer, member, until_ms) {
            self.marks.note("carried");
            self.vouchers.push(Carried { to, voucher, shown: 0 });
        }
    }

    fn show_vouchers(&mut self) {
        for mut carried in std::mem::take(&mut self.vouchers) {
            let at = if self.draw(4) == 0 { self.some_store().unwrap_or(carried.to) } else { carried.to };
            if self.machines[at].is_gone {
                continue;
            }
            carried.shown += 1;
            let key = format!("voucher {at} {:?} {}", carried.voucher.to_string(), carried.shown);
            let undertaking = Undertaking::TakeUp { voucher: Box::new(carried.voucher.clone()) };
            let ticket = self.submit(at, Order { request: Some(request(&key, &key)), undertaking });
            match self.take_answer(ticket) {
                Some(Ok(_)) => self.marks.note("voucher_taken_up"),
                Some(Err(refusal)) => self.marks.note(refusal.code()),
                None => {}
            }
            if carried.shown < 3 {
                self.vouchers.push(carried);
            }
        }
    }

    /// A hub lets a store spend in advance.
    pub(crate) fn grant(&mut self, store: StoreIndex) {
        let (hub, to) = (self.registrar(), self.machines[store].who.replica());
        let undertaking = Undertaking::GrantAllowance { to, points: GRANTED_POINTS };
        let ticket = self.submit(hub, Order { request: None, undertaking });
        if self.take_answer(ticket).is_some_and(|answer| answer.is_ok()) {
            self.marks.note("granted");
        }
    }
}

/// A member of whom much is owned.
pub(crate) fn richest(owned: impl Iterator<Item = (MemberId, i64)>) -> Option<MemberId> {
    let mut owned: Vec<(i64, MemberId)> = owned.map(|(member, points)| (points, member)).collect();
    owned.sort_unstable();
    owned.last().filter(|(points, _)| *points >= 100).map(|(_, member)| *member)
}
