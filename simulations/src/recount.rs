//! Which telling of a journal counts, once a hub has decided.

use std::collections::BTreeSet;

use purser_journal::{Entry, Fact};
use purser_ledger::Posting;
use purser_replica::Replica;
use purser_types::ReplicaId;

use crate::{
    Oracle,
    account::{Account, change},
    story::{Story, entries_after, postings},
};

impl Oracle {
    /// What a hub knows of those who are in doubt or put out is what counts; and only fences that it
    /// knows are any.
    pub(crate) fn recount_all(&mut self, hub: &Replica) {
        let mut again: BTreeSet<ReplicaId> = self.ends.keys().copied().collect();
        again.extend(self.doubtful.iter().chain(&self.without_machine));
        self.ends.clear();
        let authors: Vec<ReplicaId> = hub.authors().map(|author| author.credential.replica).collect();
        for (_, entry) in authors.into_iter().flat_map(|author| entries_after(hub, author, 0)) {
            for fact in &entry.facts {
                if let Fact::Fenced { replica, after_seq, .. } = fact {
                    let end = self.ends.get(replica).map_or(*after_seq, |end| *after_seq.min(end));
                    self.ends.insert(*replica, end);
                    again.insert(*replica);
                }
            }
        }
        for replica in again {
            self.recount(replica, hub);
        }
    }

    /// What a hub knows of a journal is what counts from now on.
    pub(crate) fn recount(&mut self, author: ReplicaId, hub: &Replica) {
        let Some(story) = self.counted.get(&author).copied() else { return };
        let before = self.stories[story].entries.clone();
        for (_, entry) in &before {
            self.uncount(entry);
        }
        let end = self.ends.get(&author).copied().unwrap_or(u64::MAX);
        let mut known = entries_after(hub, author, 0);
        known.retain(|(_, entry)| entry.seq <= end);
        let mut account = Account::default();
        for (_, entry) in &known {
            postings(entry).for_each(|posting| drop(account.book(posting)));
            self.count(entry);
        }
        for entry in before.iter().chain(&known).map(|(_, entry)| entry) {
            postings(entry).for_each(|posting| self.check_lot(posting.lot(), entry.id()));
        }
        // Whoever wrote on keeps its own story and account: what it may still spend.
        self.stories.push(Story { entries: known, account });
        self.counted.insert(author, self.stories.len() - 1);
    }

    fn uncount(&mut self, entry: &Entry) {
        if let Some(request) = entry.request {
            self.requests.remove(&(entry.replica, request.id));
        }
        for posting in postings(entry) {
            *self.owned.entry(posting.lot()).or_default() -= change(posting);
            match *posting {
                Posting::Accept { offer, lot, .. } => {
                    self.accepted.remove(&(offer, lot, entry.replica));
                }
                Posting::Offer { offer, to, lot, amount } => {
                    self.offers_counted.remove(&(offer, lot, to, amount));
                }
                _ => {}
            }
        }
    }
}
