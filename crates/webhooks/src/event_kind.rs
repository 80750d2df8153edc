use std::{collections::BTreeSet, fmt};

/// What a message is about: its `type`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum EventKind {
    SaleClosed,
    SaleReturned,
    StoredValueToppedUp,
    StoredValueGivenBack,
    PassSold,
    PassReturned,
    RewardRedeemed,
    GrantGiven,
    CouponCodesIssued,
    PointsHeld,
    PointsSettled,
    MemberRegistered,
    MemberChanged,
    CardIssued,
    ProgrammePublished,
    ReplicaEnrolled,
    ReplicaFenced,
}

/// Which events an endpoint is told of; all if none is named.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EventFilter(BTreeSet<EventKind>);

/// A word that names no event.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{word:?} is no event; there are {known}")]
pub struct UnknownEvent {
    word: String,
    known: String,
}

impl EventKind {
    const ALL: [EventKind; 17] = [
        EventKind::SaleClosed,
        EventKind::SaleReturned,
        EventKind::StoredValueToppedUp,
        EventKind::StoredValueGivenBack,
        EventKind::PassSold,
        EventKind::PassReturned,
        EventKind::RewardRedeemed,
        EventKind::GrantGiven,
        EventKind::CouponCodesIssued,
        EventKind::PointsHeld,
        EventKind::PointsSettled,
        EventKind::MemberRegistered,
        EventKind::MemberChanged,
        EventKind::CardIssued,
        EventKind::ProgrammePublished,
        EventKind::ReplicaEnrolled,
        EventKind::ReplicaFenced,
    ];

    /// A stable name: a noun, a full stop, and what has become of it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            EventKind::SaleClosed => "sale.closed",
            EventKind::SaleReturned => "sale.returned",
            EventKind::StoredValueToppedUp => "stored_value.topped_up",
            EventKind::StoredValueGivenBack => "stored_value.given_back",
            EventKind::PassSold => "pass.sold",
            EventKind::PassReturned => "pass.returned",
            EventKind::RewardRedeemed => "reward.redeemed",
            EventKind::GrantGiven => "grant.given",
            EventKind::CouponCodesIssued => "coupon.codes_issued",
            EventKind::PointsHeld => "points.held",
            EventKind::PointsSettled => "points.settled",
            EventKind::MemberRegistered => "member.registered",
            EventKind::MemberChanged => "member.changed",
            EventKind::CardIssued => "card.issued",
            EventKind::ProgrammePublished => "programme.published",
            EventKind::ReplicaEnrolled => "replica.enrolled",
            EventKind::ReplicaFenced => "replica.fenced",
        }
    }

    fn noun(self) -> &'static str {
        self.name().split('.').next().unwrap_or_default()
    }
}

impl EventFilter {
    /// The events that `words` name: an event's name, or the noun that several begin with.
    ///
    /// # Errors
    /// The first word that names none.
    pub fn of<'a>(words: impl IntoIterator<Item = &'a str>) -> Result<Self, UnknownEvent> {
        let mut kinds = BTreeSet::new();
        for word in words {
            let named = EventKind::ALL.into_iter().filter(|kind| kind.name() == word || kind.noun() == word);
            let named: Vec<EventKind> = named.collect();
            if named.is_empty() {
                let known = EventKind::ALL.map(EventKind::name).join(", ");
                return Err(UnknownEvent { word: word.to_owned(), known });
            }
            kinds.extend(named);
        }
        Ok(Self(kinds))
    }

    /// Their names; none if all are wanted.
    pub fn names(&self) -> Vec<&'static str> {
        self.0.iter().map(|kind| kind.name()).collect()
    }

    pub(crate) fn wants(&self, kind: EventKind) -> bool {
        self.0.is_empty() || self.0.contains(&kind)
    }
}

impl fmt::Display for EventFilter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() { f.write_str("all events") } else { f.write_str(&self.names().join(" ")) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_noun_stands_for_its_events() {
        let filter = EventFilter::of(["sale", "card.issued"]).unwrap();
        assert_eq!(filter.names(), ["sale.closed", "sale.returned", "card.issued"]);
        assert!(filter.wants(EventKind::SaleReturned) && !filter.wants(EventKind::PassSold));
        let all = EventFilter::of([]).unwrap();
        assert!(EventKind::ALL.into_iter().all(|kind| all.wants(kind)));
        for word in ["", "sal", "sale.", "sale.opened", "Sale"] {
            assert!(EventFilter::of([word]).is_err(), "{word}");
        }
    }
}
