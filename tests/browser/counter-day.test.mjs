// A day at the counter, by clicks: somebody becomes a member, buys, tops up, redeems, brings goods back.
import assert from "node:assert/strict";
import { test } from "node:test";
import { get } from "./city.mjs";
import { add, assertRefused, balances, checkOf, find, history, pay, points, receipt, register, serve, toPay } from "./counter.mjs";
import { scene, shows } from "./scene.mjs";

const on = scene();
const wang = { name: "王小明", phone: "13800138000" };
let page, member, card;

test("the cashier signs in and registers a member with a card", async () => {
  page = await on.enter(on.store, on.city.staff.cashier);
  await shows(page.locator("#strip"), "On line");
  member = await register(page, on.store, wang);
  assert.match(await page.locator("#member h1").innerText(), /王小明\s*Guest/);
  assert.match(await page.locator("#member").innerText(), /138\*\*\*\*8000/);
  card = (await get(on.city, on.store, `/members/${member}`)).cards[0].card;
  await register(page, on.store, { name: "Élodie King", phone: "13900139000" });
});

test("a member is found by card, phone, last four digits, name and initials", async () => {
  for (const text of [card, "13800138000", "138 0013 8000", "8000", "王小明", "王", "wxm"]) {
    await page.goto(`${on.store.url}/counter`);
    await find(page, text);
    await shows(page.locator("#member h1"), "王小明");
  }
  await page.goto(`${on.store.url}/counter`);
  await find(page, "élodie k");
  await shows(page.locator("#member h1"), "Élodie King");
  await find(page, "nobody at all");
  await shows(page.locator("#finder [role=status]"), "Nobody found.");
});

test("a basket is keyed in and scanned, priced with its reasons, and sold", async () => {
  await serve(page, on.store, "8000");
  await add(page, { name: "明前龙井", price: "400", category: "tea" });
  await add(page, { name: "绿豆糕", price: "28", quantity: "2", category: "snack" });
  await toPay(page, "376");
  await shows(page.locator(".reasons"), "New tea");
  await shows(page.locator("#sale"), "Earns 37 points");
  // A scanner types into nothing, and has no price: it is asked for, and what was scanned stays.
  await page.locator("#sale h2").click();
  await page.evaluate(() => document.activeElement.blur());
  await page.keyboard.type("6901234567892");
  await page.keyboard.press("Enter");
  await assertRefused(page, /price/);
  assert.equal(await page.inputValue("#new-name"), "6901234567892");
  assert.equal(await page.evaluate(() => document.activeElement.id), "new-price");
  await page.keyboard.type("324");
  await page.keyboard.press("Enter");
  await toPay(page, "700");
  await page.click("[aria-label='Remove line 2']");
  await toPay(page, "644");
  await add(page, { name: "茶具", price: "256", flag: "gift-box" });
  await toPay(page, "900");
  const text = await pay(page);
  assert.match(text, /900\.00/);
  assert.match(text, /明前龙井/);
  assert.equal(await points(on.city, on.store, member), 90);
  await page.getByText("Next customer").click();
  await page.waitForSelector("#find:focus");
});

test("the cashier chooses how many points are used, and what is shown is what is paid", async () => {
  await serve(page, on.store, card);
  await add(page, { name: "茶具", price: "100", flag: "gift-box" });
  await toPay(page, "100");
  await page.fill("[name=points]", "51");
  await page.click("#sale button[value=quote]");
  await assertRefused(page, /whole steps/);
  await page.fill("[name=points]", "");
  await page.press("[name=points]", "Enter");
  await page.locator("#sale .trouble").waitFor({ state: "detached" });
  await toPay(page, "100");
  await page.fill("[name=points]", "50");
  // Payment at once, before the new price was seen, is not taken.
  await page.click("[data-pay]");
  await assertRefused(page, /To pay is ¥75.00 now/);
  await toPay(page, "75");
  assert.equal(await page.inputValue("[name=points]"), "50");
  assert.equal(await points(on.city, on.store, member), 90);
  await pay(page);
  assert.equal(await points(on.city, on.store, member), 90 - 50 + 10);
});

test("stored value is topped up with its bonus, and pays", async () => {
  await serve(page, on.store, card);
  await page.click("[data-key=F4]");
  await page.waitForSelector("[name=amount]:focus");
  await page.fill("[name=amount]", "100");
  await page.click("button[value=top_up]");
  await shows(page.locator(".trouble"), "Less than is taken at once.");
  await page.fill("[name=amount]", "500");
  await page.click("button[value=top_up]");
  assert.match(await receipt(page), /500\.00/);
  await serve(page, on.store, card);
  await shows(page.locator("#member .figures"), "¥525");
  await add(page, { name: "茶具", price: "105", flag: "gift-box" });
  await page.fill("[name=stored_value]", "105");
  await page.press("[name=stored_value]", "Enter");
  await toPay(page, "0");
  await pay(page);
  await serve(page, on.store, card);
  await shows(page.locator("#member .figures"), "¥420");
});

