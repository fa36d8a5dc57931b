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
# every text its full size, before the warm-up is over.
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


def middle_slope(samples):
    """The middle of the slopes between all pairs (Theil and Sen): a single step of the allocator is no growth, one after the other is."""
    return statistics.median((later[1] - earlier[1]) / (later[0] - earlier[0]) for at, earlier in enumerate(samples) for later in samples[at + 1:])


def slope(build, minutes, warm_up=5):
    """Resident bytes, sampled, while every task changes at every poll and scrapes come, so many minutes after as many to warm up."""
    samples = []
    with Fleet(build, 100, TASKS, "5s", MOVING, state=True) as fleet:
        fleet.await_polls()
        warm = time.monotonic() + warm_up * 60
        ends = warm + minutes * 60
        while time.monotonic() < ends:
            for packed in (False, True):
                fleet.scrape(packed)
            samples.append((time.monotonic(), fleet.daemon.memory()))
            time.sleep(5)
        events = len(re.findall(r"event=(?:catchup_)?stage_transition ", fleet.daemon.log.read_text()))
    if events < minutes * 1000:
        raise SystemExit(f"only {events} stages came and went in {minutes} minutes: nothing was measured")
    measured = [sample for sample in samples if sample[0] >= warm]
    return {"minutes": minutes, "warm_up": warm_up, "events": events, "first": measured[0][1], "last": measured[-1][1], "most": max(size for _, size in measured),
            "bytes_a_minute": middle_slope(measured) * 60}


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
