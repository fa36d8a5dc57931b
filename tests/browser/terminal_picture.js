// Draws docs/pictures/terminal.png into the folder that is named: `replmond task list` as a terminal of 100 columns shows it.
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { Browser, task } from "./pages.js";
import { Site, program } from "./replmond.js";

const folder = process.argv[2];
const COLUMNS = 100;
const COLOURS = { 1: "font-weight: bold", 2: "opacity: 0.6", 31: "color: #ff7b72", 32: "color: #7ee787", 33: "color: #e3b341",
                  34: "color: #79c0ff", 35: "color: #d2a8ff", 36: "color: #76e3ea", 90: "color: #8b949e" };
const id = (n) => String(n).padStart(32, "0") + "in17";

// `analytics` has no lag measured.
const fleet = [
  { name: "orders", id: id(1), address: "127.0.1.1", tasks: [
    task("orders_main", { stage: "incremental", status: "No", percentage: 100, error_msg: "unsupported DDL" }, { lag: "14m" }),
    task("orders_eu", { stage: "incremental", percentage: 100 }, { lag: "4s" }),
    task("订单同步", { stage: "incremental", percentage: 100 }, { lag: "2s" })] },
  { name: "billing", id: id(2), address: "127.0.1.2", tasks: [
    task("invoices", { stage: "incremental", percentage: 100, need_repair: true }, { lag: "3s" }),
    task("ledger", { stage: "incremental", percentage: 100, catchup_stage: "full", catchup_percentage: 12 }, { lag: "1s" })] },
  { name: "analytics", id: id(3), tasks: [
    task("clicks", { stage: "paused", percentage: 100 }),
    task("history", { stage: "full", percentage: 42.5 }),
    task("events", { stage: "incremental", percentage: 100 })] }];

// What the command prints on a terminal, which script(1) gives it. The exit code tells what was found.
function printed(site) {
  const command = `stty cols ${COLUMNS}; ${program("replmond")} task list --config.file=${site.config}; true`;
  return execFileSync("script", ["-qec", command, "/dev/null"], { encoding: "utf8", env: { ...process.env, TERM: "xterm-256color", LANG: "C.UTF-8", NO_COLOR: "" } })
    .replaceAll("\r", "").trimEnd();
}

const escaped = (text) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
// A wide character takes two columns, whatever font it comes from.
const wide = (text) => escaped(text).replace(/[\u2e80-\uffff]/gu, (c) => `<span class="wide">${c}</span>`);

function html(text) {
  let body = "", open = false;
  for (const part of text.split(/(\x1b\[[0-9;]*m)/)) {
    const colour = part.match(/^\x1b\[([0-9;]*)m$/);
    if (!colour) { body += wide(part); continue; }
    if (open) body += "</span>";
    const styles = colour[1].split(";").map(Number).filter((n) => n !== 0);
    for (const n of styles) if (!(n in COLOURS)) throw new Error(`no colour for ${n}`);
    open = styles.length > 0;
    if (open) body += `<span style="${styles.map((n) => COLOURS[n]).join("; ")}">`;
  }
  return `<!DOCTYPE html><meta charset="utf-8"><style>
    body { margin: 0; background: #ffffff; }
    pre { display: inline-block; box-sizing: content-box; width: ${COLUMNS}ch; margin: 0; padding: 14px 16px; background: #161b22; color: #e6edf3;
          font: 14px/1.45 "DejaVu Sans Mono", "Noto Sans Mono CJK SC", monospace; }
    .wide { display: inline-block; width: 2ch; text-align: center; line-height: 1; }
  </style><pre>$ replmond task list\n${body}${open ? "</span>" : ""}</pre>`;
}

const site = await Site.start(fleet);
const browser = await Browser.start();
try {
  const page = await browser.open("data:text/html;charset=utf-8," + encodeURIComponent(html(printed(site))),
                                  { viewport: { width: 1000, height: 600 }, deviceScaleFactor: 1.5 });
  await page.locator("pre").screenshot({ path: join(folder, "terminal.png") });
  if (browser.noise.length > 0) throw new Error(browser.noise.join("\n"));
} finally {
  await browser.stop();
  await site.stop();
}
