// A counter without scripts, and one at twice the size: both sell.
import assert from "node:assert/strict";
import { test } from "node:test";
import { post } from "./city.mjs";
import { add, checkOf, pay, points, serve, toPay } from "./counter.mjs";
import { fitsItsWidth, follow, scene, shows } from "./scene.mjs";

const on = scene();
let member;

test("without scripts a sale with points and a return go through whole pages", async () => {
  const { body } = await post(on.city, on.store, "/members", { profile: { name: "辛弃疾", phone: "13800000001" } });
  member = body.member;
  const page = await on.enter(on.store, on.city.staff.cashier, { scripts: false });
  await serve(page, on.store, "0001");
  await add(page, { name: "紫砂壶", price: "600", flag: "gift-box" });
  await toPay(page, "600");
  await pay(page);
  assert.equal(await points(on.city, on.store, member), 60);
  await serve(page, on.store, "0001");
  await add(page, { name: "盖碗", price: "100", flag: "gift-box" });
  await page.fill("[name=points]", "50");
  // What is shown is what is paid: the price with the points comes first.
  await follow(page, "[data-pay]");
  await toPay(page, "75");
  assert.equal(await points(on.city, on.store, member), 60);
  await pay(page);
  assert.equal(await points(on.city, on.store, member), 60 - 50 + 10);
  await page.goto(`${on.store.url}/counter/return?till=counter&check=${checkOf(page)}`);
  await page.fill("input.pieces", "1");
  // What comes back is shown first.
  await follow(page, "form:has(input.pieces) button");
  await shows(page.locator(".refund"), "25");
  assert.equal(await points(on.city, on.store, member), 20);
  await follow(page, "form:has(input.pieces) button");
  assert.equal(await points(on.city, on.store, member), 60);
});

test("at twice the size nothing of the counter has to be scrolled sideways", async () => {
  for (const language of ["zh", "en"]) {
    const page = await on.enter(on.store, on.city.staff.manager, { language, size: { width: 512, height: 384 } });
    const fits = async (what) => assert.ok(await fitsItsWidth(page), `${language} ${what}`);
    await serve(page, on.store, "0001");
    await fits("member");
    await add(page, { name: "明前龙井特级礼盒装二百五十克", price: "12800.50", quantity: "99", category: "tea" });
    await add(page, { name: "6901234567892690123456789269012345678926901234567892", price: "1", flag: "gift-box" });
    await fits("basket");
    await pay(page);
    await fits("receipt");
    const check = checkOf(page);
    for (const path of [`return?till=counter&check=${check}`, `return?member=${member}`, `deal?member=${member}`, "register"]) {
      await page.goto(`${on.store.url}/counter/${path}`);
      await fits(path);
    }
  }
});
