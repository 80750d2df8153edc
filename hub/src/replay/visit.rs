use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use purser_journal::{Entry, Fact, Request, RequestId, VersionVector};
use purser_ledger::{Asset, Posting};
use purser_replica::{
    Basket as Sale, Order, Outcome, Redemption, Refusal, Reply, RunLimit, Tenders, Undertaking,
};
use purser_transport::SubmitError;
use purser_types::{EntryId, MemberId, ReplicaId};
use tokio::time::sleep;

use super::{
    city::City,
    history::Basket,
    outage::{Healed, PATIENCE},
    replay_error::ReplayError,
    site::Site,
    tally::{BALANCE_UNKNOWN, Served, Wish},
    virtual_clock::HOLD_MS,
    waiting::Patience,
};

/// A member at a till: what the till knows of them, and what real sync has to bring before.
pub(crate) struct Visit {
    pub(crate) city: Arc<City>,
    /// The basket's place in the history.
    pub(crate) place: usize,
    pub(crate) basket: Basket,
    pub(crate) member: MemberId,
    /// Points that the member wants to redeem; 0 for none.
    pub(crate) wish: i64,
    /// Lines that have healed and whose stores may know of the member's points.
    pub(crate) healing: Vec<Healed>,
    /// The member's last entries at other stores, and whether the store is on line now. `None`
    /// if this store is not: nothing arrives then.
    pub(crate) elsewhere: Option<Vec<(EntryId, bool)>>,
    /// Whether rights of the member that are on their way can arrive.
    pub(crate) rights_can_arrive: bool,
    /// Whether this store and all where the member's rights may be are on line: nothing but a
    /// slow machine can keep them away then.
    pub(crate) all_up: bool,
}

/// Every refusal lowers what is wanted: after so many the member gives up.
const TRIES: usize = 3;
/// A till that could be served, but for the speed of virtual time, asks again after so long.
const ASK_AGAIN: Duration = Duration::from_millis(100);
const TILL: &str = "1";

impl Visit {
    /// Redeems what is wished, then checks the basket out.
    pub(crate) async fn serve(mut self) -> Result<Served, ReplayError> {
        let (waited, timed_out) = self.let_sync_catch_up().await?;
        let wish = if self.wish > 0 { Some(self.redeem().await?) } else { None };
        let began = Instant::now();
        let reply = self.check_out().await?;
        let checkout = began.elapsed();
        let offered_to = self.offered_to(reply.entry).await?;
        Ok(Served { basket: self.place, wish, entry: reply.entry, offered_to, waited, timed_out, checkout })
    }

    fn site(&self) -> Site {
        Site::Store(self.basket.store)
    }

    /// What was written days ago by the history may be milliseconds old here: it arrives first.
    async fn let_sync_catch_up(&mut self) -> Result<(Option<Duration>, bool), ReplayError> {
        let Some(elsewhere) = self.elsewhere.take() else { return Ok((None, false)) };
        let began = Instant::now();
        let mut had_to_wait = false;
        for mut healed in std::mem::take(&mut self.healing) {
            had_to_wait = true;
            // Its task tells in any case, or is gone.
            let _ = healed.wait_for(|healed| *healed).await;
        }
        let due = self.reachable(elsewhere).await?;
        let mut in_time = true;
        if !self.city.knows(self.site(), &due).await? {
            had_to_wait = true;
            in_time = self.city.until_known(self.site(), &due, PATIENCE).await?;
        }
        if self.wish > 0 && self.rights_can_arrive && self.rights_are_on_their_way().await? {
            had_to_wait = true;
            let mut patience = Patience::of(PATIENCE);
            while in_time && self.rights_are_on_their_way().await? {
                in_time = patience.pause().await;
            }
        }
        Ok((had_to_wait.then(|| began.elapsed()), !in_time))
    }

    /// Entries that can get here: their store is on line, or the hub has them.
    async fn reachable(&self, elsewhere: Vec<(EntryId, bool)>) -> Result<VersionVector, ReplayError> {
        let mut reachable = VersionVector::default();
        for (entry, is_up) in elsewhere {
            let alone = VersionVector::from_iter([(entry.replica, entry.seq)]);
            if is_up || self.city.knows(Site::Hub, &alone).await? {
                reachable.merge(&alone);
            }
        }
        Ok(reachable)
    }

    async fn rights_are_on_their_way(&self) -> Result<bool, ReplayError> {
        let member = self.member;
        let on_their_way =
            move |engine: &purser_sync::Engine| engine.replica().rights_on_their_way(member, Asset::Points);
        let looked = self.city.look(Site::Hub, on_their_way).await?;
        looked.map_err(|source| ReplayError::Database { site: self.city.name(Site::Hub), source })
    }

