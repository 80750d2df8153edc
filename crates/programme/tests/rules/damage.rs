//! Damaged programmes are refused or read; none panics, and one that is read prices baskets.

use proptest::{collection::vec, prelude::*, sample::Index, sample::select};
use purser_programme::{History, Payment, Programme};

use crate::basket::{PRESETS, buyer, day, line, of, on};

proptest! {
    #[test]
    fn damaged_programmes_never_panic(
        text in select(PRESETS.to_vec()),
        changes in vec((any::<Index>(), prop_oneof![Just("0"), Just("9"), Just("-"), Just("\""), Just("["), Just("\n")]), 1..4),
        dropped in prop::option::of(any::<Index>()),
    ) {
        let mut lines: Vec<&str> = text.lines().collect();
        if let Some(dropped) = dropped {
            lines.remove(dropped.index(lines.len()));
        }
        let mut chars: Vec<char> = lines.join("\n").chars().collect();
        for (at, with) in changes {
            let at = at.index(chars.len());
            chars[at] = with.chars().next().unwrap_or(' ');
        }
        let text: String = chars.into_iter().collect();
        match Programme::read(&text) {
            Err(faults) => prop_assert!(!faults.0.is_empty() && faults.0.iter().all(|fault| fault.line > 0)),
            Ok(programme) => {
                let date = day("2026-11-09");
                let tier = &programme.tiers[programme.standing(&History::default(), date).tier];
                let occasion = on("2026-11-09", buyer(tier.id.as_str()));
                let basket = of(&[line("99.99", &[]), line("0.01", &[])]);
                let quote = programme.quote(&basket, &occasion, &Payment::default()).unwrap();
                prop_assert!(quote.total <= quote.gross && quote.total.0 >= 0);
            }
        }
    }
}
