//! Authors who tell two stories. The proof goes round, so that everybody sets them aside, also
//! those who have heard one story only; and once a hub has put such an author out, its fence says which
//! story counts, and everybody comes to that one.

use purser_journal::{Entry, ForkProof, Head, Role, Story, from_cbor, to_cbor};
use purser_storage::StorageError;
use purser_types::{Digest, ReplicaId};

use crate::{
    Alarm, IntakeFault, Replica, Run, Transaction,
    authors::Author,
    fence::OLD_COPY,
    intake::previous,
    state::{Begun, State},
};

/// Why entries are kept aside of a journal that was begun anew.
const OTHER_STORY: &str = "of another story than the one that counts";
/// A proof has to fit into a frame.
const PROOF_BYTES_MAX: usize = 3 * 1024 * 1024;

impl Transaction<'_> {
    /// Takes note of a proof that somebody else has found. Whether it proves anything.
    ///
    /// # Errors
    /// Whatever the database reports. The transaction must be dropped then.
    pub fn note_proof(&mut self, proof: &ForkProof) -> Result<bool, StorageError> {
        let charter = self.replica.state.charter.clone();
        let (true, Some(author)) = (proof.entry_bytes() <= PROOF_BYTES_MAX, proof.author(&charter)) else {
            return Ok(false);
        };
        if let Err(IntakeFault::Storage(error)) =
            self.replica.state.introduce(author, Some(&proof.credential)).map(drop)
        {
            return Err(error);
        }
        self.note_stories(author, proof.seq, Some(proof))?;
        Ok(true)
    }

    /// An author is known to have told two stories.
    pub(crate) fn note_stories(
        &mut self,
        author: ReplicaId,
        seq: u64,
        proof: Option<&ForkProof>,
    ) -> Result<(), StorageError> {
        let state = &mut self.replica.state;
        if let Some(proof) = proof
            && state.proof_of(author)?.is_none()
            && let Some(known) = state.authors.get(author)
        {
            state.database.set_fork(known.number, &to_cbor(proof))?;
            state.noted.forks.push(proof.clone());
        }
        let alarm = Alarm::Forked { author, seq };
        if author == state.me {
            self.replica.stop(OLD_COPY, alarm.clone());
            return self.replica.state.set_aside(author, alarm);
        }
        // A hub's fence says which story counts.
        let is_decided = matches!(state.database.end_of(author)?, Some((_, Some(_))));
        let is_aside = state.authors.get(author).is_none_or(|author| author.quarantine.is_some());
        if is_decided || is_aside { Ok(()) } else { state.set_aside(author, alarm) }
    }

    /// Looks whether a run tells another story than the one known here, and takes note if so.
    pub(crate) fn look_for_fork(
        &mut self,
        known: &Author,
        run: &Run,
        from: ReplicaId,
    ) -> Result<(), IntakeFault> {
        let author = run.author;
        let Some((seq, ours, theirs)) = self.replica.state.differing(known, run)? else { return Ok(()) };
        let Some(hash) = previous(run) else { return Ok(()) };
        // Whether the author sealed such a run comes first: else whoever sends a made-up entry could
        // have the author set aside.
        let after = Head { seq: run.first_seq.saturating_sub(1), hash };
        let scope = self.replica.state.charter.scope.clone();
        let entries = run.entries.clone();
        purser_journal::verify_run(&scope, author, &known.key, after, entries, run.seal)?;
        let proof = self.replica.state.proof(known, run, seq, (ours, theirs))?;
        let at = if seq < run.first_seq { seq + 1 } else { seq };
        self.note_stories(author, at, proof.as_ref())?;
        self.choose_story(author, run, from)?;
        Err(IntakeFault::Forked { author, seq: at })
    }

    /// Begins a journal anew of which the story known here is not shown to be the one that counts.
    pub(crate) fn choose_story(
        &mut self,
        author: ReplicaId,
        run: &Run,
        from: ReplicaId,
    ) -> Result<(), StorageError> {
        // Anybody else could bring a new story again and again, and all would be folded anew each time; the
        // hub that has put the author out knows the whole one.
        let is_hub = |teller: &Author| teller.credential.role == Role::Hub;
        let from_hub = self.replica.author(from).is_some_and(is_hub) && !self.replica.is_fenced(from)?;
        let state = &mut self.replica.state;
        let Some((after_seq, Some(wanted))) = state.database.end_of(author)? else { return Ok(()) };
        let Some(known) = state.authors.get(author) else { return Ok(()) };
        let theirs = told(run, after_seq);
        let may_count = theirs.map_or(from_hub, |theirs| theirs == wanted);
        if known.head.seq < after_seq && may_count && author != state.me {
            let wrong = theirs.map(|_| known.head.seq);
            state.begin_anew(author, wrong, wanted)?;
            state.noted.fenced.push(author);
        }
        Ok(())
    }
}

