use std::io::Read;

use minicbor::{Decode, Encode, bytes::ByteVec};
use purser_journal::{ForkProof, Seal, SignedCredential, decode_entries, from_cbor, to_cbor};
use purser_ledger::Asset;
use purser_replica::Run;
use purser_types::{Coded, Digest, MemberId, ReplicaId, Scope};

/// A frame is at most so long, packed and unpacked.
pub const FRAME_BYTES_MAX: usize = 4 * 1024 * 1024;

/// Shorter frames are sent as they are.
const PACK_FROM_BYTES: usize = 512;

/// A packed frame unpacks to at most so many times its bytes, so that what waits packed stays
/// within reach of memory once unpacked. What would shrink further (entries, full of hashes, do
/// not) is sent plain.
const UNPACKED_PER_BYTE_MAX: usize = 64;

/// The window of zstd is at most so many bits wide: a whole frame.
const WINDOW_BITS_MAX: u32 = FRAME_BYTES_MAX.ilog2();

/// One message between two replicas. On the wire a byte (0 plain, 1 zstd) and then the CBOR
/// `[number, body]`. A number that this version does not know is passed over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Frame {
    /// 1: who I am and what I know. The first frame, both ways.
    Hello(Hello),
    /// 2: entries. `number` counts the frames of this kind on this link.
    Runs {
        /// To be named in the answer.
        number: u64,
        /// Runs of different journals.
        runs: Vec<RunFrame>,
    },
    /// 3: what of frame `number` is durable here, or was before.
    Known {
        /// The frame answered.
        number: u64,
        /// How far each journal in it is known now.
        heads: Vec<(ReplicaId, u64)>,
        /// Journals of which nothing more is wanted: their authors are set aside here.
        unwanted: Vec<ReplicaId>,
    },
    /// 4: rights are wanted.
    Ask(Ask),
    /// 5: an answer to that: so much is on its way to the asker, as offers in journals.
    Lent {
        /// The question.
        request: [u8; 16],
        /// How much was offered or asked on for.
        amount: i64,
    },
    /// 6: an answer to that: nothing to be had here.
    Declined {
        /// The question.
        request: [u8; 16],
        /// Why.
        reason: Declined,
    },
    /// 8: an author has told two stories. Passed on to everybody.
    Fork(Box<ForkProof>),
    /// 9: a hub wants the details of these sales of one author.
    Wanted {
        /// The author.
        author: ReplicaId,
        /// The places of its entries, ascending, at most [`DETAILS_AT_ONCE`].
        seqs: Vec<u64>,
    },
    /// 10: the answer: those of them up to a place that are known.
    Details {
        /// The author.
        author: ReplicaId,
        /// What was wanted after this place was not looked for.
        up_to: u64,
        /// Places and details.
        details: Vec<Detail>,
    },
    /// Something of a later version.
    Unknown {
        /// Its number.
        number: u32,
    },
}

/// Details of sales that one frame asks for.
pub const DETAILS_AT_ONCE: usize = 256;

/// What a sale's entry leaves out.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct Detail {
    /// The place of the entry.
    #[n(0)]
    pub seq: u64,
    /// The detail.
    #[n(1)]
    pub bytes: ByteVec,
}

/// Who somebody is and how far they know each journal.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct Hello {
    /// The version of the protocol: 1.
    #[n(0)]
    pub protocol: u32,
    /// Chain and city.
    #[n(1)]
    pub scope: Scope,
    /// Who the sender is, signed by the authority.
    #[n(2)]
    pub credential: SignedCredential,
    /// The journals known.
    #[n(3)]
    pub heads: Vec<JournalHead>,
    /// The sender's wall clock, in milliseconds since 1970.
    #[n(4)]
    pub wall_ms: u64,
}

/// How far a journal is known, and the hash there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
pub struct JournalHead {
    /// The author.
    #[n(0)]
    pub author: ReplicaId,
    /// The place of the last entry known.
    #[n(1)]
    pub seq: u64,
    /// Its hash.
    #[n(2)]
    pub hash: Digest,
}

/// A [`Run`] as it travels.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct RunFrame {
    /// The author.
    #[n(0)]
    pub author: ReplicaId,
    /// Who the author is; left out for a receiver that is known to know.
    #[n(1)]
    pub credential: Option<SignedCredential>,
    /// The place of the first entry.
    #[n(2)]
    pub first_seq: u64,
    /// The entries.
    #[cbor(n(3), decode_with = "decode_entries")]
    pub entries: Vec<ByteVec>,
    /// The seal of the last.
    #[n(4)]
    pub seal: Seal,
}

/// Rights wanted by a replica.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
pub struct Ask {
    /// Names the question: asked again, nothing moves twice.
    #[cbor(n(0), with = "minicbor::bytes")]
    pub request: [u8; 16],
    /// Who wants them.
    #[n(1)]
    pub asker: ReplicaId,
    /// Whose assets.
    #[n(2)]
    pub member: MemberId,
    /// Which asset.
    #[n(3)]
    pub asset: Asset,
    /// How much is missing.
    #[n(4)]
    pub amount: i64,
    /// Whether whoever is asked may pass the question on.
    #[n(5)]
    pub pass_on: bool,
}

