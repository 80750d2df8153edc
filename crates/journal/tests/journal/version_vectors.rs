//! Version vectors are a lattice: merging loses nothing, whatever the order.

use proptest::prelude::*;
use purser_journal::VersionVector;

use crate::arbitrary::vector;

fn merged(a: &VersionVector, b: &VersionVector) -> VersionVector {
    let mut merged = a.clone();
    merged.merge(b);
    merged
}

/// Equal in what they say: an author known up to 0 is an author not known.
fn same(a: &VersionVector, b: &VersionVector) -> bool {
    let says = |vector: &VersionVector| vector.iter().filter(|(_, seq)| *seq > 0).collect::<Vec<_>>();
    says(a) == says(b)
}

proptest! {
    #[test]
    fn the_order_of_merging_does_not_matter(a in vector(), b in vector(), c in vector()) {
        prop_assert_eq!(merged(&a, &b), merged(&b, &a));
        prop_assert_eq!(merged(&merged(&a, &b), &c), merged(&a, &merged(&b, &c)));
        prop_assert_eq!(merged(&a, &a), a);
    }

    #[test]
    fn covering_is_a_partial_order(a in vector(), b in vector(), c in vector()) {
        prop_assert!(a.covers(&a));
        if a.covers(&b) && b.covers(&a) {
            prop_assert!(same(&a, &b));
        }
        if a.covers(&b) && b.covers(&c) {
            prop_assert!(a.covers(&c));
        }
        prop_assert!(a.covers(&VersionVector::default()));
    }

    #[test]
    fn a_merged_vector_is_the_least_that_covers_both(a in vector(), b in vector(), c in vector()) {
        let both = merged(&a, &b);
        prop_assert!(both.covers(&a) && both.covers(&b));
        prop_assert_eq!(c.covers(&both), c.covers(&a) && c.covers(&b));
        prop_assert_eq!(a.covers(&b), same(&merged(&a, &b), &a));
    }

    #[test]
    fn a_vector_never_goes_back(a in vector(), b in vector()) {
        let before = a.clone();
        let mut after = a;
        b.iter().for_each(|(author, seq)| after.advance(author, seq));
        prop_assert!(before.iter().all(|(author, seq)| after.of(author) >= seq));
        prop_assert_eq!(after, merged(&before, &b));
    }
}

#[test]
fn who_is_not_named_is_not_known() {
    let vector = VersionVector::default();
    assert_eq!((vector.of(crate::city::replica(1)), vector.len(), vector.is_empty()), (0, 0, true));
}
