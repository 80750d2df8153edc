//! Every checker finds the bug that is built in for it.

use purser_simulations::BUGS;

#[test]
fn every_bug_that_is_built_in_is_found_by_its_checker() {
    let missed: Vec<&str> = BUGS.iter().filter(|bug| bug.hunt(30).is_none()).map(|bug| bug.name).collect();
    assert!(missed.is_empty(), "{missed:?}");
}
