//! Any value that the format can say: for round trips.

use proptest::{collection::vec, option, prelude::*, sample::select};
use purser_journal::{
    AcceptedLate, AccountFact, ActFact, AwardMade, CodesFact, Entry, Fact, Gift, GrantFact, LateSettledFact,
    LineReturned, MergeFact, PassBackFact, PassSoldFact, ProgrammePaper, Receipt, Request, RequestId,
    ReturnFact, RewardFact, SaleFact, Seal, SignedCredential, SignedProgramme, StaffRole, TopUpBackFact,
    TopUpFact, VersionVector,
};
use purser_ledger::{Asset, Lot, Posting};
use purser_types::{
    BusinessDate, CardIssuer, CardNumber, Digest, Fen, Hlc, HoldId, MemberId, OfferId, ReplicaId, SaleId,
    StoreNumber,
};

use crate::{
    city::{hub, later_store, store},
    later_version::unknown_body,
};

pub fn replica() -> impl Strategy<Value = ReplicaId> {
    any::<[u8; 16]>().prop_map(ReplicaId)
}

fn digest() -> impl Strategy<Value = Digest> {
    any::<[u8; 32]>().prop_map(Digest)
}

pub fn member() -> impl Strategy<Value = MemberId> {
    (0..=i64::MAX).prop_filter_map("a member id", MemberId::from_i64)
}

fn sale_id() -> impl Strategy<Value = SaleId> {
    (0..=i64::MAX).prop_filter_map("a sale id", SaleId::from_i64)
}

fn date() -> impl Strategy<Value = BusinessDate> {
    (i32::MIN..i32::MAX).prop_map(BusinessDate::from_days)
}

fn card() -> impl Strategy<Value = CardNumber> {
    (1000..=9999_u16, 0..=9999_u32, 0..=99_u8, 0..=CardIssuer::SERIAL_MAX).prop_filter_map(
        "a card number",
        |(chain_prefix, store, life, serial)| {
            CardIssuer { chain_prefix, store: StoreNumber(store), life }.card(serial)
        },
    )
}

pub fn asset() -> impl Strategy<Value = Asset> {
    prop_oneof![
        Just(Asset::Points),
        Just(Asset::WalletPrincipal),
        Just(Asset::WalletBonus),
        any::<u32>().prop_map(Asset::Pass),
        any::<u32>().prop_map(Asset::Coupon),
        sale_id().prop_map(Asset::Refundable),
        Just(Asset::Allowance),
    ]
}

fn lot() -> impl Strategy<Value = Lot> {
    (member(), asset(), option::of(date())).prop_map(|(member, asset, expires_on)| Lot {
        member,
        asset,
        expires_on,
    })
}

fn posting() -> impl Strategy<Value = Posting> {
    let hold = || (0..=i64::MAX).prop_filter_map("a hold id", HoldId::from_i64);
    let offer = || (0..=i64::MAX).prop_filter_map("an offer id", OfferId::from_i64);
    let amount = any::<i64>;
    prop_oneof![
        (lot(), amount()).prop_map(|(lot, amount)| Posting::Credit { lot, amount }),
        (lot(), amount()).prop_map(|(lot, amount)| Posting::Debit { lot, amount }),
        (hold(), lot(), amount(), any::<u64>()).prop_map(|(hold, lot, amount, deadline_ms)| Posting::Hold {
            hold,
            lot,
            amount,
            deadline_ms
        }),
        (hold(), lot(), amount()).prop_map(|(hold, lot, captured)| Posting::Settle { hold, lot, captured }),
        (offer(), replica(), lot(), amount()).prop_map(|(offer, to, lot, amount)| Posting::Offer {
            offer,
            to,
            lot,
            amount
        }),
        (offer(), lot(), amount()).prop_map(|(offer, lot, amount)| Posting::Accept { offer, lot, amount }),
        (lot(), amount()).prop_map(|(lot, amount)| Posting::Clawback { lot, amount }),
        (lot(), amount()).prop_map(|(lot, amount)| Posting::Advance { lot, amount }),
    ]
}

fn award() -> impl Strategy<Value = AwardMade> {
    (any::<String>(), date(), date()).prop_map(|(coupon, day, until)| AwardMade { coupon, day, until })
}

fn sale() -> impl Strategy<Value = Fact> {
    let who = (member(), any::<u32>(), any::<String>(), any::<String>(), date());
    let award = award();
    let last = (option::of(digest()), option::of(any::<i64>()), any::<[Option<i64>; 5]>());
    let more = (option::of(vec(award, 0..3)), option::of(date()));
    (who, any::<[i64; 5]>(), last, more).prop_map(|(who, figures, last, (awards, claimed_of))| {
        let (member, store, till, check, date) = who;
        let [gross, discount, points_earned, points_redeemed, points_after] = figures;
        let (basket, points_advanced, amounts) = last;
        let [off, principal, bonus, earns, voucher] = amounts.map(|amount| amount.map(Fen));
        let (store, gross, discount) = (StoreNumber(store), Fen(gross), Fen(discount));
        Fact::Sale(Box::new(SaleFact {
            member,
            store,
            till,
            check,
            date,
            gross,
            discount,
            points_earned,
            points_redeemed,
            points_after,
            basket,
            points_advanced,
            off,
            principal,
            bonus,
            earns,
            awards,
            claimed_of,
            voucher,
        }))
    })
}

