//! The CBOR of frames: `[number, body]`.

use minicbor::{Decode, Decoder, Encode, Encoder, decode, encode};
use purser_journal::ForkProof;
use purser_types::ReplicaId;

use crate::{
    Frame, Hello,
    frame::{Ask, Declined, Detail, RunFrame},
};

#[derive(Encode, Decode)]
struct RunsBody {
    #[n(0)]
    number: u64,
    #[n(1)]
    runs: Vec<RunFrame>,
}

#[derive(Encode, Decode)]
struct KnownBody {
    #[n(0)]
    number: u64,
    #[n(1)]
    heads: Vec<(ReplicaId, u64)>,
    #[n(2)]
    unwanted: Vec<ReplicaId>,
}

#[derive(Encode, Decode)]
struct LentBody {
    #[cbor(n(0), with = "minicbor::bytes")]
    request: [u8; 16],
    #[n(1)]
    amount: i64,
}

#[derive(Encode, Decode)]
struct DeclinedBody {
    #[cbor(n(0), with = "minicbor::bytes")]
    request: [u8; 16],
    #[n(1)]
    reason: Declined,
}

#[derive(Encode, Decode)]
struct WantedBody {
    #[n(0)]
    author: ReplicaId,
    #[n(1)]
    seqs: Vec<u64>,
}

#[derive(Encode, Decode)]
struct DetailsBody {
    #[n(0)]
    author: ReplicaId,
    #[n(1)]
    up_to: u64,
    #[n(2)]
    details: Vec<Detail>,
}

impl<C> Encode<C> for Frame {
    fn encode<W: encode::Write>(
        &self,
        e: &mut Encoder<W>,
        ctx: &mut C,
    ) -> Result<(), encode::Error<W::Error>> {
        e.array(2)?;
        match self {
            Frame::Hello(hello) => hello.encode(e.u32(1)?, ctx),
            Frame::Runs { number, runs } => {
                RunsBody { number: *number, runs: runs.clone() }.encode(e.u32(2)?, ctx)
            }
            Frame::Known { number, heads, unwanted } => {
                let (heads, unwanted) = (heads.clone(), unwanted.clone());
                KnownBody { number: *number, heads, unwanted }.encode(e.u32(3)?, ctx)
            }
            Frame::Ask(ask) => ask.encode(e.u32(4)?, ctx),
            Frame::Lent { request, amount } => {
                LentBody { request: *request, amount: *amount }.encode(e.u32(5)?, ctx)
            }
            Frame::Declined { request, reason } => {
                DeclinedBody { request: *request, reason: *reason }.encode(e.u32(6)?, ctx)
            }
            Frame::Fork(proof) => proof.encode(e.u32(8)?, ctx),
            Frame::Wanted { author, seqs } => {
                WantedBody { author: *author, seqs: seqs.clone() }.encode(e.u32(9)?, ctx)
            }
            Frame::Details { author, up_to, details } => {
                let (author, up_to, details) = (*author, *up_to, details.clone());
                DetailsBody { author, up_to, details }.encode(e.u32(10)?, ctx)
            }
            Frame::Unknown { number } => e.u32(*number)?.null().map(drop),
        }
    }
}

impl<'b, C> Decode<'b, C> for Frame {
    fn decode(d: &mut Decoder<'b>, ctx: &mut C) -> Result<Self, decode::Error> {
        if d.array()? != Some(2) {
            return Err(decode::Error::message("a frame is an array of number and body"));
        }
        match d.u32()? {
            1 => Hello::decode(d, ctx).map(Frame::Hello),
            2 => RunsBody::decode(d, ctx).map(|body| Frame::Runs { number: body.number, runs: body.runs }),
            3 => KnownBody::decode(d, ctx).map(|body| Frame::Known {
                number: body.number,
                heads: body.heads,
                unwanted: body.unwanted,
            }),
            4 => Ask::decode(d, ctx).map(Frame::Ask),
            5 => LentBody::decode(d, ctx)
                .map(|body| Frame::Lent { request: body.request, amount: body.amount }),
            6 => DeclinedBody::decode(d, ctx)
                .map(|body| Frame::Declined { request: body.request, reason: body.reason }),
            8 => ForkProof::decode(d, ctx).map(|proof| Frame::Fork(Box::new(proof))),
            9 => {
                WantedBody::decode(d, ctx).map(|body| Frame::Wanted { author: body.author, seqs: body.seqs })
            }
            10 => DetailsBody::decode(d, ctx).map(|body| Frame::Details {
                author: body.author,
                up_to: body.up_to,
                details: body.details,
            }),
            number => {
                d.skip()?;
                Ok(Frame::Unknown { number })
            }
        }
    }
}
