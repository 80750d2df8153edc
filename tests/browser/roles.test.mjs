// Who may see and do what: a cashier, a manager, an auditor; an account from its first day to its last.
import assert from "node:assert/strict";
import { test } from "node:test";
import { get, post } from "./city.mjs";
import { scene, shows } from "./scene.mjs";

const on = scene();
const status = async (page, url) => (await page.request.get(url)).status();

// Sends a form as the page would, with the key of the session.
async function send(page, url, fields) {
  const form_key = await page.locator("[name=form_key]").first().inputValue();
  return (await page.request.post(url, { form: { form_key, ...fields }, maxRedirects: 0 })).status();
}

test("a cashier sees no office page, and nothing of a member that is nobody's business", async () => {
  const profile = { name: "陶渊明", phone: "13100131000", id_number: "110101199003078515", address: "柴桑五柳路五号", ailments: "足疾" };
  const { body } = await post(on.city, on.store, "/members", { profile });
  const page = await on.enter(on.store, on.city.staff.cashier);
  const links = await page.locator("nav a").allInnerTexts();
  assert.deepEqual(links, ["Counter", "New member", "Returns", "Receipts", "Members"]);
  for (const path of ["", "/exceptions", "/staff", "/sync", "/settings", "/audit"]) {
    assert.equal(await status(page, `${on.store.url}/office${path}`), 403, path);
  }
  const url = `${on.store.url}/office/member`;
  await page.goto(`${url}?member=${body.member}`);
  assert.equal(await page.inputValue("[name=phone]"), "13100131000");
  for (const secret of ["110101199003078515", "柴桑五柳路五号", "足疾"]) assert.ok(!(await page.content()).includes(secret), secret);
  // Nor changes it by a form that was made up.
  await send(page, url, { member: body.member, key: "made-up", do: "save", address: "elsewhere" });
  assert.equal((await get(on.city, on.store, `/members/${body.member}`)).profile.address, profile.address);
  const manager = await on.enter(on.store, on.city.staff.manager);
  await manager.goto(`${url}?member=${body.member}`);
  assert.equal(await manager.inputValue("[name=address]"), profile.address);
});

test("an auditor sees the hub's pages and changes nothing", async () => {
  const page = await on.enter(on.city.hub, on.city.staff.auditor);
  for (const path of ["/fleet", "/city", "/programmes", "/late", "/office/staff", "/office/audit"]) {
    await page.goto(on.city.hub.url + path);
    await page.waitForSelector("main .card");
    assert.equal(await page.locator("main form[method=post]").count(), 0, path);
  }
  await page.goto(`${on.city.hub.url}/fleet`);
  await page.locator("table.fleet a").nth(1).click();
  await page.waitForSelector(".sums");
  assert.equal(await page.locator("main form[method=post]").count(), 0);
  const replica = new URL(page.url()).searchParams.get("replica");
  for (const [path, fields] of [
    ["/fleet/store", { replica, do: "fence", reason: "because", sure: "on" }],
    ["/programmes", { do: "publish", text: "", sure: "on" }],
    ["/late", { do: "accept" }],
    ["/office/staff", { do: "create", name: "mine", person: "Mine", role: "head_office" }],
  ]) assert.equal(await send(page, on.city.hub.url + path, fields), 403, path);
  // The account is good at a store as well: to look, not to serve.
  const at_store = await on.enter(on.store, on.city.staff.auditor);
  assert.equal(new URL(at_store.url()).pathname, "/office");
  assert.equal(await status(at_store, `${on.store.url}/counter`), 403);
});

test("a form without the session's own key does nothing", async () => {
  const page = await on.enter(on.store, on.city.staff.manager);
  const fields = { form_key: "another", do: "create", name: "mallory", person: "Mallory", role: "manager" };
  assert.equal(await send(page, `${on.store.url}/office/staff`, fields), 403);
  const { accounts } = await get(on.city, on.store, "/staff");
  assert.ok(!accounts.some((account) => account.name === "mallory"));
});

test("a manager makes an account whose password works, and closes it: whoever is in is thrown out", async () => {
  const manager = await on.enter(on.store, on.city.staff.manager);
  await manager.click("nav >> text=Staff");
  const form = manager.locator("form.card");
  await form.locator("[name=name]").fill("han");
  await form.locator("[name=person]").fill("韩梅梅");
  await form.getByRole("button", { name: "Make" }).click();
  const password = await manager.locator(".told strong").innerText();
  assert.ok(password.length >= 10);
  await manager.click("nav >> text=Staff");
  assert.ok(!(await manager.content()).includes(password));

  const page = await on.enter(on.store, { name: "han", password });
  await shows(page.locator(".who"), "韩梅梅");
  await page.goto(`${on.store.url}/counter`);
  await manager.locator("tr", { hasText: "韩梅梅" }).getByRole("button", { name: "Close" }).click();
  await shows(manager.locator("tr", { hasText: "韩梅梅" }), "closed");
  await page.click("nav >> text=Members");
  await page.waitForURL(/\/sign-in\?why=ended$/);
  await shows(page.locator("main"), "Your session has ended");
  await page.fill("[name=name]", "han");
  await page.fill("[name=password]", password);
  const [answer] = await Promise.all([
    page.waitForResponse((response) => response.request().method() === "POST"),
    page.click("form.sign-in button"),
  ]);
  assert.equal(answer.status(), 401);
  await shows(page.locator(".trouble"), "The name or the password is wrong.");
  // A browser logs every answer of that kind.
  assert.match(page.complaints.splice(0).join(), /401/);
});