fn taking_back() -> impl Strategy<Value = Fact> {
    let who = (sale_id(), member(), any::<u32>(), any::<String>(), any::<String>(), date());
    let line = any::<(u32, u32)>().prop_map(|(line, pieces)| LineReturned { line, pieces });
    let more = (any::<[Option<i64>; 4]>(), option::of(vec(line, 0..3)), option::of(vec(award(), 0..3)));
    (who, any::<[i64; 5]>(), more).prop_map(|(who, figures, (amounts, lines, awards_back))| {
        let (sale, member, store, till, check, date) = who;
        let [gross, refund, points_restored, points_clawed_back, points_after] = figures;
        let [price, earns, principal, bonus] = amounts.map(|amount| amount.map(Fen));
        let (store, gross, refund) = (StoreNumber(store), Fen(gross), Fen(refund));
        Fact::Return(Box::new(ReturnFact {
            sale,
            member,
            store,
            till,
            check,
            date,
            gross,
            refund,
            points_restored,
            points_clawed_back,
            points_after,
            price,
            earns,
            principal,
            bonus,
            lines,
            awards_back,
        }))
    })
}

fn receipt() -> impl Strategy<Value = Receipt> {
    (any::<u32>(), any::<String>(), any::<String>(), date()).prop_map(|(store, till, check, date)| Receipt {
        store: StoreNumber(store),
        till,
        check,
        date,
    })
}

fn words() -> impl Strategy<Value = Option<String>> {
    option::of(any::<String>())
}

/// What is done for a member beside sales and returns.
fn dealing() -> impl Strategy<Value = Fact> {
    let gift = prop_oneof![
        (any::<String>(), option::of(date())).prop_map(|(tier, until)| Gift::Tier { tier, until }),
        any::<(String, i64)>().prop_map(|(activity, points)| Gift::Activity { activity, points }),
        any::<(String, i64)>().prop_map(|(coupon, pieces)| Gift::Coupon { coupon, pieces }),
        (any::<(String, i64)>(), member()).prop_map(|((pass, uses), from)| Gift::PassUses {
            pass,
            uses,
            from
        }),
        (any::<String>(), member()).prop_map(|(coupon, bearer)| Gift::Code { coupon, bearer }),
    ];
    prop_oneof![
        (member(), receipt(), any::<[i64; 2]>(), [words(), words(), words()]).prop_map(
            |(member, receipt, [principal, bonus], [seller, approved_by, issue])| {
                let (principal, bonus) = (Fen(principal), Fen(bonus));
                Fact::TopUp(TopUpFact { member, receipt, principal, bonus, seller, approved_by, issue })
            }
        ),
        (member(), receipt(), any::<(String, i64, i64)>(), words()).prop_map(
            |(member, receipt, (pass, uses, price), seller)| {
                let price = Fen(price);
                Fact::PassSold(PassSoldFact { member, receipt, pass, uses, price, seller })
            }
        ),
        (member(), receipt(), any::<String>(), any::<[i64; 3]>()).prop_map(
            |(member, receipt, reward, [pieces, points, points_after])| {
                Fact::Reward(RewardFact { member, receipt, reward, pieces, points, points_after })
            }
        ),
        (member(), date(), gift, any::<(String, String)>()).prop_map(|(member, date, gift, (reason, by))| {
            Fact::Grant(GrantFact { member, date, gift, reason, by })
        }),
        programme(any::<u32>(), any::<String>()),
        (member(), receipt(), sale_id(), any::<[i64; 2]>()).prop_map(
            |(member, receipt, top_up, [principal, bonus])| {
                let (principal, bonus) = (Fen(principal), Fen(bonus));
                Fact::TopUpBack(TopUpBackFact { member, receipt, top_up, principal, bonus })
            }
        ),
        (member(), receipt(), sale_id(), any::<(String, i64, i64)>()).prop_map(
            |(member, receipt, pass_sale, (pass, uses, price))| {
                let price = Fen(price);
                Fact::PassBack(PassBackFact { member, receipt, pass_sale, pass, uses, price })
            }
        ),
        ([date(), date()], any::<([String; 3], Vec<u8>)>()).prop_map(
            |([date, until], ([coupon, reason, by], proofs))| {
                Fact::Codes(CodesFact { date, coupon, proofs, until, reason, by })
            }
        ),
        (
            any::<Option<u32>>(),
            any::<[String; 2]>(),
            select(StaffRole::ALL.to_vec()),
            any::<Option<String>>()
        )
            .prop_map(|(store, [name, person], role, verifier)| {
                let store = store.map(StoreNumber);
                Fact::Account(AccountFact { store, name, person, role, verifier })
            }),
        any::<[String; 3]>().prop_map(|[by, act, about]| Fact::Act(ActFact { by, act, about })),
        (member(), option::of(member()), any::<([String; 2], u32)>()).prop_map(
            |(member, into, ([reason, by], turn))| {
                Fact::Merge(MergeFact { member, into, reason, by, turn })
            }
        ),
    ]
}

