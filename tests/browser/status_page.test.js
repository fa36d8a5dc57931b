// The status page in Chromium, served by the real binary about a simulated cloud.
import assert from "node:assert/strict";
import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { after, afterEach, before, test } from "node:test";
import { chromium } from "playwright-core";
import { Site, screenshots, waitFor } from "./replmond.js";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

const ORDERS = "0a1b2c3d4e5f60718293a4b5c6d7e8f9in17";
const BILLING = "1b2c3d4e5f60718293a4b5c6d7e8f90ain17";
const LARGE = "2c3d4e5f60718293a4b5c6d7e8f90a1bin17";
const HOSTILE = `"><img src=x onerror="window.broken=1"><script>window.broken=1</script>`;

const task = (name, step, more = {}) => ({
  name, source_database: name, target_database: name + "_sr", timeline: [step], ...more });

const SMALL = [
  { name: "orders", id: ORDERS, tasks: [
    task("orders_main", { stage: "incremental" }),
    task("orders_archive", { stage: "full", percentage: 42.5 }),
    task("orders_history", { stage: "paused", percentage: 12 }),
    task("orders_main_add_tables", { stage: "full", percentage: 7 }, { main: false }),
    task("customers", { stage: "incremental", status: "No", need_repair: true,
                        error_msg: "table crm.customers: unsupported DDL: ALTER TABLE … PARTITION BY" }),
    task(HOSTILE, { stage: "wait" }),
  ] },
  { name: "billing", id: BILLING, tasks: [task("ledger", { stage: "incremental" }), task("invoices", { stage: "wait" })] },
];

let browser;
let site;
let context;
let page;
let noise; // what the console said

async function open(path = "/", options = {}) {
  await context?.close();
  context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  page = await context.newPage();
  noise = [];
  page.on("console", (message) => noise.push(`${message.type()}: ${message.text()}`));
  page.on("pageerror", (error) => noise.push(String(error)));
  page.on("requestfailed", (request) => {
    // A navigation gives up what the page before it was still loading: often its icon.
    if (request.failure().errorText !== "net::ERR_ABORTED") noise.push(`failed: ${request.url()}`);
  });
  await page.goto(path.startsWith("/") ? site.url + path : path);
}

const names = () => page.locator("#task-table tbody th .name").allTextContents();
const shows = (expected, what) => waitFor(async () => {
  const found = await names();
  return JSON.stringify(found) === JSON.stringify(expected);
}, what ?? `the rows ${expected}`);
const updated = () => page.locator("#as-of", { hasText: "Updated" }).waitFor();
const choice = (name) => page.locator(`#filter select[name=${name}]`);
const column = (title) => page.locator("#task-table").getByRole("columnheader", { name: title });
const query = () => new URL(page.url()).search;

before(async () => {
  // As root there is no sandbox to be had, in containers often neither; the pages are our own.
  browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox"] });
  mkdirSync(screenshots, { recursive: true });
  site = await Site.start(SMALL);
  await site.untilTasks("status=no", 1);
});

after(async () => {
  await browser?.close();
  await site?.stop();
});

afterEach(() => assert.deepEqual(noise, []));

test("shows the simulated tasks, abnormal first", async () => {
  await open();
  await updated();
  const found = await names();
  assert.equal(found[0], "customers");
  assert.deepEqual([...found].sort(), SMALL.flatMap((i) => i.tasks.map((t) => t.name)).sort());
  const row = page.locator("#task-table tbody tr").first();
  await row.getByText("abnormal").waitFor();
  await row.getByText("unsupported DDL").waitFor();
  assert.equal(await page.title(), "(1) replmond");
  assert.equal(await page.locator("#sum-tasks").textContent(), "8");
  assert.equal(await page.evaluate(() => window.broken), undefined);
});