impl Replica {
    /// Proofs of forks that were found or told since last asked.
    pub fn take_forks(&mut self) -> Vec<ForkProof> {
        std::mem::take(&mut self.state.noted.forks)
    }

    /// Proofs against authors whom no hub has put out yet.
    ///
    /// # Errors
    /// Whatever the database reports.
    pub fn forks(&self) -> Result<Vec<ForkProof>, StorageError> {
        let mut proofs = Vec::new();
        for (number, bytes) in self.state.database.forks()? {
            let Some(author) = self.state.authors.numbered(number) else { continue };
            if self.state.fence_of(author)?.is_none() {
                proofs.extend(from_cbor("proof of a fork", &bytes).ok());
            }
        }
        Ok(proofs)
    }

    /// Whether a journal was begun anew since last asked, or is wanted after all: peers have to be told how
    /// far it is known.
    pub fn take_begun_anew(&mut self) -> bool {
        std::mem::take(&mut self.state.noted.begun) != Begun::Not
    }
}

impl State {
    /// Whether a run goes on with a story that is known not to count. Who is out is believed only as far
    /// as the run shows the entry that counts.
    pub(crate) fn is_wrong_story(
        &self,
        author: &Author,
        run: &Run,
        from: ReplicaId,
    ) -> Result<bool, StorageError> {
        let Some((after_seq, Some(wanted))) = self.database.end_of(run.author)? else { return Ok(false) };
        if let Some(hash) = told(run, after_seq) {
            return Ok(hash != wanted);
        }
        if author.head.seq < after_seq && self.fence_of(from)?.is_some() {
            return Ok(true);
        }
        let wrong = self.database.set_aside_hashes(author.number, &wrong_story(wanted))?;
        Ok(wrong.into_iter().any(|(seq, hash)| told(run, seq) == Some(hash)))
    }

    /// The proof against an author, if there is one.
    pub(crate) fn proof_of(&self, author: ReplicaId) -> Result<Option<Vec<u8>>, StorageError> {
        let Some(number) = self.authors.get(author).map(|author| author.number) else { return Ok(None) };
        Ok(self.database.forks()?.into_iter().find(|(of, _)| *of == number).map(|(_, proof)| proof))
    }

    /// The last place that both the run and our own knowledge speak of, if they differ there: with our
    /// hash and theirs.
    fn differing(&self, known: &Author, run: &Run) -> Result<Option<(u64, Digest, Digest)>, StorageError> {
        let head = known.kept_head();
        let seq = run.seal.seq.min(head.seq);
        if seq == 0 || run.first_seq == 0 || run.first_seq > seq + 1 {
            return Ok(None);
        }
        let ours = match seq {
            seq if seq == head.seq => Some(head.hash),
            seq => self.database.entry(known.number, seq)?.map(|bytes| Entry::hash(&bytes)),
        };
        let theirs = if seq + 1 == run.first_seq { previous(run) } else { told(run, seq) };
        Ok(ours.zip(theirs).filter(|(ours, theirs)| ours != theirs).map(|(ours, theirs)| (seq, ours, theirs)))
    }

