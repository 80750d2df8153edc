use std::{collections::BTreeMap, path::Path, sync::Arc};

use tokio::task::JoinHandle;

use crate::{
    courier::{Depot, serve},
    feed::Whose,
    folder::WebhookFolder,
    pace::Pace,
    poster::Poster,
};

/// Endpoints being told; it ends when this is dropped.
pub struct Webhooks(#[expect(dead_code, reason = "held for what happens when it is dropped")] Task);

/// Something under way that ends when it is dropped.
struct Task(JoinHandle<()>);

impl Drop for Task {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Tells the endpoints of the replica in `dir` what is written to the journals in `database`. Those that are added or
/// removed meanwhile count within seconds. Has to be called in a runtime.
///
/// `now_ms` is the wall clock, in milliseconds since 1970.
pub fn start(
    dir: &Path,
    database: &Path,
    whose: Whose,
    pace: Pace,
    now_ms: impl Fn() -> u64 + Send + Sync + 'static,
) -> Webhooks {
    let (folder, database, now_ms) = (WebhookFolder::of(dir), database.to_owned(), Arc::new(now_ms));
    let depot = move |poster| {
        let (folder, database) = (folder.clone(), database.clone());
        Depot { folder, database, whose, pace, now_ms: now_ms.clone(), poster }
    };
    Webhooks(Task(tokio::spawn(supervise(WebhookFolder::of(dir), pace, depot))))
}

async fn supervise(folder: WebhookFolder, pace: Pace, depot: impl Fn(Poster) -> Depot) {
    let mut poster: Option<Poster> = None;
    let mut couriers: BTreeMap<String, Task> = BTreeMap::new();
    loop {
        let looking = folder.clone();
        let ids = tokio::task::spawn_blocking(move || looking.ids()).await;
        match ids {
            Ok(Ok(ids)) => {
                let removed: Vec<String> = couriers.keys().filter(|id| !ids.contains(id)).cloned().collect();
                for id in removed {
                    couriers.remove(&id);
                    folder.forget(&id);
                }
                // One that has panicked is begun anew.
                couriers.retain(|_, courier| !courier.0.is_finished());
                for id in ids.into_iter().filter(|id| !couriers.contains_key(id)).collect::<Vec<_>>() {
                    // Certificates are read only where there is an endpoint.
                    let poster = poster.get_or_insert_with(Poster::new).clone();
                    let courier = tokio::spawn(serve(depot(poster), id.clone()));
                    couriers.insert(id, Task(courier));
                }
            }
            Ok(Err(error)) => tracing::warn!(%error, "endpoints cannot be looked for"),
            Err(_) => tracing::warn!("looking for endpoints broke off"),
        }
        tokio::time::sleep(pace.look).await;
    }
}
