//! Every problem that the API can answer with: the code that tills branch on, its HTTP
//! status, and the operations that may answer it. The OpenAPI document is made from this
//! table, so a code that is not in it is never sent.
//!
//! Statuses: 400 is for what cannot be read (syntax, path, query, headers), 422 for what can
//! be read and cannot be accepted as it stands, 409 for what the state of things forbids now.

use std::collections::BTreeMap;

use RaisedBy::{Authorised, Changing, Every, Router, These, WithBody};

/// One kind of problem.
pub(crate) struct ProblemKind {
    /// The stable code, in `snake_case`.
    pub(crate) code: &'static str,
    /// The HTTP status.
    pub(crate) status: u16,
    /// What it is, in a few words that never change from one occurrence to the next.
    pub(crate) title: &'static str,
    /// Which operations may answer it.
    pub(crate) raised_by: RaisedBy,
}

/// Which operations may answer with a problem.
#[derive(Clone, Copy)]
pub(crate) enum RaisedBy {
    /// None: the request reached no operation.
    Router,
    /// All.
    Every,
    /// Those that need the token.
    Authorised,
    /// Those that have a body (POST and PATCH).
    WithBody,
    /// Those that change something.
    Changing,
    /// These, by operation id.
    These(&'static [&'static str]),
}

/// What is known of an operation when its problems are listed.
pub(crate) struct OperationTraits<'a> {
    pub(crate) id: &'a str,
    pub(crate) authorised: bool,
    pub(crate) has_body: bool,
    pub(crate) changing: bool,
}

impl ProblemKind {
    /// The kind with this code.
    pub(crate) fn with_code(code: &str) -> Option<&'static ProblemKind> {
        KINDS.iter().find(|kind| kind.code == code)
    }

    /// All kinds that an operation may answer with, by status.
    pub(crate) fn of_operation(operation: &OperationTraits<'_>) -> BTreeMap<u16, Vec<&'static ProblemKind>> {
        let mut by_status: BTreeMap<u16, Vec<&ProblemKind>> = BTreeMap::new();
        for kind in KINDS.iter().filter(|kind| kind.raised_by.includes(operation)) {
            by_status.entry(kind.status).or_default().push(kind);
        }
        by_status
    }
}

impl RaisedBy {
    fn includes(self, operation: &OperationTraits<'_>) -> bool {
        match self {
            Router => false,
            Every => true,
            Authorised => operation.authorised,
            WithBody => operation.has_body,
            Changing => operation.changing,
            These(ids) => ids.contains(&operation.id),
        }
    }
}

const fn kind(status: u16, code: &'static str, title: &'static str, raised_by: RaisedBy) -> ProblemKind {
    ProblemKind { code, status, title, raised_by }
}

