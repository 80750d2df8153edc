// What a test file needs: a city of its own, a browser, people who sign in; and after each test no page may have complained.
import assert from "node:assert/strict";
import { after, afterEach, before } from "node:test";
import { launch, signIn } from "./browser.mjs";
import { openCity } from "./city.mjs";

export function scene(options) {
  const pages = [];
  const on = {
    // Signs somebody in; their page is watched to the end.
    async enter(of, account, dress) {
      const page = await signIn(on.browser, of, account, { language: "en", ...dress });
      pages.push(page);
      return page;
    },
  };
  before(async () => {
    on.city = await openCity(options);
    [on.store, on.other] = on.city.stores;
    on.browser = await launch();
  });
  afterEach(() => assert.deepEqual(pages.flatMap((page) => page.complaints.splice(0)), []));
  after(async () => {
    await on.browser?.close();
    await on.city?.close();
  });
  return on;
}

// Waits until a place on a page shows a text.
export const shows = (place, text) => place.filter({ hasText: text }).first().waitFor();

// Clicks what leads to a whole new page, and waits for it: whoever goes elsewhere at once takes the form back.
export const follow = (page, place) => Promise.all([page.waitForEvent("load"), page.click(place)]);

// Whether nothing on the page stands out at its side.
export const fitsItsWidth = (page) =>
  page.evaluate(() => document.documentElement.scrollWidth <= document.documentElement.clientWidth);
