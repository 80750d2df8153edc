//! Bringing the members in, before the history begins.

use std::{sync::Arc, time::Duration};

use purser_documents::{Edit, Field};
use purser_journal::VersionVector;
use purser_replica::{Order, Outcome, Undertaking};
use purser_types::{MemberId, StoreNumber};
use tokio::task::JoinSet;

use super::{city::City, history::History, replay_error::ReplayError, site::Site, waiting::Patience};

/// How long members may take to become known everywhere.
const PATIENCE: Duration = Duration::from_mins(2);
/// Card numbers have four digits for the store: members of others come without a card.
const CARD_STORE_MAX: StoreNumber = StoreNumber(9_999);
/// Registrations under way at once.
const AT_ONCE: usize = 256;

/// Registers every household at the store of its first basket, and waits until all replicas
/// know all members. The members, in the order of the households.
pub(crate) async fn register(city: &Arc<City>, history: &History) -> Result<Vec<MemberId>, ReplayError> {
    let mut first_stores: Vec<Option<usize>> = vec![None; history.households.len()];
    for basket in &history.baskets {
        first_stores[basket.household].get_or_insert(basket.store);
    }
    let mut waiting = first_stores.into_iter().enumerate();
    let mut running = JoinSet::new();
    let mut members = Vec::new();
    loop {
        while running.len() < AT_ONCE
            && let Some((household, store)) = waiting.next()
        {
            let name = format!("Household {}", history.households[household]);
            let site = store.map_or(Site::Hub, Site::Store);
            running.spawn(register_one(Arc::clone(city), household, site, name));
        }
        match running.join_next().await {
            Some(registered) => members.push(registered??),
            None => break,
        }
    }
    let mut patience = Patience::of(PATIENCE);
    while city.apart().await? > 0 {
        if !patience.pause().await {
            let what = "telling all stores of all members";
            return Err(ReplayError::TooSlow { what, patience_s: PATIENCE.as_secs() });
        }
    }
    members.sort_unstable();
    Ok(members.into_iter().map(|(_, member)| member).collect())
}

async fn register_one(
    city: Arc<City>,
    household: usize,
    site: Site,
    name: String,
) -> Result<(usize, MemberId), ReplayError> {
    let edits = vec![Edit::SetField { field: Field::Name, value: Some(name.clone()) }];
    let with_card = city.number(site) <= CARD_STORE_MAX;
    let order = Order { request: None, undertaking: Undertaking::Register { edits, with_card } };
    let what = format!("the registration of {name}");
    match city.submit(site, &what, order).await?.outcome {
        Outcome::Member(member, _) => Ok((household, member)),
        _ => Err(ReplayError::Strange { site: city.name(site), what }),
    }
}

impl City {
    /// How many stores do not know the same as the hub.
    pub(crate) async fn apart(&self) -> Result<usize, ReplayError> {
        let of_hub: VersionVector = self.version_vector(Site::Hub).await?;
        let mut apart = 0;
        for site in self.sites().skip(1) {
            apart += usize::from(self.version_vector(site).await? != of_hub);
        }
        Ok(apart)
    }

    /// Waits until all replicas know the same and no rights are on their way; false if that
    /// takes longer than `bound`.
    pub(crate) async fn converge(&self, bound: Duration) -> Result<bool, ReplayError> {
        let mut patience = Patience::of(bound);
        while self.apart().await? > 0 || self.rights_move().await? {
            if !patience.pause().await {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Whether rights of any kind are on their way, as far as the hub knows.
    pub(crate) async fn rights_move(&self) -> Result<bool, ReplayError> {
        let totals = self.look(Site::Hub, |engine| engine.replica().totals()).await?;
        let site = || self.name(Site::Hub);
        let totals = totals.map_err(|source| ReplayError::Database { site: site(), source })?;
        let moving: i64 = totals.iter().map(|(_, _, totals)| totals.offered - totals.accepted).sum();
        Ok(moving != 0)
    }
}
