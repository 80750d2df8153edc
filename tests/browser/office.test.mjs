// How the back office looks: bars that compare, letters that can be read, nothing that stands out at the side.
import assert from "node:assert/strict";
import { test } from "node:test";
import { sizes } from "./browser.mjs";
import { post } from "./city.mjs";
import { fitsItsWidth, scene } from "./scene.mjs";

const on = scene({ past: { members: 40, sales: 400 } });
const phone = { width: 390, height: 844 };

test("lying bars have one length to be compared with, and letters of pictures can be read", async () => {
  const page = await on.enter(on.store, on.city.staff.manager, { size: sizes.desktop });
  await page.goto(`${on.store.url}/office`);
  const tracks = await page.$$eval(".lying svg", (all) => all.map((svg) => Math.round(svg.getBoundingClientRect().width)));
  assert.ok(tracks.length > 1 && new Set(tracks).size === 1, `${tracks}`);
  for (const size of [...Object.values(sizes), phone]) {
    await page.setViewportSize(size);
    const letters = await page.$$eval(".chart text", (all) =>
      all.map((text) => parseFloat(getComputedStyle(text).fontSize) * text.getScreenCTM().a));
    assert.ok(letters.length > 20 && Math.min(...letters) >= 10.9, `${size.width}: ${Math.min(...letters)}`);
    assert.ok(Math.max(...letters) < 22, `${size.width}: ${Math.max(...letters)}`);
  }
});

test("no page of the back office is wider than a phone, whatever the names", async () => {
  const name = "w".repeat(64);
  const made = await post(on.city, on.store, "/members", { profile: { name, phone: "13100131999" }, card: true });
  await post(on.city, on.store, "/members", { profile: { name: "x".repeat(64), phone: "13100131999" } });
  for (const language of ["en", "zh"]) {
    const page = await on.enter(on.store, on.city.staff.manager, { language });
    const paths = ["", "/members", `/member?member=${made.body.member}`, "/exceptions", "/staff", "/sync", "/settings", "/audit"];
    for (const path of paths) {
      await page.goto(`${on.store.url}/office${path}`);
      for (const size of [phone, ...Object.values(sizes)]) {
        await page.setViewportSize(size);
        assert.ok(await fitsItsWidth(page), `${language} ${path} at ${size.width}`);
      }
      // Nor does anything run out of its card.
      const out = await page.$$eval("main .card", (cards) => cards.filter((card) => card.scrollWidth > card.clientWidth + 1).map((card) => card.innerText.slice(0, 60)));
      assert.deepEqual(out, [], `${language} ${path}`);
    }
  }
});
