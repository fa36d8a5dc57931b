// Starts the binary and the simulated cloud on loopback, and ends them.
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const root = resolve(import.meta.dirname, "../..");
const build = resolve(root, process.env.REPLMOND_BUILD ?? "build/release");
const project = "0123456789abcdef0123456789abcdef";

export const program = (name) => join(build, name);
export const screenshots = join(root, "build/screenshots");

// Until `condition` gives something true; it may be asynchronous.
export async function waitFor(condition, what) {
  const deadline = Date.now() + 30_000;
  for (;;) {
    const value = await condition();
    if (value) return value;
    if (Date.now() > deadline) throw new Error(`timed out waiting for ${typeof what === "function" ? what() : what}`);
    await new Promise((done) => setTimeout(done, 25));
  }
}

class Program {
  constructor(name, ...flags) {
    this.text = "";
    this.child = spawn(program(name), flags, { stdio: ["ignore", "pipe", "pipe"] });
    for (const stream of [this.child.stdout, this.child.stderr]) stream.on("data", (data) => (this.text += data));
  }

  // The address that a line of its output names.
  async url(pattern) {
    const found = await waitFor(() => this.text.match(pattern), () => `${pattern} of:\n${this.text}`);
    return "http://" + found[1];
  }

  async stop() {
    if (this.child.exitCode === null) {
      const ended = new Promise((done) => this.child.once("exit", done));
      this.child.kill("SIGTERM");
      await ended;
    }
  }
}

// A daemon that watches `instances` (name, id and tasks of each) of a simulated cloud whose clock stands still. An
// instance with an `address` of 127.0.0.0/8 has its lag measured there. `more`: of the configuration; `flags`: of the
// daemon.
export class Site {
  static async start(instances, { more = "", flags = [] } = {}) {
    const site = new Site();
    site.folder = mkdtempSync(join(tmpdir(), "replmond-browser-"));
    const scenario = join(site.folder, "scenario.yaml");
    site.config = join(site.folder, "replmond.yaml");
    const mysql = { user: "replmond", password: "browser-secret" };
    writeFileSync(scenario, JSON.stringify({ tokens: ["browser-secret"], projects: [project], mysql, instances })); // is YAML
    site.simulator = new Program("replmond-simulator", "--listen-address=127.0.0.1:0", `--scenario=${scenario}`,
                                 "--speed=0", "--mysql-port=0");
    site.cloud = await site.simulator.url(/listening on http:\/\/(127\.0\.0\.1:\d+)/);
    site.databases = await site.simulator.url(/mysql:\/\/0\.0\.0\.0:(\d+)/);
    writeFileSync(site.config, `
poll: {interval: 1s, timeout: 2s, stale_after: 3s}
projects:
  - name: shop
    region: ap-southeast-3
    project_id: ${project}
    endpoint: ${site.cloud}
    rate_limit: 100000/5m
    auth: {type: token, token: browser-secret}
instances: ${instances.length === 0 ? "[]" : ""}
${instances.map((each) => "  - " + JSON.stringify(site.settingsOf(each))).join("\n")}
${more}`);
    site.flags = [`--config.file=${site.config}`, ...flags];
    await site.startDaemon("127.0.0.1:0");
    return site;
  }

  settingsOf({ name, id, address }) {
    if (address === undefined) return { name, id };
    const port = Number(this.databases.replace("http://", ""));
    return { name, id, lag: { host: address, port, user: "replmond", password: "browser-secret", tls: "off", interval: "1s" } };
  }

  async startDaemon(address) {
    this.daemon = new Program("replmond", ...this.flags, `--web.listen-address=${address}`);
    this.url = await this.daemon.url(/event=started.* addresses=(127\.0\.0\.1:\d+)/);
    await waitFor(async () => (await fetch(this.url + "/-/ready")).status === 200, "the first polls");
  }

  async control(path, body, method = "POST") {
    const answer = await fetch(`${this.cloud}/_control/${path}`, { method, body: body && JSON.stringify(body) });
    if (!answer.ok) throw new Error(await answer.text());
  }

  setTask(instance, task_name, set) {
    return this.control("tasks", { instance, task_name, set });
  }

  // Until the API shows as many tasks.
  async untilTasks(query, count) {
    await waitFor(async () => {
      const answer = await (await fetch(`${this.url}/api/v1/tasks?${query}`)).json();
      return answer.data.length === count;
    }, `${count} tasks of ${query}`);
  }

  // Until the summary of the API says so.
  async untilSummary(holds, what) {
    let last;
    await waitFor(async () => holds((last = (await (await fetch(`${this.url}/api/v1/summary`)).json()).data)),
                  () => `${what}: ${JSON.stringify(last)}`);
  }

  async stop() {
    await this.daemon?.stop();
    await this.simulator?.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
