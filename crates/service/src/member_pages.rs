use std::{
    collections::HashMap,
    fmt,
    fs::{self, OpenOptions},
    io::{self, Write},
    num::NonZeroU8,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use data_encoding::BASE32HEX_NOPAD;
use purser_types::{Coded, MemberId};
use subtle::ConstantTimeEq;

/// What a hub needs for the pages that it serves to members. Cheap to clone.
#[derive(Clone)]
pub struct MemberPages {
    secret: [u8; SECRET_BYTES],
    voucher_hours: NonZeroU8,
    asked: Arc<Mutex<Hourly>>,
    carried: Arc<Mutex<Hourly>>,
}

/// Why pages cannot be served.
#[derive(Debug, thiserror::Error)]
pub enum MemberPagesError {
    /// The file holds something else.
    #[error("{} is not what `run` made: remove it, and all members get new links", .0.display())]
    Malformed(PathBuf),
    /// The operating system refused.
    #[error("cannot use {}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The system has no random bytes.
    #[error("the system gives no random bytes: {0}")]
    Random(getrandom::Error),
}

impl Coded for MemberPagesError {
    fn code(&self) -> &'static str {
        match self {
            MemberPagesError::Malformed(_) => "member_pages_malformed",
            MemberPagesError::Io { .. } => "member_pages_unusable",
            MemberPagesError::Random(_) => "no_random_bytes",
        }
    }
}

const FILE: &str = "member-pages.key";
const SECRET_BYTES: usize = 32;
/// Of the hash that makes a link unguessable.
const PROOF_BYTES: usize = 16;

/// How often one member's page may be asked for in an hour, and points be sent on their way.
const ASKED_PER_HOUR: u32 = 240;
const CARRIED_PER_HOUR: u32 = 12;
const HOUR_MS: u64 = 3_600_000;

/// Which member has done something how often in this hour.
#[derive(Default)]
struct Hourly {
    hour: u64,
    times: HashMap<MemberId, u32>,
}

impl Hourly {
    /// Counts once more; `false` if that is too often.
    fn allows(&mut self, member: MemberId, wall_ms: u64, most: u32) -> bool {
        let hour = wall_ms / HOUR_MS;
        if self.hour != hour {
            *self = Self { hour, times: HashMap::new() };
        }
        let times = self.times.entry(member).or_default();
        *times = times.saturating_add(1);
        *times <= most
    }
}

