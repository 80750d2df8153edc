//! The launcher itself: processes that come and go, and lines that are cut and healed.

use std::{path::Path, time::Duration};

use purser_demo::{City, Options};
use serde_json::json;

const PATIENCE: Duration = Duration::from_secs(30);

#[test]
fn a_city_outlives_its_processes_and_its_lines() {
    let executable = Path::new(env!("CARGO_BIN_EXE_purser-demo"));
    let options =
        Options {
            names: vec!["泉城路店".to_owned()], policy: Some("keep".to_owned()), ..Options::default()
        };
    let mut city = City::launch(executable, 2, options).unwrap();
    assert_eq!((city.stores[0].name(), city.stores[1].name()), ("泉城路店", "Store 2"));
    let refused = city.stores[0].command("join", &["purser-join-x"]).unwrap_err().to_string();
    assert!(refused.contains("already_joined"), "{refused}");

    city.lines[1].cut();
    let body = json!({ "profile": { "name": "王秀英" }, "card": true });
    let registered = city.stores[0].api().unwrap().post("/v1/members", "1", &body).unwrap();
    assert_eq!(registered.status, 201, "{}", registered.body);
    let member = format!("/v1/members/{}", registered.body["member"].as_str().unwrap());
    let known = |city: &City, store: usize| city.stores[store].api().unwrap().get(&member).unwrap().status;
    assert_eq!((known(&city, 0), known(&city, 1)), (200, 404));

    // All that runs is somewhere else afterwards, and the lines lead there.
    city.hub.restart().unwrap();
    city.stores[0].restart().unwrap();
    city.stores[1].stop().unwrap();
    city.stores[1].start().unwrap();
    assert_eq!((known(&city, 0), known(&city, 1)), (200, 404));
    city.lines[1].heal();
    city.await_agreement(PATIENCE).unwrap();
    assert_eq!(known(&city, 1), 200);
    city.stop().unwrap();
}
