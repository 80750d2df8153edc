//! Head office publishes its programme, stores sell by what they have of it, and what a new version would have
//! made of what they sold.

use std::{fs, path::PathBuf};

use purser_demo::{Answer, Process};
use serde_json::{Value, json};

use super::{
    command::{Ended, run},
    town::{Town, await_off_line, await_on_line, eventually, register, status},
};

const PHARMACY: &str = include_str!("../../../programmes/pharmacy.toml");
const TEA_HOUSE: &str = include_str!("../../../programmes/tea-house.toml");

/// The pharmacies' programme, with a member day at no store of the town: what is sold today costs the same every day.
fn pharmacy() -> String {
    PHARMACY.replace("days = [9, 19, 29],", "days = [9, 19, 29], stores = [9999],")
}

/// The programme in a file of the town's own.
fn file(town: &Town, name: &str, text: &str) -> PathBuf {
    let path = town.root().join(name);
    fs::write(&path, text).unwrap();
    path
}

fn at_hub(hub: &Process, words: &[&str]) -> Ended {
    let (dir, http) = (hub.dir().to_str().unwrap(), hub.api().unwrap().address().to_string());
    run([&["hub"], words, &["--dir", dir, "--http", &http]].concat())
}

fn in_force(store: &Process) -> u64 {
    store.api().unwrap().get("/v1/programmes").unwrap().body["in_force"].as_u64().unwrap()
}

fn post(store: &Process, path: &str, key: &str, body: &Value) -> Answer {
    store.api().unwrap().post(path, key, body).unwrap()
}

fn sells(store: &Process, member: &str, check: &str, more: &Value) -> Value {
    let mut body = json!({"member": member, "till": "1", "check": check});
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let answer = post(store, "/v1/checkouts", check, &body);
    assert_eq!(answer.status, 201, "{}", answer.body);
    answer.body
}

fn goods() -> Value {
    json!({"lines": [{"article": "6901", "name": "维生素C", "unit_price": "100"}]})
}

#[test]
fn a_version_is_published_and_a_store_that_has_not_heard_sells_by_what_it_has() {
    let mut town = Town::found(2);
    let member = register(&town.stores[0], "王小明");
    town.settle();
    assert_eq!(in_force(&town.stores[0]), 0);

    // With a mistake in it nothing is published, and every one is told.
    let wrong = file(
        &town,
        "wrong.toml",
        &pharmacy().replace("\"0.9\"", "\"1.9\"").replace("per = \"1\"", "per = \"0\""),
    );
    let said = at_hub(&town.hub, &["programme", "publish", wrong.to_str().unwrap()]);
    assert_eq!((said.code, said.stdout.lines().count()), (1, 3), "{said:?}");
    let first = file(&town, "pharmacy.toml", &pharmacy());
    let publish = ["programme", "publish", first.to_str().unwrap()];
    assert!(at_hub(&town.hub, &publish).well().contains("version 1 is published"));
    eventually("the stores have it", || town.stores.iter().all(|store| in_force(store) == 1));
    // Again it is as once; another document under the same number is refused.
    at_hub(&town.hub, &publish).well();
    let other = file(&town, "other.toml", &pharmacy().replace("points = 100", "points = 90"));
    at_hub(&town.hub, &["programme", "publish", other.to_str().unwrap()]).badly(1, "programme_version_taken");

    let sale = sells(&town.stores[0], &member, "1", &goods());
    assert_eq!((&sale["programme_version"], &sale["points_earned"]), (&json!(1), &json!(100)));

    // A second version while a store is cut off.
    town.lines[1].cut();
    await_off_line(&town.stores[1]);
    let second = pharmacy().replace("version = 1", "version = 2").replace("points = \"1\"", "points = \"2\"");
    let second = file(&town, "second.toml", &second);
    at_hub(&town.hub, &["programme", "publish", second.to_str().unwrap()]).well();
    eventually("the other store has it", || in_force(&town.stores[0]) == 2);
    let [here, there] =
        [0, 1].map(|store| sells(&town.stores[store], &member, &format!("s{store}"), &goods()));
    assert_eq!((&here["programme_version"], &here["points_earned"]), (&json!(2), &json!(200)));
    assert_eq!((&there["programme_version"], &there["points_earned"]), (&json!(1), &json!(100)));
    town.lines[1].heal();
    await_on_line(&town.stores[1]);
    town.settle();
    assert_eq!(in_force(&town.stores[1]), 2);
    town.assert_balance(&member, 400);
    town.audit();
    check_dry_run(&town, &second);
    town.hub.restart().unwrap();
    town.settle();
}

