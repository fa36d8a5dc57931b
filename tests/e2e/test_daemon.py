"""The daemon over real HTTP: what it exports, what it logs, how it ends."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import time
import unittest

from support import DAEMON, EndToEnd, MAIN_TASK, PROJECT_ID, ROOT, TOTAL_OF_PAGE, config_for, goes_unsaid, http, wait_for

ORDERS = "0a1b2c3d4e5f60718293a4b5c6d7e8f9in17"
BILLING = "1b2c3d4e5f60718293a4b5c6d7e8f90ain17"

STILL = f"""
tokens: [e2e-secret-token]
projects: [{PROJECT_ID}]
instances:
  - name: orders
    id: {ORDERS}
    max_page: 2
    tasks:
      - {{name: orders_main, source_database: orders, target_database: orders_sr, timeline: [{{stage: incremental}}]}}
      - {{name: orders_copy, source_database: copy, target_database: copy_sr, timeline: [{{stage: full, percentage: 42.5}}]}}
      - {{name: 订单, source_database: 订单, target_database: sr, main: false, timeline: [{{stage: wait}}]}}
  - name: billing
    id: {BILLING}
    wire: numbers
    tasks:
      - {{name: ledger, source_database: ledger, target_database: ledger_sr, timeline: [{{stage: incremental}}]}}
