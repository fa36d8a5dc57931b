// The pages in Chinese, for browsers that ask for it, and the way from one language to the other.
import assert from "node:assert/strict";
import { join } from "node:path";
import { after, afterEach, before, test } from "node:test";
import { assertAccessible, Browser, inFirstScreen, sticksOut, task, updated } from "./pages.js";
import { screenshots, Site, waitFor } from "./replmond.js";

const hex = (n) => n.toString(16).padStart(32, "0") + "in17";
const WHY = "表 orders.items：不支持的 DDL";
const instances = [
  { name: "orders", id: hex(1), tasks: [
    task("sync_orders", { stage: "incremental", status: "No", percentage: 100, error_msg: WHY }),
    task("sync_archive", { stage: "full", percentage: 42.5 }),
    task("sync_new", { stage: "incremental", percentage: 100 }, { main: false })] },
  { name: "billing", id: hex(2), tasks: [task("sync_billing", { stage: "paused", percentage: 100 })] }];

let browser;
let site;
let page;

async function open(path, options = {}) {
  page = await browser.open(site.url + path, { locale: "zh-CN", ...options });
}

before(async () => {
  browser = await Browser.start();
  site = await Site.start(instances);
  await site.untilTasks("status=no", 1);
  await waitFor(async () => (await (await fetch(site.url + "/")).text()).includes(WHY), "the reason");
});

after(async () => {
  await browser?.stop();
  await site?.stop();
});

afterEach(() => assert.deepEqual(browser.noise, []));

for (const [size, [width, height]] of Object.entries({ laptop: [1440, 900], phone: [390, 844] })) {
  test(`${size}: the first screen in Chinese`, async () => {
    await open("/", { viewport: { width, height } });
    await updated(page);
    assert.equal(await page.locator("html").getAttribute("lang"), "zh-CN");
    assert.equal(await inFirstScreen(page.getByRole("heading", { name: "1 个任务异常。" })), true);
    const line = (await page.locator("#wrong li").innerText()).replace(/\s+/g, " ");
    assert.match(line, /^异常 sync_orders orders 已持续 \d+ (秒|分钟) 始于 20\d\d\/\d\d\/\d\d.*GMT\+08:00.* 表 orders\.items：不支持的 DDL$/);
    assert.equal(await page.getByRole("heading", { name: "数据同步任务" }).isVisible(), true);
    const states = await page.locator("#task-table tbody tr td:nth-child(3) .stage").allInnerTexts();
    assert.deepEqual([...states].sort(), ["全量同步", "增量同步", "增量同步", "暂停"].sort());
    assert.equal(await page.getByRole("button", { name: "暂停刷新" }).isVisible(), true);
    assert.equal(await sticksOut(page), false);
  });

  for (const colorScheme of ["light", "dark"]) {
    test(`${size}, ${colorScheme}: nothing for axe, in Chinese`, async () => {
      for (const [name, path] of Object.entries({ page: "/?events=all", task: "/task?starrocks_instance=orders&task=sync_orders" })) {
        await open(path, { viewport: { width, height }, colorScheme, bypassCSP: true }); // axe is put into the page
        await page.screenshot({ path: join(screenshots, `${name}-zh-${size}-${colorScheme}.png`), fullPage: true });
        await assertAccessible(page);
        assert.equal(await sticksOut(page), false);
      }
    });
  }
}

test("from one language to the other and back, with the filters kept", async () => {
  await open("/?stage=full");
  assert.match(await page.locator(".chips").innerText(), /同步阶段：全量同步/);
  await page.getByRole("link", { name: "English" }).click();
  await page.getByRole("heading", { name: "1 task is abnormal." }).waitFor();
  assert.equal(await page.locator("html").getAttribute("lang"), "en");
  assert.match(await page.locator(".chips").innerText(), /stage: full/);
  await page.getByRole("button", { name: "Pause updates" }).waitFor();
  await page.goto(site.url + "/task?starrocks_instance=orders&task=sync_orders"); // the choice is remembered
  await page.getByText("Board of this task").waitFor({ state: "detached" });
  assert.equal(await page.locator("html").getAttribute("lang"), "en");
  await page.getByRole("link", { name: "中文" }).click();
  await page.getByText("该任务的事件", { exact: true }).waitFor();
  assert.equal(await page.getByRole("heading", { level: 1 }).innerText(), "sync_orders");
});

test("the script says what it has to say in Chinese", async () => {
  await open("/");
  await updated(page);
  const zone = page.getByRole("button", { name: "按 UTC 显示时间" });
  await zone.click();
  assert.match(await page.locator("#wrong time").innerText(), /20\d\d\/\d\d\/\d\d.*GMT/);
  await page.route("**/*", (route) => route.fulfill({ status: 502, body: "" }));
  const lost = page.getByRole("alert").filter({ hasText: "页面无法更新" });
  await lost.waitFor();
  assert.match(await lost.innerText(), /^页面无法更新，始于 .*：收到状态码 502。页面内容为当时的数据。$/);
  assert.match(await page.title(), /^\(\?\) replmond$/);
  browser.noise = browser.noise.filter((each) => !each.includes("502"));
});

test("in Chinese without JavaScript", async () => {
  await open("/", { javaScriptEnabled: false });
  assert.match(await page.locator("#live").innerText(), /^数据截至\s20\d\d-\d\d-\d\d \d\d:\d\d:\d\dZ$/);
  assert.equal(await page.getByRole("button", { name: "查询" }).isVisible(), true);
});
