// First paint of the counter and how long finding takes, at a store that runs: node speed.mjs URL NAME PASSWORD
import { launch, signIn } from "./browser.mjs";

const [url, name, password] = process.argv.slice(2);
const browser = await launch();
const page = await signIn(browser, { url }, { name, password }, { language: "zh" });
const median = (figures) => figures.sort((a, b) => a - b)[Math.floor(figures.length / 2)];
const worst = (figures) => Math.max(...figures);
const told = (what, figures) => console.log(`${what}: median ${median(figures).toFixed(0)} ms, worst ${worst(figures).toFixed(0)} ms of ${figures.length}`);

// In the page: when something was painted first; it may come after the page has loaded.
const painted = () => new Promise((resolve) => {
  const tell = (list) => {
    const entry = list.getEntriesByName("first-contentful-paint")[0];
    if (entry) resolve(entry.startTime);
  };
  new PerformanceObserver(tell).observe({ type: "paint", buffered: true });
});

const paints = [];
for (let turn = 0; turn < 20; turn++) {
  await page.goto(`${url}/counter`);
  await page.waitForLoadState("load");
  paints.push(await page.evaluate(painted));
}
told("first paint of the counter", paints);

for (const [what, texts] of [
  ["found by four digits", ["0042", "1234", "8888", "5071", "3310"]],
  ["found by a name", ["王伟", "李娜", "张", "陈静", "刘"]],
  ["found by initials", ["ww", "ln", "zq", "cj", "lx"]],
  ["found by a phone number", ["13800138000", "13900000001", "15012345678"]],
]) {
  const times = [];
  for (const text of [...texts, ...texts, ...texts]) {
    await page.fill("#find", text);
    const answered = page.waitForResponse((response) => response.url().endsWith("/counter"));
    const began = performance.now();
    await page.press("#find", "Enter");
    await answered;
    await page.waitForFunction(() => !document.querySelector("main[aria-busy]"));
    times.push(performance.now() - began);
  }
  told(what, times);
}
await browser.close();
