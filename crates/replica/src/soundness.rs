//! What can be wrong with an entry by itself, ahead of any change of state.

use purser_journal::{
    AwardMade, Charter, CodesFact, Credential, Entry, Fact, Gift, PassBackFact, PassSoldFact, Receipt,
    ReturnFact, RewardFact, Role, SaleFact, TopUpBackFact, TopUpFact,
};
use purser_ledger::{AMOUNT_MAX, Asset, Posting};
use purser_types::{CardIssuer, CardNumber, Fen, MemberId, is_host_port};

use crate::{
    Unsound,
    codes::{CODES_MAX, PROOF_BYTES, pieces_of},
    drawing::check_receipt,
    fold::postings,
    late::late_entry,
    staff::is_sound_staff,
    words::is_line,
};

/// Depends on the entry, its author's credential and the charter only, so every replica comes
/// to the same result.
pub(crate) fn check(entry: &Entry, author: &Credential, charter: &Charter) -> Result<(), Unsound> {
    let count = |is: fn(&Fact) -> bool| entry.facts.iter().filter(|fact| is(fact)).count();
    let sales = count(has_receipt);
    let fences = count(|fact| matches!(fact, Fact::Fenced { .. }));
    let merges = count(|fact| matches!(fact, Fact::Merge(_)));
    if sales.max(fences).max(merges) > 1 || count(|fact| matches!(fact, Fact::Profile { .. })) > 1 {
        return Err(Unsound::TwoRecords);
    }
    let backed = |fact: &Fact| is_backed(fact, entry);
    entry.facts.iter().try_for_each(|fact| check_fact(fact, author, charter))?;
    if entry.facts.iter().all(backed) { Ok(()) } else { Err(Unsound::Figures) }
}

