#!/usr/bin/env python3
"""Kills the daemon again and again while the cloud changes, then audits what it stored, printed and exports.

    tests/e2e/crash_harness.py --kills=30 --seed=1

The seed says at what moment of which kind each run is killed: at the n-th call by which the journal writes (that is
exact), when the file or the log was just seen to grow, at some time, or while it starts. What changes is random too;
how much of it comes before the kill is up to the machine. A failure keeps the folder and says where it is.
"""

import argparse
import json
import os
import pathlib
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time

import crash_audit
from support import DAEMON, PROJECT_ID, SIMULATOR, Program, http, wait_for

REPEAT_INTERVAL = 3
SLACK = 0.11  # a tenth of the poll interval counts as on time
STAGES = ["wait", "full", "incremental", "paused", "cancelled"]


class Cloud:
    """A simulated cloud that is changed at random, with a record of what it was."""

    INSTANCES = {f"i{n}": f"{n:032d}in17" for n in range(4)}
    TASKS = [f"t{n}" for n in range(6)]

    def __init__(self, folder, dice):
        self.dice = dice
        self.histories = {}
        self.failing = set()
        scenario = f"tokens: [crash-token]\nprojects: [{PROJECT_ID}]\ninstances:\n"
        for name, identifier in self.INSTANCES.items():
            scenario += f"  - name: {name}\n    id: {identifier}\n    max_page: 4\n    tasks:\n"
            for task in self.TASKS:
                scenario += f"      - {{name: {task}, timeline: [{{stage: wait, percentage: 0}}]}}\n"
                self.histories[name, task] = [
                    {"stage": "wait", "status": "Yes", "percentage": 0.0, "need_repair": False}]
        path = folder / "scenario.yaml"
        path.write_text(scenario)
        self.program = Program(folder, "simulator", SIMULATOR, "--listen-address=127.0.0.1:0", f"--scenario={path}",
                               "--speed=0")
        line = self.program.wait_for_line(r"127\.0\.0\.1:\d+")
        self.url = "http://" + re.search(r"127\.0\.0\.1:\d+", line).group()
        for name, task in self.histories:
            self.control("tasks", {"instance": self.INSTANCES[name], "task_name": task,
                                   "set": self.histories[name, task][0]})

    def control(self, path, body=None, method="POST"):
        status, _, text = http(f"{self.url}/_control/{path}", method, body)
        if status not in (200, 204):
            raise AssertionError(text)

    def change(self, count):
        for name, task in self.dice.sample(sorted(self.histories), count):
            history = self.histories[name, task]
            body = {"instance": self.INSTANCES[name], "task_name": task}
            if history[-1] is None:
                back = dict(next(h for h in reversed(history) if h))
                history.append(back)
                self.control("tasks", {**body, "add": True})
            elif self.dice.random() < 0.1:
                history.append(None)
                self.control("tasks", {**body, "remove": True})
            else:
                what = self.dice.choice([{"stage": self.dice.choice(STAGES)}, {"stage": self.dice.choice(STAGES)},
                                         {"status": "No" if history[-1]["status"] == "Yes" else "Yes"},
                                         {"percentage": self.dice.randrange(0, 201) / 2},
                                         {"need_repair": not history[-1]["need_repair"]}])
                history.append({**history[-1], **what})
                self.control("tasks", {**body, "set": what})

    def change_access(self):
        """One instance, or none, refuses to be read."""
        self.control("faults", method="DELETE")
        if self.dice.random() < 0.3:
            self.control("faults", {"instance": self.dice.choice(sorted(self.INSTANCES.values())), "status": 403})

    def end(self):
        if self.program.process.poll() is None:
            self.program.process.kill()
        self.program.process.wait()


