// The whole sale without a mouse: after each step the focus is where the next one begins, and can be seen.
import assert from "node:assert/strict";
import { test } from "node:test";
import { points, receipt, register, toPay } from "./counter.mjs";
import { scene, shows } from "./scene.mjs";

const on = scene();
let page, member;

const press = async (...keys) => { for (const key of keys) await page.keyboard.press(key); };

// Waits until the focus is at a place, and sees to it that people see it too.
async function assertFocus(place) {
  await page.locator(`${place}:focus`).waitFor();
  const outline = await page.$eval(place, (it) => {
    const { outlineStyle, outlineWidth } = getComputedStyle(it);
    return { isKeyboards: it.matches(":focus-visible"), outlineStyle, width_px: parseFloat(outlineWidth) };
  });
  assert.deepEqual([outline.isKeyboards, outline.outlineStyle], [true, "solid"], place);
  assert.ok(outline.width_px >= 2, place);
}

async function tabTo(place) {
  for (let steps = 0; steps < 40; steps++) {
    if (await page.locator(`${place}:focus`).count()) return assertFocus(place);
    await press("Tab");
  }
  assert.fail(`no way to ${place} by Tab`);
}

test("somebody signs in by keyboard, and begins where members are found", async () => {
  page = await on.enter(on.store, on.city.staff.cashier);
  member = await register(page, on.store, { name: "李清照", phone: "13700137000" });
  await page.click("text=Sign out");
  await assertFocus("[name=name]");
  await page.keyboard.type("li");
  await press("Tab");
  await page.keyboard.type(on.city.staff.cashier.password);
  await press("Enter");
  await assertFocus("#find");
});

test("a member is found, articles are added, and the focus is where the next begins", async () => {
  await page.keyboard.type("lqz");
  await press("Enter");
  await shows(page.locator("#member h1"), "李清照");
  await assertFocus("#find");
  await press("F3");
  await assertFocus("#new-name");
  await page.keyboard.type("盖碗");
  await tabTo("[name=new_flag]");
  await page.keyboard.type("gift-box");
  await tabTo("[name=new_price]");
  await page.keyboard.type("600");
  await press("Enter");
  await toPay(page, "600");
  await assertFocus("#new-name");
  await press("F2");
  await assertFocus("#find");
  await press("F3");
  await assertFocus("#new-name");
});

test("F9 takes payment, and Enter goes on to the next customer", async () => {
  await press("F9");
  assert.match(await receipt(page), /600\.00/);
  await assertFocus("main a.button");
  await press("Enter");
  await assertFocus("#find");
  assert.equal(await points(on.city, on.store, member), 60);
});

test("one of several members is chosen", async () => {
  await register(page, on.store, { name: "李白", phone: "13600136000" });
  await press("F2");
  await page.keyboard.type("李");
  await press("Enter");
  await page.locator(".found button").nth(1).waitFor();
  await assertFocus("#find");
  await press("Tab", "Tab", "Tab");
  await assertFocus(".found li:nth-child(2) button");
  await press("Shift+Tab");
  await assertFocus(".found li:nth-child(1) button");
  const chosen = await page.locator(".found .name").first().innerText();
  await press("Enter");
  await shows(page.locator("#member h1"), chosen);
  await assertFocus("#new-name");
});

test("points are typed, priced by Enter, and paid by F9", async () => {
  await press("F2");
  await page.keyboard.type("7000");
  await press("Enter");
  await shows(page.locator("#member h1"), "李清照");
  await press("F3");
  await page.keyboard.type("绿豆糕");
  await tabTo("[name=new_price]");
  await page.keyboard.type("100");
  await press("Enter");
  await toPay(page, "100");
  await assertFocus("#new-name");
  await tabTo("[name=points]");
  await page.keyboard.type("50");
  await press("Enter");
  await toPay(page, "75");
  await assertFocus("[name=points]");
  assert.equal(await page.locator(".trouble").count(), 0);
  await press("F9");
  assert.match(await receipt(page), /75\.00/);
  assert.equal(await points(on.city, on.store, member), 60 - 50 + 10);
});

test("F4 leads to top-ups and rewards, F8 to returns, and back", async () => {
  await press("Enter");
  await assertFocus("#find");
  await page.keyboard.type("7000");
  await press("Enter");
  await shows(page.locator("#member h1"), "李清照");
  await press("F4");
  await assertFocus("[name=amount]");
  await page.keyboard.type("500");
  await press("Enter");
  await receipt(page);
  await assertFocus("main a.button");
  await press("F8");
  await assertFocus("[name=check]");
});