fn programme(
    version: impl Strategy<Value = u32>,
    document: impl Strategy<Value = String>,
) -> impl Strategy<Value = Fact> {
    (version, date(), document).prop_map(|(version, in_force_from, document)| {
        let paper = ProgrammePaper { scope: crate::city::scope(), version, in_force_from, document };
        Fact::Programme(SignedProgramme::sign(&crate::city::authority(), &paper))
    })
}

pub fn credential() -> impl Strategy<Value = SignedCredential> {
    select(vec![hub().signed(), store().signed(), later_store().signed()])
}

/// A fact of a number that this version does not know, with any well-formed body.
fn unknown() -> impl Strategy<Value = Fact> {
    let body = prop_oneof![
        Just(unknown_body()),
        any::<i64>().prop_map(|number| purser_journal::to_cbor(&number)),
        any::<Vec<String>>().prop_map(|texts| purser_journal::to_cbor(&texts)),
        any::<f64>().prop_map(|number| purser_journal::to_cbor(&number)),
    ];
    (prop_oneof![Just(0), 9..12_u32, 21..=u32::MAX], body)
        .prop_map(|(number, body)| Fact::Unknown { number, body })
}

fn late_settled() -> impl Strategy<Value = Fact> {
    let accepted = (any::<Vec<u8>>(), credential());
    let accepted = accepted.prop_map(|(entry, credential)| AcceptedLate { entry, credential });
    let words = (any::<String>(), any::<String>());
    (replica(), any::<u64>(), digest(), words, option::of(accepted)).prop_map(
        |(replica, seq, hash, (reason, by), accepted)| {
            Fact::LateSettled(LateSettledFact { replica, seq, hash, reason, by, accepted })
        },
    )
}

pub fn fact() -> impl Strategy<Value = Fact> {
    prop_oneof![
        3 => vec(posting(), 0..6).prop_map(Fact::Postings),
        1 => sale(),
        1 => taking_back(),
        1 => (member(), any::<Vec<u8>>()).prop_map(|(member, change)| Fact::Profile { member, change }),
        1 => (credential(), any::<[u8; 16]>())
            .prop_map(|(credential, invitation)| Fact::Enrolled { credential, invitation }),
        1 => (replica(), any::<u64>(), any::<String>(), option::of(digest())).prop_map(
            |(replica, after_seq, reason, after_hash)| Fact::Fenced { replica, after_seq, reason, after_hash }
        ),
        1 => late_settled(),
        2 => dealing(),
        1 => any::<String>().prop_map(Fact::Address),
        1 => (member(), card()).prop_map(|(member, card)| Fact::CardIssued { member, card }),
        1 => unknown(),
    ]
}

fn request() -> impl Strategy<Value = Request> {
    (any::<[u8; 16]>(), any::<[u8; 16]>())
        .prop_map(|(id, body)| Request { id: RequestId(id), body: RequestId(body) })
}

pub fn entry() -> impl Strategy<Value = Entry> {
    let hlc = (any::<u64>(), any::<u32>()).prop_map(|(wall_ms, counter)| Hlc { wall_ms, counter });
    (replica(), any::<u64>(), digest(), hlc, any::<u32>(), option::of(request()), vec(fact(), 0..5)).prop_map(
        |(replica, seq, previous, hlc, programme_version, request, facts)| Entry {
            replica,
            seq,
            previous,
            hlc,
            programme_version,
            request,
            facts,
        },
    )
}

pub fn seal() -> impl Strategy<Value = Seal> {
    (any::<u64>(), any::<[u8; 32]>(), any::<[u8; 32]>()).prop_map(|(seq, a, b)| {
        let mut signature = [0; 64];
        signature[..32].copy_from_slice(&a);
        signature[32..].copy_from_slice(&b);
        Seal { seq, signature }
    })
}

pub fn vector() -> impl Strategy<Value = VersionVector> {
    // Few authors and few places, so that vectors have much in common.
    vec(((0..5_u8).prop_map(|author| ReplicaId([author; 16])), 0..4_u64), 0..6)
        .prop_map(|known| known.into_iter().collect())
}