    /// The proof that `run`, which was verified, and what is known here are two stories.
    fn proof(
        &self,
        known: &Author,
        run: &Run,
        seq: u64,
        (ours, theirs): (Digest, Digest),
    ) -> Result<Option<ForkProof>, StorageError> {
        let Some(seal) = self.database.seal_near(known.number, seq - 1, seq)? else { return Ok(None) };
        let Some(entries) = self.sealed_entries(known, seq, seal)? else { return Ok(None) };
        let story = |hash, entries: Vec<Vec<u8>>, seal| {
            let entries = entries.into_iter().map(Into::into).collect();
            Story { hash, entries, seal }
        };
        let after = usize::try_from(seq + 1 - run.first_seq).unwrap_or(usize::MAX);
        let rest = run.entries.get(after..).unwrap_or_default().to_vec();
        let credential = known.signed.clone();
        let (one, other) = (story(ours, entries, seal), story(theirs, rest, run.seal));
        let proof = ForkProof { credential, seq, one, other };
        let holds = proof.entry_bytes() <= PROOF_BYTES_MAX && proof.author(&self.charter).is_some();
        Ok(holds.then_some(proof))
    }

    /// Whether what is known of a fenced journal can be the story that its fence names; what is not is
    /// kept aside, and the journal begun anew. Tells whether it was.
    pub(crate) fn come_to_fenced_story(&mut self, replica: ReplicaId) -> Result<bool, StorageError> {
        let Some((after_seq, Some(wanted))) = self.database.end_of(replica)? else { return Ok(false) };
        let Some(author) = self.authors.get(replica) else { return Ok(false) };
        let has_it = author.head.seq >= after_seq;
        let is_wrong = has_it && self.head_at(replica, after_seq)?.hash != wanted;
        let is_forked = |reason: &String| reason.contains(Alarm::TWO_STORIES);
        // An entry that cannot stand here is of another story if the hub has folded more than we.
        let is_other = !has_it && author.quarantine.as_ref().is_some_and(|reason| !is_forked(reason));
        if is_wrong || is_other {
            self.begin_anew(replica, is_wrong.then_some(after_seq), wanted)?;
            return Ok(true);
        }
        let keeps_late = self.mine().credential.role == Role::Hub || author.credential.role == Role::Hub;
        if author.quarantine.as_ref().is_some_and(is_forked) {
            self.quarantine(replica, None)?;
        }
        if self.proof_of(replica)?.is_some() && (!has_it || keeps_late) {
            // Peers were told that nothing more of it is wanted.
            self.noted.begun.want_again();
        }
        Ok(false)
    }

    /// `wrong` is the place of an entry that is shown not to lead to the one that is `wanted`.
    fn begin_anew(
        &mut self,
        replica: ReplicaId,
        wrong: Option<u64>,
        wanted: Digest,
    ) -> Result<(), StorageError> {
        let Some(author) = self.authors.get(replica).cloned() else { return Ok(()) };
        let wrong = wrong.unwrap_or(0);
        let wrong_entry = self.database.entry(author.number, wrong)?;
        let wrong_story = wrong_story(wanted);
        self.keep_all_aside(&author, 0, OTHER_STORY)?;
        self.database.begin_anew(author.number, OTHER_STORY, &wrong_story)?;
        if let Some(bytes) = wrong_entry {
            // Beside those of other stories that were wrong before.
            let hash = Entry::hash(&bytes);
            self.database.mark_aside(author.number, wrong, hash, &bytes, &wrong_story)?;
        }
        let head = Head::genesis(&self.charter.scope, replica);
        self.database.set_head(author.number, head)?;
        if let Some(author) = self.authors.get_mut(replica) {
            (author.head, author.late) = (head, None);
        }
        self.noted.begun = Begun::ToFold;
        // Nobody has to decide on the author any more.
        self.quarantine(replica, None)
    }
}

/// The hash of the entry that a run has at a place.
fn told(run: &Run, seq: u64) -> Option<Digest> {
    let place = seq.checked_sub(run.first_seq).and_then(|place| usize::try_from(place).ok());
    place.and_then(|place| run.entries.get(place)).map(|bytes| Entry::hash(bytes))
}

/// Why an entry is kept aside by which a story is known again that does not lead to the entry that is
/// `wanted`: another fence may want another one.
fn wrong_story(wanted: Digest) -> String {
    format!("of a story that does not lead to {wanted}")
}
