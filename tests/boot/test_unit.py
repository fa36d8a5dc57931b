"""The units under a booted systemd, beside a simulated cloud in the same machine.

REPLMOND_BOOT_TREE     the tree to boot a copy of; default: this machine's own
REPLMOND_BOOT_PREPARE  a program that puts replmond into the copy
"""

import json
import os
import re
import unittest

from machine import Machine, wait_for

PROJECT_ID = "0123456789abcdef0123456789abcdef"
INSTANCES = {f"i{number:02}": f"{number:032x}in17" for number in range(1, 13)}

# Every task is abnormal every few seconds.
SCENARIO = f"""
tokens: [TOKEN]
projects: [{PROJECT_ID}]
generate:
  instances: 12
  tasks: 2
  repeat: true
  timeline:
    - {{stage: incremental, for: 2s}}
    - {{stage: full, percentage: 50, status: No, for: 2s}}
"""

CONFIG = f"""
poll: {{interval: 1s, timeout: 2s}}
state: {{path: /var/lib/replmond/state.db}}
projects:
  - name: demo
    region: ap-southeast-3
    project_id: {PROJECT_ID}
    endpoint: http://127.0.0.1:18080
    rate_limit: 100000/5m
    auth: {{type: token, token_file: token}}
instances:
""" + "".join(f"  - {{name: {name}, id: {identifier}}}\n" for name, identifier in INSTANCES.items())

# Quicker than life; everything else is as it is shipped.
DROP_IN = """
[Unit]
StartLimitBurst=1000
[Service]
LoadCredential=token:/etc/replmond/token
WatchdogSec=2s
RestartSec=200ms
"""


