//! Coupons on paper: issued with codes that nobody can guess, and claimed by members who show them.
//!
//! A coupon whose code is in nobody's hands yet belongs to the code's bearer, as another belongs to a member: so the
//! right to claim it is in one hand like every right, and no two stores that cannot see each other give it twice. The
//! codes are derived from the issuer's key and the name of the entry, which holds none of them.

use std::collections::BTreeSet;

use purser_journal::{CodesFact, Entry, Fact, Gift, GrantFact, SigningKey};
use purser_ledger::{Asset, Holding, Lot, Posting};
use purser_programme::RuleId;
use purser_types::{CouponCode, EntryId, MemberId};

use crate::{
    CodeClaim, CodeIssue, Refusal, Transaction,
    draft::Draft,
    drawing::{draw_or_refuse, hand_over},
    words::{check_person, check_reason},
};

/// Codes of one entry.
pub(crate) const CODES_MAX: u32 = 500;

/// What tells that somebody knows a code.
pub(crate) const PROOF_BYTES: usize = 16;

/// A right that has been through more hands than this is not looked for.
const MOVEMENTS_MAX: u32 = 200;

const SECRET_CONTEXT: &str = "Purser 2026-11 secret of coupon codes";

impl Transaction<'_> {
    /// Issues coupons on paper.
    pub(crate) fn plan_codes(&mut self, issue: &CodeIssue) -> Result<Draft, Refusal> {
        let CodeIssue { coupon: id, pieces, until, reason, by } = issue;
        check_reason(reason)?;
        check_person("by", by)?;
        let date = self.today();
        let coupons = &self.replica.state.programmes.on(date).coupons;
        let rule = coupons.iter().find(|rule| rule.id == *id);
        let rule = rule.ok_or_else(|| Refusal::UnknownRule(id.clone()))?;
        if !(1..=CODES_MAX).contains(pieces) {
            return Err(Refusal::OutOfRange { what: "pieces", range: "1 to 500" });
        }
        let until = until.unwrap_or_else(|| rule.valid.last_day(date));
        if until < date {
            return Err(Refusal::OutOfRange { what: "until", range: "today or later" });
        }
        let asset = Asset::Coupon(id.kind());
        let codes = codes_of(&self.replica.key, self.next_entry(), *pieces);
        let proofs: Vec<u8> = codes.iter().flat_map(CouponCode::proof).collect();
        let credit = |code: CouponCode| {
            let lot = Lot { member: code.bearer(), asset, expires_on: Some(until) };
            Posting::Credit { lot, amount: 1 }
        };
        let postings = codes.into_iter().map(credit).collect();
        let (coupon, reason, by) = (id.to_string(), reason.clone(), by.clone());
        let fact = CodesFact { date, coupon, proofs, until, reason, by };
        Ok(Draft::of([Fact::Codes(fact), Fact::Postings(postings)]))
    }

    /// Gives a member the coupon of a code.
    pub(crate) fn plan_claim_of_code(&mut self, claim: &CodeClaim) -> Result<Draft, Refusal> {
        let CodeClaim { member, code } = claim;
        self.require_lease()?;
        self.replica.state.require_member(*member)?;
        let date = self.today();
        let (id, known) = self.coupon_of(code.bearer())?;
        self.check_proof(code)?;
        let balance: i64 = known.iter().map(|holding| holding.balance).sum();
        match known.iter().find_map(|holding| holding.until) {
            _ if balance < 1 => return Err(Refusal::CodeUsed),
            Some(until) if until < date => return Err(Refusal::CodeExpired(until)),
            _ => {}
        }
        let asset = Asset::Coupon(id.kind());
        let drawn = draw_or_refuse(code.bearer(), asset, &known, 1, date)?;
        let gift = Gift::Code { coupon: id.to_string(), bearer: code.bearer() };
        let (reason, by) = ("code".to_owned(), "code".to_owned());
        let fact = Fact::Grant(GrantFact { member: *member, date, gift, reason, by });
        Ok(Draft::of([fact, Fact::Postings(hand_over(drawn, *member))]))
    }

    /// Looks for the entry that has issued the code: another code may have the same bearer.
    fn check_proof(&self, code: &CouponCode) -> Result<(), Refusal> {
        let state = &self.replica.state;
        for place in state.database.movements(code.bearer(), None, MOVEMENTS_MAX)? {
            let entry = state.entry(place.author, place.seq)?;
            let proofs = entry.into_iter().flat_map(|entry| entry.facts).find_map(|fact| match fact {
                Fact::Codes(CodesFact { proofs, .. }) => Some(proofs),
                _ => None,
            });
            if let Some(proofs) = proofs {
                let (all, _) = proofs.as_chunks::<PROOF_BYTES>();
                return if all.contains(&code.proof()) { Ok(()) } else { Err(Refusal::UnknownCode) };
            }
        }
        Err(Refusal::UnknownCode)
    }

    /// The coupon that a bearer was given, by whatever programme.
    fn coupon_of(&self, bearer: MemberId) -> Result<(RuleId, Vec<Holding>), Refusal> {
        let state = &self.replica.state;
        // A member's coupons are nobody else's, whatever code one might make up.
        if state.database.has_member(bearer)? {
            return Err(Refusal::UnknownCode);
        }
        let ids: BTreeSet<&RuleId> = state
            .programmes
            .all()
            .flat_map(|programme| &programme.coupons)
            .map(|coupon| &coupon.id)
            .collect();
        for id in ids {
            let asset = Asset::Coupon(id.kind());
            let mut known = state.holdings_here(bearer, asset, self.today())?;
            // A bearer is nobody, and nobody can say that it is somebody.
            known.retain(|holding| holding.lot.member == bearer);
            if !known.is_empty() {
                return Ok((id.clone(), known));
            }
        }
        Err(Refusal::UnknownCode)
    }
}

/// The codes that an entry of this key's owner has issued, if it has.
pub(crate) fn codes_issued(key: &SigningKey, entry: &Entry) -> Vec<CouponCode> {
    let pieces = entry.facts.iter().find_map(|fact| match fact {
        Fact::Codes(codes) => Some(pieces_of(codes).min(CODES_MAX)),
        _ => None,
    });
    pieces.map_or_else(Vec::new, |pieces| codes_of(key, entry.id(), pieces))
}

/// How many codes were issued.
pub(crate) fn pieces_of(codes: &CodesFact) -> u32 {
    u32::try_from(codes.proofs.len() / PROOF_BYTES).unwrap_or(u32::MAX)
}

fn codes_of(key: &SigningKey, entry: EntryId, pieces: u32) -> Vec<CouponCode> {
    let secret = blake3::derive_key(SECRET_CONTEXT, key.as_bytes());
    (0..pieces).map(|place| CouponCode::derive(&secret, entry, place)).collect()
}
