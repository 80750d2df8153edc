//! Answering those who ask for rights.

use std::collections::HashMap;

use purser_journal::{Request, RequestId, to_cbor};
use purser_ledger::Asset;
use purser_replica::{Order, Replica, Undertaking};
use purser_storage::StorageError;
use purser_types::{MemberId, ReplicaId};

use crate::{Ask, LinkId};

/// The order that answers a question from our own rights.
pub(crate) fn loan(ask: &Ask) -> Order {
    let body = RequestId::of(&to_cbor(ask));
    let Ask { request, asker, member, asset, amount, .. } = *ask;
    // In a name space of its own: no till's key is ever one of these.
    let id = RequestId::of(&[b"rights asked for by ".as_slice(), &asker.0, &request].concat());
    let undertaking = Undertaking::Lend { to: asker, member, asset, amount };
    Order { request: Some(Request { id, body }), undertaking }
}

/// Whom to pass a question on to: linked replicas that hold such rights, as far as known
/// here, those with most first, until `missing` is covered.
pub(crate) fn holders(
    replica: &Replica,
    links: &HashMap<ReplicaId, LinkId>,
    ask: &Ask,
    missing: i64,
) -> Result<Vec<(LinkId, Ask)>, StorageError> {
    let mut left = missing;
    let mut passed_on = Vec::new();
    for (holder, available) in rights_of_others(replica, ask.member, ask.asset)? {
        let Some(link) = links.get(&holder).filter(|_| holder != ask.asker && left > 0) else { continue };
        let amount = available.min(left);
        left -= amount;
        passed_on.push((*link, Ask { amount, pass_on: false, ..*ask }));
    }
    Ok(passed_on)
}

/// Replicas that hold rights to a member's asset, those with most first.
pub(crate) fn rights_of_others(
    replica: &Replica,
    member: MemberId,
    asset: Asset,
) -> Result<Vec<(ReplicaId, i64)>, StorageError> {
    let mut rights = replica.rights_by_replica(member, asset)?;
    rights.retain(|(holder, available)| *holder != replica.id() && *available > 0);
    rights.sort_by_key(|(holder, available)| (std::cmp::Reverse(*available), *holder));
    Ok(rights)
}