const WITH_PATH: RaisedBy = These(&[
    "show_member",
    "change_member",
    "merge_member",
    "issue_card",
    "show_card",
    "change_card",
    "show_checkout",
    "show_hold",
    "capture_hold",
    "release_hold",
    "show_balances",
    "show_history",
    "settle_late",
    "show_page",
]);
const OF_MEMBERS: RaisedBy = These(&[
    "show_member",
    "change_member",
    "merge_member",
    "issue_card",
    "quote",
    "check_out",
    "claim",
    "top_up",
    "sell_pass",
    "redeem_reward",
    "grant",
    "claim_coupon_code",
    "place_hold",
    "show_balances",
    "show_history",
    "show_page",
]);
const WITH_QUERY: RaisedBy = These(&[
    "find_members",
    "find_checkout",
    "show_history",
    "list_late",
    "print_receipt",
    "show_commission",
]);
const OF_SALES: RaisedBy = These(&["take_back", "return_top_up", "return_pass"]);
const STOCKED: RaisedBy = These(&["redeem_reward", "note_stock", "top_up"]);
const OF_FENCED: RaisedBy = These(&["reclaim", "settle_late"]);
const WITH_CURSOR: RaisedBy = These(&["find_members", "show_history"]);
const OF_PROFILES: RaisedBy = These(&["register_member", "change_member", "issue_card", "change_card"]);
const OF_CARDS: RaisedBy = These(&["show_card", "change_card", "quote", "check_out", "claim", "place_hold"]);
const SHOWING_CARDS: RaisedBy = These(&["quote", "check_out", "claim", "place_hold"]);
const OF_HOLDS: RaisedBy = These(&["show_hold", "capture_hold", "release_hold", "check_out"]);
const ENDING_HOLDS: RaisedBy = These(&["capture_hold", "release_hold", "check_out"]);
const DRAWING: RaisedBy = These(&[
    "quote",
    "check_out",
    "place_hold",
    "redeem_reward",
    "top_up",
    "return_top_up",
    "return_pass",
    "grant",
]);
const SPENDING: RaisedBy = These(&[
    "check_out",
    "place_hold",
    "capture_hold",
    "take_back",
    "top_up",
    "return_top_up",
    "return_pass",
    "settle_late",
    "redeem_reward",
    "grant",
    "claim_coupon_code",
]);
const PRICING: RaisedBy = These(&["quote", "check_out", "claim"]);
const QUOTING: RaisedBy = These(&["quote", "check_out"]);
const REDEEMING: RaisedBy = These(&["quote", "check_out", "redeem_reward", "place_hold"]);
const BY_RULE: RaisedBy =
    These(&["redeem_reward", "note_stock", "grant", "top_up", "issue_coupon_codes", "show_commission"]);
const CLAIMING_CODES: RaisedBy = These(&["claim_coupon_code"]);
const TAKING_UP: RaisedBy = These(&["take_up_voucher"]);
const WITH_RECEIPT: RaisedBy = These(&[
    "check_out",
    "claim",
    "take_back",
    "top_up",
    "return_top_up",
    "sell_pass",
    "return_pass",
    "redeem_reward",
]);
const PUBLISHING: RaisedBy = These(&["publish_programme"]);

