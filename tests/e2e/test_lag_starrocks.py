"""Lag, against a server that greets as StarRocks does: version 5.1.0, no CLIENT_DEPRECATE_EOF, an auth switch, no TLS."""

import json
import re
import subprocess

from support import BUILD, EndToEnd, PROJECT_ID, ROOMY, http, many, wait_for

FIRST, SECOND = many(2)
TAURUS = "00000000000000000000000000000000in07"
SCENARIO = f"""
tokens: [e2e-secret-token]
projects: [{PROJECT_ID}]
mysql: {{user: replmond, password: e2e-secret-sr}}
taurusdb:
  - {{id: {TAURUS}, name: shop, address: 127.0.2.1, htap: [{FIRST}, {SECOND}]}}
instances:
  - {{id: {FIRST}, name: first, address: 127.0.1.1, tasks: [{{name: a, source_database: a, target_database: a_sr, lag: 7s, timeline: [{{stage: incremental}}]}},
                                                           {{name: b, source_database: b, target_database: b_sr, lag: 1s, timeline: [{{stage: incremental}}]}}]}}
  - {{id: {SECOND}, name: second, address: 127.0.1.2, tasks: [{{name: c, source_database: c, target_database: c_sr, lag: 3s, timeline: [{{stage: incremental}}]}}]}}
"""


class StarRocks(EndToEnd):
    def setUp(self):
        super().setUp()
        path = self.write("scenario.yaml", SCENARIO)
        self.simulator = self.start("simulator", BUILD / "replmond-simulator", "--listen-address=127.0.0.1:0", "--speed=0", "--mysql-port=0", f"--scenario={path}")
        line = wait_for(lambda: re.search(r"mysql://0\.0\.0\.0:(\d+)", self.simulator.output()), "the simulator's databases")
        self.port = line[1]
        self.simulator.url = "http://" + re.search(r"127\.0\.0\.1:\d+", self.simulator.output()).group()

    LAG = "{port: %s, user: replmond, password: e2e-secret-sr, tls: off, interval: 1s, timeout: 1s%s}"

    def configuration(self, discovered=False, more=""):
        lag = self.LAG % (self.port, more)
        listed = f"""
instances:
  - {{name: first, id: {FIRST}, lag: {lag.replace('{port', '{host: 127.0.1.1, port')}}}
  - {{name: second, id: {SECOND}, lag: {lag.replace('{port', '{host: 127.0.1.2, port')}}}
"""
        return f"""
poll: {{interval: 1s, timeout: 2s}}
projects:
  - name: demo
    region: r
    endpoint: {self.simulator.url}
    project_id: {PROJECT_ID}
    {ROOMY}
    auth: {{type: token, token: e2e-secret-token}}
    {f'discover: {{interval: 1s, lag: {lag}}}' if discovered else ''}
{'' if discovered else listed}
"""

    def lag(self, instance, task):
        found = self.sample(self.daemon, f'starrocks_replication_lag_seconds{{project="demo",starrocks_instance="{instance}",task="{task}"}}')
        return None if found is None else float(found)

    def wait_for_lag(self, instance, task, low, high):
        wait_for(lambda: low <= (self.lag(instance, task) or -99) <= high, lambda: f"{task}: {self.lag(instance, task)}\n{self.daemon.output()[-2000:]}")

    def reads(self, instance, result):
        return int(self.sample(self.daemon, f'replmond_lag_reads_total{{project="demo",starrocks_instance="{instance}",result="{result}"}}'))

    def test_configured(self):
        self.daemon = self.start_daemon(self.configuration())
        self.wait_for_lag("first", "a", 6.9, 8.5)
        self.wait_for_lag("first", "b", 0.9, 2.5)
        self.wait_for_lag("second", "c", 2.9, 4.5)
        before = self.reads("first", "success")
        wait_for(lambda: self.reads("first", "success") >= before + 6, "three reads of two tasks")
        addresses = json.loads(http(self.simulator.url + "/_control/state")[2])["mysql"]["addresses"]
        self.assertEqual(sorted(each["logins"] for each in addresses.values() if each["logins"]), [1, 1], "one connection an instance, which is kept")
        self.assertNotIn("e2e-secret", self.daemon.output() + self.daemon.errors())

    def test_discovered_by_the_address_that_the_cloud_lists(self):
        self.daemon = self.start_daemon(self.configuration(discovered=True))
        self.wait_for_lag("first", "a", 6.9, 8.5)
        self.wait_for_lag("second", "c", 2.9, 4.5)

    def test_a_server_that_misbehaves_delays_only_itself(self):
        for fault, result in (("hang_greeting", "timeout"), ("hang_login", "timeout"), ("hang_query", "timeout"), ("half_packet", "(network|timeout|protocol)"),
                              ("garbage", "(network|protocol)"), ("close", "network"), ("not_mysql", "(network|protocol)")):
            with self.subTest(fault):
                self.control(self.simulator, "mysql", {"instance": FIRST, "fault": fault})
                self.daemon = self.start_daemon(self.configuration(), name=fault)
                self.daemon.wait_for_line(f"event=lag_failed .*starrocks_instance=first result={result} ")
                self.wait_for_lag("second", "c", 2.9, 4.5)
                self.control(self.simulator, "mysql", None, method="DELETE")
                self.daemon.wait_for_line("event=lag_read_again .*starrocks_instance=first ")
                self.wait_for_lag("first", "a", 6.9, 8.5)
                self.assertEqual(self.daemon.lines("event=poll_failed"), [])
                self.assertEqual(len(self.daemon.lines("event=lag_failed")), 1)
                self.daemon.stop()

    def test_check_config_says_what_is_missing(self):
        path = self.write("replmond.yaml", self.configuration())
        self.control(self.simulator, "mysql", {"instance": SECOND, "task": "c", "drop_table": True})
        done = subprocess.run([str(BUILD / "replmond"), "check-config", "--online", str(path)], capture_output=True, text=True, timeout=60)
        self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
        self.assertIn(f"  instance first: StarRocks 127.0.1.1:{self.port}: logged in as replmond\n", done.stdout)
        self.assertRegex(done.stdout, r"    table a_sr\.heartbeat: its newest heartbeat is [78](\.\d+)? s old\n")
        self.assertIn("      in TaurusDB: CREATE TABLE SOURCE_DATABASE.`heartbeat` (`id` INT PRIMARY KEY, `ts` BIGINT);\n"
                      "      in StarRocks: GRANT SELECT ON `c_sr`.`heartbeat` TO 'replmond'@'%';\n", done.stdout)
        self.control(self.simulator, "mysql", None, method="DELETE")
        done = subprocess.run([str(BUILD / "replmond"), "check-config", "--online", str(path)], capture_output=True, text=True, timeout=60)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertNotIn("e2e-secret", done.stdout + done.stderr)
