use minicbor::{Decode, Decoder, Encode, Encoder, decode, encode};
use purser_ledger::Posting;
use purser_types::{CardNumber, Digest, MemberId, ReplicaId};

use crate::{
    AccountFact, ActFact, CodesFact, GrantFact, LateSettledFact, MergeFact, PassBackFact, PassSoldFact,
    ReturnFact, RewardFact, SaleFact, SignedCredential, SignedProgramme, TopUpBackFact, TopUpFact,
};

/// One thing that an entry establishes. On the wire `[number, body]`; numbers are never
/// reused, and a number that this version does not know is kept as it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fact {
    /// 1: changes of the author's own shares.
    Postings(Vec<Posting>),
    /// 2: a sale.
    Sale(Box<SaleFact>),
    /// 3: part of a sale taken back.
    Return(Box<ReturnFact>),
    /// 4: one Automerge change of a member's profile.
    Profile {
        /// Whose profile.
        member: MemberId,
        /// The change, as crates/documents made it.
        change: Vec<u8>,
    },
    /// 5: a replica is part of the city from now on. Written by hubs.
    Enrolled {
        /// Who it is, signed by the chain's authority.
        credential: SignedCredential,
        /// The invitation it came with, used up by this.
        invitation: [u8; 16],
    },
    /// 6: a replica is out; what it wrote after `after_seq` is not folded. Written by hubs.
    Fenced {
        /// The replica.
        replica: ReplicaId,
        /// The last entry of its journal that counts.
        after_seq: u64,
        /// What the operator gave as reason.
        reason: String,
        /// The hash of that last entry: of two stories that the replica may have told, this one counts.
        after_hash: Option<Digest>,
    },
    /// 7: where the author listens for other replicas, `host:port`.
    Address(String),
    /// 8: a card was issued to a member. Its state is part of the member's profile.
    CardIssued {
        /// To whom.
        member: MemberId,
        /// The card.
        card: CardNumber,
    },
    /// 12: what became of an entry that a fenced replica wrote too late. Written by hubs.
    LateSettled(LateSettledFact),
    /// 13: a version of the programme, as head office signed it. Written by hubs.
    Programme(SignedProgramme),
    /// 14: stored value was paid in.
    TopUp(TopUpFact),
    /// 15: a pass was sold.
    PassSold(PassSoldFact),
    /// 16: points were redeemed for a reward.
    Reward(RewardFact),
    /// 17: something was given without a purchase.
    Grant(GrantFact),
    /// 18: stored value was given back to who had paid it in.
    TopUpBack(TopUpBackFact),
    /// 19: uses of a pass were taken back for money.
    PassBack(PassBackFact),
    /// 20: coupons were issued on paper, each with a code.
    Codes(CodesFact),
    /// 21: an account, as it is from now on.
    Account(AccountFact),
    /// 22: who had the entry written, or what else somebody did.
    Act(ActFact),
    /// 23: two members are the same person.
    Merge(MergeFact),
    /// Anything that a later version writes.
    Unknown {
        /// Its number.
        number: u32,
        /// Its body, as it came.
        body: Vec<u8>,
    },
}

#[derive(Encode, Decode)]
struct ProfileBody {
    #[n(0)]
    member: MemberId,
    #[cbor(n(1), with = "minicbor::bytes")]
    change: Vec<u8>,
}

#[derive(Encode, Decode)]
struct EnrolledBody {
    #[n(0)]
    credential: SignedCredential,
    #[cbor(n(1), with = "minicbor::bytes")]
    invitation: [u8; 16],
}

#[derive(Encode, Decode)]
struct CardIssuedBody {
    #[n(0)]
    member: MemberId,
    #[n(1)]
    card: CardNumber,
}

#[derive(Encode, Decode)]
struct FencedBody {
    #[n(0)]
    replica: ReplicaId,
    #[n(1)]
    after_seq: u64,
    #[n(2)]
    reason: String,
    #[n(3)]
    after_hash: Option<Digest>,
}

