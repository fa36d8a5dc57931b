"""What survives a restart: states, schedules and events, with the real binary and a real file."""

import contextlib
import datetime
import json
import re
import signal
import sqlite3
import subprocess
import time

from support import DAEMON, EndToEnd, PROJECT_ID, config_for, http, wait_for

ORDERS = "0a1b2c3d4e5f60718293a4b5c6d7e8f9in17"
BILLING = "1b2c3d4e5f60718293a4b5c6d7e8f90ain17"
ONE = [("orders", ORDERS, "")]
BOTH = [("orders", ORDERS, ""), ("billing", BILLING, "")]

CLOUD = f"""
tokens: [e2e-secret-token]
users: [{{domain: account, name: watcher, password: e2e-secret-password}}]
keys: [{{access: E2EACCESSKEY, secret: e2e-secret-key}}]
projects: [{{id: {PROJECT_ID}, name: ap-southeast-3}}]
instances:
  - name: orders
    id: {ORDERS}
    tasks:
      - {{name: first, timeline: [{{stage: full, percentage: 42.5}}]}}
      - {{name: second, timeline: [{{stage: incremental}}]}}
  - name: billing
    id: {BILLING}
    tasks:
      - {{name: ledger, timeline: [{{stage: incremental}}]}}
"""


def number_in(line, key):
    return float(re.search(rf" {key}=(\S+)", line).group(1))


class Restarts(EndToEnd):
    """Runs of the daemon, one after the other, all with one state file."""

    def setUp(self):
        super().setUp()
        self.runs = []
        self.path = self.folder / "state.db"
        self.simulator = self.start_simulator(CLOUD, speed=0)

    def begin(self, config, *flags):
        run = self.start_daemon(config, f"--state.path={self.path}", *flags, name=f"run{len(self.runs)}")
        self.runs.append(run)
        return run

    def end(self, run):
        self.assertEqual(run.stop(), 0)
        self.assertEqual(run.errors(), "")

    def set_task(self, task, instance=ORDERS, **values):
        self.control(self.simulator, "tasks", {"instance": instance, "task_name": task, "set": values})

    def fault(self, **what):
        self.control(self.simulator, "faults", {"instance": "*", **what})

    def mend(self):
        http(self.simulator.url + "/_control/faults", "DELETE")

    def pass_time(self, seconds):
        """While it is down: everything in the file is so much older."""
        columns = {
            "instances": ["last_seen", "last_success", "failures_first", "failures_said_at"],
            "tasks": ["appeared", "stage_changed", "status_changed", "progress_changed", "abnormal_since", "last_alert",
                      "reason_round", "unseen_since", "gone_since"],
            "events": ["time"]}
        with contextlib.closing(sqlite3.connect(self.path)) as file, file:
            for table, names in columns.items():
                file.execute(f"UPDATE {table} SET " + ", ".join(f"{n} = {n} - {int(seconds * 1000)}" for n in names))

    def rows(self, sql):
        with contextlib.closing(sqlite3.connect(f"file:{self.path}?mode=ro", uri=True)) as file:
            return file.execute(sql).fetchall()

    def shown(self, *flags, path=None):
        """What `replmond events` prints."""
        done = subprocess.run([str(DAEMON), "events", f"--state.path={path or self.path}", "--output=json", *flags],
                              capture_output=True, text=True, timeout=30)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        return [json.loads(line) for line in done.stdout.splitlines()]

    def served(self, run, query="limit=1000"):
        status, _, text = http(f"{run.url}/api/v1/events?{query}")
        self.assertEqual(status, 200)
        return json.loads(text)["data"]

    def replication(self, run):
        """Everything exported of tasks, but the info metric."""
        return sorted(line for line in self.metrics(run).splitlines()
                      if line.startswith("starrocks_replication_") and not line.startswith("starrocks_replication_info"))

    def events_of(self, run):
        """The names and tasks of the kept events that a run printed."""
        found = []
        for line in run.lines(r" event_id=\d+"):
            name = re.search(r" event=(\S+)", line).group(1)
            task = re.search(r" task=(\S+)", line)
            found.append((name, task.group(1) if task else None))
        return found

    def wait_for_polls(self, daemon, instance, count, result="success", project="demo"):
        """And until everything that came of them is stored and printed."""
        super().wait_for_polls(daemon, instance, count, result, project)
        self.wait_for_sample(daemon, "replmond_journal_waiting", "0")

    def wait_for_any_poll(self, run, instance="orders", count=1):
        series = f'replmond_polls_total{{project="demo",starrocks_instance="{instance}",'
        def polls():
            return sum(int(line.rsplit(" ", 1)[1]) for line in self.metrics(run).splitlines() if line.startswith(series))
        wait_for(lambda: polls() >= count, f"{count} polls of {instance}")


