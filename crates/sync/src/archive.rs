//! How hubs come by the details of sales: they ask the store that made them, or another hub, author by author and
//! in order, one question at a time on a link, and each only once while the link lasts.

use std::collections::BTreeMap;

use purser_replica::Replica;
use purser_storage::StorageError;
use purser_types::ReplicaId;

use crate::{
    Engine, Frame, LinkId, Output,
    engine::send,
    frame::{DETAILS_AT_ONCE, Detail},
    session::Session,
};

/// What one answer carries.
const ANSWER_BYTES: usize = 1024 * 1024;

/// What was asked on a link.
#[derive(Debug, Default)]
pub(crate) struct Asked {
    /// Up to where of each author.
    up_to: BTreeMap<ReplicaId, u64>,
    /// Of whose sales an answer is waited for.
    waiting: Option<ReplicaId>,
    /// Whether more may be wanted than was asked for.
    is_due: bool,
}

impl Asked {
    /// More may be wanted of what the peer knows.
    pub(crate) fn more(&mut self) {
        self.is_due = true;
    }

    /// An answer came. `false` if it was not asked for, or answers nothing.
    pub(crate) fn answered(&mut self, author: ReplicaId, up_to: u64) -> bool {
        let known = self.up_to.entry(author).or_default();
        if self.waiting != Some(author) || up_to <= *known {
            return false;
        }
        *known = up_to;
        self.waiting = None;
        self.is_due = true;
        true
    }

    /// The next question to a peer that is a hub, or asked for its own sales only.
    fn next(
        &mut self,
        replica: &Replica,
        peer: ReplicaId,
        is_hub: bool,
    ) -> Result<Option<Frame>, StorageError> {
        if self.waiting.is_some() || !std::mem::take(&mut self.is_due) || !replica.is_hub() {
            return Ok(None);
        }
        let authors = if is_hub { replica.authors_of_wanted()? } else { vec![peer] };
        for author in authors {
            let after = self.up_to.get(&author).copied().unwrap_or(0);
            let at_once = u32::try_from(DETAILS_AT_ONCE).unwrap_or(u32::MAX);
            let seqs = replica.details_wanted(author, after, at_once)?;
            if !seqs.is_empty() {
                self.waiting = Some(author);
                return Ok(Some(Frame::Wanted { author, seqs }));
            }
        }
        Ok(None)
    }
}

impl Engine {
    /// Asks on every link for what is wanted of what its peer may have.
    pub(crate) fn ask_for_details(&mut self, outputs: &mut Vec<Output>) {
        for (link, session) in &mut self.links {
            let Session { peer, role: Some(_), is_fenced: false, .. } = *session else { continue };
            let is_hub = session.is_hub();
            match session.details.next(&self.replica, peer, is_hub) {
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