/// What version 2 would have made of all of it.
fn check_dry_run(town: &Town, programme: &std::path::Path) {
    let date = "2000-01-01";
    let csv = town.root().join("dry-run.csv");
    let words = ["hub", "programme", "dry-run", programme.to_str().unwrap(), "--dir"];
    let rest = ["--from", date, "--until", "2999-12-31", "--csv", csv.to_str().unwrap()];
    let dir = [town.hub.dir().to_str().unwrap()];
    eventually("the hub has the lines", || {
        let said = run([&words[..], &dir, &rest].concat()).well();
        !said.contains("without their lines")
    });
    let said = run([&words[..], &dir, &rest].concat()).well();
    assert!(said.starts_with("3 sales from 2000-01-01"), "{said}");
    let all = said.lines().find(|line| line.starts_with("all ")).unwrap();
    let figures: Vec<&str> = all.split_whitespace().collect();
    assert_eq!(figures[1..2], ["300.00"], "{said}");
    assert_eq!(figures[4..], ["400", "600", "200"], "{said}");
    let rows = fs::read_to_string(csv).unwrap();
    assert_eq!(rows.lines().count(), 2, "{rows}");
}

#[test]
fn stored_value_and_passes_are_spent_where_the_rights_are() {
    let town = Town::found(2);
    let tea_house = file(&town, "tea-house.toml", &TEA_HOUSE.replace("2026-01-01", "2020-01-01"));
    at_hub(&town.hub, &["programme", "publish", tea_house.to_str().unwrap()]).well();
    eventually("the stores have it", || town.stores.iter().all(|store| in_force(store) == 1));
    let member = register(&town.stores[0], "李雷");
    let body = json!({"member": member, "till": "1", "check": "T1", "amount": "1000", "seller": "Li"});
    assert_eq!(post(&town.stores[0], "/v1/top-ups", "t1", &body).status, 201);
    let body = json!({"member": member, "till": "1", "check": "P1", "pass": "ten-seats"});
    assert_eq!(post(&town.stores[0], "/v1/passes", "p1", &body).status, 201);
    town.settle();

    // Both kinds of stored value and a use of the pass come to the other store while its line is up.
    let pays = json!({
        "lines": [{"category": "seat", "unit_price": "68"}, {"category": "tea", "unit_price": "200"}],
        "passes": ["ten-seats"], "stored_value": "200",
    });
    let sale = sells(&town.stores[1], &member, "1", &pays);
    assert_eq!(sale["paid"], "0.00", "{sale}");
    town.settle();
    town.lines[1].cut();
    await_off_line(&town.stores[1]);
    let off_line = json!({
        "member": member, "till": "1", "check": "2", "stored_value": "800",
        "lines": [{"category": "tea", "unit_price": "2000"}],
    });
    let refused = post(&town.stores[1], "/v1/checkouts", "2", &off_line);
    assert_eq!(refused.status, 409, "{}", refused.body);
    assert_eq!(refused.body["code"], "insufficient_rights_here", "{}", refused.body);
    // A return there of what it does not hold waits for the line, and is then carried out once.
    let sold = sells(&town.stores[0], &member, "S9", &goods_of_tea());
    let back = json!({"sale": sold["sale"], "till": "1", "check": "B1", "gross": "100"});
    let unheard = post(&town.stores[1], "/v1/returns", "b1", &back);
    assert_eq!((unheard.status, unheard.body["code"].as_str()), (409, Some("sale_on_the_way")));
    town.lines[1].heal();
    await_on_line(&town.stores[1]);
    eventually("the return is taken", || post(&town.stores[1], "/v1/returns", "b1", &back).status == 201);
    town.settle();
    check_receipt(&town, &member);
    let li = at_hub(&town.hub, &["commission", "--from", "2000-01-01", "--until", "2999-12-31"]).well();
    assert!(li.lines().any(|line| line.starts_with("Li ") && line.contains("1000.00")), "{li}");
    assert_eq!(status(&town.stores[1])["on_line"], true);
    town.audit();
}

