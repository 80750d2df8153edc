use purser_journal::{Entry, Fact, ReturnFact, SaleFact};
use purser_ledger::Posting;
use purser_storage::{LateRow, MovementKind, StorageError};
use purser_types::{CardNumber, Digest, MemberId, ReplicaId, StoreNumber};

use crate::{
    View,
    fold::{movement_of, postings},
    late::LATE,
};

/// An entry that its author wrote after it was put out, and of which nobody has decided.
#[derive(Debug, Clone)]
pub struct LateEntry {
    /// Who wrote it.
    pub replica: ReplicaId,
    /// The author's store.
    pub store: StoreNumber,
    /// Its place in its author's journal.
    pub seq: u64,
    /// Its hash.
    pub hash: Digest,
    /// When it was written, by its author's clock, in milliseconds since 1970.
    pub wall_ms: u64,
    /// What it is.
    pub kind: LateKind,
    /// Whom it is about, if one member.
    pub member: Option<MemberId>,
    /// The card that it issues.
    pub card: Option<CardNumber>,
    /// Points that were spent from a hold.
    pub captured: i64,
}

/// What a late entry is.
#[derive(Debug, Clone)]
pub enum LateKind {
    /// A sale.
    Sale(SaleFact),
    /// Goods taken back.
    Return(ReturnFact),
    /// A profile that was made or changed.
    Profile,
    /// Stored value, a pass, a reward, a coupon or something given.
    Dealing,
    /// Points set aside, or freed again.
    Hold,
    /// Rights that were given away or taken up.
    Transfer,
    /// Something else.
    Other,
}

impl View {
    /// Late entries that wait for a decision, of one store or of all, in the order of their
    /// journals, at most `limit`.
    ///
    /// # Errors
    /// Whatever the database reports.
    pub fn late(&mut self, store: Option<StoreNumber>, limit: usize) -> Result<Vec<LateEntry>, StorageError> {
        let rows = self.database().late_unsettled(LATE, u32::MAX)?;
        let mut entries = Vec::new();
        for row in rows {
            let at = self.store_of(row.replica)?;
            if store.is_none_or(|store| store == at) && entries.len() < limit {
                entries.push(describe(row, at));
            }
        }
        Ok(entries)
    }

    /// How many late entries wait for a decision.
    ///
    /// # Errors
    /// Whatever the database reports.
    pub fn late_count(&self) -> Result<u64, StorageError> {
        self.database().late_unsettled_count(LATE)
    }
}

fn describe(row: LateRow, store: StoreNumber) -> LateEntry {
    let LateRow { replica, seq, hash, bytes } = row;
    let entry = Entry::from_bytes(&bytes).ok();
    let (wall_ms, facts) =
        entry.as_ref().map_or((0, &[][..]), |entry| (entry.hlc.wall_ms, entry.facts.as_slice()));
    let (mut kind, mut member, mut card) = (LateKind::Other, None, None);
    for fact in facts {
        match fact {
            Fact::Sale(sale) => {
                member = Some(sale.member);
                kind = LateKind::Sale(sale.as_ref().clone());
            }
            Fact::Return(back) => {
                member = Some(back.member);
                kind = LateKind::Return(back.as_ref().clone());
            }
            Fact::Profile { member: of, .. } => {
                member = Some(*of);
                kind = LateKind::Profile;
            }
            Fact::CardIssued { card: issued, .. } => card = Some(*issued),
            fact => {
                if let Some((of, MovementKind::Dealing)) = movement_of(fact) {
                    (member, kind) = (Some(of), LateKind::Dealing);
                }
            }
        }
    }
    let posted: Vec<&Posting> = entry.iter().flat_map(postings).collect();
    if matches!(kind, LateKind::Other) {
        kind = posted.first().map_or(LateKind::Other, |posting| kind_of(posting));
        member = posted.first().map(|posting| posting.lot().member);
    }
    let captured = posted.iter().map(|posting| match posting {
        Posting::Settle { captured, .. } => *captured,
        _ => 0,
    });
    let captured = captured.fold(0, i64::saturating_add);
    LateEntry { replica, store, seq, hash, wall_ms, kind, member, card, captured }
}

fn kind_of(posting: &Posting) -> LateKind {
    match posting {
        Posting::Hold { .. } | Posting::Settle { .. } => LateKind::Hold,
        Posting::Offer { .. } | Posting::Accept { .. } => LateKind::Transfer,
        _ => LateKind::Other,
    }
}
