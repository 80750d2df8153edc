use purser_types::Coded;
use quinn::{ReadError, RecvStream, SendStream, WriteError};

/// The longest frame that a peer may send, in bytes without its length.
pub const FRAME_BYTES_MAX: usize = 4 << 20;

/// What is set aside for a frame before any of it has come: its announced length is only a claim.
const FIRST_BYTES_MAX: usize = 16 << 10;

/// Why a frame cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub enum WireError {
    /// A frame longer than what is agreed.
    #[error("a frame of {bytes} bytes, where at most {bytes_max} are agreed")]
    TooLong {
        /// Its length.
        bytes: usize,
        /// What is agreed.
        bytes_max: usize,
    },
    /// The stream ended within a frame.
    #[error("the stream ended {missing} bytes before the end of a frame")]
    CutShort {
        /// What was still to come.
        missing: usize,
    },
    /// The line, or the other side, broke the stream off.
    #[error("the stream broke off: {0}")]
    Reading(#[from] ReadError),
    /// The line, or the other side, broke the stream off.
    #[error("the stream broke off: {0}")]
    Writing(#[from] WriteError),
}

impl Coded for WireError {
    fn code(&self) -> &'static str {
        match self {
            WireError::TooLong { .. } => "frame_too_long",
            WireError::CutShort { .. } => "frame_cut_short",
            WireError::Reading(_) | WireError::Writing(_) => "stream_broken",
        }
    }
}

/// Writes one frame: its length as a big-endian u32, then its bytes.
///
/// # Errors
/// If it is longer than [`FRAME_BYTES_MAX`], or the stream is broken.
pub async fn write_frame(stream: &mut SendStream, frame: &[u8]) -> Result<(), WireError> {
    let too_long = WireError::TooLong { bytes: frame.len(), bytes_max: FRAME_BYTES_MAX };
    let length =
        u32::try_from(frame.len()).ok().filter(|_| frame.len() <= FRAME_BYTES_MAX).ok_or(too_long)?;
    stream.write_all(&length.to_be_bytes()).await?;
    Ok(stream.write_all(frame).await?)
}

/// Reads one frame of at most `bytes_max` bytes, or `None` where the stream ends before one.
/// Memory grows as bytes arrive, whatever length was announced. Not cancel-safe: once dropped
/// half-way, the stream is of no more use.
///
/// # Errors
/// If the frame is too long or cut short, or the stream is broken.
pub async fn read_frame(stream: &mut RecvStream, bytes_max: usize) -> Result<Option<Vec<u8>>, WireError> {
    let mut prefix = Vec::new();
    match read_to(stream, &mut prefix, 4).await {
        Err(WireError::CutShort { missing: 4 }) => return Ok(None),
        other => other?,
    }
    let length = prefix.iter().fold(0, |length, byte| length << 8 | usize::from(*byte));
    if length > bytes_max {
        return Err(WireError::TooLong { bytes: length, bytes_max });
    }
    let mut frame = Vec::with_capacity(length.min(FIRST_BYTES_MAX));
    read_to(stream, &mut frame, length).await?;
    Ok(Some(frame))
}

/// Reads until `bytes` has this length.
async fn read_to(stream: &mut RecvStream, bytes: &mut Vec<u8>, length: usize) -> Result<(), WireError> {
    while bytes.len() < length {
        let missing = length - bytes.len();
        let chunk = stream.read_chunk(missing, true).await?.ok_or(WireError::CutShort { missing })?;
        bytes.extend_from_slice(&chunk.bytes);
    }
    Ok(())
}
