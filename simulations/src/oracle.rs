use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use purser_journal::{Entry, Fact, RequestId};
use purser_ledger::{Asset, Lot, Posting};
use purser_replica::{Replica, Reply};
use purser_types::{Digest, EntryId, MemberId, OfferId, ReplicaId, ReplicaTag, StoreNumber};

use crate::{
    account::{Account, change},
    carriers::richest,
    story::{Story, StoryId, entries_after, points_change, points_told, postings},
};

/// Something that must never be so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// The checker that found it.
    pub checker: &'static str,
    /// What it found.
    pub what: String,
}

/// Watches every entry as it becomes durable, in the one order in which the world made it so,
/// which no replica knows. What it keeps is as plain as can be.
#[derive(Default)]
pub struct Oracle {
    pub(crate) stories: Vec<Story>,
    /// The story of each replica that counts: the first, until a hub has decided otherwise.
    pub(crate) counted: BTreeMap<ReplicaId, StoryId>,
    /// Where the journals of those end that were put out.
    pub(crate) ends: HashMap<ReplicaId, u64>,
    /// Replicas of which more than one story may be told, or whose device is lost.
    pub(crate) doubtful: BTreeSet<ReplicaId>,
    pub(crate) tags: HashMap<ReplicaTag, ReplicaId>,
    /// What was ever offered, by whichever story: receiver and amount.
    pub(crate) offers: HashSet<(OfferId, Lot, ReplicaId, i64)>,
    /// Of that, what counts.
    pub(crate) offers_counted: HashSet<(OfferId, Lot, ReplicaId, i64)>,
    pub(crate) accepted: HashMap<(OfferId, Lot, ReplicaId), i64>,
    /// Replicas of which nobody tells but those who relay them.
    pub(crate) without_machine: BTreeSet<ReplicaId>,
    pub(crate) reclaimed: HashMap<(ReplicaId, Lot), i64>,
    /// What everybody together owns of a lot.
    pub(crate) owned: HashMap<Lot, i64>,
    /// What copies of a replica may spend once more.
    pub(crate) slack: HashMap<Lot, i64>,
    /// Lots of which a return took back: they may be below zero.
    pub(crate) clawed_back: BTreeSet<Lot>,
    /// Lots of which something was spent in advance: they may be, as far as an allowance covers it.
    pub(crate) advanced: BTreeSet<Lot>,
    /// Points that hubs have granted for that.
    pub(crate) granted: i64,
    pub(crate) requests: HashMap<(ReplicaId, RequestId), EntryId>,
    pub(crate) checks: HashMap<(StoreNumber, String, String), EntryId>,
    /// Sales and returns.
    pub(crate) deals: BTreeSet<EntryId>,
    pub(crate) acknowledged: BTreeMap<EntryId, Digest>,
    violations: Vec<Violation>,
    /// How often each checker has looked.
    pub(crate) looks: BTreeMap<&'static str, u64>,
}

impl Oracle {
    /// Looks at what a replica has made durable since it was looked at last. Returns the entries.
    pub(crate) fn watch(&mut self, story: Option<StoryId>, replica: &Replica) -> (StoryId, Vec<Entry>) {
        let me = replica.id();
        let story = story.unwrap_or_else(|| self.begin(me, Story::default()));
        let seen = self.stories[story].entries.len() as u64;
        if replica.me().head.seq < seen {
            self.blame(
                "acknowledged_survives",
                format!("{me:?} has lost entries after {}", replica.me().head.seq),
            );
        }
        let fresh = entries_after(replica, me, seen);
        for (hash, entry) in &fresh {
            self.add(story, replica, *hash, entry);
        }
        (story, fresh.into_iter().map(|(_, entry)| entry).collect())
    }

    /// The story that goes on from the first `known` entries of another: a copy of a database is told on.
    pub(crate) fn copy(&mut self, of: StoryId, replica: ReplicaId, known: u64) -> StoryId {
        let prefix: Vec<_> =
            self.stories[of].entries.iter().take(usize::try_from(known).unwrap_or(0)).cloned().collect();
        let mut account = Account::default();
        prefix.iter().flat_map(|(_, entry)| postings(entry)).for_each(|posting| {
            account.book(posting);
        });
        for (lot, left) in account.lots() {
            *self.slack.entry(lot).or_default() += left;
        }
        for (lot, amount) in self.open_offers(replica) {
            *self.slack.entry(lot).or_default() += amount;
        }
        self.doubtful.insert(replica);
        self.begin(replica, Story { entries: prefix, account })
    }

    /// What was offered to a replica that it has not taken up.
    fn open_offers(&self, to: ReplicaId) -> Vec<(Lot, i64)> {
        let open = |(offer, lot, receiver, _): &&(OfferId, Lot, ReplicaId, i64)| {
            *receiver == to && !self.accepted.contains_key(&(*offer, *lot, *receiver))
        };
        self.offers_counted.iter().filter(open).map(|(_, lot, _, amount)| (*lot, *amount)).collect()
    }

