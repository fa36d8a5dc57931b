#!/usr/bin/env python3
"""Two builds in turns: what a poll and a scrape cost each, so that a change can be judged on a machine that is never quiet.

    tests/bench/bench_turns.py BEFORE AFTER [--rounds=5] [--seconds=6]     folders with replmond and replmond-simulator

Prints the median of each and their ratio."""

import argparse
import pathlib
import statistics

import bench_poll
from bench_fleet import Fleet


def poll(build, timeline, seconds):
    """Processor microseconds of a poll of 100 tasks, 400 polls a second."""
    with Fleet(build, 400, 100, "1s", timeline, alone=True) as fleet:
        fleet.await_polls()
        return bench_poll.cost_of_polls(fleet, seconds)


def scrape(build, packed):
    """Processor milliseconds of a scrape of 100 x 100 tasks, the median of 60."""
    with Fleet(build, 100, 100) as fleet:
        fleet.await_polls()
        fleet.scrape(packed)
        spent = []
        for _ in range(60):
            before = fleet.daemon.processor_ns()
            fleet.scrape(packed)
            spent.append((fleet.daemon.processor_ns() - before) / 1e6)
        return statistics.median(spent)


def main():
    parser = argparse.ArgumentParser(prog="tests/bench/bench_turns.py", description=__doc__.split("\n")[0])
    parser.add_argument("builds", nargs=2, type=lambda name: pathlib.Path(name).resolve())
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=6)
    arguments = parser.parse_args()
    measured = {
        "quiet poll, us": lambda build: poll(build, bench_poll.QUIET, arguments.seconds),
        "poll with every task changed, us": lambda build: poll(build, bench_poll.CHANGING, arguments.seconds),
        "scrape, ms": lambda build: scrape(build, False),
        "packed scrape, ms": lambda build: scrape(build, True),
    }
    for name, measure in measured.items():
        found = [[measure(build) for build in arguments.builds] for _ in range(arguments.rounds)]
        before, after = (statistics.median(column) for column in zip(*found))
        print(f"{name}: {before:.3f} before, {after:.3f} after, ratio {after / before:.2f}", flush=True)


if __name__ == "__main__":
    main()
