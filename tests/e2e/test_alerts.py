"""The shipped rules and routes, with a real Prometheus and Alertmanager: who is told what, and when it is over."""

import time

import test_prometheus
from alert_support import WithAlerts, needs_alertmanager
from prometheus_support import free_port
from support import DAEMON, PROJECT_ID, http as ask, wait_for

ORDERS = "0a1b2c3d4e5f60718293a4b5c6d7e8f9in17"
BILLING = "1b2c3d4e5f60718293a4b5c6d7e8f90ain17"

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


@needs_alertmanager
class Alerts(WithAlerts):
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
        self.port = free_port()
        self.daemon = self.start_replmond("daemon")
        # One daemon, scraped in both formats: two targets that know the same, as a pair of replmond does.
        self.text_only = self.serve(test_prometheus.TextOnly, upstream=self.daemon.url, asked=[], served=[])
        self.start_alertmanager()
        self.start_prometheus_with_rules(self.daemon, self.text_only)

    def start_replmond(self, name):
        daemon = self.start(name, DAEMON, f"--config.file={self.config}", f"--web.listen-address=127.0.0.1:{self.port}")
        daemon.wait_for_line("event=started")
        daemon.url = f"http://127.0.0.1:{self.port}"
        return daemon

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
        self.assertEqual(notes["page"], "/task?project=demo&starrocks_instance=orders&task=sync", "a path, where the daemon does not know its own URL")

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

    def test_the_first_429_count(self):
        wait_for(lambda: self.values('replmond_api_requests_total{operation="list",code="429"}') == ["0", "0"], "429 to be at 0")
        self.control(self.simulator, "faults", {"operation": "list", "status": 429, "count": 4})
        path, labels, notes = self.wait_until_told("Throttled")[0]
        self.assertEqual((path, labels["project"]), ("/tickets", "demo"))
        self.assertRegex(notes["description"], r"^About \d+ requests were refused with 429 within 15 minutes\. ")
        self.wait_until_told("Throttled", "resolved")

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
        errors = [t["lastError"] for t in self.targets()]
        self.assertEqual(errors, ["", ""])
        self.assertIn("application/openmetrics-text", self.text_only.asked[0])
        self.assertEqual({kind.split(";")[0] for kind in self.text_only.served}, {"text/plain"})
