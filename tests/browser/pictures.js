// Draws the pictures of docs/pictures that show the status page, into the folder that is named: sixty instances of a shop with
// about six hundred tasks, some of which are in trouble, seen on a laptop and on a phone.
import { join } from "node:path";
import { Browser, task, updated } from "./pages.js";
import { Site, waitFor } from "./replmond.js";

const folder = process.argv[2];
const LAPTOP = { width: 1440, height: 900 };
const PHONE = { width: 390, height: 844 };
const AREAS = ["orders", "payments", "stock", "users", "billing", "carts", "search", "reviews", "returns", "invoices"];
const TABLES = ["items", "events", "history", "daily", "archive", "prices", "refunds", "notes", "audit", "totals"];
const DDL = "table events.clicks: unsupported DDL: ALTER TABLE … PARTITION BY";
const BINLOG = "the binlog of the source has been removed; start the synchronization again";
const UNREADABLE = 13; // this instance has few tasks, so that the outdated ones leave room for others
const hex = (n) => n.toString(16).padStart(32, "0") + "in17";

function step(n) {
  if (n === 31) return { stage: "incremental", status: "No", percentage: 100, error_msg: DDL };
  if (n === 247) return { stage: "full", status: "No", percentage: 42.5, error_msg: BINLOG };
  if (n === 318) return { stage: "incremental", percentage: 100, need_repair: true };
  if (n % 97 === 50) return { stage: "full", percentage: 12.5 + n % 80 };
  if (n === 402) return { stage: "paused", percentage: 100 };
  return { stage: "incremental", percentage: 100 };
}

function shop() {
  return Array.from({ length: 60 }, (_, i) => ({
    name: `${AREAS[i % 10]}-${String(Math.floor(i / 10) + 1).padStart(2, "0")}`, id: hex(4096 + i),
    tasks: TABLES.slice(0, i === UNREADABLE ? 3 : 10).map((table, t) => task(`${AREAS[i % 10]}_${table}`, step(i * 10 + t))) }));
}

const site = await Site.start(shop(), { flags: ["--web.grafana-url=https://grafana.example.com/"] });
const browser = await Browser.start();

async function draw(name, path, viewport, ready) {
  const page = await browser.open(site.url + path, { viewport, colorScheme: "light" });
  await ready(page);
  await page.screenshot({ path: join(folder, name) });
  if (browser.noise.length > 0) throw new Error(`${name}: ${browser.noise.join("\n")}`);
}

try {
  await site.untilTasks("status=no", 2);
  await waitFor(async () => (await (await fetch(site.url + "/")).text()).includes("unsupported DDL"), "the reasons");
  await site.control("faults", { instance: hex(4096 + UNREADABLE), status: 503 });
  await site.untilSummary((sum) => sum.failing === 1, "an instance that cannot be read");
  await draw("page.png", "/", LAPTOP, updated);
  await draw("page-phone.png", "/", PHONE, updated);
  await draw("page-task.png", "/task?starrocks_instance=users-01&task=users_events", LAPTOP, updated);
} finally {
  await browser.stop();
  await site.stop();
}
