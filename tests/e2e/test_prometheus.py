"""A real Prometheus scrapes the daemon."""

import http.server
import json
import shutil
import socket
import threading
import unittest
import urllib.parse
import urllib.request

from support import EndToEnd, PROJECT_ID, config_for, wait_for
from support import http as ask

ORDERS = "0a1b2c3d4e5f60718293a4b5c6d7e8f9in17"

MOVING = f"""
tokens: [e2e-secret-token]
projects: [{PROJECT_ID}]
instances:
  - name: orders
    id: {ORDERS}
    tasks:
      - name: 订单 "quoted" \\ copy
        source_database: orders
        target_database: orders_sr
        timeline: [{{stage: wait, for: 1s}}, {{stage: full, for: 3s}}, {{stage: incremental}}]
"""


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class TextOnly(http.server.BaseHTTPRequestHandler):
    """Passes scrapes on, but asks for the text format: Prometheus 2.42 itself cannot be told to."""

    def do_GET(self):
        self.server.asked.append(self.headers["Accept"])
        request = urllib.request.Request(self.server.upstream + self.path, headers={"Accept": "text/plain;version=0.0.4"})
        with urllib.request.urlopen(request) as answer:
            body, content_type = answer.read(), answer.headers["Content-Type"]
        self.server.served.append(content_type)
        self.send_response(200)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


class Scrapes(EndToEnd):
    def start_text_only(self, daemon):
        proxy = http.server.ThreadingHTTPServer(("127.0.0.1", 0), TextOnly)
        proxy.upstream, proxy.asked, proxy.served = daemon.url, [], []
        threading.Thread(target=proxy.serve_forever, daemon=True).start()
        self.addCleanup(proxy.server_close)
        self.addCleanup(proxy.shutdown)
        proxy.url = f"http://127.0.0.1:{proxy.server_port}"
        return proxy

    def start_prometheus(self, *scraped):
        port = free_port()
        targets = ", ".join(repr(s.url.removeprefix("http://")) for s in scraped)
        config = self.write("prometheus.yml", f"""
global: {{scrape_interval: 200ms, scrape_timeout: 200ms}}
scrape_configs:
  - job_name: replmond
    static_configs: [{{targets: [{targets}]}}]
""")
        prometheus = self.start("prometheus", "prometheus", f"--config.file={config}",
                                f"--storage.tsdb.path={self.folder}/tsdb", f"--web.listen-address=127.0.0.1:{port}")
        prometheus.url = f"http://127.0.0.1:{port}"

        def ready():
            try:
                return ask(prometheus.url + "/-/ready")[0] == 200
            except OSError:
                return False

        wait_for(ready, "Prometheus")
        return prometheus

    def query(self, prometheus, expression):
        status, _, text = ask(prometheus.url + "/api/v1/query?query=" + urllib.parse.quote(expression))
        self.assertEqual(status, 200, text)
        return json.loads(text)["data"]["result"]

    @unittest.skipUnless(shutil.which("prometheus"), "the package prometheus is not installed")
    def test_scrapes_and_joins(self):
        simulator = self.start_simulator(MOVING)
        daemon = self.start_daemon(config_for(simulator, [("orders", ORDERS, ", labels: {team: payments}")]))
        prometheus = self.start_prometheus(daemon)
        wait_for(lambda: [r["value"][1] for r in self.query(prometheus, "up")] == ["1"], "up == 1")

        joined = ('starrocks_replication_stage{stage="incremental"} == 1 '
                  "and on (project, starrocks_instance, task) starrocks_replication_info{team=\"payments\"}")
        found = wait_for(lambda: self.query(prometheus, joined), "the task to be incremental")
        self.assertEqual(found[0]["metric"]["task"], '订单 "quoted" \\ copy')

        moved = self.query(prometheus, 'sum(starrocks_replication_stage_transitions_total{to="incremental"})')
        self.assertEqual(moved[0]["value"][1], "1")
        targets = json.loads(ask(prometheus.url + "/api/v1/targets")[2])["data"]["activeTargets"]
        self.assertEqual([t["lastError"] for t in targets], [""])
        metadata = json.loads(ask(prometheus.url + "/api/v1/metadata?metric=starrocks_replication_stage")[2])["data"]
        self.assertEqual(metadata["starrocks_replication_stage"][0]["type"], "gauge")

    @unittest.skipUnless(shutil.which("prometheus"), "the package prometheus is not installed")
    def test_both_formats_give_the_same_series(self):
        simulator = self.start_simulator(MOVING)
        daemon = self.start_daemon(config_for(simulator, [("orders", ORDERS, "")]))
        text_only = self.start_text_only(daemon)
        prometheus = self.start_prometheus(daemon, text_only)
        wait_for(lambda: [r["value"][1] for r in self.query(prometheus, "up")] == ["1", "1"], "both scrapes")
        self.wait_for_polls(daemon, "orders", 2)

        def names(target):
            url = target.url.removeprefix("http://")
            found = self.query(prometheus, f'count by (__name__, stage, from, to, result, le) ({{instance="{url}", __name__!~"up|scrape_.*"}})')
            return {tuple(sorted(r["metric"].items())) for r in found}

        wait_for(lambda: len(names(daemon)) > 80 and names(daemon) == names(text_only), "the same series of both")
        # Unasked, Prometheus wants OpenMetrics: so the first target was scraped in that format.
        self.assertIn("application/openmetrics-text", text_only.asked[0])
        self.assertEqual(set(text_only.served), {"text/plain; version=0.0.4; charset=utf-8"})
