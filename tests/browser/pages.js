// A page in Chromium, and what the tests ask of it.
import assert from "node:assert/strict";
import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { chromium } from "playwright-core";
import { screenshots, Site, waitFor } from "./replmond.js";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

export const task = (name, step, more = {}) => ({
  name, source_database: name, target_database: name + "_sr", timeline: [step], ...more });

export class Browser {
  static async start() {
    const started = new Browser();
    // As root there is no sandbox to be had, in containers often neither; the pages are our own.
    started.chromium = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox"] });
    mkdirSync(screenshots, { recursive: true });
    return started;
  }

  // A fresh page; `noise` has what its console says.
  async open(url, options = {}) {
    await this.context?.close();
    this.context = await this.chromium.newContext({ viewport: { width: 1440, height: 900 }, timezoneId: "Asia/Shanghai", ...options });
    this.page = await this.context.newPage();
    this.noise = [];
    const page = this.page;
    page.on("console", (message) => this.noise.push(`${message.type()}: ${message.text()}`));
    page.on("pageerror", (error) => this.noise.push(String(error)));
    page.on("requestfailed", (request) => {
      // A navigation gives up what the page before it was still loading: often its icon.
      if (request.failure().errorText !== "net::ERR_ABORTED") this.noise.push(`failed: ${request.url()}`);
    });
    await page.goto(url);
    return page;
  }

  async close() {
    await this.context?.close();
    this.context = undefined;
  }

  async stop() {
    await this.close();
    await this.chromium.close();
  }
}

// A site of a test's own, which ends with the test. The page is closed first, since it goes on asking.
export async function withSite(browser, instances, body) {
  const site = await Site.start(instances);
  try {
    await body(site);
  } finally {
    await browser.close();
    await site.stop();
  }
}

export const asOf = (page) => page.locator("#live time").getAttribute("datetime");

// Until the script has shown a newer page than the one that is there now.
export async function updated(page) {
  const before = await asOf(page);
  await waitFor(async () => (await asOf(page)) !== before, "an update");
}

export const names = (page) => page.locator("#task-table tbody th .name").allTextContents();

export const shows = (page, expected, what) => waitFor(async () => {
  const found = await names(page);
  return JSON.stringify(found) === JSON.stringify(expected);
}, what ?? `the rows ${expected}`);

// Whole, in what is seen without scrolling.
export async function inFirstScreen(locator) {
  const box = await locator.boundingBox();
  const { width, height } = locator.page().viewportSize();
  return box !== null && box.y >= 0 && box.y + box.height <= height && box.x >= 0 && box.x + box.width <= width + 0.5;
}

// The page has to be opened with bypassCSP.
export async function assertAccessible(page) {
  await page.evaluate(axe);
  const found = await page.evaluate(() => window.axe.run({ rules: { "target-size": { enabled: true } } }));
  assert.deepEqual(found.violations.map((each) => `${each.id}: ${each.nodes.map((node) => node.html).join(" | ")}`), []);
}

export const sticksOut = (page) => page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