class WhatTheListSays(Restarts):
    def instance(self, **what):
        self.control(self.simulator, "instances", {"instance": ORDERS, **what})

    def test_a_task_that_is_listed_twice(self):
        self.set_task("first", status="No")
        self.instance(twice="first")
        run = self.begin(config_for(self.simulator, ONE))
        run.wait_for_line('event=unexpected_value project=demo starrocks_instance=orders task=first field=task_name value=first ')
        run.wait_for_line("event=replication_abnormal .*task=first")
        series = 'replmond_unexpected_values_total{field="task_name",project="demo"}'
        wait_for(lambda: int(self.sample(run, series) or 0) >= 2, "it to be counted at every poll")
        self.assertEqual(len(run.lines("event=unexpected_value .*field=task_name")), 1)

    def test_what_the_cloud_says_of_the_list(self):
        self.instance(ext_text=" 维护 at 2 ")
        run = self.begin(config_for(self.simulator, ONE))
        line = run.wait_for_line("event=instance_note")
        self.assertRegex(line, r'level=INFO .* project=demo starrocks_instance=orders text="维护 at 2" event_id=\d+$')
        noted = json.loads(http(run.url + "/api/v1/instances")[2])["data"][0]
        self.assertEqual(noted["note"], "维护 at 2")
        self.assertIn("维护 at 2", http(run.url + "/")[2])
        self.wait_for_polls(run, "orders", 1)
        self.end(run)

        again = self.begin(config_for(self.simulator, ONE))
        self.wait_for_polls(again, "orders", 2)
        self.assertEqual(again.lines("event=instance_note"), [])
        self.instance(ext_text=None)
        self.assertNotIn("text=", again.wait_for_line("event=instance_note"))
        self.assertNotIn("note", json.loads(http(again.url + "/api/v1/instances")[2])["data"][0])

    def test_a_task_whose_databases_change(self):
        run = self.begin(config_for(self.simulator, ONE))
        self.wait_for_polls(run, "orders", 2)
        self.set_task("first", source_database="stock", stage="wait")
        line = run.wait_for_line("event=task_replaced")
        self.assertRegex(line, r"level=WARN .* task=first source_database=stock target_database=first from_source_database=first "
                               r"from_target_database=first after=[0-9.]+ event_id=\d+$")
        self.assertEqual(run.lines("event=stage_transition"), [])

    def test_half_a_surrogate_pair(self):
        record = '{"task_name": "t\\ud83d", "status": "Yes", "stage": "Full"}'
        self.fault(operation="list", body='{"total_count": 1, "replications": [' + record + "]}")
        run = self.begin(config_for(self.simulator, ONE))
        self.wait_for_polls(run, "orders", 1)
        self.assertIn('task="t\ufffd"', self.metrics(run))