impl MemberPages {
    /// The pages of the hub whose folder is `dir`. Its secret is in `member-pages.key`, made when
    /// it is missing, readable by its owner only.
    ///
    /// # Errors
    /// If the file cannot be made or read.
    pub fn of(dir: &Path, voucher_hours: NonZeroU8) -> Result<Self, MemberPagesError> {
        let path = dir.join(FILE);
        let secret = match fs::read(&path) {
            Ok(bytes) => bytes.try_into().map_err(|_| MemberPagesError::Malformed(path))?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let mut secret = [0; SECRET_BYTES];
                getrandom::fill(&mut secret).map_err(MemberPagesError::Random)?;
                write_new(&path, &secret).map_err(|source| MemberPagesError::Io { path, source })?;
                secret
            }
            Err(source) => return Err(MemberPagesError::Io { path, source }),
        };
        Ok(Self { secret, voucher_hours, asked: Arc::default(), carried: Arc::default() })
    }

    /// How long a code is good that is shown now, in milliseconds.
    pub fn voucher_ms(&self) -> u64 {
        u64::from(self.voucher_hours.get()) * HOUR_MS
    }

    /// The last part of a member's link: the member's id, and what nobody can guess.
    pub fn token_of(&self, member: MemberId) -> String {
        let id = member.as_i64().to_be_bytes();
        let text = |bytes: &[u8]| BASE32HEX_NOPAD.encode(bytes).to_ascii_lowercase();
        format!("{}-{}", text(&id), text(&self.proof(id)))
    }

    /// Whose link that is, in a time that tells nothing of what it should be.
    pub fn member_of(&self, token: &str) -> Option<MemberId> {
        let (id, shown) = token.split_once('-').filter(|_| token.len() <= 64)?;
        let bytes = |text: &str| BASE32HEX_NOPAD.decode(text.to_ascii_uppercase().as_bytes()).ok();
        let (id, shown) = (bytes(id)?, bytes(shown)?);
        let id: [u8; 8] = id.try_into().ok()?;
        let is_right: bool = self.proof(id).as_slice().ct_eq(&shown).into();
        MemberId::from_i64(i64::from_be_bytes(id)).filter(|_| is_right)
    }

    fn proof(&self, id: [u8; 8]) -> [u8; PROOF_BYTES] {
        let mut proof = [0; PROOF_BYTES];
        let hash = blake3::keyed_hash(&self.secret, &id);
        proof.copy_from_slice(&hash.as_bytes()[..PROOF_BYTES]);
        proof
    }

    /// Counts one more look at a member's page; `false` if that is too many.
    pub fn may_ask(&self, member: MemberId, wall_ms: u64) -> bool {
        let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        asked.allows(member, wall_ms, ASKED_PER_HOUR)
    }

    /// Counts one more try of a member to send points on their way; `false` if that is too many.
    pub fn may_carry(&self, member: MemberId, wall_ms: u64) -> bool {
        let mut carried = self.carried.lock().unwrap_or_else(PoisonError::into_inner);
        carried.allows(member, wall_ms, CARRIED_PER_HOUR)
    }
}

impl fmt::Debug for MemberPages {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MemberPages")
    }
}

fn write_new(path: &Path, secret: &[u8]) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(secret)?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pages(dir: &Path) -> MemberPages {
        MemberPages::of(dir, NonZeroU8::MIN).unwrap()
    }

    #[test]
    fn a_link_is_its_members_and_no_other_opens_anything() {
        let dir = tempfile::tempdir().unwrap();
        let (first, again) = (pages(dir.path()), pages(dir.path()));
        let member = MemberId::from_i64(0x1234_5678_0000_000c).unwrap();
        let token = first.token_of(member);
        assert_eq!(again.member_of(&token), Some(member), "the secret is kept");
        assert_eq!(first.member_of(&token.to_ascii_uppercase()), Some(member));
        let neighbour = MemberId::from_i64(member.as_i64() + 1).unwrap();
        let (_, proof) = token.split_once('-').unwrap();
        let (id, _) =
            first.token_of(neighbour).split_once('-').map(|(a, b)| (a.to_owned(), b.to_owned())).unwrap();
        for wrong in [
            format!("{id}-{proof}"),
            format!("{token}0"),
            token[..token.len() - 2].to_owned(),
            "-".to_owned(),
            String::new(),
            "x".repeat(9_999),
        ] {
            assert_eq!(first.member_of(&wrong), None, "{wrong:.80}");
        }
        let elsewhere = tempfile::tempdir().unwrap();
        assert_eq!(pages(elsewhere.path()).member_of(&token), None);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = fs::metadata(dir.path().join(FILE)).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
        fs::write(dir.path().join(FILE), "short").unwrap();
        let error = MemberPages::of(dir.path(), NonZeroU8::MIN).unwrap_err();
        assert_eq!(error.code(), "member_pages_malformed");
    }

    #[test]
    fn nobody_carries_without_end() {
        let dir = tempfile::tempdir().unwrap();
        let pages = pages(dir.path());
        let [one, two] = [7, 8].map(|id| MemberId::from_i64(id).unwrap());
        let tries = |member, ms| (0..20).filter(|_| pages.may_carry(member, ms)).count();
        assert_eq!((tries(one, 5), tries(two, 6), tries(one, HOUR_MS - 1)), (12, 12, 0));
        assert_eq!(tries(one, HOUR_MS), 12);
    }
}