"""

BOTH = [("orders", ORDERS, ", labels: {team: payments}"), ("billing", BILLING, "")]


def normalized(metrics):
    """Times, durations and counts of what goes on as letters, so that the rest can be compared whole."""
    metrics = re.sub(r"(_timestamp_seconds(?:\{.*\})?) [1-9][0-9.e+]*", r"\1 TIME", metrics)
    metrics = re.sub(r"(replmond_poll_duration_seconds\{.*\}) [0-9.]+", r"\1 DURATION", metrics)
    metrics = re.sub(r"(replmond_api_request_duration_seconds_\w+\{.*\}) [0-9.e-]+", r"\1 N", metrics)
    metrics = re.sub(r"(replmond_api_requests_total\{.*\}) [1-9][0-9]*", r"\1 N", metrics)
    metrics = re.sub(r'((?:replmond_polls_total\{.*result="success"\}|'
                     r"replmond_polls_skipped_total\{.*\}|replmond_http_requests_total\{.*\})) [0-9]+", r"\1 N", metrics)
    metrics = re.sub(r"(replmond_rate_limit_requests\{.*\}) [0-9]+", r"\1 N", metrics)
    metrics = re.sub(r"(?m)^(process_\w+) [0-9.e+]+$", r"\1 N", metrics)
    return re.sub(r'(compiler|revision|version)="[^"]*"', r'\1="BUILD"', metrics)


def as_far_as_said(metrics):
    """The golden without what the clouds of this run do not tell: values that go without saying."""
    if goes_unsaid("is_main_task"):
        metrics = metrics.replace(',main_task="true"', "")
    if goes_unsaid("is_need_repair"):
        metrics = re.sub(r"(?m)^starrocks_replication_needs_repair\{.*\} 0\n", "", metrics)
    if goes_unsaid("percentage"):  # of a task that waits
        metrics = re.sub(r'(?m)^starrocks_replication_progress_ratio\{.*task="订单"\} 0\n', "", metrics)
    return metrics


class Exports(EndToEnd):
    def test_whole_exposition(self):
        simulator = self.start_simulator(STILL, speed=0)
        daemon = self.start_daemon(config_for(simulator, BOTH))
        self.wait_for_polls(daemon, "orders", 2)
        self.wait_for_polls(daemon, "billing", 2)
        http(daemon.url + "/-/healthy")
        golden = ROOT / "tests/data/e2e/metrics.prom"
        actual = normalized(self.metrics(daemon))
        if not golden.exists():
            golden.parent.mkdir(parents=True, exist_ok=True)
            golden.write_text(actual)
            self.fail(f"{golden} was not there and is now: read it, then run this again")
        self.maxDiff = None
        self.assertEqual(as_far_as_said(golden.read_text()), actual)

    def test_promtool_finds_nothing(self):
        simulator = self.start_simulator(STILL, speed=0)
        daemon = self.start_daemon(config_for(simulator, BOTH))
        self.wait_for_polls(daemon, "orders", 1)
        lint = subprocess.run(["promtool", "check", "metrics"], input=self.metrics(daemon), text=True,
                              capture_output=True)
        self.assertEqual((lint.returncode, lint.stdout + lint.stderr), (0, ""))

    def test_no_series_twice(self):
        simulator = self.start_simulator(STILL, speed=0)
        daemon = self.start_daemon(config_for(simulator, BOTH))
        self.wait_for_polls(daemon, "orders", 1)
        series = [line.rsplit(" ", 1)[0] for line in self.metrics(daemon).splitlines() if not line.startswith("#")]
        self.assertEqual(len(series), len(set(series)))
        self.assertGreater(len(series), 100)

    @unittest.skipUnless(os.geteuid() == 0 and shutil.which("unshare"), "needs root, to mount a /proc of its own")
    def test_process_metrics_under_proc_subset_pid(self):
        # As systemd's ProcSubset=pid does it: nothing but processes in /proc.
        config = self.write("c.yaml", "{}\n")
        daemon = self.start("subset", "unshare", "--mount", "--pid", "--fork", "--kill-child", "sh", "-c",
                            "mount -t proc -o subset=pid proc /proc && test ! -e /proc/stat && "
                            f"exec {DAEMON} --config.file={config} --web.listen-address=127.0.0.1:0")
        daemon.url = "http://" + re.search(r"127\.0\.0\.1:\d+", daemon.wait_for_line("event=started")).group()
        values = dict(re.findall(r"(?m)^(process_\w+) ([0-9.e+]+)$", self.metrics(daemon)))
        self.assertEqual(set(values), {f"process_{name}" for name in (
            "cpu_seconds_total", "resident_memory_bytes", "virtual_memory_bytes", "open_fds", "max_fds",
            "start_time_seconds", "threads")})
        self.assertAlmostEqual(float(values["process_start_time_seconds"]), time.time(), delta=60)
        self.assertGreater(float(values["process_resident_memory_bytes"]), 1e6)

    def test_pages_and_ready(self):
        simulator = self.start_simulator(STILL, speed=0)
        daemon = self.start_daemon(config_for(simulator, BOTH))
        self.assertEqual(http(daemon.url + "/-/healthy")[0], 200)
        wait_for(lambda: http(daemon.url + "/-/ready")[0] == 200, "/-/ready")
        status, headers, page = http(daemon.url + "/")
        self.assertEqual((status, headers["Content-Type"]), (200, "text/html; charset=utf-8"))
        self.assertIn("orders", page)
        self.assertEqual(http(daemon.url + "/nothing")[0], 404)
        status, headers, _ = http(daemon.url + "/metrics", method="POST", body={})
        self.assertEqual((status, headers["Allow"]), (405, "GET, HEAD, OPTIONS"))
        status, headers, text = http(daemon.url + "/metrics", method="HEAD")
        self.assertEqual((status, text), (200, ""))
        self.assertGreater(int(headers["Content-Length"]), 1000)

    def test_not_ready_before_the_first_polls(self):
        simulator = self.start_simulator(STILL, speed=0)
        self.control(simulator, "faults", {"instance": ORDERS, "hang": True})
        # billing first: until somebody was accepted with the token, requests go one at a time
        config = config_for(simulator, BOTH[::-1]).replace("timeout: 2s", "timeout: 2m")
        daemon = self.start_daemon(config)
        self.wait_for_polls(daemon, "billing", 2)
        self.assertEqual(http(daemon.url + "/-/ready")[0], 503)


class Logs(EndToEnd):
    def set_task(self, simulator, task, **values):
        self.control(simulator, "tasks", {"instance": ORDERS, "task_name": task, "set": values})

    def test_abnormal_is_repeated_on_an_unchanged_page(self):
        simulator = self.start_simulator(STILL, speed=0)
        self.set_task(simulator, "orders_main", status="No")
        daemon = self.start_daemon(config_for(simulator, BOTH, extra="alerts: {repeat_interval: 1s}"))
        daemon.wait_for_line(r"event=replication_abnormal .* repeat=3 ")
        alerts = daemon.lines("event=replication_abnormal")
        self.assertEqual([re.search(r"repeat=(\d+)", line).group(1) for line in alerts[:4]], ["0", "1", "2", "3"])
        self.assertEqual(len({re.search(r"since=(\S+)", line).group(1) for line in alerts}), 1)
        self.assertRegex(alerts[0], r'^time=\S+Z level=ERROR msg="[^"]+" event=replication_abnormal project=demo '
                                    r"starrocks_instance=orders task=orders_main stage=incremental percentage=100 "
                                    r"since=\S+Z repeat=0 event_id=\d+$")
        self.set_task(simulator, "orders_main", status="Yes")
        self.assertRegex(daemon.wait_for_line("event=replication_recovered"), r" after=\d+(\.\d{1,3})? event_id=\d+$")
        self.assertEqual(len(daemon.lines("event=replication_recovered")), 1)

    def test_the_life_of_a_task(self):
        simulator = self.start_simulator(STILL, speed=0)
        daemon = self.start_daemon(config_for(simulator, BOTH))
        daemon.wait_for_line(r"event=task_discovered .*task=orders_copy stage=full status=yes" + MAIN_TASK)
        self.set_task(simulator, "orders_copy", stage="incremental", percentage=100)
        line = daemon.wait_for_line("event=stage_transition .*task=orders_copy")
        self.assertIn(" from=full to=incremental percentage=100 source_database=copy target_database=copy_sr after=", line)
        series = ('starrocks_replication_stage_transitions_total{project="demo",starrocks_instance="orders",'
                  'from="full",to="incremental"}')
        self.wait_for_sample(daemon, series, "1")

        self.set_task(simulator, "orders_copy", stage="rewinding")
        line = daemon.wait_for_line("event=stage_transition .*to=unknown")
        self.assertIn(" from=incremental to=unknown raw=", line)
        self.assertIn("ewinding", daemon.wait_for_line("event=unexpected_value .*field=stage"))

        self.set_task(simulator, "orders_copy", need_repair=True)
        daemon.wait_for_line("level=WARN .*event=repair_needed .*task=orders_copy")
        self.set_task(simulator, "orders_copy", need_repair=False)
        if goes_unsaid("is_need_repair"):  # "not reported" is no repair
            series = 'starrocks_replication_needs_repair{project="demo",starrocks_instance="orders",task="orders_copy"}'
            wait_for(lambda: self.sample(daemon, series) is None, "the series to go")
            self.assertEqual(daemon.lines("event=repair_done"), [])
        else:
            daemon.wait_for_line("level=INFO .*event=repair_done .*task=orders_copy")

        self.control(simulator, "tasks", {"instance": ORDERS, "task_name": "订单", "remove": True})
        daemon.wait_for_line(r'level=INFO .*event=task_gone .*task="订单" stage=wait status=yes main_task=false')
        self.control(simulator, "tasks", {"instance": ORDERS, "task_name": "orders_main", "remove": True})
        daemon.wait_for_line("level=WARN .*event=task_gone .*task=orders_main .*status=yes" + MAIN_TASK)
        self.assertNotIn('task="orders_main"', self.metrics(daemon))

    def test_a_failing_cloud_is_said_once_and_never_fatal(self):
        simulator = self.start_simulator(STILL, speed=0)
        daemon = self.start_daemon(config_for(simulator, BOTH))
        self.wait_for_polls(daemon, "orders", 1)
        before = {s for s in self.metrics(daemon).splitlines() if s.startswith('starrocks_replication_stage{project="demo",starrocks_instance="orders"')}
        self.control(simulator, "faults", {"instance": ORDERS, "status": 503})
        self.wait_for_polls(daemon, "orders", 3, result="http")
        self.wait_for_polls(daemon, "billing", 3)
        failed = daemon.lines("event=poll_failed")
        self.assertEqual(len(failed), 1)
        self.assertRegex(failed[0], r"level=WARN .*starrocks_instance=orders result=http http_status=503 .*attempts=[123] ")
        after = {s for s in self.metrics(daemon).splitlines() if s.startswith('starrocks_replication_stage{project="demo",starrocks_instance="orders"')}
        self.assertEqual(before, after)
        self.control(simulator, "faults", None, method="DELETE")
        self.assertRegex(daemon.wait_for_line("event=poll_recovered"), r" after=[\d.]+ failures=\d+ event_id=\d+$")

    def test_json_lines_and_a_hostile_cloud(self):
        simulator = self.start_simulator(STILL, speed=0)
        evil = 'x" event=fake\nlevel=ERROR \\ \u2028 \x1b[31m 任务'
        self.control(simulator, "tasks", {"instance": ORDERS, "task_name": evil, "add": True})
        daemon = self.start_daemon(config_for(simulator, BOTH), "--log.format=json")
        wait_for(lambda: any(json.loads(line).get("task") == evil for line in daemon.lines()), "the task's line")
        for line in daemon.lines():
            self.assertIn("event", json.loads(line))
        self.assertNotIn("e2e-secret-token", daemon.output())
        lint = subprocess.run(["promtool", "check", "metrics"], input=self.metrics(daemon), text=True,
                              capture_output=True)
        self.assertEqual((lint.returncode, lint.stdout + lint.stderr), (0, ""))

    def test_hostile_names_in_logfmt(self):
        simulator = self.start_simulator(STILL, speed=0)
        self.control(simulator, "tasks", {"instance": ORDERS, "task_name": 'a\nb" event=fake', "add": True})
        daemon = self.start_daemon(config_for(simulator, BOTH))
        line = daemon.wait_for_line("event=task_discovered .*fake")
        self.assertIn(r' task="a\u000ab\" event=fake" stage=', line)
        self.assertTrue(all(line.startswith("time=") for line in daemon.lines()))

    def test_a_wrong_token_is_auth_and_not_shown(self):
        simulator = self.start_simulator(STILL, speed=0)
        config = config_for(simulator, BOTH).replace("e2e-secret-token", "wrong-secret-token")
        daemon = self.start_daemon(config)
        line = daemon.wait_for_line("event=poll_failed .*http_status=401") # of whoever came first
        self.assertRegex(line, r"result=auth http_status=401 error_code=APIGW\.0301 error_msg=.* request_id=\S+ attempts=1")
        self.assertNotIn("wrong-secret-token", daemon.output() + daemon.errors() + self.metrics(daemon))


class LongLists(EndToEnd):
    """Lists of several pages, where the cloud of this run has short ones."""

    def test_every_task_is_seen_and_one_that_goes_is_missed(self):
        listed = "\n".join(f"      - {{name: task_{n:02}, timeline: [{{stage: incremental}}]}}" for n in range(25))
        simulator = self.start_simulator(f"""