/// Why a question for rights brings nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(index_only)]
pub enum Declined {
    /// Nobody whom the answerer can reach holds any.
    #[n(0)]
    HoldersUnreachable,
    /// The answerer has none and passes nothing on.
    #[n(1)]
    NoRightsHere,
    /// The answerer cannot write just now.
    #[n(2)]
    Busy,
    /// The rights are on their way between two others: ask again in a moment.
    #[n(3)]
    OnTheWay,
}

/// On which stream of a connection a frame goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lane {
    /// The one ordered stream of the connection.
    Control,
    /// A stream of its own, for bulk.
    Bulk,
    /// A short stream of its own, so that no bulk delays it.
    Rights,
}

/// Bytes that are no frame.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FrameFault {
    /// More than a frame may have.
    #[error("a frame of more than {FRAME_BYTES_MAX} bytes")]
    TooLong,
    /// Packed more tightly than any honest frame.
    #[error("a frame that unpacks to more than {UNPACKED_PER_BYTE_MAX} times its bytes")]
    Overpacked,
    /// Neither plain nor packed.
    #[error("a frame that is neither plain nor packed")]
    Unmarked,
    /// Packed bytes that do not unpack.
    #[error("a frame that does not unpack")]
    Damaged,
    /// Not the CBOR of a frame.
    #[error("a frame that is malformed: {0}")]
    Malformed(String),
}

impl Coded for FrameFault {
    fn code(&self) -> &'static str {
        match self {
            FrameFault::TooLong => "frame_too_long",
            FrameFault::Overpacked => "frame_overpacked",
            FrameFault::Unmarked => "frame_unmarked",
            FrameFault::Damaged => "frame_damaged",
            FrameFault::Malformed(_) => "frame_malformed",
        }
    }
}

impl Frame {
    /// The bytes that travel.
    pub fn to_bytes(&self) -> Vec<u8> {
        let cbor = to_cbor(self);
        let packed = if cbor.len() < PACK_FROM_BYTES { None } else { zstd::bulk::compress(&cbor, 1).ok() };
        let (mark, body) = match packed {
            Some(packed) if packed.len() < cbor.len() && cbor.len() <= unpacked_max(&packed) => (1, packed),
            _ => (0, cbor),
        };
        let mut bytes = Vec::with_capacity(body.len() + 1);
        bytes.push(mark);
        bytes.extend_from_slice(&body);
        bytes
    }

    /// Reads a frame. Unpacks at most [`FRAME_BYTES_MAX`] bytes and 64 times what came, growing
    /// as they come.
    ///
    /// # Errors
    /// What is wrong with the bytes.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, FrameFault> {
        if bytes.len() > FRAME_BYTES_MAX {
            return Err(FrameFault::TooLong);
        }
        let malformed = |fault: purser_journal::DecodeFault| FrameFault::Malformed(fault.reason);
        match bytes.split_first() {
            Some((0, cbor)) => from_cbor("frame", cbor).map_err(malformed),
            Some((1, packed)) => from_cbor("frame", &unpack(packed)?).map_err(malformed),
            _ => Err(FrameFault::Unmarked),
        }
    }

    /// Where the frame goes.
    pub fn lane(&self) -> Lane {
        match self {
            Frame::Hello(_) | Frame::Known { .. } | Frame::Wanted { .. } | Frame::Unknown { .. } => {
                Lane::Control
            }
            Frame::Runs { .. } | Frame::Fork(_) | Frame::Details { .. } => Lane::Bulk,
            Frame::Ask(_) | Frame::Lent { .. } | Frame::Declined { .. } => Lane::Rights,
        }
    }
}

fn unpacked_max(packed: &[u8]) -> usize {
    FRAME_BYTES_MAX.min(packed.len().saturating_mul(UNPACKED_PER_BYTE_MAX))
}

fn unpack(packed: &[u8]) -> Result<Vec<u8>, FrameFault> {
    let mut reader = zstd::stream::read::Decoder::new(packed).map_err(|_| FrameFault::Damaged)?;
    reader.window_log_max(WINDOW_BITS_MAX).map_err(|_| FrameFault::Damaged)?;
    let mut cbor = Vec::new();
    let most = unpacked_max(packed);
    reader.take(most as u64 + 1).read_to_end(&mut cbor).map_err(|_| FrameFault::Damaged)?;
    match cbor.len() {
        length if length > FRAME_BYTES_MAX => Err(FrameFault::TooLong),
        length if length > most => Err(FrameFault::Overpacked),
        _ => Ok(cbor),
    }
}

impl From<Run> for RunFrame {
    fn from(run: Run) -> Self {
        let Run { author, credential, first_seq, entries, seal } = run;
        let entries = entries.into_iter().map(ByteVec::from).collect();
        Self { author, credential, first_seq, entries, seal }
    }
}

impl From<RunFrame> for Run {
    fn from(frame: RunFrame) -> Self {
        let RunFrame { author, credential, first_seq, entries, seal } = frame;
        let entries = entries.into_iter().map(Vec::from).collect();
        Self { author, credential, first_seq, entries, seal }
    }
}
