//! A store is cut off, and its customers use their points all the same: carried there by phone, or
//! against an allowance.

use purser_demo::{Answer, Process};
use reqwest::{blocking::Client, redirect::Policy};
use serde_json::json;

use super::{
    till::Till,
    town::{Points, Town, alarms, await_off_line, await_on_line, eventually, points, register, status},
};

/// A member's phone, which is on line.
struct Phone {
    client: Client,
    url: String,
}

impl Phone {
    fn of(town: &Town, member: &str) -> Self {
        let api = town.hub.api().unwrap();
        let link = api.get(&format!("/v1/members/{member}/page")).unwrap();
        assert_eq!(link.status, 200, "{}", link.body);
        let client = Client::builder().no_proxy().redirect(Policy::none()).build().unwrap();
        Self { client, url: format!("{}{}", api.base_url(), link.body["path"].as_str().unwrap()) }
    }

    fn page(&self) -> String {
        self.client.get(&self.url).send().unwrap().text().unwrap()
    }

    /// Asks for a code for a store; what the QR code on the page says.
    fn carry(&self, store: u32, points: i64) -> String {
        let page = self.page();
        let form = page.split("name=\"form\" value=\"").nth(1).unwrap().split('"').next().unwrap();
        let request = self.client.post(format!("{}/carry", self.url));
        let request = request.header("Content-Type", "application/x-www-form-urlencoded");
        let sent = request.body(format!("store={store}&points={points}&form={form}")).send().unwrap();
        assert_eq!(sent.status(), 303, "{}", sent.text().unwrap());
        let page = self.page();
        assert!(page.contains("<svg"), "{page}");
        page.split("<p class=\"mono\">").nth(1).unwrap().split('<').next().unwrap().to_owned()
    }
}

fn show(store: &Process, key: &str, voucher: &str) -> Answer {
    store.api().unwrap().post("/v1/vouchers", key, &json!({ "voucher": voucher })).unwrap()
}

#[test]
fn points_carried_by_phone_are_spent_at_a_store_that_is_cut_off() {
    let mut town = Town::found(2);
    let member = register(&town.stores[1], "李伟");
    Till::at(&town.stores[1], "1").sell(&member, 800);
    town.settle();
    town.lines[0].cut();
    await_off_line(&town.stores[0]);
    let mut till = Till::at(&town.stores[0], "1");
    assert_eq!(till.redeem(&member, 10, 500).code(), Some("insufficient_rights_here"));

    // The hub has none of the points: it fetches them from the other store first.
    let phone = Phone::of(&town, &member);
    let voucher = phone.carry(1, 500);
    assert_eq!(show(&town.stores[1], "elsewhere", &voucher).code(), Some("voucher_for_another_store"));
    let taken = show(&town.stores[0], "voucher", &voucher);
    assert_eq!((taken.status, &taken.body["points"]), (200, &json!(500)), "{}", taken.body);
    assert!(show(&town.stores[0], "voucher", &voucher).repeated);
    assert_eq!(show(&town.stores[0], "again", &voucher).code(), Some("voucher_used"));
    assert_eq!(points(&town.stores[0], &member), Points { balance: 800, here: 500 });
    let served = till.redeem(&member, 10, 500);
    assert_eq!((served.status, &served.body["points_advanced"]), (201, &json!(0)), "{}", served.body);
    // The power fails while the line is still down.
    town.stores[0].stop().unwrap();
    town.stores[0].start().unwrap();
    assert_eq!(show(&town.stores[0], "later", &voucher).code(), Some("voucher_used"));

    town.lines[0].heal();
    await_on_line(&town.stores[0]);
    town.settle();
    town.assert_balance(&member, 310);
    assert!(!phone.page().contains("<svg"), "it is used, and not shown any more");
    assert_eq!(show(&town.stores[0], "last", &voucher).code(), Some("voucher_used"));
    for process in town.processes() {
        assert_eq!(alarms(process), Vec::<String>::new(), "{}", process.name());
    }
    town.audit();
}

#[test]
fn an_allowance_serves_also_where_only_the_holder_of_the_rights_is_cut_off() {
    let town = Town::found(2);
    let member = register(&town.stores[1], "李伟");
    Till::at(&town.stores[1], "1").sell(&member, 800);
    let grant = json!({ "store": 1, "points": 400 });
    let granted = town.hub.api().unwrap().post("/v1/allowance", "grant", &grant).unwrap();
    assert_eq!(granted.status, 200, "{}", granted.body);
    let used = |points: i64| {
        status(&town.stores[0])["allowance"] == json!({ "available": 400 - points, "used": points })
    };
    eventually("the allowance has come", || used(0));
    town.settle();
    town.lines[1].cut();
    await_off_line(&town.stores[1]);
    let mut till = Till::at(&town.stores[0], "1");
    let served = till.redeem(&member, 3, 300);
    assert_eq!((served.status, &served.body["points_advanced"]), (201, &json!(300)), "{}", served.body);
    let refused = till.redeem(&member, 3, 300);
    assert_eq!(
        (refused.code(), &refused.body["cause"]),
        (Some("insufficient_rights_here"), &json!("holder_off_line"))
    );
    assert!(used(297));
    town.lines[1].heal();
    eventually("the holder has given the rights up", || used(0));
    town.settle();
    town.assert_balance(&member, 503);
    town.audit();
}

#[test]
fn an_allowance_is_lent_while_the_line_is_down_and_settled_when_it_is_back() {
    let town = Town::found(2);
    let [honest, twice] = ["李伟", "王芳"].map(|name| register(&town.stores[1], name));
    let mut other_till = Till::at(&town.stores[1], "1");
    for member in [&honest, &twice] {
        other_till.sell(member, 800);
    }
    let http = town.hub.api().unwrap().address().to_string();
    let said = town.hub.command("allowance", &["--store", "1", "--points", "1000", "--http", &http]).unwrap();
    assert!(said.contains("1000 points"), "{said}");
    let allowance = |available: i64, used: i64| {
        eventually("the allowance is as expected", || {
            status(&town.stores[0])["allowance"] == json!({ "available": available, "used": used })
        })
    };
    allowance(1_000, 0);
    town.settle();
    town.lines[0].cut();
    await_off_line(&town.stores[0]);
    let mut till = Till::at(&town.stores[0], "1");
    for member in [&honest, &twice] {
        let served = till.redeem(member, 5, 500);
        assert_eq!((served.status, &served.body["points_advanced"]), (201, &json!(500)), "{}", served.body);
    }
    let refused = till.redeem(&honest, 5, 100);
    assert_eq!(
        (refused.code(), &refused.body["advance"]),
        (Some("insufficient_rights_here"), &json!("used_up"))
    );
    // One of them is at the other store too, which cannot know.
    let served = Till::at(&town.stores[1], "2").redeem(&twice, 10, 800);
    assert_eq!(served.status, 201, "{}", served.body);

    town.lines[0].heal();
    await_on_line(&town.stores[0]);
    // Each of the three sales earned its points, which settle too.
    allowance(515, 485);
    town.settle();
    town.assert_balance(&honest, 305);
    town.assert_balance(&twice, -485);
    for process in town.processes() {
        assert_eq!(status(process)["points_unbacked"], 485, "{}", process.name());
    }
    Till::at(&town.stores[1], "3").sell(&twice, 600);
    allowance(1_000, 0);
    town.settle();
    town.assert_balance(&twice, 115);
    for process in town.processes() {
        assert_eq!(status(process)["points_unbacked"], 0, "{}", process.name());
    }
    town.audit();
}
