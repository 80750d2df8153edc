use std::{fmt, str::FromStr};

use data_encoding::BASE32_NOPAD;
use ed25519_dalek::{Signature, Signer, SigningKey};
use minicbor::{Decode, Encode};
use purser_ledger::{AMOUNT_MAX, Asset, Lot};
use purser_types::{Coded, Digest, MemberId, OfferId, ReplicaId};

use crate::{Charter, Credential, Role, SignedCredential, codec};

/// What a member carries to a store that is cut off: a hub's word that its journal offers these
/// rights to that very replica, which may take them up ahead of the journal, once.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct Voucher {
    /// The offer, named after the hub's entry that makes it.
    #[n(0)]
    pub offer: OfferId,
    /// The only replica that may take it up.
    #[n(1)]
    pub to: ReplicaId,
    /// What the offer gives, all of points of one member.
    #[n(2)]
    pub lines: Vec<VoucherLine>,
    /// Until when it may be taken up, in milliseconds since 1970.
    #[n(3)]
    pub until_ms: u64,
}

/// One line of the offer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
pub struct VoucherLine {
    /// The lot.
    #[n(0)]
    pub lot: Lot,
    /// How much of it.
    #[n(1)]
    pub amount: i64,
}

/// A [`Voucher`] with all that is needed to believe it off line. As text `PURSER-VOUCHER-` and
/// base32 (RFC 4648), in which case and white space do not matter: what a QR code holds
/// in its alphanumeric mode.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct SignedVoucher {
    /// The CBOR of the voucher.
    #[cbor(n(0), with = "minicbor::bytes")]
    body: Vec<u8>,
    /// Who the hub is, by the authority's word.
    #[n(1)]
    hub: SignedCredential,
    /// By the key of the hub's journal.
    #[cbor(n(2), with = "minicbor::bytes")]
    signature: [u8; 64],
}

/// Why a voucher is not to be believed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VoucherFault {
    /// Not the text of a voucher.
    #[error("this is no voucher, or not all of it: scan it again")]
    Malformed,
    /// Signed by nobody who may, or for what no hub gives.
    #[error("this voucher is not a hub's of this city: do not accept it")]
    Forged,
}

impl Coded for VoucherFault {
    fn code(&self) -> &'static str {
        match self {
            VoucherFault::Malformed => "voucher_malformed",
            VoucherFault::Forged => "voucher_forged",
        }
    }
}

const CONTEXT: &str = "purser 2026 voucher";
const PREFIX: &str = "PURSER-VOUCHER-";

impl Voucher {
    /// A voucher has at most so many lines.
    pub const LINES_MAX: usize = 12;
    /// The text of a voucher has at most so many characters: one QR code of error level M holds
    /// 3,391.
    pub const TEXT_CHARS_MAX: usize = 2_500;

    /// Whose points they are.
    pub fn member(&self) -> Option<MemberId> {
        self.lines.first().map(|line| line.lot.member)
    }

    /// The points of all lines.
    pub fn points(&self) -> i64 {
        self.lines.iter().fold(0_i64, |sum, line| sum.saturating_add(line.amount))
    }

    /// Whether a hub could have meant it.
    fn is_plausible(&self) -> bool {
        let distinct = self
            .lines
            .iter()
            .enumerate()
            .all(|(place, line)| self.lines.iter().take(place).all(|before| before.lot != line.lot));
        let sound = |line: &VoucherLine| {
            line.lot.asset == Asset::Points
                && Some(line.lot.member) == self.member()
                && line.lot.member > MemberId::CHAIN
                && (1..=AMOUNT_MAX).contains(&line.amount)
        };
        (1..=Self::LINES_MAX).contains(&self.lines.len()) && distinct && self.lines.iter().all(sound)
    }
}

impl SignedVoucher {
    /// Signs a voucher with the key of the hub's journal.
    pub fn issue(key: &SigningKey, hub: SignedCredential, voucher: &Voucher) -> Self {
        let body = codec::to_cbor(voucher);
        let Digest(message) = Digest::in_context(CONTEXT, &[&body]);
        Self { body, hub, signature: key.sign(&message).to_bytes() }
    }

    /// What it says, unchecked: for an answer about one that was verified before.
    ///
    /// # Errors
    /// [`VoucherFault::Malformed`].
    pub fn claims(&self) -> Result<Voucher, VoucherFault> {
        codec::from_cbor("voucher", &self.body).map_err(|_| VoucherFault::Malformed)
    }

    /// The voucher and the hub that signed it, if the hub is one of the charter's city. Needs
    /// no line; whether it is used already, or the hub was put out, is for others to say.
    ///
    /// # Errors
    /// Why it is not to be believed.
    pub fn verify(&self, charter: &Charter) -> Result<(Voucher, Credential), VoucherFault> {
        let hub = self.hub.verify(charter).map_err(|_| VoucherFault::Forged)?;
        let key = hub.key().map_err(|_| VoucherFault::Forged)?;
        let Digest(message) = Digest::in_context(CONTEXT, &[&self.body]);
        let signature = Signature::from_bytes(&self.signature);
        key.verify_strict(&message, &signature).map_err(|_| VoucherFault::Forged)?;
        let voucher = self.claims()?;
        let by_hub = hub.role == Role::Hub && voucher.offer.tag() == Some(hub.replica.tag());
        let sound = by_hub && voucher.to != hub.replica && voucher.is_plausible();
        if sound { Ok((voucher, hub)) } else { Err(VoucherFault::Forged) }
    }
}

impl fmt::Display for SignedVoucher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{PREFIX}{}", BASE32_NOPAD.encode(&codec::to_cbor(self)))
    }
}

impl FromStr for SignedVoucher {
    type Err = VoucherFault;

    fn from_str(text: &str) -> Result<Self, VoucherFault> {
        if text.len() > 2 * Voucher::TEXT_CHARS_MAX {
            return Err(VoucherFault::Malformed);
        }
        let text: String = text.split_whitespace().collect::<String>().to_ascii_uppercase();
        let code = text.strip_prefix(PREFIX).filter(|_| text.len() <= Voucher::TEXT_CHARS_MAX);
        let bytes = code.and_then(|code| BASE32_NOPAD.decode(code.as_bytes()).ok());
        let bytes = bytes.ok_or(VoucherFault::Malformed)?;
        codec::from_cbor("voucher", &bytes).map_err(|_| VoucherFault::Malformed)
    }
}
