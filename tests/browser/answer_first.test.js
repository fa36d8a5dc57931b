// Sixty instances, six hundred tasks, eleven of them abnormal: what somebody sees who was just woken up. On a laptop, a
// small laptop and a phone; and what the page says when it cannot know.
import assert from "node:assert/strict";
import { join } from "node:path";
import { after, afterEach, before, test } from "node:test";
import { assertAccessible, Browser, inFirstScreen, names, sticksOut, task, updated, withSite } from "./pages.js";
import { screenshots, Site, waitFor } from "./replmond.js";

const SIZES = { laptop: [1440, 900], small: [1024, 768], phone: [390, 844] };
const hex = (n) => n.toString(16).padStart(32, "0") + "in17";
const WHY = "table orders.items: unsupported DDL: ALTER TABLE … PARTITION BY";

function fleet(broken = 11) {
  return Array.from({ length: 60 }, (_, i) => ({ name: `shop-${String(i).padStart(2, "0")}`, id: hex(4096 + i),
    tasks: Array.from({ length: 10 }, (_, t) => {
      const n = i * 10 + t;
      const step = n % 55 === 7 && n < broken * 55 ? { stage: "incremental", status: "No", percentage: 100, error_msg: WHY }
        : n % 40 === 3 ? { stage: "full", percentage: 42.5 } : { stage: "incremental", percentage: 100 };
      return task(`sync_orders_${String(n).padStart(3, "0")}`, step, n % 90 === 8 ? { main: false } : {});
    }) }));
}

let browser;
let site;
let page;

async function open(path, size, { at = site, ...options } = {}) {
  const [width, height] = SIZES[size] ?? size;
  page = await browser.open(at.url + path, { viewport: { width, height }, ...options });
}

before(async () => {
  browser = await Browser.start();
  site = await Site.start(fleet(), { flags: ["--web.grafana-url=https://grafana.example.com/"] });
  await site.untilTasks("status=no", 11);
  await waitFor(async () => (await (await fetch(site.url + "/")).text()).includes("unsupported DDL"), "the reasons");
});

after(async () => {
  await browser?.stop();
  await site?.stop();
});

afterEach(() => assert.deepEqual(browser.noise, []));

for (const size of Object.keys(SIZES)) {
  test(`${size}: which is broken, since when and why, without scrolling`, async () => {
    await open("/", size);
    await updated(page);
    assert.equal(await page.title(), "(11) replmond");
    const heading = page.getByRole("heading", { name: "11 tasks are abnormal." });
    assert.equal(await inFirstScreen(heading), true);
    const lines = page.locator("#wrong li");
    assert.equal(await lines.count(), 11);
    const seen = [];
    for (const line of await lines.all()) seen.push(await inFirstScreen(line));
    assert.equal(seen.filter(Boolean).length >= (size === "phone" ? 8 : 11), true, `of 11 lines in the first screen: ${seen}`);
    const text = (await lines.first().innerText()).replace(/\s+/g, " ");
    assert.match(text, /^abnormal sync_orders_\d{3} shop-\d\d for \d+ (s|min) since 20\d\d-\d\d-\d\d \d\d:\d\d:\d\d\+08:00 table orders\.items: unsupported DDL/);
    assert.equal((await lines.first().boundingBox()).height < (size === "phone" ? 80 : 34), true, "one line a thing");
    assert.equal(await sticksOut(page), false);
  });

  for (const colorScheme of ["light", "dark"]) {
    test(`${size}, ${colorScheme}: nothing for axe, on each page`, async () => {
      for (const [name, path] of Object.entries({ page: "/", task: "/task?starrocks_instance=shop-00&task=sync_orders_007", filtered: "/?stage=full&search=s&events=all&instances_offset=10" })) {
        await open(path, size, { colorScheme, bypassCSP: true }); // axe is put into the page
        await page.screenshot({ path: join(screenshots, `${name}-${size}-${colorScheme}.png`), fullPage: true });
        await assertAccessible(page);
        assert.equal(await sticksOut(page), false);
      }
    });
  }

  test(`${size}: the order is wrong, tasks, events, instances`, async () => {
    await open("/", size);
    const tops = await page.evaluate(() => ["wrong", "tasks", "events", "instances"].map((id) => document.getElementById(id).getBoundingClientRect().top));
    assert.deepEqual(tops, [...tops].sort((a, b) => a - b));
    assert.equal(await page.locator("#instances").getAttribute("open"), null);
    assert.equal(await page.locator("#instances summary").innerText(), "StarRocks instances: 60, all polls succeed");
    assert.equal(await page.locator("#instance-table").isVisible(), false);
    assert.deepEqual([...new Set(await page.locator("#event-table .badge").allInnerTexts())], ["ERROR"]);
    await page.getByRole("link", { name: "All events" }).click();
    await page.locator("#event-table .badge", { hasText: "INFO" }).first().waitFor();
  });
}

