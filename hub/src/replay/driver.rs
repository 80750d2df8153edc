//! Plays the history in a city: baskets and outages, as many at once as the timeline allows.

use std::{collections::BTreeMap, sync::Arc};

use indicatif::ProgressBar;
use purser_journal::VersionVector;
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
    timeline::{Event, Timeline},
    visit::{Visit, full_hundreds},
};

/// Baskets and outages under way at once.
const AT_ONCE: usize = 128;
/// A member redeems on every fifth visit.
const REDEEMS_EVERY: usize = 5;

/// Plays a history in a city.
pub(crate) struct Driver<'h> {
    city: Arc<City>,
    history: &'h History,
    points_per_yuan: i64,
    members: Vec<Member>,
    lines: Lines,
    timeline: Timeline<'h>,
    running: JoinSet<Result<(Event, Option<Served>), ReplayError>>,
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
        plan: &OutagePlan,
        members: &[MemberId],
        points_per_yuan: i64,
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
            points_per_yuan,
            members: members.iter().map(member).collect(),
            timeline: Timeline::new(history, plan),
            running: JoinSet::new(),
            tally: Tally::new(),
            progress,
        }
    }

    /// Plays everything; at the end all lines are up again.
    pub(crate) async fn play(mut self) -> Result<(Tally, OutageRecord), ReplayError> {
        loop {
            while self.running.len() < AT_ONCE
                && let Some(event) = self.begin_next()
            {
                self.carry_out(event)?;
            }
            match self.running.join_next().await {
                Some(ended) => self.end(ended??),
                None => break,
            }
        }
        self.lines.heal_all().await?;
        Ok((self.tally, self.lines.record))
    }

    fn begin_next(&mut self) -> Option<Event> {
        let (clock, baskets) = (&self.city.clock, &self.history.baskets);
        self.timeline.begin(|event| match event {
            Event::Basket(place) => clock.advance(baskets[place].at_ms),
            Event::Turn { turn, .. } => clock.advance(turn.at_ms),
        })
    }

    fn carry_out(&mut self, event: Event) -> Result<(), ReplayError> {
        match event {
            Event::Basket(place) => {
                let visit = self.visit(place);
                self.running.spawn(async move { Ok((event, Some(visit.serve().await?))) });
            }
            Event::Turn { turn, .. } if turn.up => {
                self.lines.heal(turn.site)?;
                self.timeline.end(event);
            }
            Event::Turn { turn, until_ms } => {
                let visitors = self.known_of_visitors(turn, until_ms);
                let cutting = self.lines.cut(turn.site, &visitors);
                self.running.spawn(async move {
                    cutting.carry_out().await?;
                    Ok((event, None))
                });
            }
        }
        Ok(())
    }

    fn end(&mut self, (event, served): (Event, Option<Served>)) {
        if let Some(served) = served {
            self.note(&served);
        }
        self.timeline.end(event);
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
        let all_up = is_up && member.last_entries.keys().all(|store| self.lines.is_up(*store));
        let rights_can_arrive = member.sent_to.is_some_and(|store| self.lines.is_up(store));
        // Rights are where the member has been; only a wish asks for them there.
        let mut concerned = vec![basket.store];
        if wish > 0 {
            concerned.extend(member.last_entries.keys());
        }
        let healing = concerned.into_iter().filter(|_| is_up);
        let healing = healing.filter_map(|store| self.lines.healing(store)).collect();
        let (city, member) = (Arc::clone(&self.city), member.id);
        Visit { city, place, basket, member, wish, healing, elsewhere, rights_can_arrive, all_up }
    }

    fn note(&mut self, served: &Served) {
        let basket = &self.history.baskets[served.basket];
        let member = &mut self.members[basket.household];
        member.visits += 1;
        if let Some(wish) = &served.wish {
            member.redeemed += wish.redeemed;
            let household = &self.history.households[basket.household];
            self.tally.add_wish(household, member.visits, wish);
        }
        member.earned += basket.value.whole_yuan() * self.points_per_yuan;
        member.last_entries.insert(basket.store, served.entry);
        for replica in &served.offered_to {
            if let Some(Site::Store(store)) = self.city.site_of(*replica) {
                self.lines.note_offer(store, served.entry);
                member.sent_to = Some(store);
            }
        }
        self.tally.add(basket.value, self.points_per_yuan, served);
        self.progress.inc(1);
        self.progress.set_message(moment::day(basket.at_ms));
    }

    /// What stores whose lines are cut now have to know of those who come while they are: all
    /// that was written before, however short before it was by the real clock.
    fn known_of_visitors(&self, turn: Turn, until_ms: u64) -> BTreeMap<usize, VersionVector> {
        let mut known: BTreeMap<usize, VersionVector> = BTreeMap::new();
        for basket in self.timeline.visits(turn, until_ms) {
            let due = known.entry(basket.store).or_default();
            for (store, entry) in &self.members[basket.household].last_entries {
                if self.lines.is_up(*store) {
                    due.advance(entry.replica, entry.seq);
                }
            }
        }
        known
    }
}
