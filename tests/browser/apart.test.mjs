// One member at two stores that cannot see each other: points are spent once, and what both wrote is settled by people.
import assert from "node:assert/strict";
import { test } from "node:test";
import { get, until } from "./city.mjs";
import { add, assertRefused, pay, register, serve, toPay } from "./counter.mjs";
import { follow, scene, shows } from "./scene.mjs";

const on = scene();
let here, there, member;

test("a member with 100 points is known at both stores", async () => {
  here = await on.enter(on.store, on.city.staff.manager);
  there = await on.enter(on.other, on.city.staff.otherManager);
  member = await register(here, on.store, { name: "苏轼", phone: "13300133000" });
  await add(here, { name: "紫砂壶", price: "1000", flag: "gift-box" });
  await pay(here);
  await until(on.city, on.other, `/members/${member}/balances`, (told) => told.points.balance === 100);
});

test("cut off, both offer the points, and one of the two redeems them", async () => {
  await on.city.stop(on.city.hub);
  for (const [page, store] of [[here, on.store], [there, on.other]]) {
    await shows(page.locator("#strip"), "Off line");
    await serve(page, store, "3000");
    await shows(page.locator("#member .figures"), "100");
    await add(page, { name: "盖碗", price: "200", flag: "gift-box" });
    await page.fill("[name=points]", "100");
    await page.press("[name=points]", "Enter");
    await toPay(page, "150");
  }
  await Promise.all([here, there].map((page) => page.click("[data-pay]")));
  await here.waitForURL(/receipt/);
  await assertRefused(there, /100 wanted of 100, none of it can be had here now \(this store is off line/);
  await there.fill("[name=points]", "");
  await there.press("[name=points]", "Enter");
  await toPay(there, "200");
  await pay(there);
});

test("healed, both stores tell the same balance, and nothing was spent twice", async () => {
  await on.city.start(on.city.hub);
  const sum = 100 - 100 + 20 + 20;
  for (const store of [on.store, on.other]) {
    await until(on.city, store, `/members/${member}/balances`, (told) => told.points.balance === sum);
    const { entries } = await get(on.city, store, `/members/${member}/history`);
    const sales = entries.filter((entry) => entry.kind === "sale").map((entry) => entry.change);
    assert.deepEqual(sales.sort((a, b) => a - b), [20 - 100, 20, 100]);
  }
  for (const [page, store] of [[here, on.store], [there, on.other]]) {
    await shows(page.locator("#strip"), "On line");
    await serve(page, store, "3000");
    await shows(page.locator("#member .figures"), String(sum));
  }
});

test("apart again, both stores change the same field, and one phone is registered at each", async () => {
  await on.city.stop(on.city.hub);
  for (const [page, store, name, notes] of [[here, on.store, "苏辙", "不吃糖"], [there, on.other, "蘇轍", "只喝绿茶"]]) {
    await shows(page.locator("#strip"), "Off line");
    await page.goto(`${store.url}/office/member?member=${member}`);
    await page.fill("[name=notes]", notes);
    await follow(page, "button[value=save]");
    assert.equal(await page.inputValue("[name=notes]"), notes);
    await register(page, store, { name, phone: "13200132000" });
  }
  await on.city.start(on.city.hub);
  for (const store of [on.store, on.other]) {
    await until(on.city, store, `/members/${member}`, (told) => told.conflicts.notes?.length === 2);
  }
});

test("the back office lists both, the manager settles the value, and both stores agree", async () => {
  await here.goto(`${on.store.url}/office/members`);
  await shows(here.locator("section:has-text('Values to settle')"), "苏轼");
  await here.click("section:has-text('Values to settle') .found a");
  await shows(here.locator("form.settle"), "Notes");
  await shows(here.locator("form.settle button"), "不吃糖");
  await here.click("form.settle button:has-text('只喝绿茶')");
  await here.locator("form.settle").waitFor({ state: "detached" });
  for (const store of [on.store, on.other]) {
    await until(on.city, store, `/members/${member}`, (told) => told.profile.notes === "只喝绿茶" && !told.conflicts.notes);
  }
  await there.goto(`${on.other.url}/office/members`);
  await shows(there.locator("section:has-text('Values to settle')"), "Nothing waits.");
});

test("two who were registered with one phone are listed as alike at both", async () => {
  for (const [page, store] of [[here, on.store], [there, on.other]]) {
    await until(on.city, store, "/members?phone=13200132000", (told) => told.members.length === 2);
    await page.goto(`${store.url}/office/members`);
    const alike = page.locator("section:has-text('same phone number')");
    await shows(alike, "132****2000");
    for (const name of ["苏辙", "蘇轍"]) await shows(alike.locator("a"), name);
    await alike.locator("a", { hasText: "苏辙" }).click();
    await shows(page.locator("section:has-text('same phone number') a"), "蘇轍");
  }
});
