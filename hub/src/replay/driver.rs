//! Plays the history: baskets in their order, as many at once as are independent of each
//! other, and a stop at every outage.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    sync::Arc,
};

use indicatif::ProgressBar;
use purser_journal::VersionVector;
use purser_programme::FixedRule;
use purser_types::{EntryId, MemberId};
use tokio::task::JoinSet;

use super::{
    city::City,
    history::History,
    moment,
    outage::{Lines, OutageRecord},
    outage_plan::{OutagePlan, Turn},
    replay_error::ReplayError,
    site::Site,
    tally::{Served, Tally},
    visit::{Visit, full_hundreds},
};

/// Visits under way at once.
const VISITS_AT_ONCE: usize = 128;
/// How far ahead a basket is looked for whose member and store are free.
const LOOK_AHEAD: usize = 512;
/// A member redeems on every fifth visit.
const REDEEMS_EVERY: usize = 5;

/// Plays a history in a city.
pub(crate) struct Driver<'h> {
    city: Arc<City>,
    history: &'h History,
    rule: FixedRule,
    members: Vec<Member>,
    lines: Lines,
    running: JoinSet<Result<Served, ReplayError>>,
    busy_members: BTreeSet<usize>,
    busy_stores: BTreeSet<usize>,
    /// The next basket.
    next: usize,
    tally: Tally,
    progress: ProgressBar,
}

/// What the plain account and the driver know of a member.
struct Member {
    id: MemberId,
    visits: usize,
    earned: i64,
    redeemed: i64,
    /// The last entry about the member at each store.
    last_entries: BTreeMap<usize, EntryId>,
    /// Where the last checkout sent the member's points.
    sent_to: Option<usize>,
}

impl<'h> Driver<'h> {
    pub(crate) fn new(
        city: Arc<City>,
        history: &'h History,
        members: &[MemberId],
        rule: FixedRule,
        progress: ProgressBar,
    ) -> Self {
        let member = |id: &MemberId| Member {
            id: *id,
            visits: 0,
            earned: 0,
            redeemed: 0,
            last_entries: BTreeMap::new(),
            sent_to: None,
        };
        Self {
            lines: Lines::new(Arc::clone(&city)),
            city,
            history,
            rule,
            members: members.iter().map(member).collect(),
            running: JoinSet::new(),
            busy_members: BTreeSet::new(),
            busy_stores: BTreeSet::new(),
            next: 0,
            tally: Tally::new(),
            progress,
        }
    }

    /// Plays everything; at the end all lines are up again.
    pub(crate) async fn play(mut self, plan: &OutagePlan) -> Result<(Tally, OutageRecord), ReplayError> {
        for (place, turn) in plan.turns.iter().enumerate() {
            self.serve_until(turn.at_ms).await?;
            self.city.clock.advance(turn.at_ms);
            if turn.up {
                self.lines.heal(turn.site).await?;
            } else {
                self.cut(*turn, &plan.turns[place..]).await?;
            }
        }
        self.serve_until(u64::MAX).await?;
        self.lines.heal_all().await?;
        Ok((self.tally, self.lines.record))
    }

    /// Serves all baskets before `end_ms`: when it returns, none is under way.
    async fn serve_until(&mut self, end_ms: u64) -> Result<(), ReplayError> {
        let baskets = &self.history.baskets;
        let end = self.next + baskets[self.next..].partition_point(|basket| basket.at_ms < end_ms);
        let mut waiting: VecDeque<usize> = (self.next..end).collect();
        self.next = end;
        loop {
            self.start_what_can(&mut waiting);
            match self.running.join_next().await {
                Some(served) => self.finish(&served??),
                None => return Ok(()),
            }
        }
    }

