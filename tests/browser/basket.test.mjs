// The basket outlives what happens to its page, and the page says when nobody tells it anything any more.
import assert from "node:assert/strict";
import { test } from "node:test";
import { post } from "./city.mjs";
import { add, find, pay, serve, toPay } from "./counter.mjs";
import { follow, scene, shows } from "./scene.mjs";

const on = scene();
let page;

const lines = () => page.locator("#sale tbody tr").count();

async function restored(count = 2) {
  await page.locator("#sale tbody tr").nth(count - 1).waitFor();
  assert.equal(await lines(), count);
}

test("a basket of two lines", async () => {
  await post(on.city, on.store, "/members", { profile: { name: "王维", phone: "13811110001" }, card: true });
  page = await on.enter(on.store, on.city.staff.cashier);
  await serve(page, on.store, "0001");
  await add(page, { name: "明前龙井", price: "380", category: "tea", flag: "gift-box" });
  await add(page, { name: "绿豆糕", price: "28", quantity: "2", category: "snack" });
  await toPay(page, "436");
});

test("it is there after a reload, in the other language, and after the pages that lead away", async () => {
  await page.reload();
  await restored();
  await page.click(".language");
  await restored();
  await shows(page.locator("#member"), "王维");
  await page.click(".language");
  await restored();
  await follow(page, "[data-key=F4]");
  await page.fill("[name=amount]", "500");
  await page.click("button[value=top_up]");
  await page.waitForURL(/receipt/);
  await page.getByText("Next customer").click();
  await restored();
  await shows(page.locator("#member .figures"), "¥525");
});

test("what stands typed and how it is paid stay too", async () => {
  await page.fill("[name=stored_value]", "100");
  await page.press("[name=stored_value]", "Enter");
  await toPay(page, "336");
  await page.fill("#new-name", "茉莉花茶");
  await page.reload();
  await restored();
  await toPay(page, "336");
  assert.equal(await page.inputValue("#new-name"), "茉莉花茶");
  await page.fill("#new-name", "");
});

test("somebody else is found for it", async () => {
  await post(on.city, on.store, "/members", { profile: { name: "王勃", phone: "13811110002" }, card: true });
  await page.goto(`${on.store.url}/counter`);
  await restored();
  await find(page, "0002");
  await shows(page.locator("#member"), "王勃");
  assert.equal(await lines(), 2);
  await find(page, "0001");
  await shows(page.locator("#member"), "王维");
});

test("where the store's machine is not reached nothing is lost, and the page says so", async () => {
  await page.context().setOffline(true);
  await shows(page.locator("#strip"), "No connection to this store's machine");
  await page.click("[data-pay]");
  await shows(page.locator("#sale .unreached"), "Nothing is lost");
  assert.equal(await lines(), 2);
  await page.context().setOffline(false);
  await shows(page.locator("#strip"), "On line");
  page.complaints.splice(0); // of what was not reached
});

test("after the store's machine was started anew somebody signs in, and goes on", async () => {
  await on.city.stop(on.store);
  await shows(page.locator("#strip"), "No connection to this store's machine");
  await on.city.start(on.store);
  await shows(page.locator("#strip"), "You are signed out.");
  page.complaints.splice(0);
  await page.locator("#strip a").click();
  await page.fill("[name=name]", on.city.staff.cashier.name);
  await page.fill("[name=password]", on.city.staff.cashier.password);
  await page.click("form.sign-in button");
  await restored();
  await shows(page.locator("#member"), "王维");
});

test("what is paid, emptied or left by signing out is gone", async () => {
  await pay(page);
  await page.getByText("Next customer").click();
  await page.waitForSelector("#find:focus");
  assert.equal(await lines(), 0);
  for (const leave of [() => page.click("button[value=clear]"), () => page.reload().then(() => restored(1)).then(() => page.click("button[value=clear]"))]) {
    await add(page, { name: "盖碗", price: "100", flag: "gift-box" });
    await leave();
    await page.locator("#sale tbody tr").first().waitFor({ state: "detached" });
    await page.reload();
    await page.waitForSelector("#basket");
    assert.equal(await lines(), 0);
  }
  await add(page, { name: "盖碗", price: "100", flag: "gift-box" });
  await follow(page, ".who button");
  assert.equal(await page.evaluate(() => sessionStorage.length), 0);
});
