use purser_journal::{Entry, Fact, Seal, SigningKey, to_cbor};
use purser_ledger::{Asset, Lot, Posting};
use purser_types::{BusinessDate, Digest, EntryId, Hlc, MemberId, OfferId, Scope};

use super::member::replica_of;

/// What moving rights weighs in journals, in bytes, measured on entries as they are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sizes {
    /// An entry without a posting, and its seal.
    pub entry: usize,
    /// One more line that offers.
    pub offer: usize,
    /// One more line that accepts.
    pub accept: usize,
}

impl Sizes {
    /// Measures.
    pub fn measured() -> Self {
        let member = MemberId::created_by(EntryId { replica: replica_of(usize::MAX / 2), seq: 70_000 });
        let expires_on = Some(BusinessDate::end_of_year(2027));
        let lot = Lot { member, asset: Asset::Points, expires_on };
        let offer = OfferId::created_by(id());
        let offered = Posting::Offer { offer, to: replica_of(1), lot, amount: 100 };
        let accepted = Posting::Accept { offer, lot, amount: 100 };
        let line = |posting: Posting| bytes(&[posting; 2]) - bytes(&[posting]);
        let scope = Scope { chain: "chain".into(), city: "city".into() };
        let key = SigningKey::from_bytes(&[1; 32]);
        let head = purser_journal::Head { seq: id().seq, hash: Digest([7; 32]) };
        let seal = to_cbor(&Seal::sign(&key, &scope, id().replica, head)).len();
        Self { entry: bytes(&[]) + seal, offer: line(offered), accept: line(accepted) }
    }
}

fn id() -> EntryId {
    EntryId { replica: replica_of(usize::MAX / 3), seq: 70_000 }
}

fn bytes(postings: &[Posting]) -> usize {
    let EntryId { replica, seq } = id();
    let hlc = Hlc { wall_ms: 1_790_000_000_000, counter: 0 };
    let facts = vec![Fact::Postings(postings.to_vec())];
    let (previous, programme_version, request) = (Digest([7; 32]), 1, None);
    Entry { replica, seq, previous, hlc, programme_version, request, facts }.to_bytes().len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_plausible() {
        let Sizes { entry, offer, accept } = Sizes::measured();
        assert!(
            (100..250).contains(&entry) && offer > accept && (15..80).contains(&accept),
            "{entry} {offer}"
        );
    }
}
