"""Memory, scale and latency of the whole daemon."""

import re
import statistics
import time

from bench_fleet import Fleet, identifier
from bench_scrape import Scraper

CHANGING = ", timeline: [{stage: full, percentage: [0, 100], for: 10m}]"


def memory(build, instances, tasks):
    """Resident bytes after polls and scrapes in both encodings."""
    with Fleet(build, instances, tasks, "1h", CHANGING) as fleet:
        fleet.await_polls()
        for packed in (False, True, False, True):
            Scraper(fleet.daemon.address, packed).once()
        return {"resident": fleet.daemon.memory(), "most": fleet.daemon.memory("VmHWM")}


def slope(build, minutes):
    """Resident bytes, sampled, while every task changes at every poll and scrapes come."""
    samples = []
    with Fleet(build, 100, 100, "5s", CHANGING) as fleet:
        fleet.await_polls()
        scrapers = [Scraper(fleet.daemon.address, packed) for packed in (False, True)]
        ends = time.monotonic() + minutes * 60
        while time.monotonic() < ends:
            for scraper in scrapers:
                scraper.once()
            samples.append((time.monotonic(), fleet.daemon.memory()))
            time.sleep(5)
    second_half = samples[len(samples) // 2:]
    times, sizes = zip(*second_half)
    fitted = statistics.linear_regression(times, sizes)
    return {"first": samples[0][1], "last": samples[-1][1], "bytes_a_minute": fitted.slope * 60}


def steady(build, instances, tasks, interval, seconds, timeline=CHANGING):
    """Cost and skipped polls of a fleet that is watched for a while, with a gzip scrape every 5 s."""
    with Fleet(build, instances, tasks, interval, timeline) as fleet:
        ready = fleet.await_polls()
        scraper = Scraper(fleet.daemon.address, True)
        scraper.once()
        before, began, scrapes = fleet.daemon.processor_ns(), time.monotonic(), []
        while time.monotonic() - began < seconds:
            scrapes.append(scraper.once()[0])
            time.sleep(5)
        spent = (fleet.daemon.processor_ns() - before) / 1e9 / (time.monotonic() - began)
        return {"ready": ready, "cores": spent, "skipped": fleet.total("replmond_polls_skipped_total"),
                "failed": fleet.total("replmond_polls_total") - fleet.total("replmond_polls_total", result="success"),
                "slowest_scrape": max(scrapes), "resident": fleet.daemon.memory()}


def latency(build, instances, tasks, interval, changes):
    """Seconds from a change in the cloud to its log line, for stage changes of one task after the other."""
    found = []
    with Fleet(build, instances, tasks, interval) as fleet:
        fleet.await_polls()
        names = re.findall(r'starrocks_replication_info\{[^}]*starrocks_instance="([^"]*)",task="([^"]*)"', fleet.metrics())
        step = max(1, len(names) // changes)
        sent = {}
        for number in range(changes):
            instance, task = names[number * step]
            sent[task, instance] = time.time()
            fleet.control("tasks", {"instance": identifier(int(instance.rsplit("-", 1)[1])), "task_name": task,
                                    "set": {"stage": "paused"}})
            time.sleep(0.05)
        deadline = time.monotonic() + 120
        pattern = re.compile(r"^time=(\S+) .*event=stage_transition .*starrocks_instance=(\S+) task=(\S+) .*to=paused", re.M)
        while time.monotonic() < deadline and len(found) < changes:
            found = pattern.findall(fleet.daemon.log.read_text())
            time.sleep(0.5)
        from datetime import datetime
        lags = sorted(datetime.fromisoformat(stamp).timestamp() - sent[task, instance] for stamp, instance, task in found)
    return {"changes": len(lags), "p50": lags[len(lags) // 2], "p99": lags[int(len(lags) * 0.99)], "max": lags[-1]}
