"""The shipped rules and routes, with a real Prometheus and Alertmanager: who is told what, and when it is over."""

import http.server
import json
import re
import shutil
import threading
import time
import unittest
import urllib.parse

import test_prometheus
from support import DAEMON, EndToEnd, PROJECT_ID, ROOT, http as ask, wait_for

ORDERS = "0a1b2c3d4e5f60718293a4b5c6d7e8f9in17"
BILLING = "1b2c3d4e5f60718293a4b5c6d7e8f90ain17"
MINUTE = 500  # milliseconds that a minute of the rules takes here

SCENARIO = f"""
tokens: [e2e-secret-token, e2e-secret-other]
projects: [{PROJECT_ID}]
instances:
  - name: orders
    id: {ORDERS}
    tasks:
      - {{name: sync, source_database: shop, target_database: shop_sr, timeline: [{{stage: incremental}}]}}
      - {{name: copy, source_database: old, target_database: old_sr, timeline: [{{stage: full, percentage: 42.5}}]}}
  - name: billing
    id: {BILLING}
    tasks: [{{name: ledger, source_database: ledger, target_database: ledger_sr, timeline: [{{stage: incremental}}]}}]
"""

UNITS = {"m": 1, "h": 60, "d": 1440}


def shortened(rules):
    """The same rules, with every duration and every threshold in seconds so much shorter."""
    def duration(match):
        return f"{match[1]}{int(match[2]) * UNITS[match[3]] * MINUTE}ms"

    rules = re.sub(r"(\[|for: )(\d+)([mhd])\b", duration, rules)
    return re.sub(r"(?<=> )(1800|3600|86400)\b|(?<=, )900\b", lambda match: str(int(match[0]) * MINUTE / 60000), rules)


class Receiver(http.server.BaseHTTPRequestHandler):
    """Alertmanager's webhook."""

    def do_POST(self):
        sent = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        for alert in sent["alerts"]:
            self.server.received.append((self.path, alert["status"], alert["labels"], alert["annotations"]))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


@unittest.skipUnless(shutil.which("prometheus") and shutil.which("prometheus-alertmanager"),
                     "the packages prometheus and prometheus-alertmanager are not installed")