class Harness:
    def __init__(self, folder, seed):
        self.folder = folder
        self.seed = seed
        self.dice = random.Random(seed)
        self.state = folder / "state.db"
        self.runs = []
        self.kinds = {}
        self.preload = folder / "crash.so"
        subprocess.run(["cc", "-shared", "-fPIC", "-o", self.preload, pathlib.Path(__file__).with_name("crash.c"), "-ldl"],
                       check=True)
        self.cloud = Cloud(folder, self.dice)
        listed = "".join(f"  - {{name: {n}, id: {i}}}\n" for n, i in Cloud.INSTANCES.items())
        self.config = folder / "replmond.yaml"
        self.config.write_text(f"""
poll: {{interval: 1s, timeout: 2s}}
alerts: {{repeat_interval: {REPEAT_INTERVAL}s}}
state: {{path: {self.state}}}
projects:
  - name: demo
    region: ap-southeast-3
    project_id: {PROJECT_ID}
    endpoint: {self.cloud.url}
    rate_limit: 1000000/5m
    auth: {{type: token, token: crash-token}}
instances:
{listed}""")

    def start(self, env=None):
        run = Program(self.folder, f"run{len(self.runs)}", DAEMON, f"--config.file={self.config}",
                      "--web.listen-address=127.0.0.1:0", "--log.format=json", env=env)
        self.runs.append(run)
        return run

    def size(self, of):
        """A number that grows with what was written."""
        path = pathlib.Path(f"{self.state}-wal") if of == "commit" else self.runs[-1].out_file
        try:
            status = os.stat(path)
        except FileNotFoundError:
            return 0
        return status.st_mtime_ns, status.st_size

    def kill_once(self):
        """Starts it, lets it run among changes, and kills it."""
        self.dice.seed(f"{self.seed}/{len(self.runs)}")  # however often the run before threw them
        kind = self.dice.choice(["start", "time", "commit", "line", "call", "call", "call", "call"])
        call = self.dice.randrange(1, 150)
        self.kinds[kind] = self.kinds.get(kind, 0) + 1
        self.cloud.change_access()
        self.cloud.change(self.dice.randrange(0, 12))  # while it was down
        if kind == "call":
            return self.die_at(call)
        run = self.start()
        if kind == "start":
            time.sleep(self.dice.uniform(0, 0.1))
        else:
            run.wait_for_line('"event":"started"')
            deadline = time.monotonic() + self.dice.uniform(0.1, 1.5)
            while time.monotonic() < deadline:
                self.cloud.change(self.dice.randrange(1, 6))
                time.sleep(self.dice.uniform(0, 0.2))
            if kind != "time":
                self.wait_to_write(kind)
        run.process.kill()
        run.process.wait()

    def die_at(self, call):
        """At that call, whatever the machine is busy with."""
        run = self.start({"LD_PRELOAD": str(self.preload), "CRASH_AT": str(call)})
        deadline = time.monotonic() + 10
        while run.process.poll() is None and time.monotonic() < deadline:
            self.cloud.change(self.dice.randrange(1, 6))
            time.sleep(self.dice.uniform(0, 0.2))
        run.process.kill()
        run.process.wait()

    # Without a pause: the moments of interest are some microseconds to milliseconds long.
    def wait_to_write(self, what):
        self.cloud.control("faults", method="DELETE")
        self.cloud.change(8)
        before = self.size(what)
        patience = time.monotonic() + 3
        while self.size(what) == before and time.monotonic() < patience:
            pass
        until = time.monotonic() + self.dice.choice([0, self.dice.uniform(0, 0.0005), self.dice.uniform(0, 0.004)])
        while time.monotonic() < until:
            pass

    def finish(self):
        """A last run that sees everything and ends in peace. Returns the mistakes."""
        self.cloud.control("faults", method="DELETE")
        run = self.start()
        line = run.wait_for_line('"event":"started"')
        url = "http://" + re.search(r"127\.0\.0\.1:\d+", line).group()

        def polled():
            text = http(url + "/metrics")[2]
            counts = re.findall(r'(?m)^replmond_polls_total\{.*result="success"\} (\d+)$', text)
            return len(counts) == len(Cloud.INSTANCES) and min(map(int, counts)) >= 2 and text

        metrics = wait_for(polled, "two polls of each instance")
        stopped = run.stop()
        return ([] if stopped == 0 else [f"SIGTERM: {stopped}"]) + self.audit(metrics)

    def audit(self, metrics):
        done = subprocess.run([str(DAEMON), "events", f"--state.path={self.state}", "--output=json",
                               "--limit=1000000"], capture_output=True, text=True, timeout=60)
        if done.returncode != 0:
            return [done.stderr]
        stored = [json.loads(line) for line in done.stdout.splitlines()]
        runs = [[e for e in map(json.loads, run.lines()) if "event_id" in e] for run in self.runs]
        self.facts = {"runs": len(runs), "events": len(stored), "lines": sum(map(len, runs)),
                      "replayed": sum("replayed" in e for run in runs for e in run), "kills": self.kinds}
        mistakes = [f"run {n} said: {run.errors()}" for n, run in enumerate(self.runs) if run.errors()]
        mistakes += crash_audit.check_lines(stored, runs)
        mistakes += crash_audit.check_chains(stored, self.cloud.histories, crash_audit.exported_tasks(metrics),
                                             REPEAT_INTERVAL, SLACK)
        return mistakes + crash_audit.check_counters(stored, metrics)

    def end(self):
        for run in self.runs:
            if run.process.poll() is None:
                run.process.kill()
                run.process.wait()
        self.cloud.end()


def crash(folder, kills, seed, say=lambda text: None):
    """(mistakes, facts) of so many kills."""
    harness = Harness(pathlib.Path(folder), seed)
    try:
        for number in range(kills):
            harness.kill_once()
            say(f"\r{number + 1} of {kills}")
        return harness.finish(), harness.facts
    finally:
        harness.end()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=30)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    arguments = parser.parse_args()
    folder = tempfile.mkdtemp(prefix="replmond-crash-")
    print(f"seed {arguments.seed}", flush=True)
    progress = (lambda text: print(text, end="", flush=True)) if sys.stdout.isatty() else (lambda text: None)
    mistakes, facts = crash(folder, arguments.kills, arguments.seed, progress)
    print(f"\n{facts}")
    for mistake in mistakes[:50]:
        print(mistake)
    if mistakes:
        print(f"{len(mistakes)} mistakes; see {folder}")
        return 1
    shutil.rmtree(folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
