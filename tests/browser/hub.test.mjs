// Head office at the hub: the fleet as it stands, a new programme from its text to a till, the city's pictures, a store put out.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { get, post, programme, until } from "./city.mjs";
import { add, pay, serve, toPay } from "./counter.mjs";
import { scene, shows } from "./scene.mjs";

const on = scene();
const row = (page, name) => page.locator("table.fleet tr", { hasText: name });
let head, cashier;

test("the fleet shows by itself that a store has gone, and that it is back", async () => {
  head = await on.enter(on.city.hub, on.city.staff.head);
  await shows(head.locator(".lead"), "2 of 2 stores on line");
  await head.evaluate(() => { window.isSame = true; });
  await on.city.stop(on.other);
  await shows(row(head, "运河店"), "off line");
  await shows(row(head, "运河店"), "just now");
  await shows(row(head, "运河店").locator("td").nth(2), "unknown");
  await shows(head.locator(".lead"), "1 of 2 stores on line");
  await shows(row(head, "西湖店"), "on line");
  await on.city.start(on.other);
  await shows(head.locator(".lead"), "2 of 2 stores on line");
  assert.equal(await head.evaluate(() => window.isSame), true);
});

test("the fleet shows what each store runs, and its page what is wrong with it", async () => {
  const own = (await head.locator("table.fleet tbody tr").first().locator("td").nth(7).innerText()).trim();
  assert.match(own, /^\d+\.\d+\.\d+/);
  for (const name of ["西湖店", "运河店"]) await shows(row(head, name).locator("td").nth(7), own);
  await row(head, "西湖店").locator("a").first().click();
  await shows(head.locator("#alarms"), "No alarms.");
});

test("a programme with a mistake is refused with its line", async () => {
  await head.goto(`${on.city.hub.url}/programmes`);
  const text = readFileSync(programme, "utf8").replace('ratio = "0.8"', 'ratio = "much"');
  const line = text.split("\n").findIndex((it) => it.includes('"much"')) + 1;
  await head.fill("[name=text]", text);
  await head.click("button[value=check]");
  await shows(head.locator(".trouble"), "1 mistake:");
  await shows(head.locator(".mistakes li"), `line ${line}`);
  assert.equal(await head.inputValue("[name=text]").then((kept) => kept.includes('"much"')), true);
  assert.equal(await head.locator("button[value=publish]").count(), 0);
});

test("a right one is checked, tried on past sales and published", async () => {
  const { body } = await post(on.city, on.store, "/members", { profile: { name: "陆羽", phone: "13000130000" } });
  const lines = [{ name: "绿豆糕", category: "snack", quantity: 1, unit_price: "100" }];
  const sold = await post(on.city, on.store, "/checkouts", { member: body.member, till: "1", check: "past", lines });
  assert.equal(sold.status, 201, JSON.stringify(sold.body));
  await until(on.city, on.city.hub, `/members/${body.member}/balances`, (told) => told.points.balance === 10);
  const text = readFileSync(programme, "utf8").replace("version = 1", "version = 2") + `
[[discount]]
id = "snacks"
name = { zh = "点心七折", en = "Snack week" }
goods = { categories = ["snack"] }
gives = { by = "ratio", ratio = "0.7" }
group = "house"
`;
  await head.fill("[name=text]", text);
  await head.click("button[value=check]");
  await shows(head.locator(".told"), "No mistake found.");
  assert.equal(await head.locator("button[value=publish]").count(), 0, "it has not been tried");
  const { date } = sold.body;
  assert.equal(await head.inputValue("[name=until]"), date, "the days are those of the last month");
  await head.click("button[value=try]");
  await shows(head.locator("h2"), "1 sale priced anew");
  const form = await head.locator("textarea").boundingBox();
  assert.ok(form.y < 768, `the form is in sight: ${form.y}`);
  await shows(head.locator("#trial figure", { hasText: "Change of what members pay" }), "−¥30.00");
  await head.click("#trial summary");
  const cells = await head.locator("tr.sum td").allInnerTexts();
  assert.deepEqual(cells.slice(0, 3), ["¥100.00", "¥70.00", "−¥30.00"]);
  await head.click("button[value=publish]");
  await shows(head.locator(".trouble"), "Tick that you are sure first.");
  await head.check("[name=sure]");
  await head.click("button[value=publish]");
  await shows(head.locator(".told"), "Version 2 is published");
});

test("a store sells by it", async () => {
  await until(on.city, on.store, "/programmes", (told) => told.versions.some((it) => it.version === 2));
  cashier = await on.enter(on.store, on.city.staff.cashier);
  await serve(cashier, on.store, "0000");
  await add(cashier, { name: "绿豆糕", price: "200", category: "snack" });
  await toPay(cashier, "140");
  await shows(cashier.locator(".reasons"), "Snack week");
  await pay(cashier);
});

test("the city's pictures show the sales", async () => {
  await until(on.city, on.city.hub, "/members?phone=13000130000", (told) => told.members.length === 1);
  const { members: [{ member }] } = await get(on.city, on.city.hub, "/members?phone=13000130000");
  await until(on.city, on.city.hub, `/members/${member}/balances`, (told) => told.points.balance === 24);
  await head.goto(`${on.city.hub.url}/city`);
  const by_store = head.locator("figure", { hasText: "Takings of the month by store" });
  await shows(by_store, "西湖店");
  await shows(by_store, "240");
});

test("a store is put out only by who is sure, and knows it at once", async () => {
  await head.goto(`${on.city.hub.url}/fleet`);
  await row(head, "西湖店").locator("a").click();
  await head.fill("[name=reason]", "stolen");
  await head.click("button[value=fence]");
  assert.equal(await head.$eval("form.danger [name=sure]", (box) => box.validity.valueMissing), true);
  assert.ok(!(await head.locator("main h1").innerText()).includes("put out"));
  await head.check("form.danger [name=sure]");
  await head.click("button[value=fence]");
  await shows(head.locator("main h1"), "put out");
  await shows(head.locator(".trouble"), "stolen");
  await head.goto(`${on.city.hub.url}/fleet`);
  await shows(row(head, "西湖店"), "put out");
  await shows(cashier.locator("#strip"), "This store may not write any more");
});
