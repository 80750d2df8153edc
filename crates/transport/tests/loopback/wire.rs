use purser_transport::{FRAME_BYTES_MAX, client_config, read_frame, server_name, write_frame};
use purser_types::Coded;
use quinn::{Connection, Endpoint, RecvStream};

use crate::city;

/// Two connected replicas, with the endpoints that keep them alive.
async fn pair() -> (Connection, Connection, [Endpoint; 2]) {
    let authority = city::authority(1);
    let (here, there) = (city::identity(&authority, 12, 12), city::identity(&authority, 13, 13));
    let (listener, address) = city::listener(&there);
    let endpoint = city::client();
    let name = server_name(there.replica);
    let connecting = endpoint.connect_with(client_config(&here).unwrap(), address, &name).unwrap();
    let (outgoing, incoming) =
        tokio::join!(connecting, async { listener.accept().await.unwrap().await.unwrap() });
    (outgoing.unwrap(), incoming, [endpoint, listener])
}

/// The reading end of a stream on which exactly `bytes` were sent.
async fn sent(outgoing: &Connection, incoming: &Connection, bytes: &[u8]) -> RecvStream {
    let mut send = outgoing.open_uni().await.unwrap();
    send.write_all(bytes).await.unwrap();
    send.finish().unwrap();
    incoming.accept_uni().await.unwrap()
}

#[tokio::test]
async fn frames_come_as_they_went_up_to_the_longest() {
    let (outgoing, incoming, _endpoints) = pair().await;
    let frames = [vec![], vec![7], vec![9; FRAME_BYTES_MAX]];
    let writing = async {
        let mut send = outgoing.open_uni().await.unwrap();
        for frame in &frames {
            write_frame(&mut send, frame).await.unwrap();
        }
        assert_eq!(
            write_frame(&mut send, &vec![0; FRAME_BYTES_MAX + 1]).await.unwrap_err().code(),
            "frame_too_long"
        );
        send.finish().unwrap();
    };
    let reading = async {
        let mut receive = incoming.accept_uni().await.unwrap();
        for frame in &frames {
            assert!(read_frame(&mut receive, FRAME_BYTES_MAX).await.unwrap().as_ref() == Some(frame));
        }
        assert!(read_frame(&mut receive, FRAME_BYTES_MAX).await.unwrap().is_none());
    };
    tokio::join!(writing, reading);
}

#[tokio::test]
async fn a_lying_length_is_found_out() {
    let (outgoing, incoming, _endpoints) = pair().await;
    let cases: [(&[u8], &str); 4] = [
        (&[0, 0x40, 0, 1, 1, 2, 3], "frame_too_long"),
        (&[0xff, 0xff, 0xff, 0xff], "frame_too_long"),
        (&[0, 0x40, 0, 0, 1, 2, 3], "frame_cut_short"),
        (&[0, 0], "frame_cut_short"),
    ];
    for (bytes, code) in cases {
        let mut receive = sent(&outgoing, &incoming, bytes).await;
        assert_eq!(read_frame(&mut receive, FRAME_BYTES_MAX).await.unwrap_err().code(), code);
    }
}
