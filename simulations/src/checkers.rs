//! What is checked while a city runs and, once the faults have stopped, of all replicas together.

use std::collections::{BTreeMap, BTreeSet};

use purser_journal::{Entry, Fact};
use purser_ledger::{Asset, Posting};
use purser_replica::{Alarm, Author, Replica, verify};
use purser_types::{MemberId, Now, ReplicaId};

use crate::{StoreIndex, Tills, World, story::entries_after};

/// What a lease may last in truth: its 30 days, and a margin for the clock.
const LEASE_MOST_MS: u64 = (30 + 2) * 24 * 3_600_000;
/// How often tills ask again once all machines are up.
const ASKED_AGAIN_MOST: usize = 20;

impl World {
    /// No rights are used past a lease, whatever the clock says.
    pub(crate) fn check_leases(&mut self, at: StoreIndex, fresh: &[Entry]) {
        let is_hub = |machine: StoreIndex| self.machines[machine].who.is_hub;
        if is_hub(at) || self.network.of(at).iter().any(|(_, to)| is_hub(*to)) {
            self.machines[at].met_hub_ms = self.now.monotonic_ms;
            return;
        }
        let alone_ms = self.now.monotonic_ms - self.machines[at].met_hub_ms;
        for entry in fresh.iter().filter(|entry| spends(entry)) {
            self.oracle.looks("lease_respected");
            if alone_ms > LEASE_MOST_MS {
                let days = alone_ms / (24 * 3_600_000);
                self.oracle.blame("lease_respected", format!("{:?} spends after {days} days", entry.id()));
            }
        }
    }

    /// Once the faults have stopped: everybody gets an answer, all become quiet and equal, and what tills
    /// were told is so.
    pub fn check_after_faults(&mut self, tills: &mut Tills) {
        for _ in 0..ASKED_AGAIN_MOST {
            if tills.all_answered() {
                break;
            }
            tills.ask_again(self);
        }
        self.oracle.looks("every_request_ends");
        if !tills.all_answered() {
            self.oracle.blame("every_request_ends", "a till has no answer".to_owned());
        }
        self.settle();
        tills.collect(self);
        self.check_convergence();
        self.check_journals();
        self.check_balances(tills);
        self.check_told();
        self.check_alarms();
        self.oracle.check_allowance();
    }

    /// Machines whose replica still counts.
    pub(crate) fn in_service(&self) -> Vec<StoreIndex> {
        (0..self.machines.len()).filter(|machine| self.machines[*machine].is_in_service()).collect()
    }

    fn replica(&self, machine: StoreIndex) -> Option<&Replica> {
        Some(self.machines[machine].engine.as_ref()?.replica())
    }

    fn check_convergence(&mut self) {
        self.oracle.looks("converged");
        let digests: Vec<_> = self
            .in_service()
            .into_iter()
            .map(|machine| (machine, self.replica(machine).and_then(|replica| replica.digest().ok())))
            .collect();
        if digests.iter().any(|(_, digest)| digest.is_none() || *digest != digests[0].1) {
            let differences: Vec<String> =
                digests.iter().flat_map(|(machine, _)| self.differences(digests[0].0, *machine)).collect();
            self.oracle.blame("converged", format!("{digests:?} {differences:?}"));
        }
    }

    /// Which journals two machines know differently.
    fn differences(&self, one: StoreIndex, other: StoreIndex) -> Vec<String> {
        let Some((a, b)) = self.replica(one).zip(self.replica(other)) else { return Vec::new() };
        let heads = |replica: &Replica| -> BTreeMap<ReplicaId, String> {
            let describe = |author: &Author| format!("{:?} {:?}", author.head, author.quarantine);
            replica.authors().map(|author| (author.credential.replica, describe(author))).collect()
        };
        let (a, b) = (heads(a), heads(b));
        let authors: BTreeSet<&ReplicaId> = a.keys().chain(b.keys()).collect();
        let differ = authors.into_iter().filter(|author| a.get(author) != b.get(author));
        differ
            .map(|author| format!("{other} {author:?}: {:?} and {:?}", a.get(author), b.get(author)))
            .collect()
    }

    /// Every journal, as the hub knows it, is the one that its author has told; what was acknowledged is in
    /// it; and nobody honest is set aside.
    fn check_journals(&mut self) {
        let hub = self.registrar();
        let Some(engine) = self.machines[hub].engine.take() else { return };
        let replica = engine.replica();
        let doubtful: BTreeSet<ReplicaId> = self.oracle.doubtful.clone();
        self.oracle.recount_all(replica);
        for (author, story) in self.oracle.counted.clone() {
            let known = entries_after(replica, author, 0);
            self.oracle.looks("journals_are_whole");
            let told = self.oracle.stories[story].entries.iter().map(|(hash, _)| hash);
            if !known.iter().map(|(hash, _)| hash).eq(told) {
                let lengths = (known.len(), self.oracle.stories[story].entries.len());
                self.oracle.blame("journals_are_whole", format!("{author:?}: the hub has {lengths:?}"));
            }
        }
        self.check_acknowledged(replica);
        for author in replica.authors() {
            let id = author.credential.replica;
            self.oracle.looks("nobody_honest_set_aside");
            if let Some(reason) = author.quarantine.as_ref().filter(|_| !doubtful.contains(&id)) {
                self.oracle.blame("nobody_honest_set_aside", format!("{id:?}: {reason}"));
            }
        }
        self.machines[hub].engine = Some(engine);
    }

