"""From a change in the cloud to what the daemon says of it: its log line, and its metric.

Half of the changes come at any time, half 30 ms after a poll of their instance was due: those wait longest. A log line is
there when it can be read from the daemon's output. A metric is there when the scrape was asked for that is the first to
show it; such scrapes begin once the line is there, and are rare, since they alone would load the daemon: only some of the
changes are looked for in metrics, and no time of theirs is shorter than that of their line.
"""

import datetime
import json
import os
import random
import re
import threading
import time
import zlib

from bench_fleet import Fleet, fetch
from bench_poll import CHANGING

AFTER = 0.03  # seconds
BETWEEN_SCRAPES = 2.0
LINE = re.compile(r" event=stage_transition .*starrocks_instance=(\S+) task=(\S+) .*to=paused")


class Lines:
    """Whole lines of a file as they come."""

    def __init__(self, path):
        self.file = open(path, "rb", buffering=0)
        self.file.seek(0, os.SEEK_END)
        self.rest = b""

    def read(self):
        *whole, self.rest = (self.rest + self.file.read()).split(b"\n")
        return [line.decode() for line in whole]


class Change:
    def __init__(self, when, kind, instance, task):
        self.when, self.kind, self.name, self.task = when, kind, instance["starrocks_instance"], task
        self.identifier = instance["instance_id"]
        self.sent = self.line = self.metric = None

    def make(self, fleet):
        self.sent = time.time()
        fleet.control("tasks", {"instance": self.identifier, "task_name": self.task, "set": {"stage": "paused"}})


def plan(fleet, interval, count, over, chance):
    """The changes in the order of their time; no task twice."""
    instances = json.loads(fetch(fleet.url + "/api/v1/instances"))["data"]
    chance.shuffle(instances)
    begin, changes = time.time() + 1, []
    for number in range(count):
        instance = instances[number % len(instances)]
        task = f"task_{number // len(instances) + 1:03}"
        at = begin + chance.uniform(0, over)
        if number % 2:
            due = datetime.datetime.fromisoformat(instance["next_poll"]).timestamp()
            at = due + AFTER + interval * max(0, (at - due) // interval + 1)
        changes.append(Change(at, "just after a poll" if number % 2 else "at any time", instance, task))
    return sorted(changes, key=lambda change: change.when)


def shown(fleet, change):
    """Whether a scrape has the change, and when it was asked for."""
    wanted = f'starrocks_instance="{change.name}",task="{change.task}",stage="paused"}} 1\n'.encode()
    unpack, found, rest = zlib.decompressobj(31), False, b""

    def take(piece):
        nonlocal found, rest
        text = rest + unpack.decompress(piece)
        found, rest = found or wanted in text, text[-len(wanted):]

    return fleet.scrape(True, take)[0], found, unpack.eof


def look_for(fleet, change, until):
    while change.metric is None and time.monotonic() < until:
        asked, found, whole = shown(fleet, change)
        if not whole:
            raise SystemExit("a packed scrape was cut")
        if found:
            change.metric = asked


def watch(fleet, changes, interval):
    """Makes the changes at their times and notes when each is seen."""
    lines, waiting, to_make = Lines(fleet.daemon.log), {}, list(reversed(changes))
    looking, next_look = None, 0.0
    deadline = time.monotonic() + (changes[-1].when - time.time()) + 2 * interval + 30
    while (to_make or waiting or looking) and time.monotonic() < deadline:
        if to_make and to_make[-1].when <= time.time():
            change = to_make.pop()
            waiting[change.name, change.task] = change
            change.make(fleet)
        for line in lines.read():
            found = LINE.search(line)
            change = waiting.pop(found.groups(), None) if found else None
            if change is None:
                continue
            change.line = time.time()
            if looking is None and time.monotonic() >= next_look:
                looking = threading.Thread(target=look_for, args=(fleet, change, deadline), daemon=True)
                looking.start()
        if looking and not looking.is_alive():
            looking, next_look = None, time.monotonic() + BETWEEN_SCRAPES
        time.sleep(0.001)
    if unseen := [change for change in changes if change.line is None]:
        raise SystemExit(f"{len(unseen)} of {len(changes)} changes were never logged, such as {unseen[0].task} of {unseen[0].name}")


def summary(lags):
    if not lags:
        raise SystemExit("no change was looked for in metrics")
    lags = sorted(lags)
    return {"changes": len(lags), "p50": lags[len(lags) // 2], "p99": lags[int(len(lags) * 0.99)], "max": lags[-1]}


def measure(build, instances, tasks, interval, count, over):
    """Seconds, for each time of change and each way to see it, of `count` changes within `over` seconds."""
    with Fleet(build, instances, tasks, f"{interval}s", CHANGING, state=True, alone=True) as fleet:
        fleet.await_polls()
        time.sleep(interval)  # from now on every instance is on its grid
        changes = plan(fleet, interval, count, over, random.Random(1))
        watch(fleet, changes, interval)
    rows = []
    for kind in ("at any time", "just after a poll"):
        ours = [change for change in changes if change.kind == kind]
        rows.append({"change": kind, "seen": "log line", **summary([c.line - c.sent for c in ours])})
        rows.append({"change": kind, "seen": "metric", **summary([c.metric - c.sent for c in ours if c.metric])})
    return {"tasks": instances * tasks, "interval": interval, "rows": rows}