class UnderSystemd(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.machine = Machine(os.environ.get("REPLMOND_BOOT_TREE", "/"),
                              os.environ.get("REPLMOND_BOOT_PREPARE", "true"))
        cls.addClassCleanup(cls.machine.end)
        cls.install()

    @classmethod
    def install(cls):
        """Before the first test."""

    def setUp(self):
        self.addCleanup(self.put_back)
        self.shipped = self.machine.output("cat", "/etc/replmond/replmond.yaml")
        # --after-cursor= together with a filter would leave out the first line that passes it.
        self.machine.run("systemd-cat", "-t", "test", "echo", self.id())
        self.machine.run("journalctl", "--sync")
        marked = self.machine.output("journalctl", "-n1", "-t", "test", "--show-cursor")
        self.cursor = re.search(r"^-- cursor: (.*)$", marked, re.MULTILINE).group(1)

    def put_back(self):
        run = self.machine.run
        run("systemctl", "stop", "replmond.service", "replmond@*.service", "cloud.service", check=False)
        run("systemctl", "reset-failed", check=False)
        run("sh", "-c", "rm -rf /etc/systemd/system/replmond*.d /etc/default/replmond-* /var/lib/private/replmond*/*")
        self.machine.write("/etc/replmond/replmond.yaml", self.shipped)
        run("systemctl", "daemon-reload")

    # What a test says.

    def start_cloud(self, token="first-token"):
        self.machine.run("systemctl", "stop", "cloud.service", check=False)
        self.machine.write("/run/cloud.yaml", SCENARIO.replace("TOKEN", token))
        self.machine.run("systemd-run", "-q", "--collect", "--unit=cloud", "replmond-simulator",
                         "--scenario=/run/cloud.yaml")
        wait_for(lambda: self.curl("http://127.0.0.1:18080/_control/state"), self.journal)

    def configure(self, unit="replmond.service"):
        self.machine.write("/etc/replmond/replmond.yaml", CONFIG)
        self.machine.write("/etc/replmond/token", "first-token\n", "600")
        self.machine.write(f"/etc/systemd/system/{unit}.d/test.conf", DROP_IN)
        self.machine.run("systemctl", "daemon-reload")

    def curl(self, url):
        done = self.machine.run("curl", "-fsS", "-m", "5", url, check=False)
        return done.stdout if done.returncode == 0 else ""

    def metrics(self, port=10930):
        return self.curl(f"http://127.0.0.1:{port}/metrics")

    def show(self, what, unit="replmond.service"):
        return self.machine.output("systemctl", "show", "--value", "-p", what, unit).strip()

    def journal(self, *more):
        return self.machine.output("journalctl", f"--cursor={self.cursor}", "-o", "cat", *more)

    def wait_for_journal(self, pattern, *more):
        wait_for(lambda: re.search(pattern, self.journal(*more), re.MULTILINE), lambda: f"{pattern}:\n{self.journal()}")

    def wait_for_metric(self, pattern, port=10930):
        wait_for(lambda: re.search(pattern, self.metrics(port), re.MULTILINE), lambda: f"{pattern}:\n{self.journal()}")

    def wait_for_restart(self, before):
        wait_for(lambda: self.show("ActiveState") == "active" and self.show("MainPID") not in ("0", before),
                 self.journal)

    def start_watching(self):
        self.start_cloud()
        self.configure()
        self.machine.run("systemctl", "restart", "replmond")
        self.wait_for_metric("^starrocks_replication_tasks.* 2$")

    def events(self):
        lines = self.machine.output("replmond", "events", "--limit=1000", "--output=json").splitlines()
        return [json.loads(line) for line in lines]


class Unit(UnderSystemd):
    def test_as_it_is_shipped_it_starts_and_is_scraped(self):
        self.machine.run("systemctl", "start", "replmond")
        self.assertEqual(self.show("ActiveState"), "active")
        self.assertEqual(self.show("StatusText"), "watching nothing: no instances are known")
        self.assertIn("replmond_build_info{", self.metrics())
        user = self.machine.output("ps", "-o", "uid=", "-p", self.show("MainPID")).strip()
        self.assertGreaterEqual(int(user), 61184)  # a dynamic one
        self.assertEqual(self.journal("-p", "err", "-u", "replmond", "-q"), "")

    def test_systemd_has_nothing_to_say_about_the_units(self):
        for unit in ("replmond.service", "replmond@0-3.service"):
            verified = self.machine.run("systemd-analyze", "verify", "--man=no", unit)
            said = [line for line in verified.stderr.splitlines() if "replmond" in line]
            self.assertEqual(said, [])
            self.machine.run("systemd-analyze", "security", "--offline=true", "--threshold=13",
                             "/usr/lib/systemd/system/" + re.sub("@.*", "@.service", unit))

    def test_alerts_are_errors_of_the_journal(self):
        self.start_watching()
        self.wait_for_journal("event=replication_abnormal ", "-p", "err", "-u", "replmond")
        for line in self.journal("-p", "err", "-u", "replmond").splitlines():
            self.assertRegex(line, "level=ERROR ")
        self.assertRegex(self.journal("-p", "info..info", "-u", "replmond"), "event=task_discovered ")
        self.assertNotIn("first-token", self.journal())
        wait_for(lambda: self.show("StatusText") == "watching 12 instances", lambda: self.show("StatusText"))

    def test_reload(self):
        self.start_watching()
        process = self.show("MainPID")
        self.machine.run("sed", "-i", "s/interval: 1s/interval: 2s/", "/etc/replmond/replmond.yaml")
        self.machine.run("systemctl", "reload", "replmond")
        self.wait_for_journal("event=config_loaded .*changed=12")
        wait_for(lambda: self.show("ActiveState") == "active", self.journal)

        self.machine.write("/etc/replmond/replmond.yaml", "poll: nonsense\n")
        self.machine.run("systemctl", "reload", "replmond")
        self.wait_for_journal("event=config_reload_failed ", "-p", "err")
        wait_for(lambda: self.show("StatusText") == "watching 12 instances; the new configuration was refused",
                 lambda: self.show("StatusText"))
        self.assertEqual(self.show("ActiveState"), "active")
        self.assertEqual(self.show("MainPID"), process)
        self.wait_for_metric("^replmond_poll_interval_seconds.* 2$")

    def test_frozen_it_is_restarted(self):
        self.start_watching()
        process = self.show("MainPID")
        self.machine.run("kill", "-STOP", process)
        self.wait_for_restart(process)
        self.wait_for_journal("replmond.service: Watchdog timeout")
        self.wait_for_metric("^starrocks_replication_tasks.* 2$")

    def test_killed_it_goes_on_where_it_was(self):
        self.start_watching()
        for _ in range(5):
            seen = len(self.events())
            wait_for(lambda: len(self.events()) > seen + 20, self.journal)
            process = self.show("MainPID")
            self.machine.run("kill", "-KILL", process)
            self.wait_for_restart(process)
        moved = lambda: {(e["starrocks_instance"], e["task"]) for e in self.events() if e["event"] == "stage_transition"}
        wait_for(lambda: len(moved()) == 24, self.journal)  # kills may have kept some from being seen to move
        self.machine.run("systemctl", "stop", "replmond")
        events = self.events()
        numbers = [event["event_id"] for event in events]
        self.assertEqual(len(set(numbers)), len(numbers))
        where = {}
        for event in events:
            if event["event"] == "stage_transition":
                task = event["starrocks_instance"], event["task"]
                self.assertEqual(event["from"], where.get(task, event["from"]), f"twice, or one lost: {event}")
                where[task] = event["to"]
        self.assertEqual(len(where), 24)
        discovered = [e for e in events if e["event"] == "task_discovered"]
        self.assertLessEqual(len(discovered), 24)

    def test_stops_in_time_while_the_cloud_hangs(self):
        self.start_watching()
        self.machine.run("systemctl", "kill", "--signal=STOP", "cloud.service")
        self.wait_for_journal("event=poll_failed .*result=timeout")
        self.machine.run("systemctl", "stop", "replmond")
        self.assertEqual(self.show("Result"), "success")
        self.assertEqual(self.show("ExecMainStatus"), "0")
        self.machine.run("systemctl", "kill", "--signal=CONT", "cloud.service")

    def test_rotated_credential_takes_a_restart(self):
        self.start_watching()
        self.start_cloud("second-token")
        self.wait_for_journal("event=credential_refused ")
        self.machine.write("/etc/replmond/token", "second-token\n", "600")
        self.machine.run("systemctl", "restart", "replmond")
        self.wait_for_metric("^replmond_polls_total.*success.* [1-9]")
        self.assertRegex(self.metrics(), "(?m)^replmond_credential_usable.* 1$")

    def test_three_shards_by_the_template(self):
        self.start_cloud()
        self.configure("replmond@.service")
        for index in range(3):
            self.machine.write(f"/etc/default/replmond-{index}-3", f"REPLMOND_LISTEN=127.0.0.1:1094{index}\n")
        self.machine.run("systemctl", "start", *(f"replmond@{index}-3" for index in range(3)))
        owned = []
        for index in range(3):
            port = 10940 + index
            self.wait_for_metric(f'^replmond_shard_info{{shard="{index}",shards="3"}} 1$', port)
            names = set(re.findall('^replmond_polls_total.*starrocks_instance="([^"]*)".*success', self.metrics(port),
                                   re.MULTILINE))
            for name in names:
                self.wait_for_metric(f'^starrocks_replication_tasks.*starrocks_instance="{name}".* 2$', port)
            owned.append(names)
            stored = self.machine.output("replmond", "events", f"--state.path=/var/lib/replmond-{index}-3/state.db",
                                         "--output=json", "--limit=1000").splitlines()
            self.assertEqual({json.loads(line)["starrocks_instance"] for line in stored} - names, set())
        self.assertEqual(set.union(*owned), set(INSTANCES))
        self.assertEqual(sum(map(len, owned)), len(INSTANCES), "none twice")


if __name__ == "__main__":
    unittest.main()
