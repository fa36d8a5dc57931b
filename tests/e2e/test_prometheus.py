"""A real Prometheus scrapes the daemon."""

import http.server
import urllib.request

from prometheus_support import WithPrometheus, needs_prometheus
from support import PROJECT_ID, config_for, wait_for

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


@needs_prometheus
class Scrapes(WithPrometheus):
    def test_scrapes_and_joins(self):
        simulator = self.start_simulator(MOVING)
        daemon = self.start_daemon(config_for(simulator, [("orders", ORDERS, ", labels: {team: payments}")]))
        self.start_prometheus(daemon)
        wait_for(lambda: [r["value"][1] for r in self.query("up")] == ["1"], "up == 1")

        joined = ('starrocks_replication_stage{stage="incremental"} == 1 '
                  "and on (project, starrocks_instance, task) starrocks_replication_info{team=\"payments\"}")
        found = wait_for(lambda: self.query(joined), "the task to be incremental")
        self.assertEqual(found[0]["metric"]["task"], '订单 "quoted" \\ copy')

        moved = self.query('sum(starrocks_replication_stage_transitions_total{to="incremental"})')
        self.assertEqual(moved[0]["value"][1], "1")
        self.assertEqual([t["lastError"] for t in self.targets()], [""])
        metadata = self.ask_for("metadata", metric="starrocks_replication_stage")
        self.assertEqual(metadata["starrocks_replication_stage"][0]["type"], "gauge")

    def test_both_formats_give_the_same_series(self):
        simulator = self.start_simulator(MOVING)
        daemon = self.start_daemon(config_for(simulator, [("orders", ORDERS, "")]))
        text_only = self.serve(TextOnly, upstream=daemon.url, asked=[], served=[])
        self.start_prometheus(daemon, text_only)
        wait_for(lambda: [r["value"][1] for r in self.query("up")] == ["1", "1"], "both scrapes")
        self.wait_for_polls(daemon, "orders", 2)

        def names(target):
            url = target.url.removeprefix("http://")
            found = self.query(f'count by (__name__, stage, from, to, result, le) ({{instance="{url}", __name__!~"up|scrape_.*"}})')
            return {tuple(sorted(r["metric"].items())) for r in found}

        wait_for(lambda: len(names(daemon)) > 80 and names(daemon) == names(text_only), "the same series of both")
        # Unasked, Prometheus wants OpenMetrics: so the first target was scraped in that format.
        self.assertIn("application/openmetrics-text", text_only.asked[0])
        self.assertEqual(set(text_only.served), {"text/plain; version=0.0.4; charset=utf-8"})