class CleanRestart(Restarts):
    def test_everything_is_there_before_the_first_poll(self):
        first = self.begin(config_for(self.simulator, BOTH))
        self.wait_for_polls(first, "orders", 1)
        self.set_task("first", stage="incremental", percentage=100)
        self.set_task("second", status="No", catchup_stage="full", catchup_percentage=12.5)
        first.wait_for_line("event=stage_transition .*task=first")
        first.wait_for_line("event=replication_abnormal .*task=second")
        self.wait_for_polls(first, "billing", 1)
        before = self.replication(first)
        self.end(first)

        self.fault(hang=True)
        second = self.begin(config_for(self.simulator, BOTH).replace("timeout: 2s", "timeout: 2m"))
        self.assertEqual(self.replication(second), before)
        info = [line for line in self.metrics(second).splitlines() if line.startswith("starrocks_replication_info{")]
        self.assertEqual(len(info), 3)
        self.assertIn(f'project_id="{PROJECT_ID}",instance_id="{ORDERS}",source_database="first"', "".join(info))
        transitions = ('starrocks_replication_stage_transitions_total{project="demo",starrocks_instance="orders",'
                       'from="full",to="incremental"}')
        self.assertEqual(self.sample(second, transitions), "1")
        self.assertNotEqual(self.sample(second, 'replmond_poll_last_success_timestamp_seconds{project="demo",'
                                                'starrocks_instance="orders"}'), "0")
        self.assertEqual(http(second.url + "/-/ready")[0], 503)
        self.assertEqual(self.events_of(second), [])
        self.assertEqual(second.stop(), 0)

        self.mend()
        third = self.begin(config_for(self.simulator, BOTH))
        self.wait_for_polls(third, "orders", 2)
        self.wait_for_polls(third, "billing", 2)
        self.assertEqual(self.replication(third), before)
        self.assertEqual(self.events_of(third), [])

    def test_last_known_tasks_stay_for_as_long_as_after_a_failure(self):
        first = self.begin(config_for(self.simulator, ONE))
        self.wait_for_polls(first, "orders", 1)
        self.end(first)
        self.pass_time(3600)  # down for longer than stale_after: it counts from the start

        self.fault(hang=True)
        second = self.begin(config_for(self.simulator, ONE).replace("{interval", "{stale_after: 3s, interval"))
        stage = 'starrocks_replication_stage{project="demo",starrocks_instance="orders",task="first",stage="full"}'
        tasks = 'starrocks_replication_tasks{project="demo",starrocks_instance="orders"}'
        self.assertEqual((self.sample(second, stage), self.sample(second, tasks)), ("1", "2"))
        self.wait_for_sample(second, stage, None)
        self.assertIsNone(self.sample(second, tasks))
        self.mend()
        self.wait_for_sample(second, stage, "1")
        self.assertEqual(self.sample(second, tasks), "2")
        self.assertFalse([e for e in self.events_of(second) if e[1]])

    def test_a_clock_that_was_ahead_keeps_no_alert_quiet(self):
        config = config_for(self.simulator, ONE) + "alerts: {repeat_interval: 2s}\n"
        first = self.begin(config)
        self.set_task("first", status="No")
        first.wait_for_line("event=replication_abnormal .*task=first")
        self.wait_for_polls(first, "orders", 1)
        self.end(first)
        self.pass_time(-8 * 3600)  # it was written while the clock was eight hours ahead

        second = self.begin(config)
        second.wait_for_line("event=replication_abnormal .*task=first .*repeat=[1-9]")
        for what in ("stage", "status", "progress"):
            changed = self.sample(second, f'starrocks_replication_{what}_changed_timestamp_seconds{{project="demo",'
                                          'starrocks_instance="orders",task="first"}')
            self.assertLessEqual(float(changed), time.time())
        self.assertLessEqual(self.last_success(second), time.time())

    def last_success(self, run):
        return float(self.sample(run, 'replmond_poll_last_success_timestamp_seconds{project="demo",starrocks_instance="orders"}'))

    def test_the_net_change_of_the_time_between(self):
        first = self.begin(config_for(self.simulator, ONE))
        self.wait_for_polls(first, "orders", 2)
        self.end(first)
        self.pass_time(600)
        self.set_task("first", stage="incremental", percentage=100)
        self.control(self.simulator, "tasks", {"instance": ORDERS, "task_name": "second", "remove": True})
        self.control(self.simulator, "tasks", {"instance": ORDERS, "task_name": "third", "add": True,
                                               "set": {"stage": "wait"}})

        second = self.begin(config_for(self.simulator, ONE))
        self.wait_for_polls(second, "orders", 3)
        self.assertEqual(sorted(self.events_of(second)), [("stage_transition", "first"), ("task_discovered", "third"),
                                                          ("task_gone", "second")])
        line = second.wait_for_line("event=stage_transition")
        self.assertIn(" from=full to=incremental percentage=100 ", line)
        self.assertGreater(number_in(line, "after"), 600)
        self.assertEqual(self.sample(second, 'starrocks_replication_stage_transitions_total{project="demo",'
                                             'starrocks_instance="orders",from="full",to="incremental"}'), "1")
        self.end(second)

        # Back within the hour: it goes on where it was, over a restart too.
        self.pass_time(600)
        self.control(self.simulator, "tasks", {"instance": ORDERS, "task_name": "second", "add": True})
        third = self.begin(config_for(self.simulator, ONE))
        self.wait_for_polls(third, "orders", 2)
        self.assertEqual(self.events_of(third), [("task_discovered", "second")])
        changed = self.sample(third, 'starrocks_replication_stage_changed_timestamp_seconds{project="demo",'
                                     'starrocks_instance="orders",task="second"}')
        now = datetime.datetime.now(datetime.timezone.utc).timestamp()
        self.assertGreater(now - float(changed), 1200)

    def test_alerts_keep_their_schedule(self):
        self.set_task("second", status="No")
        config = config_for(self.simulator, ONE)  # repeated every hour
        first = self.begin(config)
        since = re.search(r"since=(\S+)", first.wait_for_line("event=replication_abnormal .* repeat=0")).group(1)
        began = datetime.datetime.fromisoformat(since.replace("Z", "+00:00"))
        self.end(first)

        self.pass_time(1800)
        second = self.begin(config)
        self.wait_for_polls(second, "orders", 3)
        self.assertEqual(self.events_of(second), [])
        self.end(second)

        self.pass_time(1801)
        third = self.begin(config)
        line = third.wait_for_line("event=replication_abnormal")
        self.wait_for_polls(third, "orders", 2)
        self.assertEqual(self.events_of(third), [("replication_abnormal", "second")])
        self.assertIn(" repeat=1 ", line)
        said = datetime.datetime.fromisoformat(re.search(r"since=(\S+)", line).group(1).replace("Z", "+00:00"))
        self.assertEqual((began - said).total_seconds(), 3601)
        self.end(third)

        self.set_task("second", status="Yes")
        fourth = self.begin(config)
        line = fourth.wait_for_line("event=replication_recovered")
        self.assertGreater(number_in(line, "after"), 3601)
        self.wait_for_polls(fourth, "orders", 2)
        self.assertEqual(self.events_of(fourth), [("replication_recovered", "second")])

    def test_a_run_of_failed_polls_goes_on(self):
        config = config_for(self.simulator, ONE)
        first = self.begin(config)
        self.wait_for_polls(first, "orders", 1)
        self.fault(status=403)
        first.wait_for_line("event=poll_failed")
        self.wait_for_polls(first, "orders", 2, result="http")
        self.end(first)
        self.pass_time(600)

        second = self.begin(config)
        self.wait_for_polls(second, "orders", 2, result="http")
        self.assertEqual(self.events_of(second), [])
        self.mend()
        line = second.wait_for_line("event=poll_recovered")
        self.assertGreater(number_in(line, "after"), 600)
        self.assertGreaterEqual(number_in(line, "failures"), 4)
        self.wait_for_polls(second, "orders", 2)
        self.assertEqual(self.events_of(second), [("poll_recovered", None)])

    def test_numbers_go_on_and_events_stay(self):
        first = self.begin(config_for(self.simulator, BOTH))
        self.wait_for_polls(first, "orders", 1)
        self.wait_for_polls(first, "billing", 1)
        self.assertEqual(len(self.events_of(first)), 3)
        self.end(first)
        second = self.begin(config_for(self.simulator, BOTH))
        before = self.served(second)
        self.assertEqual([e["event_id"] for e in before], [3, 2, 1])
        self.set_task("first", stage="incremental", percentage=100)
        line = second.wait_for_line("event=stage_transition")
        self.assertEqual(number_in(line, "event_id"), 4)
        newest, *rest = self.served(second)
        self.assertEqual((newest["event_id"], newest["event"], newest["task"]), (4, "stage_transition", "first"))
        self.assertEqual(rest, before)

        # While it runs, and after: the same events, oldest first, each with the keys of its line.
        self.assertEqual(self.shown(), [newest, *before][::-1])
        self.end(second)
        self.assertEqual(self.shown(), [newest, *before][::-1])

    def test_events_are_filtered_alike_by_command_and_api(self):
        run = self.begin(config_for(self.simulator, BOTH))
        self.wait_for_polls(run, "orders", 1)
        self.wait_for_polls(run, "billing", 1)
        self.set_task("first", stage="incremental", percentage=100)
        run.wait_for_line("event=stage_transition")
        all_of_it = self.shown()
        self.assertEqual(len(all_of_it), 4)
        newest = all_of_it[-1]
        self.assertEqual(len({e["time"] for e in all_of_it[:3]} | {newest["time"]}) > 1, True)
        for flags, query, chosen in [
                (["--instance=billing"], "instance=billing", lambda e: e["starrocks_instance"] == "billing"),
                ([f"--instance={ORDERS}"], f"instance={ORDERS}", lambda e: e["starrocks_instance"] == "orders"),
                (["--task=first"], "task=first", lambda e: e.get("task") == "first"),
                (["--task=first", "--instance=billing"], "task=first&instance=billing", lambda e: False),
                ([f"--since={newest['time']}"], f"since={newest['time']}", lambda e: e["time"] >= newest["time"]),
                (["--limit=2"], "limit=2", lambda e: e in all_of_it[-2:])]:
            expected = [e for e in all_of_it if chosen(e)]
            self.assertEqual(self.shown(*flags), expected, flags)
            self.assertEqual(self.served(run, query), expected[::-1], query)
        self.assertEqual(self.shown("--since=1h"), all_of_it)
        lines = subprocess.run([str(DAEMON), "events", f"--state.path={self.path}"], capture_output=True, text=True)
        self.assertEqual(lines.stdout.splitlines(), run.lines(r" event_id=\d+"))
        self.assertEqual(http(run.url + "/api/v1/events?limit=0")[0], 400)

    def test_events_finds_the_file_by_the_configuration(self):
        config = config_for(self.simulator, ONE) + f"state: {{path: {self.path}}}\n"
        run = self.start_daemon(config)
        self.wait_for_polls(run, "orders", 1)
        done = subprocess.run([str(DAEMON), "events", f"--config.file={self.folder / 'replmond.yaml'}"],
                              capture_output=True, text=True)
        self.assertEqual((done.returncode, done.stdout.splitlines()), (0, run.lines(r" event_id=\d+")))

    def test_a_new_name_keeps_the_state(self):
        first = self.begin(config_for(self.simulator, ONE))
        self.wait_for_polls(first, "orders", 1)
        self.set_task("first", stage="incremental", percentage=100)
        first.wait_for_line("event=stage_transition")
        before = self.replication(first)
        self.end(first)
        renamed = config_for(self.simulator, [("shop", ORDERS, "")]).replace("name: demo", "name: live")
        self.fault(hang=True)
        second = self.begin(renamed)
        expected = sorted(line.replace('"demo"', '"live"').replace('"orders"', '"shop"') for line in before)
        self.assertEqual(self.replication(second), expected)
        self.mend()
        self.wait_for_polls(second, "shop", 2, project="live")
        self.assertEqual(self.replication(second), expected)
        self.assertFalse([e for e in self.events_of(second) if e[1]])