impl<C> Encode<C> for Fact {
    fn encode<W: encode::Write>(
        &self,
        e: &mut Encoder<W>,
        ctx: &mut C,
    ) -> Result<(), encode::Error<W::Error>> {
        e.array(2)?.u32(self.number())?;
        match self {
            Fact::Postings(postings) => postings.encode(e, ctx),
            Fact::Sale(sale) => sale.encode(e, ctx),
            Fact::Return(taken_back) => taken_back.encode(e, ctx),
            Fact::Profile { member, change } => {
                ProfileBody { member: *member, change: change.clone() }.encode(e, ctx)
            }
            Fact::Enrolled { credential, invitation } => {
                EnrolledBody { credential: credential.clone(), invitation: *invitation }.encode(e, ctx)
            }
            Fact::Fenced { replica, after_seq, reason, after_hash } => {
                let (replica, after_seq, reason) = (*replica, *after_seq, reason.clone());
                FencedBody { replica, after_seq, reason, after_hash: *after_hash }.encode(e, ctx)
            }
            Fact::Address(address) => address.encode(e, ctx),
            Fact::CardIssued { member, card } => {
                CardIssuedBody { member: *member, card: *card }.encode(e, ctx)
            }
            Fact::LateSettled(settled) => settled.encode(e, ctx),
            Fact::Programme(signed) => signed.encode(e, ctx),
            Fact::TopUp(top_up) => top_up.encode(e, ctx),
            Fact::PassSold(sold) => sold.encode(e, ctx),
            Fact::Reward(reward) => reward.encode(e, ctx),
            Fact::Grant(grant) => grant.encode(e, ctx),
            Fact::TopUpBack(back) => back.encode(e, ctx),
            Fact::PassBack(back) => back.encode(e, ctx),
            Fact::Codes(codes) => codes.encode(e, ctx),
            Fact::Account(account) => account.encode(e, ctx),
            Fact::Act(act) => act.encode(e, ctx),
            Fact::Merge(merge) => merge.encode(e, ctx),
            Fact::Unknown { body, .. } => e.writer_mut().write_all(body).map_err(encode::Error::write),
        }
    }
}

impl<'b, C> Decode<'b, C> for Fact {
    fn decode(d: &mut Decoder<'b>, ctx: &mut C) -> Result<Self, decode::Error> {
        if d.array()? != Some(2) {
            return Err(decode::Error::message("a fact is an array of number and body"));
        }
        match d.u32()? {
            1 => Vec::decode(d, ctx).map(Fact::Postings),
            2 => Box::decode(d, ctx).map(Fact::Sale),
            3 => Box::decode(d, ctx).map(Fact::Return),
            4 => ProfileBody::decode(d, ctx)
                .map(|body| Fact::Profile { member: body.member, change: body.change }),
            5 => EnrolledBody::decode(d, ctx)
                .map(|body| Fact::Enrolled { credential: body.credential, invitation: body.invitation }),
            6 => FencedBody::decode(d, ctx).map(|body| Fact::Fenced {
                replica: body.replica,
                after_seq: body.after_seq,
                reason: body.reason,
                after_hash: body.after_hash,
            }),
            7 => String::decode(d, ctx).map(Fact::Address),
            8 => CardIssuedBody::decode(d, ctx)
                .map(|body| Fact::CardIssued { member: body.member, card: body.card }),
            12 => LateSettledFact::decode(d, ctx).map(Fact::LateSettled),
            13 => SignedProgramme::decode(d, ctx).map(Fact::Programme),
            14 => TopUpFact::decode(d, ctx).map(Fact::TopUp),
            15 => PassSoldFact::decode(d, ctx).map(Fact::PassSold),
            16 => RewardFact::decode(d, ctx).map(Fact::Reward),
            17 => GrantFact::decode(d, ctx).map(Fact::Grant),
            18 => TopUpBackFact::decode(d, ctx).map(Fact::TopUpBack),
            19 => PassBackFact::decode(d, ctx).map(Fact::PassBack),
            20 => CodesFact::decode(d, ctx).map(Fact::Codes),
            21 => AccountFact::decode(d, ctx).map(Fact::Account),
            22 => ActFact::decode(d, ctx).map(Fact::Act),
            23 => MergeFact::decode(d, ctx).map(Fact::Merge),
            number => {
                let start = d.position();
                d.skip()?;
                let body = d.input().get(start..d.position()).unwrap_or_default().to_vec();
                Ok(Fact::Unknown { number, body })
            }
        }
    }
}

impl Fact {
    fn number(&self) -> u32 {
        match self {
            Fact::Postings(_) => 1,
            Fact::Sale(_) => 2,
            Fact::Return(_) => 3,
            Fact::Profile { .. } => 4,
            Fact::Enrolled { .. } => 5,
            Fact::Fenced { .. } => 6,
            Fact::Address(_) => 7,
            Fact::CardIssued { .. } => 8,
            Fact::LateSettled(_) => 12,
            Fact::Programme(_) => 13,
            Fact::TopUp(_) => 14,
            Fact::PassSold(_) => 15,
            Fact::Reward(_) => 16,
            Fact::Grant(_) => 17,
            Fact::TopUpBack(_) => 18,
            Fact::PassBack(_) => 19,
            Fact::Codes(_) => 20,
            Fact::Account(_) => 21,
            Fact::Act(_) => 22,
            Fact::Merge(_) => 23,
            Fact::Unknown { number, .. } => *number,
        }
    }
}
