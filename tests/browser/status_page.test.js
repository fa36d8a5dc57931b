// The status page in Chromium, served by the real binary about a simulated cloud: what its script does.
import assert from "node:assert/strict";
import { after, afterEach, before, test } from "node:test";
import { Browser, names, shows, task, updated, withSite } from "./pages.js";
import { Site, waitFor } from "./replmond.js";

const ORDERS = "0a1b2c3d4e5f60718293a4b5c6d7e8f9in17";
const BILLING = "1b2c3d4e5f60718293a4b5c6d7e8f90ain17";
const LARGE = "2c3d4e5f60718293a4b5c6d7e8f90a1bin17";
const HOSTILE = `"><img src=x onerror="window.broken=1"><script>window.broken=1</script>`;

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
let page;

async function open(path = "/", { at = site, ...options } = {}) {
  page = await browser.open(path.startsWith("/") ? at.url + path : path, options);
}

const choice = (name) => page.locator(`#filter select[name=${name}]`);
const column = (title) => page.locator("#task-table").getByRole("columnheader", { name: title });
const query = () => new URL(page.url()).search;
const filters = () => page.getByText("Filter and sort").click();

before(async () => {
  browser = await Browser.start();
  site = await Site.start(SMALL);
  await site.untilTasks("status=no", 1);
});

after(async () => {
  await browser?.stop();
  await site?.stop();
});

afterEach(() => assert.deepEqual(browser.noise, []));

test("shows the simulated tasks, abnormal first", async () => {
  await open();
  const found = await names(page);
  assert.equal(found[0], "customers");
  assert.deepEqual([...found].sort(), SMALL.flatMap((i) => i.tasks.map((t) => t.name)).sort());
  const row = page.locator("#task-table tbody tr").first();
  await row.getByText("abnormal").waitFor();
  await row.getByText("unsupported DDL").waitFor();
  assert.equal(await page.title(), "(1) replmond");
  assert.equal(await page.locator("#sum-tasks").textContent(), "8");
  await updated(page);
  assert.equal(await page.evaluate(() => window.broken), undefined);
});

test("an update gives what the server gives", async () => {
  const still = (text) => text.replace(/<time[^>]*>[^<]*<\/time>/g, "<time>").replace(/\b\d+ (s|min)\b|\bnow\b/g, "soon");
  const whole = () => page.locator("main").evaluate((main) => main.innerHTML);
  await open("/", { javaScriptEnabled: false });
  const served = await whole();
  await open();
  // Everything anew, not only what changed.
  await page.evaluate(() => document.querySelector("main").replaceChildren());
  await updated(page);
  assert.equal(still(await whole()), still(served));
});

test("updates in place when a task changes", async () => {
  await open();
  await page.evaluate(() => (window.kept = true));
  await page.locator("#task-table a", { hasText: "ledger" }).first().focus();
  await site.setTask(BILLING, "ledger", { status: "No" });
  try {
    await page.locator("#task-table tbody tr", { hasText: "ledger" }).getByText("abnormal").waitFor();
    assert.equal(await page.locator("#sum-abnormal").textContent(), "2");
    assert.equal(await page.title(), "(2) replmond");
    assert.equal(await page.getByRole("status").textContent(), "2 tasks are abnormal, 1 task needs repair.");
    await page.locator("#wrong li", { hasText: "ledger" }).waitFor();
    await page.locator("#event-table", { hasText: "ledger" }).waitFor();
    assert.equal(await page.evaluate(() => window.kept), true);
    assert.equal(await page.evaluate(() => document.activeElement.textContent), "ledger");
  } finally {
    await site.setTask(BILLING, "ledger", { status: "Yes" });
    await site.untilTasks("status=no", 1);
  }
});

test("filters", async () => {
  await open();
  await page.evaluate(() => (window.kept = true));
  await page.getByLabel("Search").fill("LEDG");
  await shows(page, ["ledger"]);
  assert.equal(query(), "?search=LEDG");
  await page.getByLabel("Search").fill("");
  await filters();
  await choice("stage").selectOption("full");
  await shows(page, ["orders_archive", "orders_main_add_tables"]);
  await choice("status").selectOption("no");
  await page.getByText("No task fits this filter.").waitFor();
  await page.getByRole("link", { name: "stage: full take off" }).click();
  await shows(page, ["customers"]);
  assert.equal(await choice("stage").inputValue(), "");
  await page.getByRole("link", { name: "status: abnormal take off" }).click();
  await waitFor(async () => (await names(page)).length === 8, "all tasks");
  assert.equal(await page.locator(".chips").count(), 0);
  await page.getByRole("link", { name: "1 abnormal" }).click();
  await shows(page, ["customers"]);
  await page.goBack();
  await waitFor(async () => (await names(page)).length === 8, "all tasks again");
  assert.equal(await page.evaluate(() => window.kept), true); // never loaded anew
});

test("a shared link shows its filters", async () => {
  await open("/?stage=full&search=orders&wrong=false");
  const chips = page.locator(".chips li");
  assert.deepEqual(await chips.locator(".name").allTextContents(), ["search: orders", "stage: full", "something wrong: false"]);
  assert.equal(await choice("stage").inputValue(), "full");
  assert.equal(await choice("stage").isVisible(), true, "the fields are shown where one of them filters");
  assert.equal(await page.getByLabel("Search").inputValue(), "orders");
});