class WithoutProjectId(Restarts):
    AUTHS = {"a token reveals it": "{type: password, domain: account, user: watcher, password: e2e-secret-password}",
             "IAM is asked": "{type: aksk, access_key: E2EACCESSKEY, secret_key: e2e-secret-key}"}

    def config(self, auth):
        plain = config_for(self.simulator, ONE)
        without = re.sub(r"    project_id: .*\n", f"    iam_endpoint: {self.simulator.url}\n", plain)
        return re.sub(r"auth: .*", lambda _: "auth: " + auth, without)

    def test_is_recalled_too(self):
        for how, auth in self.AUTHS.items():
            with self.subTest(how):
                self.path = self.folder / f"{len(self.runs)}.db"
                self.mend()
                first = self.begin(self.config(auth))
                self.wait_for_polls(first, "orders", 1)
                before = self.replication(first)
                self.end(first)

                self.fault(hang=True)  # IAM too
                second = self.begin(self.config(auth).replace("timeout: 2s", "timeout: 2m"))
                self.assertEqual(self.replication(second), before)
                self.assertEqual(second.stop(), 0)
                self.mend()
                third = self.begin(self.config(auth))
                self.wait_for_polls(third, "orders", 2)
                self.assertEqual(self.replication(third), before)
                self.assertEqual(self.events_of(third), [])
                self.end(third)
                self.assertEqual(self.rows("SELECT project_id, instance_id FROM instances"), [(PROJECT_ID, ORDERS)])

    def test_a_run_of_failures_goes_on_while_nobody_says_which_project(self):
        auth = self.AUTHS["IAM is asked"]
        first = self.begin(self.config(auth))
        self.wait_for_polls(first, "orders", 1)
        self.fault(status=403)
        first.wait_for_line("event=poll_failed")
        self.end(first)
        second = self.begin(self.config(auth))
        self.wait_for_any_poll(second, count=2)
        said = len(self.events_of(second))  # perhaps with another result: it is IAM that refuses
        self.end(second)
        third = self.begin(self.config(auth))
        self.wait_for_any_poll(third, count=2)
        self.assertEqual(self.events_of(third), [])
        self.mend()
        line = third.wait_for_line("event=poll_recovered")
        self.assertGreaterEqual(number_in(line, "failures"), 5)
        self.assertLessEqual(said, 1)


