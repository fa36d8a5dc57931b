"""Lag, measured through two real MariaDB servers."""

import json
import re
import signal
import subprocess
import time
import unittest

from mariadb_support import Copier, MariaDB, make_certificates, needs_mariadb
from support import DAEMON, NO_REPAIR, PATIENCE, EndToEnd, PROJECT_ID, ROOMY, http, many, wait_for

ID = many(1)[0]
SCENARIO = f"""
tokens: [e2e-secret-token]
projects: [{PROJECT_ID}]
instances:
  - id: {ID}
    name: orders
    tasks:
      - {{name: orders_all, source_database: shop, target_database: shop_sr, timeline: [{{stage: incremental}}]}}
      - {{name: other_all, source_database: other, target_database: other_sr, timeline: [{{stage: incremental}}]}}
"""


@needs_mariadb
class WithDatabases(EndToEnd):
    OPTIONS = ()

    def setUp(self):
        super().setUp()
        self.ca, certificate, key = make_certificates(self.folder / "tls")
        secure = (f"--ssl-ca={self.ca}", f"--ssl-cert={certificate}", f"--ssl-key={key}")
        self.starrocks = MariaDB(self, "starrocks", *secure)
        self.taurus = MariaDB(self, "taurus", *secure)
        self.taurus.client("CREATE DATABASE shop; CREATE TABLE shop.heartbeat (id INT PRIMARY KEY, ts BIGINT);"
                           "CREATE USER replmond@'%' IDENTIFIED BY 'e2e-secret-tdb'; GRANT SELECT, INSERT, UPDATE ON shop.* TO replmond@'%';")
        self.starrocks.client("CREATE DATABASE shop_sr; CREATE TABLE shop_sr.heartbeat (id INT PRIMARY KEY, ts BIGINT);"
                              "CREATE USER replmond@'%' IDENTIFIED BY 'e2e-secret-sr'; GRANT SELECT ON shop_sr.* TO replmond@'%';")
        self.simulator = self.start_simulator(SCENARIO, speed=0)
        self.write("sr-password", "e2e-secret-sr\n")
        self.write("tdb-password", "e2e-secret-tdb\n")

    def configuration(self, more="", source="", tls="verify", host="127.0.0.1"):
        ca = f"ca_file: {self.ca}" if tls == "verify" else ""
        described = f"""
      source:
        host: 127.0.0.1
        port: {self.taurus.port}
        user: replmond
        password_file: tdb-password
        tls: {tls}
        {ca}
        {source}
""" if source is not None else ""
        return f"""
poll: {{interval: 1s, timeout: 2s, stale_after: 3s}}
projects:
  - name: demo
    region: r
    endpoint: {self.simulator.url}
    project_id: {PROJECT_ID}
    {ROOMY}
    auth: {{type: token, token: e2e-secret-token}}
instances:
  - name: orders
    id: {ID}
    lag:
      host: {host}
      port: {self.starrocks.port}
      user: replmond
      password_file: sr-password
      tls: {tls}
      {ca}
      interval: 1s
      timeout: 2s
      {more}
{described}
"""

    def value(self, name, task="orders_all"):
        found = self.sample(self.daemon, f'starrocks_replication_{name}{{project="demo",starrocks_instance="orders",task="{task}"}}')
        return None if found is None else float(found)

    def reads(self, result):
        return int(self.sample(self.daemon, f'replmond_lag_reads_total{{project="demo",starrocks_instance="orders",result="{result}"}}'))

    def wait_for_lag(self, low, high):
        wait_for(lambda: self.value("lag_seconds") is not None and low <= self.value("lag_seconds") <= high,
                 lambda: f"a lag of {low} to {high}, not {self.value('lag_seconds')}\n{self.daemon.output()[-3000:]}")

    def check_no_secret(self):
        self.assertNotIn("e2e-secret", self.daemon.output() + self.daemon.errors() + self.metrics(self.daemon) + http(self.daemon.url + "/config")[2])


