// Debian's Chromium, driven by Playwright.
import { chromium } from "playwright-core";

export const sizes = { desktop: { width: 1024, height: 768 }, tablet: { width: 820, height: 1180 } };

export const launch = () =>
  chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
      "--disable-component-update", "--disable-sync"],
  });

// Somebody at a screen who has signed in; what the browser complains of ends up in `complaints`.
export async function signIn(browser, of, account, { language = "zh", size = sizes.desktop, scheme = "light", scripts = true } = {}) {
  const locale = language === "zh" ? "zh-CN" : "en-GB";
  const context = await browser.newContext({ viewport: size, colorScheme: scheme, locale, javaScriptEnabled: scripts });
  context.setDefaultTimeout(8_000);
  const page = await context.newPage();
  page.complaints = [];
  page.on("console", (message) => { if (message.type() === "error") page.complaints.push(message.text()); });
  page.on("pageerror", (error) => page.complaints.push(error.message));
  await page.goto(`${of.url}/sign-in`);
  await page.fill("[name=name]", account.name);
  await page.fill("[name=password]", account.password);
  await page.click("form.sign-in button");
  await page.waitForURL((url) => !url.pathname.startsWith("/sign-in"));
  return page;
}
