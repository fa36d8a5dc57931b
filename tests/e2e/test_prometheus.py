"""A real Prometheus scrapes the daemon."""

import json
import shutil
import socket
import unittest
import urllib.parse

from support import EndToEnd, PROJECT_ID, config_for, http, wait_for

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


class Scrapes(EndToEnd):
    def start_prometheus(self, daemon):
        port = free_port()
        config = self.write("prometheus.yml", f"""
global: {{scrape_interval: 200ms, scrape_timeout: 200ms}}
scrape_configs:
  - job_name: replmond
    static_configs: [{{targets: ['{daemon.url.removeprefix("http://")}']}}]
""")
        prometheus = self.start("prometheus", "prometheus", f"--config.file={config}",
                                f"--storage.tsdb.path={self.folder}/tsdb", f"--web.listen-address=127.0.0.1:{port}")
        prometheus.url = f"http://127.0.0.1:{port}"

        def ready():
            try:
                return http(prometheus.url + "/-/ready")[0] == 200
            except OSError:
                return False

        wait_for(ready, "Prometheus")
        return prometheus

    def query(self, prometheus, expression):
        status, _, text = http(prometheus.url + "/api/v1/query?query=" + urllib.parse.quote(expression))
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
        targets = json.loads(http(prometheus.url + "/api/v1/targets")[2])["data"]["activeTargets"]
        self.assertEqual([t["lastError"] for t in targets], [""])
        metadata = json.loads(http(prometheus.url + "/api/v1/metadata?metric=starrocks_replication_stage")[2])["data"]
        self.assertEqual(metadata["starrocks_replication_stage"][0]["type"], "gauge")