class Commands(WithDatabases):
    """`task list` and `task show` read the lag themselves, once, and write nothing."""

    def setUp(self):
        super().setUp()
        self.now = int(time.time() * 1e6)
        self.taurus.client(f"INSERT INTO shop.heartbeat VALUES (1, {self.now})")
        self.starrocks.client(f"INSERT INTO shop_sr.heartbeat VALUES (1, {self.now - 12_500_000})")

    def task(self, *arguments, **more):
        path = self.write("replmond.yaml", self.configuration(**more))
        return subprocess.run([str(DAEMON), "task", arguments[0], f"--config.file={path}", *arguments[1:]], capture_output=True, text=True,
                              timeout=PATIENCE)

    def test_list(self):
        done = self.task("list", more="alert_above: 10s", source="write: true")
        self.assertEqual((done.returncode, done.stdout), (0, f"""\
INSTANCE  TASK        SOURCE -> TARGET   STATUS  STAGE        PROGRESS  LAG  CATCH-UP  REPAIR
orders    orders_all  shop -> shop_sr    normal  incremental  100%      12s  -         {NO_REPAIR}
orders    other_all   other -> other_sr  normal  incremental  100%      -    -         {NO_REPAIR}
"""))
        self.assertRegex(done.stderr, r"\A2 tasks: 0 abnormal, 0 need repair, 1 behind\n"
                         r"replmond: orders: the lag of 1 of 2 tasks is not known: the heartbeat in StarRocks cannot be read: query: "
                         r"other_sr\.heartbeat: [^\n]+\n\Z")
        [first, second] = json.loads(self.task("list", "--output=json", source="").stdout)
        self.assertEqual((first["task"], first["lag"], second.get("lag")), ("orders_all", 12.5, None))
        self.assertRegex(first["heartbeat"] + first["source_heartbeat"], r"\A(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z){2}\Z")
        self.assertEqual(self.taurus.client("SELECT ts FROM shop.heartbeat").stdout.split()[-1], str(self.now))  # nothing was written

    def test_show(self):
        done = self.task("show", "--instance=orders", "--task-name=orders_all", source="write: true")
        self.assertRegex(done.stdout, r"\nlag: +12s\nheartbeat: +\S+Z\nsource heartbeat: +\S+Z\n")
        shown = json.loads(self.task("show", "--instance=orders", "--task-name=orders_all", "--output=json").stdout)
        self.assertEqual(shown["lag"], 12.5)
        done = self.task("show", "--instance=orders", "--task-name=other_all")
        self.assertRegex(done.stdout, r"\nlag: +-\n")
        self.assertRegex(done.stderr, r"(?m)^replmond: orders: the lag of 1 of 1 task is not known: .* query: other_sr\.heartbeat: ")
        self.assertEqual(self.taurus.client("SELECT ts FROM shop.heartbeat").stdout.split()[-1], str(self.now))

    def test_databases_that_do_not_answer_fail_nothing(self):
        for name, number in (("frozen", signal.SIGSTOP), ("dead", signal.SIGKILL)):
            with self.subTest(name):
                self.starrocks.signal(number)
                done = self.task("list")
                self.assertEqual(done.returncode, 0)
                self.assertRegex(done.stdout, rf"  LAG  .*\norders    orders_all .* -    -         {NO_REPAIR}\n")
                self.assertRegex(done.stderr, r"\A2 tasks: 0 abnormal, 0 need repair\nreplmond: orders: the lag of 2 of 2 tasks is not known: "
                                 r"the heartbeat in StarRocks cannot be read: (timeout|network): [^\n]+\n\Z")
                if number == signal.SIGSTOP:
                    self.starrocks.signal(signal.SIGCONT)

    def test_a_wrong_password_is_not_shown(self):
        self.write("sr-password", "e2e-secret-wrong\n")
        done = self.task("list")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertRegex(done.stderr, r"cannot be read: auth: ")
        self.assertNotIn("e2e-secret", done.stdout + done.stderr)