// The script renders what the server renders: after an update only ages may differ.
test("an update gives what the server gives", async () => {
  const still = (text) => text.replace(/<time[^>]*>[^<]*<\/time>/g, "<time>").replace(/\bin \d+ s|\bnow\b/g, "soon");
  const bodies = () => page.locator("tbody").evaluateAll((all) =>
    all.map((body) => [...body.rows].map((row) => [...row.cells].map((cell) => cell.outerHTML))));
  await open("/", { javaScriptEnabled: false });
  const served = await bodies();
  await open();
  await updated();
  // Every row anew, not only those that changed.
  await page.evaluate(() => document.querySelectorAll("tbody").forEach((body) => body.replaceChildren()));
  await page.getByRole("button", { name: "Pause updates" }).click();
  await page.getByRole("button", { name: "Pause updates" }).click();
  await waitFor(async () => (await names()).length === 8, "the rows");
  assert.equal(still(JSON.stringify(await bodies())), still(JSON.stringify(served)));
});

test("updates in place when a task changes", async () => {
  await open();
  await updated();
  await page.evaluate(() => (window.kept = true));
  await page.locator("#task-table a", { hasText: "orders" }).first().focus();
  await site.setTask(BILLING, "ledger", { status: "No" });
  try {
    await page.locator("#task-table tbody tr", { hasText: "ledger" }).getByText("abnormal").waitFor();
    assert.equal(await page.locator("#sum-abnormal").textContent(), "2");
    assert.equal(await page.title(), "(2) replmond");
    assert.equal(await page.getByRole("status").textContent(), "2 tasks are abnormal now");
    await page.locator("#event-table", { hasText: "ledger" }).waitFor();
    assert.equal(await page.evaluate(() => window.kept), true);
    assert.equal(await page.evaluate(() => document.activeElement.textContent), "orders");
  } finally {
    await site.setTask(BILLING, "ledger", { status: "Yes" });
    await site.untilTasks("status=no", 1);
  }
});

test("filters", async () => {
  await open();
  await updated();
  await page.evaluate(() => (window.kept = true));
  await page.getByLabel("Search").fill("LEDG");
  await shows(["ledger"]);
  assert.equal(query(), "?search=LEDG");
  await page.getByLabel("Search").fill("");
  await choice("stage").selectOption("full");
  await shows(["orders_archive", "orders_main_add_tables"]);
  await choice("status").selectOption("no");
  await page.getByText("No task fits this filter.").waitFor();
  await page.getByRole("link", { name: "Show all" }).click();
  await waitFor(async () => (await names()).length === 8, "all tasks");
  assert.equal(await choice("stage").inputValue(), "");
  await page.getByRole("link", { name: "1 abnormal" }).first().click();
  await shows(["customers"]);
  await page.goBack();
  await waitFor(async () => (await names()).length === 8, "all tasks again");
  assert.equal(await page.evaluate(() => window.kept), true); // never loaded anew
  await open("/?status=no"); // a link that was kept
  await updated();
  assert.deepEqual(await names(), ["customers"]);
  assert.equal(await choice("status").inputValue(), "no");
});

test("goes on after a mistake in the link", async () => {
  await open("/?status=broken");
  assert.match(noise.join(), /status of 400/);
  noise = [];
  await updated();
  assert.equal(await page.getByRole("alert").textContent(), "status: expected normal, abnormal or unknown; yes and no work too");
  assert.equal((await names()).length, 8);
  await choice("stage").selectOption("wait");
  await waitFor(async () => (await names()).length === 2, "two tasks");
  assert.equal(await page.getByRole("alert").count(), 0);
});

test("sorts, by keyboard as well", async () => {
  await open("/?instance=orders&search=orders_");
  await updated();
  await column("Task").getByRole("link").focus();
  await page.keyboard.press("Enter");
  await shows(["orders_archive", "orders_history", "orders_main", "orders_main_add_tables"]);
  assert.equal(await column("Task").getAttribute("aria-sort"), "ascending");
  await page.keyboard.press("Enter");
  await shows(["orders_main_add_tables", "orders_main", "orders_history", "orders_archive"]);
  assert.equal(await column("Task").getAttribute("aria-sort"), "descending");
  await column("Progress").getByRole("link").click();
  await shows(["orders_main_add_tables", "orders_history", "orders_archive", "orders_main"]);
  assert.equal(query(), "?search=orders_&instance=orders&sort=percentage");
});