test("a small laptop shows the table as a table", async () => {
  await open("/", "small");
  assert.equal(await page.locator("#task-table thead").isVisible(), true);
  const box = await page.locator("#task-table").boundingBox();
  assert.equal(box.width <= 1024, true);
});

test("a link leads from the line to the task, and on to its board and its JSON", async () => {
  await open("/", "laptop");
  await page.locator("#wrong li", { hasText: "sync_orders_007" }).getByRole("link").click();
  await page.waitForURL(/\/task\?project=shop&starrocks_instance=shop-00&task=sync_orders_007$/);
  const facts = Object.fromEntries(await page.locator(".facts > div").evaluateAll((all) =>
    all.map((each) => [each.querySelector("dt").textContent, each.querySelector("dd").textContent.replace(/\s+/g, " ").trim()])));
  assert.match(facts.Wrong, /^abnormal for .* since 20/);
  assert.equal(facts.Reason, WHY);
  assert.equal(facts.State, "incremental abnormal");
  assert.equal(facts.Progress, "100 %");
  assert.match(facts["Last read"], /^\d+ s ago 20/);
  assert.equal(facts.Databases, "sync_orders_007 → sync_orders_007_sr");
  await page.locator("#event-table", { hasText: "the synchronization is abnormal" }).waitFor();
  assert.equal(await page.getByRole("link", { name: "Board of this task" }).getAttribute("href"),
               "https://grafana.example.com/d/replmond-task?var-project=shop&var-starrocks_instance=shop-00&var-task=sync_orders_007");
  const json = await (await fetch(new URL(await page.getByRole("link", { name: "as JSON", exact: true }).getAttribute("href"), page.url()))).json();
  assert.deepEqual(json.data.map((each) => each.task), ["sync_orders_007"]);
  await updated(page); // this page goes on by itself, too
});

test("times in the viewer's zone, UTC one click away", async () => {
  await open("/", "laptop");
  const time = page.locator("#wrong time").first();
  const moment = new Date(await time.getAttribute("datetime"));
  const inZone = (hours, mark) => new Date(moment.getTime() + hours * 3600e3).toISOString().slice(0, 19).replace("T", " ") + mark;
  assert.equal(await time.textContent(), inZone(8, "+08:00"));
  await page.getByRole("button", { name: "Show times in UTC" }).click();
  assert.equal(await time.textContent(), inZone(0, "Z"));
  await page.reload();
  await waitFor(async () => (await time.textContent()) === inZone(0, "Z"), "UTC again: the choice is kept");
  await page.getByRole("button", { name: "Show times in your zone" }).click();
  assert.equal(await time.textContent(), inZone(8, "+08:00"));
});

test("at 200 % zoom nothing sticks out, and the focus is always seen", async () => {
  await open("/", [720, 450], { deviceScaleFactor: 2 });
  assert.equal(await sticksOut(page), false);
  await page.getByRole("button", { name: "Pause updates" }).click();
  const hidden = async () => page.evaluate(() => {
    const element = document.activeElement;
    const box = element.getBoundingClientRect();
    const at = document.elementFromPoint(box.left + box.width / 2, box.top + Math.min(box.height / 2, 10));
    return at && (element.contains(at) || at.contains(element)) ? "" : element.outerHTML;
  });
  for (const key of ["Tab", "Shift+Tab"]) {
    for (let i = 0; i < 40; ++i) {
      await page.keyboard.press(key);
      assert.equal(await hidden(), "", `${key} ${i}`);
    }
  }
});

