//! What a till scans: a voucher that is read is shown as the same, and its claims are read without care
//! for who signed it.
#![no_main]

use libfuzzer_sys::fuzz_target;
use purser_journal::SignedVoucher;

fuzz_target!(|text: &str| {
    if let Ok(voucher) = text.parse::<SignedVoucher>() {
        let _claims = voucher.claims();
        assert_eq!(voucher.to_string().parse(), Ok(voucher));
    }
});
