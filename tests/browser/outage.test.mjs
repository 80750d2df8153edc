// The hub is gone: the page says so by itself, the store goes on, and what it cannot do it refuses with the reason.
import assert from "node:assert/strict";
import { test } from "node:test";
import { post, until } from "./city.mjs";
import { add, assertRefused, balances, pay, points, receipt, serve, toPay } from "./counter.mjs";
import { scene, shows } from "./scene.mjs";

const on = scene();
let page, chinese, regular, stranger;

test("one member's points are here, another's at the other store", async () => {
  const become = async (of, profile) => {
    const { body } = await post(on.city, of, "/members", { profile });
    const sold = await post(on.city, of, "/checkouts", { member: body.member, till: "1", check: body.member, gross: "1000" });
    assert.equal(sold.status, 201, JSON.stringify(sold.body));
    return body.member;
  };
  regular = await become(on.store, { name: "杜甫", phone: "13500135000" });
  stranger = await become(on.other, { name: "白居易", phone: "13400134000" });
  await until(on.city, on.store, `/members/${stranger}/balances`, (told) => told.points.balance === 100);
  page = await on.enter(on.store, on.city.staff.cashier);
  chinese = await on.enter(on.store, on.city.staff.manager, { language: "zh" });
  await shows(page.locator("#strip"), "On line");
  await shows(chinese.locator("#strip"), "在线");
});

test("the strip says that the line is down, without a reload", async () => {
  for (const it of [page, chinese]) await it.evaluate(() => { window.isSame = true; });
  await on.city.stop(on.city.hub);
  await shows(page.locator("#strip"), "Off line: sales go on");
  await shows(chinese.locator("#strip"), "离线");
  for (const it of [page, chinese]) assert.equal(await it.evaluate(() => window.isSame), true);
});

test("sales go on, and what this store holds is redeemed", async () => {
  await serve(page, on.store, "5000");
  await add(page, { name: "盖碗", price: "100", flag: "gift-box" });
  await page.fill("[name=points]", "50");
  await page.press("[name=points]", "Enter");
  await toPay(page, "75");
  await pay(page);
  assert.equal(await points(on.city, on.store, regular), 100 - 50 + 10);
});

test("what it does not hold is refused with the reason, and the basket stays", async () => {
  const { points: known } = await balances(on.city, on.store, stranger);
  assert.deepEqual([known.balance, known.spendable_here], [100, 0]);
  for (const [it, reason] of [[page, /this store is off line/], [chinese, /本店离线/]]) {
    await serve(it, on.store, "4000");
    await add(it, { name: "盖碗", price: "100", flag: "gift-box" });
    await it.fill("[name=points]", "50");
    await it.press("[name=points]", "Enter");
    await toPay(it, "75");
    await it.click("[data-pay]");
    await assertRefused(it, reason);
    assert.match(await it.locator("#sale tbody").innerText(), /盖碗/);
    assert.equal(await it.inputValue("[name=points]"), "50");
  }
  // Without the points it is sold.
  await page.fill("[name=points]", "");
  await page.press("[name=points]", "Enter");
  await toPay(page, "100");
  await pay(page);
});

test("the hub comes back: the strip says so, and the points can be had", async () => {
  const strips = [[page, "On line"], [chinese, "在线"]];
  for (const [it] of strips) await it.evaluate(() => { window.isSame = true; });
  await on.city.start(on.city.hub);
  for (const [it, words] of strips) await shows(it.locator("#strip"), words);
  for (const [it] of strips) assert.equal(await it.evaluate(() => window.isSame), true);
  await chinese.click("[data-pay]");
  await receipt(chinese);
  assert.equal(await points(on.city, on.store, stranger), 100 + 10 - 50 + 10);
});
