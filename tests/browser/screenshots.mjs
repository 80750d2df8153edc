// Screenshots of every page with as much in it as a shop has: node screenshots.mjs FOLDER [all]
// Without `all` only those of the README.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { launch, signIn, sizes } from "./browser.mjs";
import { openCity, post } from "./city.mjs";

const [folder, all] = process.argv.slice(2);
mkdirSync(folder, { recursive: true });
const city = await openCity({ past: { members: 2000, sales: 24000 } });
const browser = await launch();
const [store, other] = city.stores;

const shot = (page, name, fullPage = true) => page.screenshot({ path: join(folder, `${name}.png`), fullPage });

async function counter(page, tag) {
  await page.keyboard.press("F2");
  await page.keyboard.type("王");
  await page.keyboard.press("Enter");
  await page.waitForSelector(".found button");
  if (all) await shot(page, `${tag}-counter-found`);
  await page.click(".found button");
  await page.waitForSelector("#member");
  for (const [name, price, quantity, category] of [["龙井茶位", "68", "2", "seat"], ["明前龙井 100g", "380", "", "tea"], ["绿豆糕", "28", "", "snack"]]) {
    await page.keyboard.press("F3");
    await page.keyboard.type(name);
    await page.selectOption("[name=new_category]", category);
    await page.fill("[name=new_quantity]", quantity);
    await page.fill("[name=new_price]", price);
    await page.press("[name=new_price]", "Enter");
    await page.waitForSelector(`td:has-text("${name}")`);
  }
  // As it stands in its window: what pays is always in sight.
  await shot(page, `${tag}-counter`, false);
}

async function visit(page, of, paths, tag) {
  for (const path of paths) {
    await page.goto(of.url + path);
    await shot(page, `${tag}${path.split("?")[0].replaceAll("/", "-")}`);
  }
}

const views = all
  ? [["zh", "desktop", "light"], ["en", "desktop", "dark"], ["zh", "tablet", "light"], ["en", "tablet", "light"]]
  : [["en", "desktop", "light"], ["zh", "desktop", "light"]];
for (const [language, size, scheme] of views) {
  const tag = all ? `${language}-${size}-${scheme}` : language;
  const dress = { language, size: sizes[size], scheme };
  const manager = await signIn(browser, store, city.staff.manager, dress);
  if (all || language === "en") await counter(manager, tag);
  const member = all && (await manager.locator("[name=member]").first().inputValue());
  if (all) {
    await visit(manager, store, [`/counter/deal?member=${member}`, "/counter/register", `/counter/return?member=${member}`], tag);
    await manager.click(".found a");
    await manager.waitForSelector("input.pieces, [name=gross]");
    await shot(manager, `${tag}-counter-return-sale`);
    await manager.goto(`${store.url}/office/audit`);
    const receipt = await manager.locator('a[href^="/counter/receipt"]').first().getAttribute("href");
    await visit(manager, store, [receipt], tag);
  }
  const more = [
    "/office", "/office/staff", `/office/member?member=${member}`, "/office/members", "/office/exceptions", "/office/sync", "/office/settings", "/office/audit"];
  await visit(manager, store, all ? more : language === "zh" ? ["/office"] : [], tag);
  const head = await signIn(browser, city.hub, city.staff.head, dress);
  await visit(head, city.hub, all ? ["/fleet", "/city", "/programmes", "/late", "/office/staff"] : language === "en" ? ["/city"] : [], `${tag}-hub`);
  if (all) {
    await head.goto(city.hub.url + "/fleet");
    await head.click("table.fleet a >> nth=1");
    await head.waitForSelector("form.danger");
    await shot(head, `${tag}-hub-store`);
  }
  for (const page of [manager, head]) {
    if (page.complaints.length) console.log(tag, page.complaints);
    await page.context().close();
  }
}
await browser.close();
await city.close();
