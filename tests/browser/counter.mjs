// What a cashier does at the counter, by clicks and keys.
import assert from "node:assert/strict";
import { get } from "./city.mjs";

// Finds somebody by what is at hand.
export async function find(page, text) {
  await page.fill("#find", text);
  await page.click("#finder button[value=find]");
}

// Registers somebody in the short form, and says who it is.
export async function register(page, of, fields) {
  await page.goto(`${of.url}/counter/register`);
  for (const [name, value] of Object.entries(fields)) await page.fill(`[name=${name}]`, value);
  await page.click("main button[type=submit]");
  await page.waitForSelector("#member");
  return new URL(page.url()).searchParams.get("member");
}

// Keys in a line of the basket.
export async function add(page, { name, price, quantity = "", category = "", flag = "" }) {
  await page.fill("[name=new_name]", name);
  await page.selectOption("[name=new_category]", category);
  await page.selectOption("[name=new_flag]", flag);
  await page.fill("[name=new_quantity]", quantity);
  await page.fill("[name=new_price]", price);
  const lines = await page.locator("#sale tbody tr").count();
  await page.click("#sale button[value=add]:not(.hidden)");
  await page.locator("#sale tbody tr").nth(lines).waitFor();
}

// Waits for a sum to pay.
export const toPay = (page, sum) => page.locator(".total dd", { hasText: new RegExp(`^¥${sum}\\.00$`) }).waitFor();

// Takes payment, and gives the receipt's text.
export async function pay(page) {
  await page.click("[data-pay]");
  return receipt(page);
}

export async function receipt(page) {
  await page.waitForURL(/\/counter\/receipt\?/);
  return page.locator("pre.receipt").innerText();
}

export const checkOf = (page) => new URL(page.url()).searchParams.get("check");

// Chooses a member at the counter by phone.
export async function serve(page, of, phone) {
  await page.goto(`${of.url}/counter`);
  await find(page, phone);
  await page.waitForSelector("#member");
}

export const balances = (city, of, member) => get(city, of, `/members/${member}/balances`);

export async function points(city, of, member) {
  return (await balances(city, of, member)).points.balance;
}

// The kinds of all that has happened with a member, the latest first.
export async function history(city, of, member) {
  const { entries } = await get(city, of, `/members/${member}/history`);
  return entries.map((entry) => entry.kind);
}

export async function assertRefused(page, words) {
  await page.locator("#sale .trouble").waitFor();
  assert.match(await page.locator("#sale .trouble").innerText(), words);
}
