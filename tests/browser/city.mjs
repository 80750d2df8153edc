// A city on loopback for the browser: a hub and two stores as real processes, a programme, accounts, a made-up past.
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { createSocket } from "node:dgram";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
export const programme = join(here, "programme.toml");
// One executable is every process of a city.
const purser = process.env.PURSER_DEMO ?? join(here, "../../target/debug/purser-demo");

// As behind a router: without the hub its neighbours do not reach a store, so stopping the hub sets the stores apart.
const UNREACHABLE = "127.0.0.1:9";

const freePort = () =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      const socket = createSocket("udp4");
      // The same number has to be free for both.
      socket.once("error", () => server.close(() => resolve(freePort())));
      socket.bind(port, "127.0.0.1", () => socket.close(() => server.close(() => resolve(port))));
    });
  });

export const run = (...args) =>
  execFileSync(purser, args, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] }).trim();

// What runs; it ends with this process at the latest.
const children = new Set();
process.once("exit", () => { for (const child of children) child.kill("SIGKILL"); });

// Starts a process of the city; resolves once it listens.
const start = (kind, dir) =>
  new Promise((resolve, reject) => {
    const child = spawn(purser, [kind, "run", "--dir", dir], { stdio: ["ignore", "pipe", "pipe"] });
    children.add(child);
    let said = "";
    child.stdout.on("data", (text) => {
      said += text;
      const listening = said.match(/listening http=(\S+)/);
      if (listening) resolve(child);
    });
    child.stderr.on("data", (text) => (said += text));
    child.once("exit", (code) => {
      children.delete(child);
      reject(new Error(`${kind} ended with ${code}: ${said}`));
    });
  });

const stop = (child) =>
  new Promise((resolve) => {
    if (!child || child.exitCode !== null) return resolve();
    child.once("exit", resolve);
    child.kill("SIGTERM");
  });

const passwordOf = (told) => told.split(/\s+/).at(1);

// Opens a city. `past` is what the first store has behind it: { members, sales, days }.
export async function openCity({ past } = {}) {
  const root = mkdtempSync(join(tmpdir(), "purser-city-"));
  const close = async () => {
    await Promise.all([...children].map(stop));
    rmSync(root, { recursive: true, force: true });
  };
  try {
    return { ...(await found(root, past)), close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function found(root, past) {
  const [hubLink, hubHttp] = [await freePort(), await freePort()];
  const hub = { kind: "hub", dir: join(root, "hub"), url: `http://127.0.0.1:${hubHttp}` };
  const zone = ["--time-zone", "Asia/Shanghai"];
  const listen = ["--listen", `127.0.0.1:${hubLink}`, "--http", `127.0.0.1:${hubHttp}`, "--advertise", `127.0.0.1:${hubLink}`];
  run("hub", "init", "--dir", hub.dir, "--chain", "清风茶馆 Breeze", "--city", "杭州 Hangzhou", ...zone, ...listen);
  hub.child = await start("hub", hub.dir);
  const stores = [];
  for (const [number, name] of [[12, "西湖店 West Lake"], [27, "运河店 Canal"]]) {
    const [link, http] = [await freePort(), await freePort()];
    const store = { kind: "node", number, dir: join(root, `store-${number}`), url: `http://127.0.0.1:${http}` };
    const code = run("hub", "invite", "--dir", hub.dir, "--store", String(number), "--name", name);
    const addresses = ["--listen", `127.0.0.1:${link}`, "--http", `127.0.0.1:${http}`, "--advertise", UNREACHABLE];
    run("node", "init", "--dir", store.dir, ...addresses);
    run("node", "join", "--dir", store.dir, code.match(/purser-join-\S+/)[0]);
    if (past && stores.length === 0) {
      const size = ["--members", past.members, "--sales", past.sales, "--days", past.days ?? 90].map(String);
      run("fill", "--dir", store.dir, "--programme", programme, ...size);
    }
    store.child = await start("node", store.dir);
    stores.push(store);
  }
  run("hub", "programme", "publish", programme, "--dir", hub.dir);
  const account = (of, kind, name, person, role) => {
    const told = run(kind, "staff", "set", "--dir", of.dir, "--name", name, "--person", person, "--role", role);
    return { name, person, password: passwordOf(told) };
  };
  const [first, second] = stores;
  const staff = {
    cashier: account(first, "node", "li", "李雷", "cashier"),
    manager: account(first, "node", "wu", "吴敏", "manager"),
    otherManager: account(second, "node", "qian", "钱进", "manager"),
    head: account(hub, "hub", "zhao", "赵敏", "head-office"),
    auditor: account(hub, "hub", "sun", "孙悦", "auditor"),
  };
  return {
    hub,
    stores,
    staff,
    token: (of) => readFileSync(join(of.dir, "api-token"), "utf8").trim(),
    stop: (of) => stop(of.child),
    start: async (of) => { of.child = await start(of.kind, of.dir); },
  };
}

// What the API of a store or hub tells.
export async function get(city, of, path) {
  const answer = await fetch(`${of.url}/v1${path}`, { headers: { authorization: `Bearer ${city.token(of)}` } });
  if (!answer.ok) throw new Error(`${path} at ${of.url}: ${answer.status} ${await answer.text()}`);
  return answer.json();
}

// The same, once it is as wanted: what comes from elsewhere takes its time.
export async function until(city, of, path, isWanted, within_ms = 15_000) {
  const end_ms = Date.now() + within_ms;
  for (;;) {
    const told = await get(city, of, path).catch((error) => ({ error: error.message }));
    if (!told.error && isWanted(told)) return told;
    if (Date.now() > end_ms) throw new Error(`${path} at ${of.url} stays ${JSON.stringify(told)}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

// A change over the API of a store or hub.
let keys = 0;
export async function post(city, of, path, body) {
  const headers = {
    authorization: `Bearer ${city.token(of)}`,
    "content-type": "application/json",
    "idempotency-key": `browser-${++keys}`,
  };
  const answer = await fetch(`${of.url}/v1${path}`, { method: "POST", headers, body: JSON.stringify(body) });
  return { status: answer.status, body: await answer.json() };
}
