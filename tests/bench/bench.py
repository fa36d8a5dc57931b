#!/usr/bin/env python3
"""Measures replmond beside what a user would pick instead. Called by script/bench, which says how."""

import argparse
import datetime
import json
import pathlib
import platform
import re
import subprocess
import sys

import bench_lag
import bench_latency
import bench_plot
import bench_poll
import bench_report
import bench_report_poll
import bench_report_scrape
import bench_report_where
import bench_scale
import bench_scrape
import bench_where
from bench_fleet import ROOT, Fleet

STORED = ROOT / "docs/performance.json"
PAGE = ROOT / "docs/performance.md"
PLOT = ROOT / "docs/pictures/performance.svg"
BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"
MUCH_WORSE = 1.5  # a ratio of ratios: machines and their neighbours differ


def machine():
    model = re.search(r"model name\s*:\s*(.*)", pathlib.Path("/proc/cpuinfo").read_text())
    system = re.search(r'PRETTY_NAME="(.*)"', pathlib.Path("/etc/os-release").read_text())
    cores = len(re.findall(r"^processor", pathlib.Path("/proc/cpuinfo").read_text(), re.M))
    return f"{cores} cores of {model.group(1) if model else platform.machine()}, {system.group(1)}"


def scrapes(build):
    found = []
    for instances, tasks in bench_scrape.FLEETS:
        with Fleet(build, instances, tasks) as fleet:
            fleet.await_polls()
            found.append({"fleet": f"{instances} x {tasks}", **bench_scrape.measure(fleet, build),
                          "ten_at_once": bench_scrape.ten_at_once(fleet.daemon)})
    return found


def scrape_latencies(build):
    """While polls run: every instance every 10 s, every task changed each time."""
    found = []
    for instances, tasks in ((6, 100), (60, 100)):
        with Fleet(build, instances, tasks, "10s", bench_poll.CHANGING) as fleet:
            fleet.await_polls()
            series = sum(1 for line in fleet.metrics().splitlines() if line and not line.startswith("#"))
            for pause, seconds in ((0, 30), (0.05, 30), (1, 100)):
                found.append({"series": series, "pause": pause, **bench_scrape.latencies(fleet.daemon, True, seconds, pause),
                              "floor": bench_scrape.latencies(fleet.daemon, True, 10, min(pause, 0.05), "/-/healthy")})
    return found


def micro(build):
    """The middle of three runs of each Google Benchmark, nanoseconds of processor time."""
    text = subprocess.run([build / "tests/bench/benchmarks", "--benchmark_format=json", "--benchmark_repetitions=3",
                           "--benchmark_min_time=0.2"], check=True, capture_output=True, text=True).stdout
    scale = {"ns": 1, "us": 1e3, "ms": 1e6}
    return {run["run_name"]: run["cpu_time"] * scale[run["time_unit"]] for run in json.loads(text)["benchmarks"]
            if run.get("aggregate_name") == "median"}


def measure(build, steps):
    found = {"date": datetime.date.today().isoformat(), "machine": machine()}
    for name, step in steps.items():
        print(f"... {name}", file=sys.stderr, flush=True)
        found[name] = step(build)
    return found


COMPARED = {"scrape": scrapes, "poll": bench_poll.measure}
QUICK = {**COMPARED, "scrape_latency": scrape_latencies, "micro": micro, "where": bench_where.measure,
         "memory": lambda build: [bench_scale.memory(build, 100, 100, 10, 20)],
         "latency": lambda build: [bench_latency.measure(build, 100, 100, 3, 200, 30)]}
FULL = {**QUICK,
        "memory": lambda build: [bench_scale.memory(build, 100, 100, 10, 20), bench_scale.memory(build, 1000, 100, 30, 60)],
        "slope": lambda build: bench_scale.slope(build, 10),
        "scale": lambda build: bench_scale.scale(build, 75),
        "lag": lambda build: bench_lag.measure(build, 60),
        "latency": lambda build: [bench_latency.measure(build, 100, 100, 3, 400, 120), bench_latency.measure(build, 1000, 100, 30, 600, 240)]}


def ratios(found):
    """What --check compares: how much less than the peer's each cost is. Larger is better."""
    kept = {}
    for fleet in found["scrape"]:
        for encoding in bench_report_scrape.ENCODINGS:
            if ratio := bench_report_scrape.times_cheaper(fleet, encoding):
                kept[f"scrape {fleet['fleet']} {encoding}: exposer / replmond"] = ratio
    kept.update(bench_report_poll.ratios(found))
    return kept


def targets(found):
    return bench_report_scrape.targets(found) + bench_report_poll.targets(found) + bench_report.targets(found) + bench_lag.targets(found)


def report(found):
    parts = [f"Measured on {found['date']}: {found['machine']}.\n", bench_report.targets_section(targets(found)), bench_report_scrape.section(found)]
    parts.append(bench_report_poll.section(found))
    parts.append(bench_report.memory_section(found))
    if "scale" in found:
        parts.append(bench_report.scale_section(found))
    if "lag" in found:
        parts.append(bench_lag.section(found))
    parts.append(bench_report.latency_section(found))
    if found.get("where"):
        parts.append(bench_report_where.section(found))
    parts.append(bench_report.parts_section(found))
    return "\n".join(parts)


def check(found, stored):
    """Compares the ratios with the stored ones. Returns those that became much worse."""
    worse = []
    for name, before in ratios(stored).items():
        now = ratios(found).get(name)
        verdict = "gone" if now is None else "worse" if now * MUCH_WORSE < before else "ok"
        print(f"{verdict:6} {name}: {now or 0:.2f}, was {before:.2f}")
        if verdict != "ok":
            worse.append(name)
    return worse


def write(found):
    text = PAGE.read_text()
    before, after = text[:text.index(BEGIN)], text[text.index(END):]
    STORED.write_text(json.dumps(found, indent=1) + "\n")
    PLOT.write_text(bench_plot.draw(found["scale"]))
    PAGE.write_text(f"{before}{BEGIN}\n{report(found)}{after}")


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--build", type=pathlib.Path, required=True)
    arguments.add_argument("--quick", action="store_true")
    arguments.add_argument("--check", action="store_true")
    arguments.add_argument("--again", choices=FULL, help="measures that step anew; the others are as in the last full run")
    given = arguments.parse_args()
    build = given.build.resolve()
    measured = build / "measured.json"
    if given.check:
        if not STORED.exists():
            sys.exit(f"{STORED.relative_to(ROOT)} is not there yet: a full run writes it")
        worse = check(measure(build, COMPARED), json.loads(STORED.read_text()))
        print("1 passed, 0 failed" if not worse else f"0 passed, 1 failed: {len(worse)} ratios became much worse")
        return 1 if worse else 0
    if given.again:
        found = {**json.loads(measured.read_text()), **measure(build, {given.again: FULL[given.again]})}
    else:
        found = measure(build, QUICK if given.quick else FULL)
    if not given.quick:
        measured.write_text(json.dumps(found, indent=1) + "\n")  # an hour's work is not lost where a table fails
    print(report(found))
    if not given.quick:
        write(found)
    missed = [f"{what}: {had}" for what, had, holds in targets(found) if not holds]
    print("\n".join(f"missed: {one}" for one in missed), file=sys.stderr)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