    /// An author appears that has no machine.
    pub(crate) fn introduce(&mut self, replica: ReplicaId) {
        self.begin(replica, Story::default());
        self.without_machine.insert(replica);
    }

    fn begin(&mut self, replica: ReplicaId, story: Story) -> StoryId {
        self.stories.push(story);
        let id = self.stories.len() - 1;
        self.counted.entry(replica).or_insert(id);
        self.tags.insert(replica.tag(), replica);
        id
    }

    fn add(&mut self, story: StoryId, replica: &Replica, hash: Digest, entry: &Entry) {
        let counts = self.counted.get(&entry.replica) == Some(&story)
            && self.ends.get(&entry.replica).is_none_or(|end| entry.seq <= *end);
        self.looks("no_share_below_zero");
        for posting in postings(entry) {
            if let Some(fault) = self.stories[story].account.book(posting) {
                self.blame("no_share_below_zero", format!("{:?} {fault}", entry.id()));
            }
        }
        self.stories[story].entries.push((hash, entry.clone()));
        if counts {
            self.count(entry);
            postings(entry).for_each(|posting| self.check_lot(posting.lot(), entry.id()));
        } else {
            // Whom it gives rights may take them up before anybody knows better.
            self.note_offers(entry, false);
        }
        for fact in &entry.facts {
            match fact {
                Fact::Sale(sale) if counts => {
                    self.note_deal(replica.me().credential.store, entry.id(), &sale.till, &sale.check);
                }
                Fact::Return(back) if counts => {
                    self.note_deal(replica.me().credential.store, entry.id(), &back.till, &back.check);
                }
                Fact::Fenced { replica: fenced, after_seq, .. } if counts => {
                    let end = self.ends.get(fenced).map_or(*after_seq, |end| *after_seq.min(end));
                    self.ends.insert(*fenced, end);
                    self.recount(*fenced, replica);
                }
                _ => {}
            }
        }
    }

    pub(crate) fn count(&mut self, entry: &Entry) {
        let id = entry.id();
        if let Some(request) = entry.request {
            self.looks("one_effect_per_request");
            let first = self.requests.insert((entry.replica, request.id), id);
            if let Some(first) = first.filter(|first| *first != id) {
                self.blame("one_effect_per_request", format!("{first:?} and {id:?} answer one request"));
            }
        }
        self.note_offers(entry, true);
        for posting in postings(entry) {
            let lot = posting.lot();
            match *posting {
                Posting::Clawback { .. } => drop(self.clawed_back.insert(lot)),
                Posting::Advance { .. } => drop(self.advanced.insert(lot)),
                Posting::Credit { amount, .. } if lot.asset == Asset::Allowance => self.granted += amount,
                _ => {}
            }
            if let Posting::Accept { offer, amount, .. } = *posting {
                self.note_acceptance(entry, offer, lot, amount);
            }
            *self.owned.entry(lot).or_default() += change(posting);
        }
    }

    pub(crate) fn check_lot(&mut self, lot: Lot, id: EntryId) {
        self.looks("never_overspent");
        let owned = self.owned.get(&lot).copied().unwrap_or(0);
        let slack = self.slack.get(&lot).copied().unwrap_or(0);
        if owned < -slack
            && !self.clawed_back.contains(&lot)
            && !self.advanced.contains(&lot)
            && owned < -slack - self.unbacked(lot)
        {
            self.blame("never_overspent", format!("{id:?} leaves {owned} of {lot:?}, {slack} may be lost"));
        }
    }

    /// What honest replicas have taken up of a lot from stories that do not count: it was given, sold or
    /// returned in truth, and stands in what was set aside.
    fn unbacked(&self, lot: Lot) -> i64 {
        let unbacked = self.accepted.iter().filter(|((offer, of, to), amount)| {
            let doubtful = self.giver_of(*offer).is_some_and(|giver| self.is_excused(giver, offer.seq()));
            *of == lot && doubtful && !self.offers_counted.contains(&(*offer, *of, *to, **amount))
        });
        unbacked.map(|(_, amount)| *amount).sum()
    }

    fn note_offers(&mut self, entry: &Entry, counts: bool) {
        for posting in postings(entry) {
            if let Posting::Offer { offer, to, lot, amount } = *posting {
                self.offers.insert((offer, lot, to, amount));
                if counts {
                    self.offers_counted.insert((offer, lot, to, amount));
                }
            }
        }
    }