fn check_fact(fact: &Fact, author: &Credential, charter: &Charter) -> Result<(), Unsound> {
    let require = |sound: bool, otherwise: Unsound| if sound { Ok(()) } else { Err(otherwise) };
    match fact {
        Fact::Enrolled { .. } | Fact::Fenced { .. } | Fact::LateSettled(_) | Fact::Programme(_)
            if author.role != Role::Hub =>
        {
            Err(Unsound::NotAHub)
        }
        Fact::Programme(signed) => require(signed.verify(charter).is_ok(), Unsound::BadCredential),
        Fact::TopUp(TopUpFact { member, receipt, principal, bonus, seller, approved_by, issue }) => {
            let people = [seller, approved_by].map(Option::as_ref);
            let is_issue = issue.as_ref().is_none_or(|issue| is_line(issue, RULE_ID_BYTES_MAX));
            let are_named = people.into_iter().all(is_person_or_none) && is_issue;
            require(is_person(*member) && are_named, Unsound::Names)?;
            require(is_receipt(receipt, author) && are_amounts([principal.0, bonus.0]), Unsound::Figures)
        }
        Fact::TopUpBack(TopUpBackFact { member, receipt, top_up, principal, bonus }) => {
            require(is_person(*member) && top_up.as_i64() > 0, Unsound::Names)?;
            require(is_receipt(receipt, author) && are_amounts([principal.0, bonus.0]), Unsound::Figures)
        }
        Fact::PassSold(PassSoldFact { member, receipt, pass, uses, price, seller }) => {
            let is_named = is_person_or_none(seller.as_ref()) && is_line(pass, RULE_ID_BYTES_MAX);
            require(is_person(*member) && is_named, Unsound::Names)?;
            require(is_receipt(receipt, author) && are_amounts([*uses, price.0]), Unsound::Figures)
        }
        Fact::PassBack(PassBackFact { member, receipt, pass_sale, pass, uses, price }) => {
            let is_named = pass_sale.as_i64() > 0 && is_line(pass, RULE_ID_BYTES_MAX);
            require(is_person(*member) && is_named, Unsound::Names)?;
            require(is_receipt(receipt, author) && are_amounts([*uses, price.0]), Unsound::Figures)
        }
        Fact::Account(_) | Fact::Act(_) | Fact::Merge(_) => {
            require(is_sound_staff(fact, author), Unsound::Names)
        }
        Fact::Codes(codes) => require(are_codes(codes), Unsound::Names),
        Fact::Reward(RewardFact { member, receipt, reward, pieces, points, .. }) => {
            require(is_person(*member) && is_line(reward, RULE_ID_BYTES_MAX), Unsound::Names)?;
            require(is_receipt(receipt, author) && are_amounts([*pieces, *points]), Unsound::Figures)
        }
        Fact::Grant(grant) => {
            let is_told = is_line(&grant.reason, 500) && is_line(&grant.by, 100) && is_gift(&grant.gift);
            require(is_person(grant.member) && is_told, Unsound::Names)
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

fn are_codes(codes: &CodesFact) -> bool {
    let CodesFact { coupon, proofs, reason, by, .. } = codes;
    let is_told = is_line(reason, 500) && is_line(by, 100) && is_line(coupon, RULE_ID_BYTES_MAX);
    is_told && proofs.len() % PROOF_BYTES == 0 && pieces_of(codes) <= CODES_MAX
}

/// Whether a fact uses up a receipt number: one entry holds one at most.
fn has_receipt(fact: &Fact) -> bool {
    matches!(
        fact,
        Fact::Sale(_)
            | Fact::Return(_)
            | Fact::TopUp(_)
            | Fact::TopUpBack(_)
            | Fact::PassSold(_)
            | Fact::PassBack(_)
            | Fact::Reward(_)
    )
}

fn is_receipt(receipt: &Receipt, author: &Credential) -> bool {
    receipt.store == author.store && check_receipt(&receipt.till, &receipt.check).is_ok()
}

fn are_amounts<const N: usize>(amounts: [i64; N]) -> bool {
    amounts.iter().all(|amount| (0..=AMOUNT_MAX).contains(amount))
}

fn is_person(member: MemberId) -> bool {
    member > MemberId::CHAIN
}

/// A store issues cards of its own numbers only.
fn is_issued_by(card: CardNumber, author: &Credential, charter: &Charter) -> bool {
    let issuer = CardIssuer { chain_prefix: charter.card_prefix, store: author.store, life: author.life };
    issuer.card(CardIssuer::serial_of(card.as_i64())) == Some(card)
}

/// What was taken off, what pays and what earns are parts of the goods' value.
fn plausible_sale(sale: &SaleFact) -> bool {
    let part = |amount: Option<Fen>| amount.unwrap_or_default().0;
    let parts = [
        part(sale.off),
        sale.discount.0,
        part(sale.principal),
        part(sale.bonus),
        part(sale.earns),
        part(sale.voucher),
    ];
    are_amounts([sale.gross.0])
        && are_amounts(parts)
        && sale.money().0 >= 0
        && part(sale.earns) <= sale.gross.0
        && are_amounts([sale.points_earned, sale.points_redeemed])
        && sale.points_advanced.is_none_or(|advanced| (1..=sale.points_redeemed).contains(&advanced))
        && are_awards(sale.awards.as_deref())
        && sale.claimed_of.is_none_or(|day| day <= sale.date)
        && check_receipt(&sale.till, &sale.check).is_ok()
}

fn plausible_return(back: &ReturnFact) -> bool {
    let part = |amount: Option<Fen>| amount.unwrap_or_default().0;
    let given_back = [back.refund.0, part(back.principal), part(back.bonus)];
    (1..=AMOUNT_MAX).contains(&back.gross.0)
        && are_amounts(given_back)
        && are_amounts([back.price().0, part(back.earns)])
        && given_back.iter().sum::<i64>() <= back.price().0
        && are_amounts([back.points_restored, back.points_clawed_back])
        && back.lines.as_ref().is_none_or(|lines| lines.len() <= LINES_MAX)
        && are_awards(back.awards_back.as_deref())
        && check_receipt(&back.till, &back.check).is_ok()
}

/// Whether what came back, of a sale or a top-up, was taken from what may.
fn is_backed(fact: &Fact, entry: &Entry) -> bool {
    let (member, asset, amount) = match fact {
        Fact::Return(back) => (back.member, Asset::Refundable(back.sale), back.gross.0),
        Fact::TopUpBack(back) => (back.member, Asset::Refundable(back.top_up), back.principal.0),
        Fact::PassBack(back) if back.price.0 > 0 => {
            (back.member, Asset::Refundable(back.pass_sale), back.price.0)
        }
        _ => return true,
    };
    postings(entry).any(|posting| match *posting {
        Posting::Debit { lot, amount: taken } => (lot.member, lot.asset, taken) == (member, asset, amount),
        _ => false,
    })
}

fn are_awards(awards: Option<&[AwardMade]>) -> bool {
    let awards = awards.unwrap_or_default();
    awards.len() <= AWARDS_MAX && awards.iter().all(|award| is_line(&award.coupon, RULE_ID_BYTES_MAX))
}

fn is_gift(gift: &Gift) -> bool {
    let (id, amount) = match gift {
        Gift::Tier { tier, .. } => (tier, 0),
        Gift::Activity { activity, points } => (activity, *points),
        Gift::Coupon { coupon, pieces } => (coupon, *pieces),
        Gift::PassUses { pass, uses, .. } => (pass, *uses),
        Gift::Code { coupon, .. } => (coupon, 1),
    };
    is_line(id, RULE_ID_BYTES_MAX) && are_amounts([amount])
}

fn is_person_or_none(person: Option<&String>) -> bool {
    person.is_none_or(|person| is_line(person, 100))
}

/// As many as a basket may have.
const LINES_MAX: usize = purser_programme::Basket::LINES_MAX;
/// As many as one purchase may bring.
const AWARDS_MAX: usize = 20;
/// As long as the id of a rule may be.
const RULE_ID_BYTES_MAX: usize = 40;
