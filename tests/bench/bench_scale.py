"""Memory and cost of the whole daemon against the number of tasks. All with a state file, as it is installed."""

import re
import statistics
import time

from bench_fleet import ROOT, Fleet, total
from bench_poll import CHANGING

# Everything that a task can have, in every reading of it.
FULL = (", timeline: [{stage: full, percentage: [0, 100], catchup_stage: full, catchup_percentage: [0, 100], need_repair: true, "
        "error_msg: 'binlog of the source has expired', for: 10m}]")
# Stages and catch-ups come and go as well: a line and a stored event for each. Every task has had all of them, and so
# every text its full size, long before the half of ten minutes.
MOVING = (", repeat: true, stagger: 100ms, timeline: [{stage: full, percentage: [0, 100], for: 80s}, "
          "{stage: incremental, catchup_stage: full, catchup_percentage: [0, 100], for: 40s}]")
INSTANCES = (10, 30, 100, 300, 1000)
TASKS = 100
INTERVAL = 30  # seconds


def families_of_tasks():
    rows = re.findall(r"(?m)^\| `(\w+)` \| \w+ \| ([^|]*) \|", (ROOT / "docs/metrics.md").read_text())
    return {name for name, labels in rows if "task" in labels.replace(",", " ").split()}


def memory(build, instances, tasks, interval, seconds):
    """Bytes, resident in the end and most ever, after polls that all change and scrapes in both encodings."""
    with Fleet(build, instances, tasks, f"{interval}s", FULL, state=True) as fleet:
        fleet.await_polls()
        ends = time.monotonic() + seconds
        while time.monotonic() < ends:
            for packed in (False, True):
                fleet.scrape(packed)
            time.sleep(3)
        missing = families_of_tasks() - set(re.findall(r"(?m)^(\w+)\{[^}]*[{,]task=", fleet.metrics()))
        if missing:
            raise SystemExit(f"memory without all families: {', '.join(sorted(missing))}")
        return {"tasks": instances * tasks, "resident": fleet.daemon.memory(), "most": fleet.daemon.memory("VmHWM")}


def slope(build, minutes):
    """Resident bytes, sampled, while every task changes at every poll and scrapes come."""
    samples = []
    with Fleet(build, 100, TASKS, "5s", MOVING, state=True) as fleet:
        fleet.await_polls()
        ends = time.monotonic() + minutes * 60
        while time.monotonic() < ends:
            for packed in (False, True):
                fleet.scrape(packed)
            samples.append((time.monotonic(), fleet.daemon.memory()))
            time.sleep(5)
        events = len(re.findall(r"event=(?:catchup_)?stage_transition ", fleet.daemon.log.read_text()))
    if events < minutes * 1000:
        raise SystemExit(f"only {events} stages came and went in {minutes} minutes: nothing was measured")
    times, sizes = zip(*samples[len(samples) // 2:])
    fitted = statistics.linear_regression(times, sizes)
    return {"minutes": minutes, "events": events, "first": samples[0][1], "last": samples[-1][1], "bytes_a_minute": fitted.slope * 60}


def steady(build, instances, seconds):
    """What watching costs on a core of its own: every task changes at every poll, a packed scrape every 5 s."""
    with Fleet(build, instances, TASKS, f"{INTERVAL}s", CHANGING, state=True, alone=True) as fleet:
        ready = fleet.await_polls()
        fleet.scrape(True)
        before, polled, began, scrapes = fleet.daemon.processor_ns(), fleet.total("replmond_polls_total"), time.monotonic(), []
        while time.monotonic() - began < seconds:
            scrapes.append(fleet.scrape(True)[1])
            time.sleep(5)
        passed = time.monotonic() - began
        spent = (fleet.daemon.processor_ns() - before) / 1e9 / passed
        page = fleet.metrics()
        polls = total(page, "replmond_polls_total")
        return {"tasks": instances * TASKS, "ready": ready, "cores": spent, "polls": (polls - polled) / (instances * passed / INTERVAL),
                "skipped": total(page, "replmond_polls_skipped_total"), "failed": polls - total(page, "replmond_polls_total", result="success"),
                "scrape": statistics.median(scrapes), "slowest_scrape": max(scrapes), "resident": fleet.daemon.memory()}


def scale(build, seconds):
    return [steady(build, instances, seconds) for instances in INSTANCES]