test("on narrow phones nothing sticks out", async () => {
  for (const size of [[360, 780], [320, 640]]) {
    await open("/", size);
    assert.equal(await sticksOut(page), false, `${size}`);
    for (const box of await page.locator("#wrong li a.name").evaluateAll((all) => all.map((each) => each.getBoundingClientRect().height)))
      assert.ok(box >= 24, `${box}`);
    await open("/task?project=shop&starrocks_instance=shop-00&task=sync_orders_007", size);
    assert.equal(await sticksOut(page), false, `${size}, a task`);
  }
});

test("forced colours keep what is wrong apart", async () => {
  await open("/", "laptop", { forcedColors: "active" });
  const border = await page.locator("#wrong .badge").first().evaluate((badge) => getComputedStyle(badge).borderTopStyle);
  assert.equal(border, "solid");
  assert.equal(await page.locator("#wrong .badge").first().evaluate((badge) => getComputedStyle(badge, "::before").content), '"✕ "');
  const bar = page.locator("#task-table progress").first();
  const full = await bar.screenshot();
  await bar.evaluate((each) => { each.value = 0; });
  assert.notDeepEqual(await bar.screenshot(), full);
});

test("a tab in the background counts on", async () => {
  await open("/", "laptop");
  await page.clock.install();
  const asked = [];
  page.on("request", (request) => asked.push(new URL(request.url()).pathname));
  await page.evaluate(() => {
    Object.defineProperty(document, "hidden", { get: () => true, configurable: true });
    document.dispatchEvent(new Event("visibilitychange"));
  });
  await site.setTask(hex(4096), "sync_orders_000", { status: "No" });
  try {
    await site.untilTasks("status=no", 12);
    await waitFor(async () => {
      await page.clock.runFor(30_000);
      return (await page.title()) === "(12) replmond";
    }, "the title");
    assert.equal(asked.includes("/api/v1/summary"), true);
    const icon = decodeURIComponent(await page.locator("link[rel=icon]").getAttribute("href"));
    assert.match(icon, /^data:image\/svg\+xml,.*>12</);
  } finally {
    await site.setTask(hex(4096), "sync_orders_000", { status: "Yes" });
    await site.untilTasks("status=no", 11);
  }
});

test("when every poll fails nothing looks normal", async () => {
  await open("/", "laptop");
  await site.control("faults", { instance: "*", status: 503 });
  try {
    await page.getByText("60 instances of shop").waitFor();
    const line = page.locator("#wrong li", { hasText: "60 instances of shop" });
    assert.match((await line.innerText()).replace(/\s+/g, " "), /^cannot be read 60 instances of shop for .* http 503/);
    await site.untilSummary((sum) => sum.stale === 600, "all outdated");
    await updated(page);
    assert.equal(await page.title(), "(660) replmond");
    assert.match(decodeURIComponent(await page.locator("link[rel=icon]").getAttribute("href")), />99\+</);
    assert.match(await page.locator("#wrong-title").textContent(), /^11 tasks are abnormal, 60 instances cannot be read, 600 tasks are outdated\.$/);
    const row = page.locator("#task-table tbody tr", { hasText: "sync_orders_000" }).first();
    await page.getByLabel("Search").fill("sync_orders_000");
    await row.getByText("last known:").waitFor();
    assert.match((await row.innerText()).replace(/\s+/g, " "), /last known: incremental normal ! outdated not read for|last known: incremental normal outdated not read for/);
    assert.notEqual(await row.evaluate((each) => getComputedStyle(each).color), await page.evaluate(() => getComputedStyle(document.body).color));
    assert.equal(await page.locator("#instances").getAttribute("open"), "", "unfolded, since polls fail");
  } finally {
    await site.control("faults", undefined, "DELETE");
    await site.untilSummary((sum) => sum.failing === 0 && sum.stale === 0, "all read again");
  }
});

