use purser_types::ReplicaId;

use super::{
    history::Shopping,
    member::{HUB, Member, Scheme, replica_of},
    purse::Purse,
};

/// What helps a store without a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Help {
    /// Whether this member brings rights from the hub on a phone.
    pub(super) carried: bool,
    /// What a store may advance to a member, in points.
    pub(super) allowance: i64,
}

/// What came of outages. Wishes are those that a referee who knows everything at once would allow.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Tally {
    /// Wishes at stores without a line (if the hub has none: at all stores).
    pub(super) wishes: u64,
    /// Of these, served at once.
    pub(super) served: u64,
    /// Wishes elsewhere, of the same members, not served: what they need lies where no line is.
    pub(super) suffered: u64,
    /// Points that stores advanced.
    pub(super) advanced: i64,
    /// Points overspent once all journals have met.
    pub(super) lost: i64,
    /// The most that one member overspent in one outage.
    pub(super) lost_most: i64,
    /// Whether a member overspent more than stores had advanced: must never be so.
    pub(super) beyond_advances: bool,
}

impl Tally {
    /// Adds `more`, `times` over.
    pub(super) fn add(&mut self, more: Self, times: u64) {
        let points = |amount: i64| amount.saturating_mul(i64::try_from(times).unwrap_or(i64::MAX));
        self.wishes += times * more.wishes;
        self.served += times * more.served;
        self.suffered += times * more.suffered;
        self.advanced += points(more.advanced);
        self.lost += points(more.lost);
        self.lost_most = self.lost_most.max(more.lost_most);
        self.beyond_advances |= more.beyond_advances;
    }
}

/// One member during one outage.
pub(super) struct Scene<'a, Cut: Fn(ReplicaId) -> bool> {
    scheme: &'a Scheme,
    help: Help,
    /// Who has no line.
    cut: Cut,
    /// The rights as those on line know them.
    member: Member,
    /// The rights as they are.
    actual: Purse,
    /// Given to stores without a line: nobody has it until that is back.
    in_flight: i64,
    /// What the referee takes for the balance.
    fair: i64,
    /// The balance when the line went.
    before: i64,
    /// How the balance has changed since then at each store without a line.
    changed: Purse,
    /// What each store has advanced.
    advances: Purse,
    tally: Tally,
}

impl<'a, Cut: Fn(ReplicaId) -> bool> Scene<'a, Cut> {
    /// The member as all knew it when the line went.
    pub(super) fn begin(scheme: &'a Scheme, help: Help, cut: Cut, member: &Member) -> Self {
        let (before, actual) = (member.purse.total(), member.purse.clone());
        Self {
            scheme,
            help,
            cut,
            member: member.clone(),
            actual,
            in_flight: 0,
            fair: before,
            before,
            changed: Purse::default(),
            advances: Purse::default(),
            tally: Tally::default(),
        }
    }

    /// Plays the visits that fall into the outage.
    pub(super) fn play(mut self, visits: &[Shopping]) -> Tally {
        for (place, shopping) in visits.iter().enumerate() {
            let allowed = self.fair >= self.scheme.reward;
            let earned = self.scheme.earned(shopping);
            self.fair += earned - if allowed { self.scheme.reward } else { 0 };
            if (self.cut)(replica_of(shopping.store)) {
                self.visit_cut_off(shopping, earned, allowed);
            } else {
                // Nobody asks any more where rights are after the last visit.
                let is_last = place + 1 == visits.len();
                self.visit_on_line(shopping, earned, allowed, is_last);
            }
        }
        let left = self.actual.total() + self.in_flight;
        self.tally.lost = (-left).max(0);
        self.tally.lost_most = self.tally.lost;
        self.tally.advanced = self.advances.total();
        self.tally.beyond_advances = self.tally.lost > self.tally.advanced;
        self.tally
    }

    /// At a store without a line: its own rights, what the basket earns, what the member brings,
    /// an advance; in this order.
    fn visit_cut_off(&mut self, shopping: &Shopping, earned: i64, allowed: bool) {
        let (here, reward) = (replica_of(shopping.store), self.scheme.reward);
        let believed = self.before + self.changed.at(here);
        let rights = (self.actual.at(here) + self.scheme.own(earned)).max(0);
        let missing = (reward - rights).max(0);
        let bring = |at: ReplicaId| self.help.carried && !(self.cut)(at) && !(self.cut)(HUB);
        // Whoever cannot know the balance here takes the hub's word for it: all of it is brought.
        let wanted = if believed >= reward { missing } else { reward };
        let brought = self.actual.of(bring).min(wanted);
        let advance = (missing - brought).max(0);
        let is_covered = believed >= reward || brought >= reward;
        let may_advance = advance == 0 || self.advances.at(here) + advance <= self.help.allowance;
        let granted = is_covered && may_advance && (advance == 0 || believed >= reward);
        let mut change = earned;
        if granted {
            for (giver, part) in self.actual.givers(brought, HUB, bring) {
                self.actual.add(giver, -part);
                self.member.purse.add(giver, -part);
                self.member.purse.add(here, part);
                self.actual.add(here, part);
            }
            self.actual.add(here, -reward);
            self.advances.add(here, advance);
            change -= reward;
        }
        self.actual.add(here, earned);
        self.changed.add(here, change);
        self.count(allowed, granted, true);
    }

    /// At a store on line: all rights but those that lie where no line is.
    fn visit_on_line(&mut self, shopping: &Shopping, earned: i64, allowed: bool, is_last: bool) {
        let (here, reward) = (replica_of(shopping.store), self.scheme.reward);
        let within = |at: ReplicaId| !(self.cut)(at);
        let reachable = self.actual.of(within);
        // Tills go by the balance known here, which the referee may know to be less.
        let granted = self.member.purse.total() >= reward && reachable + self.scheme.own(earned) >= reward;
        if granted {
            let from_rights = reachable.min(reward);
            for (giver, part) in self.actual.givers(from_rights, here, within) {
                self.actual.add(giver, -part);
                self.member.purse.add(giver, -part);
            }
        }
        let from_basket = if granted { reward - reachable.min(reward) } else { 0 };
        self.actual.add(here, earned - from_basket);
        self.member.purse.add(here, earned - from_basket);
        self.member.note_visit(shopping);
        self.count(allowed, granted, (self.cut)(HUB));
        if !is_last {
            self.move_rights();
        }
    }

    /// What the policy wants, by what those on line know; who has no line gives nothing, and what is
    /// sent there arrives later.
    fn move_rights(&mut self) {
        let hub = (!(self.cut)(HUB)).then_some(HUB);
        for step in self.member.moves(self.scheme, hub) {
            if (self.cut)(step.from) {
                continue;
            }
            self.member.purse.add(step.from, -step.amount);
            self.member.purse.add(step.to, step.amount);
            self.actual.add(step.from, -step.amount);
            if (self.cut)(step.to) {
                self.in_flight += step.amount;
            } else {
                self.actual.add(step.to, step.amount);
            }
        }
    }

    fn count(&mut self, allowed: bool, granted: bool, is_cut_off: bool) {
        if !allowed {
            return;
        }
        if is_cut_off {
            self.tally.wishes += 1;
            self.tally.served += u64::from(granted);
        } else {
            self.tally.suffered += u64::from(!granted);
        }
    }
}
