use purser_documents::{CardState, Channel, Consent, Edit, EditError};

use crate::stores::{Stores, card, report};

fn state(stores: &Stores) -> CardState {
    let states: Vec<_> = stores.documents.iter().map(|document| document.profile().cards[&card()]).collect();
    assert!(states.windows(2).all(|pair| pair[0] == pair[1]), "{states:?}");
    states[0]
}

#[test]
fn a_lost_card_does_not_come_back_because_another_store_unfroze_it() {
    let mut stores = Stores::with_member(2);
    stores.edit(0, &[report(CardState::Frozen)]);
    stores.meet();
    stores.edit(0, &[report(CardState::Lost)]);
    stores.edit(1, &[report(CardState::Active)]);
    stores.meet();
    assert_eq!(state(&stores), CardState::Lost);

    // Found again at a store that knows of the loss.
    stores.edit(1, &[report(CardState::Active)]);
    stores.meet();
    assert_eq!(state(&stores), CardState::Active);
}

#[test]
fn a_second_loss_is_not_covered_by_finding_the_first() {
    let mut stores = Stores::with_member(2);
    stores.edit(0, &[report(CardState::Lost)]);
    stores.meet();
    stores.edit(0, &[report(CardState::Lost)]);
    stores.edit(1, &[report(CardState::Active)]);
    stores.meet();
    assert_eq!(state(&stores), CardState::Lost);
}

#[test]
fn finding_a_card_does_not_undo_what_it_does_not_know_of() {
    for unseen in [CardState::Expired, CardState::Frozen, CardState::Replaced, CardState::Cancelled] {
        let mut stores = Stores::with_member(3);
        stores.edit(0, &[report(CardState::Lost)]);
        stores.send(0, 1);
        stores.edit(1, &[report(CardState::Active)]);
        stores.edit(2, &[report(unseen)]);
        stores.meet();
        assert_eq!(state(&stores), unseen);
    }
}

#[test]
fn of_any_two_states_the_safer_stands() {
    for (place, &safer) in CardState::ALL.iter().enumerate() {
        for &other in &CardState::ALL[..place] {
            for (first, second) in [(safer, other), (other, safer)] {
                let mut stores = Stores::with_member(2);
                stores.edit(0, &[report(first)]);
                stores.edit(1, &[report(second)]);
                stores.meet();
                assert_eq!(state(&stores), safer, "{first} and {second}");
            }
        }
    }
}

#[test]
fn a_card_has_to_be_bound_before_it_can_be_lost() {
    let mut stores = Stores::new(1);
    let refused = stores.try_edit(0, &[report(CardState::Lost)]);
    assert_eq!(refused, Err(EditError::UnknownCard(card())));
    stores.edit(0, &[report(CardState::Active), report(CardState::Lost)]);
    assert_eq!(state(&stores), CardState::Lost);
}

#[test]
fn a_consent_taken_back_is_not_given_again_by_a_merge() {
    let answer = |consent| [Edit::SetConsent { channel: Channel::Sms, consent }];
    let mut stores = Stores::new(2);
    stores.edit(0, &answer(Consent::Granted));
    stores.meet();
    stores.edit(0, &answer(Consent::Withdrawn));
    stores.edit(1, &answer(Consent::Granted));
    stores.meet();
    assert_eq!(stores.documents[1].profile().consents[&Channel::Sms], Consent::Withdrawn);
    stores.edit(1, &answer(Consent::Granted));
    stores.meet();
    assert_eq!(stores.documents[0].profile().consents[&Channel::Sms], Consent::Granted);
}
