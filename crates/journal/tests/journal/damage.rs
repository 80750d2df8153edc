//! Damage and deceit in transit: no changed byte of a sealed run verifies, and none panics.

use std::sync::LazyLock;

use proptest::{prelude::*, sample::Index};
use purser_journal::{Entry, Head, Seal, SignedCharter, SignedCredential, from_cbor, to_cbor, verify_run};

use crate::{
    city::{Site, authority, charter, scope, signed_charter, store},
    store_journal,
};

/// The store's journal with its seal, as it travels.
#[derive(Debug, Clone, PartialEq, Eq)]
struct SealedRun {
    entries: Vec<Vec<u8>>,
    seal: Vec<u8>,
}

static RUN: LazyLock<SealedRun> = LazyLock::new(|| {
    let entries: Vec<Vec<u8>> = store_journal::entries().iter().map(Entry::to_bytes).collect();
    let hash = Entry::hash(entries.last().unwrap());
    let seal = to_cbor(&store().seal(Head { seq: entries.len() as u64, hash }));
    SealedRun { entries, seal }
});

impl SealedRun {
    fn verifies(&self) -> bool {
        let Ok(seal) = from_cbor::<Seal>("seal", &self.seal) else { return false };
        let Site { replica, credential, .. } = store();
        let key = credential.key().unwrap();
        verify_run(&scope(), replica, &key, store().genesis(), self.entries.clone(), seal).is_ok()
    }
}

/// Something that happens to bytes.
#[derive(Debug, Clone)]
enum Damage {
    Flip { at: Index, bit: u8 },
    Set { at: Index, byte: u8 },
    Cut { from: Index, to: Index },
    Insert { at: Index, bytes: Vec<u8> },
    Repeat { from: Index, to: Index },
    Swap { one: Index, other: Index },
}

fn damage() -> impl Strategy<Value = Damage> {
    let at = any::<Index>;
    prop_oneof![
        (at(), 0..8_u8).prop_map(|(at, bit)| Damage::Flip { at, bit }),
        (at(), any::<u8>()).prop_map(|(at, byte)| Damage::Set { at, byte }),
        (at(), at()).prop_map(|(from, to)| Damage::Cut { from, to }),
        (at(), prop::collection::vec(any::<u8>(), 1..12))
            .prop_map(|(at, bytes)| Damage::Insert { at, bytes }),
        (at(), at()).prop_map(|(from, to)| Damage::Repeat { from, to }),
        (at(), at()).prop_map(|(one, other)| Damage::Swap { one, other }),
    ]
}

fn damages() -> impl Strategy<Value = Vec<Damage>> {
    prop::collection::vec(damage(), 1..5)
}

impl Damage {
    /// What becomes of `items`: of the bytes of one entry, or of the entries of a run.
    fn on<T: Clone>(&self, items: &mut Vec<T>, change: impl Fn(&mut T, u8), make: impl Fn(&[u8]) -> Vec<T>) {
        if items.is_empty() {
            return;
        }
        let length = items.len();
        let range = |from: &Index, to: &Index| {
            let (from, to) = (from.index(length), to.index(length));
            from.min(to)..from.max(to) + 1
        };
        match self {
            Damage::Flip { at, bit } => change(&mut items[at.index(length)], 1 << bit),
            Damage::Set { at, byte } => change(&mut items[at.index(length)], *byte),
            Damage::Cut { from, to } => drop(items.drain(range(from, to))),
            Damage::Insert { at, bytes } => {
                let at = at.index(length);
                drop(items.splice(at..at, make(bytes)));
            }
            Damage::Repeat { from, to } => {
                let range = range(from, to);
                let again = items[range.clone()].to_vec();
                drop(items.splice(range.start..range.start, again));
            }
            Damage::Swap { one, other } => items.swap(one.index(length), other.index(length)),
        }
    }
}

fn on_bytes(bytes: &mut Vec<u8>, damages: &[Damage]) {
    for damage in damages {
        damage.on(bytes, |byte, bits| *byte ^= bits, <[u8]>::to_vec);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn a_changed_entry_never_verifies(entry in any::<Index>(), damages in damages()) {
        let mut run = RUN.clone();
        let entry = entry.index(run.entries.len());
        on_bytes(&mut run.entries[entry], &damages);
        prop_assert_eq!(run.verifies(), run == *RUN);
    }

    #[test]
    fn a_changed_seal_never_verifies(damages in damages()) {
        let mut run = RUN.clone();
        on_bytes(&mut run.seal, &damages);
        // A seal is not hashed, so the same one in other words is as good.
        let same = from_cbor::<Seal>("seal", &run.seal) == from_cbor("seal", &RUN.seal);
        prop_assert_eq!(run.verifies(), same);
    }

    #[test]
    fn a_rearranged_run_never_verifies(damages in damages()) {
        let mut run = RUN.clone();
        for damage in &damages {
            damage.on(&mut run.entries, |entry, bits| entry[0] ^= bits, |bytes| vec![bytes.to_vec()]);
        }
        prop_assert_eq!(run.verifies(), run == *RUN);
    }

    /// Damaged bytes are refused, or read as something that is written and read alike.
    #[test]
    fn damaged_entries_never_panic(entry in any::<Index>(), damages in damages()) {
        let mut bytes = RUN.entries[entry.index(RUN.entries.len())].clone();
        on_bytes(&mut bytes, &damages);
        if let Ok(entry) = Entry::from_bytes(&bytes) {
            prop_assert_eq!(Entry::from_bytes(&entry.to_bytes()), Ok(entry));
        }
    }

    #[test]
    fn random_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let _ = Entry::from_bytes(&bytes);
        let _ = from_cbor::<Seal>("seal", &bytes);
        let _ = from_cbor::<SignedCredential>("credential", &bytes);
    }

    #[test]
    fn a_changed_credential_is_not_believed(damages in damages()) {
        let signed = store().signed();
        let mut bytes = to_cbor(&signed);
        on_bytes(&mut bytes, &damages);
        if let Ok(read) = from_cbor::<SignedCredential>("credential", &bytes) {
            prop_assert_eq!(read.verify(&charter()).is_ok(), read == signed);
        }
    }

    #[test]
    fn a_changed_charter_is_not_believed(damages in damages()) {
        let signed = signed_charter();
        let mut bytes = to_cbor(&signed);
        on_bytes(&mut bytes, &damages);
        if let Ok(read) = from_cbor::<SignedCharter>("charter", &bytes) {
            let known = authority().verifying_key().to_bytes();
            prop_assert_eq!(read.verify(&known).is_ok(), read == signed);
        }
    }
}

#[test]
fn the_undamaged_run_verifies() {
    assert!(RUN.verifies());
}