test("a pass is sold and used", async () => {
  await serve(page, on.store, card);
  await page.click("[data-key=F4]");
  await page.click("button[value=pass]");
  assert.match(await receipt(page), /580\.00/);
  await serve(page, on.store, card);
  await shows(page.locator("#member .pieces"), "Ten seats");
  await add(page, { name: "茶位", price: "68", category: "seat" });
  await page.fill("[name=pass_pieces]", "1");
  await page.press("[name=pass_pieces]", "Enter");
  await toPay(page, "0");
  await pay(page);
  const { passes } = await balances(on.city, on.store, member);
  assert.equal(passes[0].balance, 9);
});

test("a reward is redeemed for points: a coupon, which is used", async () => {
  await serve(page, on.store, card);
  const before = await points(on.city, on.store, member);
  await page.click("[data-key=F4]");
  await page.check("[name=reward][value=tea-ticket]");
  await page.click("form:has([value=reward]) button");
  await receipt(page);
  assert.equal(await points(on.city, on.store, member), before - 40);
  await serve(page, on.store, card);
  await shows(page.locator("#member .pieces"), "Welcome coupon");
  await add(page, { name: "茶具", price: "100", flag: "gift-box" });
  await page.check("[name=coupon]");
  await toPay(page, "80");
  assert.match(await pay(page), /Welcome coupon|新客立减券/);
  assert.deepEqual((await balances(on.city, on.store, member)).coupons.filter((it) => it.balance > 0), []);
});

test("payment gives up a question for the price, whose answer would put the basket back over the receipt", async () => {
  await serve(page, on.store, card);
  await add(page, { name: "茶具", price: "100", flag: "gift-box" });
  // The answer to a question for the price never comes by itself; payment gives the question up.
  const isQuestion = (request) => new URLSearchParams(request.postData() ?? "").get("do") === "quote";
  await page.route("**/counter", (route) => isQuestion(route.request()) ? undefined : route.continue());
  const givenUp = page.waitForEvent("requestfailed", isQuestion);
  await page.click("#sale button[value=quote]");
  await page.keyboard.press("F9");
  await givenUp;
  await receipt(page);
  assert.equal(await page.locator("#basket").count(), 0);
  await page.unroute("**/counter");
});

test("goods come back by the receipt, and points with them", async () => {
  await serve(page, on.store, card);
  await add(page, { name: "盖碗", price: "100", quantity: "3", flag: "gift-box" });
  await pay(page);
  const check = checkOf(page);
  const before = await points(on.city, on.store, member);
  await page.keyboard.press("F8");
  await page.fill("[name=check]", check);
  await page.press("[name=check]", "Enter");
  await shows(page.locator("main"), "goods of ¥300.00 can still come back");
  await page.fill("input.pieces", "1");
  // What comes back is shown first.
  await page.click("form:has(input.pieces) button");
  await shows(page.locator(".refund"), "¥100.00");
  await page.click("form:has(input.pieces) button");
  assert.match(await receipt(page), /100\.00/);
  assert.equal(await points(on.city, on.store, member), before - 10);
  await page.goto(`${on.store.url}/counter/return?till=counter&check=${check}`);
  await shows(page.locator("main"), "goods of ¥200.00 can still come back");
});

test("the button hit twice sells once, and so does a form that is sent twice", async () => {
  await serve(page, on.store, card);
  const sales = async () => (await history(on.city, on.store, member)).filter((kind) => kind === "sale").length;
  const [before, had] = [await sales(), await points(on.city, on.store, member)];
  await add(page, { name: "茶具", price: "100", flag: "gift-box" });
  await page.dblclick("[data-pay]");
  await receipt(page);
  assert.deepEqual([await sales(), await points(on.city, on.store, member)], [before + 1, had + 10]);

  await serve(page, on.store, card);
  await add(page, { name: "茶具", price: "100", flag: "gift-box" });
  const form = await page.$eval("#basket", (form) => new URLSearchParams(new FormData(form)).toString());
  const send = () => page.request.post(`${on.store.url}/counter`, {
    headers: { "content-type": "application/x-www-form-urlencoded" }, data: `${form}&do=pay`, maxRedirects: 0 });
  const answers = await Promise.all([send(), send(), send()]);
  const [first] = answers.map((answer) => answer.headers().location);
  for (const answer of answers) assert.deepEqual([answer.status(), answer.headers().location], [303, first]);
  assert.deepEqual([await sales(), await points(on.city, on.store, member)], [before + 2, had + 20]);
});

test("the manager sees in the audit trail who did what", async () => {
  const manager = await on.enter(on.store, on.city.staff.manager);
  await manager.click("nav >> text=Audit trail");
  const rows = (await manager.locator("tbody tr").allInnerTexts()).filter((row) => /\bli\b/.test(row)).join("\n");
  for (const act of ["signed in", "registered a member", "closed a sale", "topped up", "sold a pass", "handed out a reward", "took goods back"]) {
    assert.match(rows, new RegExp(act));
  }
  await manager.click("nav >> text=Exceptions");
  await shows(manager.locator("tbody tr"), "Goods back");
});
