use purser_ledger::Asset;

/// How many of its rights a replica gives to another that asked for `asked`: what was asked,
/// as far as it has them. The refundable part of a sale goes as a whole, so that whoever
/// holds it knows how much of the sale has been returned.
pub fn grant(asset: Asset, available: i64, asked: i64) -> i64 {
    match asset {
        Asset::Refundable(_) if asked > 0 => available.max(0),
        _ => available.min(asked).max(0),
    }
}

#[cfg(test)]
mod tests {
    use purser_types::SaleId;

    use super::*;

    #[test]
    fn no_more_than_asked_nor_than_there_is() {
        assert_eq!(grant(Asset::Points, 300, 100), 100);
        assert_eq!(grant(Asset::Points, 60, 100), 60);
        assert_eq!(grant(Asset::Points, -5, 100), 0);
        assert_eq!(grant(Asset::Points, 300, -100), 0);
    }

    #[test]
    fn refundable_rights_stay_in_one_hand() {
        let sale = SaleId::from_i64(7).unwrap();
        assert_eq!(grant(Asset::Refundable(sale), 5_000, 100), 5_000);
        assert_eq!(grant(Asset::Refundable(sale), 5_000, 0), 0);
    }
}