tokens: [e2e-secret-token]
projects: [{PROJECT_ID}]
instances:
  - name: orders
    id: {ORDERS}
    tasks:
{listed}
""", speed=0)
        daemon = self.start_daemon(config_for(simulator, BOTH[:1]))
        tasks = 'starrocks_replication_tasks{project="demo",starrocks_instance="orders"}'
        self.wait_for_sample(daemon, tasks, "25")
        self.wait_for_polls(daemon, "orders", 3)
        self.control(simulator, "tasks", {"instance": ORDERS, "task_name": "task_24", "set": {"status": "No"}})
        daemon.wait_for_line("event=replication_abnormal .*task=task_24 ")
        self.control(simulator, "tasks", {"instance": ORDERS, "task_name": "task_07", "remove": True})
        daemon.wait_for_line("event=task_gone .*task=task_07 ")
        self.wait_for_sample(daemon, tasks, "24")
        self.assertEqual(len(daemon.lines("event=task_gone")), 1)
        self.assertEqual(self.polls(daemon, "orders", "inconsistent"), 0)
        distrusted = daemon.lines("event=unexpected_value .*field=total_count")
        self.assertEqual(len(distrusted), 1 if TOTAL_OF_PAGE else 0, distrusted)


class StartAndStop(EndToEnd):
    def refused(self, *arguments, env=None):
        done = subprocess.run([str(DAEMON), *arguments], capture_output=True, text=True, timeout=30, env=env)
        self.assertEqual(done.returncode, 1)
        self.assertEqual(done.stdout, "")
        return done.stderr

    def test_stops_cleanly_even_while_the_cloud_hangs(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            simulator = self.start_simulator(STILL, speed=0)
            self.control(simulator, "faults", {"instance": "*", "hang": True})
            daemon = self.start_daemon(config_for(simulator, BOTH).replace("timeout: 2s", "timeout: 2m"))
            requests = lambda: len(json.loads(http(simulator.url + "/_control/requests")[2])["requests"])
            wait_for(lambda: requests() >= 1, "a request")
            self.assertEqual(daemon.stop(number), 0)
            self.assertRegex(daemon.lines()[-1], "event=stopping ")
            self.assertEqual(daemon.errors(), "")
            simulator.stop()

    def test_port_in_use(self):
        config = self.write("c.yaml", "{}\n")
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            address = f"127.0.0.1:{taken.getsockname()[1]}"
            errors = self.refused(f"--config.file={config}", f"--web.listen-address={address}")
        self.assertEqual(errors, f"replmond: cannot listen on {address}: Address already in use\n")

    def test_configuration_that_cannot_be_read(self):
        missing = self.folder / "nowhere.yaml"
        self.assertEqual(self.refused(f"--config.file={missing}"),
                         f"replmond: {missing}: cannot be read: No such file or directory\n")

    def test_mistakes_in_the_configuration(self):
        config = self.write("c.yaml", "poll:\n  interval: 2d\n")
        errors = self.refused(f"--config.file={config}")
        self.assertRegex(errors, rf"^replmond: {re.escape(str(config))}:2:13: poll\.interval: [^\n]*\n$")
        check = subprocess.run([str(DAEMON), "check-config", str(config)], capture_output=True, text=True)
        self.assertEqual(check.returncode, 1)
        self.assertRegex(check.stdout + check.stderr, rf"^{re.escape(str(config))}:2:13: poll\.interval: ")

    def test_wrong_flags(self):
        errors = self.refused("--no.such.flag")
        self.assertIn("--no.such.flag", errors)
        self.assertTrue(errors.endswith("\nTry 'replmond --help'.\n"), errors)

    def test_example_configuration_runs(self):
        example = ROOT / "config/replmond.yaml"
        check = subprocess.run([str(DAEMON), "check-config", str(example)], capture_output=True, text=True)
        self.assertEqual(check.returncode, 0, check.stderr)
        self.assertIn(f"{example}: OK", check.stdout)
        daemon = self.start_daemon(example.read_text(), f"--state.path={self.folder / 'state.db'}")
        self.assertEqual(http(daemon.url + "/metrics")[0], 200)
        self.assertEqual(http(daemon.url + "/-/ready")[0], 200)
        self.assertEqual(len(daemon.lines("level=WARN.*no (projects|instances)|level=WARN.*without")), 1)
        self.assertEqual(daemon.stop(), 0)
