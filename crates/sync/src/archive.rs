//! How hubs come by the details of sales: they ask the store that made them, or another hub, author by author and
//! in order, one question at a time on a link. What the peer has not got is asked for again after a while: another
//! hub may have come by it meanwhile.

use std::collections::BTreeMap;

use purser_replica::Replica;
use purser_storage::StorageError;
use purser_types::{Now, ReplicaId};

use crate::{
    Engine, Frame, LinkId, Output,
    engine::send,
    frame::{DETAILS_AT_ONCE, Detail},
    session::Session,
};

/// What one answer carries.
const ANSWER_BYTES: usize = 1024 * 1024;

/// After how long a peer is asked anew for what it had not got, in milliseconds: first, and at most.
const AGAIN_MS: (u64, u64) = (60_000, 3_600_000);

/// What was asked on a link.
#[derive(Debug, Default)]
pub(crate) struct Asked {
    /// Up to where of each author.
    up_to: BTreeMap<ReplicaId, u64>,
    /// Of whose sales, and which, an answer is waited for.
    waiting: Option<(ReplicaId, Vec<u64>)>,
    /// Whether more may be wanted than was asked for.
    is_due: bool,
    /// When to ask anew for what the peer had not got, by the monotonic clock.
    again_ms: Option<u64>,
    /// How often that was done in vain.
    times: u32,
}

impl Asked {
    /// More may be wanted of what the peer knows.
    pub(crate) fn more(&mut self) {
        self.is_due = true;
    }

    /// An answer came. `false` if it was not asked for, or answers nothing.
    pub(crate) fn answered(&mut self, author: ReplicaId, up_to: u64, details: &[Detail], now: Now) -> bool {
        let known = self.up_to.entry(author).or_default();
        let Some((_, seqs)) = self.waiting.take_if(|(of, _)| *of == author && up_to > *known) else {
            return false;
        };
        *known = up_to;
        self.is_due = true;
        let answered = seqs.iter().filter(|seq| **seq <= up_to).count();
        if details.len() < answered && self.again_ms.is_none() {
            let (first, most) = AGAIN_MS;
            let wait = first.checked_shl(self.times).map_or(most, |wait| wait.min(most));
            self.again_ms = Some(now.monotonic_ms.saturating_add(wait));
        }
        true
    }

    /// When there is something to ask anew, by the monotonic clock.
    pub(crate) fn next_deadline_ms(&self) -> Option<u64> {
        self.again_ms.filter(|_| self.waiting.is_none())
    }

    /// The next question to a peer that is a hub, or asked for its own sales only.
    fn next(
        &mut self,
        replica: &Replica,
        (peer, is_hub): (ReplicaId, bool),
        now: Now,
    ) -> Result<Option<Frame>, StorageError> {
        // Not while an answer is awaited, which would tell of the round before.
        let is_over = |at_ms: &mut u64| self.waiting.is_none() && *at_ms <= now.monotonic_ms;
        if self.again_ms.take_if(is_over).is_some() {
            self.up_to.clear();
            self.is_due = true;
            self.times = self.times.saturating_add(1).min(u64::BITS / 2);
        }
        if self.waiting.is_some() || !std::mem::take(&mut self.is_due) || !replica.is_hub() {
            return Ok(None);
        }
        let authors = if is_hub { replica.authors_of_wanted()? } else { vec![peer] };
        for author in authors {
            let after = self.up_to.get(&author).copied().unwrap_or(0);
            let at_once = u32::try_from(DETAILS_AT_ONCE).unwrap_or(u32::MAX);
            let seqs = replica.details_wanted(author, after, at_once)?;
            if !seqs.is_empty() {
                self.waiting = Some((author, seqs.clone()));
                return Ok(Some(Frame::Wanted { author, seqs }));
            }
        }
        // A whole round in which nothing lacked: what will lack next is young again.
        if self.again_ms.is_none() {
            self.times = 0;
        }
        Ok(None)
    }
}

impl Engine {
    /// Asks on every link for what is wanted of what its peer may have.
    pub(crate) fn ask_for_details(&mut self, now: Now, outputs: &mut Vec<Output>) {
        for (link, session) in &mut self.links {
            let Session { peer, role: Some(_), is_fenced: false, .. } = *session else { continue };
            let is_hub = session.is_hub();
            match session.details.next(&self.replica, (peer, is_hub), now) {
                Ok(question) => question.iter().for_each(|frame| send(outputs, *link, frame)),
                Err(error) => tracing::error!(%error, "looking for details that are wanted failed"),
            }
        }
    }

    /// Answers a hub that wants details.
    pub(crate) fn give_details(
        &mut self,
        link: LinkId,
        author: ReplicaId,
        seqs: &[u64],
        outputs: &mut Vec<Output>,
    ) {
        let Some(session) = self.links.get(&link) else { return };
        let is_in_order = seqs.windows(2).all(|pair| pair[0] < pair[1]);
        if !session.is_hub() || seqs.len() > DETAILS_AT_ONCE || !is_in_order {
            self.close(link, "asks for details as only a hub may, and not so", outputs);
            return;
        }
        match found(&self.replica, author, seqs) {
            Ok(answer) => send(outputs, link, &answer),
            Err(error) => {
                tracing::error!(%error, "reading details for a hub failed");
                self.close(link, "this replica cannot read from its disk", outputs);
            }
        }
    }
}

/// Those that are here, as many as one answer carries.
fn found(replica: &Replica, author: ReplicaId, seqs: &[u64]) -> Result<Frame, StorageError> {
    let (mut details, mut bytes_left, mut up_to) = (Vec::new(), ANSWER_BYTES, 0);
    for seq in seqs {
        if let Some(bytes) = replica.detail(author, *seq)? {
            if bytes.len() > bytes_left && !details.is_empty() {
                break;
            }
            bytes_left = bytes_left.saturating_sub(bytes.len());
            details.push(Detail { seq: *seq, bytes: bytes.into() });
        }
        up_to = *seq;
    }
    Ok(Frame::Details { author, up_to, details })
}
