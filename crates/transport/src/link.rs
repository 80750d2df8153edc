//! One connection as a link of the engine: frames in, frames out, until it is gone.

use std::sync::Arc;

use purser_sync::LinkId;
use purser_types::ReplicaId;
use quinn::{Connection, RecvStream};
use tokio::sync::Semaphore;

use crate::{FRAME_BYTES_MAX, Handle, handle::count, outbound::Outbound, read_frame, writer::Message};

/// What may wait to be decided, over all links: kibibytes of frames.
pub(crate) const INBOUND_KIB: usize = 64 << 10;

/// Serves a connection until it is closed, by either side or by the line.
pub(crate) async fn serve(
    handle: Handle,
    connection: Connection,
    peer: ReplicaId,
    link: LinkId,
    inbound: Arc<Semaphore>,
) {
    let outbound = Outbound::start(&connection);
    if handle.send(Message::LinkUp { link, peer, outbound }).is_err() {
        return;
    }
    count(&handle.shared.tally.links_opened, 1);
    while let Ok(stream) = connection.accept_uni().await {
        tokio::spawn(read(handle.clone(), stream, link, Arc::clone(&inbound), connection.clone()));
    }
    // The writer is gone only when the node stops.
    let _ = handle.send(Message::LinkDown { link });
}

/// Reads the frames of one stream. Waits for room before it hands one over: a peer that sends
/// faster than this node decides is slowed down by QUIC's flow control.
async fn read(
    handle: Handle,
    mut stream: RecvStream,
    link: LinkId,
    inbound: Arc<Semaphore>,
    connection: Connection,
) {
    loop {
        match read_frame(&mut stream, FRAME_BYTES_MAX).await {
            Ok(Some(bytes)) => {
                let kib = u32::try_from(bytes.len() / 1024 + 1).unwrap_or(u32::MAX);
                let Ok(permit) = Arc::clone(&inbound).acquire_many_owned(kib).await else { return };
                if handle.send(Message::Frame { link, bytes, permit }).is_err() {
                    return;
                }
            }
            Ok(None) => return,
            Err(error) => {
                if connection.close_reason().is_none() {
                    tracing::warn!(%error, "a peer's stream is broken: closing its link");
                    connection.close(quinn::VarInt::from_u32(3), b"broken stream");
                }
                return;
            }
        }
    }
}