test("a main task that vanished is gone, and counted", async () => {
  await open("/", "laptop");
  await site.control("tasks", { instance: hex(4097), task_name: "sync_orders_011", remove: true });
  await page.locator("#wrong li", { hasText: "sync_orders_011" }).getByText("gone").waitFor();
  assert.equal(await page.title(), "(12) replmond");
  assert.equal(await page.locator("#sum-gone").textContent(), "1");
  await page.locator("#wrong li", { hasText: "sync_orders_011" }).getByRole("link").click();
  assert.match(await page.locator(".facts > div", { hasText: "Wrong" }).first().innerText(), /gone/);
  await site.control("tasks", { instance: hex(4096), task_name: "sync_orders_008", remove: true }); // a temporary one
  await waitFor(async () => (await (await fetch(site.url + "/api/v1/summary")).json()).data.tasks === 598, "two fewer");
  await page.goto(site.url);
  assert.equal(await page.locator("#wrong li", { hasText: "sync_orders_008" }).count(), 0);
});

test("when the daemon is gone the page says since when, and goes on when it is there again", async () => {
  await withSite(browser, [{ name: "orders", id: hex(1), tasks: [task("a", { stage: "incremental" })] }], async (at) => {
    await open("/", "phone", { at });
    await updated(page);
    assert.match(await page.locator("#wrong-title").textContent(), /^Nothing is wrong: 1 task of 1 instance, all read within the last \d+ s\.$/);
    assert.equal(await page.title(), "replmond");
    const address = at.url.replace("http://", "");
    await at.daemon.stop();
    const alert = page.getByRole("alert");
    await page.locator("#lost", { hasText: "does not answer since" }).waitFor();
    assert.match(await alert.textContent(), /^replmond does not answer since 20\d\d-\d\d-\d\d \d\d:\d\d:\d\d\+08:00: /);
    assert.equal(await inFirstScreen(alert), true);
    assert.equal(await page.title(), "(?) replmond");
    assert.equal(await page.locator("main").evaluate((main) => getComputedStyle(main).opacity < 0.7), true);
    assert.deepEqual(await names(page), ["a"]); // what was known stays
    await at.startDaemon(address);
    await waitFor(async () => (await page.title()) === "replmond", "the title as before");
    assert.equal(await alert.textContent(), "");
    assert.equal(await page.locator("main").evaluate((main) => getComputedStyle(main).opacity), "1");
    browser.noise = browser.noise.filter((line) => !/ERR_CONNECTION_REFUSED|^failed: /.test(line));
  });
});

const REFUSALS = {
  "a refusal": [{ status: 401, contentType: "text/plain", body: "unauthorized\n" }, "the answer is 401"],
  "the page of a proxy": [{ status: 200, contentType: "text/html", body: "<!DOCTYPE html><title>Sign in</title><h1>Sign in</h1>" },
                          "the answer is not a page of replmond"],
};
for (const [name, [answer, why]] of Object.entries(REFUSALS)) {
  test(`${name} is not taken for the fleet`, async () => {
    await open("/", "laptop");
    await updated(page);
    const before = await names(page);
    const heading = await page.locator("#wrong-title").textContent();
    let refuses = true;
    await page.route((url) => !url.pathname.startsWith("/assets/"), (route) => (refuses ? route.fulfill(answer) : route.continue()));
    const lost = page.getByRole("alert");
    await lost.getByText("could not be updated since").waitFor();
    assert.match(await lost.textContent(), /^This page could not be updated since 20\d\d-\d\d-\d\d \d\d:\d\d:\d\d\+08:00: /);
    assert.equal((await lost.textContent()).replace(/^.*?\+08:00: /, ""), `${why}. What is shown is from then.`);
    assert.match(await page.title(), /^\(\?\) replmond$/, "nothing of the answer, and no number that nobody knows");
    assert.match(decodeURIComponent(await page.locator("link[rel=icon]").getAttribute("href")), />\?</);
    assert.deepEqual(await names(page), before);
    assert.equal(await page.locator("#wrong-title").textContent(), heading);
    refuses = false;
    await waitFor(async () => (await lost.textContent()) === "", "an update");
    assert.match(await page.title(), /^\(\d+\) replmond$/);
    browser.noise = browser.noise.filter((line) => !/status of 401/.test(line));
  });

  test(`${name} in the background, too`, async () => {
    await open("/", "laptop");
    await page.clock.install();
    await page.route("**/api/v1/summary", (route) => route.fulfill(answer));
    await page.evaluate(() => {
      Object.defineProperty(document, "hidden", { get: () => true, configurable: true });
      document.dispatchEvent(new Event("visibilitychange"));
    });
    await waitFor(async () => {
      await page.clock.runFor(30_000);
      return (await page.title()) === "(?) replmond";
    }, "the title");
    assert.equal((await page.getByRole("alert").textContent()).replace(/^.*?\+08:00: /, ""), `${why}. What is shown is from then.`);
    browser.noise = browser.noise.filter((line) => !/status of 401/.test(line));
  });
}

