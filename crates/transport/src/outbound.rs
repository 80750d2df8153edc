use purser_sync::Lane;
use quinn::{Connection, SendStream, VarInt};
use tokio::sync::mpsc;

use crate::{WireError, write_frame};

/// The sending side of a link: a queue for each lane, none of which makes the writer wait.
pub(crate) struct Outbound {
    connection: Connection,
    control: mpsc::Sender<Vec<u8>>,
    bulk: mpsc::Sender<Vec<u8>>,
    rights: mpsc::Sender<Vec<u8>>,
}

/// Frames that may wait. The engine has at most four bulk frames on their way; a peer that
/// does not read its control frames is no peer.
const CONTROL_WAITING: usize = 1_024;
const BULK_WAITING: usize = 16;
const RIGHTS_WAITING: usize = 256;

const CLOSED_BY_US: VarInt = VarInt::from_u32(2);

impl Outbound {
    /// Starts the tasks that send on `connection`. They end with it.
    pub(crate) fn start(connection: &Connection) -> Self {
        let (control, control_queue) = mpsc::channel(CONTROL_WAITING);
        let (bulk, bulk_queue) = mpsc::channel(BULK_WAITING);
        let (rights, rights_queue) = mpsc::channel(RIGHTS_WAITING);
        tokio::spawn(send_on_one_stream(connection.clone(), control_queue));
        tokio::spawn(send_each_on_its_own(connection.clone(), bulk_queue));
        tokio::spawn(send_each_on_its_own(connection.clone(), rights_queue));
        Self { connection: connection.clone(), control, bulk, rights }
    }

    /// Queues a frame. A peer that is so slow that the queue is full loses its link.
    pub(crate) fn send(&self, lane: Lane, bytes: Vec<u8>) {
        let queue = match lane {
            Lane::Control => &self.control,
            Lane::Bulk => &self.bulk,
            Lane::Rights => &self.rights,
        };
        if queue.try_send(bytes).is_err() {
            self.close("too slow: a queue of frames is full");
        }
    }

    pub(crate) fn close(&self, reason: &str) {
        self.connection.close(CLOSED_BY_US, reason.as_bytes());
    }
}

async fn send_on_one_stream(connection: Connection, mut queue: mpsc::Receiver<Vec<u8>>) {
    let Ok(mut stream) = connection.open_uni().await else { return };
    // Ahead of bulk: what is known steers what is sent.
    let _ = stream.set_priority(1);
    while let Some(bytes) = queue.recv().await {
        if write_frame(&mut stream, &bytes).await.is_err() {
            return;
        }
    }
}

async fn send_each_on_its_own(connection: Connection, mut queue: mpsc::Receiver<Vec<u8>>) {
    while let Some(bytes) = queue.recv().await {
        let Ok(mut stream) = connection.open_uni().await else { return };
        if send_whole(&mut stream, &bytes).await.is_err() {
            return;
        }
    }
}

async fn send_whole(stream: &mut SendStream, bytes: &[u8]) -> Result<(), WireError> {
    write_frame(stream, bytes).await?;
    // Finishing fails only on a stream that is closed, and then there is nothing to finish.
    let _ = stream.finish();
    Ok(())
}
