use purser_types::ReplicaId;

/// The part of an offer that lies on one lot and is meant for one receiver, as far as it
/// is known here: the offer and its acceptance stand in two journals, which may arrive in
/// either order.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct OfferLine {
    /// The giver and the amount, once the giver's journal told of it.
    pub offered: Option<(ReplicaId, i64)>,
    /// The amount taken up, once the receiver's journal told of it.
    pub accepted: Option<i64>,
}

/// Where the rights of an offer line are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OfferState {
    /// Given, not yet taken up.
    InFlight,
    /// Taken up.
    Accepted,
    /// Taken up according to the receiver's journal; the giver's is not here so far.
    AcceptedAhead,
    /// The receiver took up another amount than the giver gave: the receiver lies.
    Forged,
}

impl OfferLine {
    /// Where the rights are.
    pub fn state(&self) -> OfferState {
        match (self.offered, self.accepted) {
            (_, None) => OfferState::InFlight,
            (None, Some(_)) => OfferState::AcceptedAhead,
            (Some((_, offered)), Some(accepted)) if offered == accepted => OfferState::Accepted,
            _ => OfferState::Forged,
        }
    }
}
