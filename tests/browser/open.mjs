// Keeps the browser tests' city up, to try the pages by hand: node open.mjs [members sales]
import { openCity } from "./city.mjs";

const [members, sales] = process.argv.slice(2).map(Number);
const city = await openCity({ past: members ? { members, sales: sales || 0 } : undefined });
console.log(JSON.stringify({ hub: city.hub.url, stores: city.stores.map((store) => store.url), staff: city.staff }, null, 1));
process.on("SIGINT", async () => { await city.close(); process.exit(0); });
setInterval(() => {}, 1 << 30);
