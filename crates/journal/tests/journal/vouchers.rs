//! Vouchers: their bytes for good, and nothing but a hub's own is believed.

use proptest::{prelude::*, sample::Index};
use purser_journal::{SignedVoucher, Voucher, VoucherFault, VoucherLine, to_cbor};
use purser_ledger::{Asset, Lot};
use purser_types::{BusinessDate, EntryId, MemberId, OfferId};

use crate::{
    city::{Site, charter, hub, store},
    golden_file::GoldenFile,
};

fn line(year: i32, amount: i64) -> VoucherLine {
    let expires_on = Some(BusinessDate::end_of_year(year));
    let member = MemberId::created_by(EntryId { replica: store().replica, seq: 1 });
    VoucherLine { lot: Lot { member, asset: Asset::Points, expires_on }, amount }
}

fn voucher() -> Voucher {
    let offer = OfferId::created_by(EntryId { replica: hub().replica, seq: 9 });
    let lines = vec![line(2027, 300), line(2028, 200)];
    Voucher { offer, to: store().replica, lines, until_ms: 1_790_086_400_000 }
}

fn signed_by(site: &Site, voucher: &Voucher) -> SignedVoucher {
    SignedVoucher::issue(&site.key, site.signed(), voucher)
}

#[test]
fn a_voucher() {
    let signed = signed_by(&hub(), &voucher());
    let file = GoldenFile::default()
        .with("voucher", to_cbor(&voucher()))
        .with("signed", to_cbor(&signed))
        .with("text", signed.to_string().into_bytes());
    file.check("voucher.hex");
    let golden = GoldenFile::read("voucher.hex");
    let text = String::from_utf8(golden.section("text").to_vec()).unwrap();
    let read: SignedVoucher = text.parse().unwrap();
    assert_eq!(read.verify(&charter()), Ok((voucher(), hub().credential)));
    let (first, rest) = text.split_at(60);
    assert_eq!(format!(" {}\r\n{rest} ", first.to_lowercase()).parse(), Ok(read));
}

#[test]
fn the_longest_voucher_fits_one_qr_code() {
    let lines = (0..12).map(|year| line(2027 + year, 1_000_000_000_000)).collect();
    let longest = Voucher { lines, until_ms: u64::MAX, ..voucher() };
    let mut site = hub();
    site.credential.name = "总".repeat(64);
    let text = signed_by(&site, &longest).to_string();
    assert!(text.len() <= Voucher::TEXT_CHARS_MAX, "{}", text.len());
    let read: SignedVoucher = text.parse().unwrap();
    assert_eq!(read.verify(&charter()).unwrap().0, longest);
    assert!(text.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'-'));
}

#[test]
fn only_a_hub_can_say_so_and_only_of_its_own_offers() {
    let forged = |voucher: Voucher, site: &Site| {
        assert_eq!(signed_by(site, &voucher).verify(&charter()), Err(VoucherFault::Forged), "{voucher:?}");
    };
    forged(voucher(), &store());
    let of_store = OfferId::created_by(EntryId { replica: store().replica, seq: 9 });
    forged(Voucher { offer: of_store, ..voucher() }, &hub());
    forged(Voucher { to: hub().replica, ..voucher() }, &hub());
    forged(Voucher { lines: Vec::new(), ..voucher() }, &hub());
    forged(Voucher { lines: vec![line(2027, 0)], ..voucher() }, &hub());
    forged(Voucher { lines: vec![line(2027, i64::MAX)], ..voucher() }, &hub());
    forged(Voucher { lines: vec![line(2027, 1), line(2027, 2)], ..voucher() }, &hub());
    let allowance = VoucherLine { lot: Lot::allowance(), amount: 100 };
    forged(Voucher { lines: vec![allowance], ..voucher() }, &hub());
    // The hub's papers with somebody else's key, and papers of another authority.
    let thief = Site { key: store().key, ..hub() };
    forged(voucher(), &thief);
    let mut elsewhere = charter();
    elsewhere.authority = store().credential.public_key;
    assert_eq!(signed_by(&hub(), &voucher()).verify(&elsewhere), Err(VoucherFault::Forged));
}

#[test]
fn what_is_no_voucher_at_all_is_said_to_be() {
    let text = signed_by(&hub(), &voucher()).to_string();
    let long = "A".repeat(1 << 20);
    for wrong in ["", "6688001201345678", "PURSER-VOUCHER-", &text[..text.len() - 8], &text[1..], &long] {
        assert_eq!(wrong.parse::<SignedVoucher>(), Err(VoucherFault::Malformed), "{wrong:.40}");
    }
}

proptest! {
    #[test]
    fn no_altered_character_is_believed(at in any::<Index>(), by in 1..32_u8) {
        const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
        let text = signed_by(&hub(), &voucher()).to_string();
        let mut bytes = text.clone().into_bytes();
        let place = 15 + at.index(bytes.len() - 15);
        let digit = ALPHABET.iter().position(|letter| *letter == bytes[place]).unwrap();
        bytes[place] = ALPHABET[(digit + usize::from(by)) % 32];
        let altered = String::from_utf8(bytes).unwrap();
        let believed = altered.parse::<SignedVoucher>().and_then(|read| read.verify(&charter()));
        // Longer heads of the same numbers outside what is signed would say the same.
        prop_assert!(believed.is_err() || believed == Ok((voucher(), hub().credential)));
        prop_assert!(altered != text);
    }

    #[test]
    fn nothing_that_is_scanned_panics(text in "(PURSER-VOUCHER-)?[A-Z2-7 ]{0,700}") {
        if let Ok(read) = text.parse::<SignedVoucher>() {
            prop_assert!(read.verify(&charter()).is_err());
        }
    }
}