test("is whole without JavaScript", async () => {
  await open("/", { javaScriptEnabled: false });
  assert.equal((await names())[0], "customers");
  await choice("stage").selectOption("full");
  await page.getByRole("button", { name: "Show" }).click();
  assert.deepEqual(await names(), ["orders_archive", "orders_main_add_tables"]);
  await column("Progress").getByRole("link").click();
  assert.deepEqual(await names(), ["orders_main_add_tables", "orders_archive"]);
  await page.getByRole("link", { name: "Show all" }).click();
  assert.equal((await names()).length, 8);
  assert.equal(await page.getByRole("button", { name: "Pause updates" }).count(), 0);
});

test("says when it cannot update, and goes on when it can", async () => {
  await open();
  await updated();
  await page.route("**/api/v1/**", (route) => route.fulfill({ status: 500, body: "{}" }));
  await page.locator("#live.lost", { hasText: "Not updated" }).waitFor();
  assert.equal((await names()).length, 8); // what was known stays
  await page.unroute("**/api/v1/**");
  await updated();
  assert.match(noise.join(), /status of 500/);
  noise = [];
});

test("pauses", async () => {
  await open("about:blank");
  await page.clock.install(); // time passes when it is told to
  await page.goto(site.url);
  await updated();
  let asked = 0;
  page.on("request", (request) => (asked += request.url().endsWith("/api/v1/summary") ? 1 : 0));
  const button = page.getByRole("button", { name: "Pause updates" });
  await button.click();
  assert.equal(await button.getAttribute("aria-pressed"), "true");
  await page.clock.runFor(60_000);
  assert.equal(asked, 0);
  await button.click();
  assert.equal(await button.getAttribute("aria-pressed"), "false");
  await waitFor(() => asked === 1, "an update at once");
  await waitFor(async () => {
    await page.clock.runFor(5000);
    return asked > 2;
  }, "the next ones");
});

test("works below a path of a proxy", async () => {
  await open("/?stage=full");
  await page.route("**/below/this/**", async (route) => {
    const url = route.request().url().replace("/below/this/", "/");
    await route.fulfill({ response: await route.fetch({ url }) });
  });
  await page.goto(site.url + "/below/this/?stage=full");
  await updated();
  await column("Task").getByRole("link").click();
  await waitFor(() => query() === "?stage=full&sort=task", "the sorted page");
  assert.equal(new URL(page.url()).pathname, "/below/this/");
  assert.notEqual(await page.evaluate(() => getComputedStyle(document.body).backgroundColor), "rgba(0, 0, 0, 0)");
});

test("ten thousand tasks, a page at a time", async () => {
  const small = site;
  const tasks = Array.from({ length: 10_000 }, (_, i) =>
    task("t_" + String(i).padStart(5, "0"), { stage: "incremental", status: i === 5000 ? "No" : "Yes" }));
  site = await Site.start([{ name: "large", id: LARGE, tasks }]);
  try {
    await open();
    await updated();
    assert.equal((await names())[0], "t_05000");
    assert.equal((await names()).length, 100);
    await page.getByText("1–100 of 10000").waitFor();
    await page.getByRole("link", { name: "Next" }).click();
    await page.getByText("101–200 of 10000").waitFor();
    assert.equal(query(), "?offset=100");
    await page.getByRole("link", { name: "Previous" }).click();
    await page.getByText("1–100 of 10000").waitFor();
    assert.deepEqual(noise, []);
  } finally {
    await context.close();
    context = undefined;
    await site.stop();
    site = small;
  }
});

for (const [name, options] of Object.entries({
  light: { colorScheme: "light" },
  dark: { colorScheme: "dark" },
  medium: { colorScheme: "light", viewport: { width: 1160, height: 800 } },
  narrow: { colorScheme: "light", viewport: { width: 390, height: 844 } },
  narrow_dark: { colorScheme: "dark", viewport: { width: 390, height: 844 } },
})) {
  test(`${name}: nothing serious for axe, nothing sticks out`, async () => {
    await open("/", { ...options, bypassCSP: true }); // axe is put into the page
    await updated();
    await page.screenshot({ path: join(screenshots, `${name}.png`), fullPage: true });
    await page.evaluate(axe);
    const found = await page.evaluate(() => window.axe.run());
    const bad = found.violations.filter((each) => ["serious", "critical"].includes(each.impact));
    assert.deepEqual(bad.map((each) => `${each.id}: ${each.nodes.map((node) => node.html).join(" | ")}`), []);
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), true);
  });
}
