use minicbor::{Decode, Encode};
use purser_types::SaleId;

/// Something a member can spend. Amounts of it are `i64` in the unit named here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
pub enum Asset {
    /// Points, in points.
    #[n(0)]
    Points,
    /// What the member paid into the wallet, in fen.
    #[n(1)]
    WalletPrincipal,
    /// What the shop added to the wallet, in fen.
    #[n(2)]
    WalletBonus,
    /// Uses of a pass of that kind, in uses.
    #[n(3)]
    Pass(#[n(0)] u32),
    /// Coupons of that kind, in coupons.
    #[n(4)]
    Coupon(#[n(0)] u32),
    /// What may still be returned of a sale, in fen of its gross value.
    #[n(5)]
    Refundable(#[n(0)] SaleId),
    /// What a store may spend beyond its rights, in points. Its one lot belongs to
    /// the chain itself ([`Lot::allowance`](crate::Lot::allowance)).
    #[n(6)]
    Allowance,
    /// Pieces of a reward of that kind in a store, in pieces. Their one lot belongs to the chain itself
    /// ([`Lot::stock`](crate::Lot::stock)), and each store's share is what lies there.
    #[n(7)]
    Stock(#[n(0)] u32),
}

impl Asset {
    /// The asset as two integers that a table can be keyed by: the kind and, where the
    /// kind has several, which of them.
    pub fn as_key(self) -> (u8, i64) {
        match self {
            Asset::Points => (0, 0),
            Asset::WalletPrincipal => (1, 0),
            Asset::WalletBonus => (2, 0),
            Asset::Pass(kind) => (3, i64::from(kind)),
            Asset::Coupon(kind) => (4, i64::from(kind)),
            Asset::Refundable(sale) => (5, sale.as_i64()),
            Asset::Allowance => (6, 0),
            Asset::Stock(kind) => (7, i64::from(kind)),
        }
    }

    /// The asset that [`Asset::as_key`] gave, `None` if no asset has this key.
    pub fn from_key(kind: u8, which: i64) -> Option<Self> {
        match (kind, which) {
            (0, 0) => Some(Asset::Points),
            (1, 0) => Some(Asset::WalletPrincipal),
            (2, 0) => Some(Asset::WalletBonus),
            (3, _) => u32::try_from(which).ok().map(Asset::Pass),
            (4, _) => u32::try_from(which).ok().map(Asset::Coupon),
            (5, _) => SaleId::from_i64(which).map(Asset::Refundable),
            (6, 0) => Some(Asset::Allowance),
            (7, _) => u32::try_from(which).ok().map(Asset::Stock),
            _ => None,
        }
    }

    /// The name of the asset's kind, for messages and metrics.
    pub fn kind_name(self) -> &'static str {
        match self {
            Asset::Points => "points",
            Asset::WalletPrincipal => "wallet_principal",
            Asset::WalletBonus => "wallet_bonus",
            Asset::Pass(_) => "pass",
            Asset::Coupon(_) => "coupon",
            Asset::Refundable(_) => "refundable",
            Asset::Allowance => "allowance",
            Asset::Stock(_) => "stock",
        }
    }
}