test("goes on after a mistake in the link", async () => {
  await open("/?status=broken");
  assert.match(browser.noise.join(), /status of 400/);
  browser.noise = [];
  assert.match(await page.locator(".mistake").textContent(), /^status: expected normal, abnormal or unknown/);
  assert.equal((await names(page)).length, 8);
  await filters();
  await choice("stage").selectOption("wait");
  await waitFor(async () => (await names(page)).length === 2, "two tasks");
  assert.equal(await page.locator(".mistake").count(), 0);
  browser.noise = browser.noise.filter((line) => !/status of 400/.test(line)); // an update before the choice
});

test("sorts, by keyboard as well", async () => {
  await open("/?instance=orders&search=orders_");
  await column("Task").getByRole("link").focus();
  await page.keyboard.press("Enter");
  await shows(page, ["orders_archive", "orders_history", "orders_main", "orders_main_add_tables"]);
  assert.equal(await column("Task").getAttribute("aria-sort"), "ascending");
  await page.keyboard.press("Enter");
  await shows(page, ["orders_main_add_tables", "orders_main", "orders_history", "orders_archive"]);
  assert.equal(await column("Task").getAttribute("aria-sort"), "descending");
  await column("Progress").getByRole("link").click();
  await shows(page, ["orders_main_add_tables", "orders_history", "orders_archive", "orders_main"]);
  assert.equal(query(), "?search=orders_&instance=orders&sort=percentage");
});

test("is whole without JavaScript", async () => {
  await open("/", { javaScriptEnabled: false });
  assert.equal((await names(page))[0], "customers");
  await filters();
  await choice("stage").selectOption("full");
  await page.getByRole("button", { name: "Show" }).click();
  assert.deepEqual(await names(page), ["orders_archive", "orders_main_add_tables"]);
  await column("Progress").getByRole("link").click();
  assert.deepEqual(await names(page), ["orders_main_add_tables", "orders_archive"]);
  await page.getByRole("link", { name: "stage: full take off" }).click();
  assert.equal((await names(page)).length, 8);
  await page.getByRole("link", { name: "customers" }).first().click();
  assert.equal(await page.getByRole("heading", { level: 1 }).textContent(), "customers");
  assert.equal(await page.getByRole("button", { name: "Pause updates" }).count(), 0);
});

test("what is typed, folded and chosen outlives an update", async () => {
  await open();
  await filters();
  await page.locator("#instances summary").click();
  await updated(page);
  assert.equal(await page.locator("#filters").getAttribute("open"), "");
  assert.equal(await page.locator("#instances").getAttribute("open"), "");
  await page.locator("#instances summary").click();
  await updated(page);
  assert.equal(await page.locator("#instances").getAttribute("open"), null);
});

test("pauses", async () => {
  await open("about:blank");
  await page.clock.install(); // time passes when it is told to
  await page.goto(site.url);
  let asked = 0;
  page.on("request", (request) => (asked += new URL(request.url()).pathname === "/" ? 1 : 0));
  const button = page.getByRole("button", { name: "Pause updates" });
  await button.click();
  assert.equal(await button.getAttribute("aria-pressed"), "true");
  await page.clock.runFor(60_000);
  const before = asked;
  await page.clock.runFor(60_000);
  assert.equal(asked, before);
  await button.click();
  assert.equal(await button.getAttribute("aria-pressed"), "false");
  await waitFor(() => asked === before + 1, "an update at once");
  await waitFor(async () => {
    await page.clock.runFor(5000);
    return asked > before + 2;
  }, "the next ones");
});

test("works below a path of a proxy", async () => {
  await open("/?stage=full");
  await page.route("**/below/this/**", async (route) => {
    const url = route.request().url().replace("/below/this/", "/");
    await route.fulfill({ response: await route.fetch({ url }) });
  });
  await page.goto(site.url + "/below/this/?stage=full");
  await updated(page);
  await column("Task").getByRole("link").click();
  await waitFor(() => query() === "?stage=full&sort=task", "the sorted page");
  assert.equal(new URL(page.url()).pathname, "/below/this/");
  await page.getByRole("link", { name: "orders_archive" }).click();
  await page.getByRole("heading", { level: 1, name: "orders_archive" }).waitFor();
  assert.equal(new URL(page.url()).pathname, "/below/this/task");
  assert.notEqual(await page.evaluate(() => getComputedStyle(document.body).backgroundColor), "rgba(0, 0, 0, 0)");
});

test("ten thousand tasks, a page at a time", async () => {
  const tasks = Array.from({ length: 10_000 }, (_, i) =>
    task("t_" + String(i).padStart(5, "0"), { stage: "incremental", status: i === 5000 ? "No" : "Yes" }));
  await withSite(browser, [{ name: "large", id: LARGE, tasks }], async (at) => {
    await open("/", { at });
    await updated(page);
    assert.equal((await names(page))[0], "t_05000");
    assert.equal((await names(page)).length, 100);
    await page.getByText("1–100 of 10000").waitFor();
    await page.getByRole("link", { name: "Next" }).click();
    await page.getByText("101–200 of 10000").waitFor();
    assert.equal(query(), "?offset=100");
    await page.getByRole("link", { name: "Previous" }).click();
    await page.getByText("1–100 of 10000").waitFor();
    assert.deepEqual(browser.noise, []);
  });
});