class Alerts(EndToEnd):
    def setUp(self):
        super().setUp()
        self.simulator = self.start_simulator(SCENARIO, speed=0)
        self.write("token", "e2e-secret-token")
        self.config = self.write("replmond.yaml", f"""
poll: {{interval: 1s, timeout: 2s}}
state: {{path: {self.folder}/state.db}}
projects:
  - name: demo
    region: ap-southeast-3
    project_id: {PROJECT_ID}
    endpoint: {self.simulator.url}
    rate_limit: 100000/5m
    auth: {{type: token, token_file: token}}
instances:
  - {{name: orders, id: {ORDERS}, labels: {{team: payments}}}}
  - {{name: billing, id: {BILLING}}}
""")
        self.port = test_prometheus.free_port()
        self.daemon = self.start_replmond("daemon")
        self.text_only = self.serve(test_prometheus.TextOnly, upstream=f"http://127.0.0.1:{self.port}", asked=[], served=[])
        self.receiver = self.serve(Receiver, received=[])
        self.start_alertmanager()
        self.start_prometheus()

    def serve(self, handler, **attributes):
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        server.handle_error = lambda *_: None  # whoever asks while the daemon restarts gets no answer
        for name, value in attributes.items():
            setattr(server, name, value)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        server.address = f"127.0.0.1:{server.server_port}"
        return server

    def start_replmond(self, name):
        daemon = self.start(name, DAEMON, f"--config.file={self.config}", f"--web.listen-address=127.0.0.1:{self.port}")
        daemon.wait_for_line("event=started")
        daemon.url = f"http://127.0.0.1:{self.port}"
        return daemon

    def start_server(self, name, *arguments):
        address = f"127.0.0.1:{test_prometheus.free_port()}"
        self.start(name, *arguments, f"--web.listen-address={address}")

        def ready():
            try:
                return ask(f"http://{address}/-/ready")[0] == 200
            except OSError:
                return False

        wait_for(ready, name)
        return address

    def start_alertmanager(self):
        text = (ROOT / "config/alertmanager.yml").read_text().replace("localhost:9095", self.receiver.address)
        text = re.sub(r"group_wait: \w+", "group_wait: 0s", text)
        config = self.write("alertmanager.yml", re.sub(r"group_interval: \w+", "group_interval: 500ms", text))
        self.alertmanager = self.start_server("alertmanager", "prometheus-alertmanager", f"--config.file={config}",
                                              f"--storage.path={self.folder}/alerts", "--cluster.listen-address=")

    def start_prometheus(self):
        for name in ("alerts.yaml", "rules.yaml"):
            self.write(name, shortened((ROOT / "dashboards" / name).read_text()))
        # One daemon, scraped in both formats: two targets that know the same, as a pair of replmond does.
        targets = f"'127.0.0.1:{self.port}', '{self.text_only.address}'"
        text = (ROOT / "config/prometheus.yml").read_text().replace("../dashboards/", "").replace("'localhost:10930'", targets)
        text = re.sub(r"_interval: \w+", "_interval: 500ms", text).replace("localhost:9093", self.alertmanager)
        config = self.write("prometheus.yml", text)
        self.prometheus = self.start_server("prometheus", "prometheus", f"--config.file={config}", f"--storage.tsdb.path={self.folder}/tsdb")
        wait_for(lambda: self.values("up") == ["1", "1"], "both scrapes")

    def query(self, expression):
        status, _, text = ask(f"http://{self.prometheus}/api/v1/query?query=" + urllib.parse.quote(expression))
        self.assertEqual(status, 200, text)
        return json.loads(text)["data"]["result"]

    def values(self, expression):
        return [found["value"][1] for found in self.query(expression)]

    def told(self, alert, status="firing", **labels):
        """What receivers were told of an alert: (path, labels, annotations)."""
        return [(path, had, notes) for path, was, had, notes in list(self.receiver.received)
                if (was, had["alertname"]) == (status, alert) and labels.items() <= had.items()]

    def wait_until_told(self, alert, status="firing", **labels):
        return wait_for(lambda: self.told(alert, status, **labels), f"{alert} {status} at {[a[:2] + (a[2]['alertname'],) for a in self.receiver.received]}", patience=60)

    def muted(self, alert):
        found = json.loads(ask(f"http://{self.alertmanager}/api/v2/alerts")[2])
        return [a["status"]["state"] for a in found if a["labels"]["alertname"] == alert] == ["suppressed"]

    def set_task(self, task, **values):
        self.control(self.simulator, "tasks", {"instance": ORDERS, "task_name": task, **values})

    def test_a_task_turns_abnormal_and_recovers(self):
        self.set_task("sync", set={"status": "No"})
        path, labels, notes = self.wait_until_told("ReplicationAbnormal")[0]
        self.assertEqual(path, "/pager")
        self.assertEqual({k: labels.get(k) for k in ("severity", "starrocks_instance", "task", "source_database", "target_database", "team", "instance", "job")},
                         {"severity": "page", "starrocks_instance": "orders", "task": "sync", "source_database": "shop",
                          "target_database": "shop_sr", "team": "payments", "instance": None, "job": None})
        self.assertIn("TaurusDB shop -> StarRocks shop_sr", notes["description"])
        self.assertEqual(notes["dashboard_url"], "/d/replmond-task?var-project=demo&var-starrocks_instance=orders&var-task=sync")

        # Its instance cannot be read: that is told instead, and what is known of the task is muted.
        self.control(self.simulator, "faults", {"instance": ORDERS, "reset_at": "answer"})
        self.assertEqual(self.wait_until_told("PollFailing")[0][0], "/tickets")
        wait_for(lambda: self.muted("ReplicationAbnormal"), "the task's alert to be muted")
        self.assertEqual(self.told("PollFailing", starrocks_instance="billing"), [])
        self.assertEqual(self.told("ProjectPollsFailing"), [])

        ask(self.simulator.url + "/_control/faults", method="DELETE")
        self.wait_until_told("PollFailing", "resolved")
        self.set_task("sync", set={"status": "Yes"})
        self.wait_until_told("ReplicationAbnormal", "resolved")
        self.assertEqual(self.told("MainTaskDisappeared"), [])

    def test_a_full_synchronization_stands_still_and_its_task_goes(self):
        self.assertEqual(self.wait_until_told("FullSyncStalled")[0][1]["task"], "copy")
        self.set_task("copy", set={"percentage": 43})
        self.wait_until_told("FullSyncStalled", "resolved")

        # Deleted: its series end at once, not after the five minutes that Prometheus would look back.
        copy = 'starrocks_replication_stage{task="copy"}'
        self.assertEqual(len(self.query(copy)), 2 * 6)
        self.set_task("copy", remove=True)
        wait_for(lambda: not self.query(copy), "the series to end")
        path, labels, _ = self.wait_until_told("MainTaskDisappeared")[0]
        self.assertEqual((path, labels["task"], labels["source_database"]), ("/pager", "copy", "old"))
        self.assertEqual(self.told("MainTaskDisappeared", task="sync"), [])

    def test_the_credential_is_refused_and_replaced(self):
        self.control(self.simulator, "tokens", {"revoke": "e2e-secret-token", "as": "APIGW.0301"})
        self.assertEqual(self.wait_until_told("CredentialRefused")[0][0], "/pager")
        wait_for(lambda: self.muted("ProjectPollsFailing"), "the alert of the project to be muted")
        self.assertEqual(self.told("ProjectPollsFailing"), [])
        self.write("token", "e2e-secret-other")
        self.wait_until_told("CredentialRefused", "resolved")
        wait_for(lambda: set(self.values("replmond_poll_success")) == {"1"}, "polls to succeed")
        self.assertEqual(self.told("ReplicationAbnormal"), [])

    def test_a_restart_leaves_no_hole(self):
        changed = 'starrocks_replication_stage_changed_timestamp_seconds{task="sync"}'
        before = wait_for(lambda: len(self.values(changed)) == 2 and self.values(changed), "the task")
        began = time.monotonic()
        # The cloud is silent at first: what is exported comes from the state file.
        self.control(self.simulator, "faults", {"instance": ORDERS, "reset_at": "answer"})
        self.daemon.stop()
        wait_for(lambda: self.values("up") == ["0", "0"], "scrapes to fail")
        self.daemon = self.start_replmond("daemon-again")
        wait_for(lambda: self.values("up") == ["1", "1"], "scrapes to succeed again")
        self.assertEqual(self.values(changed), before)
        ask(self.simulator.url + "/_control/faults", method="DELETE")
        self.wait_for_polls(self.daemon, "orders", 2)
        self.assertEqual(self.values(changed), before)
        # No scrape that succeeded meanwhile lacked the task.
        passed = int((time.monotonic() - began) * 1000)
        self.assertEqual(self.query(f"count_over_time((up == 1 unless on (instance) {changed})[{passed}ms:100ms])"), [])
        errors = [t["lastError"] for t in json.loads(ask(f"http://{self.prometheus}/api/v1/targets")[2])["data"]["activeTargets"]]
        self.assertEqual(errors, ["", ""])
        self.assertIn("application/openmetrics-text", self.text_only.asked[0])
        self.assertEqual({kind.split(";")[0] for kind in self.text_only.served}, {"text/plain"})
