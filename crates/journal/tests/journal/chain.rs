//! What does not continue its author's journal is refused, with the reason.

use purser_journal::{ChainFault, Entry, Head, Seal, SealFault, VerifiedRun, verify_run};
use purser_types::{Coded, Scope};

use crate::{
    city::{Site, hub, scope, store},
    store_journal,
};

fn bytes() -> Vec<Vec<u8>> {
    store_journal::entries().iter().map(Entry::to_bytes).collect()
}

fn head_at(seq: usize) -> Head {
    match seq.checked_sub(1) {
        None => store().genesis(),
        Some(last) => Head { seq: seq as u64, hash: Entry::hash(&bytes()[last]) },
    }
}

/// Verifies entries `after`+1 to `seal` of the store's journal as one run by the store.
fn verify(after: Head, entries: Vec<Vec<u8>>, seal: Seal) -> Result<VerifiedRun, ChainFault> {
    verify_as(&store(), &scope(), after, entries, seal)
}

fn verify_as(
    author: &Site,
    scope: &Scope,
    after: Head,
    entries: Vec<Vec<u8>>,
    seal: Seal,
) -> Result<VerifiedRun, ChainFault> {
    verify_run(scope, author.replica, &author.credential.key().unwrap(), after, entries, seal)
}

fn unsealed(seq: u64) -> ChainFault {
    ChainFault::Unsealed(SealFault { author: store().replica, seq })
}

#[test]
fn any_cut_of_a_journal_verifies_from_its_head_to_its_seal() {
    let all = bytes();
    for from in 0..=all.len() {
        for to in from..=all.len() {
            let run = verify(head_at(from), all[from..to].to_vec(), store().seal(head_at(to))).unwrap();
            assert_eq!((run.head, run.seal.seq, run.entries.len()), (head_at(to), to as u64, to - from));
            assert!(run.entries.iter().zip(&all[from..to]).all(|((_, kept), sent)| kept == sent));
        }
    }
}

#[test]
fn entries_out_of_their_place() {
    let all = bytes();
    let seal = store().seal(head_at(4));
    let [first, second, third, fourth] = [0, 1, 2, 3].map(|index: usize| all[index].clone());
    let refused = |entries: &[&Vec<u8>], at: u64| {
        let fault = verify(head_at(0), entries.iter().map(|bytes| (*bytes).clone()).collect(), seal);
        let fault = fault.unwrap_err();
        assert!(matches!(fault, ChainFault::OutOfPlace { expected, .. } if expected == at), "{fault}");
        assert_eq!(fault.code(), "entry_out_of_place");
    };
    refused(&[&second, &third, &fourth], 1); // one is missing at the beginning
    refused(&[&first, &third, &fourth], 2); // within
    refused(&[&first, &second, &second, &third], 3); // twice
    refused(&[&second, &first, &third, &fourth], 1); // swapped
    let cut = verify(head_at(0), vec![first, second, third], seal);
    assert_eq!(cut.unwrap_err(), unsealed(3)); // one is missing at the end
}

#[test]
fn another_story_from_the_same_author() {
    let mut entry = store_journal::entries().swap_remove(2);
    entry.programme_version += 1;
    let other = entry.to_bytes();
    // The other entry itself, sealed by its author, verifies: only who knows both sees the fork.
    let head = Head { seq: 3, hash: Entry::hash(&other) };
    verify(head_at(2), vec![other.clone()], store().seal(head)).unwrap();
    // What follows the first does not follow the other.
    let fault = verify(head, vec![bytes()[3].clone()], store().seal(head_at(4))).unwrap_err();
    assert_eq!(fault, ChainFault::Forked { author: store().replica, seq: 4 });
    assert_eq!(fault.code(), "journal_forked");
}

#[test]
fn a_journal_of_another_chain_or_city() {
    let seal = store().seal(head_at(1));
    let elsewhere = [
        Scope { chain: "Lotos".to_owned(), ..scope() },
        Scope { city: "Ningbo".to_owned(), ..scope() },
        // The same letters, cut elsewhere.
        Scope { chain: "LotusH".to_owned(), city: "angzhou".to_owned() },
    ];
    for scope in elsewhere {
        let genesis = Head::genesis(&scope, store().replica);
        let fault = verify_as(&store(), &scope, genesis, bytes()[..1].to_vec(), seal).unwrap_err();
        assert_eq!(fault, ChainFault::Forked { author: store().replica, seq: 1 });
        // Even where the hashes are taken over, the seal does not fit.
        let fault = verify_as(&store(), &scope, head_at(0), bytes()[..1].to_vec(), seal).unwrap_err();
        assert_eq!(fault, unsealed(1));
    }
}

#[test]
fn an_entry_of_another_author() {
    let run = vec![bytes()[0].clone()];
    let fault = verify_as(&hub(), &scope(), hub().genesis(), run, store().seal(head_at(1))).unwrap_err();
    assert_eq!(fault, ChainFault::OutOfPlace { author: store().replica, seq: 1, expected: 1 });

    // One that names the hub as its author, but was sealed by the store.
    let mut entry = store_journal::entries().swap_remove(0);
    (entry.replica, entry.previous) = (hub().replica, hub().genesis().hash);
    let run = vec![entry.to_bytes()];
    let head = Head { seq: 1, hash: Entry::hash(&run[0]) };
    let seal = Seal::sign(&store().key, &scope(), hub().replica, head);
    let fault = verify_as(&hub(), &scope(), hub().genesis(), run, seal).unwrap_err();
    assert_eq!(fault, ChainFault::Unsealed(SealFault { author: hub().replica, seq: 1 }));
}

#[test]
fn seals_of_something_else() {
    let [author, other] = [store(), hub()];
    let head = head_at(4);
    let forged = [
        Seal::sign(&other.key, &scope(), author.replica, head), // another's key
        Seal::sign(&author.key, &scope(), other.replica, head), // another's journal
        author.seal(head_at(3)),                                // another head
        Seal { seq: 4, ..author.seal(head_at(3)) },
        Seal { seq: 5, ..author.seal(head) },
        author.seal(Head { seq: 5, ..head }),
        Seal { seq: 4, signature: [0; 64] },
    ];
    for seal in forged {
        let fault = verify(head_at(0), bytes()[..4].to_vec(), seal).unwrap_err();
        assert_eq!((&fault, fault.code()), (&unsealed(4), "seal_forged"));
    }
}

/// A key of small order would sign anything: such a key vouches for nothing.
#[test]
fn a_weak_key_vouches_for_nothing() {
    let mut identity = [0; 32];
    identity[0] = 1;
    let weak = purser_journal::VerifyingKey::from_bytes(&identity).unwrap();
    let mut signature = [0; 64];
    signature[0] = 1; // R is the identity, s is 0
    let seal = Seal { seq: 4, signature };
    let fault = verify_run(&scope(), store().replica, &weak, head_at(0), bytes()[..4].to_vec(), seal);
    assert_eq!(fault.unwrap_err(), unsealed(4));
}