    /// Starts baskets whose member and store are free, and none out of their order.
    fn start_what_can(&mut self, waiting: &mut VecDeque<usize>) {
        let (mut members, mut stores) = (self.busy_members.clone(), self.busy_stores.clone());
        let mut at = 0;
        while at < waiting.len().min(LOOK_AHEAD) && self.running.len() < VISITS_AT_ONCE {
            let place = waiting[at];
            let basket = &self.history.baskets[place];
            let member_is_free = members.insert(basket.household);
            let store_is_free = stores.insert(basket.store);
            if !(member_is_free && store_is_free) {
                at += 1;
                continue;
            }
            if !self.city.clock.advance(basket.at_ms) {
                return;
            }
            waiting.remove(at);
            self.busy_members.insert(basket.household);
            self.busy_stores.insert(basket.store);
            let visit = self.visit(place);
            self.running.spawn(visit.serve());
        }
    }

    fn visit(&mut self, place: usize) -> Visit {
        let basket = self.history.baskets[place].clone();
        let member = &self.members[basket.household];
        let redeems = (member.visits + 1).is_multiple_of(REDEEMS_EVERY);
        let wish = if redeems { full_hundreds(member.earned - member.redeemed) } else { 0 };
        let is_up = self.lines.is_up(basket.store);
        let elsewhere = member.last_entries.iter().filter(|(store, _)| **store != basket.store);
        let elsewhere = elsewhere.map(|(store, entry)| (*entry, self.lines.is_up(*store)));
        let elsewhere = is_up.then(|| elsewhere.collect());
        let rights_can_arrive = member.sent_to.is_some_and(|store| self.lines.is_up(store));
        // Rights are where the member has been; only a wish asks for them there.
        let mut concerned = vec![basket.store];
        if wish > 0 {
            concerned.extend(member.last_entries.keys());
        }
        let healing = concerned.into_iter().filter(|_| is_up);
        let healing = healing.filter_map(|store| self.lines.healing(store)).collect();
        let (city, member) = (Arc::clone(&self.city), member.id);
        Visit { city, place, basket, member, wish, healing, elsewhere, rights_can_arrive }
    }

    fn finish(&mut self, served: &Served) {
        let basket = &self.history.baskets[served.basket];
        self.busy_members.remove(&basket.household);
        self.busy_stores.remove(&basket.store);
        let member = &mut self.members[basket.household];
        member.visits += 1;
        if let Some(wish) = &served.wish {
            member.redeemed += wish.redeemed;
            let household = &self.history.households[basket.household];
            self.tally.add_wish(household, member.visits, wish);
        }
        member.earned += self.rule.points_for(basket.value);
        member.last_entries.insert(basket.store, served.entry);
        for replica in &served.offered_to {
            if let Some(Site::Store(store)) = self.city.site_of(*replica) {
                self.lines.note_offer(store, served.entry);
                member.sent_to = Some(store);
            }
        }
        self.tally.add(basket.value, self.rule, served);
        self.progress.inc(1);
        self.progress.set_message(moment::day(basket.at_ms));
    }

    /// Cuts a line. What the stores know by then of those who visit them while they are cut off
    /// is what was written before, however short before it was by the real clock.
    async fn cut(&mut self, turn: Turn, turns: &[Turn]) -> Result<(), ReplayError> {
        let heals = turns.iter().find(|later| later.site == turn.site && later.up);
        let until_ms = heals.map_or(u64::MAX, |heals| heals.at_ms);
        let mut visitors: BTreeMap<usize, VersionVector> = BTreeMap::new();
        for basket in self.history.baskets[self.next..].iter().take_while(|basket| basket.at_ms < until_ms) {
            if turn.site != Site::Hub && turn.site != Site::Store(basket.store) {
                continue;
            }
            let due = visitors.entry(basket.store).or_default();
            for (store, entry) in &self.members[basket.household].last_entries {
                if self.lines.is_up(*store) {
                    due.advance(entry.replica, entry.seq);
                }
            }
        }
        let visitors = |store| visitors.get(&store).cloned().unwrap_or_default();
        self.lines.cut(turn.site, visitors).await
    }
}
