use purser_types::Fen;
use serde::{Deserialize, Deserializer, de};

/// A body that says for which shop it is.
pub(super) trait OfShop {
    /// The shop's id at Keruyun.
    fn shop(&self) -> &str;
}

/// Whose assets are wanted.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct MemberQuery {
    pub(super) query_type: QueryType,
    pub(super) query_value: String,
    /// Only this asset; all without.
    pub(super) asset_mapping_id: Option<String>,
    kry_shop_id: String,
}

/// By what a member is found.
#[derive(Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(super) enum QueryType {
    Mobile,
    CardNo,
    MemberId,
}

/// Assets that pay.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Verification {
    pub(super) biz_id: Number,
    pub(super) kry_payment_no: Number,
    pub(super) third_member_id: String,
    pub(super) member_assets_verification_list: Vec<AssetUsed>,
    kry_shop_id: String,
}

/// An asset, and how much of it pays.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct AssetUsed {
    pub(super) asset_mapping_id: String,
    /// What it pays.
    pub(super) verify_amount: FenAmount,
    /// How many points.
    #[serde(default)]
    pub(super) verify_cnt: u32,
}

/// Assets that are given back.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Reversal {
    pub(super) biz_id: Number,
    pub(super) kry_payment_no: Number,
    pub(super) kry_refund_payment_no: Number,
    pub(super) third_member_id: String,
    pub(super) assets_reverse_verification_list: Vec<AssetBack>,
    kry_shop_id: String,
}

/// An asset, and how much of what it paid comes back.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct AssetBack {
    pub(super) reverse_verify_amount: FenAmount,
}

/// What has become of a use or a reversal.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ResultQuery {
    pub(super) kry_payment_no: Number,
    pub(super) third_member_id: String,
    pub(super) action: Action,
    kry_shop_id: String,
}

/// What was done.
#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(super) enum Action {
    Verify,
    ReverseVerify,
}

/// An order that is paid, or was given back. This shape is our own.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Order {
    pub(super) kry_trans_order_no: Number,
    pub(super) third_member_id: String,
    pub(super) state: OrderState,
    /// What was paid in money.
    pub(super) paid_amount: FenAmount,
    kry_shop_id: String,
}

/// How an order stands.
#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(super) enum OrderState {
    Finished,
    Refunded,
}

/// A number of Keruyun's: 1 to 40 letters, digits and dashes, so that it fits a check number of Purser's.
#[derive(Deserialize)]
#[serde(try_from = "String")]
pub(super) struct Number(pub(super) String);

const NUMBER_CHARACTERS_MAX: usize = 40;

impl TryFrom<String> for Number {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let whole = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        if whole && (1..=NUMBER_CHARACTERS_MAX).contains(&text.len()) {
            Ok(Self(text))
        } else {
            Err("a number has 1 to 40 letters, digits and dashes")
        }
    }
}

/// Money in whole fen, not below zero.
#[derive(Clone, Copy)]
pub(super) struct FenAmount(pub(super) Fen);

/// Ten billion yuan.
const FEN_MAX: i64 = 1_000_000_000_000;

impl<'de> Deserialize<'de> for FenAmount {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let fen = i64::deserialize(deserializer)?;
        if (0..=FEN_MAX).contains(&fen) {
            Ok(Self(Fen(fen)))
        } else {
            Err(de::Error::custom(format_args!("{fen} is no amount in fen")))
        }
    }
}

macro_rules! of_shop {
    ($($body:ty),*) => {
        $(impl OfShop for $body {
            fn shop(&self) -> &str {
                &self.kry_shop_id
            }
        })*
    };
}

of_shop!(MemberQuery, Verification, Reversal, ResultQuery, Order);