class Lag(WithDatabases):
    def test_follows_the_copier_and_tells(self):
        copier = Copier(self, self.taurus, self.starrocks, ("shop.heartbeat", "shop_sr.heartbeat"), lag=2)
        self.daemon = self.start_daemon(self.configuration("alert_above: 10s\n      tasks: {other_all: shop_sr.heartbeat}",
                                                           "tasks: {other_all: shop.heartbeat}"))
        self.wait_for_lag(1.5, 2.6)
        self.assertAlmostEqual(self.value("source_heartbeat_timestamp_seconds"), time.time(), delta=3)
        self.assertAlmostEqual(self.value("heartbeat_timestamp_seconds"), time.time() - 2, delta=3)
        self.assertIsNotNone(self.value("lag_seconds", "other_all"))
        success = self.reads("success")
        wait_for(lambda: self.reads("success") >= success + 4, "reads of both tasks")
        for result in ("auth", "network", "tls", "timeout", "query", "empty", "protocol"):
            self.assertEqual(self.reads(result), 0, result)
        copier.lag = 100
        line = self.daemon.wait_for_line("event=lag_exceeded")
        self.assertRegex(line, r'level=WARN msg="StarRocks is behind TaurusDB" event=lag_exceeded project=demo starrocks_instance=orders task=\w+ '
                               r"lag=(99|100)(\.\d+)? alert_above=10 event_id=\d+$")
        [task] = [t for t in json.loads(http(self.daemon.url + "/api/v1/tasks")[2])["data"] if t["task"] == "orders_all"]
        self.assertAlmostEqual(task["lag"], 100, delta=2)
        self.assertRegex(task["heartbeat"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$")
        copier.lag = 0
        line = self.daemon.wait_for_line("event=lag_recovered")
        self.assertRegex(line, r"level=INFO .* lag=-?[01](\.\d+)? alert_above=10 after=\d+(\.\d+)? event_id=\d+$")
        self.check_no_secret()

    def test_a_missing_table_costs_no_other_task_anything(self):
        Copier(self, self.taurus, self.starrocks, ("shop.heartbeat", "shop_sr.heartbeat"))
        self.daemon = self.start_daemon(self.configuration(source=None))
        line = self.daemon.wait_for_line("event=lag_failed")
        self.assertRegex(line, r'level=WARN msg="the heartbeat in StarRocks cannot be read" event=lag_failed project=demo starrocks_instance=orders '
                               r'table=other_sr\.heartbeat result=query error_msg="SELECT command denied to user \'replmond\'@\'[^\']+\' for table [^"]+ \(1142\)" event_id=\d+$')
        self.wait_for_lag(-1, 2)
        self.assertIsNone(self.value("lag_seconds", "other_all"))
        self.assertGreater(self.reads("query"), 0)
        self.starrocks.client("CREATE DATABASE other_sr; GRANT SELECT ON other_sr.* TO replmond@'%'; CREATE TABLE other_sr.heartbeat (id INT PRIMARY KEY, ts BIGINT)")
        wait_for(lambda: self.daemon.lines("event=lag_failed .*result=empty"), "an empty table to be told")
        self.starrocks.client(f"INSERT INTO other_sr.heartbeat VALUES (1, {int(time.time())}), (2, NULL), (3, {int(time.time()) - 50})")
        self.assertRegex(self.daemon.wait_for_line("event=lag_read_again"), r"level=INFO .* table=other_sr\.heartbeat result=empty after=")
        wait_for(lambda: self.value("lag_seconds", "other_all") is not None, "the lag of the other task")
        self.assertLess(self.value("lag_seconds", "other_all"), 30, "the newest row counts")
        self.assertEqual(len(self.daemon.lines("event=lag_failed")), 2)

    def test_replmond_writes_the_heartbeat(self):
        self.daemon = self.start_daemon(self.configuration("tasks: {other_all: shop_sr.heartbeat}",
                                                           "write: true\n        tasks: {other_all: shop.heartbeat}"))
        wait_for(lambda: (self.value("source_heartbeat_timestamp_seconds") or 0) > time.time() - 5, "a written heartbeat")
        written = int(self.taurus.client("SELECT ts FROM shop.heartbeat WHERE id = 1").stdout.split()[-1])
        self.assertAlmostEqual(written / 1e6, time.time(), delta=5)
        self.taurus.client("REVOKE INSERT ON shop.* FROM replmond@'%'")
        line = self.daemon.wait_for_line('msg="the heartbeat in TaurusDB cannot be written" event=lag_failed')
        self.assertIn(" table=shop.heartbeat result=query ", line)

    def test_logins_that_fail(self):
        self.write("sr-password", "e2e-secret-wrong\n")
        self.daemon = self.start_daemon(self.configuration(source=None))
        line = self.daemon.wait_for_line("event=lag_failed")
        self.assertRegex(line, r"event=lag_failed project=demo starrocks_instance=orders result=auth error_msg=\"Access denied for user 'replmond'@")
        auth = self.reads("auth")
        wait_for(lambda: self.reads("auth") > auth, "another attempt")
        self.assertEqual(self.reads("success"), 0)
        self.assertEqual(len(self.daemon.lines("event=lag_failed")), 1)
        (self.folder / "sr-password").unlink()
        wait_for(lambda: self.reads("auth") > auth + 2, "attempts without a file")
        self.write("sr-password", "e2e-secret-sr\n")
        Copier(self, self.taurus, self.starrocks, ("shop.heartbeat", "shop_sr.heartbeat"))
        self.daemon.wait_for_line("event=lag_read_again")
        self.wait_for_lag(-1, 2)
        self.check_no_secret()

    def test_a_server_that_dies_freezes_and_comes_back(self):
        Copier(self, self.taurus, self.starrocks, ("shop.heartbeat", "shop_sr.heartbeat"))
        self.daemon = self.start_daemon(self.configuration("tasks: {other_all: shop_sr.heartbeat}", "tasks: {other_all: shop.heartbeat}"))
        self.wait_for_lag(-1, 2)
        self.starrocks.signal(signal.SIGSTOP)
        self.assertRegex(self.daemon.wait_for_line("event=lag_failed"), r" result=timeout error_msg=\"not read within 2000 ms")
        wait_for(lambda: self.value("lag_seconds") is None, "a stale lag to go")
        polls = self.polls(self.daemon, "orders")
        self.wait_for_polls(self.daemon, "orders", polls + 3)
        self.starrocks.signal(signal.SIGCONT)
        self.daemon.wait_for_line("event=lag_read_again")
        wait_for(lambda: self.value("lag_seconds") is not None, "the lag")
        self.starrocks.kill()
        wait_for(lambda: self.daemon.lines("event=lag_failed .*result=network"), "a dead server to be told")
        self.starrocks.start()
        wait_for(lambda: len(self.daemon.lines("event=lag_read_again")) >= 2, "the server to be read again")
        self.assertEqual(self.daemon.lines("event=poll_failed"), [])
        self.starrocks.signal(signal.SIGSTOP)
        timeouts = self.reads("timeout")
        wait_for(lambda: self.reads("timeout") > timeouts, "a read that hangs")
        self.assertEqual(self.daemon.stop(), 0)
        self.starrocks.signal(signal.SIGCONT)

    def test_what_is_no_heartbeat(self):
        self.daemon = self.start_daemon(self.configuration(source=None))
        table = "shop_sr.heartbeat"
        for kind, values in {"VARCHAR(40)": ["'soon'", "'2026-11-30 12:00'", "''"], "BIGINT": ["7", "99999999999999999"],
                             "DATETIME(6)": ["'1999-12-31 23:59:59'", "'2126-11-30 12:00:00'"]}.items():
            for value in values:
                self.starrocks.client(f"DROP TABLE {table}; CREATE TABLE {table} (id INT PRIMARY KEY, ts {kind}); INSERT INTO {table} VALUES (1, {value})")
                before = self.reads("protocol")
                wait_for(lambda: self.reads("protocol") > before, f"{value} to be refused")
        for kind, value in (("VARCHAR(40)", "DATE_FORMAT(UTC_TIMESTAMP(), '%Y-%m-%dT%H:%i:%s')"), ("DATETIME(6)", "UTC_TIMESTAMP(6)"),
                            ("INT", "UNIX_TIMESTAMP()"), ("BIGINT UNSIGNED", "UNIX_TIMESTAMP() * 1000")):
            self.starrocks.client(f"DROP TABLE {table}; CREATE TABLE {table} (id INT PRIMARY KEY, ts {kind}); INSERT INTO {table} VALUES (1, {value})")
            before = self.reads("success")
            wait_for(lambda: self.reads("success") > before, f"{kind} to be read")
            self.wait_for_lag(-2, 20)
        self.starrocks.client(f"DROP TABLE {table}; CREATE TABLE {table} (id INT PRIMARY KEY, ts LONGTEXT); INSERT INTO {table} VALUES (1, REPEAT('9', 1000000))")
        before = self.reads("protocol")
        wait_for(lambda: self.reads("protocol") > before, lambda: f"a text of 1 MB to be refused {self.daemon.output()[-1500:]}")
        self.assertEqual(self.daemon.lines("event=poll_failed"), [])


class Encryption(WithDatabases):
    def test_modes(self):
        Copier(self, self.taurus, self.starrocks, ("shop.heartbeat", "shop_sr.heartbeat"))
        for tls in ("verify", "require", "off"):
            with self.subTest(tls):
                self.daemon = self.start_daemon(self.configuration(source=None, tls=tls), name=tls)
                self.wait_for_lag(-1, 2)
                self.daemon.stop()

    def test_a_kept_connection_that_was_closed_is_replaced_silently(self):
        Copier(self, self.taurus, self.starrocks, ("shop.heartbeat", "shop_sr.heartbeat"))
        for tls in ("verify", "off"):
            with self.subTest(tls):
                self.daemon = self.start_daemon(self.configuration(source=None, tls=tls), name=f"kept-{tls}")
                self.wait_for_lag(-1, 2)
                for _ in range(3):
                    success = self.reads("success")
                    wait_for(lambda: self.reads("success") > success, "a read")
                    self.starrocks.client("KILL CONNECTION USER replmond")
                self.assertEqual(self.daemon.lines("event=lag_failed .*result=(tls|network)"), [])
                self.daemon.stop()

    def test_a_certificate_of_others(self):
        other, _, _ = make_certificates(self.folder / "others")
        good = self.ca
        self.ca = other
        self.daemon = self.start_daemon(self.configuration(source=None))
        self.assertRegex(self.daemon.wait_for_line("event=lag_failed"), r" result=tls error_msg=")
        self.daemon.stop()
        self.ca = good
        self.daemon = self.start_daemon(self.configuration(source=None, host="127.0.0.2"), name="other-name")
        self.assertRegex(self.daemon.wait_for_line("event=lag_failed"), r" result=(network|tls) error_msg=")

    def test_a_server_without_tls(self):
        plain = MariaDB(self, "plain", "--skip-ssl")
        plain.client("CREATE USER replmond@'%' IDENTIFIED BY 'e2e-secret-sr'")
        self.starrocks.port = plain.port
        for tls in ("verify", "require"):
            with self.subTest(tls):
                self.daemon = self.start_daemon(self.configuration(source=None, tls=tls), name=tls)
                self.assertRegex(self.daemon.wait_for_line("event=lag_failed"), r" result=tls error_msg=")
                self.assertNotIn("e2e-secret", plain.program.errors())
                self.daemon.stop()


if __name__ == "__main__":
    unittest.main()
