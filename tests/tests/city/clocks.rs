//! The clock of one store is two hours off.

use std::{
    path::PathBuf,
    sync::{Arc, atomic::AtomicU64},
    time::{SystemTime, UNIX_EPOCH},
};

use purser_documents::{Edit, Field};
use purser_journal::{Request, RequestId, SaleFact};
use purser_replica::{
    Basket, Order, Outcome, Policy, Redemption, Reply, Settings, Tenders, Undertaking, View,
};
use purser_sync::EngineSettings;
use purser_transport::{Clock, Node, NodeSettings, SubmitError};
use purser_types::{CityZone, Fen, MemberId, SaleId};
use serde_json::json;
use tempfile::TempDir;

use super::{
    insider::Insider,
    till::Till,
    town::{Town, alarms, eventually, register, status},
};

const TWO_HOURS_MS: i64 = 2 * 3_600_000;
const TEN_MINUTES_MS: u64 = 600_000;

/// A store that runs in the test itself, by a clock that the test has set.
struct Store {
    node: Node,
    insider: Insider,
    wall_ms: u64,
    orders: u64,
    dir: TempDir,
}

impl Store {
    fn join(town: &Town, clock_off_by_ms: i64) -> Self {
        let (insider, dir) = (Insider::join(town, 7), tempfile::tempdir().unwrap());
        let wall_ms = now_ms().checked_add_signed(clock_off_by_ms).unwrap();
        let settings = NodeSettings {
            database: dir.path().join("purser.db"),
            identity: insider.identity.clone(),
            listen: ([127, 0, 0, 1], 0).into(),
            advertise: None,
            hubs: vec![town.hub.link().unwrap().to_string()],
            stores: Vec::new(),
            authority: None,
            replica: Settings { policy: Policy::KeepWhereEarned, ..Settings::default() },
            engine: EngineSettings::default(),
            clock: Clock::set_by(Arc::new(AtomicU64::new(wall_ms))),
        };
        let node = insider.runtime.block_on(Node::start(settings)).unwrap();
        Self { node, insider, wall_ms, orders: 0, dir }
    }

    fn database(&self) -> PathBuf {
        self.dir.path().join("purser.db")
    }

    fn submit(&mut self, undertaking: Undertaking) -> Result<Reply, SubmitError> {
        self.orders += 1;
        let id = RequestId::of(&self.orders.to_le_bytes());
        let order = Order { request: Some(Request { id, body: id }), undertaking };
        self.insider.runtime.block_on(self.node.handle().submit(order))
    }

    fn sell(&mut self, member: MemberId, redemption: Redemption) -> Result<(SaleId, SaleFact), SubmitError> {
        let (till, check) = ("1".to_owned(), self.orders.to_string());
        let basket = Basket {
            member,
            till,
            check,
            gross: Fen(2_000),
            redemption,
            lines: Vec::new(),
            tenders: Tenders::default(),
            claimed_of: None,
        };
        match self.submit(Undertaking::CheckOut(basket))?.outcome {
            Outcome::Sale(sale, fact) => Ok((sale, *fact)),
            other => panic!("{other:?}"),
        }
    }

    /// Waits until it knows what the city knows, and the other way round.
    fn settle(&self, town: &Town) {
        eventually("the city and the store with the wrong clock agree", || {
            let own = View::open(&self.database()).unwrap().digest().unwrap().to_string();
            town.common_digest().unwrap() == Some(own)
        });
    }
}

fn now_ms() -> u64 {
    u64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis()).unwrap()
}

fn a_store_works_while_its_clock_is_off_by(off_by_ms: i64) {
    let town = Town::found(1);
    let member = register(&town.stores[0], "李伟");
    Till::at(&town.stores[0], "1").sell(&member, 300);
    let mut store = Store::join(&town, off_by_ms);
    store.settle(&town);
    let id: MemberId = member.parse().unwrap();

    // It sells, on the day that its own clock shows.
    let (sale, fact) = store.sell(id, Redemption::None).unwrap();
    let zone: CityZone = "Asia/Shanghai".parse().unwrap();
    assert_eq!(fact.date, zone.date_at(store.wall_ms));
    store.settle(&town);
    let found = town.hub.api().unwrap().get(&format!("/v1/checkouts/{sale}")).unwrap();
    assert_eq!(found.body["date"], fact.date.to_string(), "{}", found.body);

    // Rights do not hang on clocks: it redeems what was earned elsewhere.
    eventually("rights come to it", || store.sell(id, Redemption::Points(200)).is_ok());
    store.settle(&town);
    town.assert_balance(&member, 300 + 20 + 20 - 200);

    // Both sides say what is wrong.
    assert!(alarms(&town.hub).contains(&"alarm_clock_skew".to_owned()));
    let told = store.node.handle().recent_alarms();
    assert!(told.iter().any(|alarm| alarm.code == "alarm_clock_skew"), "{told:?}");
    let skew_ms = status(&town.hub)["clock_skew_ms"].as_u64().unwrap();
    assert!(skew_ms.abs_diff(off_by_ms.unsigned_abs()) < TEN_MINUTES_MS, "{skew_ms}");

    a_later_edit_counts(&town, &mut store, id);
    town.audit();
    let Store { node, insider, dir, .. } = store;
    insider.runtime.block_on(node.stop());
    drop(dir);
}

/// What was written by the wrong clock is overwritten by whoever comes later, and pulls nobody
/// else's time after it.
fn a_later_edit_counts(town: &Town, store: &mut Store, member: MemberId) {
    let value = Some("Written by the wrong clock".to_owned());
    let edits = vec![Edit::SetField { field: Field::Name, value }];
    store.submit(Undertaking::EditProfile { member, edits }).unwrap();
    store.settle(town);
    let path = format!("/v1/members/{member}");
    let body = json!({ "profile": { "name": "Written later" } });
    let changed = town.stores[0].api().unwrap().patch(&path, "later", &body).unwrap();
    assert!(changed.is_success(), "{}", changed.body);
    store.settle(town);
    for process in town.processes() {
        let shown = process.api().unwrap().get(&path).unwrap().body;
        assert_eq!(shown["profile"]["name"], "Written later", "{shown}");
        assert_eq!(shown["conflicts"], json!({}), "{shown}");
    }
    let mut view = View::open(&store.database()).unwrap();
    assert_eq!(view.profile(member).unwrap().text(Field::Name), Some("Written later"));
    a_right_clock_stays_right(town, member);
}

/// The first store's latest entry carries the time at which it was written.
fn a_right_clock_stays_right(town: &Town, member: MemberId) {
    let mut view = View::open(&town.stores[0].database()).unwrap();
    let me = view.me();
    let entries = view.history(member, None, 100).unwrap().into_iter().filter(|line| line.author == me);
    let latest = entries.map(|line| line.entry).max_by_key(|entry| entry.seq).unwrap();
    assert!(latest.hlc.wall_ms.abs_diff(now_ms()) < TEN_MINUTES_MS, "pulled along: {:?}", latest.hlc);
}

#[test]
fn a_store_works_while_its_clock_is_two_hours_ahead() {
    a_store_works_while_its_clock_is_off_by(TWO_HOURS_MS);
}

#[test]
fn a_store_works_while_its_clock_is_two_hours_behind() {
    a_store_works_while_its_clock_is_off_by(-TWO_HOURS_MS);
}
