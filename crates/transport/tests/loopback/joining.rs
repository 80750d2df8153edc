use purser_transport::{
    Answer, EnrolError, HUB_SERVER_NAME, Identity, JoinCode, Refusal, client_config, enrol, peer_identity,
};
use purser_types::{Coded, StoreNumber};

use crate::city::{self, Event, Hub, NOW_MS};

const HOUR_MS: u64 = 3_600_000;

async fn code_of(join_code: &JoinCode, seed: u8) -> &'static str {
    enrol(&city::client(), join_code, &city::applicant(seed)).await.unwrap_err().code()
}

#[tokio::test]
async fn a_shop_is_invited_joins_and_connects() {
    let mut hub = Hub::start(&city::authority(1));
    let text = hub.join_code(&city::invitation(7)).to_string();
    let endpoint = city::client();
    let joined = enrol(&endpoint, &text.parse().unwrap(), &city::applicant(12)).await.unwrap();
    assert!(
        matches!(hub.events.recv().await, Some(Event::Answered(answer)) if matches!(*answer, Answer::Granted(_)))
    );
    let Identity { credential, charter, .. } = &joined.identity;
    assert_eq!((credential.store, credential.name.as_str()), (StoreNumber(12), "Spring Road"));
    assert_eq!(charter, hub.authority.charter());

    let config = client_config(&joined.identity).unwrap();
    let connection = endpoint.connect_with(config, hub.address, HUB_SERVER_NAME).unwrap().await.unwrap();
    assert_eq!(peer_identity(&connection).unwrap().replica, joined.hub);
    assert!(matches!(hub.events.recv().await, Some(Event::Met(peer)) if peer == joined.identity.replica));
}

#[tokio::test]
async fn asked_again_the_hub_answers_the_same() {
    let hub = Hub::start(&city::authority(1));
    let join_code = hub.join_code(&city::invitation(7));
    let first = enrol(&city::client(), &join_code, &city::applicant(12)).await.unwrap();
    let again = enrol(&city::client(), &join_code, &city::applicant(12)).await.unwrap();
    assert_eq!(first.identity.papers, again.identity.papers);
}

#[tokio::test]
async fn an_invitation_is_good_for_one_replica() {
    let hub = Hub::start(&city::authority(1));
    let join_code = hub.join_code(&city::invitation(7));
    enrol(&city::client(), &join_code, &city::applicant(12)).await.unwrap();
    assert_eq!(code_of(&join_code, 13).await, Refusal::INVITATION_USED);
}

#[tokio::test]
async fn an_invitation_runs_out_with_a_margin_for_wrong_clocks() {
    let authority = city::authority(1);
    let hub = city::identity(&authority, 200, 0);
    let late = Hub::start_as(&hub, &authority, NOW_MS + 15 * HOUR_MS);
    assert_eq!(code_of(&late.join_code(&city::invitation(7)), 12).await, Refusal::INVITATION_EXPIRED);
    let ahead = Hub::start_as(&hub, &authority, NOW_MS + 8 * HOUR_MS);
    assert!(
        enrol(&city::client(), &ahead.join_code(&city::invitation(7)), &city::applicant(12)).await.is_ok()
    );
}

#[tokio::test]
async fn an_invitation_by_another_authority_is_refused_by_shop_and_hub() {
    let (ours, theirs) = (city::authority(1), city::authority(2));
    let mut mixed = Hub::start(&ours).join_code(&city::invitation(7));
    mixed.invitation = theirs.invite(mixed.hub_addresses.clone(), &city::invitation(7)).unwrap().invitation;
    assert_eq!(code_of(&mixed, 12).await, Refusal::INVITATION_FORGED);

    // A hub with our certificate, whose desk knows only the other authority.
    let hub = Hub::start_as(&city::identity(&ours, 200, 0), &theirs, NOW_MS);
    let join_code = ours.invite(vec![hub.address.to_string()], &city::invitation(7)).unwrap();
    let error = enrol(&city::client(), &join_code, &city::applicant(12)).await.unwrap_err();
    assert!(matches!(error, EnrolError::Refused(refusal) if refusal.code == Refusal::INVITATION_FORGED));
}

#[tokio::test]
async fn an_invitation_is_shown_to_no_other_chain_and_to_no_shop_posing_as_a_hub() {
    let (ours, theirs) = (city::authority(1), city::authority(2));
    let impostors = [city::identity(&theirs, 200, 0), city::identity(&ours, 201, 5)];
    for impostor in impostors {
        let mut hub = Hub::start_as(&impostor, &ours, NOW_MS);
        assert_eq!(code_of(&hub.join_code(&city::invitation(7)), 12).await, "hub_unreachable");
        assert!(matches!(hub.events.recv().await, Some(Event::TurnedAway("handshake_failed"))));
    }
}

#[tokio::test]
async fn the_next_hub_is_asked_where_one_is_not_ours() {
    let (ours, theirs) = (city::authority(1), city::authority(2));
    let (foreign, hub) = (Hub::start(&theirs), Hub::start(&ours));
    let addresses = vec![foreign.address.to_string(), hub.address.to_string()];
    let join_code = ours.invite(addresses, &city::invitation(7)).unwrap();
    assert!(enrol(&city::client(), &join_code, &city::applicant(12)).await.is_ok());
}
