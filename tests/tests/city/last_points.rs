//! Two tills want the same last points at the same time.

use std::{
    sync::{
        Barrier, Mutex,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    thread,
};

use purser_demo::Answer;

use super::{
    till::Till,
    town::{Town, await_off_line, eventually, points, register},
};

const ROUNDS: usize = 30;
/// Rounds under way at once: one that loses may wait for its patience to end.
const AT_ONCE: usize = 5;
/// What each member has, and what both tills want.
const POINTS: i64 = 100;

/// One member's last points, and what became of the two who wanted them.
struct Round {
    member: String,
    answers: [Answer; 2],
}

impl Round {
    fn winners(&self) -> usize {
        self.answers.iter().filter(|answer| answer.is_success()).count()
    }
}

/// Members who have earned their points at the first store, as all know.
fn members_with_points(town: &Town) -> Vec<String> {
    let mut till = Till::at(&town.stores[0], "first");
    let members: Vec<String> = (0..ROUNDS)
        .map(|round| {
            let member = register(&town.stores[0], &format!("Member {round}"));
            till.sell(&member, POINTS);
            member
        })
        .collect();
    town.settle();
    members
}

/// Both stores redeem the points of every member at the same moment. Each heat has its own tills.
fn race(town: &Town, heat: &str, members: &[String]) -> Vec<Round> {
    let (next, rounds) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    thread::scope(|scope| {
        for lane in 0..AT_ONCE {
            let (next, rounds) = (&next, &rounds);
            scope.spawn(move || {
                let mut tills = [0, 1].map(|store| Till::at(&town.stores[store], &format!("{heat}-{lane}")));
                while let Some(member) = members.get(next.fetch_add(1, SeqCst)) {
                    let answers = redeem_at_once(&mut tills, member);
                    rounds.lock().unwrap().push(Round { member: member.clone(), answers });
                }
            });
        }
    });
    rounds.into_inner().unwrap()
}

fn redeem_at_once([here, there]: &mut [Till; 2], member: &str) -> [Answer; 2] {
    let start = Barrier::new(2);
    thread::scope(|scope| {
        let there = scope.spawn(|| {
            start.wait();
            there.redeem(member, 1, POINTS)
        });
        start.wait();
        [here.redeem(member, 1, POINTS), there.join().unwrap()]
    })
}

/// What a member has after that: a sale of ¥1 earns a point.
fn assert_points_spent_once(town: &Town, rounds: &[Round]) {
    for Round { member, answers } in rounds {
        let spent = answers.iter().filter(|answer| answer.is_success()).count();
        assert!(spent <= 1, "spent twice: {} and {}", answers[0].body, answers[1].body);
        let losers = answers.iter().filter(|answer| !answer.is_success());
        for loser in losers {
            let code = loser.code().unwrap();
            assert!(["insufficient_rights_here", "insufficient_balance"].contains(&code), "{}", loser.body);
        }
        let spent = i64::try_from(spent).unwrap();
        town.assert_balance(member, POINTS + spent - spent * POINTS);
    }
}

#[test]
fn two_connected_stores_never_both_redeem_the_last_points() {
    let town = Town::found(2);
    let members = members_with_points(&town);
    let rounds = race(&town, "heat", &members);
    town.settle();
    assert_points_spent_once(&town, &rounds);
    let nobody = rounds.iter().filter(|round| round.winners() == 0).count();
    println!("{ROUNDS} rounds, {nobody} without a winner");
    assert!(nobody <= ROUNDS / 3, "points that nobody could have: {nobody} of {ROUNDS}");

    // Where nobody won, the points were on their way: they are still there, once.
    let mut till = Till::at(&town.stores[1], "afterwards");
    for Round { member, .. } in rounds.iter().filter(|round| round.winners() == 0) {
        eventually("the points can be redeemed", || till.redeem(member, 1, POINTS).is_success());
    }
    town.settle();
    for round in &rounds {
        town.assert_balance(&round.member, 1);
    }
    town.audit();
}

#[test]
fn a_store_that_is_cut_off_and_another_never_both_redeem_the_last_points() {
    let town = Town::found(2);
    let members = members_with_points(&town);
    town.lines[0].cut();
    // Half of the rounds while the lines look alive, half when all know that they are cut.
    let (before, after) = members.split_at(ROUNDS / 2);
    let mut rounds = race(&town, "before", before);
    await_off_line(&town.stores[0]);
    rounds.extend(race(&town, "after", after));
    for Round { member, answers: [holder, other] } in &rounds {
        assert!(holder.is_success(), "the holder of the rights needs nobody: {}", holder.body);
        assert_eq!(other.code(), Some("insufficient_rights_here"), "{}", other.body);
        assert_eq!(points(&town.stores[0], member).balance, 1);
    }
    town.lines[0].heal();
    town.settle();
    assert_points_spent_once(&town, &rounds);
    town.audit();
}