    fn note_acceptance(&mut self, entry: &Entry, offer: OfferId, lot: Lot, amount: i64) {
        self.looks("rights_taken_up_once");
        let key = (offer, lot, entry.replica);
        if self.accepted.insert(key, amount).is_some() {
            self.blame("rights_taken_up_once", format!("{:?} takes {offer} up again", entry.id()));
        }
        if self.offers.contains(&(offer, lot, entry.replica, amount)) {
            return;
        }
        let giver = offer.tag().and_then(|tag| self.tags.get(&tag)).copied();
        let fenced = giver.filter(|giver| self.ends.get(giver).is_some_and(|end| offer.seq() > *end));
        let Some(giver) = fenced else {
            self.blame("rights_taken_up_once", format!("{:?} takes up what {offer} never gave", entry.id()));
            return;
        };
        let taken = self.reclaimed.entry((giver, lot)).or_default();
        *taken += amount;
        let (taken, left) = (*taken, self.left_of(giver, lot));
        self.looks("reclaimed_once");
        if taken > left {
            self.blame(
                "reclaimed_once",
                format!("{taken} of {lot:?} taken back from {giver:?}, who had {left}"),
            );
        }
    }

    /// What a replica that was put out had of a lot: its shares, and what was on its way to it.
    fn left_of(&self, giver: ReplicaId, lot: Lot) -> i64 {
        let own = self.counted.get(&giver).map_or(0, |story| self.stories[*story].account.left(lot));
        let open = self.open_offers(giver).into_iter().filter(|(of, _)| *of == lot);
        open.map(|(_, amount)| amount).sum::<i64>() + own
    }

    fn note_deal(&mut self, shop: StoreNumber, entry: EntryId, till: &str, check: &str) {
        self.looks("one_effect_per_check");
        self.deals.insert(entry);
        let key = (shop, till.to_owned(), check.to_owned());
        if let Some(first) = self.checks.insert(key, entry)
            && !self.doubtful.contains(&first.replica)
            && !self.ends.contains_key(&first.replica)
        {
            self.blame("one_effect_per_check", format!("{first:?} and {entry:?} have one check number"));
        }
    }

    /// A reply has left a replica: from now on its entry must be there whatever happens, and what it says
    /// of the member's points must be what the entry posts.
    pub(crate) fn acknowledge(&mut self, story: StoryId, reply: &Reply) {
        self.looks("acknowledged_survives");
        let place = usize::try_from(reply.entry.seq.saturating_sub(1)).unwrap_or(usize::MAX);
        let Some((hash, entry)) = self.stories[story].entries.get(place) else {
            self.blame("acknowledged_survives", format!("{:?} was answered and is not there", reply.entry));
            return;
        };
        let (posted, told) = (points_change(entry), points_told(&reply.outcome));
        let hash = *hash;
        self.acknowledged.insert(reply.entry, hash);
        self.looks("tills_are_told_right");
        if told.is_some_and(|told| told != posted) {
            let id = reply.entry;
            self.blame(
                "tills_are_told_right",
                format!("{id:?} posts {posted} points, the till hears {told:?}"),
            );
        }
    }

    /// What a member's points come to, expired ones included and those set aside left out, by everything
    /// that counts.
    pub fn points_of(&self, member: MemberId) -> i64 {
        let points = self.owned.iter().filter(|(lot, _)| lot.member == member && lot.asset == Asset::Points);
        // What one who was put out has set aside will never be captured: it counts as the member's again.
        let going = self.counted.iter().filter(|(replica, _)| !self.ends.contains_key(replica));
        let held = going.map(|(_, story)| self.stories[*story].account.held_points(member));
        points.map(|(_, amount)| amount).sum::<i64>() - held.sum::<i64>()
    }

    /// The member who has most.
    pub(crate) fn some_member_with_points(&self) -> Option<MemberId> {
        let mut points: BTreeMap<MemberId, i64> = BTreeMap::new();
        for (lot, amount) in self.owned.iter().filter(|(lot, _)| lot.asset == Asset::Points) {
            *points.entry(lot.member).or_default() += amount;
        }
        richest(points.into_iter())
    }

    /// What was lost by advances may be no more than was granted for them.
    pub(crate) fn check_allowance(&mut self) {
        self.looks("loss_within_allowance");
        let lost = |lot: &Lot| -self.owned.get(lot).copied().unwrap_or(0).min(0);
        let lost: i64 = self.advanced.difference(&self.clawed_back).map(lost).sum();
        let granted = self.granted;
        if lost > granted {
            self.blame("loss_within_allowance", format!("{lost} points are lost, {granted} were granted"));
        }
    }

    /// Whether what a replica was heard to say may be lost: its device is, or it was put out before.
    pub(crate) fn is_excused(&self, replica: ReplicaId, seq: u64) -> bool {
        self.doubtful.contains(&replica) || self.ends.get(&replica).is_some_and(|end| seq > *end)
    }

    /// Who made an offer.
    pub(crate) fn giver_of(&self, offer: OfferId) -> Option<ReplicaId> {
        offer.tag().and_then(|tag| self.tags.get(&tag)).copied()
    }

    /// Notes something that another checker found.
    pub fn blame(&mut self, checker: &'static str, what: String) {
        self.violations.push(Violation { checker, what });
    }

    /// Counts that a checker has looked.
    pub(crate) fn looks(&mut self, checker: &'static str) {
        *self.looks.entry(checker).or_default() += 1;
    }

    /// What was found so far.
    pub fn violations(&self) -> &[Violation] {
        &self.violations
    }
}
