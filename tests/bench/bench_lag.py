"""What reading the lag costs beside polling: the same fleet on one core, without it and with it. Scrapes with lag have
more samples that change, so they are compared with those of a fleet where as many change without it."""

import pathlib
import statistics
import time

from bench_fleet import Fleet, total
from bench_poll import CHANGING
from bench_report import MIB, table

INSTANCES, TASKS, INTERVAL = 1000, 10, 10


def threads(fleet):
    """The most of a few looks: threads for databases come and stay."""
    return len(list(pathlib.Path(f"/proc/{fleet.daemon.pid}/task").iterdir()))


def run(build, seconds, with_lag, timeline=""):
    with Fleet(build, INSTANCES, TASKS, f"{INTERVAL}s", timeline, state=True, alone=True, lag=f"{INTERVAL}s" if with_lag else None) as fleet:
        fleet.await_polls()
        time.sleep(INTERVAL)  # every database was read once, and every connection is there
        fleet.scrape(True)
        page = fleet.metrics()
        read, polled, spent, began, scrapes = (total(page, "replmond_lag_reads_total"), total(page, "replmond_polls_total"),
                                               fleet.daemon.processor_ns(), time.monotonic(), [])
        while time.monotonic() - began < seconds:
            scrapes.append(fleet.scrape(True)[1])
            time.sleep(1)
        passed = time.monotonic() - began
        page = fleet.metrics()
        polls, reads = total(page, "replmond_polls_total"), total(page, "replmond_lag_reads_total")
        return {"cores": (fleet.daemon.processor_ns() - spent) / 1e9 / passed, "polls": (polls - polled) / (INSTANCES * passed / INTERVAL),
                "skipped": total(page, "replmond_polls_skipped_total"), "failed": polls - total(page, "replmond_polls_total", result="success"),
                "reads": (reads - read) / (INSTANCES * TASKS * passed / INTERVAL), "unread": reads - total(page, "replmond_lag_reads_total", result="success"),
                "scrape": statistics.median(scrapes), "slowest_scrape": max(scrapes), "resident": fleet.daemon.memory(), "threads": threads(fleet)}


def measure(build, seconds):
    return {"without": run(build, seconds, False), "without, as many samples change": run(build, seconds, False, CHANGING), "with": run(build, seconds, True)}


def targets(found):
    if "lag" not in found:
        return []
    without, moving, lag = found["lag"]["without"], found["lag"]["without, as many samples change"], found["lag"]["with"]
    at = f", the lag of {INSTANCES:,} x {TASKS} tasks read every {INTERVAL} s on one core"
    memory, more = (lag["resident"] - without["resident"]) / MIB, lag["threads"] - without["threads"]
    return [("no poll skipped" + at, f"{lag['skipped']:.0f} skipped, {lag['failed']:.0f} failed, {lag['polls']:.0%} of those due",
             lag["skipped"] == lag["failed"] == 0 and lag["polls"] > 0.95),
            ("every heartbeat read" + at, f"{lag['reads']:.0%} of those due, {lag['unread']:.0f} failed", lag["unread"] == 0 and lag["reads"] > 0.95),
            ("no scrape slower than where as many samples change without lag" + at,
             f"{lag['scrape'] * 1e3:.1f} ms for {moving['scrape'] * 1e3:.1f}; slowest {lag['slowest_scrape'] * 1e3:.0f} for {moving['slowest_scrape'] * 1e3:.0f}",
             lag["scrape"] < 1.1 * moving["scrape"] and lag["slowest_scrape"] < 0.1),
            ("under 60 MiB more" + at, f"{memory:+.1f} MiB", memory < 60),
            ("at most 16 threads more" + at, f"{more:+d}", more <= 16)]


def section(found):
    if "lag" not in found:
        return ""
    rows = [(name, f"{row['cores'] * 1e3:.0f}", f"{row['skipped']:.0f}", f"{row['failed']:.0f}", f"{row['reads']:.0%}" if name == "with" else "",
             f"{row['scrape'] * 1e3:.1f}", f"{row['slowest_scrape'] * 1e3:.1f}", f"{row['resident'] / MIB:.1f}", row["threads"])
            for name, row in found["lag"].items()]
    return (f"### Lag\n\n{INSTANCES:,} instances with {TASKS} tasks each, polled every {INTERVAL} s, and their heartbeats read as often, each over a connection of its "
            "instance's own. The daemon has one core. Scrapes are packed. With lag they have 20,000 samples more, all of which change at each read. In the second row "
            "each task makes progress at every poll: 20,000 samples change there too.\n\n" +
            table(["lag", "CPU, ms a second", "skipped polls", "failed polls", "heartbeats read", "scrape ms", "slowest ms", "resident MiB", "threads"], rows))
