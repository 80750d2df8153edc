use purser_documents::CardState;
use purser_journal::Request;
use purser_types::{CardNumber, MemberId};

use crate::{
    api::Api,
    change::Asked,
    problem::{Particulars, Problem},
    readers::Reader,
    text::Text,
};

/// Who spends or earns: named by id, or by the card that was shown.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Buyer {
    Member(MemberId),
    Card(CardNumber),
}

/// The till's receipt, where there is one.
pub(crate) type Receipt = (String, String);

impl Buyer {
    /// The buyer of a body with the two fields `member` and `card`.
    pub(crate) fn of(
        member: Option<Text<MemberId>>,
        card: Option<Text<CardNumber>>,
    ) -> Result<Self, Problem> {
        match (member, card) {
            (Some(Text(member)), None) => Ok(Buyer::Member(member)),
            (None, Some(Text(card))) => Ok(Buyer::Card(card)),
            (None, None) => Err(Problem::field("member", "say who: give `member` or `card`")),
            (Some(_), Some(_)) => Err(Problem::field("card", "give `member` or `card`, not both")),
        }
    }

    /// The member. A card must be active, unless the request (or the receipt) was dealt with
    /// before: whoever asks again after a lost answer gets that answer, whatever has become
    /// of the card since.
    pub(crate) async fn member(
        self,
        api: &Api,
        request: &Asked,
        receipt: Option<Receipt>,
    ) -> Result<MemberId, Problem> {
        match self {
            Buyer::Member(member) => Ok(member),
            Buyer::Card(card) => {
                let request = Some(request.request);
                api.readers.read(move |reader| holder(reader, card, request, receipt.as_ref())).await
            }
        }
    }

    /// The member, for a question: a card must be active.
    pub(crate) fn now(self, reader: &mut Reader) -> Result<MemberId, Problem> {
        match self {
            Buyer::Member(member) => Ok(member),
            Buyer::Card(card) => holder(reader, card, None, None),
        }
    }
}

fn holder(
    reader: &mut Reader,
    card: CardNumber,
    request: Option<Request>,
    receipt: Option<&Receipt>,
) -> Result<MemberId, Problem> {
    let row = reader.view.card(card)?.ok_or_else(|| unknown_card(card))?;
    if row.state == CardState::Active.to_string() {
        return Ok(row.member);
    }
    let receipt_known = match receipt {
        Some((till, check)) => reader.view.check(till, check)?.is_some(),
        None => false,
    };
    let request_known = match request {
        Some(request) => reader.database.request(request.id)?.is_some(),
        None => false,
    };
    if receipt_known || request_known {
        return Ok(row.member);
    }
    let detail = format!("card {card} is {}: ask for another card, or for the member's phone", row.state);
    let particulars = Particulars { state: Some(row.state), ..Particulars::default() };
    Err(Problem::new("card_not_active", detail).with(particulars))
}

/// The problem of a card that nobody here has heard of.
pub(crate) fn unknown_card(card: CardNumber) -> Problem {
    purser_replica::Refusal::UnknownCard(card).into()
}
