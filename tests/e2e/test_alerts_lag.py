"""The shipped alerts about lag, with a real Prometheus and Alertmanager, and heartbeats that come from the simulator's databases."""

from alert_support import WithAlerts, needs_alertmanager
from support import PROJECT_ID

ORDERS = "0a1b2c3d4e5f60718293a4b5c6d7e8f9in17"
BILLING = "1b2c3d4e5f60718293a4b5c6d7e8f90ain17"
TAURUS = "00000000000000000000000000000000in07"

SCENARIO = f"""
tokens: [e2e-secret-token]
projects: [{PROJECT_ID}]
mysql: {{user: replmond, password: e2e-secret-sr}}
taurusdb:
  - {{id: {TAURUS}, name: shop, address: 127.0.2.1, htap: [{ORDERS}, {BILLING}]}}
instances:
  - name: orders
    id: {ORDERS}
    address: 127.0.1.1
    tasks:
      - {{name: sync, source_database: shop, target_database: shop_sr, timeline: [{{stage: incremental}}]}}
      - {{name: clicks, source_database: clicks, target_database: clicks_sr, timeline: [{{stage: incremental}}]}}
  - name: billing
    id: {BILLING}
    address: 127.0.1.2
    tasks: [{{name: ledger, source_database: ledger, target_database: ledger_sr, timeline: [{{stage: incremental}}]}}]
"""
LAG = "{{host: 127.0.1.{}, port: {}, user: replmond, password: e2e-secret-sr, tls: off, interval: 1s, timeout: 1s}}"


@needs_alertmanager
class LagAlerts(WithAlerts):
    def setUp(self):
        super().setUp()
        self.simulator = self.start_simulator(SCENARIO, speed=0, databases=True)
        orders, billing = (LAG.format(number, self.simulator.mysql_port) for number in (1, 2))
        self.daemon = self.start_daemon(f"""
poll: {{interval: 1s, timeout: 2s}}
projects:
  - name: demo
    region: r
    project_id: {PROJECT_ID}
    endpoint: {self.simulator.url}
    rate_limit: 100000/5m
    auth: {{type: token, token: e2e-secret-token}}
instances:
  - {{name: orders, id: {ORDERS}, lag: {orders}}}
  - {{name: billing, id: {BILLING}, lag: {billing}}}
""", "--web.external-url=https://status.example/replmond/")
        self.start_alertmanager()
        self.start_prometheus_with_rules(self.daemon)

    def set_database(self, **values):
        self.control(self.simulator, "mysql", values)

    def test_a_task_falls_behind_and_then_far_behind(self):
        self.set_database(instance=ORDERS, task="sync", lag_seconds=20)
        path, labels, notes = self.wait_until_told("ReplicationLagHigh", severity="warning")[0]
        self.assertEqual((path, labels["starrocks_instance"], labels["task"]), ("/tickets", "orders", "sync"))
        self.assertRegex(notes["summary"], r"^orders: sync is 2\d(\.\d+)?s behind$")
        self.assertEqual(notes["page"], "https://status.example/replmond/task?project=demo&starrocks_instance=orders&task=sync")
        self.assertEqual(self.told("ReplicationLagHigh", severity="page"), [])

        self.set_database(instance=ORDERS, task="sync", lag_seconds=90)
        self.assertEqual(self.wait_until_told("ReplicationLagHigh", severity="page")[0][0], "/pager")
        self.set_database(instance=ORDERS, task="sync", lag_seconds=0)
        self.wait_until_told("ReplicationLagHigh", "resolved", severity="page")
        self.assertEqual([told for told in self.told("ReplicationLagHigh") if told[1]["task"] != "sync"], [])

    def test_nobody_writes_the_heartbeat(self):
        self.set_database(taurusdb=TAURUS, stop_writer=True)
        path, labels, notes = self.wait_until_told("HeartbeatStopped", severity="warning")[0]
        # An instance with one task is left out: it may be the task.
        self.assertEqual((path, labels["starrocks_instance"], labels.get("task")), ("/tickets", "orders", None))
        self.assertEqual(notes["summary"], "orders: the heartbeat of every task has stopped")
        self.assertEqual(notes["page"], "https://status.example/replmond/")
        self.set_database(taurusdb=TAURUS, stop_writer=False)
        self.wait_until_told("HeartbeatStopped", "resolved", severity="warning")
        self.assertEqual(self.told("ReplicationLagHigh", starrocks_instance="orders"), [])

    def test_lag_cannot_be_read(self):
        self.wait_for_polls(self.daemon, "orders", 2)
        self.set_database(instance=ORDERS, fault="close")
        path, labels, notes = self.wait_until_told("ReplicationLagUnknown")[0]
        self.assertEqual((path, labels["starrocks_instance"], labels.get("task")), ("/tickets", "orders", None))
        self.assertEqual(notes["summary"], "orders: the lag of every task cannot be read any more")
        self.set_database(instance=ORDERS, fault=None)
        self.wait_until_told("ReplicationLagUnknown", "resolved")
        self.assertEqual(self.told("ReplicationLagUnknown", starrocks_instance="billing"), [])
