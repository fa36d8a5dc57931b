"""Runs the end-to-end tests, several classes at once: most of them wait for a daemon most of the time. Each class is a process of its own.

    /usr/bin/python3 tests/e2e/run.py [--jobs=N] [--like=FILE]… [NAME…]     NAME: a module such as test_reload, or a class of it

With --like every simulated cloud is like the one of FILE, a report of `replmond doctor --report`. Several of them: once for each.
"""

import argparse
import concurrent.futures
import os
import pathlib
import re
import subprocess
import sys
import time
import unittest

HERE = pathlib.Path(__file__).resolve().parent
# What takes longest begins first, so that nothing long is left for the end.
FIRST = ["test_alerts", "test_schedule", "test_web_heavy", "test_discovery", "test_web_hostile", "test_attack", "test_reload"]


def classes_of(suite):
    for each in suite:
        if isinstance(each, unittest.TestSuite):
            yield from classes_of(each)
        else:
            yield f"{type(each).__module__}.{type(each).__qualname__}", type(each)


def find(wanted):
    loader = unittest.TestLoader()
    found = dict(classes_of(loader.discover(str(HERE), top_level_dir=str(HERE))))
    if loader.errors:
        sys.exit("\n".join(loader.errors))
    broken = [name for name in found if name.startswith("unittest.loader.")]
    names = [name for name in found if not wanted or any(name == each or name.startswith(each + ".") for each in wanted)]
    if broken or not names:
        sys.exit(f"no such tests: {', '.join(broken or wanted)}")
    rank = {module: place for place, module in enumerate(FIRST)}
    return sorted(names, key=lambda name: rank.get(name.split(".")[0], len(FIRST)))


def run(name, like):
    began = time.monotonic()
    environment = {**os.environ, **({"REPLMOND_LIKE": str(like)} if like else {})}
    done = subprocess.run([sys.executable, "-m", "unittest", "-v", name], cwd=HERE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, errors="replace", env=environment)
    return f"{name} like {like.stem}" if like else name, done.returncode, done.stdout, time.monotonic() - began


def main():
    parser = argparse.ArgumentParser(prog="tests/e2e/run.py", description=__doc__.split("\n")[0])
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("--jobs", type=int, default=2 * (os.cpu_count() or 1))
    parser.add_argument("--like", type=pathlib.Path, metavar="FILE", action="append", help="a report of `replmond doctor --report`")
    arguments = parser.parse_args()
    likes = [like.resolve(strict=True) for like in arguments.like or []] or [None]

    ran, skipped, failed = 0, 0, []
    with concurrent.futures.ThreadPoolExecutor(arguments.jobs) as pool:
        pending = [pool.submit(run, name, like) for name in find(arguments.names) for like in likes]
        for each in concurrent.futures.as_completed(pending):
            name, code, output, seconds = each.result()
            count = re.search(r"^Ran (\d+) test", output, re.M)
            ran += int(count[1]) if count else 0
            skips = re.search(r"skipped=(\d+)", output)
            skipped += int(skips[1]) if skips else 0
            good = code == 0 and count
            print(f"{'ok' if good else 'FAILED':6} {seconds:6.1f} s  {name} ({count[1] if count else 'no'} tests)", flush=True)
            if not good:
                failed.append(name)
                print(output, flush=True)
            elif skips:
                print("\n".join(line for line in output.splitlines() if " skipped " in line), flush=True)
    print(f"{ran} tests, {skipped} skipped, {len(failed)} classes failed{': ' if failed else ''}{', '.join(failed)}")
    return 1 if failed or ran == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