/// The table, by status.
pub(crate) const KINDS: &[ProblemKind] = &[
    kind(400, "malformed_path", "An id in the path cannot be read", WITH_PATH),
    kind(400, "malformed_query", "The query cannot be read", WITH_QUERY),
    kind(400, "malformed_cursor", "The cursor is not one of this query's", WITH_CURSOR),
    kind(400, "malformed_body", "The body could not be received", WithBody),
    kind(400, "malformed_json", "The body is not JSON", WithBody),
    kind(400, "idempotency_key_missing", "The Idempotency-Key header is missing", Changing),
    kind(400, "idempotency_key_malformed", "The Idempotency-Key header cannot be read", Changing),
    kind(401, "unauthorised", "The token is missing or wrong", Authorised),
    kind(403, "scope_missing", "The token is not good for that", Authorised),
    kind(
        403,
        "not_a_hub",
        "Only a hub can do that",
        These(&["fence", "reclaim", "settle_late", "grant_allowance", "publish_programme"]),
    ),
    kind(404, "unknown_route", "There is no such path", Router),
    kind(404, "unknown_member", "No such member is known here", OF_MEMBERS),
    kind(404, "unknown_card", "No such card is known here", OF_CARDS),
    kind(
        404,
        "unknown_sale",
        "No such sale is known here",
        These(&["show_checkout", "take_back", "return_top_up", "return_pass"]),
    ),
    kind(
        404,
        "unknown_check",
        "Nothing was done under this check number",
        These(&["find_checkout", "print_receipt"]),
    ),
    kind(404, "unknown_hold", "No such hold is known here", OF_HOLDS),
    kind(404, "unknown_replica", "No such replica is known", These(&["fence", "grant_allowance"])),
    kind(404, "unknown_late", "No such late entry is kept here", These(&["settle_late"])),
    kind(404, "unknown_store", "No such store is part of the city", These(&["grant_allowance"])),
    kind(404, "unknown_rule", "The programme in force has no such rule", BY_RULE),
    kind(404, "unknown_code", "No coupon with this code is known here", CLAIMING_CODES),
    kind(405, "method_not_allowed", "The path does not know this method", Router),
    kind(409, "insufficient_balance", "The member has too little", DRAWING),
    kind(
        409,
        "insufficient_rights_here",
        "The member has enough, but not at this store now",
        These(&[
            "check_out",
            "place_hold",
            "redeem_reward",
            "take_back",
            "top_up",
            "return_top_up",
            "return_pass",
            "grant",
            "claim_coupon_code",
        ]),
    ),
    kind(409, "check_number_reused", "The till's check number was used for something else", WITH_RECEIPT),
    kind(409, "card_not_active", "The card is not active", SHOWING_CARDS),
    kind(409, "card_void", "The card is void for good", These(&["change_card"])),
    kind(409, "cards_used_up", "No card numbers are left", These(&["register_member", "issue_card"])),
    kind(409, "profile_nothing_changes", "The profile says so already", OF_PROFILES),
    kind(409, "profile_own_changes_missing", "Changes that this one builds on are on their way", OF_PROFILES),
    kind(409, "profile_unknown_card", "The member does not have this card", OF_PROFILES),
    kind(409, "hold_elsewhere", "The hold was made at another store", ENDING_HOLDS),
    kind(409, "hold_settled", "The hold has ended", ENDING_HOLDS),
    kind(409, "hold_expired", "The hold has run out", These(&["capture_hold", "check_out"])),
    kind(409, "hold_of_another_member", "The hold is another member's", These(&["check_out"])),
    kind(409, "fence_of_self", "A hub cannot fence itself", These(&["fence"])),
    kind(409, "not_fenced", "The replica is not fenced", OF_FENCED),
    kind(409, "fenced_by_another", "Another hub's fence counts", OF_FENCED),
    kind(409, "lease_runs", "The fenced replica may still be spending", These(&["reclaim"])),
    kind(409, "not_fenced_at_hub", "Another hub has not fenced it too", OF_FENCED),
    kind(409, "nothing_to_reclaim", "The replica holds nothing", These(&["reclaim"])),
    kind(409, "late_settled", "The late entry was settled before", These(&["settle_late"])),
    kind(409, "late_unsound", "The late entry cannot count", These(&["settle_late"])),
    kind(409, "clock_doubtful", "The hub's clock may be wrong", These(&["reclaim"])),
    kind(409, "lease_ended", "No hub was met for too long", SPENDING),
    kind(
        409,
        "return_too_large",
        "More than can still be returned",
        These(&["take_back", "return_top_up", "return_pass"]),
    ),
    kind(409, "voucher_for_another_store", "The voucher is for another store", TAKING_UP),
    kind(409, "voucher_expired", "The voucher has run out", TAKING_UP),
    kind(409, "voucher_used", "The voucher's points are here already", TAKING_UP),
    kind(409, "redemption_closed", "Points cannot be redeemed on this day", REDEEMING),
    kind(409, "stored_value_short", "The card holds less", QUOTING),
    kind(409, "stored_value_same_day", "Not so soon after the top-up", QUOTING),
    kind(409, "stored_value_capped", "More than a card may hold", These(&["top_up"])),
    kind(
        409,
        "stored_value_no_cash_out",
        "Nothing that was paid ahead is given back",
        These(&["return_top_up", "return_pass"]),
    ),
    kind(409, "claim_closed", "Its points cannot be claimed, or not any more", These(&["claim"])),
    kind(409, "activity_done", "The activity has brought its points", These(&["grant"])),
    kind(409, "activity_not_now", "The activity brings nothing here and now", These(&["grant"])),
    kind(409, "no_loss_reporting", "Cards of this scheme are not reported lost", These(&["change_card"])),
    kind(409, "sale_on_the_way", "The sale has not come here so far", OF_SALES),
    kind(409, "pass_is_personal", "The pass is for its member alone", These(&["grant"])),
    kind(409, "code_used", "The coupon of the code has been claimed", CLAIMING_CODES),
    kind(409, "code_expired", "The coupon of the code is not good any more", CLAIMING_CODES),
    kind(409, "out_of_stock", "Too few pieces are in this store", STOCKED),
    kind(409, "returns_on_the_way", "What came back before is not known here so far", These(&["take_back"])),
    kind(409, "sale_lines_elsewhere", "The lines of the sale are not known here", These(&["take_back"])),
    kind(409, "programme_version_taken", "This version or a later one was published before", PUBLISHING),
    kind(413, "body_too_large", "The body is too large", WithBody),
    kind(415, "unsupported_media_type", "The body must be application/json", WithBody),
    kind(422, "invalid_field", "A field cannot be accepted", WithBody),
    kind(422, "out_of_range", "A figure is out of its range", WithBody),
    kind(422, "voucher_malformed", "This is no voucher, or not all of it", TAKING_UP),
    kind(422, "voucher_forged", "No hub of this city gave this voucher", TAKING_UP),
    kind(422, "idempotency_key_reused", "The key was used for another request", Changing),
    kind(422, "redemption_not_in_steps", "Points are redeemed in steps", QUOTING),
    kind(422, "redemption_exceeds_goods", "The points are worth more than the goods", QUOTING),
    kind(422, "redemption_no_cash", "Points take nothing off at the till", QUOTING),
    kind(422, "basket_too_long", "The basket has too many lines", PRICING),
    kind(422, "basket_line_invalid", "A line cannot be", PRICING),
    kind(422, "goods_unknown", "The programme knows nothing of these goods", PRICING),
    kind(422, "member_missing", "Only members pay so", These(&["quote"])),
    kind(
        422,
        "coupon_unknown",
        "The programme has no such pass or coupon",
        These(&["quote", "check_out", "sell_pass"]),
    ),
    kind(422, "coupons_too_many", "Too many passes and coupons", QUOTING),
    kind(422, "coupon_not_applicable", "The pass or coupon takes nothing off", QUOTING),
    kind(
        422,
        "stored_value_missing",
        "The programme has no stored value",
        These(&["quote", "check_out", "top_up", "return_top_up"]),
    ),
    kind(422, "top_up_too_small", "Less than the programme takes", These(&["top_up"])),
    kind(422, "return_line_unknown", "The sale has no such line", These(&["take_back"])),
    kind(422, "programme_unsigned", "Head office has not signed this programme", PUBLISHING),
    kind(422, "programme_unsound", "The programme has mistakes", PUBLISHING),
    kind(422, "profile_no_edits", "Nothing is to be changed", OF_PROFILES),
    kind(422, "profile_invalid_text", "A text cannot be accepted", OF_PROFILES),
    kind(422, "profile_change_too_large", "The change of the profile is too large", OF_PROFILES),
    kind(422, "profile_change_too_many_parts", "The change of the profile has too many parts", OF_PROFILES),
    kind(500, "internal_error", "Something went wrong here", Every),
    kind(500, "storage_device_failed", "The disk failed", Authorised),
    kind(500, "storage_corrupt", "The database is damaged", Authorised),
    kind(500, "storage_implausible", "The database holds what cannot be", Authorised),
    kind(500, "storage_error", "The database reports an error", Authorised),
    kind(503, "overloaded", "Too many requests wait already", Every),
    kind(503, "shutting_down", "The node is shutting down", Authorised),
    kind(503, "replica_stopped", "The replica may not write any more", Changing),
    kind(503, "not_ready", "The node does not serve", These(&["health"])),
    kind(504, "timed_out", "No answer in time", Every),
    kind(507, "storage_full", "The disk is full", Changing),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_unique_and_sorted_by_status() {
        let mut codes: Vec<&str> = KINDS.iter().map(|kind| kind.code).collect();
        assert!(KINDS.is_sorted_by_key(|kind| kind.status));
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.len(), KINDS.len());
    }
}
