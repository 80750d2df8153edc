// Every page by axe: WCAG 2 to AA, in both languages, light and dark, at a desk and on a tablet.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { test } from "node:test";
import { sizes } from "./browser.mjs";
import { get, post, programme } from "./city.mjs";
import { add, find, pay } from "./counter.mjs";
import { follow, scene } from "./scene.mjs";

const on = scene({ past: { members: 30, sales: 120 } });
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const STANDARDS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];

// In the page: what is wrong, in words, and how many rules are kept.
async function look(standards) {
  const { violations, passes } = await window.axe.run({ runOnly: standards, resultTypes: ["violations"] });
  const inWords = ({ id, nodes }) => `${id}: ${nodes.map(({ target, any }) => `${target} ${any[0]?.message ?? ""}`).join("; ")}`;
  return { found: violations.map(inWords), passed: passes.length };
}

// Looks at a page in every dress.
async function assertSound(page, what) {
  await page.evaluate(axe);
  for (const colorScheme of ["light", "dark"]) {
    await page.emulateMedia({ colorScheme });
    for (const [size, viewport] of Object.entries(sizes)) {
      await page.setViewportSize(viewport);
      const { found, passed } = await page.evaluate(look, STANDARDS);
      assert.deepEqual(found, [], `${what}, ${colorScheme}, ${size}`);
      assert.ok(passed > 5, what);
    }
  }
}

test("two members begin with the same letter", async () => {
  for (const [name, phone] of [["王维", "13811110001"], ["王勃", "13811110002"]]) {
    const { status } = await post(on.city, on.store, "/members", { profile: { name, phone }, card: true });
    assert.equal(status, 201);
  }
});

for (const language of ["zh", "en"]) {
  test(`the counter is sound (${language})`, async () => {
    const page = await on.enter(on.store, on.city.staff.cashier, { language });
    const sound = (what) => assertSound(page, `${language} ${what}`);
    await sound("counter");
    await find(page, "王");
    await page.locator(".found button").first().waitFor();
    await sound("members found");
    await page.locator(".found button").first().click();
    await page.waitForSelector("#member");
    await add(page, { name: "明前龙井", price: "380", category: "tea" });
    await add(page, { name: "绿豆糕", price: "28", quantity: "2", category: "snack" });
    await sound("basket");
    await page.fill("[name=new_price]", "much");
    await page.press("[name=new_price]", "Enter");
    await page.waitForSelector("#sale .trouble");
    await sound("trouble");
    const member = await page.locator("[name=member]").first().inputValue();
    await page.fill("[name=new_price]", ""); // what stands there is meant to be bought
    await pay(page);
    await sound("receipt");
    for (const path of ["register", `deal?member=${member}`, "return", `return?member=${member}`]) {
      await page.goto(`${on.store.url}/counter/${path}`);
      await sound(path);
    }
    await follow(page, ".found a");
    await sound("goods back");
  });

  test(`the back office is sound (${language})`, async () => {
    const page = await on.enter(on.store, on.city.staff.manager, { language });
    await find(page, "王");
    await page.locator(".found button").first().click();
    const member = await page.locator("[name=member]").first().inputValue();
    for (const path of ["", "/members", `/member?member=${member}`, "/exceptions", "/staff", "/sync", "/settings", "/audit"]) {
      await page.goto(`${on.store.url}/office${path}`);
      await assertSound(page, `${language} office${path}`);
    }
  });

  test(`the hub's pages are sound (${language})`, async () => {
    const page = await on.enter(on.city.hub, on.city.staff.head, { language });
    for (const path of ["/fleet", "/city", "/late", "/office/staff", "/office/audit", "/programmes"]) {
      await page.goto(on.city.hub.url + path);
      await assertSound(page, language + path);
    }
    const text = readFileSync(programme, "utf8").replace("version = 1", "version = 2");
    await page.fill("[name=text]", text.replace('ratio = "0.8"', 'ratio = "much"'));
    await follow(page, "button[value=check]");
    await page.waitForSelector(".mistakes");
    await assertSound(page, `${language} programme with a mistake`);
    await page.fill("[name=text]", text);
    await follow(page, "button[value=check]");
    await page.waitForSelector(".told");
    await assertSound(page, `${language} programme checked`);
    await follow(page, "button[value=try]");
    await page.click("#trial summary");
    await assertSound(page, `${language} programme tried`);
    await page.goto(`${on.city.hub.url}/fleet`);
    await follow(page, "table.fleet tr:has-text('West Lake') a");
    await assertSound(page, `${language} store`);
  });

  test(`the pages without anybody signed in are sound (${language})`, async () => {
    const page = await on.enter(on.store, on.city.staff.cashier, { language });
    const { members: [{ member }] } = await get(on.city, on.city.hub, "/members?phone=13811110001");
    const { path } = await get(on.city, on.city.hub, `/members/${member}/page`);
    await page.goto(on.city.hub.url + path);
    await assertSound(page, `${language} member's own page`);
    await page.goto(`${on.store.url}/office/audit`);
    await page.waitForSelector("main.narrow .trouble");
    page.complaints.length = 0;
    await assertSound(page, `${language} refusal`);
    await page.goto(on.store.url);
    await follow(page, ".who button");
    await assertSound(page, `${language} sign in`);
  });
}