    fn check_acknowledged(&mut self, hub: &Replica) {
        let lost: Vec<_> = self
            .oracle
            .acknowledged
            .iter()
            .filter(|(entry, _)| !self.oracle.is_excused(entry.replica, entry.seq))
            .filter(|(entry, hash)| hub.hash_at(entry.replica, entry.seq).ok().flatten() != Some(**hash))
            .map(|(entry, _)| *entry)
            .collect();
        for entry in lost {
            self.oracle.blame("acknowledged_survives", format!("{entry:?} is not known at the hub"));
        }
    }

    /// What every member has, by the hub's tables, is what the entries say that count.
    fn check_balances(&mut self, tills: &Tills) {
        let hub = self.registrar();
        // In 1970 nothing has expired.
        let long_ago = Now { wall_ms: 0, monotonic_ms: 0 };
        let members: Vec<MemberId> = tills.workload.members.iter().map(|member| member.id).collect();
        for member in members {
            let found =
                self.replica(hub).and_then(|replica| replica.balance(member, Asset::Points, long_ago).ok());
            let owned = self.oracle.points_of(member);
            self.oracle.looks("balances_are_right");
            if found != Some(owned) {
                self.oracle.blame("balances_are_right", format!("{member} has {found:?}, truly {owned}"));
            }
        }
    }

    /// Every till was told of everything that it has brought about, once all have asked again.
    fn check_told(&mut self) {
        let untold: Vec<_> = self
            .oracle
            .deals
            .iter()
            .filter(|entry| !self.oracle.acknowledged.contains_key(entry))
            .filter(|entry| !self.oracle.is_excused(entry.replica, entry.seq))
            .copied()
            .collect();
        self.oracle.looks("every_effect_told");
        for entry in untold {
            self.oracle.blame("every_effect_told", format!("{entry:?} was never answered"));
        }
    }

    /// Alarms speak of those who gave cause, and of nobody else.
    fn check_alarms(&mut self) {
        self.oracle.looks("no_false_alarm");
        let is_false = |(at, alarm): &&(StoreIndex, Alarm)| {
            let doubtful = |replica: ReplicaId| self.oracle.doubtful.contains(&replica);
            let own = self.machines[*at].who.replica();
            match alarm {
                Alarm::Forked { author, .. }
                | Alarm::Unsound { author, .. }
                | Alarm::PoisonedProfile { author, .. } => !doubtful(*author),
                Alarm::ForgedAcceptance { by, offer } => {
                    let giver = self.oracle.giver_of(*offer);
                    !doubtful(*by) && !giver.is_some_and(doubtful)
                }
                Alarm::OwnJournalAhead { .. } | Alarm::Disowned { .. } => !doubtful(own),
                Alarm::Fenced => !doubtful(own) && !self.oracle.ends.contains_key(&own),
                Alarm::TwoProgrammes { .. } | Alarm::CardsIssuedTwice { .. } => true,
                Alarm::ClockSkew { .. } | Alarm::TooMuchLate { .. } => false,
            }
        };
        let found: Vec<String> =
            self.alarms.iter().filter(is_false).map(|(at, alarm)| format!("machine {at}: {alarm}")).collect();
        for alarm in found {
            self.oracle.blame("no_false_alarm", alarm);
        }
    }

    /// Every database in service proves to be what its entries say, folded anew.
    pub fn check_databases(&mut self) {
        for machine in self.in_service() {
            let scratch = self.city.directory().join("scratch.db");
            self.oracle.looks("databases_verify");
            match verify(&self.machines[machine].database, &scratch) {
                Ok(verified) if verified.findings.is_empty() => {}
                Ok(verified) => {
                    let what = format!("machine {machine}: {:?}", verified.findings);
                    self.oracle.blame("databases_verify", what);
                }
                Err(error) => self.oracle.blame("databases_verify", format!("machine {machine}: {error}")),
            }
            crate::disk::wipe(&scratch);
        }
    }
}

/// Whether an entry uses rights up or gives them away.
fn spends(entry: &Entry) -> bool {
    let postings = entry.facts.iter().flat_map(|fact| match fact {
        Fact::Postings(postings) => postings.as_slice(),
        _ => &[],
    });
    // A hold that was made in time may be captured later.
    postings.into_iter().any(|posting| {
        matches!(posting, Posting::Debit { .. } | Posting::Offer { .. } | Posting::Hold { .. })
            && posting.lot().asset == Asset::Points
    })
}