class Reloads(Restarts):
    def reload(self, run, config):
        self.write("replmond.yaml", config)
        before = len(run.lines("event=config_loaded"))
        run.process.send_signal(signal.SIGHUP)
        wait_for(lambda: len(run.lines("event=config_loaded")) > before, "the reload")

    def test_a_removed_instance_is_kept_and_comes_back(self):
        self.set_task("ledger", instance=BILLING, status="No")
        first = self.begin(config_for(self.simulator, BOTH))
        self.wait_for_polls(first, "orders", 1)
        self.wait_for_polls(first, "billing", 1)
        before = self.replication(first)
        billing = [line for line in before if '"billing"' in line]
        self.reload(first, config_for(self.simulator, ONE))
        self.assertEqual(self.replication(first), [line for line in before if line not in billing])
        self.assertEqual(self.rows("SELECT task FROM tasks ORDER BY task"), [("first",), ("ledger",), ("second",)])

        self.fault(hang=True)
        self.reload(first, config_for(self.simulator, BOTH))
        self.assertEqual(self.replication(first), before)
        self.mend()
        self.wait_for_polls(first, "billing", 1)
        self.reload(first, config_for(self.simulator, ONE))
        self.end(first)

        second = self.begin(config_for(self.simulator, ONE))  # not watched in this run
        self.wait_for_polls(second, "orders", 1)
        self.end(second)
        third = self.begin(config_for(self.simulator, BOTH))
        self.wait_for_polls(third, "orders", 2)
        self.wait_for_polls(third, "billing", 2)
        self.assertEqual(self.replication(third), before)
        self.assertEqual(self.events_of(second) + self.events_of(third), [])