fn goods_of_tea() -> Value {
    json!({"lines": [{"category": "tea", "unit_price": "100", "quantity": 2}]})
}

fn check_receipt(town: &Town, member: &str) {
    let print = |paper: &str, language: &str| {
        let path = format!("/v1/receipts?till=1&check=1&paper={paper}&language={language}");
        let answer = town.stores[1].api().unwrap().get(&path).unwrap();
        assert_eq!(answer.status, 200, "{member}: {}", answer.body);
        answer.body["text"].as_str().unwrap().to_owned()
    };
    let (narrow, wide) = (print("58", "zh"), print("80", "en"));
    assert!(
        narrow.contains("储值支付") && narrow.contains("剩余 9 次") && narrow.contains("顾客签名"),
        "{narrow}"
    );
    assert!(wide.contains("By stored value") && wide.contains("9 left"), "{wide}");
}

/// Two stores that cannot see each other are shown one code; one of them has the right to it.
#[test]
fn a_code_is_claimed_at_one_store_only() {
    let town = Town::found(2);
    let coupon = "\n[[coupon]]\nid = \"leaflet\"\nname = { zh = \"开业券\", en = \"Opening\" }\ngives = { by = \"off\", off = \"20\" }\nvalid = { by = \"days\", days = 30 }\n";
    let tea_house = format!("{}{coupon}", TEA_HOUSE.replace("2026-01-01", "2020-01-01"));
    let document = file(&town, "tea-house.toml", &tea_house);
    at_hub(&town.hub, &["programme", "publish", document.to_str().unwrap()]).well();
    eventually("the stores have it", || town.stores.iter().all(|store| in_force(store) == 1));
    let members = ["李雷", "韩梅梅"].map(|name| register(&town.stores[0], name));
    let issue = json!({"coupon": "leaflet", "pieces": 2, "reason": "leaflets", "by": "赵敏"});
    let issued = post(&town.stores[0], "/v1/coupon-codes", "codes", &issue);
    assert_eq!(issued.status, 201, "{}", issued.body);
    let codes = issued.body["codes"].as_array().unwrap();
    town.settle();
    town.lines[1].cut();
    await_off_line(&town.stores[1]);
    let claim = |store: usize, key: &str, member: &str, code: &Value| {
        let answer = post(
            &town.stores[store],
            "/v1/coupon-codes/claims",
            key,
            &json!({"member": member, "code": code}),
        );
        (answer.status, answer.body["code"].as_str().unwrap_or_default().to_owned())
    };
    let elsewhere = (409, "insufficient_rights_here".to_owned());
    assert_eq!(claim(1, "1", &members[1], &codes[0]), elsewhere);
    assert_eq!(claim(0, "2", &members[0], &codes[0]).0, 201);
    town.lines[1].heal();
    await_on_line(&town.stores[1]);
    town.settle();
    assert_eq!(claim(1, "3", &members[1], &codes[0]), (409, "code_used".to_owned()));
    // While the line is up the right comes over.
    assert_eq!(claim(1, "4", &members[1], &codes[1]).0, 201);
    town.audit();
    town.stores.iter().chain([&town.hub]).for_each(|process| {
        let database = fs::read(process.dir().join("purser.db")).unwrap();
        let code = codes[1].as_str().unwrap().as_bytes();
        assert!(!database.windows(code.len()).any(|at| at == code), "a code lies in a database");
    });
}
