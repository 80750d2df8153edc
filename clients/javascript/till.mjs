#!/usr/bin/env node
// A till's day at a Purser store, in JavaScript for Node 20 or later without any library: what a point of sale has to
// do, and no more.
//
//     node till.mjs URL TOKEN_FILE [TILL]
//
// URL is the store's, such as http://127.0.0.1:8650; TOKEN_FILE is `api-token` in the store's folder.

import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

// The store answers within 2 s even if it has to ask others; what takes longer than this is lost.
const TIMEOUT_MS = 5_000;
const ATTEMPTS = 3;
// What the customer of the second basket wants to redeem at most: the programme of the sandbox takes full hundreds.
const WISH_POINTS = 1_000;

/** The store said no, and why (RFC 9457): branch on `code`, show people `title`. */
class Problem extends Error {
  constructor(body) {
    super(`${body.code}: ${body.detail}`);
    this.code = body.code;
    this.body = body;
  }
}

/** The API of a store. */
class Store {
  constructor(url, token) {
    this.url = url.replace(/\/$/, "");
    this.token = token;
  }

  /** Asks. */
  get(path, query) {
    return this.#send("GET", query ? `${path}?${new URLSearchParams(query)}` : path);
  }

  /** Asks what a basket costs: a POST that changes nothing, so it needs no key. */
  quote(basket) {
    return this.#send("POST", "/v1/quote", basket);
  }

  /** Has something carried out, once: however often it is sent, the key says that it is the same request. */
  change(path, body) {
    return this.#send("POST", path, body, randomUUID());
  }

  async #send(method, path, body, key) {
    const headers = { Authorization: `Bearer ${this.token}` };
    if (body) headers["Content-Type"] = "application/json";
    if (key) headers["Idempotency-Key"] = key;
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#answer(path, { method, headers, body: body && JSON.stringify(body) });
      } catch (failure) {
        // Nobody can say yet whether it was done, or the store was busy: ask again, with the same key.
        const again = !(failure instanceof Problem) || ["timed_out", "overloaded"].includes(failure.code);
        if (!again || attempt === ATTEMPTS) throw failure;
        console.log(`no answer (${failure.code ?? failure.name}): the same again, under the same key`);
      }
      await sleep(attempt * 1_000);
    }
  }

  async #answer(path, request) {
    const response = await fetch(this.url + path, { ...request, signal: AbortSignal.timeout(TIMEOUT_MS) });
    const body = await response.json();
    if (!response.ok) throw new Problem(body);
    if (response.headers.get("Idempotency-Replayed") === "true") {
      console.log("it had been done already: this is the answer that was lost");
    }
    return body;
  }
}

async function day(store, till) {
  const began = new Date().toISOString().replace(/\D/g, "").slice(0, 14);
  let receipts = 0;
  const nextReceipt = () => `${began}-${++receipts}`;

  // The customer says a phone number. Nobody there: register, with a card.
  const phone = "13800138000";
  const { members: [found] } = await store.get("/v1/members", { phone });
  let member = found?.member;
  if (member) {
    console.log(`found ${member}`);
  } else {
    const known = await store.change("/v1/members", { profile: { name: "王小明", phone }, card: true });
    member = known.member;
    console.log(`registered ${member} with card ${known.card}`);
  }

  // The basket: what it would cost, and why.
  const basket = {
    member,
    lines: [
      { article: "6901234567892", name: "龙井茶 50g", quantity: 2, unit_price: "128.00" },
      { article: "6909876543210", name: "茶杯", quantity: 1, unit_price: "44.00" },
    ],
  };
  const quote = await store.quote(basket);
  console.log(`to pay ${quote.paid}, brings ${quote.points_earned} points`);

  // Paid: close the sale. The receipt's number makes it unique even if the till forgets its key.
  const sale = await store.change("/v1/checkouts", { ...basket, till, check: nextReceipt() });
  console.log(`sold ${sale.sale} for ${sale.paid}, ${sale.points_earned} points`);

  // The next basket: the customer wants to pay with points. They may be there all right and yet not to be had at this
  // store now: then the answer says how many are.
  const wish = (points) => Math.max(0, Math.min(points - (points % 100), WISH_POINTS));
  const { points: before } = await store.get(`/v1/members/${member}/balances`);
  const next = { member, till, check: nextReceipt(), gross: "50.00" };
  const redeem = (points) => store.change("/v1/checkouts", { ...next, redeem_points: wish(points) });
  const second = await redeem(before.balance).catch((problem) => {
    if (problem.code !== "insufficient_rights_here") throw problem;
    const { here, balance, cause } = problem.body;
    console.log(`refused: ${here} of ${balance} points can be had here (${cause})`);
    return redeem(here);
  });
  console.log(`redeemed ${second.points_redeemed} points: ${second.paid} to pay`);

  // The cup comes back.
  const back = { sale: sale.sale, till, check: nextReceipt(), lines: [{ line: 2, pieces: 1 }] };
  const returned = await store.change("/v1/returns", back);
  console.log(`returned: ${returned.refund} to give back, ${returned.points_clawed_back} points taken back`);

  const { points } = await store.get(`/v1/members/${member}/balances`);
  console.log(`balance ${points.balance} points, ${points.spendable_here} of them here`);
}

const [url, tokenFile, till = "1"] = process.argv.slice(2);
if (!tokenFile) {
  console.error("node till.mjs URL TOKEN_FILE [TILL]");
  process.exit(2);
}
try {
  await day(new Store(url, readFileSync(tokenFile, "utf8").trim()), till);
} catch (failure) {
  console.error(failure instanceof Problem ? `refused: ${failure.message}` : failure);
  process.exit(1);
}
