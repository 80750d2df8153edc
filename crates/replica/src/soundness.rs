//! What can be wrong with an entry by itself, ahead of any change of state.

use purser_journal::{Charter, Credential, Entry, Fact, ReturnFact, Role, SaleFact};
use purser_ledger::{AMOUNT_MAX, Asset, Posting};
use purser_types::{CardIssuer, CardNumber, Fen, MemberId, is_host_port};

use crate::{Unsound, checkout::check_receipt, late::late_entry};

/// Depends on the entry, its author's credential and the charter only, so every replica comes
/// to the same result.
pub(crate) fn check(entry: &Entry, author: &Credential, charter: &Charter) -> Result<(), Unsound> {
    let count = |is: fn(&Fact) -> bool| entry.facts.iter().filter(|fact| is(fact)).count();
    let sales = count(|fact| matches!(fact, Fact::Sale(_) | Fact::Return(_)));
    let fences = count(|fact| matches!(fact, Fact::Fenced { .. }));
    if sales > 1 || fences > 1 || count(|fact| matches!(fact, Fact::Profile { .. })) > 1 {
        return Err(Unsound::TwoRecords);
    }
    entry.facts.iter().try_for_each(|fact| check_fact(fact, author, charter))
}

fn check_fact(fact: &Fact, author: &Credential, charter: &Charter) -> Result<(), Unsound> {
    let require = |sound: bool, otherwise: Unsound| if sound { Ok(()) } else { Err(otherwise) };
    match fact {
        Fact::Enrolled { .. } | Fact::Fenced { .. } | Fact::LateSettled(_) if author.role != Role::Hub => {
            Err(Unsound::NotAHub)
        }
        Fact::Enrolled { credential, .. } => {
            require(credential.verify(charter).is_ok(), Unsound::BadCredential)
        }
        Fact::Sale(sale) => {
            require(is_person(sale.member), Unsound::Names)?;
            require(sale.store == author.store && plausible_sale(sale), Unsound::Figures)
        }
        Fact::Return(back) => {
            require(is_person(back.member) && back.sale.as_i64() > 0, Unsound::Names)?;
            require(back.store == author.store && plausible_return(back), Unsound::Figures)
        }
        Fact::Profile { member, .. } => require(is_person(*member), Unsound::Names),
        Fact::CardIssued { member, card } => {
            require(is_person(*member) && is_issued_by(*card, author, charter), Unsound::Names)
        }
        Fact::Address(address) => require(is_host_port(address), Unsound::Names),
        Fact::LateSettled(settled) => late_entry(settled, charter).map(drop),
        Fact::Postings(postings) => {
            let grants = |posting: &Posting| matches!(posting, Posting::Credit { lot, .. } if lot.asset == Asset::Allowance);
            require(author.role == Role::Hub || !postings.iter().any(grants), Unsound::NotAHub)
        }
        Fact::Fenced { .. } | Fact::Unknown { .. } => Ok(()),
    }
}

fn is_person(member: MemberId) -> bool {
    member > MemberId::CHAIN
}

/// A store issues cards of its own numbers only.
fn is_issued_by(card: CardNumber, author: &Credential, charter: &Charter) -> bool {
    let issuer = CardIssuer { chain_prefix: charter.card_prefix, store: author.store, life: author.life };
    issuer.card(CardIssuer::serial_of(card.as_i64())) == Some(card)
}

fn plausible_sale(sale: &SaleFact) -> bool {
    let SaleFact { gross: Fen(gross), discount: Fen(discount), .. } = *sale;
    (0..=AMOUNT_MAX).contains(&gross)
        && (0..=gross).contains(&discount)
        && (0..=AMOUNT_MAX).contains(&sale.points_earned)
        && (0..=AMOUNT_MAX).contains(&sale.points_redeemed)
        && sale.points_advanced.is_none_or(|advanced| (1..=sale.points_redeemed).contains(&advanced))
        && check_receipt(&sale.till, &sale.check).is_ok()
}

fn plausible_return(back: &ReturnFact) -> bool {
    let ReturnFact { gross: Fen(gross), refund: Fen(refund), .. } = *back;
    (1..=AMOUNT_MAX).contains(&gross)
        && (0..=gross).contains(&refund)
        && (0..=AMOUNT_MAX).contains(&back.points_restored)
        && (0..=AMOUNT_MAX).contains(&back.points_clawed_back)
        && check_receipt(&back.till, &back.check).is_ok()
}
