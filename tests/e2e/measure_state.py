#!/usr/bin/env python3
"""Measures the whole daemon with a large state file: no test, since nothing here has a limit.

    tests/e2e/measure_state.py [start] [events]

start: with 100,000 tasks in the file, until /metrics answers with them. events: what 100 instances with 100 tasks each
come to that are polled every second and have changed each time.
"""

import os
import pathlib
import re
import shutil
import sys
import tempfile
import time

from support import DAEMON, PROJECT_ID, SIMULATOR, Program, http

INSTANCES = 1000
TASKS = 100


class Bench:
    def __init__(self, instances, tasks, interval, timeline):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="replmond-measure-"))
        self.programs = []
        scenario = self.folder / "scenario.yaml"
        scenario.write_text(f"tokens: [measure-token]\nprojects: [{PROJECT_ID}]\n"
                            f"generate: {{instances: {instances}, tasks: {tasks}, {timeline}}}\n")
        self.cloud = self.start("simulator", SIMULATOR, "--listen-address=127.0.0.1:0", f"--scenario={scenario}")
        listed = "".join(f"  - {{id: {n:032x}in17}}\n" for n in range(1, instances + 1))
        self.config = self.folder / "replmond.yaml"
        self.config.write_text(f"""
poll: {{interval: {interval}, timeout: 30s, concurrency: 16}}
state: {{path: {self.folder / 'state.db'}}}
projects:
  - {{name: demo, region: ap-southeast-3, project_id: {PROJECT_ID}, endpoint: "{self.cloud.url}",
     rate_limit: 1000000/5m, auth: {{type: token, token: measure-token}}}}
instances:
{listed}""")

    def start(self, name, *arguments):
        program = Program(self.folder, name, *arguments)
        self.programs.append(program)
        program.url = "http://" + re.search(r"127\.0\.0\.1:\d+", program.wait_for_line(r"127\.0\.0\.1:\d+")).group()
        return program

    def start_daemon(self, name):
        return self.start(name, DAEMON, f"--config.file={self.config}", "--web.listen-address=127.0.0.1:0")

    def end(self):
        for program in self.programs:
            program.stop()
        shutil.rmtree(self.folder)


def tasks_in(metrics):
    return len(re.findall(r"(?m)^starrocks_replication_info\{", metrics))


def processor_seconds(program):
    fields = pathlib.Path(f"/proc/{program.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def measure_start():
    bench = Bench(INSTANCES, TASKS, "60s", "name: scale")
    first = bench.start_daemon("first")
    while tasks_in(http(first.url + "/metrics")[2]) < INSTANCES * TASKS:
        time.sleep(1)
    began = time.monotonic()
    first.stop()
    print(f"stop: {time.monotonic() - began:.2f} s")
    http(bench.cloud.url + "/_control/faults", "POST", {"instance": "*", "hang": True})
    print(f"file: {(bench.folder / 'state.db').stat().st_size / 1e6:.0f} MB")
    for attempt in range(3):
        began = time.monotonic()
        again = bench.start_daemon(f"again{attempt}")
        started = time.monotonic() - began
        text = http(again.url + "/metrics")[2]
        answered = time.monotonic() - began
        memory = re.search(r"(?m)^process_resident_memory_bytes (\S+)$", text).group(1)
        print(f"start with {tasks_in(text)} tasks: started after {started:.2f} s, /metrics answered after "
              f"{answered:.2f} s ({len(text) / 1e6:.0f} MB), resident {float(memory) / 1e6:.0f} MB")
        again.stop()
    bench.end()


def measure_events():
    bench = Bench(100, TASKS, "1s", "name: busy, stagger: 130ms, repeat: true, "
                  "timeline: [{stage: incremental, for: 1s, percentage: 100}, {stage: paused, for: 1s}]")
    run = bench.start_daemon("busy")
    time.sleep(5)

    def last_printed():
        with open(run.out_file, "rb") as out:
            out.seek(-4096, os.SEEK_END)
            return int(re.findall(rb" event_id=(\d+)\n", out.read())[-1])

    count, used, began = last_printed(), processor_seconds(run), time.monotonic()
    time.sleep(20)
    told, took = last_printed() - count, time.monotonic() - began
    used = processor_seconds(run) - used
    metrics = http(run.url + "/metrics")[2]
    waiting, dropped = (re.search(rf"(?m)^replmond_journal_{name} (\S+)$", metrics).group(1)
                        for name in ("waiting", "dropped_total"))
    print(f"{told / took:.0f} events/s stored and printed over {took:.0f} s, {used / took:.2f} processors, "
          f"{waiting} waiting at the end, {dropped} dropped")
    bench.end()


if __name__ == "__main__":
    if "start" in (sys.argv[1:] or ["start"]):
        measure_start()
    if "events" in (sys.argv[1:] or ["events"]):
        measure_events()