test("long names of a task keep their column", async () => {
  const name = "sync_of_the_orders_of_the_whole_company_to_the_warehouse_of_the_east_" + "0123456789".repeat(6);
  const instance = "starrocks-analytics-of-the-whole-company-in-singapore-1";
  await withSite(browser, [{ name: instance, id: hex(1), tasks: [task(name, { stage: "incremental", status: "No", error_msg: WHY })] }], async (at) => {
    await at.untilTasks("status=no", 1);
    for (const size of Object.keys(SIZES)) {
      await open(`/task?starrocks_instance=${instance}&task=${name}`, size, { at });
      await page.locator("#event-table .name").first().waitFor();
      await page.screenshot({ path: join(screenshots, `long-names-${size}.png`), fullPage: true });
      assert.equal(await sticksOut(page), false);
      const lines = await page.locator("#event-table tbody tr .name").evaluateAll((all) =>
        all.map((each) => Math.round(each.getBoundingClientRect().height / parseFloat(getComputedStyle(each).lineHeight))));
      assert.equal(lines.every((count) => count <= 5), true, `${size}: lines of each name: ${lines}`);
    }
  });
});

test("lag has a column and a line where it is measured", async () => {
  const tasks = [task("far_behind", { stage: "incremental" }, { lag: "7m" }), task("close", { stage: "incremental" }, { lag: "2s" })];
  await withSite(browser, [{ name: "orders", id: hex(1), address: "127.0.4.1", tasks }], async (at) => {
    await at.untilSummary((sum) => sum.behind === 1, "one behind");
    for (const size of Object.keys(SIZES)) {
      await open("/", size, { at, bypassCSP: true });
      assert.match((await page.locator("#wrong li").innerText()).replace(/\s+/g, " "), /^behind far_behind orders for .* StarRocks is 7 min behind$/);
      assert.equal(await page.getByRole("heading", { name: "1 task is behind." }).count(), 1);
      assert.deepEqual(await page.locator("#task-table td[data-label=Lag]").allInnerTexts(), ["! 7 min", "2 s"].map((text) => text.replace("! ", "")));
      assert.equal(await sticksOut(page), false);
      await assertAccessible(page);
    }
    await page.getByRole("link", { name: "1 behind" }).click();
    await waitFor(async () => (await names(page)).join() === "far_behind", "the one that is behind");
  });
});

test("an empty page says which file, which line and which command", async () => {
  await withSite(browser, [], async (at) => {
    for (const size of Object.keys(SIZES)) {
      await open("/", size, { at, bypassCSP: true });
      assert.equal(await inFirstScreen(page.getByRole("heading", { name: "No instance is watched." })), true);
      const text = await page.locator("#wrong").innerText();
      assert.match(text, /Write what to watch into \S*replmond\.yaml:/);
      assert.match(text, /projects:\n {2}- name: prod\n/);
      assert.match(text, /replmond check-config \S*replmond\.yaml/);
      assert.match(text, /systemctl reload replmond/);
      assert.equal(await sticksOut(page), false);
      await assertAccessible(page);
    }
  });
});

test("ten tasks are one page of print", async () => {
  const tasks = Array.from({ length: 10 }, (_, i) =>
    task(`sync_inst_02_db${i}`, { stage: "incremental", percentage: 100, status: i === 0 ? "No" : "Yes", error_msg: WHY },
         { source_database: `db0${i}_source_2`, target_database: `db0${i}_target_2` }));
  await withSite(browser, [{ name: "orders", id: hex(1), tasks }], async (at) => {
    await open("/", "laptop", { at });
    const pdf = (await page.pdf({ format: "A4", printBackground: true })).toString("latin1");
    assert.equal(pdf.match(/\/Type\s*\/Page\b(?!s)/g).length, 1);
  });
});