    /// Redeems the wish, or as much of it as can be spent here.
    async fn redeem(&self) -> Result<Wish, ReplayError> {
        let began = Instant::now();
        let mut wish = Wish { wanted: self.wish, ..Wish::default() };
        let (mut wanted, mut lowered, mut attempt) = (self.wish, 0, 0);
        // The day must not end between the hold and its capture.
        let _pin = self.city.clock.pin();
        while wanted > 0 {
            attempt += 1;
            let (cause, within) = match self.hold_and_capture(attempt, wanted).await? {
                Ok(redeemed) => {
                    wish.redeemed = redeemed;
                    break;
                }
                Err(refused) => refused,
            };
            if self.all_up && began.elapsed() < PATIENCE {
                wish.asked_again += 1;
                sleep(ASK_AGAIN).await;
                continue;
            }
            lowered += 1;
            let offered = if lowered < TRIES { full_hundreds(within).min(wanted - 100) } else { 0 };
            wish.refused.push((cause, wanted - offered));
            wanted = offered;
        }
        wish.took = began.elapsed();
        Ok(wish)
    }

    /// The points redeemed, or why not and how many there would be.
    async fn hold_and_capture(
        &self,
        attempt: usize,
        points: i64,
    ) -> Result<Result<i64, (&'static str, i64)>, ReplayError> {
        let undertaking = Undertaking::Hold { member: self.member, points, lasts_ms: HOLD_MS };
        let request = self.request(&format!("hold {attempt}"), points);
        let what = || format!("a hold of {points} points for basket {}", self.basket.id);
        let held = self.city.handle(self.site()).submit(Order { request: Some(request), undertaking }).await;
        let hold = match held {
            Ok(Reply { outcome: Outcome::Held { hold, .. }, .. }) => hold,
            Ok(_) => return Err(self.strange(what())),
            Err(SubmitError::Refused(Refusal::RightsTooFew { cause, here, .. })) => {
                return Ok(Err((cause.name(), here)));
            }
            Err(SubmitError::Refused(Refusal::BalanceTooSmall { balance, .. })) => {
                return Ok(Err((BALANCE_UNKNOWN, balance)));
            }
            Err(source) => return Err(self.city.refused(self.site(), &what(), source)),
        };
        let request = self.request("capture", points);
        let what = format!("the capture of {points} points for basket {}", self.basket.id);
        let order =
            Order { request: Some(request), undertaking: Undertaking::Capture { hold, points: None } };
        match self.city.submit(self.site(), &what, order).await?.outcome {
            Outcome::Settled { captured, .. } => Ok(Ok(captured)),
            _ => Err(self.strange(what)),
        }
    }

    async fn check_out(&self) -> Result<Reply, ReplayError> {
        let sale = Sale {
            member: self.member,
            till: TILL.to_owned(),
            check: self.basket.id.clone(),
            gross: self.basket.value,
            redemption: Redemption::None,
            lines: Vec::new(),
            tenders: Tenders::default(),
            claimed_of: None,
        };
        let request = self.request("checkout", self.basket.value.0);
        let what = format!("the checkout of basket {}", self.basket.id);
        let order = Order { request: Some(request), undertaking: Undertaking::CheckOut(sale) };
        self.city.submit(self.site(), &what, order).await
    }

    /// To whom our entry gave rights.
    async fn offered_to(&self, entry: EntryId) -> Result<Vec<ReplicaId>, ReplayError> {
        let limit = RunLimit { entries: 1, bytes: usize::MAX };
        let run = self
            .city
            .look(self.site(), move |engine| engine.replica().run_after(entry.replica, entry.seq - 1, limit));
        let run = run
            .await?
            .map_err(|source| ReplayError::Database { site: self.city.name(self.site()), source })?;
        let bytes = run.and_then(|run| run.entries.into_iter().next());
        let facts = bytes.and_then(|bytes| Entry::from_bytes(&bytes).ok()).map(|entry| entry.facts);
        let mut offered_to = Vec::new();
        for fact in facts.into_iter().flatten() {
            let Fact::Postings(postings) = fact else { continue };
            offered_to.extend(postings.iter().filter_map(|posting| match posting {
                Posting::Offer { to, .. } => Some(*to),
                _ => None,
            }));
        }
        Ok(offered_to)
    }

    /// What a till sends along, so that an answer that got lost can be asked for again.
    fn request(&self, step: &str, figure: i64) -> Request {
        let (key, body) = (format!("{step} {}", self.basket.id), format!("{} {figure}", self.member));
        Request { id: RequestId::of(key.as_bytes()), body: RequestId::of(body.as_bytes()) }
    }

    fn strange(&self, what: String) -> ReplayError {
        ReplayError::Strange { site: self.city.name(self.site()), what }
    }
}

/// Points are redeemed in full hundreds.
pub(crate) fn full_hundreds(points: i64) -> i64 {
    points.max(0) / 100 * 100
}
